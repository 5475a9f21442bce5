/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard check: what would be decided, for bundles, configurations and what crictl inspect
 * prints. */
#include "cli/cli.h"

struct check {
	const struct cli_args *args;
	struct cli_judge judge;
};

static int check_path(void *ctx, const char *path)
{
	struct check *c = ctx;
	struct enforce_memory at_start = c->judge.memory;
	struct verdict v;
	struct cli_doubts doubts;
	struct span config;
	struct error err;

	if (cli_judge_path(&c->judge, path, &config, &v, &err) < 0)
		return cli_error(c->args, "%s", err.text);
	doubts = cli_doubts_of(&c->judge, config, &v, c->args->json);
	cli_print_verdict(path, &v, &doubts, c->args->json);
	c->judge.memory = at_start;
	return v.decision.action == ACTION_KEEP || v.decision.action == ACTION_EXEMPT ? CLI_OK
										      : CLI_NO;
}

static int run(const struct cli_args *args)
{
	static struct check c;
	struct error err;

	c.args = args;
	if (cli_judge_begin(&c.judge, args->value[CLI_POLICY], &err) < 0)
		return cli_error(args, "%s", err.text);
	return cli_each_argument(args, check_path, &c);
}

static const struct cli_use uses[] = {{CLI_POLICY, NULL}};

const struct cli_command cli_check = {
	.name = "check",
	.run = run,
	.summary = "tell what would be done, and change nothing",
	.arguments = "PATH...",
	.min_arguments = 1,
	.max_arguments = SIZE_MAX,
	.files = SIZE_MAX,
	.takes = "takes bundles or configurations",
	.about = "Tell what would be done with each container, and change nothing. PATH is a\n"
		 "bundle directory, a config.json, what \"crictl inspect\" printed, or - for\n"
		 "standard input.\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "one JSON object on a line for each PATH; errors, too",
	.exit_status = "0 nothing to do, 1 something would be injected or refused,\n2 error.",
};
