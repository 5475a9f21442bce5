/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that src/flavor/profiles/generate.py writes to flavor.gen.c. For flavor.c, and
 * reference.c whose rows have the same conditions. */
#ifndef SECCOMP_GUARD_FLAVOR_FLAVOR_INTERNAL_H
#define SECCOMP_GUARD_FLAVOR_FLAVOR_INTERNAL_H

#include "flavor/flavor.h"

/* All of this must hold for the container. */
struct profile_condition {
	uint64_t caps_any;     /* one of these is in the bounding set; 0: none is needed */
	uint64_t caps_none;    /* none of these is in it */
	uint32_t arches;       /* bit = enum profile_arch */
	uint32_t kernel_min;   /* PROFILE_KERNEL, and */
	uint32_t kernel_below; /* below this one */
};

/* Text that belongs to a resolved profile when the condition holds. */
struct profile_piece {
	struct profile_condition condition;
	uint16_t offset; /* in profile_texts */
	uint16_t length;
};

struct profile_flavor_data {
	const char *name;
	const char *source;
	const char *date;
	struct {
		uint16_t first, count; /* in profile_pieces */
	} plan[2];                     /* enforce, complain */
	bool absent_caps_hold; /* without process.capabilities every condition on them holds */
};

/* Each flavor whole, in the form of Docker's own profile. */
extern const char *const profile_files[PROFILE_FLAVORS];

extern const char profile_texts[];
extern const struct profile_piece profile_pieces[];
extern const struct profile_flavor_data profile_flavors[PROFILE_FLAVORS];

bool profile_condition_holds(enum profile_flavor flavor, const struct profile_condition *condition,
			     const struct profile_target *target);

#endif
