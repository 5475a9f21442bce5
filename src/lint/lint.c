/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/lint-internal.h"

#include <stdio.h>

/*
 * Aliases and merge keys make few lines many: looking through them could take hours. So many
 * entries are looked at in a document, and so many merge keys followed from one to the next.
 */
#define MAX_STEPS 50000000
#define MAX_MERGES 32

/* ---- trees ---- */

bool lint_goes_on(struct lint *lint)
{
	return ++lint->steps < MAX_STEPS;
}

const struct tree_entry *lint_entry(struct lint *lint, const struct tree *tree, const char *key)
{
	const struct tree_entry *found = NULL;

	if (tree == NULL || tree->type != TREE_MAPPING)
		return NULL;
	for (const struct tree_entry *e = tree->first; e != NULL && lint->steps < MAX_STEPS;
	     e = e->next, lint->steps++)
		if (e->key->type == TREE_SCALAR && span_eq(e->key->text, span_of(key)))
			found = e;
	return found;
}

/* What "<<" brings in: a mapping, or a sequence of them, of which the first has its way. */
static struct tree *get_merged(struct lint *lint, const struct tree *merged, const char *key)
{
	struct tree *found;

	if (merged == NULL || merged->type != TREE_SEQUENCE)
		return lint_get(lint, merged, key);
	for (const struct tree_entry *e = merged->first; e != NULL; e = e->next) {
		found = lint_get(lint, e->value, key);
		if (found != NULL)
			return found;
	}
	return NULL;
}

struct tree *lint_get(struct lint *lint, const struct tree *tree, const char *key)
{
	const struct tree_entry *e = lint_entry(lint, tree, key);
	struct tree *found;

	if (e != NULL)
		return e->value;
	e = lint_entry(lint, tree, "<<");
	if (e == NULL)
		return NULL;
	if (lint->merges == MAX_MERGES) {
		lint->steps = MAX_STEPS;
		return NULL;
	}
	lint->merges++;
	found = get_merged(lint, e->value, key);
	lint->merges--;
	return found;
}

struct tree *lint_path(struct lint *lint, const struct tree *tree, const char *path)
{
	char key[64];
	struct tree *value = NULL;

	for (;;) {
		size_t n = strcspn(path, ".");

		snprintf(key, sizeof(key), "%.*s", (int)n, path);
		value = lint_get(lint, tree, key);
		if (value == NULL || path[n] == '\0')
			return value;
		tree = value;
		path += n + 1;
	}
}

bool lint_is_null(const struct tree *tree)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};

	if (tree->type != TREE_SCALAR || !tree->plain)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (span_eq(tree->text, span_of(words[i])))
			return true;
	return false;
}

struct span lint_text(const struct tree *tree)
{
	if (tree == NULL || tree->type != TREE_SCALAR || lint_is_null(tree))
		return (struct span){NULL, 0};
	return tree->text;
}

bool lint_is_true(const struct tree *tree)
{
	static const char *const words[] = {"true", "True", "TRUE", "yes", "Yes", "YES",
					    "on",   "On",   "ON",   "y",   "Y"};
	struct span text = lint_text(tree);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (span_eq(text, span_of(words[i])))
			return true;
	return false;
}

/* ---- lines ---- */

bool lint_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct span lint_trimmed(struct span line)
{
	while (line.n > 0 && lint_is_blank(line.p[0]))
		line = span_skip(line, 1);
	while (line.n > 0 && lint_is_blank(line.p[line.n - 1]))
		line.n--;
	return line;
}

/* ---- findings ---- */

void lint_tell_at(struct lint *lint, enum lint_rule_id rule, size_t line, size_t column,
		  const char *text)
{
	const struct lint_finding finding = {
		.rule = &lint_rules[rule], .line = line, .column = column, .text = text};

	lint->how->counts->found[finding.rule->severity]++;
	lint->how->tell(lint->how->ctx, &finding);
}

static void tell_suppressed(struct lint *lint, const struct lint_finding *finding)
{
	lint->how->counts->suppressed++;
	if (lint->how->suppressed_too)
		lint->how->tell(lint->how->ctx, finding);
}

bool lint_tell(struct lint *lint, enum lint_rule_id rule, const struct tree *at,
	       const struct tree *whole, const char *format, ...)
{
	char text[1024];
	va_list args;

	/* Both are asked, so that both count as used. */
	const struct lint_suppression *here = lint_suppressed(lint, rule, at->line);
	const struct lint_suppression *above =
		whole != NULL ? lint_suppressed(lint, rule, whole->line) : NULL;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (here == NULL && above == NULL) {
		lint_tell_at(lint, rule, at->line, at->column, text);
		return true;
	}
	tell_suppressed(lint, &(struct lint_finding){.rule = &lint_rules[rule],
						     .line = at->line,
						     .column = at->column,
						     .text = text,
						     .reason = here != NULL ? here->reason
									    : above->reason});
	return false;
}

/* Columns count characters, as libyaml's. */
void lint_position(const struct lint *lint, struct span part, size_t pos, struct tree *place)
{
	const struct span text = lint->text;
	size_t begin;

	pos += (size_t)(part.p - text.p);
	text_position(text, pos, &place->line, &place->column);
	begin = pos - (place->column - 1);
	for (size_t i = begin; i < pos && i < text.n; i++)
		place->column -= ((unsigned char)text.p[i] & 0xC0) == 0x80;
}

/* ---- a file ---- */

int lint_begin(struct lint *lint, const struct lint_how *how, struct span text, struct arena *keep,
	       struct error *err)
{
	*lint = (struct lint){.how = how, .text = text, .keep = keep};
	/* KICS has comments of its own, and does not read ours. */
	return how->kics ? 0 : lint_suppress_read(lint, text, keep, err);
}

int lint_document(struct lint *lint, struct tree *root, struct error *err)
{
	lint->steps = lint->merges = 0;
	if (lint->how->kics)
		lint_kics(lint, root);
	else if (lint_is_compose(lint, root))
		lint_compose(lint, root);
	else
		lint_kubernetes(lint, root);
	if (lint->steps >= MAX_STEPS)
		return error_set(
			err,
			"too much is repeated by aliases, or merged into each other by \"<<\"");
	return 0;
}

void lint_end(struct lint *lint)
{
	for (size_t i = 0; i < lint->n_suppressions; i++) {
		const struct lint_suppression *s = &lint->suppressions[i];

		if (!s->used)
			lint_tell_at(lint, LINT_UNUSED_SUPPRESSION, s->line, s->column,
				     "the comment suppresses no finding");
	}
}
