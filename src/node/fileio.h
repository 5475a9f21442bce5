/* SPDX-License-Identifier: Apache-2.0 */
/* Read files whole and within limits, and write without waiting for a reader. */
#ifndef SECCOMP_GUARD_NODE_FILEIO_H
#define SECCOMP_GUARD_NODE_FILEIO_H

#include "base/base.h"

#include <sys/stat.h>

/*
 * Called at the start of every program. If it was started with standard input, output or error
 * closed, keep the next file that is opened from becoming that one. A closed descriptor still
 * behaves as closed, and is closed for a program that is executed.
 */
void file_hold_standard(void);

/*
 * Open `name` in the directory `dirfd` (or AT_FDCWD) for reading. It must be a regular file and no
 * symbolic link; a FIFO does not block. Returns the descriptor (close-on-exec), or -1 with a
 * message that does not name the file. The code of the error is ELOOP for a symbolic link, and 0
 * for another kind of file, whose status is then in *ret_stat.
 */
int file_open_regular(int dirfd, const char *name, struct stat *ret_stat, struct error *err);

/* A file that has been opened, and what it was then. Owns neither. */
struct file_open {
	int fd;
	const struct stat *st;
};

/*
 * Read a regular file. More than `max` bytes are an error. The text lives in `keep` and is not
 * NUL-terminated.
 */
int file_read_regular(struct file_open file, size_t max, struct arena *keep, struct span *ret_text,
		      struct error *err);

/* The same for a pipe or any other kind of file, up to its end. */
int file_read_stream(int fd, size_t max, struct arena *keep, struct span *ret_text,
		     struct error *err);

/* One name of a directory. */
struct file_name {
	const char *name;
	struct file_name *next;
};

/*
 * List the names in the directory `dirfd` for which `wanted` is true, in the order of their bytes.
 * They live in `keep`.
 */
int file_list(int dirfd, bool (*wanted)(const char *name), struct arena *keep,
	      struct file_name **ret_list, struct error *err);

/* May this process make a file in the directory of `path`? */
int file_can_be_made(const char *path, struct error *err);

/* Write all of `text`; -1 with errno. */
int file_write_all(int fd, struct span text);

/*
 * Ask this before writing `n` bytes to `fd`. Beyond the limit of file sizes (RLIMIT_FSIZE) the
 * kernel would kill us by SIGXFSZ without a message. Returns -1 with EFBIG in that case.
 */
int file_check_limit(int fd, size_t n);

/*
 * Write `text` in one piece if that is possible without waiting for a reader. Otherwise -1 with
 * errno: EAGAIN when there is no room now, EPIPE when no reader is left, EMSGSIZE when the text is
 * longer than a pipe is sure to take. For standard error, which an engine may have connected to a
 * pipe that nobody reads.
 */
int file_write_now(int fd, struct span text);

#endif
