/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard policy check: is this policy one that containers can be started with? */
#include "cli/cli.h"

#include "host.h"

#include <stdio.h>

static int run(int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	struct enforce_memory memory;
	struct policy policy;
	struct error err;
	int option;

	while ((option = cli_option(&cli_policy, argc, argv, options)) != -1) {
		if (option == '?')
			return CLI_ERROR;
		cli_help(&cli_policy);
		return CLI_OK;
	}
	if (argc - optind != 2 || strcmp(argv[optind], "check") != 0)
		return cli_error("policy: say \"policy check FILE\"");
	host_memory(&memory);
	if (host_policy_read(argv[optind + 1], &memory, &policy, &err) < 0)
		return cli_error("%s", err.text);
	printf("%s: mode %s\n", argv[optind + 1], policy_mode_name(policy.mode));
	return CLI_OK;
}

const struct cli_command cli_policy = {
	"policy",
	run,
	"validate a policy",
	"check FILE",
	"Read a policy as the wrapper and the hook would, ownership and mode included.\n"
	"\n"
	"Exit status: 0 it is valid, 2 it is not: no container would start.\n",
};
