/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard denials: which calls were denied, of which program, and what would allow them. */
#include "cli/allows.h"
#include "cli/denials-follow.h"

#include "base/date.h"
#include "base/number.h"
#include "node/fileio.h"
#include "semantics/denials.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

/* Longer lines are read to here: a record has some 300 bytes, and at most a few thousand. */
#define LINE_MAX_SIZE (32U << 10)

/* Records that can be told from each other, so that one that is in two files counts once. */
#define RECORDS (1U << 22)

/* Lines that cannot be read are told one by one up to here. */
#define TOLD 10

struct reader {
	const struct cli_args *args;
	const char *name; /* of the file */
	enum abi own;
	uint64_t since; /* milliseconds since 1970 */
	struct denials denials;
	size_t lines, recognized, failed;
	uint64_t lost; /* that the kernel's log says it left out */
	bool binary;
};

/* ---- lines ---- */

/* A line of at most LINE_MAX_SIZE bytes; what is longer is cut. False: there is none. */
static bool next_line(FILE *file, char *buffer, struct span *ret_line)
{
	size_t n = 0;
	int c;

	while ((c = getc_unlocked(file)) != EOF && c != '\n')
		if (n < LINE_MAX_SIZE)
			buffer[n++] = (char)c;
	*ret_line = (struct span){buffer, n};
	return c != EOF || n > 0;
}

static void add_line(struct reader *r, struct span text)
{
	char unwrapped[LINE_MAX_SIZE];
	struct auditline line;
	struct error err;

	r->lines++;
	text = auditline_unwrap(text, unwrapped);
	r->lost += auditline_lost(text);
	if (auditline_form(text) == AUDITLINE_NONE)
		return;
	r->recognized++;
	if (auditline_read(text, r->own, &line, &err) < 0) {
		if (r->failed++ < TOLD)
			cli_error(r->args, "denials: %s: line %zu: %s", r->name, r->lines,
				  err.text);
		return;
	}
	if (line.ms > 0 && line.ms < r->since)
		return;
	if (line.form == AUDITLINE_SYSCALL)
		denials_add_arguments(&r->denials, &line);
	else
		denials_add(&r->denials, &line, (struct span){0});
}

static int read_stream(struct reader *r, FILE *file, struct error *err)
{
	static char buffer[LINE_MAX_SIZE];
	struct span line;

	r->lines = 0;
	while (next_line(file, buffer, &line)) {
		/* UTF-16, or something that is packed: then no line is one. */
		if (line.n > 0 && memchr(line.p, '\0', line.n) != NULL)
			r->binary = true;
		add_line(r, line);
	}
	return ferror(file) ? error_system(err, errno) : 0;
}

static int read_file(struct reader *r, const char *path, struct error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(path, "re");
	int status;

	r->name = is_stdin ? "standard input" : path;
	if (file == NULL) {
		error_system(err, errno);
		return error_prefix(err, "%s", r->name);
	}
	status = read_stream(r, file, err);
	if (!is_stdin)
		fclose(file);
	return status < 0 ? error_prefix(err, "%s", r->name) : 0;
}

/* ---- the command line ---- */

/* "10m", "2h", "3d", "90s" ago; "@SECONDS" since 1970. */
static bool read_span(const char *text, uint64_t now, uint64_t *ret_ms)
{
	static const struct {
		const char *unit;
		uint64_t seconds;
	} units[] = {{"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400}};
	struct span rest = span_of(text);
	uint64_t n;

	if (text[0] == '@') {
		rest = span_skip(rest, 1);
		if (!number_parse(rest, 10, UINT32_MAX, &n))
			return false;
		*ret_ms = n * 1000;
		return true;
	}
	if (!number_take(&rest, 10, UINT32_MAX, &n))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (!span_eq(rest, span_of(units[i].unit)))
			continue;
		n *= units[i].seconds;
		*ret_ms = (n < now ? now - n : 0) * 1000;
		return true;
	}
	return false;
}

/* "2026-11-27", "2026-11-27T16:41" or "2026-11-27 16:41:22", UTC, with or without Z. */
static bool read_moment(struct span text, uint64_t *ret_ms)
{
	struct date date;
	struct span rest = span_skip(text, 10);
	uint64_t seconds = 0, part;
	static const unsigned int scale[] = {3600, 60, 1}, limit[] = {23, 59, 60};

	if (text.n < 10 || date_parse((struct span){text.p, 10}, &date) < 0)
		return false;
	for (size_t i = 0; i < 3 && rest.n > 0 && rest.p[0] != 'Z'; i++) {
		if (strchr(i == 0 ? "T " : ":", rest.p[0]) == NULL)
			return false;
		rest = span_skip(rest, 1);
		if (!number_take(&rest, 10, limit[i], &part))
			return false;
		seconds += part * scale[i];
	}
	if (rest.n > 0 && !span_eq(rest, SPAN("Z")))
		return false;
	part = (uint64_t)(date_to_days(date) > 0 ? date_to_days(date) : 0);
	*ret_ms = (part * 86400 + seconds) * 1000;
	return true;
}

static int read_since(const char *text, uint64_t *ret_ms, struct error *err)
{
	*ret_ms = 0;
	if (text == NULL || read_span(text, (uint64_t)time(NULL), ret_ms) ||
	    read_moment(span_of(text), ret_ms))
		return 0;
	return error_set(err,
			 "--since \"%.60s\": a time is 10m, 2h or 3d ago, 2026-11-27T16:41 (UTC), "
			 "or @SECONDS since 1970",
			 text);
}

static int begin(struct reader *r, struct error *err)
{
	size_t size = denials_memory(RECORDS);
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	static struct arena arena;

	if (p == MAP_FAILED)
		return error_system(err, errno);
	arena = (struct arena){p, size, 0};
	return denials_begin(&r->denials, &arena, RECORDS) < 0 ? error_set(err, "out of memory")
							       : 0;
}

static int read_all(struct reader *r, struct error *err)
{
	if (begin(r, err) < 0)
		return -1;
	if (r->args->n == 0)
		return read_file(r, "-", err);
	for (size_t i = 0; i < r->args->n; i++)
		if (read_file(r, r->args->argument[i], err) < 0)
			return -1;
	return 0;
}

/* Nothing was about seccomp: no denial, or not the right text. */
static int nothing(const struct reader *r)
{
	cli_error(r->args, "denials: no line of %s is a record of seccomp%s", r->name,
		  r->binary ? ": it is not text, or UTF-16 (iconv), or packed (zcat)"
			    : ", of those that \"ausearch --raw -m SECCOMP\", \"journalctl "
			      "--grep=SECCOMP\", dmesg and strace print");
	return CLI_NO;
}

static int tell(struct reader *r, struct denials_form *form)
{
	struct error err;

	if (r->recognized == 0)
		return nothing(r);
	form->lost = r->lost;
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
	static struct reader r;
	static struct denials_form form;
	static struct denials_metrics metrics;
	struct denials_profile *usual = &form.profile[0];
	struct enforce_host host;
	const char *profile = args->value[CLI_PROFILE];
	bool follows = args->value[CLI_FOLLOW] != NULL;
	struct error err;

	r.args = form.args = args;
	host_memory(&usual->memory);
	form.color = !args->json && may_color();
	if (follows && (args->n > 0 || args->value[CLI_SINCE] != NULL))
		return cli_error(args, "denials: --follow tells what comes from now on: it takes "
				       "neither a file nor --since");
	if (cli_target(args, &host, &usual->target, &err) < 0 ||
	    read_since(args->value[CLI_SINCE], &r.since, &err) < 0)
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
	if ((follows ? denials_follow(&form, &err) : read_all(&r, &err)) < 0)
		return cli_error(args, "denials: %s", err.text);
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
	.summary = "which calls were denied, and what would allow them",
	.arguments = "[FILE...]",
	.max_arguments = SIZE_MAX,
	.takes = "takes files",
	.about =
		"Read logs, and tell each denied or logged call once for each program: how often,\n"
		"when last, what the kernel did, and what would allow it. A FILE, or - or nothing\n"
		"for standard input, is audit.log, or what ausearch, dmesg, journalctl or strace\n"
		"print. Lines about other things are passed over, and a record that is there\n"
		"twice counts once.\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "one JSON object on a line for each of them; errors, too",
	.exit_status = "0 it is told, 1 there is nothing about seccomp, 2 error, or a line\n"
		       "could not be read.",
};
