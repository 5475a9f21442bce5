/* SPDX-License-Identifier: Apache-2.0 */
/* What is valid in a policy and hardly meant: for `policy check`. Pure. */
#ifndef SECCOMP_GUARD_POLICY_POLICY_REVIEW_H
#define SECCOMP_GUARD_POLICY_POLICY_REVIEW_H

#include "policy/policy-rules.h"

/* Called with each remark on a rule; `text` goes on after the rule's name: "expired on ...". */
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

/* Does the shell pattern `wide` match every text that `narrow` matches? False where that is not
 * seen. */
bool policy_glob_covers(const char *wide, const char *narrow);

#endif
