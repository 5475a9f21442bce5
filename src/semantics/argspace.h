/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known about the value of one system call argument, when some conditions hold and others
 * do not: a range, some bits, and patterns that it does not match. Says exactly whether any value
 * is left, so that two profiles can be compared region by region and never by samples.
 */
#ifndef SECCOMP_GUARD_SEMANTICS_ARGSPACE_H
#define SECCOMP_GUARD_SEMANTICS_ARGSPACE_H

#include "oci/seccomp.h"

/*
 * One condition as libseccomp tests it: of MASKED_EQ the bits of `value` that `mask` lacks are
 * dropped (src/db.c, _db_node_mask_fixup), so it can always be true; of other operators `mask` has
 * all bits of the argument.
 */
struct argspace_condition {
	uint32_t index;
	enum oci_cmp op;
	uint64_t mask;
	uint64_t value;
};

/* (x & mask) != value */
struct argspace_not {
	const struct argspace_not *next;
	uint64_t mask;
	uint64_t value;
};

struct argspace {
	uint64_t low, high;              /* both are in */
	uint64_t mask, value;            /* (x & mask) == value */
	const struct argspace_not *nots; /* owned by who added them */
};

/* What `arg` tests of arguments that are 64 or, with `narrow`, 32 bits wide. */
struct argspace_condition argspace_condition(const struct seccomp_arg *arg, bool narrow);

/* Are they the same test of the same argument? */
static inline bool argspace_condition_eq(const struct argspace_condition *a,
					 const struct argspace_condition *b)
{
	return a->index == b->index && a->op == b->op && a->mask == b->mask && a->value == b->value;
}

/* Does the condition hold for this argument? */
bool argspace_holds(const struct argspace_condition *condition, uint64_t x);

/* Every value of an argument. */
struct argspace argspace_all(bool narrow);

/*
 * *space without the values for which `condition` does not hold, or with !holds those for which it
 * does. `node` is linked in if it is needed and has to stay as long as the space.
 */
void argspace_restrict(struct argspace *space, const struct argspace_condition *condition,
		       bool holds, struct argspace_not *node);

/*
 * 1 and a value that is left, 0 when none is, -1 when finding out would take more than *steps,
 * which is counted down. The value is the smallest one where only ranges and equalities are
 * involved.
 */
int argspace_find(const struct argspace *space, unsigned long *steps, uint64_t *ret_value);

#endif
