/* SPDX-License-Identifier: Apache-2.0 */
/* The four kinds of TOML strings: toml.io, "String". */
#include "base/toml-internal.h"

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

/* As UTF-8; false when it is no Unicode scalar value. */
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

static int number_escape(struct toml_parser *p, struct string *s, int digits)
{
	uint32_t c = 0;

	for (int i = 0; i < digits; i++) {
		int digit = hex_digit(toml_peek(p, (size_t)i));

		if (digit < 0)
			return toml_fail(p, "an escape in a string has too few digits");
		c = c << 4 | (uint32_t)digit;
	}
	if (!put_scalar(s, c))
		return toml_fail(p, "an escape in a string is no character");
	p->at += (size_t)digits;
	return 0;
}

/* A backslash at the end of a line takes away the line's end and all blanks behind it. */
static bool skip_folded(struct toml_parser *p)
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

/* Behind the backslash. */
static int escape(struct toml_parser *p, struct string *s)
{
	int c = toml_peek(p, 0);

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
	return toml_fail(p, "unknown escape in a string");
}

/* One byte or UTF-8 sequence of the contents. */
static int plain(struct toml_parser *p, struct string *s)
{
	int c = toml_peek(p, 0);
	size_t width = utf8_sequence(p->text.p + p->at, p->text.n - p->at);
	bool line_end = c == '\n' || (c == '\r' && toml_peek(p, 1) == '\n');

	if (c < 0 || (line_end && !s->multiline))
		return toml_fail(p, "a string has no end");
	if ((c < 0x20 && c != '\t' && !line_end) || c == 0x7f || width == 0)
		return toml_fail(p, "a string contains a control character or what is not UTF-8");
	memcpy(s->out + s->n, p->text.p + p->at, width);
	s->n += width;
	p->at += width;
	return 0;
}

/* How many quotes are here, at most five: two may stand before the three that end a string of
 * several lines. */
static size_t quotes(const struct toml_parser *p, char quote)
{
	size_t n = 0;

	while (n < 5 && toml_peek(p, n) == quote)
		n++;
	return n;
}

/* Is this the end? Quotes that belong to the contents are taken along. */
static bool at_end(struct toml_parser *p, struct string *s)
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

int toml_string(struct toml_parser *p, bool multiline, struct span *ret_string)
{
	struct string s = {.quote = p->text.p[p->at],
			   .out = arena_alloc(p->arena, p->text.n - p->at)};

	if (s.out == NULL)
		return toml_fail(p, "too large");
	s.multiline = toml_peek(p, 1) == s.quote && toml_peek(p, 2) == s.quote;
	if (s.multiline && !multiline)
		return toml_fail(p, "a key cannot be a string of several lines");
	p->at += s.multiline ? 3 : 1;
	/* A line's end right at the beginning does not count. */
	if (s.multiline && toml_peek(p, 0) == '\r' && toml_peek(p, 1) == '\n')
		p->at += 2;
	else if (s.multiline && toml_peek(p, 0) == '\n')
		p->at++;
	while (!at_end(p, &s)) {
		bool escaped = s.quote == '"' && toml_peek(p, 0) == '\\';

		p->at += escaped;
		if ((escaped ? escape(p, &s) : plain(p, &s)) < 0)
			return -1;
	}
	/* What was taken for it is not needed whole. */
	p->arena->used = (size_t)(s.out - p->arena->base) + s.n;
	*ret_string = (struct span){s.out, s.n};
	return 0;
}
