/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: one table of options for all commands, and for each command the ones that it
 * takes. From these come parsing, messages and --help, so that they are the same everywhere.
 */
#ifndef SECCOMP_GUARD_CLI_OPTIONS_H
#define SECCOMP_GUARD_CLI_OPTIONS_H

#include "base/base.h"

/* Exit status: seccomp-guard(1). */
enum {
	CLI_OK = 0,
	CLI_NO = 1,    /* the answer is no: something would be injected or refused */
	CLI_ERROR = 2, /* usage, policy or input */
	CLI_NEVER = 3, /* not here, however often it is tried: denials --follow */
};

enum cli_option {
	CLI_POLICY,
	CLI_DRY_RUN,
	CLI_FLAVOR,
	CLI_ARCH,
	CLI_CAPS,
	CLI_KERNEL,
	CLI_RUNTIME,
	CLI_COMPLAIN,
	CLI_TIGHTEN,
	CLI_FORMAT,
	CLI_ALLOW,
	CLI_DENY,
	CLI_BASE,
	CLI_CONTAINER,
	CLI_LIST,
	CLI_ALL,
	CLI_HOOK,
	CLI_NRI,
	CLI_FAIL_OPEN,
	CLI_NO_DEFAULT,
	CLI_RESTART,
	CLI_ROOT,
	CLI_WHEN_UNUSED,
	CLI_PROFILE,
	CLI_SINCE,
	CLI_UNCONFINED,
	CLI_FOLLOW,
	CLI_METRICS,
	CLI_KICS,
	CLI_SARIF,
	CLI_FIX,
	CLI_DEEP,
	CLI_HTML,
	CLI_DENIALS,
	CLI_NAMESPACE,
	CLI_NO_NEW_PRIVS,
	CLI_OR_KILL,
	CLI_FREEZE,
	CLI_PERSIST,
	CLI_YES,
	/* Every command has these. */
	CLI_JSON,
	CLI_HELP,
	CLI_VERSION,
	CLI_OPTIONS,
};

/* An option that a command takes. */
struct cli_use {
	enum cli_option option;
	const char *help; /* lines of at most 58 columns; NULL: the table's */
};

struct cli_args;

struct cli_command {
	const char *name;                        /* "check", or of a group: "policy check" */
	int (*run)(const struct cli_args *args); /* returns the exit status */
	const char *summary;                     /* a few words, for the list of commands */
	const char *arguments;                   /* "PATH..." */
	size_t min_arguments, max_arguments;
	size_t files;        /* so many arguments, from the first on, may be "-", standard input */
	const char *no_dash; /* why none may; NULL: they may, or "-" is a word like any other */
	const char *takes;   /* to say when their number is wrong: "takes one file" */
	const char *about;   /* lines of at most 80 columns */
	const struct cli_use *uses; /* beside what every command has */
	size_t n_uses;
	const char *json;        /* what --json prints, as the help of that option */
	const char *exit_status; /* "0 ..., 1 ..., 2 error" */
};

/* Why a policy is not read from standard input. */
#define CLI_POLICY_NO_DASH                                                                         \
	"a policy counts by who could change its file; \"seccomp-guard lint -\" reads the text "   \
	"of one"

/* A command line that has been read. */
struct cli_args {
	const struct cli_command *command; /* NULL: not known yet */
	bool json;                         /* --json is there: errors are told that way too */
	const char *value[CLI_OPTIONS];    /* NULL: not given; "" for one that takes no value */
	size_t n;                          /* arguments */
	char **argument;
};

/*
 * Find the command among `commands`, read the rest of the command line, and run it. What can be
 * answered without (--help, --version, mistakes) is. Returns the exit status.
 */
int cli_main(const struct cli_command *const *commands, size_t n, int argc, char **argv);

/*
 * Tell an error on standard error, and return CLI_ERROR: a line "seccomp-guard: message", escaped
 * for a terminal; with --json one object with the members "error" and "command".
 */
int cli_error(const struct cli_args *args, const char *format, ...) PRINTF_LIKE(2, 3);

/* The same for what is no error: "seccomp-guard: warning: message", or with --json the member
 * "warning". */
void cli_warn(const struct cli_args *args, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * Call `one` with each argument. Returns the worst of its exit statuses.
 */
int cli_each_argument(const struct cli_args *args, int (*one)(void *ctx, const char *argument),
		      void *ctx);

#endif
