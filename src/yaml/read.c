/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml/read.h"

#include <yaml.h>

/* Looking for an alias's anchor goes over the list; no file that somebody has written comes near.
 */
#define MAX_LOOKS 10000000

struct anchor {
	struct span name;
	struct tree *value; /* NULL: it is being read */
	struct anchor *next;
};

/* A collection that is being read. */
struct open {
	struct tree *tree;
	struct tree_entry **end; /* where the next entry goes */
	struct tree *key;        /* that waits for its value */
	struct anchor *anchor;   /* that names it */
};

struct reader {
	yaml_parser_t parser;
	const struct yaml_taker *taker;
	struct arena *arena;
	struct open open[YAML_MAX_DEPTH];
	size_t depth;
	struct tree *root;
	struct anchor *anchors; /* of this document */
	size_t looks;           /* for aliases, in all of the text */
	struct span rest;       /* what libyaml has not asked for yet */
	struct span text;       /* p == NULL: not UTF-8 */
	size_t chars, bytes;    /* a place in it that libyaml has come to */
	struct yaml_place place;
};

static int out_of_memory(struct error *err)
{
	return error_set(err, "the document is too large");
}

/* ---- JSON ---- */

/*
 * libyaml takes no \uD83D\uDE00. Such a half becomes U+FFFD, which is as long where it is written:
 * nothing that is looked at has one, and all places stay.
 */
static int without_surrogates(struct span *text, struct arena *arena, struct error *err)
{
	size_t blanks = 0;
	char *copy;

	while (blanks < text->n && memchr(" \t\r\n", text->p[blanks], 4) != NULL)
		blanks++;
	if (blanks == text->n || (text->p[blanks] != '{' && text->p[blanks] != '[') ||
	    (memmem(text->p, text->n, "\\ud", 3) == NULL &&
	     memmem(text->p, text->n, "\\uD", 3) == NULL))
		return 0;
	copy = arena_alloc(arena, text->n);
	if (copy == NULL)
		return out_of_memory(err);
	memcpy(copy, text->p, text->n);
	for (size_t i = 0; i + 6 <= text->n; i++) {
		if (copy[i] != '\\')
			continue;
		if (copy[i + 1] == 'u' && (copy[i + 2] == 'd' || copy[i + 2] == 'D') &&
		    memchr("89abcdefABCDEF", copy[i + 3], 14) != NULL)
			memcpy(copy + i + 2, "FFFD", 4);
		i++;
	}
	text->p = copy;
	return 0;
}

/* ---- places ---- */

/* UTF-8 is what begins with no mark of UTF-16. */
static struct span without_mark(struct span text)
{
	if (span_has_prefix(text, SPAN("\xff\xfe")) || span_has_prefix(text, SPAN("\xfe\xff")))
		return (struct span){NULL, 0};
	return text;
}

/* Marks count characters, without the mark at the beginning of the text. They hardly ever go back,
 * and then by little. */
static size_t byte_of(struct reader *r, const yaml_mark_t *mark)
{
	const struct span text = r->text;

	if (text.p == NULL)
		return TREE_NOWHERE;
	if (mark->index < r->chars) {
		r->chars = 0;
		r->bytes = span_has_prefix(text, SPAN("\xef\xbb\xbf")) ? 3 : 0;
	}
	for (; r->chars < mark->index && r->bytes < text.n; r->chars++) {
		r->bytes++;
		while (r->bytes < text.n && ((unsigned char)text.p[r->bytes] & 0xC0) == 0x80)
			r->bytes++;
	}
	return r->bytes;
}

/* ---- values ---- */

static struct tree *new_value(struct reader *r, enum tree_type type, const yaml_event_t *event)
{
	struct tree *value = arena_alloc(r->arena, sizeof(*value));

	if (value != NULL)
		*value = (struct tree){.type = type,
				       .line = event->start_mark.line + 1,
				       .column = event->start_mark.column + 1,
				       .begin = byte_of(r, &event->start_mark),
				       .end = TREE_NOWHERE};
	return value;
}

/* Put a value that is whole, or has just been opened, where it belongs. */
static int place_value(struct reader *r, struct tree *value, struct error *err)
{
	struct open *parent = r->depth > 0 ? &r->open[r->depth - 1] : NULL;
	struct tree_entry *entry;

	if (parent == NULL) {
		r->root = value;
		return 0;
	}
	if (parent->tree->type == TREE_MAPPING && parent->key == NULL) {
		parent->key = value;
		return 0;
	}
	entry = arena_alloc(r->arena, sizeof(*entry));
	if (entry == NULL)
		return out_of_memory(err);
	*entry = (struct tree_entry){parent->key, value, NULL};
	parent->key = NULL;
	*parent->end = entry;
	parent->end = &entry->next;
	return 0;
}

static int add_anchor(struct reader *r, const yaml_char_t *name, struct tree *value,
		      struct anchor **ret_anchor, struct error *err)
{
	struct anchor *anchor;
	char *copy;

	*ret_anchor = NULL;
	if (name == NULL)
		return 0;
	anchor = arena_alloc(r->arena, sizeof(*anchor));
	copy = arena_strdup(r->arena, span_of((const char *)name));
	if (anchor == NULL || copy == NULL)
		return out_of_memory(err);
	*anchor = (struct anchor){span_of(copy), value, r->anchors};
	r->anchors = *ret_anchor = anchor;
	return 0;
}

static int read_alias(struct reader *r, const yaml_event_t *event, struct error *err)
{
	struct span name = span_of((const char *)event->data.alias.anchor);

	for (const struct anchor *a = r->anchors; a != NULL; a = a->next) {
		if (++r->looks > MAX_LOOKS)
			return error_set(err, "too many anchors and aliases");
		if (!span_eq(a->name, name))
			continue;
		if (a->value == NULL)
			return error_set(err, "alias \"%.*s\" stands inside of what it names",
					 SPAN_ARG(name));
		a->value->shared = true;
		return place_value(r, a->value, err);
	}
	return error_set(err, "alias \"%.*s\" has no anchor above it", SPAN_ARG(name));
}

static int read_scalar(struct reader *r, const yaml_event_t *event, struct error *err)
{
	struct tree *value = new_value(r, TREE_SCALAR, event);
	struct anchor *ignored;
	char *text = arena_strdup(r->arena, (struct span){(const char *)event->data.scalar.value,
							  event->data.scalar.length});

	if (value == NULL || text == NULL)
		return out_of_memory(err);
	value->end = byte_of(r, &event->end_mark);
	value->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	value->text = (struct span){text, event->data.scalar.length};
	if (r->taker->scalar != NULL)
		r->taker->scalar(r->taker->ctx, value);
	if (add_anchor(r, event->data.scalar.anchor, value, &ignored, err) < 0)
		return -1;
	return place_value(r, value, err);
}

static int begin_collection(struct reader *r, const yaml_event_t *event, enum tree_type type,
			    const yaml_char_t *name, struct error *err)
{
	struct tree *value = new_value(r, type, event);
	struct anchor *anchor;

	if (value == NULL)
		return out_of_memory(err);
	value->flow = type == TREE_MAPPING
			      ? event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
			      : event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	if (r->depth == YAML_MAX_DEPTH)
		return error_set(err, "more than %d values lie in each other", YAML_MAX_DEPTH);
	/* What a template of Helm looks like to YAML, {{ .Values.x }}: a mapping as a key. Without
	 * such keys a walk of all values meets each alias after what it stands for. */
	if (r->depth > 0 && r->open[r->depth - 1].key == NULL &&
	    r->open[r->depth - 1].tree->type == TREE_MAPPING)
		return error_set(err, "a mapping or a list is a key");
	if (add_anchor(r, name, NULL, &anchor, err) < 0 || place_value(r, value, err) < 0)
		return -1;
	r->open[r->depth++] = (struct open){value, &value->first, NULL, anchor};
	return 0;
}

static int end_collection(struct reader *r)
{
	const struct open *done = &r->open[--r->depth];

	if (done->anchor != NULL)
		done->anchor->value = done->tree;
	return 0;
}

/* ---- events ---- */

static int read_event(struct reader *r, const yaml_event_t *event, struct error *err)
{
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return read_alias(r, event, err);
	case YAML_SCALAR_EVENT:
		return read_scalar(r, event, err);
	case YAML_SEQUENCE_START_EVENT:
		return begin_collection(r, event, TREE_SEQUENCE, event->data.sequence_start.anchor,
					err);
	case YAML_MAPPING_START_EVENT:
		return begin_collection(r, event, TREE_MAPPING, event->data.mapping_start.anchor,
					err);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return end_collection(r);
	default:
		return 0;
	}
}

/* An empty document is null. */
static bool is_empty(const struct tree *root)
{
	return root == NULL || (root->type == TREE_SCALAR && root->plain && root->text.n == 0);
}

/* libyaml looks through all directives %TAG of a document for each of them. */
#define MAX_TAGS 256

static bool has_many_tags(const yaml_parser_t *p)
{
	return p->tag_directives.top - p->tag_directives.start > MAX_TAGS;
}

/* What libyaml reads next, some 16 KiB. 0 is an error. */
static int next_piece(void *ctx, unsigned char *buffer, size_t size, size_t *ret_n)
{
	struct reader *r = ctx;

	if (has_many_tags(&r->parser))
		return 0;
	*ret_n = r->rest.n < size ? r->rest.n : size;
	if (*ret_n > 0)
		memcpy(buffer, r->rest.p, *ret_n);
	r->rest = span_skip(r->rest, *ret_n);
	return 1;
}

static int parser_error(struct reader *r, struct span text, struct error *err)
{
	const yaml_parser_t *p = &r->parser;

	if (has_many_tags(p))
		return error_set(err, "has more than %d directives %%TAG", MAX_TAGS);
	if (p->error == YAML_MEMORY_ERROR)
		return error_set(err, "out of memory");
	r->place = (struct yaml_place){p->problem_mark.line + 1, p->problem_mark.column + 1};
	if (p->error == YAML_READER_ERROR)
		text_position(text, p->problem_offset, &r->place.line, &r->place.column);
	if (p->context != NULL && p->context_mark.line != p->problem_mark.line)
		return error_set(err, "no YAML: %s (%s from line %zu on)", p->problem, p->context,
				 p->context_mark.line + 1);
	return error_set(err, "no YAML: %s", p->problem);
}

static int read_documents(struct reader *r, struct span text, struct error *err)
{
	const struct arena at_start = *r->arena;
	yaml_event_type_t type;
	yaml_event_t event;
	int status;

	do {
		if (!yaml_parser_parse(&r->parser, &event))
			return parser_error(r, text, err);
		type = event.type;
		status = read_event(r, &event, err);
		if (status < 0)
			r->place = (struct yaml_place){event.start_mark.line + 1,
						       event.start_mark.column + 1};
		yaml_event_delete(&event);
		if (status < 0)
			return -1;
		if (type != YAML_DOCUMENT_END_EVENT)
			continue;
		if (!is_empty(r->root) && r->taker->document(r->taker->ctx, r->root, err) < 0)
			return -1;
		r->root = NULL;
		r->anchors = NULL;
		*r->arena = at_start;
	} while (type != YAML_STREAM_END_EVENT);
	return 0;
}

int yaml_read(struct span text, struct arena *arena, const struct yaml_taker *taker,
	      struct yaml_place *ret_place, struct error *err)
{
	const struct arena at_start = *arena;
	struct reader r = {.taker = taker, .arena = arena};
	int status;

	*ret_place = (struct yaml_place){0, 0};
	if (without_surrogates(&text, arena, err) < 0)
		return -1;
	if (!yaml_parser_initialize(&r.parser))
		return error_set(err, "out of memory");
	r.text = without_mark(text);
	r.bytes = span_has_prefix(text, SPAN("\xef\xbb\xbf")) ? 3 : 0;
	r.rest = text;
	yaml_parser_set_input(&r.parser, next_piece, &r);
	status = read_documents(&r, text, err);
	*ret_place = r.place;
	yaml_parser_delete(&r.parser);
	*arena = at_start;
	return status;
}
