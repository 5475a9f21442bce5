/* SPDX-License-Identifier: Apache-2.0 */
#include "base/toml.h"

struct parser {
	struct span text;
	size_t at;
	struct arena *arena;
	toml_visit *visit;
	void *ctx;
	struct error *err;
	struct span path[TOML_MAX_DEPTH];
	size_t n_path;
	unsigned int depth; /* of arrays and inline tables */
	bool headers;       /* visit them, too */
	bool pathless;      /* in an array */
};

/* The byte `ahead` of where the parser is; -1 at the end. */
static int peek(const struct parser *p, size_t ahead)
{
	return p->text.n - p->at > ahead ? (unsigned char)p->text.p[p->at + ahead] : -1;
}

/* An error at the parser's place; returns -1. */
static int fail(struct parser *p, const char *what)
{
	return error_at(p->err, p->at, "not valid TOML: %s", what);
}

/* ---- the four kinds of strings: toml.io, "String" ---- */

struct string {
	char quote;
	bool multiline;
	char *out;
	size_t n;
};

static const struct {
	char letter, value;
} escapes[] = {
	{'b', '\b'}, {'t', '\t'}, {'n', '\n'}, {'f', '\f'},
	{'r', '\r'}, {'e', 0x1b}, {'"', '"'},  {'\\', '\\'},
};

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Add a character to the string. False when it is no Unicode scalar value. */
static bool put_scalar(struct string *s, uint32_t c)
{
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return false;
	if (c < 0x80) {
		s->out[s->n++] = (char)c;
		return true;
	}
	if (c >= 0x10000)
		s->out[s->n++] = (char)(0xf0 | c >> 18);
	if (c >= 0x800)
		s->out[s->n++] = (char)((c >= 0x10000 ? 0x80 : 0xe0) |
					(c >> 12 & (c >= 0x10000 ? 0x3f : 0x0f)));
	s->out[s->n++] = (char)((c >= 0x800 ? 0x80 : 0xc0) | (c >> 6 & (c >= 0x800 ? 0x3f : 0x1f)));
	s->out[s->n++] = (char)(0x80 | (c & 0x3f));
	return true;
}

static int number_escape(struct parser *p, struct string *s, int digits)
{
	uint32_t c = 0;

	for (int i = 0; i < digits; i++) {
		int digit = hex_digit(peek(p, (size_t)i));

		if (digit < 0)
			return fail(p, "an escape in a string has too few digits");
		c = c << 4 | (uint32_t)digit;
	}
	if (!put_scalar(s, c))
		return fail(p, "an escape in a string is no character");
	p->at += (size_t)digits;
	return 0;
}

/* A backslash at the end of a line removes the line's end and all white space behind it. False if
 * this backslash is not at the end of a line. */
static bool skip_folded(struct parser *p)
{
	size_t at = p->at;

	while (at < p->text.n && (p->text.p[at] == ' ' || p->text.p[at] == '\t'))
		at++;
	if (at == p->text.n || (p->text.p[at] != '\n' && p->text.p[at] != '\r'))
		return false;
	while (at < p->text.n && strchr(" \t\r\n", p->text.p[at]) != NULL && p->text.p[at] != '\0')
		at++;
	p->at = at;
	return true;
}

/* An escape; the parser is behind its backslash. */
static int escape(struct parser *p, struct string *s)
{
	int c = peek(p, 0);

	if (s->multiline && skip_folded(p))
		return 0;
	p->at++;
	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++) {
		if (c == escapes[i].letter) {
			s->out[s->n++] = escapes[i].value;
			return 0;
		}
	}
	if (c == 'x' || c == 'u' || c == 'U')
		return number_escape(p, s, c == 'x' ? 2 : c == 'u' ? 4 : 8);
	p->at--;
	return fail(p, "unknown escape in a string");
}

/* Copy one character that stands for itself. */
static int plain(struct parser *p, struct string *s)
{
	int c = peek(p, 0);
	size_t width = utf8_sequence(p->text.p + p->at, p->text.n - p->at);
	bool line_end = c == '\n' || (c == '\r' && peek(p, 1) == '\n');

	if (c < 0 || (line_end && !s->multiline))
		return fail(p, "a string has no end");
	if ((c < 0x20 && c != '\t' && !line_end) || c == 0x7f || width == 0)
		return fail(p, "a string contains a control character or what is not UTF-8");
	memcpy(s->out + s->n, p->text.p + p->at, width);
	s->n += width;
	p->at += width;
	return 0;
}

/* Count the quotes here, up to five: a string of several lines ends in three, and two of its own
 * may stand before them. */
static size_t quotes(const struct parser *p, char quote)
{
	size_t n = 0;

	while (n < 5 && peek(p, n) == quote)
		n++;
	return n;
}

/* Is this the end of the string? Copies quotes that belong to its contents. */
static bool at_end(struct parser *p, struct string *s)
{
	size_t n = quotes(p, s->quote), enough = s->multiline ? 3 : 1;

	if (n < enough)
		return false;
	for (; s->multiline && n > enough; n--) {
		s->out[s->n++] = s->quote;
		p->at++;
	}
	p->at += enough;
	return true;
}

/* Read the string that begins here. Only with `multiline` may it be one of several lines. */
static int read_string(struct parser *p, bool multiline, struct span *ret_string)
{
	struct string s = {.quote = p->text.p[p->at],
			   .out = arena_alloc(p->arena, p->text.n - p->at)};

	if (s.out == NULL)
		return fail(p, "too large");
	s.multiline = peek(p, 1) == s.quote && peek(p, 2) == s.quote;
	if (s.multiline && !multiline)
		return fail(p, "a key cannot be a string of several lines");
	p->at += s.multiline ? 3 : 1;
	/* A line's end directly behind the opening quotes is no part of the string. */
	if (s.multiline && peek(p, 0) == '\r' && peek(p, 1) == '\n')
		p->at += 2;
	else if (s.multiline && peek(p, 0) == '\n')
		p->at++;
	while (!at_end(p, &s)) {
		bool escaped = s.quote == '"' && peek(p, 0) == '\\';

		p->at += escaped;
		if ((escaped ? escape(p, &s) : plain(p, &s)) < 0)
			return -1;
	}
	/* Give back what the string did not need. */
	p->arena->used = (size_t)(s.out - p->arena->base) + s.n;
	*ret_string = (struct span){s.out, s.n};
	return 0;
}

/* ---- what is between values ---- */

static void skip_blanks(struct parser *p)
{
	while (peek(p, 0) == ' ' || peek(p, 0) == '\t')
		p->at++;
}

/* Up to the end of the line. */
static int skip_comment(struct parser *p)
{
	int c;

	skip_blanks(p);
	if (peek(p, 0) != '#')
		return 0;
	while ((c = peek(p, 0)) >= 0 && c != '\n' && !(c == '\r' && peek(p, 1) == '\n')) {
		size_t width = utf8_sequence(p->text.p + p->at, p->text.n - p->at);

		if ((c < 0x20 && c != '\t') || c == 0x7f || width == 0)
			return fail(p,
				    "a comment contains a control character or what is not UTF-8");
		p->at += width;
	}
	return 0;
}

/* Skip the end of a line: 1, or 0 if there is none here. */
static int skip_line_end(struct parser *p)
{
	size_t n = peek(p, 0) == '\r' ? 1 : 0;

	if (peek(p, n) != '\n')
		return 0;
	p->at += n + 1;
	return 1;
}

static int skip_lines(struct parser *p)
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

static int key_part(struct parser *p, struct span *ret_part)
{
	size_t start = p->at;

	if (peek(p, 0) == '"' || peek(p, 0) == '\'')
		return read_string(p, false, ret_part);
	while (is_bare(peek(p, 0)))
		p->at++;
	if (p->at == start)
		return fail(p, "a key is missing");
	*ret_part = (struct span){p->text.p + start, p->at - start};
	return 0;
}

/* Add a key, dotted or not, to the path, and skip the blanks around it. */
static int key(struct parser *p)
{
	for (;;) {
		skip_blanks(p);
		if (p->n_path == TOML_MAX_DEPTH)
			return fail(p, "nested too deeply");
		if (key_part(p, &p->path[p->n_path]) < 0)
			return -1;
		p->n_path++;
		skip_blanks(p);
		if (peek(p, 0) != '.')
			return 0;
		p->at++;
	}
}

/* ---- values ---- */

static int value(struct parser *p);

static int key_and_value(struct parser *p)
{
	size_t outer = p->n_path;

	if (key(p) < 0)
		return -1;
	if (peek(p, 0) != '=')
		return fail(p, "a key without \"=\"");
	p->at++;
	skip_blanks(p);
	if (value(p) < 0)
		return -1;
	p->n_path = outer;
	return 0;
}

/* Skip a number, a boolean or a date: it ends where none of their characters follows. */
static int scalar(struct parser *p)
{
	size_t start = p->at;

	for (;;) {
		int c = peek(p, 0), next = peek(p, 1);
		/* Between date and time there may be one blank. */
		bool date = c == ' ' && p->at - start == 10 && p->text.p[start + 4] == '-' &&
			    next >= '0' && next <= '9';

		if (!is_bare(c) && c != '+' && c != '.' && c != ':' && !date)
			break;
		p->at++;
	}
	return p->at > start ? 0 : fail(p, "a value is missing");
}

/* Read the elements of an array or an inline table up to `end`; the parser is behind its opening
 * bracket. */
static int elements(struct parser *p, char end, int (*element)(struct parser *p))
{
	if (skip_lines(p) < 0)
		return -1;
	while (peek(p, 0) != end) {
		if (element(p) < 0 || skip_lines(p) < 0)
			return -1;
		if (peek(p, 0) == ',')
			p->at++;
		else if (peek(p, 0) != end)
			return fail(p, "an array or an inline table has no end");
		if (skip_lines(p) < 0)
			return -1;
	}
	p->at++;
	return 0;
}

static int container(struct parser *p, bool array)
{
	bool outer = p->pathless;
	int r;

	if (p->depth == TOML_MAX_DEPTH)
		return fail(p, "nested too deeply");
	p->at++;
	p->depth++;
	p->pathless |= array;
	r = array ? elements(p, ']', value) : elements(p, '}', key_and_value);
	p->pathless = outer;
	p->depth--;
	return r;
}

static int report(struct parser *p, struct toml_value *v)
{
	v->end = p->at;
	if (p->pathless || p->visit(p->ctx, p->path, p->n_path, v, p->err) == 0)
		return 0;
	p->err->pos = v->pos;
	p->err->has_pos = true;
	return -1;
}

static int value(struct parser *p)
{
	struct toml_value v = {.pos = p->at};
	int c = peek(p, 0);

	if (c == '{')
		return container(p, false);
	v.is_string = c == '"' || c == '\'';
	if ((v.is_string ? read_string(p, true, &v.str)
	     : c == '['  ? container(p, true)
			 : scalar(p)) < 0)
		return -1;
	return report(p, &v);
}

/* ---- the document ---- */

/* [table] or [[element of an array of tables]] */
static int header(struct parser *p)
{
	struct toml_value v = {.is_header = true, .pos = p->at};
	size_t brackets = peek(p, 1) == '[' ? 2 : 1;

	p->at += brackets;
	p->n_path = 0;
	p->pathless = false;
	if (key(p) < 0)
		return -1;
	if (peek(p, 0) != ']' || (brackets == 2 && peek(p, 1) != ']'))
		return fail(p, "the name of a table has no end");
	p->at += brackets;
	if (p->headers && report(p, &v) < 0)
		return -1;
	p->pathless = brackets == 2;
	return 0;
}

static int document(struct parser *p)
{
	if (span_has_prefix(p->text, SPAN("\xef\xbb\xbf")))
		p->at = 3;
	for (;;) {
		if (skip_lines(p) < 0)
			return -1;
		if (peek(p, 0) < 0)
			return 0;
		if ((peek(p, 0) == '[' ? header(p) : key_and_value(p)) < 0 || skip_comment(p) < 0)
			return -1;
		if (peek(p, 0) >= 0 && skip_line_end(p) == 0)
			return fail(p, "more than one thing on a line");
	}
}

int toml_scan(struct span text, struct arena *arena, toml_visit *visit, void *ctx,
	      struct error *err)
{
	struct parser p = {.text = text, .arena = arena, .visit = visit, .ctx = ctx, .err = err};

	return document(&p);
}

int toml_scan_all(struct span text, struct arena *arena, toml_visit *visit, void *ctx,
		  struct error *err)
{
	struct parser p = {.text = text,
			   .arena = arena,
			   .visit = visit,
			   .ctx = ctx,
			   .err = err,
			   .headers = true};

	return document(&p);
}
