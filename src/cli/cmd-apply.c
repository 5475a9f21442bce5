/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard apply: the decision, carried out on the config.json of bundles. */
#include "cli/cli.h"

#include "node/host.h"
#include "node/record.h"

#include <stdio.h>

struct apply {
	const struct cli_args *args;
	bool dry_run;
	struct enforce_memory memory;
	struct policy policy;
	/* Of one bundle. */
	const char *path;
	struct timespec start;
	bool recorded;
};

static void write_record(void *ctx, const struct verdict *v)
{
	struct apply *a = ctx;
	const struct record record = {
		.verdict = v,
		.entry = "cli",
		.bundle = a->path,
		.injector = v->decision.action == ACTION_INJECT ? "config" : NULL,
		.start = a->start,
		.pid = -1,
	};
	struct error err;

	a->recorded = true;
	if (record_write(&record, &a->policy, &err) < 0)
		cli_error(a->args, "%s", err.text);
}

static int apply_bundle(void *ctx, const char *path)
{
	struct apply *a = ctx;
	const struct enforce_memory at_start = a->memory;
	const struct host_case job = {.dir = path,
				      .policy = &a->policy,
				      .memory = &a->memory,
				      .change = !a->dry_run,
				      .record = write_record,
				      .ctx = a};
	struct verdict v;

	a->path = path;
	a->recorded = false;
	clock_gettime(CLOCK_MONOTONIC, &a->start);
	host_judge(&job, &v);
	/* Written before the change was made, unless there was none or it failed. */
	if (!a->dry_run && (!a->recorded || v.decision.action == ACTION_REFUSE))
		write_record(a, &v);
	cli_print_verdict(path, &v, &(struct cli_doubts){0}, a->args->json);
	a->memory = at_start;
	if (v.decision.action != ACTION_REFUSE)
		return CLI_OK;
	cli_error(a->args, "%s", v.why.text);
	return v.decision.reason == REASON_INVALID || v.decision.reason == REASON_WRITE ? CLI_ERROR
											: CLI_NO;
}

static int run(const struct cli_args *args)
{
	static struct apply a;
	struct error err;

	a.args = args;
	a.dry_run = args->value[CLI_DRY_RUN] != NULL;
	host_memory(&a.memory);
	if (host_policy(args->value[CLI_POLICY], &a.memory, &a.policy, &err) < 0)
		return cli_error(args, "%s", err.text);
	return cli_each_argument(args, apply_bundle, &a);
}

static const struct cli_use uses[] = {{CLI_POLICY, NULL}, {CLI_DRY_RUN, NULL}};

const struct cli_command cli_apply = {
	.name = "apply",
	.run = run,
	.summary = "carry the decision out on bundles",
	.arguments = "BUNDLE...",
	.min_arguments = 1,
	.max_arguments = SIZE_MAX,
	.no_dash = "a bundle is a directory",
	.takes = "takes bundles",
	.about = "Decide on each bundle and carry it out on its config.json, atomically, before\n"
		 "a runtime is called. A second time changes nothing.\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "one JSON object on a line for each BUNDLE; errors, too",
	.exit_status = "0 nothing to do or done, 1 a container is refused, 2 error.",
};
