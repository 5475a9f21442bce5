/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/profile-internal.h"

#include "oci/seccomp-rule.h"

/* EPERM of Linux, whatever the host's libc calls it. */
#define DEFAULT_ERRNO 1

/* Permission denied: another word for the same. */
#define OTHER_ERRNO 13

static struct syscall_set calls_of(const struct seccomp_rule *rule)
{
	struct syscall_set calls = {{0}};

	for (const struct seccomp_name *name = rule->names; name != NULL; name = name->next) {
		const int index = syscall_index(name->name);

		if (index >= 0)
			syscall_set_add(&calls, index);
	}
	return calls;
}

/* The calls that the rules name, and those that more than one does. */
static void named_calls(const struct seccomp_profile *profile, struct syscall_set *ret_named,
			struct syscall_set *ret_again)
{
	struct syscall_set named = {{0}}, again = {{0}};

	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next) {
		const struct syscall_set calls = calls_of(rule);

		for (size_t i = 0; i < SYSCALL_WORDS; i++)
			again.word[i] |= named.word[i] & calls.word[i];
		syscall_set_add_all(&named, &calls);
	}
	*ret_named = named;
	*ret_again = again;
}

static bool share(const struct syscall_set *a, const struct syscall_set *b)
{
	for (size_t i = 0; i < SYSCALL_WORDS; i++)
		if ((a->word[i] & b->word[i]) != 0)
			return true;
	return false;
}

/* Is there no call for which both conditions hold? In doubt there is. */
static bool exclude(const struct seccomp_arg *a, const struct seccomp_arg *b)
{
	if (a->index != b->index)
		return false;
	if (a->op == OCI_CMP_EQ && b->op == OCI_CMP_EQ)
		return a->value != b->value;
	return a->value == b->value && ((a->op == OCI_CMP_EQ && b->op == OCI_CMP_NE) ||
					(a->op == OCI_CMP_NE && b->op == OCI_CMP_EQ));
}

static bool can_meet(const struct seccomp_rule *a, const struct seccomp_rule *b)
{
	if (seccomp_args_alternate(a->args) || seccomp_args_alternate(b->args))
		return true;
	for (const struct seccomp_arg *x = a->args; x != NULL; x = x->next)
		for (const struct seccomp_arg *y = b->args; y != NULL; y = y->next)
			if (exclude(x, y))
				return false;
	return true;
}

/* Is there another rule that counts for a call when this one is left out? */
static bool has_rival(const struct seccomp_profile *profile, const struct seccomp_rule *rule,
		      const struct syscall_set *calls)
{
	for (const struct seccomp_rule *other = profile->rules; other != NULL;
	     other = other->next) {
		const struct syscall_set others = calls_of(other);

		if (other != rule && share(calls, &others) && can_meet(rule, other))
			return true;
	}
	return false;
}

/* What runc and libseccomp do with a rule that says the default: semantics/model.h. */
static void keep_in_force(struct seccomp_profile *profile, const struct syscall_set *again)
{
	for (struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next) {
		const struct syscall_set calls = calls_of(rule);

		if (rule->action != OCI_ACT_ERRNO ||
		    (rule->has_errno && rule->errno_ret != DEFAULT_ERRNO) ||
		    !share(&calls, again) || !has_rival(profile, rule, &calls))
			continue;
		rule->has_errno = true;
		rule->errno_ret = OTHER_ERRNO;
	}
}

/* The calls that are not `named`, in the order of the alphabet. */
static int other_names(const struct syscall_set *named, struct arena *keep,
		       struct seccomp_name **ret_names, struct error *err)
{
	struct seccomp_name *names = NULL, **tail = &names;

	for (int i = 0; i < SYSCALL_COUNT; i++) {
		struct seccomp_name *name;

		if (syscall_set_has(named, i))
			continue;
		name = arena_alloc(keep, sizeof(*name));
		if (name == NULL)
			return profilefile_too_large(err);
		*name = (struct seccomp_name){.name = syscall_name(i)};
		*tail = name;
		tail = &name->next;
	}
	*ret_names = names;
	return 0;
}

int profilefile_list_errno(struct seccomp_profile *profile, struct arena *keep, struct error *err)
{
	const uint32_t number = profile->default_errno;
	const bool matters = profile->has_default_errno && number != DEFAULT_ERRNO &&
			     profile->default_action == OCI_ACT_ERRNO;
	struct syscall_set named, again;
	struct seccomp_name *names;
	struct seccomp_rule *rule, **tail = &profile->rules;

	profile->has_default_errno = false;
	profile->default_errno = 0;
	if (!matters)
		return 0;
	named_calls(profile, &named, &again);
	keep_in_force(profile, &again);
	rule = arena_alloc(keep, sizeof(*rule));
	if (rule == NULL)
		return profilefile_too_large(err);
	if (other_names(&named, keep, &names, err) < 0)
		return -1;
	while (*tail != NULL)
		tail = &(*tail)->next;
	*rule = (struct seccomp_rule){
		.names = names, .action = OCI_ACT_ERRNO, .has_errno = true, .errno_ret = number};
	if (names != NULL)
		*tail = rule;
	return 0;
}
