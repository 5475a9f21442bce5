/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runtime's command line, read the way the runtime will read it. Pure: argv in, meaning out.
 *
 * The tables know the global options and the subcommands of runc and crun. Where the two parsers would resolve
 * the same words differently (`-b=X`, `-bundle X`, abbreviations), the words are refused, because judging another
 * bundle than the runtime starts would be worse than not judging at all.
 */
#ifndef SECCOMP_GUARD_RUNARGS_H
#define SECCOMP_GUARD_RUNARGS_H

#include "base.h"

enum runargs_family {
	RUNARGS_RUNC,
	RUNARGS_CRUN,
	RUNARGS_OTHER, /* only what runc and crun agree on */
};

enum runargs_kind {
	RUNARGS_PASS,   /* nothing is started, or nothing that this configuration describes */
	RUNARGS_CREATE, /* create, run, restore: judge the bundle */
};

enum runargs_log_format {
	RUNARGS_LOG_TEXT,
	RUNARGS_LOG_JSON,
};

/* Pointers are into argv. */
struct runargs {
	enum runargs_kind kind;
	const char *command; /* NULL when there is none (--version, --help) */
	const char *id;      /* NULL unless RUNARGS_CREATE */
	const char *bundle;  /* NULL: the current directory */
	const char *config;  /* crun --config; NULL: config.json in the bundle */
	const char *log;     /* --log as given; NULL: none */
	enum runargs_log_format log_format;
};

/* By the base name of the runtime's path: "runc", "crun", else other. */
enum runargs_family runargs_family_of(const char *runtime_path);

/*
 * argv[0] is the program name and not looked at. On failure (an option or subcommand that is not in the tables,
 * or words that runtimes read differently) *ret_args holds what was understood up to there (log and log_format
 * are then still usable to report the refusal), the one exception to the output rule.
 */
int runargs_parse(enum runargs_family family, int argc, char *const argv[], struct runargs *ret_args,
		  struct error *err);

#endif
