/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json-edit.h"

#include "base/json-scan.h"
#include "base/strbuf.h"

/* ---- the members of one object ---- */

struct members {
	json_each *each;
	void *ctx;
	struct span key;
	struct arena *arena;
};

static int take_key(void *ctx, struct span key, struct error *err)
{
	struct members *m = ctx;
	char *copy = arena_strdup(m->arena, key);

	if (copy == NULL)
		return error_set(err, "out of memory");
	m->key = (struct span){copy, key.n};
	return 0;
}

static int take_value(void *ctx, const struct json_value *value, struct error *err)
{
	struct members *m = ctx;

	return m->each(m->ctx, m->key, value->raw, err);
}

int json_members(struct span text, struct arena *arena, json_each *each, void *ctx,
		 struct error *err)
{
	static const struct json_field any = {
		.name = "", .want = JSON_WANT_ANY, .set = take_value, .null_too = true};
	static const struct json_schema schema = {.shape = JSON_MAP,
						  .what = "the object",
						  .fields = &any,
						  .n_fields = 1,
						  .key = take_key};
	struct members m = {each, ctx, {0}, arena};
	const struct json_form form = {.root = &schema};

	return json_scan(text, &form, arena, &m, err);
}

/* ---- looking ---- */

struct found {
	const char *key;
	struct span raw;
};

static int look(void *ctx, struct span key, struct span raw, struct error *err)
{
	struct found *f = ctx;

	if (!span_eq(key, span_of(f->key)))
		return 0;
	if (f->raw.p != NULL)
		return error_set(err, "the key \"%s\" is there twice", f->key);
	f->raw = raw;
	return 0;
}

/* The value of `key` in `object`; p == NULL: it has none. */
static int find_member(struct span object, const char *key, struct arena *arena,
		       struct span *ret_raw, struct error *err)
{
	struct found f = {.key = key};

	if (json_members(object, arena, look, &f, err) < 0)
		return -1;
	*ret_raw = f.raw;
	return 0;
}

static bool is_object(struct span raw)
{
	return raw.n > 0 && raw.p[0] == '{';
}

/* An error inside `part` is one in `text`. */
static int place(struct span text, struct span part, struct error *err)
{
	if (err->has_pos)
		err->pos += (size_t)(part.p - text.p);
	return -1;
}

struct string_value {
	char *p; /* room for all of it: what is taken during a scan is given back at its end */
	size_t n;
};

static int take_string(void *ctx, const struct json_value *value, struct error *err)
{
	struct string_value *s = ctx;

	(void)err;
	memcpy(s->p, value->str.p, value->str.n);
	s->n = value->str.n;
	return 0;
}

/* What the string `raw` means: read as the member of an object made for it. */
static int unescape(struct span raw, struct arena *arena, struct span *ret_str, struct error *err)
{
	static const struct json_field field = {
		.name = "v", .want = JSON_WANT_STRING, .set = take_string};
	static const struct json_schema schema = {
		.shape = JSON_STRUCT, .what = "a string", .fields = &field, .n_fields = 1};
	const struct json_form form = {.root = &schema};
	struct strbuf object = {.arena = arena};
	struct string_value s = {arena_alloc(arena, raw.n), 0};
	struct span text;

	strbuf_add(&object, SPAN("{\"v\":"));
	strbuf_add(&object, raw);
	strbuf_add(&object, SPAN("}"));
	if (s.p == NULL)
		return error_set(err, "out of memory");
	if (strbuf_end(&object, &text, err) < 0 || json_scan(text, &form, arena, &s, err) < 0)
		return -1;
	*ret_str = (struct span){s.p, s.n};
	return 0;
}

int json_find(struct span text, struct json_path path, struct arena *arena, struct span *ret_raw,
	      struct error *err)
{
	struct span raw = text;

	for (size_t i = 0; i < path.n && raw.p != NULL; i++) {
		struct span object = raw;

		if (i > 0 && !is_object(object))
			raw = (struct span){0};
		else if (find_member(object, path.keys[i], arena, &raw, err) < 0)
			return place(text, object, err);
	}
	*ret_raw = raw;
	return 0;
}

int json_find_string(struct span text, struct json_path path, struct arena *arena,
		     struct span *ret_str, struct error *err)
{
	struct span raw;

	if (json_find(text, path, arena, &raw, err) < 0)
		return -1;
	if (raw.n > 0 && raw.p[0] == '"')
		return unescape(raw, arena, ret_str, err);
	*ret_str = (struct span){0};
	return 0;
}

/* ---- changing ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct span slice(struct span text, size_t from, size_t to)
{
	return (struct span){text.p + from, to - from};
}

static struct span trimmed(struct span text)
{
	while (text.n > 0 && is_blank(text.p[text.n - 1]))
		text.n--;
	while (text.n > 0 && is_blank(text.p[0]))
		text = span_skip(text, 1);
	return text;
}

/* The white space before the first member of `object`: how its members are set apart. */
static struct span separator(struct span object)
{
	size_t n = 1;

	while (n < object.n && is_blank(object.p[n]))
		n++;
	return slice(object, 1, n);
}

/* `object` with a member more, behind the last. An object on one line stays on one. */
static void add_member(struct strbuf *out, struct span object, const char *key, const char *literal)
{
	size_t end = object.n - 1;
	bool empty;

	while (end > 1 && is_blank(object.p[end - 1]))
		end--;
	empty = end == 1;
	strbuf_add(out, slice(object, 0, end));
	if (empty) {
		strbuf_printf(out, "\n  \"%s\": %s\n}", key, literal);
		return;
	}
	strbuf_add(out, SPAN(","));
	strbuf_add(out, separator(object).n > 0 ? separator(object) : SPAN(" "));
	strbuf_printf(out, "\"%s\": %s", key, literal);
	strbuf_add(out, slice(object, end, object.n));
}

int json_edit_set(struct span *ref_text, struct json_path path, const char *literal,
		  struct arena *arena, struct error *err)
{
	const struct span text = *ref_text;
	struct strbuf out = {.arena = arena};
	struct span object = trimmed(text), raw = {0}, made;

	/* As deep as the objects on the way are there. */
	for (size_t i = 0; i < path.n; i++) {
		struct strbuf inner = {.arena = arena};

		if (find_member(object, path.keys[i], arena, &raw, err) < 0)
			return place(text, object, err);
		if (raw.p != NULL && i + 1 < path.n && is_object(raw)) {
			object = raw;
			continue;
		}
		if (raw.p != NULL && i + 1 < path.n)
			return error_at(err, (size_t)(raw.p - text.p), "\"%s\" is not an object",
					path.keys[i]);
		for (size_t k = i + 1; k < path.n; k++)
			strbuf_printf(&inner, "{ \"%s\": ", path.keys[k]);
		strbuf_printf(&inner, "%s", literal);
		for (size_t k = i + 1; k < path.n; k++)
			strbuf_add(&inner, SPAN(" }"));
		if (strbuf_end(&inner, &made, err) < 0)
			return -1;
		strbuf_add(&out,
			   slice(text, 0, (size_t)((raw.p != NULL ? raw : object).p - text.p)));
		if (raw.p != NULL)
			strbuf_add(&out, made);
		else
			add_member(&out, object, path.keys[i], made.p);
		raw = raw.p != NULL ? raw : object;
		strbuf_add(&out, slice(text, (size_t)(raw.p + raw.n - text.p), text.n));
		break;
	}
	return strbuf_end(&out, ref_text, err);
}

int json_edit_unset(struct span *ref_text, struct json_path path, struct arena *arena,
		    struct error *err)
{
	const struct span text = *ref_text;
	struct strbuf out = {.arena = arena};
	struct span raw;
	size_t from, to;

	if (json_find(text, path, arena, &raw, err) < 0)
		return -1;
	if (raw.p == NULL)
		return 0;
	/* Back over the colon and the key, which has no quotation mark in it, to what is before. */
	from = (size_t)(raw.p - text.p);
	to = from + raw.n;
	while (text.p[from - 1] != '"')
		from--;
	from--;
	while (text.p[from - 1] != '"')
		from--;
	from--;
	while (is_blank(text.p[from - 1]))
		from--;
	if (text.p[from - 1] == ',') {
		from--;
	} else {
		size_t comma = to;

		while (comma < text.n && is_blank(text.p[comma]))
			comma++;
		if (comma < text.n && text.p[comma] == ',')
			to = comma + 1;
	}
	strbuf_add(&out, slice(text, 0, from));
	strbuf_add(&out, slice(text, to, text.n));
	return strbuf_end(&out, ref_text, err);
}
