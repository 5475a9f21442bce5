/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/document.h"

#include "base/json-scan.h"
#include "base/suggest.h"
#include "policy/policy.h"

/* ---- which keys there are ---- */

/* Of the object that the text is, or of the first of a list. */
enum key {
	KEY_OCI_VERSION,
	KEY_INFO,
	KEY_DEFAULT_ACTION,
	KEY_API_VERSION,
	KEY_KIND,
	KEY_STATUS,
	KEY_BUNDLE,
	KEY_ROOT,
	KEY_MODE,
	KEY_RULES,
	KEY_SCHEMA_VERSION,
	KEY_OCI_CONFIG_PATH,
	KEY_ID,
	KEY_HOST_CONFIG,
	KEYS,
};

struct look {
	unsigned int keys; /* those that are there, as bits */
	struct span info;
	char place[sizeof(((struct document *)0)->place)];
	size_t n_configs; /* OCIConfigPath that were seen */
	bool is_config;   /* `place` is the last of them, whole and unescaped */
};

/* Many programs have a "mode" and "rules": a word of ours or one that is near, and rules that match
 * something. */
static bool is_of_policy(size_t field, const struct json_value *value)
{
	struct suggestion near = suggest(value->str);

	if (field == KEY_RULES)
		return value->type == JSON_ARRAY &&
		       memmem(value->raw.p, value->raw.n, "\"match\"", 7) != NULL;
	for (int mode = 0; mode < MODES && value->type == JSON_STRING; mode++) {
		const struct span name = span_of(policy_mode_name((enum policy_mode)mode));

		if (span_eq(value->str, name))
			return true;
		suggest_try(&near, name);
	}
	return near.name.p != NULL;
}

/* Podman's are $STORAGE/overlay-containers/ID/userdata/config.json. */
static void note_config_path(struct look *l, struct span path)
{
	static const struct span end = SPAN("/config.json");

	l->n_configs++;
	l->is_config = path.n > end.n && path.p[0] == '/' && span_eq(path, span_of(l->place)) &&
		       span_eq(span_skip(path, path.n - end.n), end);
}

static void note_key(void *ctx, size_t field, const struct json_value *value)
{
	struct look *l = ctx;

	if ((field == KEY_MODE || field == KEY_RULES) && !is_of_policy(field, value))
		return;
	l->keys |= 1U << field;
	if (field == KEY_INFO && value->type == JSON_OBJECT)
		l->info = value->raw;
	if ((field == KEY_OCI_CONFIG_PATH || field == KEY_BUNDLE ||
	     (field == KEY_ID && l->place[0] == '\0')) &&
	    value->type == JSON_STRING)
		text_printable(value->str, l->place, sizeof(l->place));
	if (field == KEY_OCI_CONFIG_PATH && value->type == JSON_STRING)
		note_config_path(l, value->str);
}

/* A configuration whose version is null is a broken one. */
static int note_version(void *ctx, const struct json_value *value, struct error *err)
{
	(void)value;
	(void)err;
	((struct look *)ctx)->keys |= 1U << KEY_OCI_VERSION;
	return 0;
}

static const struct json_field fields[KEYS] = {
	[KEY_OCI_VERSION] = {"ociVersion", JSON_WANT_ANY, .set = note_version, .null_too = true},
	[KEY_INFO] = {"info", JSON_WANT_ANY},
	[KEY_DEFAULT_ACTION] = {"defaultAction", JSON_WANT_ANY},
	[KEY_API_VERSION] = {"apiVersion", JSON_WANT_ANY},
	[KEY_KIND] = {"kind", JSON_WANT_ANY},
	[KEY_STATUS] = {"status", JSON_WANT_ANY},
	[KEY_BUNDLE] = {"bundle", JSON_WANT_ANY},
	[KEY_ROOT] = {"root", JSON_WANT_ANY},
	[KEY_MODE] = {"mode", JSON_WANT_ANY},
	[KEY_RULES] = {"rules", JSON_WANT_ANY},
	[KEY_SCHEMA_VERSION] = {"schemaVersion", JSON_WANT_ANY},
	[KEY_OCI_CONFIG_PATH] = {"OCIConfigPath", JSON_WANT_ANY},
	[KEY_ID] = {"Id", JSON_WANT_ANY},
	[KEY_HOST_CONFIG] = {"HostConfig", JSON_WANT_ANY},
};
static const struct json_schema schema = {JSON_STRUCT, "document", fields, KEYS, .seen = note_key};

static bool has(const struct look *l, enum key key)
{
	return (l->keys >> key & 1) != 0;
}

/* ---- kinds ---- */

static enum document_kind kind_of(const struct look *l)
{
	/* A configuration may have any keys beside its own, and hardly goes without a root. */
	if (has(l, KEY_OCI_VERSION) && has(l, KEY_STATUS) && has(l, KEY_BUNDLE) &&
	    !has(l, KEY_ROOT))
		return DOCUMENT_STATE;
	if (has(l, KEY_OCI_VERSION))
		return DOCUMENT_CONFIG;
	if (has(l, KEY_DEFAULT_ACTION))
		return DOCUMENT_PROFILE;
	if (has(l, KEY_API_VERSION) && has(l, KEY_KIND))
		return DOCUMENT_MANIFEST;
	if (has(l, KEY_OCI_CONFIG_PATH))
		return DOCUMENT_PODMAN;
	if (has(l, KEY_ID) && has(l, KEY_HOST_CONFIG))
		return DOCUMENT_DOCKER;
	if (has(l, KEY_SCHEMA_VERSION))
		return DOCUMENT_IMAGE;
	return has(l, KEY_MODE) || has(l, KEY_RULES) ? DOCUMENT_POLICY : DOCUMENT_UNKNOWN;
}

/* The inspect commands print a list. What is in it is looked at as a member of an object. */
static bool look_at_list(struct span text, struct arena *arena, struct look *l)
{
	static const struct json_field element[] = {{"list", JSON_WANT_OBJECT, .child = &schema}};
	static const struct json_schema list_schema = {JSON_LIST, "list", element, 1};
	static const struct json_field outer[] = {{"list", JSON_WANT_ARRAY, .child = &list_schema}};
	static const struct json_schema outer_schema = {JSON_STRUCT, "document", outer, 1};
	static const struct json_form form = {.root = &outer_schema, .own = true};
	static const struct span head = SPAN("{\"list\":");
	char *copy = arena_alloc(arena, head.n + text.n + 1);
	struct error ignored;

	if (copy == NULL)
		return false;
	memcpy(copy, head.p, head.n);
	memcpy(copy + head.n, text.p, text.n);
	copy[head.n + text.n] = '}';
	return json_scan((struct span){copy, head.n + text.n + 1}, &form, arena, l, &ignored) == 0;
}

/* A line that only the manifests of Kubernetes begin with. */
static bool is_yaml_manifest(struct span text)
{
	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);

		if (span_has_prefix(text, SPAN("apiVersion:")))
			return true;
		text = span_skip(text, end != NULL ? (size_t)(end - text.p) + 1 : text.n);
	}
	return false;
}

static int set_spec(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	*(struct span *)ctx = value->raw;
	return 0;
}

/* What crictl inspect prints has the configuration as .info.runtimeSpec. */
static struct span spec_in(struct span info, struct arena *arena)
{
	static const struct json_field spec_fields[] = {
		{"runtimeSpec", JSON_WANT_ANY, .set = set_spec}};
	static const struct json_schema spec_schema = {JSON_STRUCT, "info", spec_fields, 1};
	static const struct json_form form = {.root = &spec_schema, .own = true};
	struct span spec = {0};
	struct error ignored;

	return info.p != NULL && json_scan(info, &form, arena, &spec, &ignored) == 0
		       ? spec
		       : (struct span){0};
}

void document_of(struct span text, struct arena *arena, struct document *ret_document)
{
	const size_t used = arena->used;
	static const struct json_form form = {.root = &schema, .own = true};
	struct document d = {.config = text};
	struct look look = {0};
	struct span spec;
	struct error ignored;
	size_t i = 0;

	while (i < text.n && strchr(" \t\r\n", text.p[i]) != NULL && text.p[i] != '\0')
		i++;
	if (i < text.n && text.p[i] == '[') {
		d.is_json = look_at_list(text, arena, &look);
		if (d.is_json)
			d.kind = kind_of(&look);
	} else if (json_scan(text, &form, arena, &look, &ignored) == 0) {
		d.is_json = true;
		d.kind = kind_of(&look);
		spec = has(&look, KEY_OCI_VERSION) ? (struct span){0} : spec_in(look.info, arena);
		if (spec.p != NULL) {
			d.kind = DOCUMENT_CONFIG;
			d.config = spec;
		}
	} else if (is_yaml_manifest(text)) {
		d.kind = DOCUMENT_MANIFEST;
	}
	memcpy(d.place, look.place, sizeof(d.place));
	d.place_is_config = d.kind == DOCUMENT_PODMAN && look.n_configs == 1 && look.is_config;
	arena->used = used;
	*ret_document = d;
}

/* ---- what to give instead ---- */

static const struct {
	const char *is;
	const char *instead; /* with the place behind it, if that is known */
} hints[DOCUMENT_KINDS] = {
	[DOCUMENT_CONFIG] = {"is a configuration", NULL},
	[DOCUMENT_PROFILE] = {"is a seccomp profile",
			      "see seccomp-guard profile, explain and diff"},
	[DOCUMENT_PODMAN] = {"is what podman inspect prints",
			     "give the file that it names as OCIConfigPath: "},
	[DOCUMENT_DOCKER] =
		{"is what docker inspect prints",
		 "give the bundle: /run/containerd/io.containerd.runtime.v2.task/moby/"},
	[DOCUMENT_STATE] = {"is the state of a container", "give its bundle: "},
	[DOCUMENT_MANIFEST] = {"is a Kubernetes manifest",
			       "see seccomp-guard lint, or give what crictl "
			       "inspect prints of a container"},
	[DOCUMENT_IMAGE] = {"is the manifest of an image", "give the bundle of a container"},
	[DOCUMENT_POLICY] = {"is a policy", "see seccomp-guard policy check"},
};

int document_check_config(const struct document *d, struct error *err)
{
	bool has_place = d->kind == DOCUMENT_PODMAN || d->kind == DOCUMENT_DOCKER ||
			 d->kind == DOCUMENT_STATE;

	if (d->kind == DOCUMENT_CONFIG || d->kind == DOCUMENT_UNKNOWN)
		return 0;
	return error_set(err, "%s and no configuration; %s%s", hints[d->kind].is,
			 hints[d->kind].instead, has_place ? d->place : "");
}

int document_check_profile(const struct document *d, struct error *err)
{
	if (d->kind == DOCUMENT_PROFILE || d->kind == DOCUMENT_UNKNOWN)
		return 0;
	return error_set(err, "%s and no profile%s", hints[d->kind].is,
			 d->kind == DOCUMENT_CONFIG ? "; see seccomp-guard explain and diff" : "");
}
