/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile with its denials turned into SCMP_ACT_LOG.
 *
 * To rename the actions is not enough. Both runtimes leave out a rule that says what the default
 * says. When the default becomes LOG, that is true of every denial. A denial that stood before a
 * rule for the same call that allows it would be gone, and the call would pass unlogged. For
 * example "kill bpf" before "allow bpf" kills; as "log bpf", which the default says too, it would
 * be left out, and bpf be allowed.
 *
 * So this first works out which rule decides about a call, as libseccomp does (src/db.c,
 * db_rule_add()): among rules without conditions the first one counts, and it replaces all rules
 * with conditions, wherever they stand.
 */
#include "profile/profile-internal.h"

#include <errno.h>

struct denial {
	const struct seccomp_rule *rule;
	struct denial *next;
};

struct call {
	bool effective;                   /* some rule is not what the old default says */
	const struct seccomp_rule *plain; /* the rule without conditions that decides */
	struct denial *denials;           /* rules with conditions that the new default swallows */
	size_t n_denials;
};

struct complain {
	const struct seccomp_profile *old;
	enum oci_action new_default;
	struct call *calls;
	struct region *parts, *spare;
	struct arena *keep, *scratch;
	struct seccomp_rule *rules, **tail; /* the new ones */
};

/* A rule that says ENOSYS stays: libc falls back on an older call, as it will under enforce. If the
 * newer call ran, that would not be seen. */
static enum oci_action new_action(const struct seccomp_rule *rule)
{
	if (rule->action == OCI_ACT_ERRNO &&
	    seccomp_errno(rule->action, rule->has_errno, rule->errno_ret) == ENOSYS)
		return OCI_ACT_ERRNO;
	return rule->action == OCI_ACT_ALLOW ? OCI_ACT_ALLOW : OCI_ACT_LOG;
}

/* ---- what decides about each call ---- */

static int note_rule(struct complain *c, const struct seccomp_rule *rule)
{
	for (const struct seccomp_name *name = rule->names; name != NULL; name = name->next) {
		struct call *call = &c->calls[name->id];
		struct denial *denial;

		call->effective = true;
		if (rule->args == NULL && call->plain == NULL)
			call->plain = rule;
		if (rule->args == NULL || call->plain != NULL || new_action(rule) != c->new_default)
			continue;
		denial = arena_alloc(c->scratch, sizeof(*denial));
		if (denial == NULL)
			return -1;
		*denial = (struct denial){rule, call->denials};
		call->denials = denial;
		call->n_denials++;
	}
	return 0;
}

/* ---- rules that overlap with denials ---- */

/*
 * Put into c->parts what `rule` allows of `call` and no denial covers. Returns false when no denial
 * covers any of it. If the rest takes too many rules, nothing is left and all of it is logged: the
 * log then has too much rather than too little.
 */
static bool cut_rule(struct complain *c, const struct seccomp_rule *rule, const struct call *call)
{
	const struct seccomp_arg *cursor = NULL;
	struct conjunction conjunction;
	bool changed = false;

	c->parts->n = 0;
	c->parts->full = call->n_denials > REGION_MAX;
	if (c->parts->full)
		return true;
	while (conjunction_next(rule, &cursor, &conjunction))
		region_add(c->parts, &conjunction);
	for (const struct denial *denial = call->denials; denial != NULL; denial = denial->next) {
		cursor = NULL;
		while (conjunction_next(denial->rule, &cursor, &conjunction))
			changed |= region_cut(&c->parts, &c->spare, &conjunction);
	}
	if (changed && c->parts->full)
		c->parts->n = 0;
	return changed;
}

/* ---- the new rules ---- */

static struct seccomp_rule *add_rule(struct complain *c, const struct seccomp_rule *model)
{
	struct seccomp_rule *rule = arena_alloc(c->keep, sizeof(*rule));

	if (rule == NULL)
		return NULL;
	*rule = *model;
	rule->names = NULL;
	rule->next = NULL;
	rule->action = new_action(model);
	rule->has_errno = model->has_errno && rule->action == OCI_ACT_ERRNO;
	*c->tail = rule;
	c->tail = &rule->next;
	return rule;
}

static struct seccomp_name *copy_name(struct complain *c, const struct seccomp_name *name)
{
	struct seccomp_name *copy = arena_alloc(c->keep, sizeof(*copy));

	if (copy == NULL)
		return NULL;
	*copy = *name;
	copy->next = NULL;
	return copy;
}

/* A rule for one call from each of c->parts. */
static int add_parts(struct complain *c, const struct seccomp_rule *model,
		     const struct seccomp_name *name)
{
	for (size_t i = 0; i < c->parts->n; i++) {
		struct seccomp_rule *rule = add_rule(c, model);

		if (rule == NULL || conjunction_list(&c->parts->part[i], c->keep, &rule->args) < 0)
			return -1;
		rule->names = copy_name(c, name);
		if (rule->names == NULL)
			return -1;
	}
	return 0;
}

/* Does the rule, which is not what the new default says, still say something about this call? */
static bool rule_counts(const struct complain *c, const struct seccomp_rule *rule,
			const struct call *call)
{
	/* ENOSYS was the default, so the rule had no effect. It keeps its meaning now only if no
	 * other rule decides about the call. */
	if (seccomp_rule_is_default(c->old, rule))
		return !call->effective;
	return call->plain == NULL || call->plain == rule;
}

static int convert_rule(struct complain *c, const struct seccomp_rule *old)
{
	struct seccomp_rule *rule = add_rule(c, old);
	struct seccomp_name **tail;

	if (rule == NULL)
		return -1;
	tail = &rule->names;
	for (const struct seccomp_name *name = old->names; name != NULL; name = name->next) {
		const struct call *call = &c->calls[name->id];

		if (!rule_counts(c, old, call))
			continue;
		if (call->plain == NULL && old->action == OCI_ACT_ALLOW && cut_rule(c, old, call)) {
			if (add_parts(c, old, name) < 0)
				return -1;
			continue;
		}
		*tail = copy_name(c, name);
		if (*tail == NULL)
			return -1;
		tail = &(*tail)->next;
	}
	return 0;
}

static int complain(struct complain *c)
{
	for (const struct seccomp_rule *rule = c->old->rules; rule != NULL; rule = rule->next)
		if (!seccomp_rule_is_default(c->old, rule) && note_rule(c, rule) < 0)
			return -1;
	for (const struct seccomp_rule *rule = c->old->rules; rule != NULL; rule = rule->next)
		if (new_action(rule) != c->new_default && convert_rule(c, rule) < 0)
			return -1;
	return 0;
}

int profilefile_complain(struct seccomp_profile *profile, size_t n_calls, struct arena *keep,
			 struct arena *scratch, struct error *err)
{
	struct complain c = {
		.old = profile,
		.new_default =
			profile->default_action == OCI_ACT_ALLOW ? OCI_ACT_ALLOW : OCI_ACT_LOG,
		.calls = arena_alloc(scratch, (n_calls + 1) * sizeof(*c.calls)),
		.parts = arena_alloc(scratch, sizeof(*c.parts)),
		.spare = arena_alloc(scratch, sizeof(*c.spare)),
		.keep = keep,
		.scratch = scratch,
		.tail = &c.rules,
	};

	if (c.calls == NULL || c.parts == NULL || c.spare == NULL)
		return profilefile_too_large(err);
	memset(c.calls, 0, (n_calls + 1) * sizeof(*c.calls));
	if (complain(&c) < 0)
		return profilefile_too_large(err);
	profile->default_action = c.new_default;
	profile->has_default_errno = false;
	profile->rules = c.rules;
	return 0;
}
