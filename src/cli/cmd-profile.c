/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard profile: the linux.seccomp object of a built-in flavor or a profile file, for a
 * given container. */
#include "cli/cli.h"
#include "cli/profile-print.h"

#include "filter/filter.h"
#include "node/host.h"
#include "profile/profile-file.h"

#include <stdio.h>

struct request {
	enum profile_flavor flavor;
	bool has_flavor;
	const char *path; /* NULL: the flavor */
	enum profile_arch host_arch;
	struct profile_target target;
	struct tighten tighten;
	enum profile_format format;
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

static int set_option(struct request *r, int option, const char *value, struct error *err)
{
	switch (option) {
	case 'f':
		r->has_flavor = true;
		return profile_flavor_from_name(span_of(value), &r->flavor, err);
	case 'c':
		return cli_caps(value, &r->target.caps, err);
	case 'a':
		return profile_arch_from_name(span_of(value), &r->target.arch, err);
	case 'k':
		return profile_kernel_from_release(span_of(value), &r->target.kernel, err);
	case 'F':
		return profile_format_from_name(value, &r->format, err);
	case 't':
		return parse_tighten(value, &r->tighten, err);
	default:
		r->target.complain = true;
		return 0;
	}
}

static int print_builtin(const struct request *r, struct enforce_memory *memory)
{
	struct span text;

	if (profile_resolve(r->flavor, &r->target, &memory->keep, &text) < 0)
		return cli_error("out of memory");
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
	static struct filter filter;

	if (r->target.arch != r->host_arch || profile->has_listener)
		return 0;
	return filter_compile(profile, FILTER_AS_RUNC, &filter, err);
}

/* A file, or a flavor that is not to be printed as it is. */
static int resolve(const struct request *r, struct enforce_memory *memory,
		   struct profilefile *ret_file)
{
	struct profilefile_request request = {
		.target = &r->target,
		.keep = &memory->keep,
		.scratch = &memory->scratch,
		.tighten = r->tighten,
	};
	struct error err;

	if (r->path == NULL) {
		if (profilefile_builtin(r->flavor, &request, ret_file, &err) < 0)
			return cli_error("%s", err.text);
		return CLI_OK;
	}
	if (cli_read(r->path, PROFILEFILE_MAX_SIZE, &memory->keep, &request.text, &err) < 0)
		return cli_error("%s: %s", r->path, err.text);
	if (profilefile_resolve(&request, ret_file, &err) < 0) {
		host_error_in(r->path, request.text, &err);
		return cli_error("%s", err.text);
	}
	if (!ret_file->restricts)
		return cli_error("%s: restricts nothing, so no container would start with it",
				 r->path);
	if (check_filter(r, &ret_file->profile, &err) < 0)
		return cli_error("%s: %s", r->path, err.text);
	return CLI_OK;
}

static int print(const struct request *r)
{
	struct enforce_memory memory;
	struct profilefile file;
	struct error err;

	host_memory(&memory);
	if (r->path == NULL && tighten_is_empty(&r->tighten) && r->format == PROFILE_FORMAT_OCI)
		return print_builtin(r, &memory);
	if (resolve(r, &memory, &file) != CLI_OK)
		return CLI_ERROR;
	if (profile_print(&file.profile, r->format, &memory, &err) < 0)
		return cli_error("%s", err.text);
	return CLI_OK;
}

/* What is left of the command line behind the options. */
static int set_path(struct request *r, int argc, char **argv)
{
	if (argc - optind > 1)
		return cli_error("profile: takes one file; try seccomp-guard profile --help");
	r->path = argv[optind];
	if (r->path != NULL && r->has_flavor)
		return cli_error("profile: --flavor and a file exclude each other");
	return CLI_OK;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{"flavor", required_argument, NULL, 'f'}, {"caps", required_argument, NULL, 'c'},
		{"arch", required_argument, NULL, 'a'},   {"kernel", required_argument, NULL, 'k'},
		{"complain", no_argument, NULL, 'C'},     {"tighten", required_argument, NULL, 't'},
		{"format", required_argument, NULL, 'F'}, {"list", no_argument, NULL, 'l'},
		{"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
	};
	struct request r = {.flavor = PROFILE_MOBY};
	struct enforce_host host;
	struct error err;
	int option;

	if (host_init(&host, &err) < 0 || cli_caps("default", &r.target.caps, &err) < 0)
		return cli_error("%s", err.text);
	r.target.arch = r.host_arch = host.arch;
	r.target.kernel = host.kernel;
	while ((option = cli_option(&cli_profile, argc, argv, options)) != -1) {
		if (option == 'l') {
			profile_print_flavors();
			return CLI_OK;
		}
		if (option == 'h') {
			cli_help(&cli_profile);
			return CLI_OK;
		}
		if (option == '?')
			return CLI_ERROR;
		if (set_option(&r, option, optarg, &err) < 0)
			return cli_error("profile: %s", err.text);
	}
	if (set_path(&r, argc, argv) != CLI_OK)
		return CLI_ERROR;
	return print(&r);
}

const struct cli_command cli_profile = {
	"profile",
	run,
	"print a seccomp profile, built in or from a file",
	"[OPTION...] [FILE]",
	"Print the seccomp profile that a container would get, as an OCI linux.seccomp\n"
	"object. FILE is a profile in that form or in Docker's, or - for standard input;\n"
	"see seccomp-guard-profile(5).\n"
	"\n"
	"  --flavor FLAVOR   whose RuntimeDefault: moby, containerd, containers, crio\n"
	"                    [moby]\n"
	"  --caps CAPS       default, none, all or a list: SYS_ADMIN,NET_ADMIN [default]\n"
	"  --arch ARCH       as uname -m prints it [this machine's]\n"
	"  --kernel VERSION  such as 6.1 [this machine's]\n"
	"  --complain        every denial is logged instead\n"
	"  --format FORMAT   oci; names: the calls that are let through, for some\n"
	"                    arguments at least; table: a line for each call of each rule\n"
	"                    [oci]\n"
	"  --tighten LIST    lay restrictions over it: af-alg,af-vsock,userns,io-uring,\n"
	"                    keyctl,bpf,ptrace\n"
	"  --list            print the flavors, their dates and sources\n",
};
