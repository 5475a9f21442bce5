/* SPDX-License-Identifier: Apache-2.0 */
/* What seccomp-guard lint prints: text, JSON lines, or one SARIF document. */
#ifndef SECCOMP_GUARD_CLI_LINT_PRINT_H
#define SECCOMP_GUARD_CLI_LINT_PRINT_H

#include "base/strbuf.h"
#include "cli/cli.h"
#include "lint/lint.h"
#include "yaml/read.h"

#include <stdio.h>

enum lint_format {
	LINT_TEXT,
	LINT_JSON,
	LINT_SARIF, /* 2.1.0, OASIS: a run with all results, printed as they come */
};

struct lint_print {
	const struct cli_args *args;
	enum lint_format format;
	FILE *to;             /* for text; standard output */
	bool any;             /* results have been printed */
	size_t skipped;       /* so many have been told */
	bool progress;        /* there is a terminal to show it on */
	bool shown;           /* it is there now */
	int64_t shown_at;     /* in milliseconds */
	struct arena *arena;  /* for `errors` */
	struct strbuf errors; /* SARIF's notifications, which come last */
};

/* `arena` keeps what comes last. */
void lint_print_begin(struct lint_print *print, const struct cli_args *args,
		      enum lint_format format, struct arena *arena);

void lint_print_finding(struct lint_print *print, const char *path,
			const struct lint_finding *finding);

/* Something that could not be read, on standard error, too. `place` NULL or of line 0: not known.
 */
void lint_print_error(struct lint_print *print, const char *path, const struct yaml_place *place,
		      const struct error *err);

/* Something in a directory that is not looked at, and why: a warning on standard error. */
void lint_print_skipped(struct lint_print *print, const char *path, const char *reason);

/* So many files have been read: a line on a terminal that comes and goes. */
void lint_print_progress(struct lint_print *print, size_t files);

void lint_print_end(struct lint_print *print, size_t files, const struct lint_counts *counts,
		    int status);

#endif
