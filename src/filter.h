/* SPDX-License-Identifier: Apache-2.0 */
/* From a linux.seccomp object to the kernel's filter program, by libseccomp. Not on the hot path. */
#ifndef SECCOMP_GUARD_FILTER_H
#define SECCOMP_GUARD_FILTER_H

#include "base.h"

#include <linux/filter.h>

/* At most BPF_MAXINSNS instructions. */
struct filter {
	struct sock_filter *insns; /* malloc'ed; the caller frees */
	unsigned short n_insns;
	unsigned int flags; /* for seccomp(2), from linux.seccomp.flags or the runtimes' default SPEC_ALLOW */
};

#endif
