/* SPDX-License-Identifier: Apache-2.0 */
#include "node/fileio.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* How much getdents64(2) may return at once. */
#define ENTRIES_SIZE 8192

/* How much is read at once from what has no size. */
#define STREAM_CHUNK (64U << 10)

void file_hold_standard(void)
{
	struct pollfd standard[] = {{.fd = 0}, {.fd = 1}, {.fd = 2}};

	/*
	 * With events 0, poll still reports closed descriptors, errors, and pipes whose reader is
	 * gone. It fails only where no descriptor can be opened anyway (RLIMIT_NOFILE).
	 */
	if (poll(standard, ARRAY_SIZE(standard), 0) <= 0)
		return;
	/*
	 * Reading and writing an O_PATH descriptor gives EBADF, as a closed one does. open(2)
	 * returns the lowest free number, which is the missing one.
	 */
	for (size_t i = 0; i < ARRAY_SIZE(standard); i++)
		if (standard[i].revents & POLLNVAL)
			(void)!open("/", O_PATH | O_CLOEXEC);
}

int file_open_regular(int dirfd, const char *name, struct stat *ret_stat, struct error *err)
{
	CLEANUP_FD int fd =
		openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && errno == ELOOP) {
		error_set(err, "is a symbolic link");
		err->code = ELOOP;
		return -1;
	}
	if (fd < 0 || fstat(fd, ret_stat) < 0)
		return error_system(err, errno);
	if (!S_ISREG(ret_stat->st_mode))
		return error_set(err, "is not a regular file");
	return take_fd(&fd);
}

static int too_large(size_t max, struct error *err)
{
	return error_set(err, "larger than the limit of %zu bytes", max);
}

int file_read_regular(struct file_open file, size_t max, struct arena *keep, struct span *ret_text,
		      struct error *err)
{
	size_t size = (size_t)file.st->st_size, used = 0;
	ssize_t n;
	char *p;

	if (size > max)
		return too_large(max, err);
	/*
	 * Ask for one byte more than the size. If exactly the size comes at once, that is the whole
	 * file.
	 */
	p = arena_alloc(keep, size + 1);
	if (p == NULL)
		return error_set(err, "does not fit into memory");
	for (bool at_once = true; used <= size; at_once = false) {
		n = read(file.fd, p + used, size + 1 - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_system(err, errno);
		used += (size_t)n;
		/* Some file systems (FUSE) deliver a file in pieces. Then read on until the end. */
		if (n == 0 || (used == size && at_once))
			break;
	}
	if (used != size)
		return error_set(err, "changed while it was read");
	*ret_text = (struct span){p, size};
	return 0;
}

int file_read_stream(int fd, size_t max, struct arena *keep, struct span *ret_text,
		     struct error *err)
{
	size_t used = 0, room = 0;
	char *p = arena_alloc(keep, 1);
	ssize_t n;

	if (p == NULL)
		return error_set(err, "does not fit into memory");
	for (;;) {
		if (room == used) {
			/* Nothing else is allocated meanwhile, so the block can grow in place. */
			size_t top = (size_t)(p - keep->base) + used;

			if (keep->size - top < STREAM_CHUNK)
				return error_set(err, "does not fit into memory");
			room = used + STREAM_CHUNK;
			keep->used = top + STREAM_CHUNK;
		}
		n = read(fd, p + used, room - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_system(err, errno);
		if (n == 0)
			break;
		used += (size_t)n;
		if (used > max)
			return too_large(max, err);
	}
	*ret_text = (struct span){p, used};
	return 0;
}

static int add_name(struct file_name **list, const char *name, struct arena *arena,
		    struct error *err)
{
	struct file_name *entry = arena_alloc(arena, sizeof(*entry));

	if (entry == NULL)
		return error_set(err, "has too many files");
	entry->name = arena_strdup(arena, span_of(name));
	if (entry->name == NULL)
		return error_set(err, "has too many files");
	while (*list != NULL && strcmp((*list)->name, entry->name) < 0)
		list = &(*list)->next;
	entry->next = *list;
	*list = entry;
	return 0;
}

/* getdents64(2), because opendir(3) would allocate memory. */
int file_list(int dirfd, bool (*wanted)(const char *name), struct arena *keep,
	      struct file_name **ret_list, struct error *err)
{
	_Alignas(struct dirent64) char buffer[ENTRIES_SIZE];
	struct file_name *list = NULL;
	long n;

	while ((n = syscall(SYS_getdents64, dirfd, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < n;) {
			const struct dirent64 *d = (const void *)(buffer + at);

			if (wanted(d->d_name) && add_name(&list, d->d_name, keep, err) < 0)
				return -1;
			at += d->d_reclen;
		}
	}
	if (n < 0)
		return error_system(err, errno);
	*ret_list = list;
	return 0;
}

int file_can_be_made(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash != NULL ? (size_t)(slash - path) + (slash == path) : 0;
	char dir[PATH_MAX] = ".";

	if (n >= sizeof(dir))
		return error_system(err, ENAMETOOLONG);
	if (n > 0) {
		memcpy(dir, path, n);
		dir[n] = '\0';
	}
	if (access(dir, W_OK | X_OK) == 0)
		return 0;
	error_system(err, errno);
	return error_prefix(err, "directory %s", dir);
}

int file_write_all(int fd, struct span text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text = span_skip(text, (size_t)n);
	}
	return 0;
}

int file_check_limit(int fd, size_t n)
{
	struct rlimit limit;
	struct stat st;

	if (getrlimit(RLIMIT_FSIZE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return 0;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (rlim_t)st.st_size + n <= limit.rlim_cur)
		return 0;
	errno = EFBIG;
	return -1;
}

int file_write_now(int fd, struct span text)
{
	struct pollfd ready = {.fd = fd, .events = POLLOUT};
	ssize_t n;

	/* A pipe that poll calls writable takes PIPE_BUF bytes at once (pipe(7)). */
	if (text.n > PIPE_BUF || poll(&ready, 1, 0) != 1) {
		errno = text.n > PIPE_BUF ? EMSGSIZE : EAGAIN;
		return -1;
	}
	/*
	 * No reader is left. Writing would raise SIGPIPE, and the start of the container would end
	 * with us.
	 */
	if (ready.revents != POLLOUT) {
		errno = ready.revents & POLLNVAL ? EBADF : EPIPE;
		return -1;
	}
	if (file_check_limit(fd, text.n) < 0)
		return -1;
	n = write(fd, text.p, text.n);
	if (n >= 0 && (size_t)n != text.n)
		errno = ENOSPC;
	return n >= 0 && (size_t)n == text.n ? 0 : -1;
}
