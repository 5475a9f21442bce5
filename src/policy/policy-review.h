/* SPDX-License-Identifier: Apache-2.0 */
/* What is valid in a policy and hardly meant: for `policy check`. Pure. */
#ifndef SECCOMP_GUARD_POLICY_POLICY_REVIEW_H
#define SECCOMP_GUARD_POLICY_POLICY_REVIEW_H

#include "policy/enforce.h"

/* Called with each remark on a rule; `text` goes on after the rule's name: "expired on ...".
 * `rule` NULL: on the policy as a whole, and `text` says of what. */
typedef void policy_remark(void *ctx, const struct policy_rule *rule, const char *text);

/*
 * Remark on rules that can never match, that an earlier one shadows, that ended or end within
 * RULE_WARN_DAYS at `now` (seconds since 1970-01-01 UTC), and on exemptions without an end, a
 * reason or an owner.
 *
 * A remark on shadowing is always right: every workload that the rule matches is matched by one
 * earlier rule without an end. It is not made where several earlier rules do so together.
 */
void policy_review(const struct policy *policy, int64_t now, policy_remark *remark, void *ctx);

/* Who is told. */
struct policy_reviewer {
	policy_remark *remark;
	void *ctx;
};

/*
 * Remark on restrictions of the policy's own ("tighten") that cannot be laid over RuntimeDefault of
 * a flavor that they may meet, or leave nothing but a call that is denied as a whole; once for the
 * policy and each rule that has others. Those that have a name are known to work. `target` is a
 * container; its capabilities do not matter. `memory` is given back.
 */
void policy_review_restrictions(const struct policy *policy, const struct profile_target *target,
				const struct enforce_memory *memory,
				struct policy_reviewer reviewer);

/* Does the shell pattern `wide` match every text that `narrow` matches? False where that is not
 * seen. */
bool policy_glob_covers(const char *wide, const char *narrow);

#endif
