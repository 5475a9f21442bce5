/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of rules with conditions, where libseccomp would not come to an end. It keeps the
 * conditions of a call as a sorted tree, in which what follows an inequality on a 64-bit argument
 * hangs from two nodes (the upper half decides, or the lower). A rule that shares the inequality
 * and whose next condition sorts before that of an earlier rule is then put into one list twice and
 * follows itself: _db_tree_add() in src/db.c, 2.5.4 to 2.6.1. The runtime hangs, and the
 * container's start with it. Added in the tree's own order the same rules are harmless, and mean
 * the same: among rules with conditions the tree decides, not the file.
 */
#include "profile/profile-internal.h"

struct entry {
	struct conjunction where;
	const struct seccomp_rule *rule;
	struct entry *next;
};

struct call {
	bool plain; /* a rule without conditions has been seen: those behind it are not looked at */
	bool at_risk; /* to be written anew */
	bool written;
	struct entry *first, **tail; /* in the order of the file; sorted when it is written */
};

struct order {
	struct call *calls;
	struct arena *keep, *scratch;
	struct seccomp_rule *rules, **tail; /* the new ones */
};

/* __db_chain_op_priority(): nodes of a higher one come first. */
static int priority(enum oci_cmp op)
{
	static const int priorities[OCI_CMPS] = {
		[OCI_CMP_NE] = 3, [OCI_CMP_EQ] = 3, [OCI_CMP_MASKED_EQ] = 3, [OCI_CMP_LE] = 2,
		[OCI_CMP_LT] = 2, [OCI_CMP_GE] = 1, [OCI_CMP_GT] = 1,
	};

	return priorities[op];
}

/* What compare() says: whether the tree puts one before the other, or only this program does, to
 * have an order. */
enum { TREE_BEFORE = -2, BEFORE = -1, SAME = 0, BEHIND = 1, TREE_BEHIND = 2 };

/* _db_chain_lt(), the other way round: nodes that are less come behind. */
static int compare_args(const struct seccomp_arg *a, const struct seccomp_arg *b)
{
	uint64_t x = a->op == OCI_CMP_MASKED_EQ ? a->value_two : a->value;
	uint64_t y = b->op == OCI_CMP_MASKED_EQ ? b->value_two : b->value;
	bool ascending = a->op == OCI_CMP_LE || a->op == OCI_CMP_LT;

	if (a->index != b->index)
		return a->index > b->index ? TREE_BEFORE : TREE_BEHIND;
	if (priority(a->op) != priority(b->op))
		return priority(a->op) > priority(b->op) ? TREE_BEFORE : TREE_BEHIND;
	if (x != y)
		return (x < y) == ascending ? TREE_BEFORE : TREE_BEHIND;
	if (a->op != b->op)
		return a->op < b->op ? BEFORE : BEHIND;
	if (a->value != b->value)
		return a->value < b->value ? BEFORE : BEHIND;
	return SAME;
}

/* Has the condition two nodes on a 64-bit argument, where the upper half decides and the lower? */
static bool has_two_nodes(enum oci_cmp op)
{
	return op != OCI_CMP_EQ && op != OCI_CMP_MASKED_EQ;
}

/* The first condition at `from` or behind it; NULL: none. */
static const struct seccomp_arg *next_arg(const struct conjunction *c, unsigned int from)
{
	for (unsigned int i = from; i < OCI_MAX_ARGS; i++)
		if (c->used >> i & 1)
			return &c->arg[i];
	return NULL;
}

/* *ret_forks: one with two nodes is among the conditions that both begin with. */
static int compare(const struct conjunction *a, const struct conjunction *b, bool *ret_forks)
{
	unsigned int from = 0;

	*ret_forks = false;
	for (;;) {
		const struct seccomp_arg *x = next_arg(a, from), *y = next_arg(b, from);
		int order;

		if (x == NULL || y == NULL)
			return x != NULL ? BEFORE : y != NULL ? BEHIND : SAME;
		order = compare_args(x, y);
		if (order != SAME)
			return order;
		*ret_forks = *ret_forks || has_two_nodes(x->op);
		from = x->index + 1;
	}
}

/* ---- finding calls at risk ---- */

/* With one condition there is nothing that could hang from it. */
static bool is_single(const struct conjunction *c)
{
	return (c->used & (c->used - 1)) == 0;
}

static int add_entry(struct order *o, const struct seccomp_rule *rule, struct call *call)
{
	const struct seccomp_arg *cursor = NULL;
	struct conjunction where;

	while (conjunction_next(rule, &cursor, &where)) {
		struct entry *entry = arena_alloc(o->scratch, sizeof(*entry));
		bool forks;

		if (entry == NULL)
			return -1;
		*entry = (struct entry){where, rule, NULL};
		if (call->first == NULL)
			call->tail = &call->first;
		for (const struct entry *e = call->first;
		     e != NULL && !call->at_risk && !is_single(&where); e = e->next)
			call->at_risk = compare(&e->where, &where, &forks) == TREE_BEHIND && forks;
		*call->tail = entry;
		call->tail = &entry->next;
	}
	return 0;
}

static int note_rule(struct order *o, const struct seccomp_rule *rule)
{
	for (const struct seccomp_name *name = rule->names; name != NULL; name = name->next) {
		struct call *call = &o->calls[name->id];

		if (rule->args == NULL)
			call->plain = true;
		else if (!call->plain && add_entry(o, rule, call) < 0)
			return -1;
	}
	return 0;
}

/* ---- writing them anew ---- */

/* Insertion sort: these are few. */
static void sort_entries(struct call *call)
{
	struct entry *sorted = NULL;
	bool ignored;

	for (struct entry *entry = call->first, *next; entry != NULL; entry = next) {
		struct entry **link = &sorted;

		next = entry->next;
		while (*link != NULL && compare(&(*link)->where, &entry->where, &ignored) <= 0)
			link = &(*link)->next;
		entry->next = *link;
		*link = entry;
	}
	call->first = sorted;
}

static struct seccomp_rule *add_rule(struct order *o, const struct seccomp_rule *model)
{
	struct seccomp_rule *rule = arena_alloc(o->keep, sizeof(*rule));

	if (rule == NULL)
		return NULL;
	*rule = *model;
	rule->names = NULL;
	rule->next = NULL;
	*o->tail = rule;
	o->tail = &rule->next;
	return rule;
}

static struct seccomp_name **add_name(struct order *o, const struct seccomp_name *name,
				      struct seccomp_name **tail)
{
	*tail = arena_alloc(o->keep, sizeof(**tail));
	if (*tail == NULL)
		return NULL;
	**tail = *name;
	(*tail)->next = NULL;
	return &(*tail)->next;
}

/* All entries of a call, each as a rule of its own. */
static int write_call(struct order *o, struct call *call, const struct seccomp_name *name)
{
	sort_entries(call);
	call->written = true;
	for (const struct entry *entry = call->first; entry != NULL; entry = entry->next) {
		struct seccomp_rule *rule = add_rule(o, entry->rule);

		if (rule == NULL || add_name(o, name, &rule->names) == NULL ||
		    conjunction_list(&entry->where, o->keep, &rule->args) < 0)
			return -1;
	}
	return 0;
}

/* Is `rule` among the entries of the call, and so written with them? */
static bool is_entry(const struct call *call, const struct seccomp_rule *rule)
{
	for (const struct entry *entry = call->first; entry != NULL; entry = entry->next)
		if (entry->rule == rule)
			return true;
	return false;
}

static int copy_rule(struct order *o, const struct seccomp_rule *old)
{
	struct seccomp_rule *rule = add_rule(o, old);
	struct seccomp_name **tail = rule != NULL ? &rule->names : NULL;

	for (const struct seccomp_name *name = old->names; name != NULL && tail != NULL;
	     name = name->next) {
		struct call *call = &o->calls[name->id];

		if (!call->at_risk || !is_entry(call, old))
			tail = add_name(o, name, tail);
		else if (!call->written && write_call(o, call, name) < 0)
			return -1;
	}
	return tail == NULL ? -1 : 0;
}

static int write_anew(struct order *o, struct seccomp_profile *profile)
{
	o->tail = &o->rules;
	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		if (copy_rule(o, rule) < 0)
			return -1;
	profile->rules = o->rules;
	return 0;
}

int profilefile_order(struct seccomp_profile *profile, struct arena *keep, struct arena *scratch,
		      struct error *err)
{
	struct order o = {.keep = keep, .scratch = scratch};
	bool at_risk = false;
	size_t n_calls;

	if (profilefile_number_calls(profile, scratch, &n_calls, err) < 0)
		return -1;
	o.calls = arena_alloc(scratch, (n_calls + 1) * sizeof(*o.calls));
	if (o.calls == NULL)
		return profilefile_too_large(err);
	memset(o.calls, 0, (n_calls + 1) * sizeof(*o.calls));
	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		if (!seccomp_rule_is_default(profile, rule) && note_rule(&o, rule) < 0)
			return profilefile_too_large(err);
	for (size_t i = 0; i < n_calls; i++)
		at_risk |= o.calls[i].at_risk;
	if (at_risk && write_anew(&o, profile) < 0)
		return profilefile_too_large(err);
	return 0;
}
