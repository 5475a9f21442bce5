/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The longest common subsequence of the lines between the first and the last that differ:
 * configuration files are small, so the plain table of lengths will do.
 */
#include "base/text-diff.h"

#define CONTEXT 3
#define MAX_LINES 4000 /* of each side, in what differs */

struct lines {
	struct span *line; /* each with its newline, if it has one */
	size_t n;
};

static int split(struct span text, struct arena *arena, struct lines *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n' || i + 1 == text.n;
	ret->line = arena_alloc(arena, (n + 1) * sizeof(*ret->line));
	if (ret->line == NULL)
		return -1;
	ret->n = 0;
	while (text.n > 0) {
		const char *newline = memchr(text.p, '\n', text.n);
		size_t length = newline != NULL ? (size_t)(newline - text.p) + 1 : text.n;

		ret->line[ret->n++] = (struct span){text.p, length};
		text = span_skip(text, length);
	}
	return 0;
}

/* What happens to a line: ' ' both have it, '-' or '+' one has. */
struct step {
	char what;
	struct span line;
};

struct script {
	struct step *step;
	size_t n;
};

static void push(struct script *s, char what, const struct lines *from, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++)
		s->step[s->n++] = (struct step){what, from->line[i]};
}

/* The lines a[from..an) and b[from..bn), by the table of the lengths of common subsequences. */
static int common(struct script *s, const struct lines *a, const struct lines *b, size_t from,
		  size_t an, size_t bn, struct arena *arena)
{
	size_t rows = an - from, width = bn - from + 1, i = 0, j = 0;
	uint16_t *length;

	if (rows > MAX_LINES || width > MAX_LINES)
		return -1;
	length = arena_alloc(arena, (rows + 1) * width * sizeof(*length));
	if (length == NULL)
		return -1;
	memset(length, 0, (rows + 1) * width * sizeof(*length));
	for (size_t r = rows; r-- > 0;) {
		for (size_t c = width - 1; c-- > 0;) {
			uint16_t down = length[(r + 1) * width + c];
			uint16_t right = length[r * width + c + 1];

			if (span_eq(a->line[from + r], b->line[from + c]))
				length[r * width + c] =
					(uint16_t)(length[(r + 1) * width + c + 1] + 1);
			else
				length[r * width + c] = down > right ? down : right;
		}
	}
	while (i < rows && j < width - 1) {
		if (span_eq(a->line[from + i], b->line[from + j])) {
			push(s, ' ', a, from + i, from + i + 1);
			i++;
			j++;
		} else if (length[(i + 1) * width + j] >= length[i * width + j + 1]) {
			push(s, '-', a, from + i, from + i + 1);
			i++;
		} else {
			push(s, '+', b, from + j, from + j + 1);
			j++;
		}
	}
	push(s, '-', a, from + i, an);
	push(s, '+', b, from + j, bn);
	return 0;
}

static int compare(const struct lines *a, const struct lines *b, struct arena *arena,
		   struct script *ret)
{
	size_t from = 0, an = a->n, bn = b->n;

	ret->n = 0;
	ret->step = arena_alloc(arena, (a->n + b->n + 1) * sizeof(*ret->step));
	if (ret->step == NULL)
		return -1;
	while (from < an && from < bn && span_eq(a->line[from], b->line[from]))
		from++;
	while (an > from && bn > from && span_eq(a->line[an - 1], b->line[bn - 1])) {
		an--;
		bn--;
	}
	push(ret, ' ', a, 0, from);
	if (common(ret, a, b, from, an, bn, arena) < 0) {
		push(ret, '-', a, from, an);
		push(ret, '+', b, from, bn);
	}
	push(ret, ' ', a, an, a->n);
	return 0;
}

/* The end of the hunk that begins at step `i`: behind its last context line. */
static size_t hunk_end(const struct script *s, size_t i)
{
	size_t end = i, last = i;

	for (; end < s->n && end <= last + 2 * CONTEXT; end++) {
		if (s->step[end].what != ' ')
			last = end;
	}
	end = last + 1 + CONTEXT;
	return end < s->n ? end : s->n;
}

static void add_hunk(struct strbuf *out, const struct script *s, size_t begin, size_t end,
		     const size_t line[2])
{
	size_t count[2] = {0, 0};

	for (size_t i = begin; i < end; i++) {
		count[0] += s->step[i].what != '+';
		count[1] += s->step[i].what != '-';
	}
	strbuf_printf(out, "@@ -%zu,%zu +%zu,%zu @@\n", line[0] + (count[0] > 0), count[0],
		      line[1] + (count[1] > 0), count[1]);
	for (size_t i = begin; i < end; i++) {
		struct span text = s->step[i].line;

		strbuf_printf(out, "%c", s->step[i].what);
		strbuf_add(out, text);
		if (text.n == 0 || text.p[text.n - 1] != '\n')
			strbuf_add(out, SPAN("\n\\ No newline at end of file\n"));
	}
}

void text_diff(struct strbuf *out, const char *path, struct span before, struct span after)
{
	struct lines a, b;
	struct script s;
	size_t line[2] = {0, 0}; /* passed so far, of each side */

	if (before.p != NULL && after.p != NULL && span_eq(before, after))
		return;
	if (split(before, out->arena, &a) < 0 || split(after, out->arena, &b) < 0 ||
	    compare(&a, &b, out->arena, &s) < 0) {
		out->full = true;
		return;
	}
	strbuf_printf(out, "--- %s\n+++ %s\n", before.p != NULL ? path : "/dev/null",
		      after.p != NULL ? path : "/dev/null");
	for (size_t at = 0, i = 0; i < s.n;) {
		size_t begin, end;

		if (s.step[i].what == ' ') {
			i++;
			continue;
		}
		begin = i - at > CONTEXT ? i - CONTEXT : at;
		end = hunk_end(&s, i);
		line[0] += begin - at;
		line[1] += begin - at;
		add_hunk(out, &s, begin, end, line);
		for (size_t k = begin; k < end; k++) {
			line[0] += s.step[k].what != '+';
			line[1] += s.step[k].what != '-';
		}
		at = i = end;
	}
}
