/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/runtime-state.h"

#include "base/json-scan.h"

struct reader {
	struct runtime_state state;
	struct arena *keep;
};

static int keep_string(struct reader *r, struct span text, const char **ret, struct error *err)
{
	const char *copy = arena_strdup(r->keep, text);

	if (copy == NULL)
		return error_set(err, "too large");
	*ret = copy;
	return 0;
}

static int set_pid(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct reader *)ctx)->state.pid = (uint32_t)value->num;
	return 0;
}

static int set_start(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct reader *)ctx)->state.start = value->num;
	return 0;
}

static int set_bundle(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;

	return keep_string(r, value->str, &r->state.bundle, err);
}

static int set_label(void *ctx, const struct json_value *value, struct error *err)
{
	const struct span prefix = SPAN("bundle=");
	struct reader *r = ctx;

	if (!span_has_prefix(value->str, prefix))
		return 0;
	return keep_string(r, span_skip(value->str, prefix.n), &r->state.bundle, err);
}

static int set_cgroup(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;
	struct runtime_cgroup *cgroup;

	if (value->str.n == 0)
		return 0;
	cgroup = arena_alloc(r->keep, sizeof(*cgroup));
	if (cgroup == NULL)
		return error_set(err, "too large");
	cgroup->next = r->state.cgroups;
	r->state.cgroups = cgroup;
	return keep_string(r, value->str, &cgroup->path, err);
}

static const struct json_field label_fields[] = {{"label", JSON_WANT_STRING, .set = set_label}};
static const struct json_schema label_schema = {JSON_LIST, "config.labels", label_fields, 1};

static const struct json_field config_fields[] = {
	{"labels", JSON_WANT_ARRAY, .child = &label_schema},
};
static const struct json_schema config_schema = {JSON_STRUCT, "config", config_fields,
						 ARRAY_SIZE(config_fields)};

static const struct json_field cgroup_fields[] = {{"path", JSON_WANT_STRING, .set = set_cgroup}};
static const struct json_schema cgroup_schema = {JSON_MAP, "cgroup_paths", cgroup_fields, 1};

static const struct json_field state_fields[] = {
	{"init_process_pid", JSON_WANT_UINT32, .set = set_pid},
	{"init_process_start", JSON_WANT_UINT64, .set = set_start},
	{"config", JSON_WANT_OBJECT, .child = &config_schema},
	{"cgroup_paths", JSON_WANT_OBJECT, .child = &cgroup_schema},
	{"pid", JSON_WANT_UINT32, .set = set_pid},
	{"process-start-time", JSON_WANT_UINT64, .set = set_start},
	{"bundle", JSON_WANT_STRING, .set = set_bundle},
	{"cgroup-path", JSON_WANT_STRING, .set = set_cgroup},
};
static const struct json_schema state_schema = {JSON_STRUCT, "state", state_fields,
						ARRAY_SIZE(state_fields)};

int runtime_state_read(struct span text, struct arena *keep, struct arena *scratch,
		       struct runtime_state *ret_state, struct error *err)
{
	/* Not what a runtime is about to read, so that no other reader can differ. */
	static const struct json_form form = {.root = &state_schema, .own = true};
	struct reader r = {.keep = keep};

	if (json_scan(text, &form, scratch, &r, err) < 0)
		return -1;
	*ret_state = r.state;
	return 0;
}
