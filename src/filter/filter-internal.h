/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the filter compiler share. */
#ifndef SECCOMP_GUARD_FILTER_FILTER_INTERNAL_H
#define SECCOMP_GUARD_FILTER_FILTER_INTERNAL_H

#include "filter/filter.h"

/* "SCMP_ARCH_X86_64" -> libseccomp's token, by its own name "x86_64". */
int filter_arch(struct span name, uint32_t *ret_token, struct error *err);

/* The number of `name` on the architecture `token`; __NR_SCMP_ERROR when libseccomp does not know
 * it. */
int filter_syscall(struct span name, uint32_t token);

/*
 * Put runc's stub before `program`: for each architecture of `profile` and `native`, a number above
 * the largest of the profile's names gives ENOSYS.
 */
int filter_add_enosys_stub(const struct seccomp_profile *profile, uint32_t native,
			   struct program *program, struct error *err);

#endif
