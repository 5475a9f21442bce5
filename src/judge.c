/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include "syscall.h"

static const char *const finding_names[FINDINGS] = {
	[FINDING_ABSENT] = "absent",     [FINDING_UNCONFINED] = "unconfined", [FINDING_WEAK] = "weak",
	[FINDING_CONFINED] = "confined", [FINDING_FOREIGN] = "foreign",       [FINDING_INVALID] = "invalid",
};

const char *finding_name(enum finding finding)
{
	return finding_names[finding];
}

struct verdicts {
	uint64_t decided[(SYSCALL_COUNT + 63) / 64];    /* by a rule without conditions */
	uint64_t restricted[(SYSCALL_COUNT + 63) / 64]; /* for some arguments at least */
};

/* Where the default denies, everything is restricted that no rule lets through. */
static void start(struct verdicts *v, bool default_permits)
{
	*v = (struct verdicts){0};
	for (size_t i = 0; i < SYSCALL_COUNT && !default_permits; i++)
		v->restricted[i / 64] |= UINT64_C(1) << i % 64;
}

/*
 * Truth of a condition over all values of its argument. libseccomp drops bits of MASKED_EQ's datum that are outside the
 * mask (db.c), so that it is never false for all.
 */
static bool never_true(const struct seccomp_arg *arg)
{
	return (arg->op == SECCOMP_LT && arg->value == 0) || (arg->op == SECCOMP_GT && arg->value == UINT64_MAX);
}

static bool always_true(const struct seccomp_arg *arg)
{
	return (arg->op == SECCOMP_GE && arg->value == 0) || (arg->op == SECCOMP_LE && arg->value == UINT64_MAX) ||
	       (arg->op == SECCOMP_MASKED_EQ && arg->value == 0);
}

enum truth { NEVER, SOMETIMES, ALWAYS };

/*
 * When does a rule apply? Where an argument occurs twice each condition stands for itself, so then one that can be true
 * is enough, if it is among those that crun does not drop.
 */
static enum truth rule_truth(const struct seccomp_rule *rule)
{
	unsigned int indexes = 0;
	bool repeated = false;
	size_t never = 0, always = 0, n = 0;

	for (const struct seccomp_arg *arg = rule->args; arg != NULL; arg = arg->next) {
		repeated |= (indexes >> arg->index & 1) != 0;
		indexes |= 1U << arg->index;
		if (n == SECCOMP_CRUN_CONDITIONS)
			continue;
		never += never_true(arg);
		always += always_true(arg);
		n++;
	}
	if (repeated ? always > 0 : always == n)
		return ALWAYS;
	return (repeated ? never == n : never > 0) ? NEVER : SOMETIMES;
}

static void apply_rule(struct verdicts *v, const struct seccomp_rule *rule, bool unconditional)
{
	bool restricts = !seccomp_action_permits(rule->action);

	for (const struct seccomp_name *n = rule->names; n != NULL; n = n->next) {
		int index = syscall_index(n->name);
		size_t word = (size_t)index / 64;
		uint64_t bit = UINT64_C(1) << (size_t)index % 64;

		if (index < 0 || v->decided[word] & bit)
			continue;
		if (unconditional) {
			v->decided[word] |= bit;
			v->restricted[word] &= ~bit;
		}
		if (restricts)
			v->restricted[word] |= bit;
	}
}

/* Could the rules let every syscall through? Counting spares looking the names up in nearly all profiles. */
static bool may_permit_all(const struct seccomp_profile *profile)
{
	size_t names = 0;

	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		for (const struct seccomp_name *n = rule->names; n != NULL; n = n->next)
			names++;
	return names >= SYSCALL_COUNT;
}

enum finding judge_profile(const struct seccomp_profile *profile)
{
	bool default_permits = seccomp_action_permits(profile->default_action);
	struct verdicts v;

	if (profile->empty)
		return FINDING_ABSENT;
	if (!default_permits && !may_permit_all(profile))
		return FINDING_CONFINED;
	start(&v, default_permits);
	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		if (!seccomp_rule_is_default(profile, rule) && rule_truth(rule) != NEVER)
			apply_rule(&v, rule, rule_truth(rule) == ALWAYS);
	for (size_t i = 0; i < ARRAY_SIZE(v.restricted); i++)
		if (v.restricted[i] != 0)
			return default_permits ? FINDING_WEAK : FINDING_CONFINED;
	return FINDING_UNCONFINED;
}
