/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that RuntimeDefault denies, or gives with a capability alone, as what they reach lies
 * outside of the container, or is where the kernel has been broken before.
 */
#ifndef SECCOMP_GUARD_SEMANTICS_DANGER_H
#define SECCOMP_GUARD_SEMANTICS_DANGER_H

#include "base/base.h"

struct dangerous_calls {
	const char *calls;  /* separated by a space */
	const char *reason; /* a clause: with it a process can ... */
	/* A log is enough to let a container make them, as they reach nothing but itself; the
	 * others have to be named. */
	bool by_log;
};

extern const struct dangerous_calls dangerous_calls[];
extern const size_t n_dangerous_calls;

/* The row of a call; NULL: it is none of them. */
const struct dangerous_calls *danger_of(struct span call);

#endif
