/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a runtime keeps of a container while it lives: state.json of runc
 * (libcontainer/container.go, BaseState) and status of crun (src/libcrun/status.c). One reader for
 * both, since no key means something else in the other.
 */
#ifndef SECCOMP_GUARD_OCI_RUNTIME_STATE_H
#define SECCOMP_GUARD_OCI_RUNTIME_STATE_H

#include "base/base.h"

/* runc keeps its own form of the configuration in it, the profile included. */
#define RUNTIME_STATE_MAX_SIZE (16U << 20)

/* A path of a control group, as the state names it: with the mount point (runc) or without. */
struct runtime_cgroup {
	const char *path;
	struct runtime_cgroup *next;
};

struct runtime_state {
	uint32_t pid;       /* of the container's init; 0: not known */
	uint64_t start;     /* when that was started, in clock ticks since boot */
	const char *bundle; /* NULL: not known */
	struct runtime_cgroup *cgroups;
};

/* Read `text`; strings are NUL-terminated in `keep`. Fails, with an offset, on what is not JSON or
 * has values of the wrong type. */
int runtime_state_read(struct span text, struct arena *keep, struct arena *scratch,
		       struct runtime_state *ret_state, struct error *err);

#endif
