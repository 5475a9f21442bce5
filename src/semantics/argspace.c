/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of argument values under conditions. Pure. */
#include "semantics/argspace.h"

#include "oci/seccomp-rule.h"

struct argspace_condition argspace_condition(const struct seccomp_arg *arg, bool narrow)
{
	uint64_t all = narrow ? UINT32_MAX : UINT64_MAX;
	struct argspace_condition c = {arg->index, arg->op, all, arg->value & all};

	if (arg->op == OCI_CMP_MASKED_EQ) {
		c.mask = arg->value & all;
		c.value = arg->value_two & c.mask;
	}
	return c;
}

bool argspace_holds(const struct argspace_condition *c, uint64_t x)
{
	x &= c->mask;
	switch (c->op) {
	case OCI_CMP_NE:
		return x != c->value;
	case OCI_CMP_LT:
		return x < c->value;
	case OCI_CMP_LE:
		return x <= c->value;
	case OCI_CMP_GE:
		return x >= c->value;
	case OCI_CMP_GT:
		return x > c->value;
	default:
		return x == c->value;
	}
}

struct argspace argspace_all(bool narrow)
{
	return (struct argspace){.low = 0, .high = narrow ? UINT32_MAX : UINT64_MAX};
}

static void make_empty(struct argspace *space)
{
	space->low = 1;
	space->high = 0;
}

/* low <= x. `beyond`: x would have to be larger than the largest number, so there is none. */
static void raise(struct argspace *space, uint64_t low, bool beyond)
{
	if (beyond)
		make_empty(space);
	else if (low > space->low)
		space->low = low;
}

static void lower(struct argspace *space, uint64_t high, bool beyond)
{
	if (beyond)
		make_empty(space);
	else if (high < space->high)
		space->high = high;
}

static void equal(struct argspace *space, uint64_t mask, uint64_t value)
{
	if (((space->value ^ value) & space->mask & mask) != 0)
		make_empty(space);
	space->mask |= mask;
	space->value |= value;
	/* All bits are known: the range is one value, too. */
	if (space->mask == UINT64_MAX || (space->mask == UINT32_MAX && space->high <= UINT32_MAX)) {
		raise(space, space->value, false);
		lower(space, space->value, false);
	}
}

/*
 * (x & mask) != value. Nothing is added if the known bits say so already. If only one bit of the
 * mask is not known yet, it must be the other way round than in `value`: then that bit is known.
 */
static void differ(struct argspace *space, uint64_t mask, uint64_t value, struct argspace_not *node)
{
	uint64_t open = mask & ~space->mask;

	if (((space->value ^ value) & space->mask & mask) != 0)
		return;
	if (open != 0 && (open & (open - 1)) == 0) {
		equal(space, open, ~value & open);
		return;
	}
	for (const struct argspace_not *n = space->nots; n != NULL; n = n->next)
		if (n->mask == mask && n->value == value)
			return;
	*node = (struct argspace_not){space->nots, mask, value};
	space->nots = node;
}

void argspace_restrict(struct argspace *space, const struct argspace_condition *c, bool holds,
		       struct argspace_not *node)
{
	switch (holds ? c->op : oci_cmp_opposite(c->op)) {
	case OCI_CMP_NE:
		differ(space, c->mask, c->value, node);
		break;
	case OCI_CMP_LT:
		lower(space, c->value - 1, c->value == 0);
		break;
	case OCI_CMP_LE:
		lower(space, c->value, false);
		break;
	case OCI_CMP_GE:
		raise(space, c->value, false);
		break;
	case OCI_CMP_GT:
		raise(space, c->value + 1, c->value == UINT64_MAX);
		break;
	default:
		equal(space, c->mask, c->value);
		break;
	}
}

/* The smallest x >= low with (x & mask) == value. */
static bool smallest(const struct argspace *space, uint64_t *ret_value)
{
	uint64_t low = space->low, mask = space->mask, value = space->value;

	if ((low & mask) == value) {
		*ret_value = low;
		return true;
	}
	/* Above bit i as in low, there 1 instead of 0, and below as little as the mask allows. */
	for (unsigned int i = 0; i < 64; i++) {
		uint64_t bit = UINT64_C(1) << i, above = ~(bit | (bit - 1));

		if ((low & bit) == 0 && ((mask & bit) == 0 || (value & bit) != 0) &&
		    ((low ^ value) & mask & above) == 0) {
			*ret_value = (low & above) | bit | (value & (bit - 1));
			return true;
		}
	}
	return false;
}

int argspace_find(const struct argspace *space, unsigned long *steps, uint64_t *ret_value)
{
	const struct argspace_not *hit = space->nots;
	struct argspace rest = *space;
	uint64_t x, open;

	if (space->low > space->high || !smallest(space, &x) || x > space->high)
		return 0;
	for (; hit != NULL && (x & hit->mask) != hit->value; hit = hit->next)
		if ((*steps)-- == 0)
			return -1;
	if (hit == NULL) {
		*ret_value = x;
		return 1;
	}
	/* A value that is left differs from the pattern in a first bit, counted from the lowest. */
	for (open = hit->mask & ~space->mask; open != 0; open &= open - 1) {
		uint64_t bit = open & ~(open - 1);
		int found;

		if ((*steps)-- == 0)
			return -1;
		rest.mask |= bit;
		rest.value = (rest.value & ~bit) | (~hit->value & bit);
		found = argspace_find(&rest, steps, ret_value);
		if (found != 0)
			return found;
		rest.value ^= bit;
	}
	return 0;
}
