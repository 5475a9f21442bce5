/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs of which it is known what a denial of RuntimeDefault does to them: they do without the
 * call, or they fail. Observed with programs of Debian 12 and 13 in containers with Docker's
 * capabilities, each started with and without the profile; docs/workloads.md is the same table for
 * people.
 */
#ifndef SECCOMP_GUARD_SEMANTICS_KNOWN_PROGRAMS_H
#define SECCOMP_GUARD_SEMANTICS_KNOWN_PROGRAMS_H

#include "base/base.h"

struct known_program {
	const char *name; /* of its file */
	const char *call;
	bool fails;       /* else it does without */
	const char *note; /* what the user sees or loses */
};

/* `exe`: its path, or its name. NULL: nothing is known of it. */
const struct known_program *known_program(struct span exe, struct span call);

#endif
