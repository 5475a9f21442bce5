/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yajl's callbacks drive a stack of frames, one for each open object or array. A frame knows the
 * table that describes its value; without a table, everything below is only checked for being JSON.
 */
#include "base/json-scan.h"

#include "base/jsontext.h"
#include "base/number.h"
#include "base/suggest.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>

#include <yajl/yajl_parse.h>

struct frame {
	const struct json_schema *schema; /* NULL: not looked into */
	const struct json_field
		*field;   /* the member whose value comes next or is open; NULL: skipped */
	uint64_t seen;    /* fields that were written, even as null */
	uint64_t present; /* fields that have a value */
	size_t start;     /* offset of the opening bracket */
	size_t members;
};

struct walker {
	struct span text;
	const struct json_form *form;
	struct arena *arena;
	void *ctx;
	struct error *err;
	yajl_handle yajl;
	jmp_buf out_of_memory;
	size_t token_end; /* offset behind the last token that had a callback */
	bool at_end;      /* yajl has seen all of the text */
	size_t depth;
	struct frame frame[JSON_MAX_DEPTH];
};

static const char *const type_names[] = {
	[JSON_NULL] = "null",       [JSON_BOOL] = "a boolean",   [JSON_NUMBER] = "a number",
	[JSON_STRING] = "a string", [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array",
};

static const struct {
	const char *name;
	enum json_type type;
} wants[] = {
	[JSON_WANT_ANY] = {"any value", JSON_NULL},
	[JSON_WANT_BOOL] = {"a boolean", JSON_BOOL},
	[JSON_WANT_UINT32] = {"a decimal integer from 0 to 4294967295", JSON_NUMBER},
	[JSON_WANT_UINT64] = {"a decimal integer from 0 to 18446744073709551615", JSON_NUMBER},
	[JSON_WANT_STRING] = {"a string", JSON_STRING},
	[JSON_WANT_OBJECT] = {"an object", JSON_OBJECT},
	[JSON_WANT_ARRAY] = {"an array", JSON_ARRAY},
};

/* ---- memory for yajl ---- */

/*
 * yajl does not check what its allocator returns (yajl TODO), so exhaustion leaves by longjmp.
 * Blocks carry their size, for realloc; the one on top of the arena grows in place, which is all
 * that yajl's buffers need.
 */
struct block {
	_Alignas(max_align_t) size_t size;
};

static void *block_alloc(void *ctx, size_t size)
{
	struct walker *w = ctx;
	struct block *b =
		size < SIZE_MAX - sizeof(*b) ? arena_alloc(w->arena, sizeof(*b) + size) : NULL;

	if (b == NULL)
		longjmp(w->out_of_memory, 1);
	b->size = size;
	return b + 1;
}

static void *block_realloc(void *ctx, void *old, size_t size)
{
	struct walker *w = ctx;
	struct block *b = old ? (struct block *)old - 1 : NULL;
	void *fresh;

	if (b == NULL)
		return block_alloc(ctx, size);
	if ((char *)old + b->size == w->arena->base + w->arena->used)
		w->arena->used -= sizeof(*b) + b->size;
	fresh = block_alloc(ctx, size);
	if (fresh != old)
		memcpy(fresh, old, b->size < size ? b->size : size);
	return fresh;
}

static void block_free(void *ctx, void *p)
{
	(void)ctx;
	(void)p;
}

/* ---- errors ---- */

/* "linux.seccomp.syscalls[3].args[0].op" for the value that is being read. */
static const char *path_text(const struct walker *w, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < w->depth && used < size; i++) {
		const struct frame *f = &w->frame[i];

		if (f->schema == NULL || f->field == NULL)
			break;
		if (f->schema->shape == JSON_LIST)
			used += (size_t)snprintf(out + used, size - used, "[%zu]", f->members - 1);
		else if (f->schema->shape == JSON_STRUCT)
			used += (size_t)snprintf(out + used, size - used, "%s%s", used ? "." : "",
						 f->field->name);
	}
	return out;
}

/* Put the path and, if there is none yet, the offset into the walker's error; returns 0, which
 * stops yajl. */
static int fail(struct walker *w, size_t pos)
{
	char path[160];

	if (!w->err->has_pos) {
		w->err->pos = pos;
		w->err->has_pos = true;
	}
	path_text(w, path, sizeof(path));
	if (path[0] != '\0')
		error_prefix(w->err, "%s", path);
	return 0;
}

/* ---- keys ---- */

/* The offset for a message about a key: that of its opening quote. A key with escapes lies in
 * yajl's buffer and not in the text; then the offset behind it has to do. */
static size_t key_offset(const struct walker *w, struct span key)
{
	uintptr_t p = (uintptr_t)key.p, text = (uintptr_t)w->text.p;

	return p > text && p < text + w->text.n ? p - text - 1 : w->token_end;
}

static int unknown_key(struct walker *w, const struct json_schema *schema, struct span key)
{
	struct suggestion near = suggest(key);
	char shown[SPAN_SHOWN];

	text_printable(key, shown, sizeof(shown));
	for (size_t i = 0; i < schema->n_fields && !w->form->own && !w->form->fold; i++) {
		if (!json_key_folds_to(key, schema->fields[i].name))
			continue;
		error_set(w->err, "key \"%s\" is \"%s\" for some runtimes and unknown to others",
			  shown, schema->fields[i].name);
		return fail(w, key_offset(w, key));
	}
	if (schema->closed) {
		for (size_t i = 0; i < schema->n_fields; i++)
			suggest_try(&near, span_of(schema->fields[i].name));
		error_set(w->err, "unknown key \"%s\"", shown);
		error_suggest(w->err, &near);
		return fail(w, key_offset(w, key));
	}
	return 1;
}

static bool is_key(const struct walker *w, struct span key, const char *name)
{
	if (w->form->fold)
		return json_key_folds_to(key, name) && memchr(key.p, '\0', key.n) == NULL;
	/* Most are told apart by their first letter. */
	return key.n > 0 && key.p[0] == name[0] && span_eq(key, span_of(name));
}

static int struct_key(struct walker *w, struct frame *f, struct span key)
{
	for (size_t i = 0; i < f->schema->n_fields; i++) {
		const struct json_field *field = &f->schema->fields[i];

		if (!is_key(w, key, field->name))
			continue;
		if (f->seen & UINT64_C(1) << i) {
			error_set(w->err, "key \"%s\" is written twice%s", field->name,
				  w->form->own ? "" : ", and runtimes differ in which one counts");
			return fail(w, key_offset(w, key));
		}
		f->seen |= UINT64_C(1) << i;
		f->field = field;
		return 1;
	}
	return unknown_key(w, f->schema, key);
}

static int on_map_key(void *ctx, const unsigned char *str, size_t len)
{
	struct walker *w = ctx;
	struct frame *f = &w->frame[w->depth - 1];
	struct span key = {(const char *)str, len};

	w->token_end = yajl_get_bytes_consumed(w->yajl);
	f->field = NULL;
	f->members++;
	if (f->schema == NULL)
		return 1;
	if (f->schema->shape == JSON_STRUCT)
		return struct_key(w, f, key);
	if (memchr(str, '\0', len) != NULL) {
		error_set(w->err, "%s: a key contains \\u0000%s", f->schema->what,
			  w->form->own ? "" : ", at which some runtimes cut it");
		return fail(w, key_offset(w, key));
	}
	f->field = &f->schema->fields[0];
	return f->schema->key == NULL || f->schema->key(w->ctx, key, w->err) == 0 ||
	       fail(w, key_offset(w, key));
}

/* ---- values ---- */

/* The field that the coming value belongs to, or NULL if it is skipped. */
static const struct json_field *next_field(struct walker *w)
{
	struct frame *f = &w->frame[w->depth - 1];

	if (f->schema == NULL) {
		f->members++; /* only to know whether there are any: members of an object count
				 twice */
	} else if (f->schema->shape == JSON_LIST) {
		f->members++;
		f->field = &f->schema->fields[0];
	}
	return f->field;
}

/* Is `value` what `field` wants? Sets value->num. */
static bool value_fits(const struct json_field *field, struct json_value *value)
{
	if (field->want == JSON_WANT_ANY)
		return true;
	if (value->type != wants[field->want].type)
		return false;
	if (field->want == JSON_WANT_UINT32)
		return number_parse(value->raw, 10, UINT32_MAX, &value->num);
	if (field->want == JSON_WANT_UINT64)
		return number_parse(value->raw, 10, UINT64_MAX, &value->num);
	return true;
}

static int wrong_type(struct walker *w, const struct json_field *field,
		      const struct json_value *value)
{
	char shown[40] = "";

	if (value->type == JSON_NUMBER)
		text_printable(value->raw, shown, sizeof(shown));
	error_set(w->err, "must be %s, not %s%s%s", wants[field->want].name,
		  type_names[value->type], shown[0] ? " like " : "", shown);
	return fail(w, (size_t)(value->raw.p - w->text.p));
}

static void mark_present(struct frame *f)
{
	if (f->schema->shape == JSON_STRUCT)
		f->present |= UINT64_C(1) << (f->field - f->schema->fields);
}

static int null_value(struct walker *w, const struct json_field *field,
		      const struct json_value *value)
{
	const struct json_schema *schema = w->frame[w->depth - 1].schema;

	if (schema->closed)
		return wrong_type(w, field, value);
	if (schema->shape == JSON_STRUCT || field->null_too)
		return !field->null_too || field->set(w->ctx, value, w->err) == 0 ||
		       fail(w, w->token_end);
	error_set(w->err, "null is not a value here");
	return fail(w, (size_t)(value->raw.p - w->text.p));
}

/* A value that is complete: scalars from their token, containers from their end. */
static int deliver(struct walker *w, const struct json_field *field, struct json_value *value)
{
	struct frame *f = &w->frame[w->depth - 1];

	if (value->type == JSON_STRING && field->want == JSON_WANT_STRING &&
	    memchr(value->str.p, '\0', value->str.n) != NULL) {
		error_set(w->err, "contains \\u0000%s",
			  w->form->own ? "" : ", at which some runtimes cut a string");
		return fail(w, (size_t)(value->raw.p - w->text.p));
	}
	mark_present(f);
	if (f->schema->seen != NULL)
		f->schema->seen(w->ctx, (size_t)(field - f->schema->fields), value);
	return field->set == NULL || field->set(w->ctx, value, w->err) == 0 ||
	       fail(w, (size_t)(value->raw.p - w->text.p));
}

static int scalar(struct walker *w, struct json_value *value)
{
	const struct json_field *field;

	if (w->depth == 0) {
		error_at(w->err, 0, "must be a JSON object, not %s", type_names[value->type]);
		return 0;
	}
	field = next_field(w);
	if (field == NULL)
		return 1;
	if (value->type == JSON_NULL)
		return null_value(w, field, value);
	if (!value_fits(field, value))
		return wrong_type(w, field, value);
	return deliver(w, field, value);
}

/* The raw span of a token of `len` bytes that ends where yajl stands. */
static struct span token_span(struct walker *w, size_t len)
{
	w->token_end = yajl_get_bytes_consumed(w->yajl);
	return (struct span){w->text.p + w->token_end - len, len};
}

static int on_null(void *ctx)
{
	struct json_value value = {.type = JSON_NULL, .raw = token_span(ctx, 4)};

	return scalar(ctx, &value);
}

static int on_boolean(void *ctx, int boolean)
{
	struct json_value value = {
		.type = JSON_BOOL, .boolean = boolean, .raw = token_span(ctx, boolean ? 4 : 5)};

	return scalar(ctx, &value);
}

static int on_number(void *ctx, const char *digits, size_t len)
{
	struct walker *w = ctx;
	struct json_value value = {.type = JSON_NUMBER};

	(void)digits;
	/* To end a number at the end of the text yajl reads blanks of its own, which it counts as
	 * consumed. */
	if (w->at_end && w->depth > 0) {
		error_at(w->err, w->text.n, "not valid JSON: the text ends too early");
		return 0;
	}
	value.raw = w->at_end ? w->text : token_span(w, len);
	return scalar(w, &value);
}

static int on_string(void *ctx, const unsigned char *str, size_t len)
{
	struct walker *w = ctx;
	struct json_value value = {.type = JSON_STRING, .str = {(const char *)str, len}};
	size_t start = w->token_end;

	w->token_end = yajl_get_bytes_consumed(w->yajl);
	/* yajl unescapes a string with escapes into a buffer of its own. In the text such a string
	 * begins at the first quote behind the last token. */
	if (value.str.p >= w->text.p && value.str.p <= w->text.p + w->text.n)
		start = w->token_end - len - 2;
	else
		while (start < w->token_end && w->text.p[start] != '"')
			start++;
	value.raw = (struct span){w->text.p + start, w->token_end - start};
	return scalar(ctx, &value);
}

static int on_open(struct walker *w, enum json_type type)
{
	static const struct json_field root_field = {.name = "", .want = JSON_WANT_OBJECT};
	struct json_value value = {.type = type, .raw = token_span(w, 1)};
	const struct json_field *field = w->depth > 0 ? next_field(w) : &root_field;
	const struct json_schema *schema;

	if (w->depth == JSON_MAX_DEPTH) {
		error_set(w->err, "nested deeper than %d levels", JSON_MAX_DEPTH);
		return fail(w, w->token_end - 1);
	}
	if (field != NULL && !value_fits(field, &value))
		return wrong_type(w, field, &value);
	if (w->depth == 0)
		schema = w->form->root;
	else
		schema = field != NULL && (field->want != JSON_WANT_ANY || type == JSON_OBJECT)
				 ? field->child
				 : NULL;
	w->frame[w->depth++] = (struct frame){.schema = schema, .start = w->token_end - 1};
	return schema == NULL || schema->begin == NULL || schema->begin(w->ctx, w->err) == 0 ||
	       fail(w, w->token_end - 1);
}

static int on_start_map(void *ctx)
{
	return on_open(ctx, JSON_OBJECT);
}

static int on_start_array(void *ctx)
{
	return on_open(ctx, JSON_ARRAY);
}

static int check_required(struct walker *w, struct frame *f)
{
	if (f->schema == NULL || f->schema->shape != JSON_STRUCT)
		return 1;
	f->field = NULL;
	for (size_t i = 0; i < f->schema->n_fields; i++) {
		if (!f->schema->fields[i].required || f->present & UINT64_C(1) << i)
			continue;
		error_set(w->err, "required key \"%s\" is missing", f->schema->fields[i].name);
		return fail(w, f->start);
	}
	return 1;
}

static int on_close(struct walker *w, enum json_type type)
{
	struct frame *f = &w->frame[w->depth - 1];
	struct json_value value = {.type = type, .empty = f->members == 0};

	w->token_end = yajl_get_bytes_consumed(w->yajl);
	value.raw = (struct span){w->text.p + f->start, w->token_end - f->start};
	if (!check_required(w, f))
		return 0;
	w->depth--;
	f = w->depth > 0 ? &w->frame[w->depth - 1] : NULL;
	return f == NULL || f->field == NULL || deliver(w, f->field, &value);
}

static int on_end_map(void *ctx)
{
	return on_close(ctx, JSON_OBJECT);
}

static int on_end_array(void *ctx)
{
	return on_close(ctx, JSON_ARRAY);
}

/* ---- the text as a whole ---- */

static int syntax_error(struct walker *w, const unsigned char *text)
{
	unsigned char *message = yajl_get_error(w->yajl, 0, text, w->text.n);
	size_t n = strcspn((const char *)message, "\n");

	return error_at(w->err, w->at_end ? w->text.n : yajl_get_bytes_consumed(w->yajl),
			"not valid JSON: %.*s", (int)n, (const char *)message);
}

static int parse(struct walker *w)
{
	static const yajl_callbacks callbacks = {
		.yajl_null = on_null,
		.yajl_boolean = on_boolean,
		.yajl_number = on_number,
		.yajl_string = on_string,
		.yajl_start_map = on_start_map,
		.yajl_map_key = on_map_key,
		.yajl_end_map = on_end_map,
		.yajl_start_array = on_start_array,
		.yajl_end_array = on_end_array,
	};
	yajl_alloc_funcs memory = {block_alloc, block_realloc, block_free, w};
	const unsigned char *text = (const unsigned char *)w->text.p;
	yajl_status status;

	if (setjmp(w->out_of_memory) != 0)
		return error_set(w->err, "needs more memory than its limit allows");
	w->yajl = yajl_alloc(&callbacks, &memory, w);
	/* json_check_bytes() has checked the bytes already, by a stricter rule. */
	yajl_config(w->yajl, yajl_dont_validate_strings, 1);
	yajl_config(w->yajl, yajl_allow_comments, w->form->own);
	status = yajl_parse(w->yajl, text, w->text.n);
	if (status == yajl_status_ok) {
		w->at_end = true;
		status = yajl_complete_parse(w->yajl);
	}
	if (status == yajl_status_ok)
		return 0;
	return status == yajl_status_error ? syntax_error(w, text) : -1;
}

int json_scan(struct span text, const struct json_form *form, struct arena *arena, void *ctx,
	      struct error *err)
{
	struct walker w = {.text = text, .form = form, .arena = arena, .ctx = ctx, .err = err};
	size_t used = arena->used;
	int r;

	err->has_pos = false;
	if (text.n == 0)
		return error_at(err, 0, "is empty");
	if (json_check_bytes(text, err) < 0)
		return -1;
	r = parse(&w);
	arena->used = used;
	return r;
}
