/* SPDX-License-Identifier: Apache-2.0 */
/* Reading files whole and within limits, and writing without being kept waiting. */
#ifndef SECCOMP_GUARD_NODE_FILEIO_H
#define SECCOMP_GUARD_NODE_FILEIO_H

#include "base/base.h"

#include <sys/stat.h>

/*
 * At the start of every program: let no file that is opened become the standard input, output or
 * error that it was started without. What was closed behaves as before, and is closed for a program
 * that is executed.
 */
void file_hold_standard(void);

/*
 * Open `name` below `dirfd` (or AT_FDCWD) for reading: a regular file, not through a symbolic link,
 * and without being blocked by a FIFO. Returns the descriptor (close-on-exec), or -1 with a message
 * that does not name the file. Its code is ELOOP for a symbolic link, and 0 for a file of another
 * kind, whose status is then in *ret_stat.
 */
int file_open_regular(int dirfd, const char *name, struct stat *ret_stat, struct error *err);

/*
 * Read what `fd`, a regular file of status `st`, holds, at most `max` bytes; more is an error. The
 * text lives in `keep` and is not NUL-terminated.
 */
int file_read_regular(int fd, const struct stat *st, size_t max, struct arena *keep,
		      struct span *ret_text, struct error *err);

/* The same from a pipe or whatever `fd` is, to its end. */
int file_read_stream(int fd, size_t max, struct arena *keep, struct span *ret_text,
		     struct error *err);

/* A name in a directory. */
struct file_name {
	const char *name;
	struct file_name *next;
};

/* The names in the directory `dirfd` that are wanted, in byte order; they live in `keep`. */
int file_list(int dirfd, bool (*wanted)(const char *name), struct arena *keep,
	      struct file_name **ret_list, struct error *err);

/* Write all of `text`; -1 with errno. */
int file_write_all(int fd, struct span text);

/*
 * To be asked before `n` bytes are added to `fd`: beyond the file size limit (RLIMIT_FSIZE) the
 * kernel would not just fail but end us by SIGXFSZ, without a word to anybody. Then -1 with EFBIG.
 */
int file_check_limit(int fd, size_t n);

/*
 * Write `text` in one piece if that can be done without waiting for a reader, else -1 with errno:
 * EAGAIN when there is no room now, EPIPE when nobody reads any more, EMSGSIZE when it is longer
 * than a pipe surely takes. For standard error, which an engine may have connected to a pipe that
 * nobody reads.
 */
int file_write_now(int fd, struct span text);

#endif
