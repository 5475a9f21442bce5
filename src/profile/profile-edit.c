/* SPDX-License-Identifier: Apache-2.0 */
/* First the rules are noted with their places in the text, then it is copied without what goes. */
#include "profile/profile-edit.h"

#include "base/json-edit.h"
#include "base/jsontext.h"
#include "base/strbuf.h"
#include "oci/seccomp-rule.h"
#include "profile/profile-internal.h"

/* A name in a rule that an edit is about. */
struct name {
	size_t start, end;
	const struct profile_edit *edit; /* NULL: none is */
	bool goes;
	struct name *next;
};

struct rule {
	size_t start, end;
	enum oci_action action;
	bool goes;
	struct name *names, **tail; /* in `names`; of "name" one, by itself */
	struct rule *next;
};

/* The context of the scan: what the callbacks of oci/seccomp.c read goes to waste. */
struct editor {
	struct seccomp_reader oci; /* first */
	const struct profile_edit *edits;
	struct arena *scratch;
	struct rule rule; /* being read */
	struct rule *rules, **tail;
	size_t list; /* offset behind the bracket that opens `syscalls`; 0: there is none */
};

/* ---- reading ---- */

static size_t start_of(const struct editor *e, const struct json_value *value)
{
	return (size_t)(value->raw.p - e->oci.text.p);
}

static int begin_rule(void *ctx, struct error *err)
{
	struct editor *e = ctx;

	e->rule = (struct rule){.names = NULL};
	e->rule.tail = &e->rule.names;
	return ociseccomp_begin_rule(ctx, err);
}

static int add_name(void *ctx, const struct json_value *value, struct error *err)
{
	struct editor *e = ctx;
	struct name *name = arena_alloc(e->scratch, sizeof(*name));
	const struct profile_edit *edit = e->edits;

	if (name == NULL)
		return profilefile_too_large(err);
	while (edit != NULL && !span_eq(edit->call.name, value->str))
		edit = edit->next;
	*name = (struct name){.start = start_of(e, value), .edit = edit};
	name->end = name->start + value->raw.n;
	*e->rule.tail = name;
	e->rule.tail = &name->next;
	return 0;
}

static int set_action(void *ctx, const struct json_value *value, struct error *err)
{
	struct editor *e = ctx;

	if (ociseccomp_set_action(ctx, value, err) < 0)
		return -1;
	e->rule.action = e->oci.rule.action;
	return 0;
}

static int end_rule(void *ctx, const struct json_value *value, struct error *err)
{
	struct editor *e = ctx;
	struct rule *rule = arena_alloc(e->scratch, sizeof(*rule));

	if (rule == NULL)
		return profilefile_too_large(err);
	*rule = e->rule;
	rule->start = start_of(e, value);
	rule->end = rule->start + value->raw.n;
	*e->tail = rule;
	e->tail = &rule->next;
	return 0;
}

static int end_rules(void *ctx, const struct json_value *value, struct error *err)
{
	struct editor *e = ctx;

	(void)err;
	e->list = start_of(e, value) + 1;
	return 0;
}

static const struct json_field name_element[] = {{"names", JSON_WANT_STRING, .set = add_name}};
static const struct json_schema names_schema = {JSON_LIST, "names", name_element, 1};
static const struct json_field rule_fields[] = {
	{"names", JSON_WANT_ARRAY, .child = &names_schema},
	{"name", JSON_WANT_STRING, .set = add_name},
	{"action", JSON_WANT_STRING, .required = true, .set = set_action},
};
static const struct json_schema rule_schema = {JSON_STRUCT, "syscalls", rule_fields,
					       ARRAY_SIZE(rule_fields), .begin = begin_rule};
static const struct json_field rules_element[] = {
	{"syscalls", JSON_WANT_OBJECT, .child = &rule_schema, .set = end_rule}};
static const struct json_schema rules_schema = {JSON_LIST, "syscalls", rules_element, 1};
static const struct json_field file_fields[] = {
	{"defaultAction", JSON_WANT_STRING, .set = ociseccomp_set_default_action},
	{"syscalls", JSON_WANT_ARRAY, .child = &rules_schema, .set = end_rules},
};
static const struct json_schema file_schema = {JSON_STRUCT, "profile", file_fields,
					       ARRAY_SIZE(file_fields),
					       .begin = ociseccomp_begin_profile};

/* ---- what goes ---- */

/* A tracer or a listener may let a call run, so that it does not count as denied. */
static bool denies(enum oci_action action)
{
	return !oci_action_permits(action) && action != OCI_ACT_TRACE && action != OCI_ACT_NOTIFY;
}

static bool name_goes(const struct editor *e, const struct rule *rule, const struct name *name)
{
	if (name->edit != NULL && name->edit->call.n_values > 0)
		return false;
	return name->edit != NULL && (name->edit->allow || !denies(rule->action) ||
				      !denies(e->oci.profile.default_action));
}

static void decide(struct editor *e)
{
	for (struct rule *rule = e->rules; rule != NULL; rule = rule->next) {
		rule->goes = rule->names != NULL;
		for (struct name *name = rule->names; name != NULL; name = name->next) {
			name->goes = name_goes(e, rule, name);
			rule->goes = rule->goes && name->goes;
		}
	}
}

/* ---- writing ---- */

struct copy {
	struct span text;
	size_t from; /* what is before is copied, or left out */
	struct strbuf out;
};

static void copy_to(struct copy *c, size_t end)
{
	strbuf_add(&c->out, (struct span){c->text.p + c->from, end - c->from});
	c->from = end;
}

/* Leave out an element of a list with the comma that parts it from the others: from the end of the
 * element before it, or, as long as none of those stays, to the start of the next. */
static void leave_out(struct copy *c, size_t end, const size_t *next_start, bool any_stays)
{
	c->from = any_stays || next_start == NULL ? end : *next_start;
}

static void copy_names(struct copy *c, const struct rule *rule)
{
	bool any_stays = false;

	for (const struct name *n = rule->names; n != NULL; n = n->next) {
		if (n->goes) {
			if (!any_stays)
				copy_to(c, n->start);
			leave_out(c, n->end, n->next != NULL ? &n->next->start : NULL, any_stays);
			continue;
		}
		any_stays = true;
		copy_to(c, n->end);
	}
}

/* Returns whether any stays. */
static bool copy_rules(struct copy *c, const struct editor *e)
{
	bool any_stays = false;

	copy_to(c, e->rules != NULL ? e->rules->start : e->list);
	for (const struct rule *r = e->rules; r != NULL; r = r->next) {
		if (r->goes) {
			leave_out(c, r->end, r->next != NULL ? &r->next->start : NULL, any_stays);
			continue;
		}
		any_stays = true;
		copy_names(c, r);
		copy_to(c, r->end);
	}
	return any_stays;
}

/* Has it a rule of its own? Not where the default does the same. */
static bool has_rule(const struct editor *e, const struct profile_edit *edit)
{
	const enum oci_action action = e->oci.profile.default_action;

	return edit->allow ? action != OCI_ACT_ALLOW : !denies(action);
}

static int put_rule(struct strbuf *out, const struct profile_edit *edit, struct seccomp_arg *args,
		    struct arena *scratch, struct error *err)
{
	struct seccomp_name name = {.name = edit->call.name};
	const struct seccomp_rule rule = {.names = &name,
					  .action = edit->allow ? OCI_ACT_ALLOW : OCI_ACT_ERRNO,
					  .has_errno = !edit->allow,
					  .errno_ret = EPERM,
					  .args = args};
	struct span text;

	if (seccomp_write_rule(&rule, edit->call.text, scratch, &text, err) < 0)
		return -1;
	strbuf_add(out, text);
	return 0;
}

/* The rules that are new, each behind `space`; `parted`: with a comma before the first. */
static int put_rules(struct copy *c, const struct editor *e, struct span space, bool parted,
		     struct error *err)
{
	for (const struct profile_edit *edit = e->edits; edit != NULL; edit = edit->next) {
		const struct seccomp_comment *call = &edit->call;

		for (size_t i = 0; has_rule(e, edit) && (i == 0 || i < call->n_values); i++) {
			struct seccomp_arg arg = {.index = call->index, .op = OCI_CMP_EQ};

			if (call->n_values > 0)
				arg.value = call->values[i];
			if (parted) {
				strbuf_add(&c->out, SPAN(","));
				strbuf_add(&c->out, space);
			}
			parted = true;
			if (put_rule(&c->out, edit, call->n_values > 0 ? &arg : NULL, e->scratch,
				     err) < 0)
				return -1;
		}
	}
	return 0;
}

static int edit_list(const struct editor *e, struct arena *keep, struct span *ret_text,
		     struct error *err)
{
	struct copy c = {.text = e->oci.text, .out = {.arena = keep}};
	struct span space = {0};
	bool any_stays = copy_rules(&c, e);

	if (e->rules != NULL)
		space = (struct span){c.text.p + e->list, e->rules->start - e->list};
	if (put_rules(&c, e, space, any_stays, err) < 0)
		return -1;
	copy_to(&c, c.text.n);
	return strbuf_end(&c.out, ret_text, err);
}

struct list_key {
	struct arena *arena;
	const char *name;
};

static int note_list_key(void *ctx, struct span key, struct span raw, struct error *err)
{
	struct list_key *list = ctx;

	(void)raw;
	if (json_key_folds_to(key, "syscalls"))
		list->name = arena_strdup(list->arena, key);
	return list->name != NULL ? 0 : profilefile_too_large(err);
}

/* A profile without `syscalls`, or with null in some spelling of it. */
static int add_list(const struct editor *e, struct arena *keep, struct span *text,
		    struct error *err)
{
	struct copy c = {.out = {.arena = e->scratch}};
	/* What is in `scratch` the scan takes back. */
	struct list_key key = {keep, "syscalls"};
	struct span list;

	strbuf_add(&c.out, SPAN("["));
	if (put_rules(&c, e, (struct span){0}, false, err) < 0)
		return -1;
	strbuf_add(&c.out, SPAN("]"));
	if (strbuf_end(&c.out, &list, err) < 0 ||
	    json_members(*text, e->scratch, note_list_key, &key, err) < 0)
		return -1;
	return json_edit_set(text, JSON_PATH(key.name), list.p, keep, err);
}

int profile_edit(struct span *text, const struct profile_edit *edits, struct arena *keep,
		 struct arena *scratch, struct error *err)
{
	static const struct json_form form = {.root = &file_schema, .fold = true};
	struct editor e = {
		.oci = {.arena = scratch, .text = *text}, .edits = edits, .scratch = scratch};
	size_t used = scratch->used;
	int r;

	e.tail = &e.rules;
	err->has_pos = false;
	r = json_scan(*text, &form, keep, &e, err);
	if (r == 0) {
		decide(&e);
		r = e.list > 0 ? edit_list(&e, keep, text, err) : add_list(&e, keep, text, err);
	}
	scratch->used = used;
	return r;
}
