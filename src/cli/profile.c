/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard profile: the linux.seccomp object of a built-in flavor, for a given container. */
#include "cli/cli.h"

#include "capability.h"
#include "host.h"

#include <stdio.h>

/* What Docker and containerd give a container that asks for nothing (moby oci/caps/defaults.go). */
static const char default_caps[] =
	"CAP_CHOWN,CAP_DAC_OVERRIDE,CAP_FSETID,CAP_FOWNER,CAP_MKNOD,CAP_NET_RAW,CAP_SETGID,"
	"CAP_SETUID,CAP_SETFCAP,CAP_SETPCAP,CAP_NET_BIND_SERVICE,CAP_SYS_CHROOT,CAP_KILL,"
	"CAP_AUDIT_WRITE";

struct request {
	enum profile_flavor flavor;
	struct profile_target target;
};

static int add_capability(struct span name, uint64_t *caps, struct error *err)
{
	char full[40];
	int number;

	/* People write CAP_NET_ADMIN and NET_ADMIN. */
	snprintf(full, sizeof(full), "%s%.*s", span_has_prefix(name, SPAN("CAP_")) ? "" : "CAP_",
		 (int)(name.n < 30 ? name.n : 30), name.p);
	number = capability_from_name(span_of(full));
	if (number < 0)
		return error_set(err, "unknown capability \"%.*s\"; see capabilities(7)", SPAN_ARG(name));
	*caps |= UINT64_C(1) << number;
	return 0;
}

static int parse_caps(const char *list, uint64_t *ret_caps, struct error *err)
{
	uint64_t caps = 0;

	if (strcmp(list, "none") == 0 || strcmp(list, "all") == 0) {
		*ret_caps = list[0] == 'a' ? CAPABILITY_ALL : 0;
		return 0;
	}
	if (strcmp(list, "default") == 0)
		list = default_caps;
	while (*list != '\0') {
		size_t n = strcspn(list, ",");

		if (add_capability((struct span){list, n}, &caps, err) < 0)
			return -1;
		list += list[n] == ',' ? n + 1 : n;
	}
	*ret_caps = caps;
	return 0;
}

static int set_option(struct request *r, int option, const char *value, struct error *err)
{
	switch (option) {
	case 'f':
		return profile_flavor_from_name(span_of(value), &r->flavor, err);
	case 'c':
		return parse_caps(value, &r->target.caps, err);
	case 'a':
		return profile_arch_from_name(span_of(value), &r->target.arch, err);
	case 'k':
		return profile_kernel_from_release(span_of(value), &r->target.kernel, err);
	default:
		r->target.complain = true;
		return 0;
	}
}

static int print(const struct request *r)
{
	struct profile_text text;

	profile_resolve(r->flavor, &r->target, &text);
	for (size_t i = 0; i < text.n_pieces; i++)
		fwrite(text.piece[i].iov_base, 1, text.piece[i].iov_len, stdout);
	printf("\n");
	return CLI_OK;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{"flavor", required_argument, NULL, 'f'},
		{"caps", required_argument, NULL, 'c'},
		{"arch", required_argument, NULL, 'a'},
		{"kernel", required_argument, NULL, 'k'},
		{"complain", no_argument, NULL, 'C'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct request r = {.flavor = PROFILE_MOBY};
	struct enforce_host host;
	struct error err;
	int option;

	if (host_init(&host, &err) < 0 || parse_caps("default", &r.target.caps, &err) < 0)
		return cli_error("%s", err.text);
	r.target.arch = host.arch;
	r.target.kernel = host.kernel;
	while ((option = cli_option(&cli_profile, argc, argv, options)) != -1) {
		if (option == 'h') {
			cli_help(&cli_profile);
			return CLI_OK;
		}
		if (option == '?')
			return CLI_ERROR;
		if (set_option(&r, option, optarg, &err) < 0)
			return cli_error("profile: %s", err.text);
	}
	if (optind < argc)
		return cli_error("profile: takes no arguments; try seccomp-guard profile --help");
	return print(&r);
}

const struct cli_command cli_profile = {
	"profile",
	run,
	"print a built-in seccomp profile",
	"[OPTION...]",
	"Print the seccomp profile that a container would get, as an OCI linux.seccomp\n"
	"object.\n"
	"\n"
	"  --flavor FLAVOR   whose RuntimeDefault: moby, containerd, containers, crio\n"
	"                    [moby]\n"
	"  --caps CAPS       default, none, all or a list: SYS_ADMIN,NET_ADMIN [default]\n"
	"  --arch ARCH       as uname -m prints it [this machine's]\n"
	"  --kernel VERSION  such as 6.1 [this machine's]\n"
	"  --complain        every denial is logged instead\n",
};
