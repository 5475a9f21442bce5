/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a runtime makes of a profile, by the libseccomp that is installed here: for those who ask
 * that question. A filter that is to be loaded comes from program/program.h.
 */
#ifndef SECCOMP_GUARD_FILTER_FILTER_H
#define SECCOMP_GUARD_FILTER_FILTER_H

#include "program/program.h"

/*
 * The program that the runtime makes of request->profile on a host with that native ABI: native
 * architecture implied, rules whose action is the default action skipped, unknown names skipped,
 * two conditions on one argument taken as rules of their own
 * (libcontainer/seccomp/seccomp_linux.go, libcrun/seccomp.c). For calls newer than the newest that
 * the profile names, runc answers ENOSYS (libcontainer/seccomp/patchbpf); crun takes the first six
 * conditions of a rule only. For a host of another byte order the instructions are in that host's
 * order. SCMP_ACT_NOTIFY is an error: there is nobody who would listen.
 */
int filter_compile(const struct program_request *request, struct program *ret_program,
		   struct error *err);

/*
 * Would that program come out? Asked in a process of its own, which may take FILTER_CHECK_SECONDS
 * of processor time: with some sets of overlapping conditions libseccomp needs minutes or does not
 * come to an end, and neither does the runtime. Returns 0, or -1 with the reason.
 */
#define FILTER_CHECK_SECONDS 10
int filter_check(const struct program_request *request, struct error *err);

/* Does the libseccomp that is installed here know this system call, on any architecture? */
bool filter_knows_syscall(struct span name);

/* Its version, "2.5.4"; returns out. */
#define FILTER_VERSION_SIZE 40
const char *filter_library_version(char out[FILTER_VERSION_SIZE]);

#endif
