/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include "abi.h"
#include "syscall.h"

static const char *const finding_names[FINDINGS] = {
	[FINDING_ABSENT] = "absent",     [FINDING_UNCONFINED] = "unconfined", [FINDING_WEAK] = "weak",
	[FINDING_CONFINED] = "confined", [FINDING_FOREIGN] = "foreign",       [FINDING_INVALID] = "invalid",
};

const char *finding_name(enum finding finding)
{
	return finding_names[finding];
}

#define WORDS ((SYSCALL_COUNT + 63) / 64)

/* Sets of system calls, by syscall_index(). */
struct verdicts {
	uint64_t exists[WORDS];     /* in an ABI that the profile is about */
	uint64_t decided[WORDS];    /* by a rule without conditions */
	uint64_t restricted[WORDS]; /* for some arguments at least */
};

/*
 * Which calls are there? Those of the ABIs in `architectures`, among which the engines always list the native one. Where
 * the profile lists none, or one without a table, a call counts if any ABI has it.
 */
static void find_calls(const struct seccomp_profile *profile, uint64_t exists[WORDS])
{
	enum abi abi;
	bool all = profile->archs == NULL;

	memset(exists, 0, WORDS * sizeof(exists[0]));
	for (const struct seccomp_arch *arch = profile->archs; arch != NULL && !all; arch = arch->next) {
		all = abi_from_oci(arch->name, &abi) < 0;
		for (int i = 0; i < SYSCALL_COUNT && !all; i++)
			exists[i / 64] |= (uint64_t)(abi_numbers[abi_infos[abi].table][i] >= 0) << i % 64;
	}
	for (int i = 0; i < SYSCALL_COUNT && all; i++)
		exists[i / 64] |= UINT64_C(1) << i % 64;
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

/* Could the rules let every call through? Counting spares looking the names up in nearly all profiles. */
static bool may_permit_all(const struct seccomp_profile *profile, const uint64_t exists[WORDS])
{
	size_t names = 0, calls = 0;

	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		for (const struct seccomp_name *n = rule->names; n != NULL; n = n->next)
			names++;
	for (size_t i = 0; i < WORDS; i++)
		calls += (size_t)__builtin_popcountll(exists[i]);
	return names >= calls;
}

enum finding judge_profile(const struct seccomp_profile *profile)
{
	bool default_permits = seccomp_action_permits(profile->default_action);
	struct verdicts v = {0};

	if (profile->empty)
		return FINDING_ABSENT;
	find_calls(profile, v.exists);
	if (!default_permits && !may_permit_all(profile, v.exists))
		return FINDING_CONFINED;
	/* Where the default denies, everything is restricted that no rule lets through. */
	if (!default_permits)
		memcpy(v.restricted, v.exists, sizeof(v.restricted));
	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		if (!seccomp_rule_is_default(profile, rule) && rule_truth(rule) != NEVER)
			apply_rule(&v, rule, rule_truth(rule) == ALWAYS);
	for (size_t i = 0; i < WORDS; i++)
		if ((v.restricted[i] & v.exists[i]) != 0)
			return default_permits ? FINDING_WEAK : FINDING_CONFINED;
	return FINDING_UNCONFINED;
}
