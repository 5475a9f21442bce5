/* SPDX-License-Identifier: Apache-2.0 */
/* What the pure core needs to know of this machine, and the files it asks for. */
#ifndef SECCOMP_GUARD_HOST_H
#define SECCOMP_GUARD_HOST_H

#include "enforce.h"

/* Architecture and kernel from uname(2), and the loader of profile files. */
int host_init(struct enforce_host *ret_host, struct error *err);

/*
 * Memory for one verdict, from static storage that costs nothing until it is touched. One verdict at a time:
 * a second call takes the memory away from the first.
 */
void host_memory(struct enforce_memory *ret_memory);

/*
 * Read the policy at `path`, or with NULL at its usual place, where a missing file means the defaults. The
 * result lives in memory->keep. Messages name the file, the line and the column.
 */
int host_policy(const char *path, struct enforce_memory *memory, struct policy *ret_policy,
		struct error *err);

/* Name the configuration at `path` in the reason of a verdict on it, with line and column if they are known. */
void host_locate(const char *path, struct span text, struct verdict *verdict);

/* Put "path:line:column" of err->pos in `text` before the message; just the path if it has no position. */
int host_error_in(const char *path, struct span text, struct error *err);

#endif
