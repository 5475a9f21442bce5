/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking up values in TOML (toml.io, 1.0, and what 1.1 adds), the language of the engines' own
 * configuration files. The text has to be TOML as far as that decides where a value begins and
 * ends. Strings are unescaped, other values are skipped. A key that is written twice is reported
 * twice. Pure.
 */
#ifndef SECCOMP_GUARD_BASE_TOML_H
#define SECCOMP_GUARD_BASE_TOML_H

#include "base/base.h"

/* Tables in tables, arrays in arrays. */
#define TOML_MAX_DEPTH 16

struct toml_value {
	bool is_string;
	bool is_header;  /* the header of a table, for toml_scan_all() alone */
	struct span str; /* unescaped; empty for other values */
	size_t pos;      /* offset of the value, or of the header, in the text */
	size_t end;      /* and of what is behind it */
};

/*
 * Called for each value with its path of keys, path[0] to path[n - 1], unescaped. Values inside an
 * array or an array of tables have no path, and are not reported. Returns 0, or -1 with a message,
 * to which the value's position is added.
 */
typedef int toml_visit(void *ctx, const struct span *path, size_t n, const struct toml_value *value,
		       struct error *err);

/* Strings live in `arena` or in `text`. A text that is not TOML is an error with an offset. */
int toml_scan(struct span text, struct arena *arena, toml_visit *visit, void *ctx,
	      struct error *err);

/* The same with the headers as well, [table] and [[element of an array of tables]]. */
int toml_scan_all(struct span text, struct arena *arena, toml_visit *visit, void *ctx,
		  struct error *err);

#endif
