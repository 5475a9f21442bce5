/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard learn: a profile that allows what was denied, and says why. */
#include "cli/allows.h"
#include "cli/denials-read.h"
#include "cli/profile-make.h"

#include "base/strbuf.h"
#include "filter/filter.h"
#include "oci/seccomp-write.h"
#include "semantics/danger.h"

#include <inttypes.h>
#include <stdio.h>

/* Of so many programs a comment has the names. */
#define PROGRAMS_NAMED 3

#define NAME_SHOWN 256

/* Of one argument; who uses more of them is allowed all. */
#define VALUES 16

struct learner {
	struct denials_reader reader;
	struct profile_make make;
	struct cli_source base;
	struct enforce_memory memory;
	struct allows_finder finder;
	struct cli_edits named; /* by --allow and --deny */
	struct cli_edits edits; /* those and what is learned */
	size_t refused;
};

/* ---- why ---- */

/* How often the call was seen in one program, in all containers. */
struct learned {
	char name[NAME_SHOWN];
	uint64_t count;
};

static void add_program(struct learned *programs, size_t *n, const struct denial *d)
{
	struct span from = d->line.exe.n > 0 ? d->line.exe : d->line.comm;
	struct learned p = {.count = denial_count(d)};
	size_t i = 0;

	auditline_name(&d->line, from, p.name, sizeof(p.name));
	while (i < *n && strcmp(programs[i].name, p.name) != 0)
		i++;
	if (i < *n)
		p.count += programs[i].count;
	else
		(*n)++;
	/* The one that made most calls comes first. */
	for (; i > 0 && programs[i - 1].count < p.count; i--)
		programs[i] = programs[i - 1];
	programs[i] = p;
}

/* "learned: 12 of /usr/bin/bwrap, 2 of /usr/bin/ps"; behind that the values, if only these are
 * allowed. */
static int comment_on(struct learner *l, struct seccomp_comment *comment, struct error *err)
{
	const struct span call = comment->name;
	struct arena scratch = l->memory.scratch;
	struct strbuf text = {.arena = &l->memory.keep};
	const struct denial *d;
	struct learned *programs;
	size_t n = 0;

	for (d = l->reader.denials.first; d != NULL; d = d->next)
		n += span_eq(d->call, call);
	programs = arena_alloc(&scratch, n * sizeof(*programs));
	if (programs == NULL)
		return error_set(err, "out of memory");
	n = 0;
	for (d = l->reader.denials.first; d != NULL; d = d->next)
		if (span_eq(d->call, call))
			add_program(programs, &n, d);
	for (size_t i = 0; i < n && i < PROGRAMS_NAMED; i++)
		strbuf_printf(&text, "%s%" PRIu64 " of %s", i == 0 ? "learned: " : ", ",
			      programs[i].count,
			      programs[i].name[0] != '\0' ? programs[i].name : "a program");
	if (n > PROGRAMS_NAMED)
		strbuf_printf(&text, ", and %zu more", n - PROGRAMS_NAMED);
	for (size_t i = 0; i < comment->n_values; i++) {
		if (i == 0)
			strbuf_printf(&text, "; only where a%" PRIu32 " is", comment->index);
		strbuf_printf(&text, "%s 0x%" PRIx64, i == 0 ? "" : " or", comment->values[i]);
	}
	return n > 0 ? strbuf_end(&text, &comment->text, err) : 0;
}

/* ---- what is learned ---- */

/* Why nothing is learned of it, or NULL. */
static const char *why_not(const struct learner *l, const struct denial *d, const struct allows *a)
{
	static char text[256];
	char version[FILTER_VERSION_SIZE];

	if (denial_is_habit(d))
		return "glibc tries it and does without";
	if (a->unknown_here) {
		snprintf(text, sizeof(text),
			 "libseccomp %s does not know it, so that a rule would have no effect",
			 filter_library_version(version));
		return text;
	}
	if (allows_by_another(a, &d->line))
		return "the base does not deny it: another profile did, or a filter of the "
		       "program's own";
	if (denial_fails_anyway(d, l->make.target.caps)) {
		snprintf(text, sizeof(text),
			 "the kernel itself asks for %s, which the container lacks",
			 d->habit->needs);
		return text;
	}
	return NULL;
}

/* What is left out is told once a call. */
static bool was_told(const struct learner *l, const struct denial *d)
{
	for (const struct denial *c = l->reader.denials.first; c != d; c = c->next)
		if (span_eq(c->call, d->call) && c->line.number == d->line.number)
			return true;
	return false;
}

static void leave_out(const struct learner *l, const struct denial *d, const char *why)
{
	if (was_told(l, d))
		return;
	if (d->call.n > 0)
		cli_warn(l->make.args, "%.*s is left out: %s; if it has to be: --allow %.*s",
			 SPAN_ARG(d->call), why, SPAN_ARG(d->call));
	else
		cli_warn(l->make.args, "call %" PRId64 " of %s is left out: %s", d->line.number,
			 abi_infos[d->line.abi].name, why);
}

static void refuse(struct learner *l, const struct denial *d, const char *reason)
{
	if (was_told(l, d))
		return;
	l->refused++;
	cli_error(l->make.args,
		  "learn: with %.*s a process can %s: say --allow %.*s or --deny %.*s",
		  SPAN_ARG(d->call), reason, SPAN_ARG(d->call), SPAN_ARG(d->call));
}

/*
 * Where one argument decides, and every record of the call has it, its values are all that is
 * allowed. Else the call is: a record of the kernel's has no arguments, and of records that differ
 * none are kept.
 */
static void find_values(const struct learner *l, const struct allows *allows,
			const struct denial *d, struct seccomp_comment *comment)
{
	static uint64_t values[SYSCALL_COUNT][VALUES];
	static size_t used;
	uint64_t *found = values[used];
	size_t n = 0;

	if (allows->decided_by < 0 || used == ARRAY_SIZE(values))
		return;
	for (const struct denial *c = l->reader.denials.first; c != NULL; c = c->next) {
		uint64_t value = c->line.args[allows->decided_by];
		size_t i = 0;

		if (!span_eq(c->call, comment->name))
			continue;
		if ((c->line.has_args >> allows->decided_by & 1) == 0 || c->line.abi != d->line.abi)
			return;
		while (i < n && found[i] != value)
			i++;
		if (i == VALUES)
			return;
		found[i] = value;
		n += i == n;
	}
	comment->index = (uint32_t)allows->decided_by;
	comment->values = found;
	comment->n_values = n;
	used++;
}

static int find_allows(struct learner *l, const struct denial *d, struct allows *ret_allows,
		       struct error *err)
{
	struct allows_call call = {d->line.abi, d->line.number, {0}, d->line.has_args};

	memcpy(call.args, d->line.args, sizeof(call.args));
	return allows_find(&l->finder, &call, ret_allows, err);
}

static int learn_one(struct learner *l, const struct denial *d, struct error *err)
{
	struct profile_edit edit = {.allow = true, .call = {.name = d->call}};
	const struct dangerous_calls *danger = danger_of(d->call);
	const char *why;
	struct allows allows;

	if (d->call.n == 0) {
		leave_out(l, d, "no profile can name it");
		return 0;
	}
	/* What is named needs no other reason. */
	if (cli_edits_find(&l->edits, d->call) != NULL)
		return 0;
	if (find_allows(l, d, &allows, err) < 0)
		return -1;
	why = why_not(l, d, &allows);
	if (why != NULL) {
		leave_out(l, d, why);
		return 0;
	}
	if (danger != NULL && !danger->by_log) {
		refuse(l, d, danger->reason);
		return 0;
	}
	find_values(l, &allows, d, &edit.call);
	return comment_on(l, &edit.call, err) < 0 ? -1 : cli_edits_add(&l->edits, &edit, err);
}

static const struct denial *first_of(const struct learner *l, struct span call)
{
	const struct denial *d = l->reader.denials.first;

	while (d != NULL && !span_eq(d->call, call))
		d = d->next;
	return d;
}

/* What is named comes first, with the programs that were seen as its comment. */
static int take_named(struct learner *l, struct error *err)
{
	for (size_t i = 0; i < l->named.n; i++) {
		struct profile_edit edit = l->named.edit[i];
		const struct denial *d = edit.allow ? first_of(l, edit.call.name) : NULL;
		struct allows allows;

		if (d != NULL) {
			if (find_allows(l, d, &allows, err) < 0)
				return -1;
			find_values(l, &allows, d, &edit.call);
			if (comment_on(l, &edit.call, err) < 0)
				return -1;
		}
		if (cli_edits_add(&l->edits, &edit, err) < 0)
			return -1;
	}
	return 0;
}

static int learn(struct learner *l, struct error *err)
{
	if (take_named(l, err) < 0)
		return -1;
	for (const struct denial *d = l->reader.denials.first; d != NULL; d = d->next)
		if (learn_one(l, d, err) < 0)
			return -1;
	return 0;
}

/* ---- the base ---- */

/* A profile file is edited as it is; of a configuration its profile is. */
static int read_base(struct learner *l, struct error *err)
{
	const char *name = l->make.args->value[CLI_BASE], *flavor = l->make.args->value[CLI_FLAVOR];

	if (name == NULL || strcmp(name, "runtime/default") == 0)
		name = flavor != NULL ? flavor : "moby";
	else if (flavor != NULL)
		return error_set(err, "--flavor says whose runtime/default: it does not go with "
				      "another --base");
	if (cli_source_open(name, &l->memory, &l->base, err) < 0)
		return -1;
	l->make.name = name;
	l->make.is_file = !l->base.is_flavor;
	l->make.text = l->base.is_flavor ? profile_file(l->base.flavor) : l->base.text;
	if (!l->base.is_config)
		return 0;
	l->make.target.caps = l->base.caps;
	if (l->base.profile.empty)
		return error_set(err, "%s has no profile: there is nothing to begin with", name);
	return seccomp_write(&l->base.profile, &l->memory.keep, &l->make.text, err);
}

/* ---- the command line ---- */

static int set_options(struct learner *l, struct error *err)
{
	const char *const *value = l->make.args->value;
	struct profile_make *m = &l->make;
	struct enforce_host host;
	enum abi own;

	if (cli_target(m->args, &host, &m->target, err) < 0)
		return -1;
	m->host_arch = host.arch;
	if ((value[CLI_ARCH] != NULL &&
	     profile_arch_from_name(span_of(value[CLI_ARCH]), &m->target.arch, err) < 0) ||
	    (value[CLI_FORMAT] != NULL &&
	     profile_format_from_name(value[CLI_FORMAT], &m->form.format, err) < 0))
		return -1;
	if (abi_of_arch(m->target.arch, &own) < 0)
		own = ABI_X86_64;
	l->reader.own = own;
	l->reader.container = value[CLI_CONTAINER];
	if (denials_since(value[CLI_SINCE], &l->reader.since, err) < 0 ||
	    cli_edits_read(&l->named, value[CLI_ALLOW], true, own, err) < 0 ||
	    cli_edits_read(&l->named, value[CLI_DENY], false, own, err) < 0)
		return -1;
	return read_base(l, err);
}

/* Counts that are not whole are no matter here, but a line that could not be read is. */
static int check_log(const struct learner *l)
{
	const struct denials_reader *r = &l->reader;

	if (r->recognized == 0)
		return denials_nothing(r);
	if (r->of_others == r->recognized && r->failed == 0) {
		cli_error(r->args,
			  "learn: no line says that it is of container \"%s\": those of "
			  "seccomp-guard "
			  "denials --follow --json do",
			  r->container);
		return CLI_NO;
	}
	if (r->failed > 0)
		return cli_error(r->args,
				 "learn: %zu line%s could not be read, and nothing is learned",
				 r->failed, r->failed == 1 ? "" : "s");
	if (r->lost > 0 || r->denials.beyond > 0)
		cli_warn(r->args,
			 "%" PRIu64 " records are missing in the log: what they denied is "
			 "not learned",
			 r->lost + r->denials.beyond);
	return CLI_OK;
}

static int run(const struct cli_args *args)
{
	static struct learner l;
	struct error err;
	int status;

	l.reader.args = l.make.args = args;
	l.make.form.json = args->json;
	l.make.edits = &l.edits;
	host_memory(&l.memory);
	l.finder = (struct allows_finder){
		.source = &l.base, .target = &l.make.target, .memory = &l.memory};
	if (set_options(&l, &err) < 0 || denials_read(&l.reader, &err) < 0)
		return cli_error(args, "learn: %s", err.text);
	status = check_log(&l);
	if (status != CLI_OK)
		return status;
	if (learn(&l, &err) < 0)
		return cli_error(args, "learn: %s", err.text);
	if (l.refused > 0)
		return CLI_NO;
	return profile_make(&l.make, &l.memory, &err) < 0 ? cli_error(args, "learn: %s", err.text)
							  : CLI_OK;
}

static const struct cli_use uses[] = {
	{CLI_BASE, NULL},
	{CLI_FLAVOR, NULL},
	{CLI_ALLOW, "though a call is dangerous, or not in the log"},
	{CLI_DENY, "leave these calls out, and let them through no more"},
	{CLI_CONTAINER, NULL},
	{CLI_SINCE, "leave out what is older: 10m, 2h, 3d, a date and time\n"
		    "(2026-11-27T16:41, UTC), or @SECONDS since 1970"},
	{CLI_FORMAT, NULL},
	{CLI_CAPS, NULL},
	{CLI_ARCH, NULL},
	{CLI_KERNEL, NULL},
};

const struct cli_command cli_learn = {
	.name = "learn",
	.run = run,
	.summary = "make a profile that allows what was denied",
	.arguments = "[FILE...]",
	.max_arguments = SIZE_MAX,
	.files = SIZE_MAX,
	.takes = "takes files",
	.about = "Print RuntimeDefault, or another profile, with what a workload was denied, or\n"
		 "what complain logged of it, allowed: each call with a comment that says which\n"
		 "programs make it and how often. A FILE, or - or nothing for standard input, is\n"
		 "what denials reads or what denials --json printed; several are taken together.\n"
		 "What is dangerous is refused unless --allow or --deny names it.\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "names and table: one JSON object on a line for each;\n"
		"errors, too",
	.exit_status = "0 printed, 1 there is nothing about seccomp, or a call is\n"
		       "dangerous and not named, 2 error, or a line could not be read.",
};
