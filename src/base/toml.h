/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading TOML (toml.io, 1.0, and what 1.1 adds) for single values: where the engines' own
 * configuration says which profile is their default. Everything has to be TOML as far as it decides
 * where a value begins and ends; strings are unescaped, other values are passed over. That a key is
 * written twice is for the caller to see. Pure.
 */
#ifndef SECCOMP_GUARD_BASE_TOML_H
#define SECCOMP_GUARD_BASE_TOML_H

#include "base/base.h"

/* Tables in tables, arrays in arrays. */
#define TOML_MAX_DEPTH 16

struct toml_value {
	bool is_string;
	struct span str; /* unescaped; empty for other values */
	size_t pos;      /* offset of the value in the text */
};

/*
 * Called for each value that has a path of keys: path[0] to path[n - 1], unescaped. What is in an
 * array, or in an array of tables, has none. Returns 0, or -1 with a message; the position is
 * added.
 */
typedef int toml_visit(void *ctx, const struct span *path, size_t n, const struct toml_value *value,
		       struct error *err);

/* Strings live in `arena`, or in `text`. Fails, with an offset, on what is not TOML. */
int toml_scan(struct span text, struct arena *arena, toml_visit *visit, void *ctx,
	      struct error *err);

#endif
