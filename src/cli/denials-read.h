/* SPDX-License-Identifier: Apache-2.0 */
/* What denials and learn share: logs, line by line, to denials that are put together. */
#ifndef SECCOMP_GUARD_CLI_DENIALS_READ_H
#define SECCOMP_GUARD_CLI_DENIALS_READ_H

#include "cli/denials-living.h"
#include "semantics/denial-object.h"

#include <time.h>

/* All zero but for the first five at first. */
struct denials_reader {
	const struct cli_args *args;
	enum abi own;          /* of lines that do not say it */
	uint64_t since;        /* milliseconds since 1970: what is older is left out */
	const char *container; /* only those of this one; NULL: all */
	struct living *living; /* whose a record is of what still runs; NULL: that is not asked */
	const char *name;      /* of the file */
	struct denials denials;
	size_t lines, recognized, failed;
	size_t of_others; /* lines that do not say that they are of `container` */
	uint64_t lost;    /* that the kernel's log says it left out */
	bool binary;
	time_t begun, shown; /* progress: when; 0: not yet */
};

/* The value of --since; NULL is 0. */
int denials_since(const char *text, uint64_t *ret_ms, struct error *err);

/* Read the files that are the command's arguments, or standard input. A line that cannot be read is
 * told and counted, and no failure. */
int denials_read(struct denials_reader *reader, struct error *err);

/* The same for one file, whatever the arguments are; "-" is standard input. */
int denials_read_log(struct denials_reader *reader, const char *path, struct error *err);

/* Tell that nothing was about seccomp: no denial, or not the right text. Returns the exit status.
 */
int denials_nothing(const struct denials_reader *reader);

#endif
