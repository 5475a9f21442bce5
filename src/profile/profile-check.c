/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules that contradict each other, which libseccomp answers with EEXIST (src/db.c, _db_tree_add())
 * and then no container starts.
 */
#include "profile/profile-internal.h"

#include "base/number.h"

/*
 * More conditions than any filter can hold: a program has 4096 instructions at most, each condition
 * takes one or more on each architecture that has the call, and none lacks more than a part of the
 * calls.
 */
#define MAX_CONDITIONS 8192

/* ---- numbers for names ---- */

/* `n` cleared objects. */
static void *zalloc(struct arena *arena, size_t n, size_t size)
{
	void *p = n <= SIZE_MAX / size ? arena_alloc(arena, n * size) : NULL;

	return p != NULL ? memset(p, 0, n * size) : NULL;
}

/* A power of two, so that a table of that many slots is at most half full. */
static size_t table_size(size_t entries)
{
	size_t size = 16;

	while (size < entries * 2)
		size *= 2;
	return size;
}

int profilefile_number_calls(struct seccomp_profile *profile, struct arena *scratch, size_t *ret_n,
			     struct error *err)
{
	const struct seccomp_name **slots;
	size_t n_names = 0, size, n = 0;

	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		for (const struct seccomp_name *name = rule->names; name != NULL; name = name->next)
			n_names++;
	size = table_size(n_names);
	slots = zalloc(scratch, size, sizeof(*slots));
	if (slots == NULL)
		return profilefile_too_large(err);
	for (struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next) {
		for (struct seccomp_name *name = rule->names; name != NULL; name = name->next) {
			size_t slot =
				hash_bytes(HASH_START, name->name.p, name->name.n) & (size - 1);

			while (slots[slot] != NULL && !span_eq(slots[slot]->name, name->name))
				slot = (slot + 1) & (size - 1);
			name->id = slots[slot] != NULL ? slots[slot]->id : (uint32_t)n++;
			if (slots[slot] == NULL)
				slots[slot] = name;
		}
	}
	*ret_n = n;
	return 0;
}

/* ---- contradictions ---- */

struct entry {
	uint32_t call;
	struct conjunction where;
	const struct seccomp_rule *rule;
};

struct check {
	const struct entry **slots;
	size_t n_slots, n_entries;
	bool *decided; /* for each call: a rule without conditions has been seen, nothing behind it
			  counts */
	struct arena *scratch;
	struct error *err;
};

static uint64_t hash_conjunction(uint32_t call, const struct conjunction *c)
{
	uint64_t hash = hash_bytes(HASH_START, &call, sizeof(call));

	for (int i = 0; i < OCI_MAX_ARGS; i++) {
		if ((c->used >> i & 1) == 0)
			continue;
		hash = hash_bytes(hash, &i, sizeof(i));
		hash = hash_bytes(hash, &c->arg[i].op, sizeof(c->arg[i].op));
		hash = hash_bytes(hash, &c->arg[i].value, sizeof(c->arg[i].value));
		hash = hash_bytes(hash, &c->arg[i].value_two, sizeof(c->arg[i].value_two));
	}
	return hash;
}

static bool same_verdict(const struct seccomp_rule *a, const struct seccomp_rule *b)
{
	struct seccomp_profile as_default = {
		.default_action = b->action,
		.has_default_errno = b->has_errno,
		.default_errno = b->errno_ret,
	};

	return seccomp_rule_is_default(&as_default, a);
}

static int contradiction(const struct check *c, const struct seccomp_rule *rule,
			 const struct seccomp_name *name, const struct entry *old)
{
	char shown[SPAN_SHOWN];

	return error_at(
		c->err, rule->pos,
		"syscalls[%zu]: says %s for %s where syscalls[%zu] says %s on the same conditions",
		rule->index, oci_action_name(rule->action),
		text_printable(name->name, shown, sizeof(shown)), old->rule->index,
		oci_action_name(old->rule->action));
}

static int enter(struct check *c, const struct seccomp_rule *rule, const struct seccomp_name *name,
		 const struct conjunction *where)
{
	size_t slot = hash_conjunction(name->id, where) & (c->n_slots - 1);
	struct entry *entry;

	for (; c->slots[slot] != NULL; slot = (slot + 1) & (c->n_slots - 1)) {
		const struct entry *old = c->slots[slot];

		if (old->call == name->id && conjunction_equal(&old->where, where))
			return same_verdict(old->rule, rule) ? 0
							     : contradiction(c, rule, name, old);
	}
	if (c->n_entries++ == MAX_CONDITIONS)
		return error_at(c->err, rule->pos,
				"syscalls[%zu]: more than %d conditions, and a filter has 4096 "
				"instructions at most",
				rule->index, MAX_CONDITIONS);
	entry = arena_alloc(c->scratch, sizeof(*entry));
	if (entry == NULL)
		return profilefile_too_large(c->err);
	*entry = (struct entry){name->id, *where, rule};
	c->slots[slot] = entry;
	return 0;
}

static int check_rule(struct check *c, const struct seccomp_rule *rule)
{
	for (const struct seccomp_name *name = rule->names; name != NULL; name = name->next) {
		const struct seccomp_arg *cursor = NULL;
		struct conjunction where;

		if (c->decided[name->id])
			continue;
		c->decided[name->id] = rule->args == NULL;
		if (rule->args == NULL)
			continue;
		while (conjunction_next(rule, &cursor, &where))
			if (enter(c, rule, name, &where) < 0)
				return -1;
	}
	return 0;
}

int profilefile_check(const struct seccomp_profile *profile, size_t n_calls, struct arena *scratch,
		      struct error *err)
{
	struct check c = {
		.n_slots = table_size(MAX_CONDITIONS),
		.scratch = scratch,
		.err = err,
	};

	c.slots = zalloc(scratch, c.n_slots, sizeof(*c.slots));
	c.decided = zalloc(scratch, n_calls + 1, sizeof(*c.decided));
	if (c.slots == NULL || c.decided == NULL)
		return profilefile_too_large(err);
	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		if (!seccomp_rule_is_default(profile, rule) && check_rule(&c, rule) < 0)
			return -1;
	return 0;
}
