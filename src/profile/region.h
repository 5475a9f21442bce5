/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of values of one system call argument, as unions of conditions. OCI can say "a0 != 16", but
 * not "a0 != 16 and a0 != 40": two conditions on one argument in one rule are alternatives. What is
 * left of a set when a part is taken out is therefore written as several conditions, for rules of
 * their own.
 */
#ifndef SECCOMP_GUARD_PROFILE_REGION_H
#define SECCOMP_GUARD_PROFILE_REGION_H

#include "oci/seccomp.h"

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

#endif
