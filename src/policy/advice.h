/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a refusal: what the person whose container it is can do, and by which policy it was
 * refused. What is wrong is verdict.why.
 */
#ifndef SECCOMP_GUARD_POLICY_ADVICE_H
#define SECCOMP_GUARD_POLICY_ADVICE_H

#include "policy/decide.h"

#define ADVICE_SIZE 512

/*
 * "; give it a profile: ... (policy /etc/seccomp-guard/policy.json, rule \"payments\")". `out` has
 * ADVICE_SIZE bytes. Returns out, which is empty when the decision is no refusal.
 */
const char *advice(const struct decision *decision, char *out);

#endif
