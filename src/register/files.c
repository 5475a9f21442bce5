/* SPDX-License-Identifier: Apache-2.0 */
#include "register/files.h"

#include "node/fileio.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define MAX_SIZE (4U << 20)

/* As many as the kernel follows in one path. */
#define MAX_LINKS 40

/* One name more below `root`, or one less for "..": never less than `root` itself. */
static int step(char *out, size_t base, struct span name)
{
	size_t n = strlen(out);

	if (name.n == 0 || span_eq(name, SPAN(".")))
		return 0;
	if (span_eq(name, SPAN(".."))) {
		if (n > base)
			*strrchr(out + base, '/') = '\0';
		return 0;
	}
	if (n + 1 + name.n >= PATH_MAX)
		return -1;
	out[n] = '/';
	memcpy(out + n + 1, name.p, name.n);
	out[n + 1 + name.n] = '\0';
	return 0;
}

/* If `out` is a symbolic link: what it says comes in front of what is left of the path, and `out`
 * is the directory that this begins in. */
static int follow(char *out, size_t base, char *rest, bool *ret_followed)
{
	char target[PATH_MAX], then[PATH_MAX];
	ssize_t n = readlink(out, target, sizeof(target) - 1);

	*ret_followed = n >= 0;
	if (n < 0)
		return 0;
	target[n] = '\0';
	if (snprintf(then, sizeof(then), "%s/%s", target, rest) >= (int)sizeof(then))
		return -1;
	memcpy(rest, then, strlen(then) + 1);
	if (target[0] == '/')
		out[base] = '\0';
	else
		step(out, base, SPAN(".."));
	return 0;
}

int files_resolve(const char *root, const char *path, bool last, char *out, struct error *err)
{
	const size_t base = strlen(root);
	char rest[PATH_MAX];
	const char *at;
	int links = 0;

	if (base >= PATH_MAX || snprintf(rest, sizeof(rest), "%s", path) >= (int)sizeof(rest))
		return error_set(err, "%s: the path is too long", path);
	memcpy(out, root, base + 1);
	for (at = rest; *at != '\0';) {
		const char *name = at + strspn(at, "/");
		const struct span one = {name, strcspn(name, "/")};
		bool followed = false;

		at = name + one.n;
		if (step(out, base, one) < 0)
			return error_set(err, "%s: the path is too long", path);
		memmove(rest, at, strlen(at) + 1);
		at = rest;
		if (one.n > 0 && (last || rest[strspn(rest, "/")] != '\0') &&
		    follow(out, base, rest, &followed) < 0)
			return error_set(err, "%s: the path is too long", path);
		if (followed && ++links > MAX_LINKS)
			return error_set(err, "%s%s: %s", root, path, strerror(ELOOP));
	}
	return 0;
}

int files_read(const char *root, const char *path, struct arena *keep, struct span *ret_text,
	       struct error *err)
{
	char full[PATH_MAX];
	struct stat st;
	CLEANUP_FD int fd = -1;

	if (files_resolve(root, path, true, full, err) < 0)
		return -1;
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		*ret_text = (struct span){0};
		return 0;
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(err, "%s: %s", full, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(err, "%s: not a regular file", full);
	if (file_read_regular((struct file_open){fd, &st}, MAX_SIZE, keep, ret_text, err) < 0)
		return error_prefix(err, "%s", full);
	if (ret_text->p == NULL)
		*ret_text = SPAN("");
	return 0;
}

/* The directories above `full`, as far as they are missing. */
static int make_parents(const char *full, struct error *err)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s", full);
	for (char *p = dir + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(dir, 0755) < 0 && errno != EEXIST)
			return error_set(err, "%s: %s", dir, strerror(errno));
		*p = '/';
	}
	return 0;
}

/* A new file beside `full` with the text and the attributes of the old one, if there is one. */
static int write_beside(const char *full, char *temporary, struct span text, struct error *err)
{
	struct stat st;
	bool old = stat(full, &st) == 0;
	CLEANUP_FD int fd = -1;

	/* A device or a pipe would not be written to but replaced, for everybody. */
	if (old && !S_ISREG(st.st_mode))
		return error_set(err, "%s: is there, and is not a regular file", full);
	if (snprintf(temporary, PATH_MAX, "%s.seccomp-guard-new", full) >= PATH_MAX)
		return error_set(err, "%s: the path is too long", full);
	/* One that a killed run left, or that somebody put there to have it filled. */
	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(err, "%s: %s", full, strerror(errno));
	if (fchmod(fd, old ? st.st_mode & 07777 : 0644) < 0 ||
	    (old && fchown(fd, st.st_uid, st.st_gid) < 0) || file_write_all(fd, text) < 0 ||
	    fsync(fd) < 0 || close(take_fd(&fd)) < 0) {
		error_set(err, "%s: %s", full, strerror(errno));
		unlink(temporary);
		return -1;
	}
	return 0;
}

int files_write(const char *root, const char *path, struct span text, struct error *err)
{
	char full[PATH_MAX], temporary[PATH_MAX];

	if (files_resolve(root, path, true, full, err) < 0 || make_parents(full, err) < 0 ||
	    write_beside(full, temporary, text, err) < 0)
		return -1;
	if (rename(temporary, full) < 0) {
		error_set(err, "%s: %s", full, strerror(errno));
		unlink(temporary);
		return -1;
	}
	return 0;
}

static int remove_at(const char *root, const char *path, bool last, struct error *err)
{
	char full[PATH_MAX];

	if (files_resolve(root, path, last, full, err) < 0)
		return -1;
	if (unlink(full) < 0 && errno != ENOENT)
		return error_set(err, "%s: %s", full, strerror(errno));
	return 0;
}

int files_remove(const char *root, const char *path, struct error *err)
{
	return remove_at(root, path, false, err);
}

int files_put(const char *root, const char *path, struct span text, struct error *err)
{
	return text.p != NULL ? files_write(root, path, text, err)
			      : remove_at(root, path, true, err);
}

int files_link(const char *root, const char *path, const char *target, struct error *err)
{
	char full[PATH_MAX], temporary[PATH_MAX];

	if (files_resolve(root, path, false, full, err) < 0 || make_parents(full, err) < 0)
		return -1;
	if (snprintf(temporary, sizeof(temporary), "%s.seccomp-guard-new", full) >=
	    (int)sizeof(temporary))
		return error_set(err, "%s: the path is too long", full);
	unlink(temporary);
	if (symlink(target, temporary) < 0 || rename(temporary, full) < 0) {
		error_set(err, "%s: %s", full, strerror(errno));
		unlink(temporary);
		return -1;
	}
	return 0;
}

const char *files_readlink(const char *root, const char *path, struct arena *keep)
{
	char full[PATH_MAX], target[PATH_MAX];
	struct error err;
	ssize_t n;

	if (files_resolve(root, path, false, full, &err) < 0)
		return NULL;
	n = readlink(full, target, sizeof(target));
	return n > 0 && (size_t)n < sizeof(target)
		       ? arena_strdup(keep, (struct span){target, (size_t)n})
		       : NULL;
}

bool files_exist(const char *root, const char *path)
{
	char full[PATH_MAX];
	struct stat st;
	struct error err;

	return files_resolve(root, path, false, full, &err) == 0 && lstat(full, &st) == 0;
}

bool files_same(const char *root, const char *a, const char *b)
{
	char full_a[PATH_MAX], full_b[PATH_MAX];
	struct stat st_a, st_b;
	struct error err;

	return files_resolve(root, a, true, full_a, &err) == 0 &&
	       files_resolve(root, b, true, full_b, &err) == 0 && stat(full_a, &st_a) == 0 &&
	       stat(full_b, &st_b) == 0 && st_a.st_dev == st_b.st_dev && st_a.st_ino == st_b.st_ino;
}
