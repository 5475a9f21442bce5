/* SPDX-License-Identifier: Apache-2.0 */
/* The profile that a denial is held against. */
#ifndef SECCOMP_GUARD_CLI_DENIALS_PROFILE_H
#define SECCOMP_GUARD_CLI_DENIALS_PROFILE_H

#include "cli/allows.h"
#include "cli/denials-workload.h"

struct denials_profile {
	struct profile_target target;
	struct cli_source source;
	struct enforce_memory memory;
	struct allows_finder finder; /* all zero at first */
	/* Of a container: which one it was made for, and whether there is one. */
	struct denials_workload of;
	bool is_made, is_known;
};

/*
 * The profile that the container runs with: where it is a RuntimeDefault that one, so that it is
 * known what each capability would change; else what its configuration has. Where neither is known
 * it is profiles[0], that of the command line; profiles[1] is made when it is needed, and is that
 * of the container that was last asked about.
 */
struct denials_profile *denials_profile_of(struct denials_profile profiles[2],
					   const struct denials_workload *workload);

int denials_profile_allows(struct denials_profile *profile, const struct allows_call *call,
			   struct allows *ret_allows, struct error *err);

#endif
