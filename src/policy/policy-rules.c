/* SPDX-License-Identifier: Apache-2.0 */
#include "base/date.h"
#include "base/suggest.h"
#include "policy/policy-internal.h"

/* ---- reading ---- */

static int begin_rule(void *ctx, struct error *err)
{
	struct policy_reader *r = ctx;

	r->rule = arena_alloc(r->keep, sizeof(*r->rule));
	if (r->rule == NULL)
		return error_set(err, "the policy is too large");
	*r->rule = (struct policy_rule){.file = r->policy.file};
	r->target = &r->rule->settings;
	return 0;
}

static int end_rule(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;

	(void)value;
	(void)err;
	*r->rule_tail = r->rule;
	r->rule_tail = &r->rule->next;
	r->rule = NULL;
	r->target = &r->policy;
	return 0;
}

static bool name_is_taken(const struct policy_rule *rules, struct span name)
{
	for (const struct policy_rule *rule = rules; rule != NULL; rule = rule->next)
		if (span_eq(span_of(rule->name), name))
			return true;
	return false;
}

/* The name is what records say, so it must say which rule. */
static int set_name(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	char shown[SPAN_SHOWN];

	if (value->str.n == 0)
		return error_set(err, "must not be empty");
	if (name_is_taken(r->policy.rules, value->str) || name_is_taken(r->rules, value->str))
		return error_set(err, "another rule is called \"%s\"",
				 text_printable(value->str, shown, sizeof(shown)));
	return policy_keep(r, value->str, &r->rule->name, err);
}

static int set_reason(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;

	return policy_keep(r, value->str, &r->rule->reason, err);
}

static int set_owner(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;

	return policy_keep(r, value->str, &r->rule->owner, err);
}

static int set_until(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	struct date date;

	if (date_parse(value->str, &date) < 0)
		return error_set(err, "must be a date such as 2027-03-31");
	r->rule->until_day = date_to_days(date);
	return policy_keep(r, value->str, &r->rule->until, err);
}

#define BEGIN_KEY(function, key)                                                                   \
	static int function(void *ctx, struct error *err)                                          \
	{                                                                                          \
		struct policy_reader *r = ctx;                                                     \
                                                                                                   \
		(void)err;                                                                         \
		policy_begin_globs(r, &r->rule->match.text[key]);                                  \
		return 0;                                                                          \
	}

BEGIN_KEY(begin_namespace, RULE_NAMESPACE)
BEGIN_KEY(begin_pod, RULE_POD)
BEGIN_KEY(begin_container, RULE_CONTAINER)
BEGIN_KEY(begin_image, RULE_IMAGE)
BEGIN_KEY(begin_engine, RULE_ENGINE)

/* A pattern that is no engine is a misspelled one, and its rule would never match. */
static int add_engine(void *ctx, const struct json_value *value, struct error *err)
{
	struct suggestion near = suggest(value->str);
	struct policy_reader *r = ctx;
	const char *pattern;
	char shown[SPAN_SHOWN];

	if (policy_keep(r, value->str, &pattern, err) < 0)
		return -1;
	for (int i = ENGINE_UNKNOWN + 1; i < ENGINES; i++)
		if (policy_glob_matches(pattern, span_of(engine_name((enum engine)i))))
			return policy_add_glob(ctx, value, err);
	for (int i = ENGINE_UNKNOWN + 1; i < ENGINES; i++)
		suggest_try(&near, span_of(engine_name((enum engine)i)));
	error_set(err, "\"%s\" is none of containerd, cri-o, podman, docker, buildah",
		  text_printable(value->str, shown, sizeof(shown)));
	return error_suggest(err, &near);
}

/* An empty list would match nothing, which nobody writes a rule for. */
static int end_key(void *ctx, const struct json_value *value, struct error *err)
{
	(void)ctx;
	return value->empty ? error_set(err, "must not be empty; leave it out to match all") : 0;
}

static int set_sandbox(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;

	(void)err;
	r->rule->match.asks_sandbox = true;
	r->rule->match.sandbox = value->boolean;
	return 0;
}

static int begin_labels(void *ctx, struct error *err)
{
	struct policy_reader *r = ctx;

	(void)err;
	r->annotations = &r->rule->match.labels;
	r->annotation_tail = (struct rule_annotation **)(uintptr_t)&r->rule->match.labels;
	return 0;
}

static int begin_annotations(void *ctx, struct error *err)
{
	struct policy_reader *r = ctx;

	(void)err;
	r->annotations = &r->rule->match.annotations;
	r->annotation_tail = (struct rule_annotation **)(uintptr_t)&r->rule->match.annotations;
	return 0;
}

static int annotation_key(void *ctx, struct span key, struct error *err)
{
	struct policy_reader *r = ctx;
	struct rule_annotation *a = arena_alloc(r->keep, sizeof(*a));

	if (a == NULL)
		return error_set(err, "the policy is too large");
	for (const struct rule_annotation *o = *r->annotations; o != NULL; o = o->next)
		if (span_eq(span_of(o->key), key))
			return error_set(err, "key \"%.*s\" is written twice", SPAN_ARG(key));
	*a = (struct rule_annotation){0};
	*r->annotation_tail = a;
	return policy_keep(r, key, &a->key, err);
}

static int annotation_value(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	struct rule_annotation *a = *r->annotation_tail;

	r->annotation_tail = &a->next;
	return policy_keep(r, value->str, &a->pattern, err);
}

/* ---- the tables, from the inside out ---- */

#define KEY_SCHEMA(key, add)                                                                       \
	static const struct json_field key##_element[] = {{#key, JSON_WANT_STRING, .set = (add)}}; \
	static const struct json_schema key##_schema = {JSON_LIST, #key, key##_element, 1,         \
							.begin = begin_##key}

KEY_SCHEMA(namespace, policy_add_glob);
KEY_SCHEMA(pod, policy_add_glob);
KEY_SCHEMA(container, policy_add_glob);
KEY_SCHEMA(image, policy_add_glob);
KEY_SCHEMA(engine, add_engine);

static const struct json_field annotation_fields[] = {
	{"annotation", JSON_WANT_STRING, .set = annotation_value}};
static const struct json_schema annotation_schema = {JSON_MAP,
						     "annotation",
						     annotation_fields,
						     1,
						     .begin = begin_annotations,
						     .key = annotation_key};
static const struct json_field label_fields[] = {
	{"label", JSON_WANT_STRING, .set = annotation_value}};
static const struct json_schema label_schema = {
	JSON_MAP, "label", label_fields, 1, .begin = begin_labels, .key = annotation_key};
static const struct json_field match_fields[] = {
	{"namespace", JSON_WANT_ARRAY, .child = &namespace_schema, .set = end_key},
	{"pod", JSON_WANT_ARRAY, .child = &pod_schema, .set = end_key},
	{"container", JSON_WANT_ARRAY, .child = &container_schema, .set = end_key},
	{"image", JSON_WANT_ARRAY, .child = &image_schema, .set = end_key},
	{"engine", JSON_WANT_ARRAY, .child = &engine_schema, .set = end_key},
	{"sandbox", JSON_WANT_BOOL, .set = set_sandbox},
	{"annotation", JSON_WANT_OBJECT, .child = &annotation_schema, .set = end_key},
	{"label", JSON_WANT_OBJECT, .child = &label_schema, .set = end_key},
};
static const struct json_schema match_schema = {JSON_STRUCT, "match", match_fields,
						ARRAY_SIZE(match_fields), .closed = true};
static const struct json_field rule_fields[] = {
	{"name", JSON_WANT_STRING, .required = true, .set = set_name},
	{"match", JSON_WANT_OBJECT, .required = true, .child = &match_schema},
	{"mode", JSON_WANT_STRING, .set = policy_set_mode},
	{"profile", JSON_WANT_STRING, .set = policy_set_profile},
	{"flavor", JSON_WANT_STRING, .set = policy_set_flavor},
	{"weak", JSON_WANT_STRING, .set = policy_set_weak},
	{"privileged", JSON_WANT_STRING, .set = policy_set_privileged},
	{"hook", JSON_WANT_STRING, .set = policy_set_hook},
	{"restore", JSON_WANT_STRING, .set = policy_set_restore},
	{"denials", JSON_WANT_STRING, .set = policy_set_denials},
	{"filter", JSON_WANT_STRING, .set = policy_set_filter},
	{"listeners", JSON_WANT_ARRAY, .child = &policy_listeners_schema},
	{"annotations", JSON_WANT_OBJECT, .child = &policy_annotations_schema},
	{"tighten", JSON_WANT_ARRAY, .child = &policy_tighten_schema},
	{"reason", JSON_WANT_STRING, .set = set_reason},
	{"owner", JSON_WANT_STRING, .set = set_owner},
	{"until", JSON_WANT_STRING, .set = set_until},
};
static void note_origin(void *ctx, size_t field, const struct json_value *value)
{
	((struct policy_reader *)ctx)->rule->settings.origin[field] = value->raw;
}

static const struct json_schema rule_schema = {JSON_STRUCT,        "rule",
					       rule_fields,        ARRAY_SIZE(rule_fields),
					       .closed = true,     .begin = begin_rule,
					       .seen = note_origin};

_Static_assert(ARRAY_SIZE(rule_fields) <= POLICY_MAX_KEYS, "POLICY_MAX_KEYS is too small");

const char *policy_rule_key(size_t i)
{
	return i < ARRAY_SIZE(rule_fields) ? rule_fields[i].name : NULL;
}

static const struct json_field rules_element[] = {
	{"rules", JSON_WANT_OBJECT, .child = &rule_schema, .set = end_rule}};
const struct json_schema policy_rules_schema = {JSON_LIST, "rules", rules_element, 1};
