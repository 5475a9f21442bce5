/* SPDX-License-Identifier: Apache-2.0 */
/* What the checks of a profile that has been read share. */
#ifndef SECCOMP_GUARD_LINT_PROFILE_INTERNAL_H
#define SECCOMP_GUARD_LINT_PROFILE_INTERNAL_H

#include "lint/lint-internal.h"

/* A profile as it is resolved for a container, and as it is written. */
struct lint_resolved {
	struct lint *lint;
	const struct tree *root;
	const struct seccomp_profile *profile;
	const struct profilefile_request *request;
	enum abi native;
	struct arena *scratch;
	const struct tree **rules; /* as written, by their index; a list has no other way to one */
	size_t n_rules;
};

/* Where a rule is written, and there a name of it; what is not found is where the whole is. */
const struct tree *lint_rule_place(const struct lint_resolved *r, const struct seccomp_rule *rule,
				   struct span name);

/* Rules that never count: profile-rules.c. */
void lint_profile_rules(const struct lint_resolved *resolved);

/* Calls that are denied and missed, or allowed and dangerous: profile-calls.c. */
void lint_profile_calls(const struct lint_resolved *resolved);

#endif
