/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a linux.seccomp object to the kernel's filter program, by libseccomp. Not on the hot path:
 * only seccomp-guard-compile links this and libseccomp; the hook takes ready programs from
 * filterload.h.
 */
#ifndef SECCOMP_GUARD_FILTER_FILTER_H
#define SECCOMP_GUARD_FILTER_FILTER_H

#include "base/base.h"
#include "oci/seccomp.h"

#include <linux/filter.h>

/* A filter program, as seccomp(2) takes it. Large: keep it in static storage. */
struct filter {
	unsigned int flags; /* for seccomp(2), from linux.seccomp.flags or the runtimes' default
			       SPEC_ALLOW */
	unsigned short n_insns;
	struct sock_filter insns[BPF_MAXINSNS];
};

/*
 * Where runc and crun make different filters of one profile. For calls newer than the newest that
 * the profile names, runc answers ENOSYS instead of the default action
 * (libcontainer/seccomp/patchbpf). crun takes the first six conditions of a rule only
 * (libcrun/seccomp.c).
 */
enum filter_style {
	FILTER_AS_RUNC,
	FILTER_AS_CRUN,
};

/*
 * The program that runc and crun make of `profile`: native architecture implied, rules whose action
 * is the default action skipped, unknown names skipped, two conditions on one argument taken as
 * rules of their own (libcontainer/ seccomp/seccomp_linux.go, libcrun/seccomp.c). SCMP_ACT_NOTIFY
 * is an error: there is nobody who would listen.
 */
int filter_compile(const struct seccomp_profile *profile, enum filter_style style,
		   struct filter *ret_filter, struct error *err);

/* Does the libseccomp that is installed here know this system call, on any architecture? */
bool filter_knows_syscall(struct span name);

/* Its version, "2.5.4"; returns out. */
#define FILTER_VERSION_SIZE 40
const char *filter_library_version(char out[FILTER_VERSION_SIZE]);

#endif
