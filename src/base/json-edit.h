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

/*
 * The value at `path`: its text in `text`, and for a string its meaning, which lives in `arena`.
 * ret_raw->p is NULL when there is none. ret_str may be NULL.
 */
int json_find(struct span text, struct json_path path, struct arena *arena, struct span *ret_raw,
	      struct span *ret_str, struct error *err);

typedef int json_each(void *ctx, struct span key, struct span raw, struct error *err);

/* Call `each` with every member of the object that is all of `text`. */
int json_members(struct span text, struct arena *arena, json_each *each, void *ctx,
		 struct error *err);

/*
 * The value at `path` becomes `literal`, which is JSON: in the place of the old one, or as the last
 * member, indented as the members before it are. Objects on the way are made where they are
 * missing.
 */
int json_edit_set(struct span text, struct json_path path, const char *literal, struct arena *arena,
		  struct span *ret_text, struct error *err);

/* Without the member at `path`, and without the comma that parted it from others. */
int json_edit_unset(struct span text, struct json_path path, struct arena *arena,
		    struct span *ret_text, struct error *err);

#endif
