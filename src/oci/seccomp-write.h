/* SPDX-License-Identifier: Apache-2.0 */
/* A linux.seccomp object as text: the way back from oci/seccomp. */
#ifndef SECCOMP_GUARD_OCI_SECCOMP_WRITE_H
#define SECCOMP_GUARD_OCI_SECCOMP_WRITE_H

#include "oci/seccomp.h"

/*
 * Write `profile` as compact JSON into `arena`: one spelling for each meaning, so that the bytes do
 * not depend on how the profile was written. Keys in the order of runtime-spec's Go structures; a
 * number beside an action that takes none is left out (crun refuses it, runc ignores it), as are
 * rules without names. Fails when the arena is exhausted.
 */
int seccomp_write(const struct seccomp_profile *profile, struct arena *arena, struct span *ret_text,
		  struct error *err);

/*
 * Why there is a rule on a call, for people: the member "comment" of Docker's form, which no
 * runtime knows and each passes over, as the runtime-spec wants (config.md, Extensibility).
 */
struct seccomp_comment {
	struct span name;
	struct span text; /* p == NULL: none */
	/* Only in rules that let it through for one of these values of one argument; 0 of them: in
	 * whatever rule. */
	uint32_t index;
	size_t n_values;
	const uint64_t *values;
	const struct seccomp_comment *next;
};

/* The same, with a comment in each rule that is about one call of the list alone. */
int seccomp_write_commented(const struct seccomp_profile *profile,
			    const struct seccomp_comment *comments, struct arena *arena,
			    struct span *ret_text, struct error *err);

/* One rule; `comment` with p == NULL: none. */
int seccomp_write_rule(const struct seccomp_rule *rule, struct span comment, struct arena *arena,
		       struct span *ret_text, struct error *err);

#endif
