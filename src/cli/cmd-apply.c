/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard apply: the decision, carried out on the config.json of bundles. */
#include "cli/cli.h"

#include "node/host.h"
#include "node/record.h"

#include <stdio.h>

struct apply {
	const char *policy_path;
	bool dry_run;
	bool json;
	struct enforce_memory memory;
	struct policy policy;
	struct timespec start;
};

static void write_record(const struct apply *a, const char *path, const struct verdict *v)
{
	const struct record record = {
		.verdict = v,
		.entry = "cli",
		.bundle = path,
		.injector = v->decision.action == ACTION_INJECT ? "config" : NULL,
		.start = a->start,
	};
	struct error err;

	if (record_write(&record, &a->policy, &err) < 0)
		cli_error("%s", err.text);
}

static int apply_bundle(struct apply *a, const char *path)
{
	const struct enforce_memory at_start = a->memory;
	const struct host_case job = {
		.dir = path, .policy = &a->policy, .memory = &a->memory, .change = !a->dry_run};
	struct verdict v;

	clock_gettime(CLOCK_MONOTONIC, &a->start);
	host_judge(&job, &v);
	if (!a->dry_run)
		write_record(a, path, &v);
	cli_print_verdict(path, &v, &(struct cli_unknown){0}, a->json);
	a->memory = at_start;
	if (v.decision.action != ACTION_REFUSE)
		return CLI_OK;
	cli_error("%s", v.why.text);
	return v.decision.reason == REASON_INVALID || v.decision.reason == REASON_WRITE ? CLI_ERROR
											: CLI_NO;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{"policy", required_argument, NULL, 'p'},
		{"dry-run", no_argument, NULL, 'n'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	static struct apply a;
	int option, status = CLI_OK;
	struct error err;

	while ((option = cli_option(&cli_apply, argc, argv, options)) != -1) {
		if (option == 'h') {
			cli_help(&cli_apply);
			return CLI_OK;
		}
		if (option == '?')
			return CLI_ERROR;
		if (option == 'p')
			a.policy_path = optarg;
		if (option == 'n')
			a.dry_run = true;
		if (option == 'j')
			a.json = true;
	}
	if (optind == argc)
		return cli_error("apply: which bundle? Try seccomp-guard apply --help");
	host_memory(&a.memory);
	if (host_policy(a.policy_path, &a.memory, &a.policy, &err) < 0)
		return cli_error("%s", err.text);
	for (int i = optind; i < argc; i++) {
		int one = apply_bundle(&a, argv[i]);

		status = one > status ? one : status;
	}
	return status;
}

const struct cli_command cli_apply = {
	"apply",
	run,
	"carry the decision out on bundles",
	"[--policy FILE] [--dry-run] [--json] BUNDLE...",
	"Decide on each bundle and carry it out on its config.json, atomically, before\n"
	"a runtime is called. A second time changes nothing.\n"
	"\n"
	"  --policy FILE  the policy [" SYSCONFDIR "/seccomp-guard/policy.json]\n"
	"  --dry-run      only tell what would be done\n"
	"  --json         one JSON object on a line for each BUNDLE\n"
	"\n"
	"Exit status: 0 nothing to do or done, 1 a container is refused, 2 error.\n",
};
