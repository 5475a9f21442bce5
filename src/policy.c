/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#include "jsonspan.h"

struct reader {
	struct policy policy;
	struct arena *keep;
	const struct policy_glob **glob_tail;
	bool has_log_path;
};

/* A word of a setting and its number. */
struct word {
	const char *name;
	int value;
};

static const struct word mode_words[] = {
	{"audit", MODE_AUDIT}, {"complain", MODE_COMPLAIN}, {"enforce", MODE_ENFORCE}, {"deny", MODE_DENY}};
static const struct word weak_words[] = {
	{"keep", WEAK_KEEP}, {"replace", WEAK_REPLACE}, {"refuse", WEAK_REFUSE}};
static const struct word privileged_words[] = {
	{"exempt", PRIVILEGED_EXEMPT}, {"enforce", PRIVILEGED_ENFORCE}, {"refuse", PRIVILEGED_REFUSE}};
static const struct word log_words[] = {
	{"syslog", LOG_TO_SYSLOG}, {"stderr", LOG_TO_STDERR}, {"none", LOG_TO_NONE}, {"file", LOG_TO_FILE}};
static const struct word flavor_words[] = {{"auto", POLICY_FLAVOR_AUTO},
					   {"moby", PROFILE_MOBY},
					   {"containerd", PROFILE_CONTAINERD},
					   {"containers", PROFILE_CONTAINERS},
					   {"crio", PROFILE_CRIO}};

void policy_defaults(struct policy *ret_policy)
{
	*ret_policy = (struct policy){
		.mode = MODE_ENFORCE,
		.flavor = POLICY_FLAVOR_AUTO,
		.weak = WEAK_KEEP,
		.privileged = PRIVILEGED_EXEMPT,
		.honor_annotations = true,
		.localhost_root = "/var/lib/kubelet/seccomp",
		.runtime = DEFAULT_RUNTIME,
		.log = LOG_TO_SYSLOG,
	};
}

const char *policy_mode_name(enum policy_mode mode)
{
	return mode_words[mode].name;
}

/* The number of a word, or a message that lists the words there are. */
static int pick(const struct word *words, size_t n, struct span text, int *ret, struct error *err)
{
	char known[160] = "", shown[SPAN_SHOWN];
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		if (span_eq(text, span_of(words[i].name))) {
			*ret = words[i].value;
			return 0;
		}
		memcpy(known + used, i > 0 ? ", " : "", i > 0 ? 2 : 0);
		used += i > 0 ? 2 : 0;
		memcpy(known + used, words[i].name, strlen(words[i].name) + 1);
		used += strlen(words[i].name);
	}
	return error_set(err, "\"%s\" is none of %s", text_printable(text, shown, sizeof(shown)), known);
}

static int keep_text(struct reader *r, struct span text, const char **ret, struct error *err)
{
	const char *copy = arena_strdup(r->keep, text);

	if (copy == NULL)
		return error_set(err, "the policy is too large");
	*ret = copy;
	return 0;
}

static int keep_path(struct reader *r, struct span text, const char **ret, struct error *err)
{
	if (text.n == 0 || text.p[0] != '/')
		return error_set(err, "must be an absolute path");
	return keep_text(r, text, ret, err);
}

static int set_mode(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;
	int word;

	if (pick(mode_words, ARRAY_SIZE(mode_words), value->str, &word, err) < 0)
		return -1;
	r->policy.mode = (enum policy_mode)word;
	return 0;
}

static int set_profile(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;

	if (span_eq(value->str, SPAN("runtime/default"))) {
		r->policy.profile = NULL;
		return 0;
	}
	if (span_has_prefix(value->str, SPAN("localhost/")) && value->str.n > strlen("localhost/"))
		return keep_text(r, span_skip(value->str, strlen("localhost/")), &r->policy.profile, err);
	if (value->str.n > 0 && value->str.p[0] == '/')
		return keep_text(r, value->str, &r->policy.profile, err);
	return error_set(err, "must be runtime/default, localhost/PATH or an absolute path");
}

static int set_flavor(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;

	return pick(flavor_words, ARRAY_SIZE(flavor_words), value->str, &r->policy.flavor, err);
}

static int set_weak(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;
	int word;

	if (pick(weak_words, ARRAY_SIZE(weak_words), value->str, &word, err) < 0)
		return -1;
	r->policy.weak = (enum policy_weak)word;
	return 0;
}

static int set_privileged(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;
	int word;

	if (pick(privileged_words, ARRAY_SIZE(privileged_words), value->str, &word, err) < 0)
		return -1;
	r->policy.privileged = (enum policy_privileged)word;
	return 0;
}

static int set_honor(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct reader *)ctx)->policy.honor_annotations = value->boolean;
	return 0;
}

static int begin_namespaces(void *ctx, struct error *err)
{
	struct reader *r = ctx;

	(void)err;
	r->policy.honor_namespaces = NULL;
	r->glob_tail = &r->policy.honor_namespaces;
	return 0;
}

static int add_namespace(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;
	struct policy_glob *glob = arena_alloc(r->keep, sizeof(*glob));

	if (glob == NULL)
		return error_set(err, "the policy is too large");
	glob->next = NULL;
	if (keep_text(r, value->str, &glob->pattern, err) < 0)
		return -1;
	*r->glob_tail = glob;
	r->glob_tail = (const struct policy_glob **)&glob->next;
	return 0;
}

/* An empty list would read like "nobody" and act like "all". */
static int set_namespaces(void *ctx, const struct json_value *value, struct error *err)
{
	(void)ctx;
	return value->empty ? error_set(err, "names no namespace; say \"honor\": false instead") : 0;
}

static int set_localhost_root(void *ctx, const struct json_value *value, struct error *err)
{
	return keep_path(ctx, value->str, &((struct reader *)ctx)->policy.localhost_root, err);
}

static int set_runtime(void *ctx, const struct json_value *value, struct error *err)
{
	return keep_path(ctx, value->str, &((struct reader *)ctx)->policy.runtime, err);
}

static int set_log_to(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;
	int word;

	if (pick(log_words, ARRAY_SIZE(log_words), value->str, &word, err) < 0)
		return -1;
	r->policy.log = (enum policy_log)word;
	return 0;
}

static int set_log_path(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;

	r->has_log_path = true;
	return keep_path(r, value->str, &r->policy.log_path, err);
}

static int set_log(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;

	(void)value;
	if ((r->policy.log == LOG_TO_FILE) != r->has_log_path)
		return error_set(err, "\"path\" goes with \"to\": \"file\", and only with it");
	return 0;
}

static const struct json_field namespaces_element[] = {
	{"namespaces", JSON_WANT_STRING, .set = add_namespace}};
static const struct json_schema namespaces_schema = {JSON_LIST, "namespaces", namespaces_element, 1,
						     .begin = begin_namespaces};
static const struct json_field annotations_fields[] = {
	{"honor", JSON_WANT_BOOL, .set = set_honor},
	{"namespaces", JSON_WANT_ARRAY, .child = &namespaces_schema, .set = set_namespaces},
};
static const struct json_schema annotations_schema = {JSON_STRUCT, "annotations", annotations_fields,
						      ARRAY_SIZE(annotations_fields), .closed = true};
static const struct json_field log_fields[] = {
	{"to", JSON_WANT_STRING, .required = true, .set = set_log_to},
	{"path", JSON_WANT_STRING, .set = set_log_path},
};
static const struct json_schema log_schema = {JSON_STRUCT, "log", log_fields, ARRAY_SIZE(log_fields),
					      .closed = true};
static const struct json_field policy_fields[] = {
	{"mode", JSON_WANT_STRING, .set = set_mode},
	{"profile", JSON_WANT_STRING, .set = set_profile},
	{"flavor", JSON_WANT_STRING, .set = set_flavor},
	{"weak", JSON_WANT_STRING, .set = set_weak},
	{"privileged", JSON_WANT_STRING, .set = set_privileged},
	{"annotations", JSON_WANT_OBJECT, .child = &annotations_schema},
	{"localhostRoot", JSON_WANT_STRING, .set = set_localhost_root},
	{"runtime", JSON_WANT_STRING, .set = set_runtime},
	{"log", JSON_WANT_OBJECT, .child = &log_schema, .set = set_log},
};
static const struct json_schema policy_schema = {JSON_STRUCT, "policy", policy_fields,
						 ARRAY_SIZE(policy_fields), .closed = true};

int policy_read(struct span text, struct arena *keep, struct arena *scratch, struct policy *policy,
		struct error *err)
{
	static const struct json_options options = {.comments = true};
	struct reader r = {.policy = *policy, .keep = keep};

	if (text.n > POLICY_MAX_SIZE)
		return error_set(err, "larger than the limit of %u bytes", POLICY_MAX_SIZE);
	if (json_scan(text, &policy_schema, &options, scratch, &r, err) < 0)
		return -1;
	*policy = r.policy;
	return 0;
}

bool policy_glob_matches(const char *pattern, struct span text)
{
	const char *star = NULL;
	size_t i = 0, star_at = 0;

	/* The usual two-pointer form: on a mismatch, let the last star swallow one character more. */
	while (i < text.n) {
		if (*pattern == '*') {
			star = ++pattern;
			star_at = i;
		} else if (*pattern == '?' || (*pattern == text.p[i] && *pattern != '\0')) {
			pattern++;
			i++;
		} else if (star != NULL) {
			pattern = star;
			i = ++star_at;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool policy_honors_annotations(const struct policy *policy, struct span name_space)
{
	if (!policy->honor_annotations || policy->honor_namespaces == NULL)
		return policy->honor_annotations;
	for (const struct policy_glob *g = policy->honor_namespaces; g != NULL; g = g->next)
		if (policy_glob_matches(g->pattern, name_space))
			return true;
	return false;
}
