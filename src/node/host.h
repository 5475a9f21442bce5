/* SPDX-License-Identifier: Apache-2.0 */
/* What the pure core needs to know of this machine, and the files it asks for. */
#ifndef SECCOMP_GUARD_NODE_HOST_H
#define SECCOMP_GUARD_NODE_HOST_H

#include "policy/enforce.h"

/* Architecture and kernel from uname(2), and the loader of profile files. */
int host_init(struct enforce_host *ret_host, struct error *err);

/*
 * Memory for one verdict, mapped at the first call; it costs nothing until it is touched. Where a
 * limit does not let so much be mapped it is less, down to none at all, which shows as an arena
 * that is exhausted. One verdict at a time: a second call takes the memory away from the first.
 */
void host_memory(struct enforce_memory *ret_memory);

/*
 * Read the policy. `path` NULL: policy.json and then policy.d/NAME.json, in the order of their
 * names, in the usual directory, where what is missing means the defaults. A directory: the same
 * there, but it must have one of the two. A file: that alone. Files and directories that somebody
 * other than root and the caller could change are errors. The result lives in memory->keep.
 * Messages name the file, the line and the column.
 *
 * Each file is opened and read once, whole: a policy that is replaced by renaming a new one over it
 * is seen as it was or as it is.
 */
int host_policy_read(const char *path, struct enforce_memory *memory, struct policy *ret_policy,
		     struct error *err);

/*
 * The policy as every start of a container follows it: as above, and with the kill switch
 * /run/seccomp-guard/disable looked at. When that is on, a policy that cannot be read is no error:
 * everything passes, by the defaults.
 */
int host_policy(const char *path, struct enforce_memory *memory, struct policy *ret_policy,
		struct error *err);

/* A configuration on disk, and how to deal with it. */
struct host_case {
	const char *dir;  /* the bundle; NULL: the current directory */
	const char *file; /* another file than config.json in it, see bundle_open(); NULL: none */
	const struct policy *policy;
	struct enforce_memory *memory;
	bool restores; /* the runtime is about to restore a checkpoint */
	bool change;   /* write what is injected back to the file */
};

/*
 * Judge a configuration, and carry the verdict out on it if `change` says so. A verdict always
 * comes out; what goes wrong on the way, writing included, makes it a refusal with its reason, in
 * which the file is named.
 */
void host_judge(const struct host_case *job, struct verdict *ret_verdict);

/*
 * Whose container it is, for a record of something that went wrong before it could be judged: as
 * far as its configuration tells. `text`: the configuration; p == NULL: it is read as `job` says.
 */
void host_identify(const struct host_case *job, struct span text, struct identity *ret_identity);

/* Name the configuration at `path` in the reason of a verdict on it, with line and column if they
 * are known. */
void host_locate(const char *path, struct span text, struct verdict *verdict);

/* Put "path:line:column" of err->pos in `text` before the message; just the path if it has no
 * position. */
int host_error_in(const char *path, struct span text, struct error *err);

#endif
