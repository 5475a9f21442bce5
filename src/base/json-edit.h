/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing a JSON object that a person wrote: single members, every other byte stays. Pure. What is
 * not JSON, or has a key twice that is looked at, is an error with an offset.
 */
#ifndef SECCOMP_GUARD_BASE_JSON_EDIT_H
#define SECCOMP_GUARD_BASE_JSON_EDIT_H

#include "base/base.h"

/* The path of a member: {"runtimes", "seccomp-guard"}. */
struct json_path {
	const char *const *keys;
	size_t n;
};

#define JSON_PATH(...)                                                                             \
	((struct json_path){(const char *const[]){__VA_ARGS__},                                    \
			    ARRAY_SIZE(((const char *const[]){__VA_ARGS__}))})

/* The value at `path`, as it is written in `text`; ret_raw->p is NULL when there is none. */
int json_find(struct span text, struct json_path path, struct arena *arena, struct span *ret_raw,
	      struct error *err);

/* What the string at `path` means, in `arena`; ret_str->p is NULL when no string is there. */
int json_find_string(struct span text, struct json_path path, struct arena *arena,
		     struct span *ret_str, struct error *err);

typedef int json_each(void *ctx, struct span key, struct span raw, struct error *err);

/* Call `each` with every member of the object that is all of `text`. */
int json_members(struct span text, struct arena *arena, json_each *each, void *ctx,
		 struct error *err);

/*
 * In *text the value at `path` becomes `literal`, which is JSON: in the place of the old one, or as
 * the last member, indented as the members before it are. Objects on the way are made where they
 * are missing. The new text lives in `arena`; on failure *text is the old one.
 */
int json_edit_set(struct span *text, struct json_path path, const char *literal,
		  struct arena *arena, struct error *err);

/* *text without the member at `path`, and without the comma that parted it from others. */
int json_edit_unset(struct span *text, struct json_path path, struct arena *arena,
		    struct error *err);

#endif
