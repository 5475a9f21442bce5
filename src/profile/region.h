/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regions of a call's arguments: unions of conjunctions of conditions, which is how libseccomp sees
 * the conditions of a rule. OCI can say "a0 != 16", but not "a0 != 16 and a0 != 40": two conditions
 * on one argument in one rule are alternatives. What is left of a region when a part is taken out
 * is therefore written as several conjunctions, for rules of their own.
 */
#ifndef SECCOMP_GUARD_PROFILE_REGION_H
#define SECCOMP_GUARD_PROFILE_REGION_H

#include "oci/seccomp-rule.h"

/* ---- values of one argument, as a union of conditions ---- */

/* A range takes up to 126 masks, an inequality 64. */
#define ARGSET_MAX 192

struct argset {
	size_t n;
	bool full; /* there would have been more */
	struct seccomp_arg part[ARGSET_MAX];
};

/* The values for which `a` (NULL: always) holds and `b` holds, or with `without_b` does not. Parts
 * may overlap. */
void argset_intersect(const struct seccomp_arg *a, const struct seccomp_arg *b, bool without_b,
		      struct argset *ret_set);

/* ---- conditions on several arguments ---- */

/* One condition for an argument at most, all of which must hold. Without any it holds always. */
struct conjunction {
	unsigned int used; /* bit = argument */
	struct seccomp_arg arg[OCI_MAX_ARGS];
};

/*
 * The conjunctions that `rule` stands for: one, or, where an argument occurs twice, one for each
 * condition. To be called with *cursor NULL at first; false when there are no more. A rule without
 * conditions has one, which is empty.
 */
bool conjunction_next(const struct seccomp_rule *rule, const struct seccomp_arg **cursor,
		      struct conjunction *ret_conjunction);

/* Are they written alike? */
bool conjunction_equal(const struct conjunction *a, const struct conjunction *b);

/* Is there no argument for which both hold? "Yes" is certain. */
bool conjunction_disjoint(const struct conjunction *a, const struct conjunction *b);

/* A union. More parts than these are not worth their instructions. */
#define REGION_MAX 128

struct region {
	size_t n;
	bool full; /* there would have been more */
	struct conjunction part[REGION_MAX];
};

void region_add(struct region *region, const struct conjunction *conjunction);

/* Add to `out` what is in both. */
void region_add_intersection(const struct conjunction *a, const struct conjunction *b,
			     struct region *out);

/* Take `b` out of *from; the result is in *spare, and the two change places. Returns whether that
 * made a difference. */
bool region_cut(struct region **from, struct region **spare, const struct conjunction *b);

/* The conditions of `conjunction` as a list in the order of the arguments. -1: the arena is
 * exhausted. */
int conjunction_list(const struct conjunction *conjunction, struct arena *arena,
		     struct seccomp_arg **ret_args);

#endif
