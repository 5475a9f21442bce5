/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/region-conjunction.h"

static void add_condition(struct conjunction *c, const struct seccomp_arg *arg)
{
	c->used |= 1U << arg->index;
	c->arg[arg->index] = *arg;
	c->arg[arg->index].next = NULL;
}

bool conjunction_next(const struct seccomp_rule *rule, const struct seccomp_arg **cursor,
		      struct conjunction *ret_conjunction)
{
	static const struct seccomp_arg end;
	struct conjunction all = {0}, one = {0};

	if (*cursor == &end)
		return false;
	for (const struct seccomp_arg *arg = rule->args; arg != NULL; arg = arg->next) {
		if (all.used >> arg->index & 1) {
			arg = *cursor != NULL ? *cursor : rule->args;
			add_condition(&one, arg);
			*cursor = arg->next != NULL ? arg->next : &end;
			*ret_conjunction = one;
			return true;
		}
		add_condition(&all, arg);
	}
	*cursor = &end;
	*ret_conjunction = all;
	return true;
}

static bool same_arg(const struct seccomp_arg *a, const struct seccomp_arg *b)
{
	return a->op == b->op && a->value == b->value && a->value_two == b->value_two;
}

bool conjunction_equal(const struct conjunction *a, const struct conjunction *b)
{
	if (a->used != b->used)
		return false;
	for (int i = 0; i < OCI_MAX_ARGS; i++)
		if (a->used >> i & 1 && !same_arg(&a->arg[i], &b->arg[i]))
			return false;
	return true;
}

bool conjunction_disjoint(const struct conjunction *a, const struct conjunction *b)
{
	struct argset both;

	for (int i = 0; i < OCI_MAX_ARGS; i++) {
		if ((a->used & b->used) >> i & 1) {
			argset_intersect(&a->arg[i], &b->arg[i], false, &both);
			if (both.n == 0 && !both.full)
				return true;
		}
	}
	return false;
}

void region_add(struct region *region, const struct conjunction *conjunction)
{
	if (region->n == REGION_MAX)
		region->full = true;
	else
		region->part[region->n++] = *conjunction;
}

void region_add_difference(const struct conjunction *a, const struct conjunction *b,
			   struct region *out)
{
	struct argset rest;

	for (unsigned int i = 0; i < OCI_MAX_ARGS; i++) {
		struct conjunction part = *a;

		if ((b->used >> i & 1) == 0)
			continue;
		argset_intersect(a->used >> i & 1 ? &a->arg[i] : NULL, &b->arg[i], true, &rest);
		out->full |= rest.full;
		part.used |= 1U << i;
		for (size_t j = 0; j < rest.n; j++) {
			part.arg[i] = rest.part[j];
			part.arg[i].index = i;
			region_add(out, &part);
		}
	}
}

void region_add_intersection(const struct conjunction *a, const struct conjunction *b,
			     struct region *out)
{
	struct conjunction both = *a;
	struct argset common;
	unsigned int shared = a->used & b->used, last = 0;

	for (unsigned int i = 0; i < OCI_MAX_ARGS; i++) {
		if ((b->used & ~a->used) >> i & 1) {
			both.used |= 1U << i;
			both.arg[i] = b->arg[i];
		}
	}
	if (shared == 0) {
		region_add(out, &both);
		return;
	}
	/* The product over all shared arguments but the last, which is spread over parts. */
	while (shared >> (last + 1) != 0)
		last++;
	for (unsigned int i = 0; i < last; i++) {
		if ((shared >> i & 1) == 0)
			continue;
		argset_intersect(&a->arg[i], &b->arg[i], false, &common);
		if (common.n == 0 && !common.full)
			return;
		out->full |= common.full || common.n > 1;
		both.arg[i] = common.part[0];
		both.arg[i].index = i;
	}
	argset_intersect(&a->arg[last], &b->arg[last], false, &common);
	out->full |= common.full;
	for (size_t j = 0; j < common.n; j++) {
		both.arg[last] = common.part[j];
		both.arg[last].index = last;
		region_add(out, &both);
	}
}

bool region_cut(struct region **from, struct region **spare, const struct conjunction *b)
{
	struct region *in = *from, *out = *spare;
	bool changed = false;

	out->n = 0;
	out->full = in->full;
	for (size_t i = 0; i < in->n; i++) {
		if (conjunction_disjoint(&in->part[i], b)) {
			region_add(out, &in->part[i]);
		} else {
			region_add_difference(&in->part[i], b, out);
			changed = true;
		}
	}
	*from = out;
	*spare = in;
	return changed;
}

int conjunction_list(const struct conjunction *conjunction, struct arena *arena,
		     struct seccomp_arg **ret_args)
{
	struct seccomp_arg *args = NULL, **tail = &args;

	for (int i = 0; i < OCI_MAX_ARGS; i++) {
		if ((conjunction->used >> i & 1) == 0)
			continue;
		*tail = arena_alloc(arena, sizeof(**tail));
		if (*tail == NULL)
			return -1;
		**tail = conjunction->arg[i];
		tail = &(*tail)->next;
	}
	*tail = NULL;
	*ret_args = args;
	return 0;
}
