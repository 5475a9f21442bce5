/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of a file's text that mend what was found, and keep every other byte. Only where one
 * is certain: the text at hand is looked at, and what is written in another way than is known here
 * stays as it is.
 */
#include "lint/lint-internal.h"

#include <stdio.h>

#define TYPE "RuntimeDefault"

struct lint_edit {
	size_t at, removed;
	struct span text; /* that is put in */
	struct lint_edit *next;
};

/* ---- changes ---- */

/* Too little memory is one change less. */
static void change(struct lint *lint, size_t at, size_t removed, const char *text)
{
	struct lint_edit *edit = arena_alloc(lint->keep, sizeof(*edit));
	const struct span copy = span_of(arena_strdup(lint->keep, span_of(text)));

	if (edit == NULL || copy.p == NULL)
		return;
	*edit = (struct lint_edit){at, removed, copy, lint->edits};
	lint->edits = edit;
}

/* ---- how the text is written ---- */

static size_t line_begin(struct span text, size_t at)
{
	while (at > 0 && text.p[at - 1] != '\n')
		at--;
	return at;
}

/* Behind the newline that ends the line. */
static size_t line_end(struct span text, size_t at)
{
	while (at < text.n && text.p[at] != '\n')
		at++;
	return at < text.n ? at + 1 : at;
}

/* The end of lines, as in the first one. */
static const char *newline_of(struct span text)
{
	const char *first = memchr(text.p, '\n', text.n);

	return first != NULL && first > text.p && first[-1] == '\r' ? "\r\n" : "\n";
}

/* The blanks of the line up to the place; -1: there is something else before it. */
static int indent_of(struct span text, size_t at)
{
	size_t n = at - line_begin(text, at);

	for (size_t i = at - n; i < at; i++)
		if (text.p[i] != ' ')
			return -1;
	return (int)n;
}

/* The same where elements of lists begin in the line. */
static int indent_in_list(struct span text, size_t at)
{
	size_t begin = line_begin(text, at);

	for (size_t i = begin; i < at; i++)
		if (text.p[i] != ' ' && (text.p[i] != '-' || text.p[i + 1] != ' '))
			return -1;
	return (int)(at - begin);
}

/* By how much values below this mapping are indented. */
static int step_of(const struct tree *mapping)
{
	for (const struct tree_entry *e = mapping->first; e != NULL; e = e->next) {
		const struct tree *value = e->value;

		if (value->type == TREE_MAPPING && !value->flow && !value->shared &&
		    value->first != NULL && value->first->key->column > e->key->column &&
		    value->first->key->column - e->key->column <= 8)
			return (int)(value->first->key->column - e->key->column);
	}
	return 2;
}

static bool is_comment_or_blank(struct span text, size_t begin)
{
	size_t end = line_end(text, begin);

	while (begin < end && memchr(" \t\r\n", text.p[begin], 4) != NULL)
		begin++;
	return begin == end || text.p[begin] == '#';
}

/* ---- a key more ---- */

/* What is added: nested keys from `key` on, "securityContext" or "seccompProfile". */
static const char *const keys[] = {"securityContext", "seccompProfile", "type"};
#define FIX_SIZE 512

/* {seccompProfile: {type: RuntimeDefault}}, from `first` on, without the outer braces. */
static void flow_text(char out[FIX_SIZE], size_t first, bool quoted)
{
	const char *quote = quoted ? "\"" : "";
	int n = 0;

	for (size_t i = first; i < ARRAY_SIZE(keys); i++)
		n += snprintf(out + n, FIX_SIZE - (size_t)n, "%s%s%s%s: ", i > first ? "{" : "",
			      quote, keys[i], quote);
	n += snprintf(out + n, FIX_SIZE - (size_t)n, "%s%s%s", quote, TYPE, quote);
	for (size_t i = first + 1; i < ARRAY_SIZE(keys); i++)
		n += snprintf(out + n, FIX_SIZE - (size_t)n, "}");
}

/* Whole lines, each with its indentation and end. */
static void block_text(const struct lint *lint, char out[FIX_SIZE], size_t first, int indent,
		       int step)
{
	const char *newline = newline_of(lint->text);
	int n = 0;

	for (size_t i = first; i < ARRAY_SIZE(keys); i++, indent += step)
		n += snprintf(out + n, FIX_SIZE - (size_t)n, "%*s%s:%s%s", indent, "", keys[i],
			      keys[i][0] == 't' ? " " TYPE : "", newline);
}

static void add_in_flow(struct lint *lint, const struct tree *mapping, size_t first, bool quoted)
{
	const struct span text = lint->text;
	char inner[FIX_SIZE], whole[2 * FIX_SIZE];
	const struct tree *key = mapping->first != NULL ? mapping->first->key : NULL;
	size_t at = key != NULL ? key->begin : mapping->begin + 1;
	int indent;

	if (text.p[mapping->begin] != '{')
		return;
	flow_text(inner, first, key != NULL ? text.p[at] == '"' : quoted);
	indent = indent_of(text, at);
	if (key == NULL)
		snprintf(whole, sizeof(whole), "%s", inner);
	else if (indent > 0 && key->line > mapping->line)
		snprintf(whole, sizeof(whole), "%s,%s%*s", inner, newline_of(text), indent, "");
	else
		snprintf(whole, sizeof(whole), "%s, ", inner);
	change(lint, at, 0, whole);
}

/* Behind the line in which a list's element begins with `entry`, or before its next key. */
static void add_in_element(struct lint *lint, const struct tree *mapping, size_t first)
{
	const struct span text = lint->text;
	const struct tree_entry *entry = mapping->first, *next = entry->next;
	const int indent = indent_in_list(text, entry->key->begin);
	const size_t end = line_end(text, entry->key->begin);
	char lines[FIX_SIZE];
	size_t at = end;

	if (next != NULL)
		at = line_begin(text, next->key->begin);
	else if (entry->value->type != TREE_SCALAR || entry->value->shared ||
		 entry->value->end > end || text.p[end - 1] != '\n')
		return;
	if (indent < 0 || (next != NULL && indent_of(text, next->key->begin) != indent))
		return;
	block_text(lint, lines, first, indent, step_of(mapping));
	change(lint, at, 0, lines);
}

/* Before the first key, and before the comments that stand above it. */
static void add_in_block(struct lint *lint, const struct tree *mapping, size_t first)
{
	const struct span text = lint->text;
	const size_t key = mapping->first->key->begin;
	const int indent = indent_of(text, key);
	char lines[FIX_SIZE];
	size_t at = line_begin(text, key);

	if (indent < 0) {
		add_in_element(lint, mapping, first);
		return;
	}
	while (at > 0 && is_comment_or_blank(text, line_begin(text, at - 1)))
		at = line_begin(text, at - 1);
	block_text(lint, lines, first, indent, step_of(mapping));
	change(lint, at, 0, lines);
}

static void add_keys(struct lint *lint, const struct tree *mapping, size_t first, bool quoted)
{
	if (mapping->flow)
		add_in_flow(lint, mapping, first, quoted);
	else if (mapping->first != NULL)
		add_in_block(lint, mapping, first);
}

/* ---- values in the place of others ---- */

/* "securityContext:" without a value, or with null. */
static void replace_null(struct lint *lint, const struct tree_entry *entry, size_t first)
{
	const struct tree *null = entry->value;
	char inner[FIX_SIZE], whole[2 * FIX_SIZE];

	if (null->end < null->begin || null->end - null->begin != null->text.n)
		return;
	flow_text(inner, first, lint->text.p[entry->key->begin] == '"');
	snprintf(whole, sizeof(whole), "%s{%s}", null->text.n == 0 ? " " : "", inner);
	change(lint, null->begin, null->text.n, whole);
}

void lint_fix_type(struct lint *lint, const struct tree *type)
{
	const struct span text = lint->text;
	size_t quotes = type->plain ? 0 : 1;

	if (!lint->how->fix || type->begin == TREE_NOWHERE || type->end > text.n ||
	    type->end - type->begin != type->text.n + 2 * quotes ||
	    memcmp(text.p + type->begin + quotes, type->text.p, type->text.n) != 0)
		return;
	change(lint, type->begin + quotes, type->text.n, TYPE);
}

/* ---- a pod or a container without a profile ---- */

/* The entry of `key`, if nothing else can bring that key in: *ret_free is whether it is not there
 * at all. */
static const struct tree_entry *only_entry(struct lint *lint, const struct tree *tree,
					   const char *key, bool *ret_free)
{
	const struct tree_entry *entry = lint_entry(lint, tree, key);

	*ret_free = entry == NULL && lint_get(lint, tree, key) == NULL;
	for (const struct tree_entry *e = tree->first; e != entry && entry != NULL; e = e->next)
		if (e->key->type == TREE_SCALAR && span_eq(e->key->text, span_of(key)))
			return NULL;
	return entry;
}

void lint_fix_absent(struct lint *lint, const struct tree *owner)
{
	bool quoted = false, is_free;

	if (!lint->how->fix || owner->begin == TREE_NOWHERE)
		return;
	for (size_t i = 0; i < 2 && owner->type == TREE_MAPPING; i++) {
		const struct tree_entry *entry = only_entry(lint, owner, keys[i], &is_free);

		if (is_free)
			add_keys(lint, owner, i, quoted);
		if (entry == NULL || entry->value->shared)
			return;
		if (lint_is_null(entry->value)) {
			replace_null(lint, entry, i + 1);
			return;
		}
		quoted = lint->text.p[entry->key->begin] == '"';
		owner = entry->value;
	}
}

/* ---- options of engines ---- */

void lint_fix_remove(struct lint *lint, struct span part)
{
	if (lint->how->fix)
		change(lint, (size_t)(part.p - lint->text.p), part.n, "");
}

struct span lint_fix_line(const struct lint *lint, const char *at)
{
	const size_t begin = line_begin(lint->text, (size_t)(at - lint->text.p));

	return (struct span){lint->text.p + begin, line_end(lint->text, begin) - begin};
}

/* Only blanks up to the end of the line, or a comment behind them. */
static bool ends_line(struct span text, size_t at)
{
	const size_t end = line_end(text, at);
	const size_t begin = at;

	while (at < end && memchr(" \t\r\n", text.p[at], 4) != NULL)
		at++;
	return at == end || (text.p[at] == '#' && at > begin);
}

/* Is the element of a block list one line, with nothing else in it? */
static bool is_line(struct span text, const struct tree *element)
{
	size_t at = line_begin(text, element->begin);

	while (text.p[at] == ' ')
		at++;
	if (text.p[at++] != '-')
		return false;
	while (text.p[at] == ' ')
		at++;
	return at == element->begin && ends_line(text, element->end);
}

struct options {
	const struct tree_entry *entry; /* security_opt with its list */
	size_t n, unconfined;
	const struct tree_entry *before,
		*which; /* the first that is unconfined, what is before it */
	const struct tree *last;
};

/* False where one of them is written in a way that leaves a doubt, or gives a profile. */
static bool look_at_options(struct lint *lint, struct options *o)
{
	const struct tree_entry *previous = NULL;
	struct span profile;

	for (const struct tree_entry *e = o->entry->value->first; e != NULL;
	     previous = e, e = e->next) {
		const struct tree *value = e->value;

		if (value->type != TREE_SCALAR || value->shared || value->begin == TREE_NOWHERE ||
		    value->end > lint->text.n || value->end <= value->begin)
			return false;
		o->n++;
		o->last = value;
		if (!lint_security_opt(lint_text(value), &profile))
			continue;
		if (!span_eq(profile, SPAN("unconfined")) ||
		    memmem(lint->text.p + value->begin, value->end - value->begin, value->text.p,
			   value->text.n) == NULL)
			return false;
		if (o->unconfined++ == 0) {
			o->which = e;
			o->before = previous;
		}
	}
	return o->unconfined > 0;
}

/* A list that is left empty stays: "[]". */
static void remove_in_flow(struct lint *lint, const struct options *o)
{
	const struct span text = lint->text;
	size_t begin = o->which->value->begin, end = o->which->value->end;

	if (o->n > 1 && o->which->next != NULL)
		end = o->which->next->value->begin;
	else if (o->n > 1)
		begin = o->before->value->end;
	/* Between elements there may be a comment. */
	if (o->unconfined != 1 || memchr(text.p + begin, '#', end - begin) != NULL)
		return;
	change(lint, begin, end - begin, "");
}

/* Of a list that is left empty the key goes too, if the service has others. */
static void remove_in_block(struct lint *lint, const struct tree *service, const struct options *o)
{
	const struct span text = lint->text;
	const size_t key = o->entry->key->begin;
	size_t at = line_end(text, key);
	struct span profile;

	if (o->unconfined == o->n) {
		if (service->flow || service->first->next == NULL || indent_of(text, key) < 0 ||
		    text.p[o->entry->key->end] != ':' || !ends_line(text, o->entry->key->end + 1))
			return;
		for (const struct tree_entry *e = o->entry->value->first; e != NULL; e = e->next) {
			if (at != line_begin(text, e->value->begin) || !is_line(text, e->value))
				return;
			at = line_end(text, at);
		}
		change(lint, line_begin(text, key), at - line_begin(text, key), "");
		return;
	}
	for (const struct tree_entry *e = o->which; e != NULL; e = e->next)
		if (lint_security_opt(lint_text(e->value), &profile) && is_line(text, e->value))
			lint_fix_remove(lint, lint_fix_line(lint, text.p + e->value->begin));
}

void lint_fix_security_opt(struct lint *lint, const struct tree *service)
{
	bool is_free;
	struct options o = {.entry = only_entry(lint, service, "security_opt", &is_free)};
	const struct tree *list = o.entry != NULL ? o.entry->value : NULL;

	if (!lint->how->fix || list == NULL || list->type != TREE_SEQUENCE || list->shared ||
	    list->begin == TREE_NOWHERE || service->shared || !look_at_options(lint, &o))
		return;
	if (list->flow)
		remove_in_flow(lint, &o);
	else
		remove_in_block(lint, service, &o);
}

/* ---- the result ---- */

/* Merge sort: there may be many. */
static struct lint_edit *sorted(struct lint_edit *list)
{
	struct lint_edit *half[2] = {NULL, NULL}, *result = NULL, **end = &result;

	if (list == NULL || list->next == NULL)
		return list;
	for (int i = 0; list != NULL; i = !i) {
		struct lint_edit *next = list->next;

		list->next = half[i];
		half[i] = list;
		list = next;
	}
	half[0] = sorted(half[0]);
	half[1] = sorted(half[1]);
	while (half[0] != NULL || half[1] != NULL) {
		int i = half[0] == NULL || (half[1] != NULL && half[1]->at < half[0]->at);

		*end = half[i];
		half[i] = half[i]->next;
		end = &(*end)->next;
	}
	return result;
}

int lint_apply(struct lint *lint, struct arena *arena, struct span *ret_text, struct error *err)
{
	struct lint_edit *edits = sorted(lint->edits);
	const struct span text = lint->text;
	size_t size = text.n, n = 0, from = 0;
	const struct lint_edit *last = NULL;
	char *out;

	for (const struct lint_edit *e = edits; e != NULL; e = e->next)
		size += e->text.n;
	out = arena_alloc(arena, size + 1);
	if (out == NULL)
		return error_set(err, "the file is too large to be mended");
	for (const struct lint_edit *e = edits; e != NULL; e = e->next) {
		/* Objects that share a value are mended by one change. */
		if (e->at < from || (last != NULL && last->at == e->at))
			continue;
		last = e;
		memcpy(out + n, text.p + from, e->at - from);
		n += e->at - from;
		memcpy(out + n, e->text.p, e->text.n);
		n += e->text.n;
		from = e->at + e->removed;
	}
	memcpy(out + n, text.p + from, text.n - from);
	lint->edits = NULL;
	*ret_text = (struct span){out, n + text.n - from};
	return 0;
}
