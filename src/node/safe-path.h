/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who could change a file, or put another in its place? Trusted are root and the effective user of
 * this process. Inside a user namespace (rootless engines) the owner may also be one that the
 * namespace does not map, as the host's root shows there.
 *
 * A directory that others can write to is trusted if it is sticky (/tmp), because then they can
 * only add to it. For a caller that is not the host's root, so is one that just the caller's own
 * group can write to: where users have groups of their own, umask 002 makes all their directories
 * so.
 *
 * What is found safe stays so: whoever could change it is trusted. So there is no race between
 * this check and an open of the same path.
 */
#ifndef SECCOMP_GUARD_NODE_SAFE_PATH_H
#define SECCOMP_GUARD_NODE_SAFE_PATH_H

#include "base/base.h"

#include <sys/stat.h>

/* What has this status, itself: -1 with a message that says who could change it. */
int safe_status(const struct stat *st, struct error *err);

/*
 * The directory `path`, and every directory that the kernel goes through on the way to it, through
 * symbolic links too (as OpenSSH's safe_path() does). *ret_st is its status. One lstat(2) for each.
 * -1 with a message that names the directory, and with the error's code 0; or with the code of the
 * system call when one cannot be looked at.
 */
int safe_directory(const char *path, struct stat *ret_st, struct error *err);

/*
 * The same for the way to a file or a directory, which is looked at by safe_status() when it has
 * been opened: if it is a symbolic link, the way to where that leads. Code ENOENT: nothing is
 * there, and nobody else could have taken it away.
 */
int safe_path(const char *path, struct error *err);

/* The same for a path that was opened with O_NOFOLLOW: without looking at its last name. */
int safe_parents(const char *path, struct error *err);

#endif
