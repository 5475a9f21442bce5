/* SPDX-License-Identifier: Apache-2.0 */
/* The OCI state of a container (runtime-spec runtime.md, "State"), which runtimes hand to hooks on
 * stdin. */
#ifndef SECCOMP_GUARD_OCI_STATE_H
#define SECCOMP_GUARD_OCI_STATE_H

#include "base/base.h"

/* A state carries the annotations, so it can be nearly as large as a configuration. */
#define OCISTATE_MAX_SIZE (4U << 20)

struct ocistate {
	bool is_state; /* has `status` or `pid`; a configuration has neither */
	const char *id;
	const char *status;
	const char *bundle;
	bool has_pid;
	uint32_t pid; /* crun sends 0 at createContainer and startContainer */
};

/*
 * Read `text`; strings are NUL-terminated in `keep`, NULL where missing. Fails, with an offset, on
 * what is not JSON, has fields of the wrong type, or those of a configuration.
 */
int ocistate_read(struct span text, struct arena *keep, struct arena *scratch,
		  struct ocistate *ret_state, struct error *err);

#endif
