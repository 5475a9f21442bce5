/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"

#include <stdio.h>

/* Longer words are no slips of the pen for any name that we have. */
#define MAX_WORD 48

/* What counts as the same letter. */
static char fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c + ('a' - 'A'));
	return c == '_' ? '-' : c;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * The optimal string alignment distance: rows[i % 3][j] is that of the first i letters of `a` from
 * the first j of `b`. Both have at most MAX_WORD letters.
 */
static size_t distance(struct span a, struct span b)
{
	size_t rows[3][MAX_WORD + 1];

	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		const size_t *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];
		size_t *row = rows[i % 3];

		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			char x = fold(a.p[i - 1]), y = fold(b.p[j - 1]);

			row[j] = least(above[j - 1] + (x != y), least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && x == fold(b.p[j - 2]) && fold(a.p[i - 2]) == y)
				row[j] = least(row[j], two_above[j - 2] + 1);
		}
	}
	return rows[a.n % 3][b.n];
}

static bool begins_with(struct span name, struct span word)
{
	size_t i = 0;

	while (i < word.n && i < name.n && fold(word.p[i]) == fold(name.p[i]))
		i++;
	return i == word.n;
}

struct suggestion suggest(struct span word)
{
	return (struct suggestion){.word = word, .distance = MAX_WORD};
}

void suggest_try(struct suggestion *s, struct span name)
{
	size_t limit = (s->word.n > name.n ? s->word.n : name.n) / 3, d;

	if (s->word.n == 0 || s->word.n > MAX_WORD || name.n > MAX_WORD)
		return;
	limit = limit > 0 ? limit : 1;
	d = distance(s->word, name);
	if (s->word.n >= 3 && begins_with(name, s->word))
		d = least(d, limit);
	if (d > limit || d >= s->distance || d >= name.n)
		return;
	s->name = name;
	s->distance = d;
}

int error_suggest(struct error *err, const struct suggestion *s)
{
	size_t used = strlen(err->text);

	if (s->name.p != NULL)
		snprintf(err->text + used, sizeof(err->text) - used, "; did you mean \"%.*s\"?",
			 SPAN_ARG(s->name));
	return -1;
}
