/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/state.h"

#include "base/json-scan.h"

struct reader {
	struct ocistate state;
	struct arena *keep;
};

static int keep_string(struct reader *r, const struct json_value *value, const char **ret,
		       struct error *err)
{
	const char *copy = arena_strdup(r->keep, value->str);

	if (copy == NULL)
		return error_set(err, "too large");
	*ret = copy;
	return 0;
}

static int set_id(void *ctx, const struct json_value *value, struct error *err)
{
	return keep_string(ctx, value, &((struct reader *)ctx)->state.id, err);
}

static int set_bundle(void *ctx, const struct json_value *value, struct error *err)
{
	return keep_string(ctx, value, &((struct reader *)ctx)->state.bundle, err);
}

static int set_status(void *ctx, const struct json_value *value, struct error *err)
{
	((struct reader *)ctx)->state.is_state = true;
	return keep_string(ctx, value, &((struct reader *)ctx)->state.status, err);
}

static int set_pid(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;

	(void)err;
	r->state.is_state = true;
	r->state.has_pid = true;
	r->state.pid = (uint32_t)value->num;
	return 0;
}

/* What only a configuration has ends the reading early: most of its text comes behind. */
static int refuse_config(void *ctx, const struct json_value *value, struct error *err)
{
	(void)ctx;
	(void)value;
	return error_set(err, "this is a configuration, not an OCI state");
}

static const struct json_field state_fields[] = {
	{"id", JSON_WANT_STRING, .set = set_id},
	{"status", JSON_WANT_STRING, .set = set_status},
	{"pid", JSON_WANT_UINT32, .set = set_pid},
	{"bundle", JSON_WANT_STRING, .set = set_bundle},
	{"process", JSON_WANT_ANY, .set = refuse_config, .null_too = true},
	{"linux", JSON_WANT_ANY, .set = refuse_config, .null_too = true},
};
static const struct json_schema state_schema = {JSON_STRUCT, "state", state_fields,
						ARRAY_SIZE(state_fields)};

int ocistate_read(struct span text, struct arena *keep, struct arena *scratch,
		  struct ocistate *ret_state, struct error *err)
{
	static const struct json_form form = {.root = &state_schema};
	struct reader r = {.keep = keep};

	if (text.n > OCISTATE_MAX_SIZE)
		return error_set(err, "larger than the limit of %u bytes", OCISTATE_MAX_SIZE);
	if (json_scan(text, &form, scratch, &r, err) < 0)
		return -1;
	*ret_state = r.state;
	return 0;
}
