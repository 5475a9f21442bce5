/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least changes between the lines from the first to the last that differ, by E. Myers, "An
 * O(ND) Difference Algorithm and Its Variations" (Algorithmica 1, 1986): what it costs goes by how
 * much differs, and not by how long the files are.
 */
#include "base/text-diff.h"

#include <limits.h>

#define CONTEXT 3
#define MAX_CHANGES 8000 /* lines that are taken away or put in */

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

/* The lines a[from..an) and b[from..bn). */
struct part {
	const struct lines *a, *b;
	size_t from, an, bn;
};

/*
 * reach[d][(k + d) / 2]: how many lines of a d changes go through, at most, where k more lines of a
 * than of b have been passed; NOWHERE where d changes cannot come there.
 */
#define NOWHERE (-1)

static int at(int *const *reach, int d, int k)
{
	return k < -d || k > d ? NOWHERE : reach[d][(k + d) / 2];
}

/* The last of d changes on the way to k: a line of b is put in (then *ret_x is as far as d - 1
 * changes come), or one of a is taken away. */
static bool is_added(const struct part *p, int *const *reach, int d, int k, int *ret_x)
{
	const int add = at(reach, d - 1, k + 1), drop = at(reach, d - 1, k - 1);
	const bool can_add = add != NOWHERE && add - k <= (int)(p->bn - p->from);
	const bool can_drop = drop != NOWHERE && drop < (int)(p->an - p->from);

	if (can_add && (!can_drop || add >= drop + 1)) {
		*ret_x = add;
		return true;
	}
	*ret_x = can_drop ? drop + 1 : NOWHERE;
	return false;
}

/* How far equal lines lead on from line x of a. */
static int slide(const struct part *p, int x, int k)
{
	size_t i = p->from + (size_t)x, j = p->from + (size_t)(x - k);

	while (i < p->an && j < p->bn && span_eq(p->a->line[i], p->b->line[j])) {
		i++;
		j++;
	}
	return (int)(i - p->from);
}

/* Fill reach[0..d] until d changes are enough; returns d, or -1. */
static int find_changes(const struct part *p, int **reach, struct arena *arena)
{
	const int n = (int)(p->an - p->from), m = (int)(p->bn - p->from);

	for (int d = 0; d <= MAX_CHANGES; d++) {
		reach[d] = arena_alloc(arena, ((size_t)d + 1) * sizeof(**reach));
		if (reach[d] == NULL)
			return -1;
		for (int k = -d; k <= d; k += 2) {
			int x = 0;

			if (d > 0)
				is_added(p, reach, d, k, &x);
			if (x != NOWHERE)
				x = slide(p, x, k);
			reach[d][(k + d) / 2] = x;
			if (x == n && x - k == m)
				return d;
		}
	}
	return -1;
}

/* The way back, from the last line to the first. */
static void push_back(struct script *s, const struct part *p, int *const *reach, int d)
{
	const size_t begin = s->n;
	int x = (int)(p->an - p->from), y = (int)(p->bn - p->from);

	for (; d >= 0; d--) {
		int k = x - y, before = 0;
		bool added = d > 0 && is_added(p, reach, d, k, &before);

		for (; x > before; x--, y--)
			push(s, ' ', p->a, p->from + (size_t)x - 1, p->from + (size_t)x);
		if (d > 0 && added)
			push(s, '+', p->b, p->from + (size_t)y - 1, p->from + (size_t)y);
		else if (d > 0)
			push(s, '-', p->a, p->from + (size_t)x - 1, p->from + (size_t)x);
		x -= d > 0 && !added;
		y -= added;
	}
	for (size_t i = begin, j = s->n; i + 1 < j; i++) {
		struct step swapped = s->step[i];

		s->step[i] = s->step[--j];
		s->step[j] = swapped;
	}
}

static int common(struct script *s, const struct part *p, struct arena *arena)
{
	const size_t used = arena->used;
	int **reach, d;

	if (p->an - p->from > INT_MAX / 2 || p->bn - p->from > INT_MAX / 2)
		return -1;
	reach = arena_alloc(arena, (MAX_CHANGES + 1) * sizeof(*reach));
	d = reach != NULL ? find_changes(p, reach, arena) : -1;
	if (d >= 0)
		push_back(s, p, reach, d);
	arena->used = used;
	return d < 0 ? -1 : 0;
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
	if (common(ret, &(struct part){a, b, from, an, bn}, arena) < 0) {
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

/* The name for patch(1): what is more than a plain word in quotes, as in C. */
static void add_name(struct strbuf *out, const char *sign, const char *path)
{
	bool plain = path != NULL && path[0] != '\0';

	for (const char *p = path; p != NULL && *p != '\0'; p++)
		plain &= *p > ' ' && *p != '"' && *p != '\\' && *p != 0x7f;
	strbuf_add(out, span_of(sign));
	if (path == NULL || plain) {
		strbuf_add(out, span_of(path != NULL ? path : "/dev/null"));
		strbuf_add(out, SPAN("\n"));
		return;
	}
	strbuf_add(out, SPAN("\""));
	for (; *path != '\0'; path++) {
		if (*path == '"' || *path == '\\')
			strbuf_printf(out, "\\%c", *path);
		else if (*path >= ' ' && *path < 0x7f)
			strbuf_add(out, (struct span){path, 1});
		else
			strbuf_printf(out, "\\%03o", (unsigned char)*path);
	}
	strbuf_add(out, SPAN("\"\n"));
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
	add_name(out, "--- ", before.p != NULL ? path : NULL);
	add_name(out, "+++ ", after.p != NULL ? path : NULL);
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
