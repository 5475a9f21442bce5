/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of calls that programs make and RuntimeDefault denies: which are tried by habit and
 * done without, which fail without seccomp too, which are only made because of another. Observed
 * with some ninety programs of Debian 12 and 13 in containers with Docker's capabilities.
 */
#ifndef SECCOMP_GUARD_SEMANTICS_HABITS_H
#define SECCOMP_GUARD_SEMANTICS_HABITS_H

#include "oci/seccomp.h"

struct habit {
	const char *call;
	/* What the kernel itself asks for, in the initial user namespace: without it the call fails
	 * with or without seccomp. NULL: nothing, or it depends on the arguments. */
	const char *needs;
	/* Calls, separated by a space, that have to be let through before this one is any use: that
	 * it is made under "complain" follows from them. NULL: none. */
	const char *after;
	/* Who tries it and does without it, and what is lost. NULL: whoever makes it wants it. */
	const char *without;
	/* Tried by so much that a denial of it with an error says nothing. */
	bool always;
};

/* The row of a call, or NULL. */
const struct habit *habit_of(struct span call);

#endif
