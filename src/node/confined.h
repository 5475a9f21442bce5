/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `confine` has loaded into containers that run: a file for each in
 * /run/seccomp-guard/confined, gone with the next start of the machine, as the filters are.
 */
#ifndef SECCOMP_GUARD_NODE_CONFINED_H
#define SECCOMP_GUARD_NODE_CONFINED_H

#include "node/container.h"

struct confined {
	const char *time;    /* RFC 3339 */
	const char *profile; /* as the command line said it, or "" */
	const char *tighten; /* names, separated by commas, or "" */
	const char *sha256;  /* of the program */
	const char *exec;    /* "confined" or "unconfined": what is executed in it later */
	bool complete;       /* no process was without */
	struct confined *next;
};

/* Open and lock the directory, so that no two do this at once; -1 when another one does. The caller
 * closes the descriptor. */
int confined_lock(const char *root, struct error *err);

/* Add what was loaded into `container`. */
int confined_add(const char *root, const struct container *container,
		 const struct confined *confined, struct error *err);

/* What was loaded into it, the oldest first; NULL: nothing. Lives in `keep`. */
struct confined *confined_read(const char *root, const struct container *container,
			       struct arena *keep, struct arena *scratch);

/* Remove what is of none of these. */
void confined_clean(const char *root, const struct container *list);

#endif
