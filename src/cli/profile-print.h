/* SPDX-License-Identifier: Apache-2.0 */
/* Forms in which seccomp-guard profile shows a profile; seccomp-guard(1). */
#ifndef SECCOMP_GUARD_CLI_PROFILE_PRINT_H
#define SECCOMP_GUARD_CLI_PROFILE_PRINT_H

#include "oci/seccomp-write.h"
#include "policy/enforce.h"

enum profile_format {
	PROFILE_FORMAT_OCI,   /* linux.seccomp */
	PROFILE_FORMAT_NAMES, /* the calls that are let through, for some arguments at least */
	PROFILE_FORMAT_TABLE, /* a line for each call of each rule */
	PROFILE_FORMAT_MOBY,  /* Docker's, with the conditions of the file; a text, see
				 profile_print_text() */
};

int profile_format_from_name(const char *name, enum profile_format *ret_format, struct error *err);

struct profile_form {
	enum profile_format format;
	bool json;                              /* names and table: an object on a line for each */
	const struct seccomp_comment *comments; /* OCI: of rules on these calls */
};

/* Fails when `memory` is exhausted. */
int profile_print(const struct seccomp_profile *profile, const struct profile_form *form,
		  struct enforce_memory *memory, struct error *err);

/* Print a profile that is text already. */
void profile_print_text(struct span object);

/* A line for each built-in flavor: name, date, source. */
void profile_print_flavors(bool json);

#endif
