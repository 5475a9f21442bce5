/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who could change a file, or put another one in its place? Root and the effective user of this
 * process are trusted. Inside a user namespace (rootless engines) so is an owner that the namespace
 * does not map, because the host's root shows as such.
 *
 * A directory that others can write to is trusted if it is sticky (/tmp), because there they can
 * only add files. A caller that is not the host's root also trusts directories that its own group
 * can write to: where every user has a group of his own, umask 002 makes all his directories so.
 *
 * What is safe stays safe, because only those who are trusted could change that. So nothing can
 * happen between this check and an open of the same path.
 */
#ifndef SECCOMP_GUARD_NODE_SAFE_PATH_H
#define SECCOMP_GUARD_NODE_SAFE_PATH_H

#include "base/base.h"

#include <sys/stat.h>

/* Is the caller root, and of the host: not of a user namespace, where every user can be that? */
bool safe_caller_is_root(void);

/* Check one file or directory by its status. -1 with a message that says who could change it. */
int safe_status(const struct stat *st, struct error *err);

/*
 * Check the directory `path` and every directory that the kernel passes on the way to it, also
 * through symbolic links, as OpenSSH's safe_path() does. One lstat(2) for each. *ret_st is the
 * status of the last.
 *
 * -1 with a message that names the directory. The code of the error is 0, or that of the system
 * call when a directory cannot be looked at.
 */
int safe_directory(const char *path, struct stat *ret_st, struct error *err);

/*
 * Check every directory on the way to `path`, a file or a directory that the caller opens and
 * checks with safe_status(). If it is a symbolic link, check the way to its target too. Code
 * ENOENT: nothing is there, and nobody else could have removed it.
 */
int safe_path(const char *path, struct error *err);

/* The same without looking at the last name, for a path that was opened with O_NOFOLLOW. */
int safe_parents(const char *path, struct error *err);

#endif
