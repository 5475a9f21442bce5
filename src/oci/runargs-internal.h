/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What runc and crun know on their command lines: the tables behind runargs.c, nobody else's
 * business. Static data, no errors, nothing to free.
 *
 * Read in runc's main.go, create.go, run.go and restore.go (v1.1.0 to main) and in crun's
 * src/crun.c, create.c, run.c and restore.c (1.8 to main). The tables are the union over those
 * versions: in none of them does an option change from taking a value to taking none, and a version
 * that does not know an option fails by itself.
 */
#ifndef SECCOMP_GUARD_OCI_RUNARGS_INTERNAL_H
#define SECCOMP_GUARD_OCI_RUNARGS_INTERNAL_H

#include "oci/runargs.h"

/* Where on the command line an option stands: before the subcommand, or after one of those that
 * start something. */
enum runargs_level {
	RUNARGS_GLOBAL = 1 << 0,
	RUNARGS_AT_CREATE = 1 << 1,
	RUNARGS_AT_RUN = 1 << 2,
	RUNARGS_AT_RESTORE = 1 << 3,
};

enum runargs_meaning {
	RUNARGS_ANY, /* says nothing about what is started */
	RUNARGS_BUNDLE,
	RUNARGS_CONFIG,
	RUNARGS_LOG,
	RUNARGS_LOG_FORMAT_OPTION,
	RUNARGS_SHOWS, /* help or version: the runtime prints it and starts nothing */
};

struct runargs_option {
	const char *name;
	char runc_short, crun_short; /* 0: none */
	bool takes_value;
	enum runargs_meaning meaning;
	unsigned int runc, crun; /* the levels at which the runtime knows it */
};

/* A subcommand that starts a container from a bundle or an image of one. All others are handed on
 * unread. */
struct runargs_command {
	const char *name;
	enum runargs_level level;
};

/* The name of a runtime's file, or its beginning up to a "-", "." or "_". */
struct runargs_program {
	const char *name;
	enum runargs_family family;
};

extern const struct runargs_option runargs_options[];
extern const size_t runargs_n_options;
extern const struct runargs_command runargs_commands[];
extern const size_t runargs_n_commands;
extern const struct runargs_program runargs_programs[];
extern const size_t runargs_n_programs;

#endif
