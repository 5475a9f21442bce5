/* SPDX-License-Identifier: Apache-2.0 */
#include "confine/freezer.h"

#include "node/fileio.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

/* Freezing takes less than a millisecond, but for a process in an uninterruptible sleep. */
#define FREEZE_MS 500

#define TEXT_SIZE 16384

/* Read what fits of a small file of the kernel's, NUL-terminated. */
static ssize_t read_small(const char *path, char *text, size_t size)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got;

	text[0] = '\0';
	if (fd < 0)
		return -1;
	while (n < size - 1 && (got = read(fd, text + n, size - 1 - n)) != 0) {
		if (got < 0)
			return -1;
		n += (size_t)got;
	}
	text[n] = '\0';
	return (ssize_t)n;
}

static const char *file_of(const struct freezer *f, const char *name, char path[2 * PATH_MAX])
{
	snprintf(path, (size_t)2 * PATH_MAX, "%s/%s", f->dir, name);
	return path;
}

/* ---- finding ---- */

/* Is `word` one of the words of `list`, which commas part? */
static bool has_word(const char *list, size_t n, const char *word)
{
	size_t size = strlen(word);

	for (size_t at = 0; at + size <= n; at++)
		if ((at == 0 || list[at - 1] == ',') && memcmp(list + at, word, size) == 0 &&
		    (at + size == n || list[at + size] == ','))
			return true;
	return false;
}

/* The path of the container's group: what its line has behind the second colon. */
static struct span group_path(const struct container *container)
{
	const char *colon =
		container->group.n > 0 ? memchr(container->group.p, ':', container->group.n) : NULL;
	struct span rest = {0};

	if (colon != NULL)
		rest = span_skip(container->group, (size_t)(colon - container->group.p) + 1);
	colon = rest.n > 0 ? memchr(rest.p, ':', rest.n) : NULL;
	return colon != NULL ? span_skip(rest, (size_t)(colon - rest.p) + 1) : (struct span){0};
}

/* Cut `path` behind `part`, where that ends at the end of a name; false: it has none. */
static bool cut_behind(struct span *path, struct span part)
{
	for (size_t at = 0; part.n > 1 && at < path->n; at++) {
		const char *found = memmem(path->p + at, path->n - at, part.p, part.n);
		size_t end = found != NULL ? (size_t)(found - path->p) + part.n : 0;

		if (found == NULL)
			return false;
		if (end == path->n || path->p[end] == '/') {
			path->n = end;
			return true;
		}
		at = (size_t)(found - path->p);
	}
	return false;
}

/*
 * Is this line of /proc/PID/cgroup, "8:freezer:/x/ID/sub", of the freezer, and the container's own
 * group, which is called `own` in some hierarchy, in it? Its path to ret_path.
 */
static bool is_own_line(struct span line, struct span own, bool *ret_unified, struct span *ret_path)
{
	const char *first = memchr(line.p, ':', line.n);
	const char *second = first != NULL
				     ? memchr(first + 1, ':', line.n - (size_t)(first + 1 - line.p))
				     : NULL;
	const char *slash = memrchr(own.p, '/', own.n);

	if (second == NULL)
		return false;
	*ret_unified = second == first + 1;
	if (!*ret_unified && !has_word(first + 1, (size_t)(second - first - 1), "freezer"))
		return false;
	*ret_path = span_skip(line, (size_t)(second + 1 - line.p));
	/* In another hierarchy the last part of it is what tells it from others. In its own it may
	 * be as common as "container", which crun puts below a scope. */
	return cut_behind(ret_path, own) ||
	       (slash != NULL && cut_behind(ret_path, span_skip(own, (size_t)(slash - own.p))));
}

/* Where the hierarchy is mounted; its root to be put before a path. */
static int find_mount(bool unified, char ret_mount[PATH_MAX])
{
	char line[2 * PATH_MAX], mount[PATH_MAX], kind[32], options[512];
	FILE *mounts = fopen("/proc/mounts", "re");
	int rc = -1;

	while (mounts != NULL && rc < 0 && fgets(line, sizeof(line), mounts) != NULL) {
		if (sscanf(line, "%*s %4095s %31s %511s", mount, kind, options) != 3)
			continue;
		if (unified ? strcmp(kind, "cgroup2") != 0
			    : strcmp(kind, "cgroup") != 0 ||
				      !has_word(options, strlen(options), "freezer"))
			continue;
		snprintf(ret_mount, PATH_MAX, "%s", mount);
		rc = 0;
	}
	if (mounts != NULL)
		fclose(mounts);
	return rc;
}

/* Is one of ours in it, so that it would freeze us? */
static bool is_ours(const struct freezer *f)
{
	pid_t tids[4096];
	ssize_t n = freezer_threads(f, tids, ARRAY_SIZE(tids));

	for (ssize_t i = 0; i < n; i++)
		if (tids[i] == getpid() || tids[i] == getppid())
			return true;
	return n < 0;
}

int freezer_find(const struct container *container, struct freezer *ret_freezer, struct error *err)
{
	struct span rest = container->init->cgroup, own = group_path(container);
	struct freezer f = {.guard_fd = -1};
	char path[2 * PATH_MAX], mount[PATH_MAX];

	while (own.n > 1 && rest.n > 1) {
		const char *end = memchr(rest.p + 1, '\n', rest.n - 1);
		struct span line = {rest.p + 1,
				    (end != NULL ? (size_t)(end - rest.p) : rest.n) - 1};
		struct span group;

		rest = span_skip(rest, line.n + 1);
		if (!is_own_line(line, own, &f.unified, &group) ||
		    find_mount(f.unified, mount) < 0 ||
		    (size_t)snprintf(f.dir, sizeof(f.dir), "%s%.*s", mount, (int)group.n,
				     group.p) >= sizeof(f.dir))
			continue;
		if (access(file_of(&f, f.unified ? "cgroup.freeze" : "freezer.state", path), W_OK) <
			    0 ||
		    is_ours(&f))
			continue;
		*ret_freezer = f;
		return 0;
	}
	return error_set(err, "it has no control group of its own that could be frozen");
}

/* ---- freezing ---- */

bool freezer_is_frozen(const struct freezer *f)
{
	char path[2 * PATH_MAX], text[256];

	if (!f->unified)
		return read_small(file_of(f, "freezer.state", path), text, sizeof(text)) > 0 &&
		       strncmp(text, "FROZEN", 6) == 0;
	return read_small(file_of(f, "cgroup.events", path), text, sizeof(text)) > 0 &&
	       strstr(text, "frozen 1") != NULL;
}

static int set_state(const struct freezer *f, bool frozen)
{
	char path[2 * PATH_MAX];
	CLEANUP_FD int fd = open(file_of(f, f->unified ? "cgroup.freeze" : "freezer.state", path),
				 O_WRONLY | O_CLOEXEC);
	struct span word = f->unified ? (frozen ? SPAN("1") : SPAN("0"))
				      : (frozen ? SPAN("FROZEN") : SPAN("THAWED"));

	return fd < 0 ? -1 : file_write_all(fd, word);
}

/* Thaw when nobody holds the other end of the pipe any more, unless told that it is done. */
static _Noreturn void guard(const struct freezer *f, int fd)
{
	char done;
	ssize_t n;

	do
		n = read(fd, &done, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		(void)set_state(f, false);
	_exit(0);
}

static int start_guard(struct freezer *f, struct error *err)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_system(err, errno);
	f->guard = fork();
	if (f->guard == 0) {
		close(fds[1]);
		setsid();
		guard(f, fds[0]);
	}
	close(fds[0]);
	f->guard_fd = fds[1];
	if (f->guard < 0) {
		close(f->guard_fd);
		f->guard = 0;
		return error_system(err, errno);
	}
	return 0;
}

static void end_guard(struct freezer *f)
{
	(void)!write(f->guard_fd, "", 1);
	close(f->guard_fd);
	while (waitpid(f->guard, NULL, 0) < 0 && errno == EINTR)
		;
	f->guard = 0;
	f->guard_fd = -1;
}

int freezer_freeze(struct freezer *f, struct error *err)
{
	const struct timespec nap = {0, 200000};

	if (freezer_is_frozen(f))
		return error_set(err, "it is paused");
	if (start_guard(f, err) < 0)
		return -1;
	if (set_state(f, true) == 0) {
		for (int i = 0; i < FREEZE_MS * 5; i++) {
			if (freezer_is_frozen(f))
				return 0;
			nanosleep(&nap, NULL);
		}
		error_set(err, "it does not freeze: a process is in an uninterruptible sleep");
	} else {
		error_system(err, errno);
	}
	(void)set_state(f, false);
	end_guard(f);
	return error_prefix(err, "%s", f->dir);
}

int freezer_thaw(struct freezer *f, struct error *err)
{
	int rc = set_state(f, false);

	if (rc < 0)
		error_system(err, errno);
	else
		end_guard(f);
	return rc < 0 ? error_prefix(err, "%s", f->dir) : 0;
}

/* ---- who is in it ---- */

/* What the file `name` lists, in `dir` and below. A group of which only threads are has no list of
 * processes: they are in that of the group above. */
static ssize_t list_dir(const char *dir, const char *name, pid_t *tids, size_t max)
{
	char path[2 * PATH_MAX];
	struct dirent *entry;
	ssize_t n = 0;
	FILE *file;
	DIR *below;
	int tid;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "re");
	if (file == NULL)
		return -1;
	while ((size_t)n < max && fscanf(file, "%d", &tid) == 1)
		tids[n++] = tid;
	fclose(file);
	below = opendir(dir);
	while (below != NULL && n >= 0 && (entry = readdir(below)) != NULL) {
		ssize_t more;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name) >=
			    sizeof(path))
			continue;
		more = list_dir(path, name, tids + n, max - (size_t)n);
		n = more < 0 ? n : n + more;
	}
	if (below != NULL)
		closedir(below);
	return n;
}

ssize_t freezer_threads(const struct freezer *f, pid_t *tids, size_t max)
{
	return list_dir(f->dir, f->unified ? "cgroup.threads" : "tasks", tids, max);
}

ssize_t freezer_processes(const struct freezer *f, pid_t *pids, size_t max)
{
	return list_dir(f->dir, "cgroup.procs", pids, max);
}
