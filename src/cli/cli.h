/* SPDX-License-Identifier: Apache-2.0 */
/* What the subcommands of seccomp-guard share. */
#ifndef SECCOMP_GUARD_CLI_CLI_H
#define SECCOMP_GUARD_CLI_CLI_H

#include "cli/options.h"
#include "node/host.h"

#include <stdio.h>

extern const struct cli_command cli_apply, cli_check, cli_confine, cli_denials, cli_diff,
	cli_doctor, cli_explain, cli_learn, cli_lint, cli_policy_check, cli_policy_explain,
	cli_policy_show, cli_profile, cli_register, cli_status, cli_unregister;

/*
 * Open what the command line names for reading. A pipe that nobody has open for writing, as a FIFO
 * that was left behind, is an error after a few seconds; one that somebody has may take its time.
 * Returns the descriptor, or -1 with a message that does not name the path.
 */
int cli_open(const char *path, struct error *err);

/*
 * Read `path`, or standard input for "-", of whatever kind it is, at most `max` bytes; the text
 * lives in `keep`. The message does not name the path.
 */
int cli_read(const char *path, size_t max, struct arena *keep, struct span *ret_text,
	     struct error *err);

/*
 * Name `path` in the error of cli_read() or cli_open(); where there is no such file, say by `hint`
 * what may have been meant instead. Returns -1.
 */
int cli_unread(const char *path, const char *hint, struct error *err);

/*
 * The next line of a log, without its newline, as far as it fits into `buffer`. Returns 1; 0 at
 * the end; -1 when reading fails, or for a line that is longer than any log has one: then it is no
 * text.
 */
struct cli_lines {
	FILE *file;
	char *buffer;
	size_t size;
};
/* A record has some 300 bytes, and at most a few thousand. */
#define CLI_LINE_SIZE (32U << 10)
int cli_next_line(const struct cli_lines *lines, struct span *ret_line, struct error *err);

/*
 * What flavors and profile files are resolved for: the capabilities and the kernel of the command
 * line, else Docker's default and this machine's. *ret_host is this machine.
 */
int cli_target(const struct cli_args *args, struct enforce_host *ret_host,
	       struct profile_target *ret_target, struct error *err);

/* The policy that a command about policies is told to look at, as its argument or by --policy;
 * NULL: the installed one. -1, after a message, when both are there. */
int cli_policy_path(const struct cli_args *args, const char **ret_path);

/* What is needed to judge one path after the other. The policy lies first in `memory`, and each
 * verdict behind it. */
struct cli_judge {
	struct enforce_host host;
	struct enforce_memory memory;
	struct policy policy;
};

int cli_judge_begin(struct cli_judge *judge, const char *policy_path, struct error *err);

/*
 * Judge `path`: a bundle directory, a configuration, what crictl inspect printed, or "-".
 * *ret_config is the text of the configuration, p == NULL where it could not even be opened; it
 * lives in judge->memory. Fails only when there is nothing to judge.
 */
int cli_judge_path(struct cli_judge *judge, const char *path, struct span *ret_config,
		   struct verdict *ret_verdict, struct error *err);

/* Judge `config`, which is `text` or a part of it; `path` is for messages. */
void cli_judge_text(struct cli_judge *judge, const char *path, struct span text, struct span config,
		    struct verdict *ret_verdict);

/*
 * What a profile hardly means, and its runtime hardly does with it: the names that the installed
 * libseccomp does not know (first those that matter), and what keeps a container from starting.
 */
struct cli_doubts {
	struct span unknown; /* names, separated by spaces, escaped; empty: none */
	bool more;           /* some were not looked at: too many, or too little memory */
	const char *startup; /* startup_text(); NULL: nothing to say */
};

/* Names only. With `all`, then those that do not matter, too. They live in `keep`. */
struct cli_doubts cli_doubts_about(const struct seccomp_profile *profile, bool all,
				   struct arena *keep);

/* About what the container would run with: the profile that is injected, if that is a file, or the
 * configuration's own. */
struct cli_doubts cli_doubts_of(struct cli_judge *judge, struct span config,
				const struct verdict *verdict, bool all);

/* One line for a verdict about `path`, as text or as JSON, on stdout. `doubts`: what
 * is known of its profile. */
void cli_print_verdict(const char *path, const struct verdict *verdict,
		       const struct cli_doubts *doubts, bool json);

#endif
