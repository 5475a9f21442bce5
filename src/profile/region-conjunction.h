/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regions of a call's arguments: unions of conjunctions, which is how libseccomp sees a rule's
 * conditions.
 */
#ifndef SECCOMP_GUARD_PROFILE_REGION_CONJUNCTION_H
#define SECCOMP_GUARD_PROFILE_REGION_CONJUNCTION_H

#include "profile/region.h"

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

/* Add to `out` what is in `a` and not in `b`: for each condition of `b`, what is in `a` and fails
 * it. */
void region_add_difference(const struct conjunction *a, const struct conjunction *b,
			   struct region *out);

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
