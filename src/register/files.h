/* SPDX-License-Identifier: Apache-2.0 */
/* Files below a root directory: read, replaced whole, removed. */
#ifndef SECCOMP_GUARD_REGISTER_FILES_H
#define SECCOMP_GUARD_REGISTER_FILES_H

#include "base/base.h"

/*
 * Where `path` is in the system below `root`: symbolic links mean what they mean there, and lead
 * out of it no more than ".." does. `last` says whether the last name is followed, too. What is not
 * there is named all the same. `out` has PATH_MAX bytes.
 */
int files_resolve(const char *root, const char *path, bool last, char *out, struct error *err);

/* The text of a file, in `keep`; p == NULL when there is none. At most 4 MiB. */
int files_read(const char *root, const char *path, struct arena *keep, struct span *ret_text,
	       struct error *err);

/*
 * `text` becomes the content of the file, whole or not at all, and is on the disk when this
 * returns. Owner and mode stay what they are; a new file has mode 644, its missing directories 755.
 * A symbolic link is followed: it is the file behind it that changes. What is there and is not a
 * regular file stays, and is an error.
 */
int files_write(const char *root, const char *path, struct span text, struct error *err);

/* No error when it is not there. Of a symbolic link the link goes. */
int files_remove(const char *root, const char *path, struct error *err);

/* files_write(), or where text.p is NULL its contrary: the file behind a symbolic link goes. */
int files_put(const char *root, const char *path, struct span text, struct error *err);

/* The symbolic link `path` points to `target`, whatever was there, at once. */
int files_link(const char *root, const char *path, const char *target, struct error *err);

/* What the symbolic link points to, in `keep`; NULL when there is none. */
const char *files_readlink(const char *root, const char *path, struct arena *keep);

/* Is there something at `path`? */
bool files_exist(const char *root, const char *path);

/* Do both paths, links in them followed, lead to one file that is there? */
bool files_same(const char *root, const char *a, const char *b);

#endif
