/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules that never count, by what runtimes and libseccomp make of them (semantics/model.h): for no
 * arguments, on no ABI of the filter. Where others say the same of these arguments, nothing is lost
 * by that; else the rule was meant to do something, and does not.
 */
#include "lint/profile-internal.h"

#include "oci/seccomp-rule.h"

#include <stdio.h>

/* Of all walks together: a tenth of what one may take by itself. */
#define BUDGET 100000000

#define SHOWN 8 /* names in one finding */

/* One name of one rule. */
struct entry {
	struct entry *next; /* of the same call */
	const struct seccomp_rule *rule;
	int call;
	bool exists; /* on an ABI of the filter */
	bool counts;
	bool possible;                     /* there are arguments for which its conditions hold */
	bool differs;                      /* what holds in its place says something else */
	const struct seccomp_rule *winner; /* what holds in its place; NULL: the default */
};

struct rules {
	const struct lint_resolved *of;
	struct entry *entries; /* in the order of the text */
	size_t n_entries;
	struct entry *of_call[SYSCALL_COUNT];
	uint32_t *seen; /* by index of the rule: the last turn in which it held */
	uint32_t turn;
	bool unsure; /* in this turn something held of which nobody can tell what it comes to */
	unsigned long budget;
	struct entry *entry; /* the one that is asked about */
};

static int collect(struct rules *r)
{
	const struct seccomp_profile *profile = r->of->profile;
	size_t n = 0, n_rules = 0;

	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next) {
		n_rules = rule->index + 1;
		for (const struct seccomp_name *name = rule->names; name != NULL; name = name->next)
			n++;
	}
	r->entries = arena_alloc(r->of->scratch, n * sizeof(*r->entries));
	r->seen = arena_alloc(r->of->scratch, n_rules * sizeof(*r->seen));
	if (r->entries == NULL || r->seen == NULL)
		return -1;
	memset(r->seen, 0, n_rules * sizeof(*r->seen));
	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		for (const struct seccomp_name *name = rule->names; name != NULL;
		     name = name->next) {
			int call = syscall_index(name->name);

			if (call < 0)
				continue;
			r->entries[r->n_entries] = (struct entry){
				.next = r->of_call[call], .rule = rule, .call = call};
			r->of_call[call] = &r->entries[r->n_entries++];
		}
	return 0;
}

/* ---- which rules hold for something ---- */

static bool note_rule(void *ctx, const struct model_leaf *leaf)
{
	const struct model_answer *answer = &leaf->answer[0];
	struct rules *r = ctx;

	r->unsure = r->unsure || answer->contested || answer->doubtful;
	if (answer->rule != NULL)
		r->seen[answer->rule->written->index] = r->turn;
	return !r->unsure;
}

static void look_at_call(struct rules *r, const struct model *model, int call)
{
	const struct model_walk walk = {.models = {model, NULL},
					.number = abi_number(model->abi, call),
					.visit = note_rule,
					.ctx = r,
					.budget = &r->budget};
	struct error ignored;

	if (walk.number < 0)
		return;
	r->turn++;
	r->unsure = false;
	if (model_walk(&walk, &ignored) < 0)
		r->unsure = true;
	for (struct entry *e = r->of_call[call]; e != NULL; e = e->next) {
		e->exists = true;
		e->counts = e->counts || r->unsure || r->seen[e->rule->index] == r->turn;
	}
}

/* ---- what holds in its place ---- */

static struct model_verdict verdict_of(const struct seccomp_rule *rule)
{
	return (struct model_verdict){
		oci_action_effective(rule->action),
		seccomp_errno(rule->action, rule->has_errno, rule->errno_ret)};
}

static bool note_winner(void *ctx, const struct model_leaf *leaf)
{
	const struct model_answer *answer = &leaf->answer[0];
	struct entry *e = ((struct rules *)ctx)->entry;

	if (answer->rule != NULL)
		e->winner = answer->rule->written;
	e->differs = !model_verdict_eq(answer->verdict, verdict_of(e->rule));
	return !e->differs;
}

/* Among the arguments for which the rule was to hold; those of alternatives are all looked at. */
static void find_winner(struct rules *r, const struct model *model, struct entry *e)
{
	const bool narrow = abi_infos[model->abi].narrow;
	struct argspace space[OCI_MAX_ARGS];
	struct argspace_not nodes[OCI_MAX_ARGS];
	const struct model_walk walk = {.models = {model, NULL},
					.number = abi_number(model->abi, e->call),
					.visit = note_winner,
					.ctx = r,
					.space = space,
					.budget = &r->budget};
	struct error ignored;
	size_t n = 0;

	if (walk.number < 0 || e->differs)
		return;
	for (size_t i = 0; i < OCI_MAX_ARGS; i++)
		space[i] = argspace_all(narrow);
	if (!seccomp_args_alternate(e->rule->args))
		for (const struct seccomp_arg *arg = e->rule->args; arg != NULL; arg = arg->next) {
			const struct argspace_condition c = argspace_condition(arg, narrow);

			argspace_restrict(&space[c.index], &c, true, &nodes[n++]);
		}
	for (size_t i = 0; i < OCI_MAX_ARGS; i++) {
		uint64_t ignored_value;

		if (argspace_find(&space[i], &r->budget, &ignored_value) <= 0)
			return;
	}
	e->possible = true;
	r->entry = e;
	if (model_walk(&walk, &ignored) < 0)
		e->counts = true;
}

static void each_abi(struct rules *r, void (*look)(struct rules *r, const struct model *model))
{
	for (int abi = 0; abi < ABIS; abi++) {
		const struct model_request request = {r->of->profile, (enum abi)abi, r->of->native,
						      MODEL_PROFILE};
		const size_t used = r->of->scratch->used;
		struct model *model = arena_alloc(r->of->scratch, sizeof(*model));
		struct error ignored;

		if (model != NULL && model_build(&request, r->of->scratch, model, &ignored) == 0 &&
		    model->covered)
			look(r, model);
		r->of->scratch->used = used;
	}
}

static void look_at_rules(struct rules *r, const struct model *model)
{
	for (int call = 0; call < SYSCALL_COUNT; call++)
		if (r->of_call[call] != NULL)
			look_at_call(r, model, call);
}

static void look_at_winners(struct rules *r, const struct model *model)
{
	for (size_t i = 0; i < r->n_entries; i++)
		if (!r->entries[i].counts)
			find_winner(r, model, &r->entries[i]);
}

/* ---- telling ---- */

/* What is wrong with an entry that does not count. */
enum fault { FAULT_IMPOSSIBLE, FAULT_OVERRULED, FAULT_REDUNDANT, FAULTS };

static enum fault fault_of(const struct entry *e)
{
	if (!e->possible)
		return FAULT_IMPOSSIBLE;
	return e->differs ? FAULT_OVERRULED : FAULT_REDUNDANT;
}

struct told {
	const struct entry *first; /* NULL: none */
	char names[512];
};

/* The names of one rule that have this fault; returns behind its entries. */
static size_t find_told(const struct rules *r, size_t i, enum fault fault, struct told *ret_told)
{
	const struct seccomp_rule *rule = r->entries[i].rule;
	struct told t = {0};
	size_t n = 0;

	for (; i < r->n_entries && r->entries[i].rule == rule; i++) {
		const struct entry *e = &r->entries[i];

		if (e->counts || !e->exists || fault_of(e) != fault)
			continue;
		if (t.first == NULL)
			t.first = e;
		if (n++ < SHOWN)
			snprintf(t.names + strlen(t.names), sizeof(t.names) - strlen(t.names),
				 "%s%.*s", n > 1 ? ", " : "", SPAN_ARG(syscall_name(e->call)));
	}
	if (n > SHOWN)
		snprintf(t.names + strlen(t.names), sizeof(t.names) - strlen(t.names),
			 " and %zu more", n - SHOWN);
	*ret_told = t;
	return i;
}

static void tell(const struct rules *r, const struct told *t, enum fault fault)
{
	static const char *const verbs[FAULTS] = {
		[FAULT_IMPOSSIBLE] = "never counts for",
		[FAULT_OVERRULED] = "never counts for",
		[FAULT_REDUNDANT] = "says nothing new of",
	};
	static const char *const ends[FAULTS] = {
		[FAULT_IMPOSSIBLE] = "there are no arguments for which its conditions hold",
		[FAULT_OVERRULED] = " holds in its place, and says something else",
		[FAULT_REDUNDANT] = " holds anyway",
	};
	const struct seccomp_rule *rule = t->first->rule, *winner = t->first->winner;
	char by[64] = "";

	if (fault != FAULT_IMPOSSIBLE && winner != NULL)
		snprintf(by, sizeof(by), "syscalls[%zu]", winner->index);
	else if (fault != FAULT_IMPOSSIBLE)
		snprintf(by, sizeof(by), "the default");
	lint_tell(r->of->lint, fault == FAULT_REDUNDANT ? LINT_REDUNDANT : LINT_NEVER_COUNTS,
		  lint_rule_place(r->of, rule, syscall_name(t->first->call)), NULL,
		  "syscalls[%zu] %s %s: %s%s", rule->index, verbs[fault], t->names, by,
		  ends[fault]);
}

/* Returns behind the entries of the rule that begins at `first`. */
static size_t tell_rule(const struct rules *r, size_t first)
{
	size_t behind = first;

	for (int fault = 0; fault < FAULTS; fault++) {
		struct told told;

		behind = find_told(r, first, (enum fault)fault, &told);
		if (told.first != NULL)
			tell(r, &told, (enum fault)fault);
	}
	return behind;
}

void lint_profile_rules(const struct lint_resolved *resolved)
{
	const size_t used = resolved->scratch->used;
	struct rules *r = arena_alloc(resolved->scratch, sizeof(*r));

	if (r != NULL) {
		*r = (struct rules){.of = resolved, .budget = BUDGET};
		if (collect(r) == 0) {
			each_abi(r, look_at_rules);
			each_abi(r, look_at_winners);
			for (size_t i = 0; i < r->n_entries;)
				i = tell_rule(r, i);
		}
	}
	resolved->scratch->used = used;
}
