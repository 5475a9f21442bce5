/* SPDX-License-Identifier: Apache-2.0 */
/* Telling denials, with what would allow each. */
#ifndef SECCOMP_GUARD_CLI_DENIALS_PRINT_H
#define SECCOMP_GUARD_CLI_DENIALS_PRINT_H

#include "base/date.h"
#include "cli/denials-metrics.h"
#include "cli/denials-profile.h"
#include "semantics/denials.h"

struct denials_form {
	const struct cli_args *args; /* with --json an object on a line for each */
	bool color;                  /* standard output is a terminal that may have them */
	bool all;                    /* those that are habits too; with --json they always are */
	enum abi own;                /* is not named with each call */
	uint64_t lost;               /* records that the kernel's log left out */
	/* By the command line, and of a container: see denials_profile_of(). */
	struct denials_profile profile[2];
	bool follows; /* of what is not attributed that is said, too */
	/* NULL: whose a denial is is not known. */
	const struct workloads *workloads;
	struct denials_metrics *metrics; /* NULL: none are wanted */
};

#define DENIALS_TIME_SIZE DATE_MOMENT_SIZE
#define DENIALS_NAME_SIZE 256
#define DENIALS_ALLOW_SIZE (ALLOWS_CAPS_SIZE + 512)
#define DENIALS_CALL_SIZE (OCI_MAX_ARGS * 24 + 64)

/* What is told of a denial, for people. */
struct denials_row {
	uint64_t count;
	const char *answer; /* "ERRNO", or of strace "EPERM" */
	char call[DENIALS_CALL_SIZE];
	char last[DENIALS_TIME_SIZE]; /* "" where no record had a time */
	char program[DENIALS_NAME_SIZE];
	char where[WORKLOAD_TEXT_SIZE]; /* the container; "" where that is not known */
	char allow[DENIALS_ALLOW_SIZE]; /* what would allow it */
};

int denials_row(struct denials_form *form, const struct denial *denial, struct denials_row *ret_row,
		struct error *err);

/* Is it told, and not left out as what programs do without? */
bool denials_is_told(const struct denials_form *form, const struct denial *denial);

/* On standard output, and what is missing in it on standard error. */
int denials_print(const struct denials *denials, struct denials_form *form, struct error *err);

/* The same, one by one: the line above the table, if there is one, and an entry. */
void denials_print_head(const struct denials_form *form);
int denials_print_one(struct denials_form *form, const struct denial *denial, struct error *err);

#endif
