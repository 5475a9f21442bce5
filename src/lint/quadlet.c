/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quadlets, the units of systemd that podman runs containers by: podman-systemd.unit(5); the syntax
 * is that of systemd.syntax(7). SeccompProfile= is given to podman first and PodmanArgs= behind it,
 * and of several options podman takes the last.
 */
#include "lint/lint-internal.h"

#include <stdio.h>

/* Sections whose options podman is run with. */
static const struct section {
	const char *name, *who;
	bool is_container;
} sections[] = {{"Container", "the container", true},
		{"Pod", "the pod's containers", false},
		{"Build", "the build", false}};

/* ---- lines ---- */

struct line {
	struct span text; /* what is left of it, without blanks around it, and without its end */
	const char *begin;
	size_t number;
};

/* A place: finding out which column it is takes a look at the line. */
struct place {
	const char *at;
	struct line line;
};

struct lines {
	struct span rest;
	size_t number; /* of the next one */
};

static bool is_comment(struct span line)
{
	return line.n > 0 && (line.p[0] == '#' || line.p[0] == ';');
}

static struct lines begin_lines(struct span text)
{
	return (struct lines){span_skip(text, span_has_prefix(text, SPAN("\xef\xbb\xbf")) ? 3 : 0),
			      1};
}

/* The next line that is no comment. */
static bool next_line(struct lines *lines, struct line *ret_line)
{
	while (lines->rest.n > 0) {
		const char *end = memchr(lines->rest.p, '\n', lines->rest.n);
		struct span text = {lines->rest.p,
				    end != NULL ? (size_t)(end - lines->rest.p) : lines->rest.n};

		lines->rest = span_skip(lines->rest, text.n + (end != NULL));
		*ret_line = (struct line){lint_trimmed(text), text.p, lines->number++};
		if (!is_comment(ret_line->text))
			return true;
	}
	return false;
}

/* The next one that says something. */
static bool next_full(struct lines *lines, struct line *ret_line)
{
	do {
		if (!next_line(lines, ret_line))
			return false;
	} while (ret_line->text.n == 0);
	return true;
}

static struct place place_in(const struct line *line)
{
	return (struct place){line->text.p, *line};
}

static struct tree tree_of(const struct place *place)
{
	struct tree tree = {.line = place->line.number, .column = 1};

	for (const char *p = place->line.begin; p < place->at; p++)
		tree.column += ((unsigned char)*p & 0xC0) != 0x80;
	return tree;
}

/* "[Container]" */
static bool is_header(struct span line)
{
	if (line.n < 3 || line.p[0] != '[' || line.p[line.n - 1] != ']')
		return false;
	for (size_t i = 1; i < line.n - 1; i++)
		if (memchr("[]{},:\"'", line.p[i], 8) != NULL)
			return false;
	return true;
}

/* Its index; -1: another one. */
static int section_of(struct span header)
{
	const struct span name = {header.p + 1, header.n - 2};

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		if (span_eq(name, span_of(sections[i].name)))
			return (int)i;
	return -1;
}

/* A header, and behind it another one or a key with "=". */
bool lint_is_unit(struct span text)
{
	struct lines lines = begin_lines(text);
	struct line line;

	if (!next_full(&lines, &line) || !is_header(line.text))
		return false;
	return !next_full(&lines, &line) || is_header(line.text) ||
	       memchr(line.text.p, '=', line.text.n) != NULL;
}

/* ---- words of PodmanArgs= ---- */

#define WORD_SIZE 512

/* A value that goes on where a line ends in a backslash. */
struct value {
	struct line line; /* what is left of it */
	struct lines *lines;
};

/* The line goes on in the next one; comments between do not count, and an empty line ends it. */
static bool goes_on(struct value *v)
{
	if (v->line.text.n != 1 || v->line.text.p[0] != '\\')
		return false;
	v->line.text = span_skip(v->line.text, 1);
	return next_line(v->lines, &v->line);
}

static bool skip_blanks(struct value *v)
{
	do {
		v->line.text = lint_trimmed(v->line.text);
	} while (goes_on(v));
	return v->line.text.n > 0;
}

static unsigned int digit(char c)
{
	return c <= '9' ? (unsigned int)(c - '0') : (unsigned int)((c | 0x20) - 'a' + 10);
}

/* What a backslash and the characters behind it mean; *ret_n is how many these are. */
static char unescaped(struct span text, size_t *ret_n)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	*ret_n = 2;
	if (text.n >= 4 && text.p[1] == 'x' && memchr(hex, text.p[2], 22) != NULL &&
	    memchr(hex, text.p[3], 22) != NULL) {
		*ret_n = 4;
		return (char)(digit(text.p[2]) << 4 | digit(text.p[3]));
	}
	return text.p[1] == 's' ? ' ' : text.p[1];
}

/* The character at the front of the value, which is taken from it; *ret_plain: it is written as
 * such. -1: the value is at its end. */
static int next_char(struct value *v, bool *ret_plain)
{
	size_t width = 1;
	int c;

	*ret_plain = true;
	if (goes_on(v))
		return ' ';
	if (v->line.text.n == 0)
		return -1;
	c = (unsigned char)v->line.text.p[0];
	if (c == '\\' && v->line.text.n > 1) {
		c = (unsigned char)unescaped(v->line.text, &width);
		*ret_plain = false;
	}
	v->line.text = span_skip(v->line.text, width);
	return c;
}

/* The next word without its quotes, NUL-terminated and cut where it is too long, and where it
 * begins. */
static bool next_word(struct value *v, char out[WORD_SIZE], struct place *ret_at)
{
	size_t n = 0;
	int quote = 0, c;
	bool plain;

	if (!skip_blanks(v))
		return false;
	*ret_at = place_in(&v->line);
	while ((c = next_char(v, &plain)) >= 0) {
		if (plain && quote == 0 && lint_is_blank((char)c))
			break;
		if (plain && (c == quote || (quote == 0 && (c == '"' || c == '\''))))
			quote = quote == 0 ? c : 0;
		else if (n < WORD_SIZE - 1)
			out[n++] = (char)c;
	}
	out[n] = '\0';
	return true;
}

/* ---- options ---- */

#define MAX_REMOVALS 8

/* What the sections of one name say, which count as one. */
struct unit {
	struct place header; /* the first; at == NULL: there is no such section */
	/* By SeccompProfile=; at.at == NULL: it is not there. */
	struct span key;
	struct place key_at;
	/* By PodmanArgs=. */
	bool privileged;
	struct place privileged_at;
	char profile[WORD_SIZE];
	struct place profile_at;
	/* What says unconfined, to be taken out; n_removals > MAX_REMOVALS: not all is certain. */
	struct span removals[MAX_REMOVALS];
	size_t n_removals;
};

static bool is_truth(const char *word)
{
	static const char *const words[] = {"1", "t", "T", "true", "TRUE", "True"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

static bool says_unconfined(struct span profile)
{
	return span_eq(profile, SPAN("unconfined"));
}

/* `part` says which profile: p == NULL: in a way that is not taken out. */
static void note_removal(struct unit *u, struct span part)
{
	if (part.p == NULL || u->n_removals >= MAX_REMOVALS)
		u->n_removals = MAX_REMOVALS + 1;
	else
		u->removals[u->n_removals++] = part;
}

/*
 * The words from `begin` up to where `v` is, with the blanks behind them, or those in front where
 * nothing follows. The line has no quotes, escapes nor more lines. Where nothing else is in it, it
 * goes whole (n == 0): an assignment of nothing would take back others. p == NULL: a part of the
 * line goes already.
 */
static struct span part_of_line(const struct unit *u, const char *begin, const struct value *v)
{
	const char *end = v->line.text.p, *line_end = v->line.text.p + v->line.text.n;

	if (u->n_removals > 0 && u->n_removals <= MAX_REMOVALS &&
	    u->removals[u->n_removals - 1].p >= v->line.begin)
		return (struct span){0};
	while (end < line_end && lint_is_blank(*end))
		end++;
	if (end == line_end)
		while (lint_is_blank(begin[-1]))
			begin--;
	return (struct span){begin,
			     end == line_end && begin[-1] == '=' ? 0 : (size_t)(end - begin)};
}

static bool is_plain(struct span line)
{
	return memchr(line.p, '\\', line.n) == NULL && memchr(line.p, '"', line.n) == NULL &&
	       memchr(line.p, '\'', line.n) == NULL;
}

/* `part`: what is to be taken out where it says unconfined. */
static void take_option(struct unit *u, const char *option, const struct place *at,
			struct span part)
{
	struct span profile;

	if (!lint_security_opt(span_of(option), &profile))
		return;
	note_removal(u, says_unconfined(profile) ? part : (struct span){0});
	snprintf(u->profile, sizeof(u->profile), "%s", profile.p);
	u->profile_at = *at;
}

static void read_args(struct unit *u, struct value *v)
{
	static const char option[] = "--security-opt", flag[] = "--privileged";
	const size_t n = sizeof(option) - 1, m = sizeof(flag) - 1;
	const bool plain = is_plain(v->line.text);
	char word[WORD_SIZE];
	struct place at;

	/* An empty assignment takes back those before it. */
	if (!skip_blanks(v)) {
		u->privileged = false;
		u->profile_at.at = NULL;
	}
	while (next_word(v, word, &at)) {
		if (strncmp(word, flag, m) == 0 && (word[m] == '\0' || word[m] == '=')) {
			u->privileged = word[m] == '\0' || is_truth(word + m + 1);
			u->privileged_at = at;
		} else if (strncmp(word, option, n) == 0 && word[n] == '=') {
			take_option(u, word + n + 1, &at,
				    plain ? part_of_line(u, at.at, v) : (struct span){0});
		} else if (strcmp(word, option) == 0) {
			const char *begin = at.at;

			if (next_word(v, word, &at))
				take_option(u, word, &at,
					    plain ? part_of_line(u, begin, v) : (struct span){0});
		}
	}
}

static void read_key(struct unit *u, struct line line, struct lines *lines)
{
	const char *equals = memchr(line.text.p, '=', line.text.n);
	struct value v = {line, lines};
	struct span key;

	if (equals == NULL)
		return;
	key = lint_trimmed((struct span){line.text.p, (size_t)(equals - line.text.p)});
	v.line.text = lint_trimmed(span_skip(line.text, (size_t)(equals - line.text.p) + 1));
	if (span_eq(key, SPAN("PodmanArgs"))) {
		read_args(u, &v);
	} else if (span_eq(key, SPAN("SeccompProfile"))) {
		skip_blanks(&v);
		u->key_at = place_in(&v.line);
		u->key = v.line.text;
		if (u->key.n > 0 && u->key.p[u->key.n - 1] == '\\')
			u->key = lint_trimmed((struct span){u->key.p, u->key.n - 1});
		if (u->key.n > 0)
			note_removal(u, says_unconfined(v.line.text) && v.line.number == line.number
						? (struct span){u->key.p, 0}
						: (struct span){0});
	}
	/* What is left of a value that goes on is no key. */
	while (v.line.text.n > 0 && v.line.text.p[v.line.text.n - 1] == '\\' &&
	       next_line(lines, &v.line))
		;
}

static void check_section(struct lint *lint, const struct unit *u, const struct section *section)
{
	const bool by_args = u->profile_at.at != NULL;
	const struct place *at = by_args ? &u->profile_at : &u->key_at;
	const struct tree header = tree_of(&u->header);
	struct lint_options options = {.whole = &header, .privileged = u->privileged};

	snprintf(options.who, sizeof(options.who), "%s", section->who);
	if (u->privileged)
		options.privileged_at = tree_of(&u->privileged_at);
	if (at->at != NULL) {
		options.has_profile = true;
		options.profile = by_args ? span_of(u->profile) : u->key;
		options.profile_at = tree_of(at);
	}
	if (lint_options_check(lint, &options) && u->n_removals <= MAX_REMOVALS)
		for (size_t i = 0; i < u->n_removals; i++)
			lint_fix_remove(lint, u->removals[i].n > 0
						      ? u->removals[i]
						      : lint_fix_line(lint, u->removals[i].p));
	lint->how->counts->containers += section->is_container;
}

void lint_quadlet(struct lint *lint)
{
	struct lines lines = begin_lines(lint->text);
	struct unit units[ARRAY_SIZE(sections)] = {0};
	bool known = false;
	int section = -1;
	struct line line;

	while (next_full(&lines, &line)) {
		if (!is_header(line.text)) {
			if (section >= 0)
				read_key(&units[section], line, &lines);
			continue;
		}
		section = section_of(line.text);
		if (section >= 0 && units[section].header.at == NULL)
			units[section].header = place_in(&line);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		if (units[i].header.at == NULL)
			continue;
		known = true;
		check_section(lint, &units[i], &sections[i]);
	}
	lint->how->counts->objects += known;
	lint->how->counts->ignored += !known;
}
