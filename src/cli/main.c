/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard: the command for people. Finds the subcommand and hands over. */
#include "cli/cli.h"

#include "filter/filter.h"

#include "node/fileio.h"
#include "base/jsonout.h"
#include "node/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

static const struct cli_command *const commands[] = {&cli_check,        &cli_apply, &cli_profile,
						     &cli_explain_call, &cli_diff,  &cli_policy};

int cli_error(const char *format, ...)
{
	char message[1024], shown[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	fflush(stdout);
	fprintf(stderr, "seccomp-guard: %s\n",
		text_printable(span_of(message), shown, sizeof(shown)));
	return CLI_ERROR;
}

void cli_help(const struct cli_command *command)
{
	printf("Usage: seccomp-guard %s %s\n%s", command->name, command->synopsis, command->help);
}

int cli_option(const struct cli_command *command, int argc, char **argv,
	       const struct option *options)
{
	int c;

	opterr = 0;
	c = getopt_long(argc, argv, ":", options, NULL);
	if (c == '?' && optopt != 0)
		cli_error("%s: unknown option \"-%c\"; try seccomp-guard %s --help", command->name,
			  optopt, command->name);
	else if (c == '?')
		cli_error("%s: unknown option \"%s\"; try seccomp-guard %s --help", command->name,
			  argv[optind - 1], command->name);
	if (c == ':')
		cli_error("%s: option \"%s\" needs a value", command->name, argv[optind - 1]);
	return c == ':' ? '?' : c;
}

int cli_read(const char *path, size_t max, struct arena *keep, struct span *ret_text,
	     struct error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	CLEANUP_FD int fd = is_stdin ? -1 : open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);

	if (!is_stdin && fd < 0)
		return error_system(err, errno);
	return file_read_stream(is_stdin ? STDIN_FILENO : fd, max, keep, ret_text, err);
}

/* In a line of text; --json has all. */
#define UNKNOWN_SHOWN 6

/* Enough for the names of all system calls. */
#define WEAK_SIZE (SYSCALL_COUNT * (SYSCALL_MAX_NAME + 2))

static void print_json(const char *path, const struct verdict *v, const struct cli_unknown *unknown)
{
	const struct decision *d = &v->decision;
	char buffer[RECORD_MAX_SIZE + 3 * WEAK_SIZE], weak[WEAK_SIZE];
	struct jsonout out;

	jsonout_begin(&out, buffer, sizeof(buffer));
	jsonout_string(&out, "path", span_of(path));
	jsonout_string(&out, "finding", span_of(finding_name(d->finding)));
	jsonout_string(&out, "action", span_of(action_name(d->action)));
	jsonout_string(&out, "reason", span_of(reason_name(d->reason)));
	jsonout_string(&out, "mode", span_of(policy_mode_name(d->mode)));
	jsonout_bool(&out, "privileged", d->privileged);
	if (decision_is_weak(d)) {
		syscall_set_names(&d->excess, SYSCALL_COUNT, " ", weak, sizeof(weak));
		jsonout_words(&out, "weak_syscalls", span_of(weak));
		jsonout_uint(&out, "weak_syscalls_total", syscall_set_count(&d->excess));
	}
	if (unknown->words.n > 0)
		jsonout_words(&out, "unknown_syscalls", unknown->words);
	if (unknown->more)
		jsonout_bool(&out, "unknown_syscalls_more", true);
	if (d->rules.rule != NULL)
		jsonout_string(&out, "rule", span_of(d->rules.rule->name));
	if (d->rules.expired != NULL)
		jsonout_string(&out, "expired_rule", span_of(d->rules.expired->name));
	if (v->profile.p != NULL) {
		jsonout_string(&out, "profile", span_of(decision_profile(d)));
		if (decision_has_flavor(d))
			jsonout_string(&out, "flavor", span_of(profile_flavor_name(d->flavor)));
		jsonout_string(&out, "profile_sha256", span_of(v->profile_sha256));
	}
	if (v->identity.engine != NULL)
		jsonout_string(&out, "engine", span_of(v->identity.engine));
	if (v->identity.name_space.n > 0)
		jsonout_string(&out, "namespace", v->identity.name_space);
	if (v->identity.pod.n > 0)
		jsonout_string(&out, "pod", v->identity.pod);
	if (v->identity.container.n > 0)
		jsonout_string(&out, "container", v->identity.container);
	if (v->why.text[0] != '\0')
		jsonout_string(&out, "why", span_of(v->why.text));
	jsonout_end(&out);
	printf("%s\n", out.p);
}

/* Does the reason have all names already? */
static bool is_told(const struct verdict *v)
{
	bool by_weak = v->decision.reason != REASON_IDENTITY &&
		       v->decision.reason != REASON_ANNOTATION_INVALID;

	return action_refuses(v->decision.action) && by_weak &&
	       syscall_set_count(&v->decision.excess) <= DECIDE_WEAKNESS_NAMES;
}

static void print_weak(const struct decision *d)
{
	char weak[WEAK_SIZE];

	syscall_set_names(&d->excess, SYSCALL_COUNT, " ", weak, sizeof(weak));
	printf("; %slets through what RuntimeDefault of %s denies: %s",
	       d->weak_choice ? "what its annotation names " : "", profile_flavor_name(d->flavor),
	       weak[0] != '\0' ? weak : "every call that it does not name");
}

/* The first few. */
static void print_unknown(const struct cli_unknown *unknown)
{
	const struct span words = unknown->words;
	char version[FILTER_VERSION_SIZE];
	size_t n = 1, shown = words.n;

	if (words.n == 0) {
		printf("; the profile could not be read again for names that libseccomp does not "
		       "know");
		return;
	}
	for (size_t i = 0; i < words.n; i++) {
		if (words.p[i] != ' ')
			continue;
		if (n++ == UNKNOWN_SHOWN)
			shown = i;
	}
	printf("; libseccomp %s does not know: %.*s", filter_library_version(version), (int)shown,
	       words.p);
	if (n > UNKNOWN_SHOWN)
		printf(" and %s%zu more", unknown->more ? "at least " : "", n - UNKNOWN_SHOWN);
}

void cli_print_verdict(const char *path, const struct verdict *v, const struct cli_unknown *unknown,
		       bool json)
{
	const struct decision *d = &v->decision;
	char shown[1024];

	if (json) {
		print_json(path, v, unknown);
		return;
	}
	printf("%s: %s, %s (%s)", text_printable(span_of(path), shown, sizeof(shown)),
	       finding_name(d->finding), action_name(d->action), reason_name(d->reason));
	if (d->rules.rule != NULL)
		printf(", rule \"%s\"",
		       text_printable(span_of(d->rules.rule->name), shown, sizeof(shown)));
	if (v->profile.p != NULL && !decision_has_flavor(d))
		printf(", profile %s",
		       text_printable(span_of(decision_profile(d)), shown, sizeof(shown)));
	else if (v->profile.p != NULL)
		printf(", profile runtime/default of %s", profile_flavor_name(d->flavor));
	if (v->why.text[0] != '\0')
		printf(": %s", text_printable(span_of(v->why.text), shown, sizeof(shown)));
	if (decision_is_weak(d) && !is_told(v))
		print_weak(d);
	if (unknown->words.n > 0 || unknown->more)
		print_unknown(unknown);
	printf("\n");
}

static void print_usage(FILE *to)
{
	fprintf(to, "Usage: seccomp-guard COMMAND [OPTION...] [ARGUMENT...]\n\nCommands:\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(to, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
	fprintf(to, "\n\"seccomp-guard COMMAND --help\" tells more about a command.\n");
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	int status = CLI_OK;

	if (name == NULL) {
		print_usage(stderr);
		return CLI_ERROR;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "--version") == 0) {
		if (name[2] == 'h')
			print_usage(stdout);
		else
			printf("seccomp-guard %s\n", PACKAGE_VERSION);
	} else {
		size_t i = 0;

		while (i < ARRAY_SIZE(commands) && strcmp(name, commands[i]->name) != 0)
			i++;
		if (i == ARRAY_SIZE(commands))
			return cli_error("unknown command \"%s\"; try seccomp-guard --help", name);
		if (argc == 3 && strcmp(argv[2], "--version") == 0)
			printf("seccomp-guard %s\n", PACKAGE_VERSION);
		else
			status = commands[i]->run(argc - 1, argv + 1);
	}
	if (fflush(stdout) == EOF || ferror(stdout))
		return cli_error("cannot write to standard output");
	return status;
}
