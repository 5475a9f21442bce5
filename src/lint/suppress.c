/* SPDX-License-Identifier: Apache-2.0 */
/* Comments that suppress findings. */
#include "lint/lint-internal.h"

#include "base/suggest.h"

#include <stdio.h>

static const struct span marker = {"seccomp-guard: ignore", 21};

/* What begins a comment: in YAML and units, in units, and in policies. */
static const struct span signs[] = {{"#", 1}, {";", 1}, {"//", 2}};

/* The line at the beginning of `rest`, which is moved behind it. */
static struct span next_line(struct span *rest)
{
	const char *end = memchr(rest->p, '\n', rest->n);
	struct span line = {rest->p, end != NULL ? (size_t)(end - rest->p) : rest->n};

	*rest = span_skip(*rest, line.n + (end != NULL));
	return line;
}

static bool is_comment(struct span line)
{
	line = lint_trimmed(line);
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (span_has_prefix(line, signs[i]))
			return true;
	return false;
}

/* What is known of the quotes in a line: up to where, and whether a string is open there. */
struct quotes {
	const char *at;
	bool inside;
};

/* In JSON: strings end in the line that they begin in. Asked from left to right, so that a line of
 * many megabytes is looked at once. */
static bool is_in_string(struct quotes *quotes, const char *at)
{
	for (; quotes->at < at; quotes->at++) {
		if (*quotes->at == '\\' && quotes->inside)
			quotes->at++;
		else if (*quotes->at == '"')
			quotes->inside = !quotes->inside;
	}
	return quotes->inside;
}

/* Where the comment begins that has the marker at `at`, a sign and blanks before it; NULL: it is in
 * none. A sign inside of a word begins no comment. */
static const char *comment_begin(struct span line, struct quotes *quotes, const char *at)
{
	while (at > line.p && lint_is_blank(at[-1]))
		at--;
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
		const char *begin = at - signs[i].n;

		if ((size_t)(at - line.p) >= signs[i].n &&
		    memcmp(begin, signs[i].p, signs[i].n) == 0 &&
		    (begin == line.p || lint_is_blank(begin[-1])) &&
		    (signs[i].p[0] != '/' || !is_in_string(quotes, begin)))
			return begin;
	}
	return NULL;
}

/* The word at the beginning of a list "a,b". */
static struct span next_word(struct span *list)
{
	const char *comma = memchr(list->p, ',', list->n);
	struct span word = {list->p, comma != NULL ? (size_t)(comma - list->p) : list->n};

	*list = span_skip(*list, word.n + (comma != NULL));
	return word;
}

/* The first word of the comment that is no rule; p == NULL: there is none. */
static struct span unknown_rule(struct span list)
{
	do {
		struct span word = next_word(&list);
		size_t i = 0;

		while (i < LINT_RULES && !span_eq(word, span_of(lint_rules[i].id)))
			i++;
		if (i == LINT_RULES)
			return word;
	} while (list.n > 0);
	return (struct span){NULL, 0};
}

/* What keeps a comment from suppressing anything; "": nothing. */
static void check(const struct lint_suppression *s, struct error *err)
{
	struct span unknown = unknown_rule(s->rules);
	struct suggestion near = suggest(unknown);

	err->text[0] = '\0';
	if (s->rules.n == 0) {
		error_set(err, "the comment names no rule");
	} else if (unknown.p != NULL) {
		for (size_t i = 0; i < LINT_RULES; i++)
			suggest_try(&near, span_of(lint_rules[i].id));
		error_set(err, "the comment names a rule \"%.*s\", which there is not",
			  SPAN_ARG(unknown));
		error_suggest(err, &near);
	} else if (s->reason.n == 0) {
		error_set(err, "the comment gives no reason, so it suppresses nothing");
	}
}

/* Of the comment's text behind the marker. */
static void read_comment(struct span text, struct lint_suppression *s)
{
	text = lint_trimmed(text);
	s->rules = (struct span){text.p, 0};
	while (s->rules.n < text.n && !lint_is_blank(text.p[s->rules.n]))
		s->rules.n++;
	s->reason = lint_trimmed(span_skip(text, s->rules.n));
	if (s->rules.n > 0 && s->rules.p[s->rules.n - 1] == ':')
		s->rules.n--;
}

/* How many there may be. */
static size_t count_markers(struct span text)
{
	size_t n = 0;

	for (const char *p; (p = memmem(text.p, text.n, marker.p, marker.n)) != NULL; n++)
		text = span_skip(text, (size_t)(p - text.p) + marker.n);
	return n;
}

/* A comment of line `number`, unless something is wrong with it, which is told. */
static bool read_line(struct lint *lint, struct span line, size_t number,
		      struct lint_suppression *ret)
{
	const char *found = NULL, *begin = NULL;
	struct span rest = line;
	struct quotes quotes = {.at = line.p};
	struct lint_suppression s = {.line = number, .holds_for = number};
	struct error wrong;

	while (begin == NULL) {
		found = memmem(rest.p, rest.n, marker.p, marker.n);
		if (found == NULL)
			return false;
		begin = comment_begin(line, &quotes, found);
		rest = span_skip(line, (size_t)(found - line.p) + marker.n);
	}
	s.column = (size_t)(begin - line.p) + 1;
	s.at = (size_t)(begin - lint->text.p);
	read_comment(span_skip(line, (size_t)(found - line.p) + marker.n), &s);
	check(&s, &wrong);
	if (wrong.text[0] != '\0') {
		lint_tell_at(lint, LINT_BAD_SUPPRESSION, s.line, s.column, wrong.text);
		return false;
	}
	*ret = s;
	return true;
}

int lint_suppress_read(struct lint *lint, struct span text, struct arena *keep, struct error *err)
{
	const size_t most = count_markers(text);
	size_t waiting = 0, number = 1; /* those on lines of their own hold for the next code */
	struct lint_suppression *all = arena_alloc(keep, most * sizeof(*all));
	struct span rest = text;

	if (all == NULL && most > 0)
		return error_set(err, "too many comments that suppress findings");
	lint->suppressions = all;
	for (; rest.n > 0; number++) {
		struct span line = next_line(&rest);
		bool alone = is_comment(line);

		for (; !alone && waiting < lint->n_suppressions; waiting++)
			all[waiting].holds_for = number;
		if (lint->n_suppressions < most &&
		    read_line(lint, line, number, &all[lint->n_suppressions])) {
			lint->n_suppressions++;
			waiting += !alone;
		}
	}
	for (; waiting < lint->n_suppressions; waiting++)
		all[waiting].holds_for = number;
	return 0;
}

/* The first that holds for `line` or a later one: they are in this order. */
static size_t first_for(const struct lint *lint, size_t line)
{
	size_t low = 0, high = lint->n_suppressions;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (lint->suppressions[middle].holds_for < line)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct lint_suppression *lint_suppressed(struct lint *lint, enum lint_rule_id rule,
					       size_t line)
{
	const struct lint_suppression *found = NULL;

	for (size_t i = first_for(lint, line);
	     i < lint->n_suppressions && lint->suppressions[i].holds_for == line; i++) {
		struct lint_suppression *s = &lint->suppressions[i];
		struct span list = s->rules;

		while (list.n > 0)
			if (span_eq(next_word(&list), span_of(lint_rules[rule].id))) {
				s->used = true;
				found = s;
			}
	}
	return found;
}

void lint_scalar(struct lint *lint, const struct tree *scalar)
{
	size_t low = 0, high = lint->n_suppressions;

	if (high == 0 || scalar->begin == TREE_NOWHERE)
		return;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (lint->suppressions[middle].at < scalar->begin)
			low = middle + 1;
		else
			high = middle;
	}
	/* It is no comment: it names no rule, and nobody misses what it suppresses. */
	for (; low < lint->n_suppressions && lint->suppressions[low].at < scalar->end; low++) {
		lint->suppressions[low].rules.n = 0;
		lint->suppressions[low].used = true;
	}
}
