/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing a TOML text that a person wrote: single values and whole tables, every other byte stays.
 * Pure. What is written in forms that are not understood as tables (dotted keys, inline tables,
 * where a header would now define the same thing twice) is left for the engine that reads the file
 * to refuse: who changes its configuration asks it.
 */
#ifndef SECCOMP_GUARD_BASE_TOML_EDIT_H
#define SECCOMP_GUARD_BASE_TOML_EDIT_H

#include "base/toml.h"

/* A path of keys: {"crio", "runtime", "default_runtime"}. */
struct toml_path {
	const char *const *keys;
	size_t n;
};

#define TOML_PATH(...)                                                                             \
	((struct toml_path){(const char *const[]){__VA_ARGS__},                                    \
			    ARRAY_SIZE(((const char *const[]){__VA_ARGS__}))})

/* Does `path` of `n` keys, as toml_scan() gives it, begin with `prefix`? */
bool toml_path_begins(const struct span *path, size_t n, struct toml_path prefix);

/*
 * The value at `path`, as it is written in `text`; ret_raw->p is NULL when there is none. The last
 * one counts where there are two.
 */
int toml_find(struct span text, struct toml_path path, struct arena *arena, struct span *ret_raw,
	      struct error *err);

/* What the string at `path` means; ret_str->p is NULL when no string is there. */
int toml_find_string(struct span text, struct toml_path path, struct arena *arena,
		     struct span *ret_str, struct error *err);

/* Has the text a table of this name: a header, or a value below it? */
int toml_has_table(struct span text, struct toml_path path, struct arena *arena, bool *ret_has,
		   struct error *err);

/*
 * In *text the value at `path` becomes `literal`, which is TOML: in the place of the old one, else
 * on a line of its own behind the header of its table, else in a table that is made at the end of
 * the text. The new text lives in `arena`; on failure *text is the old one.
 */
int toml_edit_set(struct span *text, struct toml_path path, const char *literal,
		  struct arena *arena, struct error *err);

/* *text without the line of the value at `path`, if there is one. */
int toml_edit_unset(struct span *text, struct toml_path path, struct arena *arena,
		    struct error *err);

/* *text without the tables that have a header and whose names begin with `path`, up to the next
 * header. */
int toml_edit_drop(struct span *text, struct toml_path path, struct arena *arena,
		   struct error *err);

#endif
