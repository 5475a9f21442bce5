/* SPDX-License-Identifier: Apache-2.0 */
/* Slips of the pen in a profile file, for commands that are not about finding them: what is valid,
 * and read by nobody. */
#ifndef SECCOMP_GUARD_CLI_SLIPS_H
#define SECCOMP_GUARD_CLI_SLIPS_H

#include "cli/cli.h"

/*
 * Tell each key that looks like another one and is not read, and each name of an architecture or a
 * capability that no host and no container has: "8:7: no engine ...", with line and column. `text`
 * has been resolved for `target` without an error. What does not fit into `memory` is not told.
 */
void cli_slips(struct span text, const struct profile_target *target, struct enforce_memory *memory,
	       void (*tell)(void *ctx, const char *slip), void *ctx);

#endif
