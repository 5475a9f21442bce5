/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <errno.h>
#include <stdio.h>

static int set_text(struct error *err, const char *format, va_list args)
{
	vsnprintf(err->text, sizeof(err->text), format, args);
	return -1;
}

int error_set(struct error *err, const char *format, ...)
{
	va_list args;

	err->code = 0;
	err->has_pos = false;
	err->pos = 0;
	va_start(args, format);
	set_text(err, format, args);
	va_end(args);
	return -1;
}

int error_at(struct error *err, size_t pos, const char *format, ...)
{
	va_list args;

	err->code = 0;
	err->has_pos = true;
	err->pos = pos;
	va_start(args, format);
	set_text(err, format, args);
	va_end(args);
	return -1;
}

int error_prefix(struct error *err, const char *format, ...)
{
	char old[sizeof(err->text)];
	size_t n;
	va_list args;

	memcpy(old, err->text, sizeof(old));
	va_start(args, format);
	set_text(err, format, args);
	va_end(args);
	n = strlen(err->text);
	snprintf(err->text + n, sizeof(err->text) - n, ": %s", old);
	return -1;
}

const char *error_words(int number)
{
	static const struct {
		int number;
		const char *words;
	} own[] = {
		{ENOENT, "does not exist"},
		{EACCES, "is not accessible to this user"},
		{EPERM, "is not allowed here"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (own[i].number == number)
			return own[i].words;
	return strerror(number);
}

void text_position(struct span text, size_t pos, size_t *ret_line, size_t *ret_column)
{
	size_t line = 1, start = 0;

	if (pos > text.n)
		pos = text.n;
	for (size_t i = 0; i < pos; i++) {
		if (text.p[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	*ret_line = line;
	*ret_column = pos - start + 1;
}

size_t utf8_sequence(const char *text, size_t n)
{
	static const struct {
		unsigned char first, last, second_min, second_max, length;
	} forms[] = {
		{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
		{0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	const unsigned char *p = (const unsigned char *)text;

	if (n > 0 && p[0] < 0x80)
		return 1;
	for (size_t i = 0; n > 0 && i < ARRAY_SIZE(forms); i++) {
		if (p[0] < forms[i].first || p[0] > forms[i].last)
			continue;
		if (n < forms[i].length || p[1] < forms[i].second_min || p[1] > forms[i].second_max)
			return 0;
		for (size_t j = 2; j < forms[i].length; j++)
			if ((p[j] & 0xc0) != 0x80)
				return 0;
		return forms[i].length;
	}
	return 0;
}

const char *text_printable(struct span in, char *out, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0;

	for (size_t i = 0; i < in.n; i++) {
		unsigned char c = (unsigned char)in.p[i];
		bool plain = c >= 0x20 && c < 0x7f && c != '\\';

		/* Room for this character (at most four bytes), a cut mark and the NUL. */
		if (used + 4 + 3 + 1 > size) {
			memcpy(out + used, "...", 3);
			used += 3;
			break;
		}
		if (plain) {
			out[used++] = (char)c;
		} else if (c == '\\') {
			out[used++] = '\\';
			out[used++] = '\\';
		} else {
			out[used++] = '\\';
			out[used++] = 'x';
			out[used++] = hex[c >> 4];
			out[used++] = hex[c & 15];
		}
	}
	out[used] = '\0';
	return out;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	uintptr_t top = (uintptr_t)arena->base + arena->used;
	size_t pad = (align - top % align) % align;
	char *p;

	if (size > arena->size || pad > arena->size - arena->used ||
	    size > arena->size - arena->used - pad)
		return NULL;
	p = arena->base + arena->used + pad;
	arena->used += pad + size;
	return p;
}

char *arena_strdup(struct arena *arena, struct span s)
{
	char *copy = s.n < arena->size ? arena_alloc(arena, s.n + 1) : NULL;

	if (copy == NULL)
		return NULL;
	if (s.n > 0)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return copy;
}
