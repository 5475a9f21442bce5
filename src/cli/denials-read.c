/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/denials-read.h"

#include "base/date.h"
#include "base/number.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Records that can be told from each other, so that one that is in two files counts once. */
#define RECORDS (1U << 22)

/* Lines that cannot be read are told one by one up to here. */
#define TOLD 10

static const char *command_of(const struct denials_reader *r)
{
	return r->args->command->name;
}

/* ---- progress ---- */

/* Lines between two looks at the clock, and how often something is shown, in seconds. */
#define PROGRESS_LINES 65536
#define PROGRESS_S 1

static void clear_progress(struct denials_reader *r)
{
	if (r->shown > 0)
		fputs("\r\033[K", stderr);
}

/* For whoever waits at a terminal, and for nobody else. */
static void show_progress(struct denials_reader *r, FILE *file)
{
	char name[64];
	time_t now = time(NULL);
	struct stat st;
	off_t at;

	if (now < r->begun + PROGRESS_S || now == r->shown || r->args->json ||
	    isatty(STDERR_FILENO) != 1)
		return;
	r->shown = now;
	at = ftello(file);
	fprintf(stderr, "\r\033[K%s: %zu lines",
		text_printable(span_of(r->name), name, sizeof(name)), r->lines);
	if (at > 0 && fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		fprintf(stderr, ", %d %%", (int)(100 * (double)at / (double)st.st_size));
	fflush(stderr);
}

/* ---- lines ---- */

/* Asked whose denials are wanted, does the line say that it is one of those? */
static bool is_wanted(struct denials_reader *r, const struct denial_object *object)
{
	if (r->container == NULL || denial_object_is_of(object, span_of(r->container)))
		return true;
	r->of_others++;
	return false;
}

static void fail(struct denials_reader *r, const struct error *err)
{
	clear_progress(r);
	if (r->failed++ < TOLD)
		cli_error(r->args, "%s: %s: line %zu: %s", command_of(r), r->name, r->lines,
			  err->text);
}

static void add_object(struct denials_reader *r, struct span text)
{
	static char memory[2][4 * CLI_LINE_SIZE];
	struct arena keep = {memory[0], sizeof(memory[0]), 0},
		     scratch = {memory[1], sizeof(memory[1]), 0};
	struct denial_object object;
	struct error err;

	r->recognized++;
	if (denial_object_read(text, &keep, &scratch, &object, &err) < 0) {
		fail(r, &err);
		return;
	}
	if (object.last_ms < r->since || !is_wanted(r, &object))
		return;
	denials_add_object(&r->denials, &object);
	if (r->living != NULL && object.id.n > 0)
		living_note(r->living, r->args, text);
}

static struct span whose(struct denials_reader *r, const struct auditline *line)
{
	return r->living != NULL ? living_container(r->living, r->args, line) : (struct span){0};
}

static void add_line(struct denials_reader *r, struct span text)
{
	static const struct denial_object unnamed;
	char unwrapped[CLI_LINE_SIZE];
	struct auditline line;
	struct error err;

	r->lines++;
	if (denial_object_is(text)) {
		add_object(r, text);
		return;
	}
	text = auditline_unwrap(text, unwrapped);
	r->lost += auditline_lost(text);
	if (auditline_form(text) == AUDITLINE_NONE)
		return;
	r->recognized++;
	if (auditline_read(text, r->own, &line, &err) < 0) {
		fail(r, &err);
		return;
	}
	if ((line.ms > 0 && line.ms < r->since) || !is_wanted(r, &unnamed))
		return;
	if (line.form == AUDITLINE_SYSCALL)
		denials_add_arguments(&r->denials, &line);
	else
		denials_add(&r->denials, &line, whose(r, &line));
}

static int read_stream(struct denials_reader *r, FILE *file, struct error *err)
{
	static char buffer[CLI_LINE_SIZE];
	const struct cli_lines lines = {file, buffer, sizeof(buffer)};
	struct span line;
	int status;

	r->lines = 0;
	r->begun = time(NULL);
	while ((status = cli_next_line(&lines, &line, err)) > 0) {
		/* UTF-16, or something that is packed: then no line is one. */
		if (line.n > 0 && memchr(line.p, '\0', line.n) != NULL)
			r->binary = true;
		add_line(r, line);
		if (r->lines % PROGRESS_LINES == 0)
			show_progress(r, file);
	}
	clear_progress(r);
	return status;
}

static int read_file(struct denials_reader *r, const char *path, struct error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	const int fd = is_stdin ? STDIN_FILENO : cli_open(path, err);
	FILE *file = NULL;
	int status = -1;

	r->name = is_stdin ? "standard input" : path;
	if (fd >= 0)
		file = is_stdin ? stdin : fdopen(fd, "r");
	if (file != NULL)
		status = read_stream(r, file, err);
	else if (fd >= 0)
		error_system(err, errno);
	if (file != NULL && !is_stdin)
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

int denials_since(const char *text, uint64_t *ret_ms, struct error *err)
{
	*ret_ms = 0;
	if (text == NULL || read_span(text, (uint64_t)time(NULL), ret_ms) ||
	    date_read_moment(span_of(text), ret_ms) == 0)
		return 0;
	return error_set(err,
			 "--since \"%.60s\": a time is 10m, 2h or 3d ago, 2026-11-27T16:41 (UTC), "
			 "or @SECONDS since 1970",
			 text);
}

static int begin(struct denials_reader *r, struct error *err)
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

int denials_read(struct denials_reader *r, struct error *err)
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

int denials_read_log(struct denials_reader *r, const char *path, struct error *err)
{
	return begin(r, err) < 0 ? -1 : read_file(r, path, err);
}

int denials_nothing(const struct denials_reader *r)
{
	cli_error(r->args, "%s: no line of %s is a record of seccomp%s", command_of(r), r->name,
		  r->binary ? ": it is not text, or UTF-16 (iconv), or packed (zcat)"
			    : ", of those that \"ausearch --raw -m SECCOMP\", \"journalctl "
			      "--grep=SECCOMP\", dmesg, strace and denials --json print");
	return CLI_NO;
}
