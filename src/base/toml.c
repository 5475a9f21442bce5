/* SPDX-License-Identifier: Apache-2.0 */
#include "base/toml.h"

#include "base/toml-internal.h"

int toml_fail(struct toml_parser *p, const char *what)
{
	return error_at(p->err, p->at, "not valid TOML: %s", what);
}

/* ---- what is between values ---- */

static void skip_blanks(struct toml_parser *p)
{
	while (toml_peek(p, 0) == ' ' || toml_peek(p, 0) == '\t')
		p->at++;
}

/* Up to the end of the line. */
static int skip_comment(struct toml_parser *p)
{
	int c;

	skip_blanks(p);
	if (toml_peek(p, 0) != '#')
		return 0;
	while ((c = toml_peek(p, 0)) >= 0 && c != '\n' && !(c == '\r' && toml_peek(p, 1) == '\n')) {
		size_t width = utf8_sequence(p->text.p + p->at, p->text.n - p->at);

		if ((c < 0x20 && c != '\t') || c == 0x7f || width == 0)
			return toml_fail(
				p, "a comment contains a control character or what is not UTF-8");
		p->at += width;
	}
	return 0;
}

/* 1 when a line's end was passed, 0 when there is none here. */
static int skip_line_end(struct toml_parser *p)
{
	size_t n = toml_peek(p, 0) == '\r' ? 1 : 0;

	if (toml_peek(p, n) != '\n')
		return 0;
	p->at += n + 1;
	return 1;
}

static int skip_lines(struct toml_parser *p)
{
	do {
		if (skip_comment(p) < 0)
			return -1;
	} while (skip_line_end(p) > 0);
	return 0;
}

/* ---- keys ---- */

static bool is_bare(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

static int key_part(struct toml_parser *p, struct span *ret_part)
{
	size_t start = p->at;

	if (toml_peek(p, 0) == '"' || toml_peek(p, 0) == '\'')
		return toml_string(p, false, ret_part);
	while (is_bare(toml_peek(p, 0)))
		p->at++;
	if (p->at == start)
		return toml_fail(p, "a key is missing");
	*ret_part = (struct span){p->text.p + start, p->at - start};
	return 0;
}

/* Add a key, with its dots, to the path. Blanks around it are passed. */
static int key(struct toml_parser *p)
{
	for (;;) {
		skip_blanks(p);
		if (p->n_path == TOML_MAX_DEPTH)
			return toml_fail(p, "nested too deeply");
		if (key_part(p, &p->path[p->n_path]) < 0)
			return -1;
		p->n_path++;
		skip_blanks(p);
		if (toml_peek(p, 0) != '.')
			return 0;
		p->at++;
	}
}

/* ---- values ---- */

static int value(struct toml_parser *p);

static int key_and_value(struct toml_parser *p)
{
	size_t outer = p->n_path;

	if (key(p) < 0)
		return -1;
	if (toml_peek(p, 0) != '=')
		return toml_fail(p, "a key without \"=\"");
	p->at++;
	skip_blanks(p);
	if (value(p) < 0)
		return -1;
	p->n_path = outer;
	return 0;
}

/* Numbers, truth values, dates: letters and digits are enough to find the end. */
static int scalar(struct toml_parser *p)
{
	size_t start = p->at;

	for (;;) {
		int c = toml_peek(p, 0), next = toml_peek(p, 1);
		/* Between date and time there may be one blank. */
		bool date = c == ' ' && p->at - start == 10 && p->text.p[start + 4] == '-' &&
			    next >= '0' && next <= '9';

		if (!is_bare(c) && c != '+' && c != '.' && c != ':' && !date)
			break;
		p->at++;
	}
	return p->at > start ? 0 : toml_fail(p, "a value is missing");
}

/* The elements of an array or an inline table, which end with `end`; the bracket that opens it is
 * passed. */
static int elements(struct toml_parser *p, char end, int (*element)(struct toml_parser *p))
{
	if (skip_lines(p) < 0)
		return -1;
	while (toml_peek(p, 0) != end) {
		if (element(p) < 0 || skip_lines(p) < 0)
			return -1;
		if (toml_peek(p, 0) == ',')
			p->at++;
		else if (toml_peek(p, 0) != end)
			return toml_fail(p, "an array or an inline table has no end");
		if (skip_lines(p) < 0)
			return -1;
	}
	p->at++;
	return 0;
}

static int container(struct toml_parser *p, bool array)
{
	bool outer = p->pathless;
	int r;

	if (p->depth == TOML_MAX_DEPTH)
		return toml_fail(p, "nested too deeply");
	p->at++;
	p->depth++;
	p->pathless |= array;
	r = array ? elements(p, ']', value) : elements(p, '}', key_and_value);
	p->pathless = outer;
	p->depth--;
	return r;
}

static int value(struct toml_parser *p)
{
	struct toml_value v = {.pos = p->at};
	int c = toml_peek(p, 0);

	if (c == '{')
		return container(p, false);
	v.is_string = c == '"' || c == '\'';
	if ((v.is_string ? toml_string(p, true, &v.str)
	     : c == '['  ? container(p, true)
			 : scalar(p)) < 0)
		return -1;
	if (p->pathless || p->visit(p->ctx, p->path, p->n_path, &v, p->err) == 0)
		return 0;
	p->err->pos = v.pos;
	p->err->has_pos = true;
	return -1;
}

/* ---- the document ---- */

/* [table] or [[element of an array of tables]] */
static int header(struct toml_parser *p)
{
	size_t brackets = toml_peek(p, 1) == '[' ? 2 : 1;

	p->at += brackets;
	p->n_path = 0;
	p->pathless = brackets == 2;
	if (key(p) < 0)
		return -1;
	if (toml_peek(p, 0) != ']' || (brackets == 2 && toml_peek(p, 1) != ']'))
		return toml_fail(p, "the name of a table has no end");
	p->at += brackets;
	return 0;
}

int toml_scan(struct span text, struct arena *arena, toml_visit *visit, void *ctx,
	      struct error *err)
{
	struct toml_parser p = {
		.text = text, .arena = arena, .visit = visit, .ctx = ctx, .err = err};

	if (span_has_prefix(text, SPAN("\xef\xbb\xbf")))
		p.at = 3;
	for (;;) {
		if (skip_lines(&p) < 0)
			return -1;
		if (toml_peek(&p, 0) < 0)
			return 0;
		if ((toml_peek(&p, 0) == '[' ? header(&p) : key_and_value(&p)) < 0 ||
		    skip_comment(&p) < 0)
			return -1;
		if (toml_peek(&p, 0) >= 0 && skip_line_end(&p) == 0)
			return toml_fail(&p, "more than one thing on a line");
	}
}
