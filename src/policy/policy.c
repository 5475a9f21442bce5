/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy.h"

#include "base/suggest.h"
#include "oci/seccomp-rule.h"
#include "policy/policy-internal.h"

/* A word of a setting and its number. */
struct word {
	const char *name;
	int value;
};

static const struct word mode_words[] = {{"audit", MODE_AUDIT},
					 {"complain", MODE_COMPLAIN},
					 {"enforce", MODE_ENFORCE},
					 {"deny", MODE_DENY}};
static const struct word weak_words[] = {
	{"keep", WEAK_KEEP}, {"replace", WEAK_REPLACE}, {"refuse", WEAK_REFUSE}};
static const struct word privileged_words[] = {{"exempt", PRIVILEGED_EXEMPT},
					       {"enforce", PRIVILEGED_ENFORCE},
					       {"refuse", PRIVILEGED_REFUSE}};
static const struct word hook_words[] = {{"live", HOOK_LIVE}, {"refuse", HOOK_REFUSE}};
static const struct word restore_words[] = {{"allow", RESTORE_ALLOW}, {"refuse", RESTORE_REFUSE}};
static const struct word denials_words[] = {{"silent", DENIALS_SILENT}, {"log", DENIALS_LOG}};
static const struct word filter_words[] = {{"runtime", FILTER_RUNTIME}, {"ready", FILTER_READY}};
static const struct word nri_words[] = {
	{"auto", NRI_AUTO}, {"hooks", NRI_HOOKS}, {"policy", NRI_POLICY}, {"both", NRI_BOTH}};
static const struct word log_words[] = {{"syslog", LOG_TO_SYSLOG},
					{"journald", LOG_TO_JOURNALD},
					{"stderr", LOG_TO_STDERR},
					{"none", LOG_TO_NONE},
					{"file", LOG_TO_FILE}};
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
		.hook = HOOK_LIVE,
		.restore = RESTORE_REFUSE,
		.honor_annotations = true,
		.localhost_root = "/var/lib/kubelet/seccomp",
		.log = LOG_TO_SYSLOG,
	};
}

const char policy_defaults_text[] =
	"{\"mode\":\"enforce\",\"profile\":\"runtime/"
	"default\",\"flavor\":\"auto\",\"weak\":\"keep\","
	"\"privileged\":\"exempt\",\"hook\":\"live\",\"restore\":\"refuse\",\"denials\":\"silent\","
	"\"filter\":\"runtime\","
	"\"listeners\":[],"
	"\"annotations\":{\"honor\":true},\"tighten\":[],"
	"\"localhostRoot\":\"/var/lib/kubelet/"
	"seccomp\",\"nri\":\"auto\",\"log\":{\"to\":\"syslog\"},\"rules\":[]}";

const char *policy_mode_name(enum policy_mode mode)
{
	return mode_words[mode].name;
}

const char *policy_weak_name(enum policy_weak weak)
{
	return weak_words[weak].name;
}

const char *policy_privileged_name(enum policy_privileged privileged)
{
	return privileged_words[privileged].name;
}

const char *policy_hook_name(enum policy_hook hook)
{
	return hook_words[hook].name;
}

const char *policy_restore_name(enum policy_restore restore)
{
	return restore_words[restore].name;
}

const char *policy_denials_name(enum policy_denials denials)
{
	return denials_words[denials].name;
}

const char *policy_filter_name(enum policy_filter filter)
{
	return filter_words[filter].name;
}

const char *policy_nri_name(enum policy_nri nri)
{
	return nri_words[nri].name;
}

/* ---- values ---- */

/* The number of a word, or a message that lists the words there are. */
static int read_word(const struct word *words, size_t n, struct span text, int *ret,
		     struct error *err)
{
	struct suggestion near = suggest(text);
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
	for (size_t i = 0; i < n; i++)
		suggest_try(&near, span_of(words[i].name));
	error_set(err, "\"%s\" is none of %s", text_printable(text, shown, sizeof(shown)), known);
	return error_suggest(err, &near);
}

int policy_keep(struct policy_reader *r, struct span text, const char **ret, struct error *err)
{
	const char *copy = arena_strdup(r->keep, text);

	if (copy == NULL)
		return error_set(err, "the policy is too large");
	*ret = copy;
	return 0;
}

static int keep_path(struct policy_reader *r, struct span text, const char **ret, struct error *err)
{
	if (text.n == 0 || text.p[0] != '/')
		return error_set(err, "must be an absolute path");
	return policy_keep(r, text, ret, err);
}

void policy_begin_globs(struct policy_reader *r, const struct policy_glob **list)
{
	*list = NULL;
	r->glob_tail = list;
}

int policy_add_glob(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	struct policy_glob *glob = arena_alloc(r->keep, sizeof(*glob));

	if (glob == NULL)
		return error_set(err, "the policy is too large");
	glob->next = NULL;
	if (policy_keep(r, value->str, &glob->pattern, err) < 0)
		return -1;
	*r->glob_tail = glob;
	r->glob_tail = (const struct policy_glob **)&glob->next;
	return 0;
}

/* ---- settings that rules may change as well ---- */

void policy_given(struct policy_reader *r, enum policy_setting setting)
{
	if (r->rule != NULL)
		r->rule->given |= 1U << setting;
}

static int set_word(struct policy_reader *r, enum policy_setting setting, int *ret,
		    struct span text, struct error *err)
{
	static const struct {
		const struct word *words;
		size_t n;
	} lists[] = {
		[SETTING_MODE] = {mode_words, ARRAY_SIZE(mode_words)},
		[SETTING_FLAVOR] = {flavor_words, ARRAY_SIZE(flavor_words)},
		[SETTING_WEAK] = {weak_words, ARRAY_SIZE(weak_words)},
		[SETTING_PRIVILEGED] = {privileged_words, ARRAY_SIZE(privileged_words)},
		[SETTING_HOOK] = {hook_words, ARRAY_SIZE(hook_words)},
		[SETTING_RESTORE] = {restore_words, ARRAY_SIZE(restore_words)},
		[SETTING_DENIALS] = {denials_words, ARRAY_SIZE(denials_words)},
		[SETTING_FILTER] = {filter_words, ARRAY_SIZE(filter_words)},
	};

	policy_given(r, setting);
	return read_word(lists[setting].words, lists[setting].n, text, ret, err);
}

int policy_set_mode(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	int word;

	if (set_word(r, SETTING_MODE, &word, value->str, err) < 0)
		return -1;
	r->target->mode = (enum policy_mode)word;
	return 0;
}

int policy_set_profile(void *ctx, const struct json_value *value, struct error *err)
{
	const struct span localhost = SPAN("localhost/");
	struct policy_reader *r = ctx;

	policy_given(r, SETTING_PROFILE);
	r->target->engine = span_eq(value->str, SPAN("engine"));
	r->target->unconfined = false;
	if (r->target->engine || span_eq(value->str, SPAN("runtime/default"))) {
		r->target->profile = NULL;
		return 0;
	}
	if (span_has_prefix(value->str, localhost) && value->str.n > localhost.n)
		return policy_keep(r, span_skip(value->str, localhost.n), &r->target->profile, err);
	if (value->str.n > 0 && value->str.p[0] == '/')
		return policy_keep(r, value->str, &r->target->profile, err);
	r->target->unconfined = span_eq(value->str, SPAN("unconfined"));
	if (!r->target->unconfined)
		return error_set(
			err,
			"must be runtime/default, engine, localhost/PATH%s or an absolute path",
			r->rule != NULL ? ", unconfined" : "");
	if (r->rule == NULL)
		return error_set(err, "\"unconfined\" is for rules; to change nothing yet, say "
				      "\"mode\": \"audit\"");
	return 0;
}

int policy_set_flavor(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;

	return set_word(r, SETTING_FLAVOR, &r->target->flavor, value->str, err);
}

int policy_set_weak(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	int word;

	if (set_word(r, SETTING_WEAK, &word, value->str, err) < 0)
		return -1;
	r->target->weak = (enum policy_weak)word;
	return 0;
}

int policy_set_privileged(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	int word;

	if (set_word(r, SETTING_PRIVILEGED, &word, value->str, err) < 0)
		return -1;
	r->target->privileged = (enum policy_privileged)word;
	return 0;
}

int policy_set_hook(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	int word;

	if (set_word(r, SETTING_HOOK, &word, value->str, err) < 0)
		return -1;
	r->target->hook = (enum policy_hook)word;
	return 0;
}

int policy_set_restore(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	int word;

	if (set_word(r, SETTING_RESTORE, &word, value->str, err) < 0)
		return -1;
	r->target->restore = (enum policy_restore)word;
	return 0;
}

int policy_set_denials(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	int word;

	if (set_word(r, SETTING_DENIALS, &word, value->str, err) < 0)
		return -1;
	r->target->denials = (enum policy_denials)word;
	return 0;
}

int policy_set_filter(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	int word;

	if (set_word(r, SETTING_FILTER, &word, value->str, err) < 0)
		return -1;
	r->target->filter = (enum policy_filter)word;
	return 0;
}

static int begin_listeners(void *ctx, struct error *err)
{
	struct policy_reader *r = ctx;

	(void)err;
	policy_given(r, SETTING_LISTENERS);
	policy_begin_globs(r, &r->target->listeners);
	return 0;
}

static int add_listener(void *ctx, const struct json_value *value, struct error *err)
{
	if (value->str.n == 0 || value->str.p[0] != '/')
		return error_set(err, "must be an absolute path");
	return policy_add_glob(ctx, value, err);
}

static const struct json_field listeners_element[] = {
	{"listeners", JSON_WANT_STRING, .set = add_listener}};
const struct json_schema policy_listeners_schema = {JSON_LIST, "listeners", listeners_element, 1,
						    .begin = begin_listeners};

/* The whole object replaces what was there: what it does not say is the default again. */
static int begin_annotations(void *ctx, struct error *err)
{
	struct policy_reader *r = ctx;

	(void)err;
	policy_given(r, SETTING_ANNOTATIONS);
	r->target->honor_annotations = true;
	r->target->honor_namespaces = NULL;
	return 0;
}

static int set_honor(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct policy_reader *)ctx)->target->honor_annotations = value->boolean;
	return 0;
}

static int begin_namespaces(void *ctx, struct error *err)
{
	struct policy_reader *r = ctx;

	(void)err;
	policy_begin_globs(r, &r->target->honor_namespaces);
	return 0;
}

/* An empty list would read like "nobody" and act like "all". */
static int set_namespaces(void *ctx, const struct json_value *value, struct error *err)
{
	(void)ctx;
	return value->empty ? error_set(err, "names no namespace; say \"honor\": false instead")
			    : 0;
}

/* ---- settings of the whole ---- */

static int set_localhost_root(void *ctx, const struct json_value *value, struct error *err)
{
	return keep_path(ctx, value->str, &((struct policy_reader *)ctx)->policy.localhost_root,
			 err);
}

/* Earlier policies have it. Passing over it could start another runtime than it says. */
static int refuse_runtime(void *ctx, const struct json_value *value, struct error *err)
{
	(void)ctx;
	(void)value;
	return error_set(
		err, "is no longer policy: remove it here. The wrapper is called by the name of "
		     "the runtime that it wraps, and a link in " SYSCONFDIR
		     "/seccomp-guard/runtimes says where that is; see seccomp-guard-runtime(8)");
}

/* node_exporter reads only what ends so. */
static int set_metrics(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	const struct span suffix = SPAN(".prom");

	if (value->str.n < suffix.n ||
	    memcmp(value->str.p + value->str.n - suffix.n, suffix.p, suffix.n) != 0)
		return error_set(err, "must end in .prom, or nobody collects it");
	return keep_path(r, value->str, &r->policy.metrics, err);
}

static int set_log_to(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	int word;

	if (read_word(log_words, ARRAY_SIZE(log_words), value->str, &word, err) < 0)
		return -1;
	r->policy.log = (enum policy_log)word;
	return 0;
}

static int set_nri(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	int word;

	if (read_word(nri_words, ARRAY_SIZE(nri_words), value->str, &word, err) < 0)
		return -1;
	r->policy.nri = (enum policy_nri)word;
	return 0;
}

static int set_log_path(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;

	r->has_log_path = true;
	return keep_path(r, value->str, &r->policy.log_path, err);
}

static int set_log(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;

	(void)value;
	if ((r->policy.log == LOG_TO_FILE) != r->has_log_path)
		return error_set(err, "\"path\" goes with \"to\": \"file\", and only with it");
	return 0;
}

static const struct json_field namespaces_element[] = {
	{"namespaces", JSON_WANT_STRING, .set = policy_add_glob}};
static const struct json_schema namespaces_schema = {JSON_LIST, "namespaces", namespaces_element, 1,
						     .begin = begin_namespaces};
static const struct json_field annotations_fields[] = {
	{"honor", JSON_WANT_BOOL, .set = set_honor},
	{"namespaces", JSON_WANT_ARRAY, .child = &namespaces_schema, .set = set_namespaces},
};
const struct json_schema policy_annotations_schema = {
	JSON_STRUCT,        "annotations",
	annotations_fields, ARRAY_SIZE(annotations_fields),
	.closed = true,     .begin = begin_annotations};
static const struct json_field log_fields[] = {
	{"to", JSON_WANT_STRING, .required = true, .set = set_log_to},
	{"path", JSON_WANT_STRING, .set = set_log_path},
};
static const struct json_schema log_schema = {JSON_STRUCT, "log", log_fields,
					      ARRAY_SIZE(log_fields), .closed = true};
static const struct json_field policy_fields[] = {
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
	{"localhostRoot", JSON_WANT_STRING, .set = set_localhost_root},
	{"runtime", JSON_WANT_ANY, .set = refuse_runtime},
	{"nri", JSON_WANT_STRING, .set = set_nri},
	{"log", JSON_WANT_OBJECT, .child = &log_schema, .set = set_log},
	{"metrics", JSON_WANT_STRING, .set = set_metrics},
	{"rules", JSON_WANT_ARRAY, .child = &policy_rules_schema},
};
static void note_origin(void *ctx, size_t field, const struct json_value *value)
{
	((struct policy_reader *)ctx)->policy.origin[field] = value->raw;
}

static const struct json_schema policy_schema = {JSON_STRUCT,    "policy",
						 policy_fields,  ARRAY_SIZE(policy_fields),
						 .closed = true, .seen = note_origin};

_Static_assert(ARRAY_SIZE(policy_fields) <= POLICY_MAX_KEYS, "POLICY_MAX_KEYS is too small");

const char *policy_key(size_t i)
{
	return i < ARRAY_SIZE(policy_fields) ? policy_fields[i].name : NULL;
}

int policy_read(struct span text, struct arena *keep, struct arena *scratch, struct policy *policy,
		struct error *err)
{
	static const struct json_form form = {.root = &policy_schema, .own = true};
	struct policy_reader r = {
		.oci = {.arena = keep, .text = text}, .policy = *policy, .keep = keep};
	const struct policy_rule **tail = &policy->rules;

	r.target = &r.policy;
	r.rule_tail = &r.rules;
	r.custom_tail = &r.policy.customs;
	while (*r.custom_tail != NULL)
		r.custom_tail =
			(const struct tighten_custom **)(uintptr_t) & (*r.custom_tail)->next;
	if (text.n > POLICY_MAX_SIZE)
		return error_set(err, "larger than the limit of %u bytes", POLICY_MAX_SIZE);
	if (json_scan(text, &form, scratch, &r, err) < 0)
		return -1;
	*policy = r.policy;
	while (*tail != NULL)
		tail = (const struct policy_rule **)(uintptr_t) & (*tail)->next;
	*tail = r.rules;
	return 0;
}

bool policy_glob_matches(const char *pattern, struct span text)
{
	const char *star = NULL;
	size_t i = 0, star_at = 0;

	/* The usual two-pointer form: on a mismatch, let the last star swallow one character more.
	 */
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

bool policy_knows_listener(const struct policy_glob *listeners,
			   const struct seccomp_profile *profile)
{
	const struct policy_glob *g = listeners;

	if (!profile->has_listener || !seccomp_notifies(profile))
		return true;
	while (g != NULL && !span_eq(span_of(g->pattern), profile->listener_path))
		g = g->next;
	return g != NULL;
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
