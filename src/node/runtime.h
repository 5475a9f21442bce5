/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which OCI runtime the wrapper stands for: a matter of how it was registered, not of policy, so
 * that what runs can be stopped whatever the policy says. The wrapper is called by the name of what
 * it wraps, through links ("runc", "crun").
 */
#ifndef SECCOMP_GUARD_NODE_RUNTIME_H
#define SECCOMP_GUARD_NODE_RUNTIME_H

#include "base/base.h"

#include <limits.h>

#define RUNTIME_LINKS SYSCONFDIR "/seccomp-guard/runtimes"

/*
 * The runtime for a program that was called as `program` (argv[0]): what the symbolic link
 * RUNTIME_LINKS/NAME points to, where NAME is the last part of `program`; where there is no such
 * link, the first NAME in the system's directories that is not this program. The path is absolute,
 * and is the link's target itself, not what that may point to in turn: its last part tells the
 * family of the command line. Nothing but the link is read. Fails where there is none, or where
 * runtime_check() would; the message says what to do.
 */
int runtime_find(const char *program, char ret_path[PATH_MAX], struct error *err);

/* Is `path` absolute, a file that can be executed, and not this program? */
int runtime_check(const char *path, struct error *err);

/*
 * What the runtime at `path` makes of a ready program: enum ready_use of policy/ready.h. Its own
 * file tells, by the texts in it, as asking it would take as long as a start: crun has the
 * annotation's name, and "+SECCOMP" if it was built with seccomp. READY_IGNORED for what is not
 * known, a script for instance, or a crun whose library is a file of its own: the profile counts
 * then, with which nothing is lost but time.
 */
int runtime_program_use(const char *path);

/*
 * Does the runc at `path` take SECCOMP_FILTER_FLAG_LOG? From 1.2 on it does, and an earlier one
 * starts no container with flags. Its own file tells, by the texts in it: `features` says the same,
 * and takes as long as a start. What was found is kept in /run/seccomp-guard under the file's inode
 * and times, as going through it takes 10 ms; another runc in its place is another file. False
 * where that is not known, for a script for instance.
 */
bool runtime_takes_log(const char *path);

/*
 * Become the runtime at `path`, an absolute path, with `argv` as it is but for argv[0], which is
 * the path. `mark_argv`: in a form that runtime_is_wrapped() knows, for crun where it starts a
 * container. Returns only on failure. A second wrapper that is reached this way, such as a copy of
 * this one, fails instead of going on to a third: runtimes calling each other in a circle would
 * never end.
 */
int runtime_become(const char *path, char *argv[], bool mark_argv, struct error *err);

/*
 * Has process `pid` become a runtime by runtime_become()? Then the wrapper has judged its container
 * and recorded that. Who starts runtimes can claim it; what rests on it is only who keeps the
 * record.
 */
bool runtime_is_wrapped(pid_t pid);

/*
 * Is `pid` a runtime that starts a container, by its command line? 1: *ret_config is the file that
 * crun takes the configuration from (--config), in `arena`, and NULL where it is config.json in the
 * bundle. 0: it is none. -1: it may be one, and may name another file in a way that is not
 * understood, as argp takes beginnings of options ("--conf") and rows of letters ("-df").
 */
int runtime_starts(pid_t pid, struct arena *arena, const char **ret_config, struct error *err);

/*
 * The bundle of container `id`, as the command line of its runtime, process `pid`, says: for hooks
 * that crun tells another one. It must be that of the same user, say --bundle with an absolute
 * path, and be about `id`. The path lives in `keep`.
 */
int runtime_told_bundle(pid_t pid, const char *id, struct arena *keep, const char **ret_bundle,
			struct error *err);

/* Was this program started by runtime_become()? Then nothing may be done but to say so. */
bool runtime_is_looping(void);

#endif
