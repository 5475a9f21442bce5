/* SPDX-License-Identifier: Apache-2.0 */
/* The process of an engine, by /proc: is it there, and has it read its configuration? */
#ifndef SECCOMP_GUARD_REGISTER_DAEMON_H
#define SECCOMP_GUARD_REGISTER_DAEMON_H

#include "base/base.h"

#include <sys/types.h>

/* A file of /proc, whose size is not known before; "" when it cannot be read. Cut to `size`. */
const char *daemon_proc(const char *path, char *out, size_t size);

struct daemon_state {
	pid_t pid;  /* 0: there is none */
	bool stale; /* it began before the file became what it is */
};

/*
 * The process called `name` that sees the file `path`, below the root, as we do, and is not told to
 * read another one, from elsewhere. One that is stale where there are several.
 */
struct daemon_state daemon_look(const char *root, const char *name, const char *path);

/*
 * The same of the process called `name` that has this system's /etc, or, `dir` given, whose program
 * lies below that directory. A file that is gone became so when its directory last changed.
 */
struct daemon_state daemon_look_below(const char *root, const char *name, const char *dir,
				      const char *path);

/*
 * The process called `name` whose /etc is ours, so that it belongs to this system and not to a
 * container on it, and which is not told to read a configuration of its own. Its arguments, each
 * ended by NUL, go to `args`, with an empty one behind them. 0: there is none.
 */
pid_t daemon_find(const char *name, char *args, size_t size);

#endif
