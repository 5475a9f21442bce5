/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runtime's command line, read the way the runtime will read it. Pure: argv in, meaning out; no
 * memory is taken, the outputs point into argv.
 *
 * runc parses with Go's flag package under urfave/cli v1 (to 1.5) or with urfave/cli v3 (main),
 * crun with glibc's argp; of others, youki parses with clap and runsc with Go's flag package under
 * google/subcommands. What does not start a container is handed on unread. A command line starts
 * one if its first word that is neither an option nor the value of one is create, run or restore:
 * by that very name, for none of these parsers abbreviates subcommands, and none has aliases for
 * these (runc 1.0 to main, crun 0.10 to main, youki and runsc of August 2026). Where it cannot be
 * told whether a word is an option or takes a value, any of the three behind it counts; urfave/cli
 * v3 also cuts white space off words before it looks at them.
 *
 * For create, run and restore every word is read by the rules of runc and of crun. The runtime's
 * own reading counts, and it must exist; where the other one understands the word too but
 * differently (`-b=X`, `-bundle X`), the word is refused: judging another bundle than the runtime
 * starts would be worse than not judging at all. So are
 * - a value that begins with "-" in a word of its own ("--bundle=-x" is fine): urfave/cli 1.22.2
 * to 1.22.5 moves such words, and then reads `create --bundle - ID` as bundle ID, container "-";
 * - a value after "=" that ends in white space: urfave/cli v3 cuts it off, the others do not;
 * - a global option behind the subcommand, which only urfave/cli v3 takes;
 * - abbreviations, combined letters, a lone "-", "--help=false": nobody needs them.
 * So a runtime that is not what its name says may fail on what was accepted, but opens no other
 * configuration.
 */
#ifndef SECCOMP_GUARD_OCI_RUNARGS_H
#define SECCOMP_GUARD_OCI_RUNARGS_H

#include "base/base.h"

enum runargs_family {
	RUNARGS_RUNC,
	RUNARGS_CRUN,
	RUNARGS_OTHER, /* only what runc and crun agree on */
};

enum runargs_kind {
	RUNARGS_PASS,   /* nothing is started, or nothing that a configuration in a bundle describes
			 */
	RUNARGS_CREATE, /* create, run, restore: judge the bundle */
};

enum runargs_log_format {
	RUNARGS_LOG_TEXT,
	RUNARGS_LOG_JSON,
};

struct runargs {
	enum runargs_kind kind;
	const char *command; /* NULL when there is none (--version, --help) */
	const char *id; /* NULL unless RUNARGS_CREATE; letters, digits and "_+-." only, not "-" at
			   the front */
	/* NULL: the current directory. A relative path is relative to the current directory. Never
	 * empty. */
	const char *bundle;
	/*
	 * NULL: config.json in the bundle, also where --config says just that. Else crun's --config
	 * on create and run: the file itself, and a relative path is relative to the directory the
	 * runtime is started in, not to the bundle (crun, src/create.c and src/run_create.c:
	 * realpath() before chdir()). Never empty.
	 */
	const char *config;
	/*
	 * As given; NULL: none, or empty. runc takes any text as a path, relative to the current
	 * directory. crun takes a text without a colon as a path, and else "file:PATH",
	 * "syslog:IDENTIFIER" or "journald:...", failing for any other word before the first colon
	 * (src/libcrun/error.c, get_log_type()); on create, run and restore it opens a relative
	 * path after chdir() to the bundle.
	 */
	const char *log;
	enum runargs_log_format log_format; /* what the runtimes do not know counts as text: they
					       fail by themselves */
};

/* By the base name of the runtime's path: "runc", "nvidia-container-runtime"; "crun", "krun"; or
 * one of these with more behind a "-", "." or "_". */
enum runargs_family runargs_family_of(const char *runtime_path);

/*
 * argv[0] is the program name and not looked at; argv need not end with NULL. On failure (a command
 * line that may start something, and has a word that is not in the tables or that runtimes read
 * differently, no value, no id, too many arguments) *ret_args holds what was understood up to there
 * (log and log_format are then still usable to report the refusal), the one exception to the output
 * rule. The error text quotes the word as it is: it may hold control characters.
 */
int runargs_parse(enum runargs_family family, int argc, char *const argv[],
		  struct runargs *ret_args, struct error *err);

/*
 * The container that `exec` adds a process to; NULL: it is another subcommand, or the word is not
 * to be found. For telling only: what is not in the tables counts as an option without a value.
 * `args` is what runargs_parse() made of the same argv.
 */
const char *runargs_exec_id(const struct runargs *args, int argc, char *const argv[]);

#endif
