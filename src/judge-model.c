/* SPDX-License-Identifier: Apache-2.0 */
/* A model that errs on one side: what it does not let through, no runtime and no libseccomp does. */
#include "judge-priv.h"

static bool same_condition(const struct argspace_condition *a, const struct argspace_condition *b)
{
	return a->index == b->index && a->op == b->op && a->mask == b->mask && a->value == b->value;
}

/* Do the two ask for one argument in different ways? */
static bool ask_differently(const struct model_region *a, const struct model_region *b)
{
	for (size_t i = 0; i < a->n_conditions; i++)
		for (size_t k = 0; k < b->n_conditions; k++)
			if (a->conditions[i].index == b->conditions[k].index &&
			    !same_condition(&a->conditions[i], &b->conditions[k]))
				return true;
	return false;
}

/*
 * libseccomp up to 2.6.0 loses conditions where two rules of several conditions on one call ask for the same argument in
 * different ways (GHSA-4q85-33p6-j5g6), unless only their last conditions differ. What the two have in common in front is
 * kept. Returns how many conditions of `a` are safe beside `b`.
 */
static size_t safe_conditions(const struct model_region *a, const struct model_region *b)
{
	size_t common = 0;

	if (a->n_conditions < 2 || b->n_conditions < 2 || !ask_differently(a, b))
		return a->n_conditions;
	while (common < a->n_conditions && common < b->n_conditions &&
	       same_condition(&a->conditions[common], &b->conditions[common]))
		common++;
	return a->n_conditions == b->n_conditions && common == a->n_conditions - 1 ? a->n_conditions : common;
}

/* Of the regions that let through, as much as is certain to be asked for. */
static void widen(struct model_region *regions)
{
	for (struct model_region *a = regions; a != NULL; a = a->next) {
		size_t safe = a->n_conditions;

		if (!seccomp_action_permits(a->verdict.action))
			continue;
		for (const struct model_region *b = regions; b != NULL; b = b->next) {
			size_t n = b != a ? safe_conditions(a, b) : safe;

			safe = n < safe ? n : safe;
		}
		a->n_conditions = safe;
	}
}

/* Regions that let through before those that do not: the first that holds counts. */
static void let_through_first(struct model_region **regions)
{
	struct model_region *permitting = NULL, *others = NULL;
	struct model_region **permitting_tail = &permitting, **others_tail = &others;

	for (struct model_region *r = *regions; r != NULL; r = r->next) {
		struct model_region ***tail =
			seccomp_action_permits(r->verdict.action) ? &permitting_tail : &others_tail;

		**tail = r;
		*tail = &r->next;
	}
	*others_tail = NULL;
	*permitting_tail = others;
	*regions = permitting;
}

int judge_model(const struct judge *j, const struct seccomp_profile *profile, enum abi abi,
		enum model_runtime runtime, struct model *ret_model)
{
	const struct model_request request = {
		.profile = profile, .abi = abi, .native = abi, .runtime = runtime};
	struct error ignored;

	if (model_build(&request, j->scratch, ret_model, &ignored) < 0)
		return -1;
	for (int call = 0; call < SYSCALL_COUNT; call++) {
		struct model_region **regions = &ret_model->calls[call];

		if (*regions == NULL || (*regions)->next == NULL)
			continue;
		widen(*regions);
		let_through_first(regions);
	}
	return 0;
}
