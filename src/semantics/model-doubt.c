/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of which rules libseccomp makes what they say, and models that err on one side where it does not.
 * It puts the conditions on one call into a tree, by argument, and remembers what the accumulator
 * holds. From some trees it makes programs that compare what an earlier test has left there: with
 * "ERRNO if a0 != X and a1 & 0xff == 0" beside "ALLOW if a0 == 0x11" it is a1 that is compared with
 * 0x11, and with "ALLOW if a0 < 41" beside "TRACE if a0 >= 2^37" the second counts for 42 (2.5.4
 * to 2.6.1; one of many was GHSA-4q85-33p6-j5g6).
 *
 * So this is a list of what is known to come out right, and not of what goes wrong. It was found,
 * and is held to, by tests/fuzz/fuzz-overlap.c, which compares it with every way through the
 * programs. The engines' own profiles are in it. Pure.
 */
#include "semantics/model.h"

static bool is_inequality(enum oci_cmp op)
{
	return op == OCI_CMP_LT || op == OCI_CMP_LE || op == OCI_CMP_GE || op == OCI_CMP_GT;
}

/* The condition on an argument; NULL: there is none. */
static const struct argspace_condition *condition_on(const struct model_rule *r, uint32_t index)
{
	for (size_t i = 0; i < r->n_conditions; i++)
		if (r->conditions[i].index == index)
			return &r->conditions[i];
	return NULL;
}

/* How many conditions the two have in common in front. */
static size_t common_conditions(const struct model_rule *a, const struct model_rule *b)
{
	size_t n = 0;

	while (n < a->n_conditions && n < b->n_conditions &&
	       argspace_condition_eq(&a->conditions[n], &b->conditions[n]))
		n++;
	return n;
}

/* Do the two share all conditions but the last, and is one of them left: a2 == 9, a2 != 9? */
static bool complete_each_other(const struct model_rule *a, const struct model_rule *b)
{
	const size_t last = a->n_conditions - 1;
	const struct argspace_condition *x = &a->conditions[last], *y = &b->conditions[last];

	return a->n_conditions == b->n_conditions && common_conditions(a, b) == last &&
	       x->index == y->index && x->mask == y->mask && x->value == y->value &&
	       ((x->op == OCI_CMP_EQ && y->op == OCI_CMP_NE) ||
		(x->op == OCI_CMP_NE && y->op == OCI_CMP_EQ));
}

/* Is `one` the opposite of condition `i` of `several`, a2 != 9 of a2 == 9, and nothing else? */
static bool is_opposite(const struct model_rule *one, const struct model_rule *several, size_t i)
{
	const struct argspace_condition *x = &one->conditions[0], *y = &several->conditions[i];

	return one->n_conditions == 1 && x->index == y->index && x->mask == y->mask &&
	       x->value == y->value && x->op == OCI_CMP_NE && y->op == OCI_CMP_EQ;
}

/*
 * Podman's rules on NETLINK_AUDIT, before CRI-O's: "EINVAL if a0 == 16 and a2 == 9" beside "allow
 * if a0 != 16" and "allow if a2 != 9". 2.6.1, and 2.5.4 on 32-bit ABIs, lose the first, and the
 * default takes its place. That does not matter where both deny.
 */
static bool is_excepted(const struct model *model, const struct model_rule *several,
			const struct model_rule *rules)
{
	const struct model_rule *first = NULL;

	if (several->n_conditions < 2 || model_permits(model->profile, several->verdict.action) ||
	    model_permits(model->profile, model->default_verdict.action))
		return false;

	for (size_t i = 0; i < several->n_conditions; i++) {
		const struct model_rule *one = rules;

		while (one != NULL && !is_opposite(one, several, i))
			one = one->next;
		if (one == NULL ||
		    (first != NULL && !model_verdict_eq(one->verdict, first->verdict)))
			return false;
		first = one;
	}
	return true;
}

/*
 * One condition beside several on the same argument: it is compared with what the last of the
 * others has loaded, where that fails. It does not fail where another rule says the rest.
 */
static bool one_beside_several(const struct model_rule *one, const struct model_rule *several)
{
	const struct argspace_condition *x = &one->conditions[0], *y = &several->conditions[0];

	for (size_t i = 0; i < several->n_conditions && several->excepted; i++)
		if (is_opposite(one, several, i))
			return true;
	return several->complete && y->index == x->index && y->op == OCI_CMP_EQ;
}

/* Where one of two conditions on one argument is of order, the halves above are not told apart. */
static bool halves_mix(const struct argspace_condition *x, const struct argspace_condition *y)
{
	return (is_inequality(x->op) || is_inequality(y->op)) &&
	       (x->value >> 32 != y->value >> 32 || x->mask >> 32 != y->mask >> 32);
}

static bool come_out_right(const struct model_rule *a, const struct model_rule *b)
{
	bool shared = false;

	for (size_t i = 0; i < a->n_conditions; i++) {
		const struct argspace_condition *x = &a->conditions[i];
		const struct argspace_condition *y = condition_on(b, x->index);

		if (y != NULL && halves_mix(x, y))
			return false;
		shared = shared || y != NULL;
	}
	if (!shared || (a->n_conditions == 1 && b->n_conditions == 1))
		return true;
	if (a->n_conditions == 1)
		return one_beside_several(a, b);
	if (b->n_conditions == 1)
		return one_beside_several(b, a);
	return a->n_conditions == b->n_conditions && common_conditions(a, b) == a->n_conditions - 1;
}

/*
 * A rule behind one with the first of its conditions has no effect beside that one. With others
 * between the two it may have: returns whether there is such a case, and else takes those out that
 * have none.
 */
static bool some_may_count(struct model_rule *rules)
{
	struct model_rule **at = &rules->next;
	size_t n = 0;

	for (const struct model_rule *r = rules; r != NULL; r = r->next)
		n += !r->behind;
	for (; *at != NULL && (n == 1 || !(*at)->behind);)
		if ((*at)->behind)
			*at = (*at)->next;
		else
			at = &(*at)->next;
	return *at != NULL;
}

/* Every two of the rules on a call are looked at. */
static bool are_too_many(const struct model_rule *rules)
{
	size_t n = 0;

	for (; rules != NULL && n <= MODEL_MOST_RULES; rules = rules->next)
		n++;
	return n > MODEL_MOST_RULES;
}

static bool is_doubtful(const struct model *model, struct model_rule *rules)
{
	if (are_too_many(rules) || some_may_count(rules))
		return true;
	for (struct model_rule *a = rules; a != NULL; a = a->next) {
		a->complete = false;
		a->excepted = is_excepted(model, a, rules);
		for (const struct model_rule *b = rules; b != NULL && a->n_conditions > 0;
		     b = b->next)
			a->complete = a->complete || complete_each_other(a, b);
	}
	for (const struct model_rule *a = rules; a != NULL; a = a->next)
		for (const struct model_rule *b = a->next; b != NULL; b = b->next)
			if (!come_out_right(a, b))
				return true;
	return false;
}

void model_find_doubt(struct model *model)
{
	for (int call = 0; call < SYSCALL_COUNT; call++)
		if (model->calls[call] != NULL && model->calls[call]->next != NULL &&
		    is_doubtful(model, model->calls[call]))
			syscall_set_add(&model->doubtful, call);
}

/* ---- models that err on one side ---- */

/* How far a rule lets a call through. */
enum rank { RANK_DENIES, RANK_BY_PROCESS, RANK_PERMITS, RANKS };

static enum rank rank_of(const struct model *model, const struct model_rule *rule)
{
	if (oci_action_permits(rule->verdict.action))
		return RANK_PERMITS;
	return model_permits(model->profile, rule->verdict.action) ? RANK_BY_PROCESS : RANK_DENIES;
}

/*
 * All that may come out of rules that libseccomp may get wrong in any way: their verdicts and the
 * default, for arguments that nobody can tell. So it is one of those that let through (`most`), or
 * that do not, for every argument, and the default where there is none.
 */
static struct model_rule *any_of(const struct model *model, struct model_rule *rules, bool most)
{
	for (struct model_rule *r = rules; r != NULL; r = r->next) {
		enum rank rank = rank_of(model, r);

		if (rank == (most ? RANK_DENIES : RANK_PERMITS))
			continue;
		/* What a tracer or listener decides may come out as either. */
		if (rank == RANK_BY_PROCESS)
			r->verdict =
				(struct model_verdict){most ? OCI_ACT_ALLOW : OCI_ACT_ERRNO, 0};
		r->n_conditions = 0;
		r->next = NULL;
		return r;
	}
	return NULL;
}

/* By rank, the highest first or the lowest: the first that holds counts. */
static struct model_rule *by_rank(const struct model *model, struct model_rule *rules, bool most)
{
	struct model_rule *lists[RANKS] = {NULL}, **tails[RANKS], *all = NULL;

	for (size_t i = 0; i < RANKS; i++)
		tails[i] = &lists[i];
	for (struct model_rule *r = rules; r != NULL; r = r->next) {
		enum rank rank = rank_of(model, r);

		*tails[rank] = r;
		tails[rank] = &r->next;
	}
	for (size_t i = 0; i < RANKS; i++) {
		enum rank rank = (enum rank)(most ? i : RANKS - 1 - i);

		*tails[rank] = all;
		all = lists[rank];
	}
	return all;
}

static void favor(struct model *model, bool most)
{
	for (int call = 0; call < SYSCALL_COUNT; call++) {
		struct model_rule *rules = model->calls[call];

		if (rules == NULL || rules->next == NULL)
			continue;
		model->calls[call] = syscall_set_has(&model->doubtful, call)
					     ? any_of(model, rules, most)
					     : by_rank(model, rules, most);
	}
}

void model_at_most(struct model *model)
{
	favor(model, true);
}

void model_at_least(struct model *model)
{
	favor(model, false);
}
