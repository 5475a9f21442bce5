/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard profile: the linux.seccomp object of a built-in flavor or a profile file, for a
 * given container. */
#include "cli/document.h"
#include "cli/edits.h"
#include "cli/profile-print.h"

#include "filter/filter.h"
#include "node/host.h"
#include "profile/profile-file.h"
#include "semantics/startup.h"

#include <stdio.h>

struct request {
	const struct cli_args *args;
	enum profile_flavor flavor;
	const char *path; /* NULL: the flavor */
	enum profile_arch host_arch;
	struct profile_target target;
	struct tighten tighten;
	struct cli_edits edits;
	struct profile_form form;
};

/* Restrictions by name, separated by commas. */
static int parse_tighten(const char *list, struct tighten *ret_tighten, struct error *err)
{
	while (*list != '\0') {
		size_t n = strcspn(list, ",");
		enum tighten_name name;

		if (tighten_from_name((struct span){list, n}, &name, err) < 0)
			return -1;
		ret_tighten->named |= 1U << name;
		list += list[n] == ',' ? n + 1 : n;
	}
	return 0;
}

static int set_edits(struct request *r, struct error *err)
{
	const char *const *value = r->args->value;
	enum abi own;

	if (abi_of_arch(r->target.arch, &own) < 0)
		own = ABI_X86_64;
	return cli_edits_read(&r->edits, value[CLI_ALLOW], true, own, err) < 0 ||
			       cli_edits_read(&r->edits, value[CLI_DENY], false, own, err) < 0
		       ? -1
		       : 0;
}

static int set_options(struct request *r, struct error *err)
{
	const char *const *value = r->args->value;
	struct enforce_host host;

	if (cli_target(r->args, &host, &r->target, err) < 0)
		return -1;
	r->host_arch = host.arch;
	r->target.complain = value[CLI_COMPLAIN] != NULL;
	if (value[CLI_ARCH] != NULL &&
	    profile_arch_from_name(span_of(value[CLI_ARCH]), &r->target.arch, err) < 0)
		return -1;
	if (value[CLI_FLAVOR] != NULL &&
	    profile_flavor_from_name(span_of(value[CLI_FLAVOR]), &r->flavor, err) < 0)
		return -1;
	if (value[CLI_FORMAT] != NULL &&
	    profile_format_from_name(value[CLI_FORMAT], &r->form.format, err) < 0)
		return -1;
	if (value[CLI_TIGHTEN] != NULL && parse_tighten(value[CLI_TIGHTEN], &r->tighten, err) < 0)
		return -1;
	if (r->form.format == PROFILE_FORMAT_MOBY &&
	    (r->target.complain || value[CLI_TIGHTEN] != NULL))
		return error_set(err,
				 "--complain and --tighten are for one container: they do not "
				 "go with --format moby, which keeps conditions on containers");
	return set_edits(r, err);
}

static int print_builtin(const struct request *r, struct enforce_memory *memory)
{
	struct span text;

	if (profile_resolve(r->flavor, &r->target, &memory->keep, &text) < 0)
		return cli_error(r->args, "out of memory");
	profile_print_text(text);
	return CLI_OK;
}

/*
 * Does the kernel take the filter that a runtime would make of `profile`? Asked of libseccomp,
 * which knows this machine's architecture and nothing of who listens to SCMP_ACT_NOTIFY.
 */
static int check_filter(const struct request *r, const struct seccomp_profile *profile,
			struct error *err)
{
	struct program_request request = {.profile = profile, .runtime = MODEL_RUNC};

	if (r->target.arch != r->host_arch || profile->has_listener ||
	    abi_of_arch(r->host_arch, &request.native) < 0)
		return 0;
	return filter_check(&request, err);
}

static const char *name_of(const struct request *r)
{
	return r->path != NULL ? r->path : profile_flavor_name(r->flavor);
}

/* What is valid and hardly meant. */
static void warn(const struct request *r, const struct profilefile *file,
		 struct enforce_memory *memory)
{
	const struct cli_doubts doubts = cli_doubts_about(&file->profile, false, &memory->keep);
	char text[STARTUP_TEXT_SIZE], version[FILTER_VERSION_SIZE];
	struct startup startup;
	struct error ignored;
	enum abi native;

	if (!file->restricts)
		cli_warn(r->args,
			 "%s: restricts nothing: seccomp-guard takes a container with it for "
			 "unconfined, and refuses one that a policy gives it",
			 name_of(r));
	/* What a flavor names beyond the library is known, and no mistake. */
	if (doubts.unknown.n > 0 && r->path != NULL)
		cli_warn(r->args, "%s: libseccomp %s does not know: %.*s", r->path,
			 filter_library_version(version), (int)doubts.unknown.n, doubts.unknown.p);
	if (abi_of_arch(r->target.arch, &native) < 0 ||
	    startup_check(&file->profile, native, &memory->scratch, &startup, &ignored) < 0)
		return;
	startup_text(&startup, text);
	if (text[0] != '\0')
		cli_warn(r->args, "%s: %s", name_of(r), text);
}

static void warn_edits(const struct request *r)
{
	char version[FILTER_VERSION_SIZE];

	for (const struct profile_edit *e = cli_edits_first(&r->edits); e != NULL; e = e->next)
		if (e->allow && !filter_knows_syscall(e->call.name))
			cli_warn(r->args,
				 "libseccomp %s does not know %.*s: runtimes leave the rule out",
				 filter_library_version(version), SPAN_ARG(e->call.name));
}

static int read_text(const struct request *r, struct enforce_memory *memory, struct span *ret_text,
		     struct error *err)
{
	struct document document;

	if (r->path == NULL) {
		*ret_text = profile_file(r->flavor);
		return 0;
	}
	if (cli_read(r->path, PROFILEFILE_MAX_SIZE, &memory->keep, ret_text, err) < 0)
		return error_prefix(err, "%s", r->path);
	document_of(*ret_text, &memory->scratch, &document);
	return document_check_profile(&document, err) < 0 ? error_prefix(err, "%s", r->path) : 0;
}

/* The text as it is, and as the edits have it; resolved. */
static int resolve(const struct request *r, struct enforce_memory *memory, struct span *ret_text,
		   struct profilefile *ret_file, struct error *err)
{
	struct profilefile_request request = {
		.target = &r->target,
		.keep = &memory->keep,
		.scratch = &memory->scratch,
		.tighten = r->tighten,
	};

	if (read_text(r, memory, &request.text, err) < 0)
		return -1;
	if (profilefile_resolve(&request, ret_file, err) < 0)
		return host_error_in(name_of(r), request.text, err);
	if (r->edits.n > 0 && (profile_edit(request.text, cli_edits_first(&r->edits), &memory->keep,
					    &memory->scratch, &request.text, err) < 0 ||
			       profilefile_resolve(&request, ret_file, err) < 0))
		return error_prefix(err, "%s, as changed", name_of(r));
	if (check_filter(r, &ret_file->profile, err) < 0)
		return error_prefix(err, "%s", name_of(r));
	*ret_text = request.text;
	return 0;
}

static int print(const struct request *r)
{
	struct enforce_memory memory;
	struct profilefile file;
	struct span text;
	struct error err;

	host_memory(&memory);
	if (r->path == NULL && tighten_is_empty(&r->tighten) && r->edits.n == 0 &&
	    r->form.format == PROFILE_FORMAT_OCI)
		return print_builtin(r, &memory);
	if (resolve(r, &memory, &text, &file, &err) < 0)
		return cli_error(r->args, "%s", err.text);
	if (r->path != NULL || r->edits.n > 0)
		warn(r, &file, &memory);
	warn_edits(r);
	if (r->form.format == PROFILE_FORMAT_MOBY)
		profile_print_text(text);
	else if (profile_print(&file.profile, &r->form, &memory, &err) < 0)
		return cli_error(r->args, "%s", err.text);
	return CLI_OK;
}

static int run(const struct cli_args *args)
{
	static struct request r;
	struct error err;

	r.args = args;
	r.flavor = PROFILE_MOBY;
	r.form.json = args->json;
	r.path = args->argument[0];
	if (args->value[CLI_LIST] != NULL) {
		profile_print_flavors(args->json);
		return CLI_OK;
	}
	if (r.path != NULL && args->value[CLI_FLAVOR] != NULL)
		return cli_error(args, "profile: --flavor and a file exclude each other");
	if (set_options(&r, &err) < 0)
		return cli_error(args, "profile: %s", err.text);
	return print(&r);
}

static const struct cli_use uses[] = {
	{CLI_FLAVOR, NULL},   {CLI_CAPS, NULL},   {CLI_ARCH, NULL},    {CLI_KERNEL, NULL},
	{CLI_COMPLAIN, NULL}, {CLI_FORMAT, NULL}, {CLI_TIGHTEN, NULL}, {CLI_ALLOW, NULL},
	{CLI_DENY, NULL},     {CLI_LIST, NULL},
};

const struct cli_command cli_profile = {
	.name = "profile",
	.run = run,
	.summary = "print a seccomp profile, built in or from a file",
	.arguments = "[FILE]",
	.min_arguments = 0,
	.max_arguments = 1,
	.takes = "takes one file",
	.about = "Print the seccomp profile that a container would get, as an OCI linux.seccomp\n"
		 "object. FILE is a profile in that form or in Docker's, or - for standard input;\n"
		 "see seccomp-guard-profile(5).\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "names, table and --list: one JSON object on a line for\n"
		"each; errors, too",
	.exit_status = "0 printed, 2 error.",
};
