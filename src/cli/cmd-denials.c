/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard denials: which calls were denied, of which program, and what would allow them. */
#include "cli/allows.h"
#include "cli/denials-follow.h"
#include "cli/denials-read.h"
#include "node/auditlog.h"

#include <stdlib.h>

static int tell(struct denials_reader *r, struct denials_form *form)
{
	struct error err;

	if (r->recognized == 0)
		return denials_nothing(r);
	form->lost = r->lost;
	denials_settle(&r->denials);
	if (r->living->noting)
		form->workloads = &r->living->workloads;
	if (form->metrics != NULL) {
		denials_metrics_add(form->metrics, &r->denials, form->workloads);
		form->metrics->lost_records = r->lost;
	}
	if (denials_print(&r->denials, form, &err) < 0 ||
	    (form->metrics != NULL && denials_metrics_write(form->metrics, &err) < 0))
		return cli_error(r->args, "denials: %s", err.text);
	if (r->failed > 0)
		return cli_error(r->args, "denials: %zu line%s could not be read", r->failed,
				 r->failed == 1 ? "" : "s");
	return CLI_OK;
}

/* https://no-color.org */
static bool may_color(void)
{
	const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) == 1 && (no == NULL || no[0] == '\0') &&
	       (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static int run(const struct cli_args *args)
{
	static struct living living;
	static struct denials_reader r = {.living = &living};
	static struct denials_form form;
	static struct denials_metrics metrics;
	struct denials_profile *usual = &form.profile[0];
	struct enforce_host host;
	const char *profile = args->value[CLI_PROFILE];
	bool follows = args->value[CLI_FOLLOW] != NULL;
	struct error err;
	int status;

	r.args = form.args = args;
	host_memory(&usual->memory);
	form.color = !args->json && may_color();
	if (follows && (args->n > 0 || args->value[CLI_SINCE] != NULL))
		return cli_error(args, "denials: --follow tells what comes from now on: it takes "
				       "neither a file nor --since");
	if (cli_target(args, &host, &usual->target, &err) < 0 ||
	    denials_since(args->value[CLI_SINCE], &r.since, &err) < 0)
		return cli_error(args, "denials: %s", err.text);
	if (abi_of_arch(host.arch, &r.own) < 0)
		r.own = ABI_X86_64;
	if ((args->value[CLI_ARCH] != NULL &&
	     abi_from_name(span_of(args->value[CLI_ARCH]), &r.own, &err) < 0) ||
	    cli_source_open(profile != NULL ? profile : "moby", &usual->memory, &usual->source,
			    &err) < 0)
		return cli_error(args, "denials: %s", err.text);
	form.own = r.own;
	form.all = args->value[CLI_ALL] != NULL;
	if (args->value[CLI_METRICS] != NULL) {
		form.metrics = &metrics;
		if (denials_metrics_begin(&metrics, args->value[CLI_METRICS], follows, &err) < 0)
			return cli_error(args, "denials: %s", err.text);
	}
	status = follows ? denials_follow(&form, &err) : denials_read(&r, &err);
	if (status < 0) {
		cli_error(args, "denials: %s", err.text);
		return status == AUDITLOG_NEVER ? CLI_NEVER : CLI_ERROR;
	}
	return follows ? CLI_OK : tell(&r, &form);
}

static const struct cli_use uses[] = {
	{CLI_FOLLOW, "the kernel's records from now on, each kind when it is\n"
		     "first seen and when its count has doubled"},
	{CLI_PROFILE, "that the denials are held against, as for explain [moby]"},
	{CLI_SINCE, "leave out what is older: 10m, 2h, 3d, a date and time\n"
		    "(2026-11-27T16:41, UTC), or @SECONDS since 1970"},
	{CLI_METRICS, "counters for Prometheus' textfile collector, by namespace,\n"
		      "container, call and answer; with --follow they go on from\n"
		      "what the file has"},
	{CLI_ALL, "also what every program tries and does without"},
	{CLI_ARCH, "of lines of strace, which do not say it [this machine's]"},
	{CLI_CAPS, "of the container: default, none, all or a list [default]"},
	{CLI_KERNEL, NULL},
};

const struct cli_command cli_denials = {
	.name = "denials",
	.run = run,
	.summary = "tell which calls were denied, and what allows them",
	.arguments = "[FILE...]",
	.max_arguments = SIZE_MAX,
	.files = SIZE_MAX,
	.takes = "takes files",
	.about =
		"Read logs, and tell each denied or logged call once for each program: how often,\n"
		"when last, what the kernel did, and what would allow it. A FILE, or - or nothing\n"
		"for standard input, is audit.log, or what ausearch, dmesg, journalctl, strace\n"
		"or denials --json print. Lines about other things are passed over, and a record\n"
		"that is there twice counts once.\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "one JSON object on a line for each of them; errors, too",
	.exit_status = "0 it is told, 1 there is nothing about seccomp, 2 error, or a line\n"
		       "could not be read, 3 --follow: the kernel's records do not come here,\n"
		       "however often it is tried.",
};
