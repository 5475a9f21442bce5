/* SPDX-License-Identifier: Apache-2.0 */
#include "node/safe-path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/auxv.h>

/*
 * The owner that the kernel shows for a user that the user namespace does not map
 * (/proc/sys/kernel/overflowuid).
 */
#define OVERFLOW_UID 65534

/* As many as the kernel follows (MAXSYMLINKS). */
#define MAX_LINKS 40

/* ---- one status ---- */

/*
 * A user namespace that is not the initial one maps only the users of its owner. An owner that
 * shows as the overflow uid can then be root or a stranger; only the mode can be checked.
 */
static bool in_user_namespace(void)
{
	static const char initial[] = "         0          0 4294967295\n";
	CLEANUP_FD int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	char map[sizeof(initial) + 1];
	ssize_t n = fd >= 0 ? read(fd, map, sizeof(map)) : -1;

	return n > 0 &&
	       ((size_t)n != sizeof(initial) - 1 || memcmp(map, initial, sizeof(initial) - 1) != 0);
}

/* The inode of the initial user namespace (PROC_USER_INIT_INO of <linux/proc_ns.h>). */
#define INITIAL_USER_NAMESPACE 0xeffffffdU

bool safe_caller_is_root(void)
{
	struct stat st;

	return getauxval(AT_EUID) == 0 && stat("/proc/self/ns/user", &st) == 0 &&
	       st.st_ino == INITIAL_USER_NAMESPACE;
}

static bool is_trusted(uid_t uid)
{
	return uid == 0 || uid == (uid_t)getauxval(AT_EUID) ||
	       (uid == OVERFLOW_UID && in_user_namespace());
}

static bool is_own_group(const struct stat *st)
{
	return S_ISDIR(st->st_mode) && st->st_gid == (gid_t)getauxval(AT_EGID) &&
	       (getauxval(AT_EUID) != 0 || in_user_namespace());
}

/* In a sticky directory others can add files, but cannot remove or rename those of others. */
static bool is_sticky(const struct stat *st)
{
	return S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0;
}

static int check_owner(const struct stat *st, struct error *err)
{
	if (is_trusted(st->st_uid))
		return 0;
	return error_set(err, "belongs to user %u, who could change it at any time",
			 (unsigned int)st->st_uid);
}

int safe_status(const struct stat *st, struct error *err)
{
	if (check_owner(st, err) < 0)
		return -1;
	if ((st->st_mode & S_IWOTH) != 0 && !is_sticky(st))
		return error_set(err, "can be written by everybody (mode %04o)",
				 (unsigned int)st->st_mode & 07777);
	if ((st->st_mode & S_IWGRP) != 0 && !is_sticky(st) && !is_own_group(st))
		return error_set(err, "can be written by group %u (mode %04o)",
				 (unsigned int)st->st_gid, (unsigned int)st->st_mode & 07777);
	return 0;
}

/* ---- the way to it ---- */

/* Where the walk ends. */
enum end { TO_DIRECTORY, TO_FILE, TO_PARENT };

struct walk {
	char path[PATH_MAX]; /* absolute */
	size_t at;           /* end of the part that is known to be safe and without links */
	struct stat st;      /* of what was looked at last */
	bool shared;         /* others can add files to the last directory */
	unsigned int n_links;
};

static int begin(struct walk *w, const char *path, struct error *err)
{
	size_t used = 0, n = strlen(path);

	if (path[0] != '/') {
		if (getcwd(w->path, sizeof(w->path)) == NULL)
			return error_system(err, errno);
		used = strlen(w->path);
		w->path[used++] = '/';
	}
	if (n >= sizeof(w->path) - used)
		return error_system(err, ENAMETOOLONG);
	memcpy(w->path + used, path, n + 1);
	w->at = w->n_links = 0;
	return 0;
}

/* In a directory to which others can add, a symbolic link may be theirs. */
static int look(struct walk *w, const char *path, struct error *err)
{
	if (lstat(path, &w->st) < 0)
		error_system(err, errno);
	else if (S_ISLNK(w->st.st_mode) && w->shared && check_owner(&w->st, err) < 0)
		error_prefix(err, "a symbolic link");
	else if (!S_ISDIR(w->st.st_mode))
		return 0;
	else if (safe_status(&w->st, err) == 0) {
		w->shared = (w->st.st_mode & (S_IWGRP | S_IWOTH)) != 0;
		return 0;
	}
	return error_prefix(err, "%s", path);
}

/* Replace the name of a link, from `start` to `end`, by what it points to. */
static int follow(struct walk *w, size_t start, size_t end, struct error *err)
{
	char to[PATH_MAX];
	size_t n_rest = strlen(w->path + end) + 1;
	char after = w->path[end];
	ssize_t n;

	w->path[end] = '\0';
	n = readlink(w->path, to, sizeof(to));
	w->path[end] = after;
	if (n < 0)
		return error_system(err, errno);
	if (++w->n_links > MAX_LINKS)
		return error_system(err, ELOOP);
	if (n > 0 && to[0] == '/')
		start = w->at = 0;
	if (start + (size_t)n + n_rest > sizeof(w->path))
		return error_system(err, ENAMETOOLONG);
	memmove(w->path + start + n, w->path + end, n_rest);
	memcpy(w->path + start, to, (size_t)n);
	return 0;
}

/* Go one name further. Returns 1 at the end. */
static int step(struct walk *w, enum end to, struct error *err)
{
	size_t start = w->at + strspn(w->path + w->at, "/"),
	       end = start + strcspn(w->path + start, "/");
	bool last = w->path[end + strspn(w->path + end, "/")] == '\0';
	char after = w->path[end];
	int r;

	if (w->at == 0 && look(w, "/", err) < 0)
		return -1;
	if (start == end || (last && to == TO_PARENT))
		return 1;
	w->path[end] = '\0';
	r = look(w, w->path, err);
	w->path[end] = after;
	if (r < 0)
		return -1;
	if (S_ISLNK(w->st.st_mode))
		return follow(w, start, end, err) < 0 ? error_prefix(err, "%s", w->path) : 0;
	if (last && to == TO_FILE)
		return 1;
	if (!S_ISDIR(w->st.st_mode)) {
		error_system(err, ENOTDIR);
		return error_prefix(err, "%.*s", (int)end, w->path);
	}
	w->at = end;
	return 0;
}

static int walk(struct walk *w, const char *path, enum end to, struct error *err)
{
	int r;

	if (begin(w, path, err) < 0)
		return error_prefix(err, "%s", path);
	do
		r = step(w, to, err);
	while (r == 0);
	return r < 0 ? -1 : 0;
}

int safe_directory(const char *path, struct stat *ret_st, struct error *err)
{
	struct walk w;

	if (walk(&w, path, TO_DIRECTORY, err) < 0)
		return -1;
	*ret_st = w.st;
	return 0;
}

int safe_path(const char *path, struct error *err)
{
	struct walk w;

	return walk(&w, path, TO_FILE, err);
}

int safe_parents(const char *path, struct error *err)
{
	struct walk w;

	return walk(&w, path, TO_PARENT, err);
}
