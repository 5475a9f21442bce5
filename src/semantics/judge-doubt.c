/* SPDX-License-Identifier: Apache-2.0 */
/* What libseccomp may make of rules that overlap: models that err on one side. */
#include "semantics/judge-internal.h"

/* Do the two ask for one argument in different ways? */
static bool ask_differently(const struct model_rule *a, const struct model_rule *b)
{
	for (size_t i = 0; i < a->n_conditions; i++)
		for (size_t k = 0; k < b->n_conditions; k++)
			if (a->conditions[i].index == b->conditions[k].index &&
			    !argspace_condition_eq(&a->conditions[i], &b->conditions[k]))
				return true;
	return false;
}

/*
 * libseccomp up to 2.6.0 loses conditions where two rules of several conditions on one call ask for
 * the same argument in different ways (GHSA-4q85-33p6-j5g6), unless only their last conditions
 * differ. What the two have in common in front is kept. Returns how many conditions of `a` are safe
 * beside `b`.
 */
static size_t safe_conditions(const struct model_rule *a, const struct model_rule *b)
{
	size_t common = 0;

	if (a->n_conditions < 2 || b->n_conditions < 2 || !ask_differently(a, b))
		return a->n_conditions;
	while (common < a->n_conditions && common < b->n_conditions &&
	       argspace_condition_eq(&a->conditions[common], &b->conditions[common]))
		common++;
	return a->n_conditions == b->n_conditions && common == a->n_conditions - 1 ? a->n_conditions
										   : common;
}

static bool is_inequality(enum oci_cmp op)
{
	return op == OCI_CMP_LT || op == OCI_CMP_LE || op == OCI_CMP_GE || op == OCI_CMP_GT;
}

/*
 * Beside an inequality, libseccomp 2.5.4 loses a rule on the same argument for some values: of "a0
 * < 2^63" and "a0 > 7" the second, at 2^63.
 */
static bool may_be_lost(const struct model_rule *a, const struct model_rule *b)
{
	for (size_t i = 0; i < a->n_conditions; i++)
		for (size_t k = 0; k < b->n_conditions; k++)
			if (a->conditions[i].index == b->conditions[k].index &&
			    (is_inequality(a->conditions[i].op) ||
			     is_inequality(b->conditions[k].op)) &&
			    !argspace_condition_eq(&a->conditions[i], &b->conditions[k]))
				return true;
	return false;
}

/* How far a rule lets a call through. */
enum rank { RANK_DENIES, RANK_BY_PROCESS, RANK_PERMITS, RANKS };

static enum rank rank_of(const struct model *model, const struct model_rule *rule)
{
	if (oci_action_permits(rule->verdict.action))
		return RANK_PERMITS;
	return judge_permits(model->profile, rule->verdict.action) ? RANK_BY_PROCESS : RANK_DENIES;
}

static bool is_favored(const struct model *model, const struct model_rule *rule, bool most)
{
	return (rank_of(model, rule) != RANK_DENIES) == most;
}

/*
 * Whatever is done to favor those that let through (`most`) or those that do not: their conditions
 * are left out as far as they may be lost, and the others are left out if they may be lost. One
 * that leaves the call to a tracer or listener, and may be lost, may come out as either.
 */
static struct model_rule *in_doubt(const struct model *model, struct model_rule *rules, bool most)
{
	struct model_rule *list = NULL, **tail = &list, *next;

	/* Two passes, because it is by their conditions that rules are compared. */
	for (struct model_rule *a = rules; a != NULL; a = a->next) {
		a->doubt.safe = a->n_conditions;
		a->doubt.lost = false;
		for (const struct model_rule *b = rules; b != NULL; b = b->next) {
			size_t n = b != a ? safe_conditions(a, b) : a->n_conditions;

			a->doubt.safe = n < a->doubt.safe ? n : a->doubt.safe;
			a->doubt.lost = a->doubt.lost || n < a->n_conditions || may_be_lost(a, b);
		}
	}
	for (struct model_rule *a = rules; a != NULL; a = next) {
		next = a->next;
		if (rank_of(model, a) == RANK_BY_PROCESS && a->doubt.lost)
			a->verdict =
				(struct model_verdict){most ? OCI_ACT_ALLOW : OCI_ACT_ERRNO, 0};
		if (!is_favored(model, a, most) && a->doubt.lost)
			continue;
		if (is_favored(model, a, most))
			a->n_conditions = a->doubt.safe;
		*tail = a;
		tail = &a->next;
	}
	*tail = NULL;
	return list;
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

		if (rules != NULL && rules->next != NULL)
			model->calls[call] = by_rank(model, in_doubt(model, rules, most), most);
	}
}

void judge_at_most(struct model *model)
{
	favor(model, true);
}

void judge_at_least(struct model *model)
{
	favor(model, false);
}

bool judge_same_rules(const struct model *a, const struct model *b, int call)
{
	const struct model_rule *x = a->calls[call], *y = b->calls[call];

	for (; x != NULL && y != NULL; x = x->next, y = y->next) {
		if (!model_verdict_eq(x->verdict, y->verdict) || x->n_conditions != y->n_conditions)
			return false;
		for (size_t i = 0; i < x->n_conditions; i++)
			if (!argspace_condition_eq(&x->conditions[i], &y->conditions[i]))
				return false;
	}
	return x == y && model_verdict_eq(a->default_verdict, b->default_verdict) &&
	       a->profile->has_listener == b->profile->has_listener;
}

int judge_model(const struct judge *j, const struct seccomp_profile *profile, enum abi abi,
		enum model_runtime runtime, struct model *ret_model)
{
	const struct model_request request = {
		.profile = profile, .abi = abi, .native = abi, .runtime = runtime};
	struct error ignored;

	return model_build(&request, j->scratch, ret_model, &ignored);
}
