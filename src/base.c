/* SPDX-License-Identifier: Apache-2.0 */
#include "base.h"

#include <stdio.h>

static int set_text(struct error *err, const char *format, va_list args)
{
	vsnprintf(err->text, sizeof(err->text), format, args);
	return -1;
}

int error_set(struct error *err, const char *format, ...)
{
	va_list args;

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

	if (size > arena->size || pad > arena->size - arena->used || size > arena->size - arena->used - pad)
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
