/* SPDX-License-Identifier: Apache-2.0 */
#include "base/jsonout.h"

#include "base/jsontext.h"

#include <inttypes.h>
#include <stdio.h>

/* The end of an object in which something is missing; room for it and the NUL is kept free. */
static const char truncated_end[] = ",\"truncated\":true}";
#define TAIL sizeof(truncated_end)
_Static_assert(JSONOUT_MIN_SIZE > 1 + TAIL, "the shortest object fits");

static void put(struct jsonout *out, const char *text, size_t n)
{
	if (out->full || n > out->size - TAIL - out->used) {
		out->full = true;
		return;
	}
	memcpy(out->p + out->used, text, n);
	out->used += n;
}

/* One character of a string; returns its width. */
static size_t put_character(struct jsonout *out, struct span rest)
{
	char escape[JSON_ESCAPE_SIZE];
	size_t n, width = json_escape(rest, escape, &n);

	if (n > 0)
		put(out, escape, n);
	else
		put(out, rest.p, width);
	return width;
}

static void put_quoted(struct jsonout *out, struct span s)
{
	static const char dots[] = "...";
	size_t start, whole, i = 0;

	put(out, "\"", 1);
	start = whole = out->used;
	while (i < s.n && out->used - start <= JSONOUT_MAX_STRING && !out->full) {
		/* The longest beginning that leaves room for the dots. */
		if (out->used - start <= JSONOUT_MAX_STRING - strlen(dots))
			whole = out->used;
		i += put_character(out, span_skip(s, i));
	}
	if (out->used - start > JSONOUT_MAX_STRING) {
		out->used = whole;
		out->truncated = true;
		put(out, dots, strlen(dots));
	}
	put(out, "\"", 1);
}

/* Begin a member; returns where to fall back to if it does not fit. */
static size_t begin_member(struct jsonout *out, const char *key)
{
	size_t before = out->used;

	if (out->used > 1)
		put(out, ",", 1);
	put_quoted(out, span_of(key));
	put(out, ":", 1);
	return before;
}

static void end_member(struct jsonout *out, size_t before)
{
	if (!out->full)
		return;
	out->used = before;
	out->full = false;
	out->truncated = true;
}

void jsonout_begin(struct jsonout *out, char *buffer, size_t size)
{
	*out = (struct jsonout){.p = buffer, .size = size};
	put(out, "{", 1);
}

void jsonout_string(struct jsonout *out, const char *key, struct span value)
{
	size_t before = begin_member(out, key);

	put_quoted(out, value);
	end_member(out, before);
}

void jsonout_raw(struct jsonout *out, const char *key, struct span value)
{
	size_t before = begin_member(out, key);

	put(out, value.p, value.n);
	end_member(out, before);
}

void jsonout_words(struct jsonout *out, const char *key, struct span value)
{
	size_t before = begin_member(out, key);

	put(out, "[", 1);
	while (value.n > 0) {
		const char *space = memchr(value.p, ' ', value.n);
		struct span word = {value.p, space != NULL ? (size_t)(space - value.p) : value.n};

		put_quoted(out, word);
		if (space != NULL)
			put(out, ",", 1);
		value = span_skip(value, word.n + 1);
	}
	put(out, "]", 1);
	end_member(out, before);
}

void jsonout_uint(struct jsonout *out, const char *key, uint64_t value)
{
	char digits[24];
	size_t before = begin_member(out, key);

	put(out, digits, (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, value));
	end_member(out, before);
}

void jsonout_bool(struct jsonout *out, const char *key, bool value)
{
	size_t before = begin_member(out, key);

	put(out, value ? "true" : "false", value ? 4 : 5);
	end_member(out, before);
}

void jsonout_end(struct jsonout *out)
{
	const char *end = !out->truncated ? "}" : truncated_end + (out->used == 1);

	memcpy(out->p + out->used, end, strlen(end) + 1);
	out->used += strlen(end);
}
