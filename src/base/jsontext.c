/* SPDX-License-Identifier: Apache-2.0 */
#include "base/jsontext.h"

#include <stdio.h>

/* All eight bytes at `p` are printable ASCII: none below 0x20, none with the high bit. */
static bool eight_plain(const unsigned char *p)
{
	const uint64_t high = UINT64_C(0x8080808080808080), space = UINT64_C(0x2020202020202020);
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	/* Subtracting 0x20 from each byte sets a high bit exactly where a byte is below 0x20, as
	 * long as no byte has its high bit set before. */
	return ((w | (w - space)) & high) == 0;
}

int json_check_bytes(struct span text, struct error *err)
{
	const unsigned char *p = (const unsigned char *)text.p;
	size_t i = 0;

	while (i < text.n) {
		size_t width = 1;

		while (text.n - i >= 8 && eight_plain(p + i))
			i += 8;
		if (i == text.n)
			break;
		if (p[i] >= 0x80)
			width = utf8_sequence(text.p + i, text.n - i);
		else if (p[i] < 0x20 && p[i] != '\t' && p[i] != '\n' && p[i] != '\r')
			return error_at(err, i, "control character 0x%02x", p[i]);
		if (width == 0)
			return error_at(err, i, "byte 0x%02x is not UTF-8", p[i]);
		i += width;
	}
	return 0;
}

static char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool json_key_folds_to(struct span key, const char *name)
{
	size_t i = 0;

	while (i < key.n && key.p[i] != '\0') {
		struct span rest = span_skip(key, i);
		char c = ascii_lower(key.p[i]);
		size_t width = 1;

		if (span_has_prefix(rest, SPAN("\xc5\xbf"))) {
			c = 's';
			width = 2;
		} else if (span_has_prefix(rest, SPAN("\xe2\x84\xaa"))) {
			c = 'k';
			width = 3;
		}
		if (*name == '\0' || c != ascii_lower(*name))
			return false;
		name++;
		i += width;
	}
	return *name == '\0';
}

size_t json_escape(struct span rest, char out[JSON_ESCAPE_SIZE], size_t *ret_n)
{
	size_t width = utf8_sequence(rest.p, rest.n);
	unsigned int c = (unsigned char)rest.p[0];
	int n = 0;

	/* The sequences C2 80 to C2 9F are U+0080 to U+009F. */
	if (width == 2 && c == 0xc2)
		c = (unsigned char)rest.p[1];
	if (width == 0)
		n = snprintf(out, JSON_ESCAPE_SIZE, "\xef\xbf\xbd");
	else if (width == 1 && (c == '"' || c == '\\'))
		n = snprintf(out, JSON_ESCAPE_SIZE, "\\%c", (int)c);
	else if (width <= 2 && (c < 0x20 || (c >= 0x7f && c < 0xa0)))
		n = snprintf(out, JSON_ESCAPE_SIZE, "\\u%04x", c);
	*ret_n = (size_t)n;
	return width > 0 ? width : 1;
}
