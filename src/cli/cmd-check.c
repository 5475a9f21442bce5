/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard check: what would be decided, for bundles, configurations and what crictl inspect
 * prints. */
#include "cli/cli.h"

struct check {
	const char *policy_path;
	bool json;
	struct cli_judge judge;
};

static int check_path(struct check *c, const char *path)
{
	struct enforce_memory at_start = c->judge.memory;
	struct verdict v;
	struct cli_unknown unknown;
	struct span config;
	struct error err;

	if (cli_judge_path(&c->judge, path, &config, &v, &err) < 0)
		return cli_error("%s", err.text);
	unknown = cli_unknown_syscalls(config, &v, c->json, &c->judge.memory);
	cli_print_verdict(path, &v, &unknown, c->json);
	c->judge.memory = at_start;
	return v.decision.action == ACTION_KEEP || v.decision.action == ACTION_EXEMPT ? CLI_OK
										      : CLI_NO;
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
		return cli_error(
			"check: which bundle or configuration? Try seccomp-guard check --help");
	if (cli_judge_begin(&c.judge, c.policy_path, &err) < 0)
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
