/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that src/flavor/profiles/generate.py writes to reference.gen.c. For reference.c only.
 */
#ifndef SECCOMP_GUARD_SEMANTICS_REFERENCE_INTERNAL_H
#define SECCOMP_GUARD_SEMANTICS_REFERENCE_INTERNAL_H

#include "oci/seccomp.h"
#include "flavor/flavor-internal.h"
#include "syscall/syscall.h"

/* Let through whatever the arguments, when the condition holds. */
struct reference_group {
	struct profile_condition condition;
	struct syscall_set calls;
};

#define REFERENCE_CONDITIONS 2

/* What a call with these arguments gets, when the condition holds and no earlier rule has spoken.
 */
struct reference_rule {
	struct profile_condition condition;
	uint16_t call; /* index of the name */
	bool permits;
	uint8_t n_args;
	struct {
		uint8_t index;
		uint8_t op; /* enum oci_cmp */
		uint64_t value, value_two;
	} args[REFERENCE_CONDITIONS];
};

struct reference_flavor {
	uint16_t first_group, n_groups; /* in reference_groups */
	uint16_t first_rule, n_rules;   /* in reference_rules */
	struct syscall_set sandbox;     /* of a pod's sandbox also these, whatever the arguments */
};

extern const struct reference_group reference_groups[];
extern const struct reference_rule reference_rules[];
extern const struct reference_flavor reference_flavors[PROFILE_FLAVORS];

#endif
