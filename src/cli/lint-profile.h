/* SPDX-License-Identifier: Apache-2.0 */
/* What lint says of a profile, for the commands that use one. */
#ifndef SECCOMP_GUARD_CLI_LINT_PROFILE_H
#define SECCOMP_GUARD_CLI_LINT_PROFILE_H

#include "lint/lint.h"

struct cli_lint_profile {
	struct span text; /* of a profile that resolves for `target` */
	const struct profile_target *target;
	struct arena *keep; /* given back */
	/* Called with each error and warning, not with notes. */
	void (*tell)(void *ctx, const struct lint_finding *finding);
	void *ctx;
};

/* Nothing is said of a profile that is too large to be looked at in this way. */
void cli_lint_profile(const struct cli_lint_profile *profile);

#endif
