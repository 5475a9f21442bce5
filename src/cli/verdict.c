/* SPDX-License-Identifier: Apache-2.0 */
/* Judging what people name on the command line: bundles, configurations and what crictl inspect
 * prints. */
#include "cli/cli.h"

#include "node/bundle.h"
#include "base/json-scan.h"

#include <sys/stat.h>

/* ---- what crictl inspect prints: the configuration is .info.runtimeSpec ---- */

static int set_spec(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	*(struct span *)ctx = value->raw;
	return 0;
}

/* A configuration may have an `info` that no runtime looks at. */
static int not_an_envelope(void *ctx, const struct json_value *value, struct error *err)
{
	(void)ctx;
	(void)value;
	return error_set(err, "is a configuration itself");
}

struct span cli_find_config(struct span text, struct arena *scratch)
{
	static const struct json_field info_fields[] = {
		{"runtimeSpec", JSON_WANT_ANY, .set = set_spec}};
	static const struct json_schema info_schema = {JSON_STRUCT, "info", info_fields, 1};
	static const struct json_field fields[] = {
		{"info", JSON_WANT_OBJECT, .child = &info_schema},
		{"ociVersion", JSON_WANT_ANY, .set = not_an_envelope, .null_too = true},
	};
	static const struct json_schema schema = {JSON_STRUCT, "inspect", fields,
						  ARRAY_SIZE(fields)};
	static const struct json_options options = {0};
	struct span spec = {0};
	struct error ignored;

	if (json_scan(text, &schema, &options, scratch, &spec, &ignored) < 0 || spec.p == NULL)
		return text;
	return spec;
}

/* ---- one path ---- */

static bool is_directory(const char *path)
{
	struct stat st;

	return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void judge(struct cli_judge *j, const char *path, struct span text, struct span *ret_config,
		  struct verdict *v)
{
	struct span spec = cli_find_config(text, &j->memory.scratch);

	enforce(spec, &j->policy, &j->host, &j->memory, v);
	v->why.pos += (size_t)(spec.p - text.p);
	host_locate(path, text, v);
	*ret_config = spec;
}

/* A bundle is opened as the wrapper opens it, so that what makes the wrapper refuse shows here. */
static void judge_bundle(struct cli_judge *j, const char *path, struct span *ret_config,
			 struct verdict *v)
{
	CLEANUP_BUNDLE struct bundle bundle = BUNDLE_NONE;

	*v = (struct verdict){0};
	*ret_config = (struct span){0};
	if (bundle_open(path, NULL, &j->memory.keep, &bundle, &v->why) < 0)
		decide_invalid(&j->policy, &v->decision);
	else
		judge(j, bundle.path, bundle.text, ret_config, v);
}

int cli_judge_begin(struct cli_judge *judge, const char *policy_path, struct error *err)
{
	host_memory(&judge->memory);
	if (host_init(&judge->host, err) < 0)
		return -1;
	return host_policy(policy_path, &judge->memory, &judge->policy, err);
}

int cli_judge_path(struct cli_judge *j, const char *path, struct span *ret_config,
		   struct verdict *ret_verdict, struct error *err)
{
	struct span text;

	if (is_directory(path)) {
		judge_bundle(j, path, ret_config, ret_verdict);
		return 0;
	}
	if (cli_read(path, OCICONFIG_MAX_SIZE, &j->memory.keep, &text, err) < 0)
		return error_prefix(err, "%s", path);
	judge(j, path, text, ret_config, ret_verdict);
	return 0;
}
