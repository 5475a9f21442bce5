/* SPDX-License-Identifier: Apache-2.0 */
#include "base/toml-edit.h"

#include "base/strbuf.h"

bool toml_path_begins(const struct span *path, size_t n, struct toml_path prefix)
{
	if (n < prefix.n)
		return false;
	for (size_t i = 0; i < prefix.n; i++) {
		if (!span_eq(path[i], span_of(prefix.keys[i])))
			return false;
	}
	return true;
}

/* ---- looking ---- */

/* Where things are: what a scan for one path finds. */
struct places {
	struct span text;
	struct toml_path path;
	bool has_value, has_header, has_below;
	size_t pos, end;         /* of the value */
	struct span str;         /* its meaning, if it is a string */
	size_t header_end;       /* of the table that the value belongs to */
	size_t cut_pos, cut_end; /* of the first table to drop; cut_end 0: none */
	bool cutting;
};

static int look(void *ctx, const struct span *path, size_t n, const struct toml_value *value,
		struct error *err)
{
	struct places *at = ctx;
	bool begins = toml_path_begins(path, n, at->path);

	(void)err;
	at->has_below |= begins;
	if (value->is_header) {
		const struct toml_path table = {at->path.keys, at->path.n - 1};

		if (at->cutting) {
			at->cut_end = value->pos;
			at->cutting = begins;
		} else if (begins && at->cut_end == 0) {
			at->cut_pos = value->pos;
			at->cutting = true;
		}
		if (n == table.n && toml_path_begins(path, n, table) && !at->has_header) {
			at->has_header = true;
			at->header_end = value->end;
		}
	} else if (begins && n == at->path.n) {
		at->has_value = true;
		at->pos = value->pos;
		at->end = value->end;
		at->str = value->is_string ? value->str : (struct span){0};
	}
	return 0;
}

static int find_places(struct span text, struct toml_path path, struct arena *arena,
		       struct places *ret, struct error *err)
{
	struct places at = {.text = text, .path = path};

	if (toml_scan_all(text, arena, look, &at, err) < 0)
		return -1;
	if (at.cutting)
		at.cut_end = text.n;
	*ret = at;
	return 0;
}

int toml_find(struct span text, struct toml_path path, struct arena *arena, struct span *ret_raw,
	      struct error *err)
{
	struct places at;

	if (find_places(text, path, arena, &at, err) < 0)
		return -1;
	*ret_raw =
		at.has_value ? (struct span){text.p + at.pos, at.end - at.pos} : (struct span){0};
	return 0;
}

int toml_find_string(struct span text, struct toml_path path, struct arena *arena,
		     struct span *ret_str, struct error *err)
{
	struct places at;

	if (find_places(text, path, arena, &at, err) < 0)
		return -1;
	*ret_str = at.str;
	return 0;
}

int toml_has_table(struct span text, struct toml_path path, struct arena *arena, bool *ret_has,
		   struct error *err)
{
	struct places at;

	if (find_places(text, path, arena, &at, err) < 0)
		return -1;
	*ret_has = at.has_below;
	return 0;
}

/* ---- changing ---- */

static size_t line_start(struct span text, size_t pos)
{
	while (pos > 0 && text.p[pos - 1] != '\n')
		pos--;
	return pos;
}

/* Behind the line's end. */
static size_t line_end(struct span text, size_t pos)
{
	while (pos < text.n && text.p[pos] != '\n')
		pos++;
	return pos < text.n ? pos + 1 : pos;
}

static struct span slice(struct span text, size_t from, size_t to)
{
	return (struct span){text.p + from, to - from};
}

static bool is_bare_key(const char *key)
{
	for (const char *p = key; *p != '\0'; p++) {
		bool word = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			    (*p >= '0' && *p <= '9') || *p == '_' || *p == '-';

		if (!word)
			return false;
	}
	return *key != '\0';
}

static void add_keys(struct strbuf *out, struct toml_path path)
{
	for (size_t i = 0; i < path.n; i++)
		strbuf_printf(out, is_bare_key(path.keys[i]) ? "%s%s" : "%s\"%s\"",
			      i > 0 ? "." : "", path.keys[i]);
}

static void add_line(struct strbuf *out, struct toml_path path, const char *literal)
{
	add_keys(out, (struct toml_path){path.keys + path.n - 1, 1});
	strbuf_printf(out, " = %s\n", literal);
}

/* The blanks before the header, and two more if there are any: as people indent what is in it. */
static void add_indent(struct strbuf *out, struct span text, size_t header_end)
{
	size_t start = line_start(text, header_end), n = start;

	while (n < header_end && (text.p[n] == ' ' || text.p[n] == '\t'))
		n++;
	strbuf_add(out, slice(text, start, n));
	if (n > start)
		strbuf_add(out, SPAN("  "));
}

int toml_edit_set(struct span *ref_text, struct toml_path path, const char *literal,
		  struct arena *arena, struct error *err)
{
	const struct span text = *ref_text;
	struct strbuf out = {.arena = arena};
	struct places at;

	if (find_places(text, path, arena, &at, err) < 0)
		return -1;
	if (at.has_value) {
		strbuf_add(&out, slice(text, 0, at.pos));
		strbuf_printf(&out, "%s", literal);
		strbuf_add(&out, slice(text, at.end, text.n));
		return strbuf_end(&out, ref_text, err);
	}
	if (at.has_header) {
		size_t behind = line_end(text, at.header_end);

		strbuf_add(&out, slice(text, 0, behind));
		if (behind > 0 && text.p[behind - 1] != '\n')
			strbuf_add(&out, SPAN("\n"));
		add_indent(&out, text, at.header_end);
		add_line(&out, path, literal);
		strbuf_add(&out, slice(text, behind, text.n));
		return strbuf_end(&out, ref_text, err);
	}
	if (path.n == 1) { /* not in a table: before the first one */
		add_line(&out, path, literal);
		strbuf_add(&out, text);
		return strbuf_end(&out, ref_text, err);
	}
	strbuf_add(&out, text);
	if (text.n > 0 && text.p[text.n - 1] != '\n')
		strbuf_add(&out, SPAN("\n"));
	strbuf_add(&out, text.n > 0 ? SPAN("\n[") : SPAN("["));
	add_keys(&out, (struct toml_path){path.keys, path.n - 1});
	strbuf_add(&out, SPAN("]\n"));
	add_line(&out, path, literal);
	return strbuf_end(&out, ref_text, err);
}

int toml_edit_unset(struct span *ref_text, struct toml_path path, struct arena *arena,
		    struct error *err)
{
	const struct span text = *ref_text;
	struct strbuf out = {.arena = arena};
	struct places at;

	if (find_places(text, path, arena, &at, err) < 0)
		return -1;
	if (!at.has_value)
		return 0;
	strbuf_add(&out, slice(text, 0, line_start(text, at.pos)));
	strbuf_add(&out, slice(text, line_end(text, at.end), text.n));
	return strbuf_end(&out, ref_text, err);
}

int toml_edit_drop(struct span *ref_text, struct toml_path path, struct arena *arena,
		   struct error *err)
{
	struct span text = *ref_text;

	for (;;) {
		struct strbuf out = {.arena = arena};
		struct places at;

		if (find_places(text, path, arena, &at, err) < 0)
			return -1;
		if (at.cut_end == 0)
			break;
		strbuf_add(&out, slice(text, 0, line_start(text, at.cut_pos)));
		strbuf_add(&out, slice(text, line_start(text, at.cut_end), text.n));
		if (strbuf_end(&out, &text, err) < 0)
			return -1;
	}
	*ref_text = text;
	return 0;
}
