/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over a JSON text, driven by tables, reporting byte spans. The only module that knows
 * yajl.
 *
 * A caller describes the objects it needs as tables of fields. Everything else has to be JSON and
 * is skipped. Where two readers could understand the same text differently, that is an error, never
 * a guess: runc reads with Go's encoding/json, crun up to 1.27 with yajl, from 1.28 on with json-c.
 * Errors are:
 *  - a key that is written twice in an object whose fields are described,
 *  - a key that equals a described one only when letter case is folded the way Go does (with U+017F
 * as s and U+212A as k) or when it is cut at an embedded NUL the way C does,
 *  - a described field of another type than the table says; null counts as absent, in all three
 * readers,
 *  - numbers in described fields that are not plain decimal integers in the table's range,
 *  - embedded NUL in a described string,
 *  - and in the whole text: control characters, white space other than space, tab, CR and LF, bytes
 * that are not UTF-8 (overlong forms and surrogates included), anything behind the value, nesting
 * deeper than the limit.
 */
#ifndef SECCOMP_GUARD_BASE_JSON_SCAN_H
#define SECCOMP_GUARD_BASE_JSON_SCAN_H

#include "base/base.h"

/* json-c, which crun reads with from 1.28 on, allows 32 levels (JSON_TOKENER_DEFAULT_DEPTH). */
#define JSON_MAX_DEPTH 32

enum json_type {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_OBJECT,
	JSON_ARRAY,
};

/* One value, as a callback sees it. Valid during the callback only, but for spans into the text. */
struct json_value {
	enum json_type type;
	struct span raw; /* the value's bytes in the text; objects and arrays: known at their end */
	struct span str; /* JSON_STRING: the unescaped text, which may lie in a buffer that is used
			    again */
	uint64_t num;    /* JSON_WANT_UINT32, JSON_WANT_UINT64 */
	bool boolean;
	bool empty; /* object or array without members, known in the end callback */
};

/* What a field may hold. */
enum json_want {
	JSON_WANT_ANY, /* any type; an object may be described by `child`, else nothing is looked
			  into */
	JSON_WANT_BOOL,
	JSON_WANT_UINT32, /* plain decimal, 0 to 2^32-1 */
	JSON_WANT_UINT64,
	JSON_WANT_STRING,
	JSON_WANT_OBJECT, /* described by `child` */
	JSON_WANT_ARRAY,  /* elements described by `child` */
};

struct json_schema;

struct json_field {
	const char *name;
	enum json_want want;
	bool required;
	const struct json_schema *child;
	/* Called when the value is complete (objects and arrays: at their end). May be NULL. */
	int (*set)(void *ctx, const struct json_value *value, struct error *err);
	bool null_too; /* call `set` for null as well; else null is as if the key were absent */
};

enum json_shape {
	JSON_STRUCT, /* named fields */
	JSON_MAP,    /* any key; each value is field[0] */
	JSON_LIST,   /* array; each element is field[0] */
};

struct json_schema {
	enum json_shape shape;
	const char *what; /* for messages: "linux.seccomp" */
	const struct json_field *fields;
	size_t n_fields; /* at most 64 */
	bool closed;     /* an unknown key is an error (policy), not skipped (runtime-spec) */
	/* JSON_STRUCT: called with each value of a field, complete and of the right type, before
	 * the field's own `set`. May be NULL. */
	void (*seen)(void *ctx, size_t field, const struct json_value *value);
	/* Called at the opening of each object or array. May be NULL. */
	int (*begin)(void *ctx, struct error *err);
	/* JSON_MAP: called with each unescaped key before its value is seen. */
	int (*key)(void *ctx, struct span key, struct error *err);
};

/* What a text has to be, and how it may be written. */
struct json_form {
	const struct json_schema *root; /* of the value at the top, which is an object */
	bool own;  /* a file of our own, which no runtime reads: the C and C++ forms of comments are
		      allowed, and messages say nothing of runtimes */
	bool fold; /* a file that programs in Go alone read: a key counts in any case, as Go's
		      encoding/json takes it */
};

/*
 * Read `text`, which has `form`. Working memory comes from `arena` and is given back before
 * returning. Errors carry an offset. `ctx` is handed to the callbacks.
 */
int json_scan(struct span text, const struct json_form *form, struct arena *arena, void *ctx,
	      struct error *err);

#endif
