/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp-guard-hook: one JSON document on stdin, told apart by its content. A configuration is the
 * filter form (podman's precreate stage): it goes to stdout, changed or byte for byte as it was,
 * and on refusal nothing does. An OCI state comes from a runtime's hook: see hook-state.c.
 */
#include "hook.h"

#include "node/fileio.h"
#include "node/record.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"Usage: seccomp-guard-hook [--policy FILE] [--stage STAGE]\n"
	"With an OCI runtime configuration on standard input, write it, with a seccomp\n"
	"profile if it lacks one, to standard output. With an OCI state, confine the\n"
	"container that is being created, or see to it that it is confined.\n"
	"\n"
	"  --policy FILE  the policy [" SYSCONFDIR "/seccomp-guard/policy.json]\n"
	"  --stage STAGE  the stage that the hook is registered for [by the state]\n"
	"  --help         show this text\n"
	"  --version      show the version\n";

int hook_fail(const char *message)
{
	char shown[1024], line[1100];
	int n = snprintf(line, sizeof(line), "seccomp-guard: %s\n",
			 text_printable(span_of(message), shown, sizeof(shown)));

	file_write_now(STDERR_FILENO, (struct span){line, (size_t)n});
	return EXIT_FAILURE;
}

void hook_record(const struct hook *h, const struct verdict *v, const struct ocistate *state)
{
	const struct record record = {
		.verdict = v,
		.entry = state != NULL ? "hook" : "filter",
		.stage = h->stage != NULL ? h->stage : "precreate",
		.id = state != NULL ? state->id : NULL,
		.bundle = state != NULL ? state->bundle : NULL,
		.injector = v->decision.action != ACTION_INJECT ? NULL
			    : state != NULL                     ? "live"
								: "config",
		.start = h->start,
	};
	struct error err;

	if (record_write(&record, &h->policy, &err) < 0)
		hook_fail(err.text);
}

static int filter(struct hook *h, struct span text)
{
	struct enforce_host host;
	struct verdict v;
	struct error err;
	char message[1024];

	if (host_init(&host, &err) < 0)
		return hook_fail(err.text);
	enforce(text, &h->policy, &host, &h->memory, &v);
	host_locate("configuration on standard input", text, &v);
	hook_record(h, &v, NULL);
	if (v.decision.action == ACTION_REFUSE)
		return hook_fail(record_message(&v, message, sizeof(message)));
	if (file_write_all(STDOUT_FILENO, v.decision.action == ACTION_INJECT ? v.output : text) <
	    0) {
		error_set(&err, "cannot write the configuration to standard output: %s",
			  strerror(errno));
		return hook_fail(err.text);
	}
	return EXIT_SUCCESS;
}

/* Returns -1 to go on, else the exit status. */
static int options(struct hook *h, int argc, char **argv)
{
	static const struct option longs[] = {
		{"policy", required_argument, NULL, 'p'},
		{"stage", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'p')
			h->policy_path = optarg;
		else if (c == 's')
			h->stage = optarg;
		else if (c == 'h')
			return fputs(usage, stdout) == EOF || fflush(stdout) == EOF ? EXIT_FAILURE
										    : EXIT_SUCCESS;
		else if (c == 'v')
			return printf("seccomp-guard-hook %s\n", PACKAGE_VERSION) < 0
				       ? EXIT_FAILURE
				       : EXIT_SUCCESS;
		else
			return hook_fail("unknown option, or one without its value; try --help");
	}
	if (optind < argc)
		return hook_fail("seccomp-guard-hook takes no arguments; try --help");
	return -1;
}

int main(int argc, char **argv)
{
	static struct hook h;
	struct ocistate state;
	struct span text;
	struct error err;
	bool is_state;
	int status;

	clock_gettime(CLOCK_MONOTONIC, &h.start);
	host_memory(&h.memory);
	status = options(&h, argc, argv);
	if (status >= 0)
		return status;
	if (file_read_stream(STDIN_FILENO, OCICONFIG_MAX_SIZE, &h.memory.keep, &text, &err) < 0)
		return hook_fail((error_prefix(&err, "standard input"), err.text));
	if (h.stage != NULL && strcmp(h.stage, "precreate") != 0 && !hook_has_stage(h.stage))
		return EXIT_SUCCESS;
	is_state = ocistate_read(text, &h.memory.keep, &h.memory.scratch, &state, &err) == 0;
	if (is_state && !state.is_state) {
		error_set(&err, "neither \"status\" nor \"pid\"");
		is_state = false;
	}
	if (!is_state && h.stage != NULL && hook_has_stage(h.stage))
		return hook_fail((error_prefix(&err, "no OCI state on standard input"), err.text));
	if (host_policy(h.policy_path, &h.memory, &h.policy, &err) < 0)
		return hook_fail((error_prefix(&err, "policy"), err.text));
	return is_state ? hook_state(&h, &state) : filter(&h, text);
}
