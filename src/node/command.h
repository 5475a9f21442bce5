/* SPDX-License-Identifier: Apache-2.0 */
/* Asking another program: the engines' own tools. Never on the way of a container's start. */
#ifndef SECCOMP_GUARD_NODE_COMMAND_H
#define SECCOMP_GUARD_NODE_COMMAND_H

#include "base/base.h"

struct command_result {
	int status; /* exit status; 128 + N: killed by signal N; 127: there is no such program */
	struct span out;     /* what it wrote to standard output */
	struct span message; /* and the end of what it wrote to standard error, one line */
};

/*
 * Run argv[0], which is looked for in the directories of the system (COMMAND_PATH), with the
 * caller's environment, no standard input, and `root` as its root directory ("": the caller's).
 * Output lives in `keep`. Fails when it cannot be run at all, writes more than 4 MiB, or takes more
 * than 30 seconds; then it has been killed.
 */
#define COMMAND_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
int command_run(const char *root, const char *const *argv, struct arena *keep,
		struct command_result *ret_result, struct error *err);

/* The path of `name` in those directories below `root`, in `keep`; NULL when it is in none. */
const char *command_find(const char *root, const char *name, struct arena *keep);

#endif
