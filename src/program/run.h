/* SPDX-License-Identifier: Apache-2.0 */
/* What a filter program returns for one call: the kernel's interpreter in small. */
#ifndef SECCOMP_GUARD_PROGRAM_RUN_H
#define SECCOMP_GUARD_PROGRAM_RUN_H

#include "base/base.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

/*
 * Run `insns` on `data`; returns SECCOMP_RET_*. Knows what program_compile() makes: loads of words
 * of the data, jumps, "and", and return. A program with anything else, or that runs off its end,
 * answers SECCOMP_RET_KILL_PROCESS.
 */
uint32_t program_run(const struct sock_filter *insns, size_t n, const struct seccomp_data *data);

/* Does a call that is answered so run? */
static inline bool program_lets_run(uint32_t value)
{
	uint32_t action = value & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

#endif
