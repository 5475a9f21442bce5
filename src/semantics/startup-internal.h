/* SPDX-License-Identifier: Apache-2.0 */
/* The tables behind startup.h: src/flavor/profiles/startup.list, which says how they were found. */
#ifndef SECCOMP_GUARD_SEMANTICS_STARTUP_INTERNAL_H
#define SECCOMP_GUARD_SEMANTICS_STARTUP_INTERNAL_H

#include "semantics/denied.h"
#include "semantics/startup.h"

/* Without each of these calls it comes to nothing. */
struct startup_need {
	uint8_t subject, situation;
	uint8_t answer; /* enum denied_answer; DENIED_KILL: what is made each time */
	struct syscall_set calls;
};

/* One of these sets has to be there whole; the first is what is called first. */
#define STARTUP_MAX_WAYS 8
struct startup_choice {
	uint8_t subject, situation, answer, n;
	struct syscall_set ways[STARTUP_MAX_WAYS];
};

extern const struct startup_need startup_needs[];
extern const size_t startup_n_needs;
extern const struct startup_choice startup_choices[];
extern const size_t startup_n_choices;

#endif
