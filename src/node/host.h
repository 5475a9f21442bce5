/* SPDX-License-Identifier: Apache-2.0 */
/* What the pure core needs to know about this machine, and the files that it asks for. */
#ifndef SECCOMP_GUARD_NODE_HOST_H
#define SECCOMP_GUARD_NODE_HOST_H

#include "policy/enforce.h"

/* Fill in architecture and kernel from uname(2), and the functions that read files. */
int host_init(struct enforce_host *ret_host, struct error *err);

/*
 * Map the memory for one verdict at the first call; it costs nothing until it is used. Where a
 * limit (RLIMIT_DATA and others) does not allow so much, it is less, or none; then the arena is
 * exhausted early. There is one such memory: a second call takes it away from the first verdict.
 */
void host_memory(struct enforce_memory *ret_memory);

/*
 * Read the policy.
 *
 * `path` NULL: policy.json and then policy.d/NAME.json, sorted by name, in the usual directory;
 * what is missing means the defaults. A directory: the same files there, of which at least one must
 * exist. A file: that file alone.
 *
 * A file that somebody other than root and the caller could change, or a directory above it, is an
 * error. The result lives in memory->keep. Messages name the file, the line and the column. Each
 * file is opened once and read whole: when a new one is renamed over it, we see the old or the new
 * policy.
 */
int host_policy_read(const char *path, struct enforce_memory *memory, struct policy *ret_policy,
		     struct error *err);

/*
 * Read the policy as above, for the start of a container, and look at the kill switch
 * /run/seccomp-guard/disable. When that is on, a policy that cannot be read is no error: everything
 * passes, with the defaults.
 */
int host_policy(const char *path, struct enforce_memory *memory, struct policy *ret_policy,
		struct error *err);

/* Why everything passes now, if the kill switch is on; else NULL. */
const char *host_switched_off(void);

/*
 * The paths of the files that `policy` was read from, in their order, separated by spaces (those in
 * a path come out as \x20) and escaped for a terminal; "" when there were none, and "..." at the
 * end when there is no room for more. Returns out.
 */
const char *host_policy_files(const struct policy *policy, char *out, size_t size);

/* Where the installed policy is: the directory of policy.json and policy.d. */
extern const char host_policy_directory[];

/*
 * Call `tell` with each file in the policy's directory `dir`, and in its policy.d, that is not read
 * though somebody may think so, and with why. Directories beside policy.d, and names that begin
 * with a dot, are somebody else's.
 */
int host_policy_unread(const char *dir, struct enforce_memory *memory,
		       void (*tell)(void *ctx, const char *path, const char *why), void *ctx,
		       struct error *err);

/* The file that a part of its text is of; NULL: it is of none. */
const struct policy_file *host_policy_file_of(const struct policy *policy, struct span part);

/* A configuration on disk, and what to do with it. */
struct host_case {
	const char *id;   /* the container's; NULL: as the configuration tells */
	const char *dir;  /* the bundle; NULL: the current directory */
	const char *file; /* another file than config.json in it, see bundle_open(); NULL: none */
	const struct policy *policy;
	struct enforce_memory *memory;
	enum enforce_order order;
	bool restores; /* the runtime is about to restore a checkpoint */
	bool logs;     /* who loads the filter takes SECCOMP_FILTER_FLAG_LOG, see enforce_host */
	const char *runtime; /* what is executed next; NULL: not known */
	bool is_crun;        /* by its name */
	bool live;           /* what is injected is loaded live, see enforce_host */
	bool change;         /* write what is injected back to the file */
	/*
	 * Called with the verdict when the new version is written and before it takes the place of
	 * the old one: the moment for the record, so that no change can be without one. A failure
	 * after that becomes the verdict as usual. NULL: nothing.
	 */
	void (*record)(void *ctx, const struct verdict *verdict);
	void *ctx; /* of `record` */
};

/*
 * Judge a configuration, and with `change` carry out the verdict on it. There always is a verdict:
 * any failure on the way, also in writing, becomes a refusal whose reason names the file.
 */
void host_judge(const struct host_case *job, struct verdict *ret_verdict);

/*
 * Whose container it is, for a record of something that went wrong before it could be judged: as
 * far as its configuration tells. `text`: the configuration; p == NULL: it is read as `job` says.
 */
void host_identify(const struct host_case *job, struct span text, struct identity *ret_identity);

/* Put `path`, with line and column if they are known, into the reason of a verdict on it. */
void host_locate(const char *path, struct span text, struct verdict *verdict);

/*
 * Put "path:line:column" for err->pos in `text` before the message, or just the path if there is no
 * position.
 */
int host_error_in(const char *path, struct span text, struct error *err);

#endif
