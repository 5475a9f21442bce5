/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard profile: the linux.seccomp object of a built-in flavor or a profile file, for a
 * given container. */
#include "cli/document.h"
#include "cli/profile-make.h"

#include <stdio.h>

struct request {
	struct profile_make make;
	enum profile_flavor flavor;
	const char *path; /* NULL: the flavor */
	struct cli_edits edits;
};

static int set_edits(struct request *r, struct error *err)
{
	const char *const *value = r->make.args->value;
	enum abi own;

	if (abi_of_arch(r->make.target.arch, &own) < 0)
		own = ABI_X86_64;
	return cli_edits_read(&r->edits, value[CLI_ALLOW], true, own, err) < 0 ||
			       cli_edits_read(&r->edits, value[CLI_DENY], false, own, err) < 0
		       ? -1
		       : 0;
}

static int set_options(struct request *r, struct error *err)
{
	const char *const *value = r->make.args->value;
	struct enforce_host host;

	if (cli_target(r->make.args, &host, &r->make.target, err) < 0)
		return -1;
	r->make.host_arch = host.arch;
	r->make.target.complain = value[CLI_COMPLAIN] != NULL;
	if (value[CLI_ARCH] != NULL &&
	    profile_arch_from_name(span_of(value[CLI_ARCH]), &r->make.target.arch, err) < 0)
		return -1;
	if (value[CLI_FLAVOR] != NULL &&
	    profile_flavor_from_name(span_of(value[CLI_FLAVOR]), &r->flavor, err) < 0)
		return -1;
	if (value[CLI_FORMAT] != NULL &&
	    profile_format_from_name(value[CLI_FORMAT], &r->make.form.format, err) < 0)
		return -1;
	if (value[CLI_TIGHTEN] != NULL &&
	    tighten_from_list(value[CLI_TIGHTEN], &r->make.tighten, err) < 0)
		return -1;
	if (r->make.form.format == PROFILE_FORMAT_MOBY &&
	    (r->make.target.complain || value[CLI_TIGHTEN] != NULL))
		return error_set(err,
				 "--complain and --tighten are for one container: they do not "
				 "go with --format moby, which keeps conditions on containers");
	return set_edits(r, err);
}

static int print_builtin(const struct request *r, struct enforce_memory *memory)
{
	struct span text;

	if (profile_resolve(r->flavor, &r->make.target, &memory->keep, &text) < 0)
		return cli_error(r->make.args, "out of memory");
	profile_print_text(text);
	return CLI_OK;
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
		return cli_unread(r->path, "what is built in is named by --flavor", err);
	document_of(*ret_text, &memory->scratch, &document);
	return document_check_profile(&document, err) < 0 ? error_prefix(err, "%s", r->path) : 0;
}

static int print(struct request *r)
{
	struct profile_make *m = &r->make;
	struct enforce_memory memory;
	struct error err;

	host_memory(&memory);
	if (r->path == NULL && tighten_is_empty(&m->tighten) && r->edits.n == 0 &&
	    m->form.format == PROFILE_FORMAT_OCI)
		return print_builtin(r, &memory);
	m->name = r->path != NULL ? r->path : profile_flavor_name(r->flavor);
	m->is_file = r->path != NULL;
	m->edits = &r->edits;
	if (read_text(r, &memory, &m->text, &err) < 0 || profile_make(m, &memory, &err) < 0)
		return cli_error(m->args, "%s", err.text);
	return CLI_OK;
}

static int run(const struct cli_args *args)
{
	static struct request r;
	struct error err;

	r.make.args = args;
	r.flavor = PROFILE_MOBY;
	r.make.form.json = args->json;
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
	.files = 1,
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
