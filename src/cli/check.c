/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard check: what would be decided, for bundles, configurations and what crictl inspect prints. */
#include "cli/cli.h"

#include "host.h"
#include "jsonspan.h"

#include <stdlib.h>
#include <stdio.h>
#include <sys/stat.h>

struct check {
	const char *policy_path;
	bool json;
	struct enforce_host host;
	struct enforce_memory memory; /* with the policy in it; each verdict begins behind that */
	struct policy policy;
};

/* ---- what crictl inspect prints: the configuration is .info.runtimeSpec ---- */

static int set_spec(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	*(struct span *)ctx = value->raw;
	return 0;
}

/* The part of `text` that is the configuration: all of it, unless it is an envelope. */
static struct span find_spec(struct span text, struct arena *scratch)
{
	static const struct json_field info_fields[] = {{"runtimeSpec", JSON_WANT_ANY, .set = set_spec}};
	static const struct json_schema info_schema = {JSON_STRUCT, "info", info_fields, 1};
	static const struct json_field fields[] = {{"info", JSON_WANT_OBJECT, .child = &info_schema}};
	static const struct json_schema schema = {JSON_STRUCT, "inspect", fields, 1};
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

static void judge(struct check *c, const char *path, struct span text, struct verdict *v)
{
	struct span spec = find_spec(text, &c->memory.scratch);

	enforce(spec, &c->policy, &c->host, &c->memory, v);
	v->why.pos += (size_t)(spec.p - text.p);
	host_locate(path, text, v);
}

static int check_path(struct check *c, const char *path)
{
	const struct enforce_memory at_start = c->memory;
	const struct host_case job = {.dir = path, .policy = &c->policy, .memory = &c->memory};
	struct verdict v;
	struct span text;
	struct error err;

	if (is_directory(path)) {
		/* Opened as the wrapper opens it, so that what makes the wrapper refuse shows here. */
		host_judge(&job, &v);
	} else {
		if (cli_read(path, OCICONFIG_MAX_SIZE, &c->memory.keep, &text, &err) < 0)
			return cli_error("%s: %s", path, err.text);
		judge(c, path, text, &v);
	}
	cli_print_verdict(path, &v, c->json);
	c->memory = at_start;
	return v.decision.action == ACTION_KEEP || v.decision.action == ACTION_EXEMPT ? CLI_OK : CLI_NO;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{"policy", required_argument, NULL, 'p'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	static struct check c;
	int option, status = CLI_OK;
	struct error err;

	while ((option = cli_option(&cli_check, argc, argv, options)) != -1) {
		if (option == 'h') {
			cli_help(&cli_check);
			return CLI_OK;
		}
		if (option == '?')
			return CLI_ERROR;
		if (option == 'p')
			c.policy_path = optarg;
		if (option == 'j')
			c.json = true;
	}
	if (optind == argc)
		return cli_error("check: which bundle or configuration? Try seccomp-guard check --help");
	host_memory(&c.memory);
	if (host_init(&c.host, &err) < 0 || host_policy(c.policy_path, &c.memory, &c.policy, &err) < 0)
		return cli_error("%s", err.text);
	for (int i = optind; i < argc; i++) {
		int one = check_path(&c, argv[i]);

		status = one > status ? one : status;
	}
	return status;
}

const struct cli_command cli_check = {
	"check",
	run,
	"tell what would be done, and change nothing",
	"[--policy FILE] [--json] PATH...",
	"Tell what would be done with each container, and change nothing. PATH is a\n"
	"bundle directory, a config.json, what \"crictl inspect\" printed, or - for\n"
	"standard input.\n"
	"\n"
	"  --policy FILE  the policy [" SYSCONFDIR "/seccomp-guard/policy.json]\n"
	"  --json         one JSON object on a line for each PATH\n"
	"\n"
	"Exit status: 0 nothing to do, 1 something would be injected or refused, 2 error.\n",
};
