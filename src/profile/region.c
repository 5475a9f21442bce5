/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/region.h"

/* ---- values of one argument ---- */

/* From first to last, inclusive: what every operator but MASKED_EQ says is one or two of these. */
struct range {
	uint64_t first, last;
};

struct ranges {
	size_t n;
	struct range part[4];
};

struct masks {
	size_t n;
	bool full;
	struct {
		uint64_t mask, value;
	} part[ARGSET_MAX];
};

static void add_range(struct ranges *set, uint64_t first, uint64_t last)
{
	if (first <= last)
		set->part[set->n++] = (struct range){first, last};
}

static void ranges_of(const struct seccomp_arg *arg, bool negate, struct ranges *ret)
{
	enum oci_cmp op = negate ? oci_cmp_opposite(arg->op) : arg->op;
	uint64_t v = arg->value;

	ret->n = 0;
	if ((op == OCI_CMP_LT || op == OCI_CMP_NE) && v > 0)
		add_range(ret, 0, v - 1);
	if ((op == OCI_CMP_GT || op == OCI_CMP_NE) && v < UINT64_MAX)
		add_range(ret, v + 1, UINT64_MAX);
	if (op == OCI_CMP_LE)
		add_range(ret, 0, v);
	if (op == OCI_CMP_GE)
		add_range(ret, v, UINT64_MAX);
	if (op == OCI_CMP_EQ)
		add_range(ret, v, v);
}

static void add_mask(struct masks *set, uint64_t mask, uint64_t value)
{
	if (set->n == ARGSET_MAX) {
		set->full = true;
		return;
	}
	set->part[set->n].mask = mask;
	set->part[set->n++].value = value;
}

/* Cut a range into aligned blocks of a power of two values each. */
static void cut_range(struct range range, struct masks *set)
{
	for (;;) {
		uint64_t low =
			0; /* the bits that are free in the block that begins at range.first */

		while (low != UINT64_MAX && (range.first & (low << 1 | 1)) == 0 &&
		       (low << 1 | 1) <= range.last - range.first)
			low = low << 1 | 1;
		add_mask(set, ~low, range.first);
		if (low == range.last - range.first)
			return;
		range.first += low + 1;
	}
}

static void masks_of(const struct seccomp_arg *arg, bool negate, struct masks *ret)
{
	struct ranges ranges;

	ret->n = 0;
	ret->full = false;
	if (arg == NULL) {
		add_mask(ret, 0, 0);
	} else if (arg->op != OCI_CMP_MASKED_EQ) {
		ranges_of(arg, negate, &ranges);
		for (size_t i = 0; i < ranges.n; i++)
			cut_range(ranges.part[i], ret);
	} else if (!negate) {
		add_mask(ret, arg->value, arg->value_two & arg->value);
	} else {
		for (uint64_t bit = 1; bit != 0; bit <<= 1)
			if (arg->value & bit)
				add_mask(ret, bit, ~arg->value_two & bit);
	}
}

static void add_part(struct argset *set, enum oci_cmp op, uint64_t value, uint64_t value_two)
{
	if (set->n == ARGSET_MAX) {
		set->full = true;
		return;
	}
	set->part[set->n++] =
		(struct seccomp_arg){.op = op, .value = value, .value_two = value_two};
}

static void write_mask(uint64_t mask, uint64_t value, struct argset *set)
{
	if (mask == UINT64_MAX)
		add_part(set, OCI_CMP_EQ, value, 0);
	else
		add_part(set, OCI_CMP_MASKED_EQ, mask, value);
}

static void write_range(struct range range, struct argset *set)
{
	struct masks masks = {0};

	if (range.first == range.last) {
		add_part(set, OCI_CMP_EQ, range.first, 0);
	} else if (range.first == 0) {
		add_part(set, OCI_CMP_LE, range.last, 0);
	} else if (range.last == UINT64_MAX) {
		add_part(set, OCI_CMP_GE, range.first, 0);
	} else {
		cut_range(range, &masks);
		for (size_t i = 0; i < masks.n; i++)
			write_mask(masks.part[i].mask, masks.part[i].value, set);
	}
}

static void intersect_ranges(const struct seccomp_arg *a, const struct seccomp_arg *b,
			     bool without_b, struct argset *set)
{
	struct ranges in_a = {1, {{0, UINT64_MAX}}}, in_b;

	if (a != NULL)
		ranges_of(a, false, &in_a);
	ranges_of(b, without_b, &in_b);
	/* All values but one: a single NE condition. */
	if (a == NULL && in_b.n == 2) {
		add_part(set, OCI_CMP_NE, b->value, 0);
		return;
	}
	for (size_t i = 0; i < in_a.n; i++) {
		for (size_t j = 0; j < in_b.n; j++) {
			struct range x = in_a.part[i], y = in_b.part[j];
			struct range both = {x.first > y.first ? x.first : y.first,
					     x.last < y.last ? x.last : y.last};

			if (both.first <= both.last)
				write_range(both, set);
		}
	}
}

static void intersect_masks(const struct seccomp_arg *a, const struct seccomp_arg *b,
			    bool without_b, struct argset *set)
{
	struct masks in_a, in_b;

	masks_of(a, false, &in_a);
	masks_of(b, without_b, &in_b);
	set->full = in_a.full || in_b.full;
	for (size_t i = 0; i < in_a.n; i++) {
		for (size_t j = 0; j < in_b.n; j++) {
			uint64_t common = in_a.part[i].mask & in_b.part[j].mask;

			if (((in_a.part[i].value ^ in_b.part[j].value) & common) == 0)
				write_mask(in_a.part[i].mask | in_b.part[j].mask,
					   in_a.part[i].value | in_b.part[j].value, set);
		}
	}
}

void argset_intersect(const struct seccomp_arg *a, const struct seccomp_arg *b, bool without_b,
		      struct argset *ret_set)
{
	ret_set->n = 0;
	ret_set->full = false;
	if (b->op != OCI_CMP_MASKED_EQ && (a == NULL || a->op != OCI_CMP_MASKED_EQ))
		intersect_ranges(a, b, without_b, ret_set);
	else
		intersect_masks(a, b, without_b, ret_set);
}

/* ---- conditions on several arguments ---- */

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
	const struct seccomp_arg *arg = *cursor != NULL ? *cursor : rule->args;

	if (arg == &end)
		return false;
	*ret_conjunction = (struct conjunction){0};
	if (seccomp_args_alternate(rule->args)) {
		add_condition(ret_conjunction, arg);
		arg = arg->next;
	} else {
		for (; arg != NULL; arg = arg->next)
			add_condition(ret_conjunction, arg);
	}
	*cursor = arg != NULL ? arg : &end;
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

/* Add to `out` what is in `a` and not in `b`: for each condition of `b`, what is in `a` and fails
 * it. */
static void add_difference(const struct conjunction *a, const struct conjunction *b,
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
			add_difference(&in->part[i], b, out);
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
