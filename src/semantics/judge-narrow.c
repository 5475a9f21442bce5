/* SPDX-License-Identifier: Apache-2.0 */
/* A profile cut down to what a judgement needs: each name is looked up once, and nothing is kept
 * that decides nothing. */
#include "semantics/judge-internal.h"

/* Building a model takes the square of the conditions on one call. Real profiles have some ten. */
#define MAX_CONDITIONS 2048

/* Copy what is needed of `rule` to *tail. */
static int narrow_rule(struct judge *j, const struct seccomp_rule *rule,
		       const struct syscall_set *settled, struct seccomp_rule ***tail)
{
	bool permits = judge_permits(j->profile, rule->action);
	struct seccomp_name *names = NULL, **name_tail = &names;
	struct syscall_set skip = *settled;
	struct seccomp_rule *copy;

	for (const struct seccomp_name *n = rule->names; n != NULL; n = n->next) {
		int call = syscall_index(n->name);

		if (call >= 0 && permits)
			syscall_set_add(&j->let_through, call);
		if (call < 0 || syscall_set_has(&skip, call))
			continue;
		syscall_set_add(&skip, call);
		*name_tail = arena_alloc(j->scratch, sizeof(**name_tail));
		if (*name_tail == NULL)
			return -1;
		**name_tail = (struct seccomp_name){.name = n->name, .id = (uint32_t)call};
		name_tail = &(*name_tail)->next;
	}
	if (names == NULL)
		return 0;
	copy = arena_alloc(j->scratch, sizeof(*copy));
	if (copy == NULL)
		return -1;
	*copy = *rule;
	copy->names = names;
	copy->next = NULL;
	**tail = copy;
	*tail = &copy->next;
	return 0;
}

int judge_narrow(struct judge *j, const struct syscall_set *settled,
		 struct seccomp_profile *ret_profile)
{
	struct seccomp_profile profile = *j->profile;
	struct seccomp_rule *rules = NULL, **tail = &rules;

	for (const struct seccomp_rule *rule = j->profile->rules; rule != NULL; rule = rule->next)
		if (narrow_rule(j, rule, settled, &tail) < 0)
			return -1;
	profile.rules = rules;
	*ret_profile = profile;
	return 0;
}

void judge_keep_calls(struct seccomp_profile *profile, const struct syscall_set *calls)
{
	for (struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		for (struct seccomp_name **n = &rule->names; *n != NULL;)
			if (syscall_set_has(calls, (int)(*n)->id))
				n = &(*n)->next;
			else
				*n = (*n)->next;
}

static size_t count_args(const struct seccomp_rule *rule)
{
	size_t n = 0;

	for (const struct seccomp_arg *arg = rule->args; arg != NULL; arg = arg->next)
		n++;
	return n;
}

static size_t count_names(const struct seccomp_rule *rule)
{
	size_t n = 0;

	for (const struct seccomp_name *name = rule->names; name != NULL; name = name->next)
		n++;
	return n;
}

void judge_bound_conditions(struct seccomp_profile *profile)
{
	size_t n = 0;

	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		n += count_names(rule) * count_args(rule);
	for (struct seccomp_rule *rule = profile->rules; rule != NULL && n > MAX_CONDITIONS;
	     rule = rule->next) {
		if (rule->args == NULL)
			continue;
		rule->args = NULL;
		if (!judge_permits(profile, rule->action))
			rule->names = NULL;
	}
}

bool judge_runtimes_differ(const struct seccomp_profile *profile)
{
	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		if (count_args(rule) > OCI_CRUN_CONDITIONS)
			return true;
	return false;
}
