/* SPDX-License-Identifier: Apache-2.0 */
#include "register/daemon.h"

#include "base/number.h"
#include "node/process.h"
#include "register/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* By how much the clocks of files and of processes, which go by ticks, may differ. */
#define CLOCKS_MS 50

const char *daemon_proc(const char *path, char *out, size_t size)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;

	while (fd >= 0 && n < size - 1) {
		ssize_t r = read(fd, out + n, size - 1 - n);

		if (r <= 0)
			break;
		n += (size_t)r;
	}
	out[n] = '\0';
	return out;
}

static int64_t ms_of(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Does the process see the same file at `path` as we below the root? */
static bool sees(pid_t pid, const char *path, const struct stat *ours)
{
	char at[PATH_MAX];
	struct stat st;

	snprintf(at, sizeof(at), "/proc/%d/root%s", pid, path);
	return stat(at, &st) == 0 && st.st_dev == ours->st_dev && st.st_ino == ours->st_ino;
}

/* Is the file that an argument names in the directory of that configuration, "/etc/crio/"? */
static bool is_beside(const char *named, const char *path)
{
	size_t n = 0;

	for (int slashes = 0; path[n] != '\0' && slashes < 3; n++)
		slashes += path[n] == '/';
	return n > 0 && path[n - 1] == '/' && strncmp(named, path, n) == 0;
}

/*
 * Is the process told to read another configuration than that at `path`? dockerd has a containerd
 * of its own, with its own file. Its arguments are left in `args`, with an empty one behind them.
 */
static bool is_told_another(pid_t pid, const char *path, char *args, size_t size)
{
	char at[64];

	snprintf(at, sizeof(at), "/proc/%d/cmdline", pid);
	memset(args, 0, size);
	daemon_proc(at, args, size - 1);
	for (size_t n = 0; n < size - 1 && args[n] != '\0'; n += strlen(args + n) + 1) {
		const char *arg = args + n, *value = strchr(arg, '=');

		if (strncmp(arg, "--config", 8) != 0 && strcmp(arg, "-c") != 0)
			continue;
		value = value != NULL ? value + 1 : arg + strlen(arg) + 1;
		if (value >= args + size || !is_beside(value, path))
			return true;
	}
	return false;
}

static bool is_called(pid_t pid, const char *name)
{
	char at[64], comm[32];

	snprintf(at, sizeof(at), "/proc/%d/comm", pid);
	daemon_proc(at, comm, sizeof(comm));
	return strncmp(comm, name, strlen(name)) == 0 && comm[strlen(name)] == '\n';
}

/* Did it begin before that? */
static bool is_older(pid_t pid, struct timespec time)
{
	struct process process = {.pid = pid};

	return process_read(&process) && process_started_ms(&process) + CLOCKS_MS < ms_of(time);
}

struct daemon_state daemon_look(const char *root, const char *name, const char *path)
{
	struct daemon_state found = {0};
	char full[PATH_MAX], args[4096];
	struct error err;
	struct stat st;
	DIR *dir;

	if (files_resolve(root, path, true, full, &err) < 0 || stat(full, &st) < 0)
		return found;
	dir = opendir("/proc");
	for (struct dirent *e; dir != NULL && !found.stale && (e = readdir(dir)) != NULL;) {
		uint64_t pid;

		if (number_parse(span_of(e->d_name), 10, INT32_MAX, &pid) && is_called(pid, name) &&
		    sees(pid, path, &st) && !is_told_another(pid, path, args, sizeof(args)))
			found = (struct daemon_state){pid, is_older(pid, st.st_mtim)};
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

/* Does the program that the process executes lie below `dir`, in its own root? */
static bool runs_from(pid_t pid, const char *dir)
{
	const size_t n = strlen(dir);
	char at[64], program[PATH_MAX];
	ssize_t size;

	snprintf(at, sizeof(at), "/proc/%d/exe", pid);
	size = readlink(at, program, sizeof(program));
	return size > (ssize_t)n && memcmp(program, dir, n) == 0 && program[n] == '/';
}

/* When the file below the root became what it is. */
static bool find_change(const char *root, const char *path, struct timespec *ret_time)
{
	char full[PATH_MAX], *slash;
	struct error ignored;
	struct stat st;

	if (files_resolve(root, path, true, full, &ignored) < 0)
		return false;
	if (stat(full, &st) < 0) {
		slash = strrchr(full, '/');
		if (slash == NULL)
			return false;
		*slash = '\0';
		if (stat(full, &st) < 0)
			return false;
	}
	*ret_time = st.st_mtim;
	return true;
}

struct place {
	const char *seen;     /* that directory, */
	struct stat st;       /* this one */
	const char *programs; /* resolved; NULL: anywhere */
	const char *config;
};

static bool is_at(pid_t pid, const struct place *place)
{
	char args[4096];

	if (!sees(pid, place->seen, &place->st))
		return false;
	return place->programs != NULL ? runs_from(pid, place->programs)
				       : !is_told_another(pid, place->config, args, sizeof(args));
}

struct daemon_state daemon_look_below(const char *root, const char *name, const char *dir,
				      const char *path)
{
	struct place place = {.seen = dir != NULL ? dir : "/etc", .config = path};
	struct daemon_state found = {0};
	struct timespec changed;
	char full[PATH_MAX];
	struct error ignored;
	DIR *proc;

	if (files_resolve(root, place.seen, true, full, &ignored) < 0 ||
	    stat(full, &place.st) < 0 || !find_change(root, path, &changed))
		return found;
	place.programs = dir != NULL ? full + strlen(root) : NULL;
	proc = opendir("/proc");
	for (struct dirent *e; proc != NULL && !found.stale && (e = readdir(proc)) != NULL;) {
		uint64_t pid;

		if (number_parse(span_of(e->d_name), 10, INT32_MAX, &pid) && is_called(pid, name) &&
		    is_at(pid, &place))
			found = (struct daemon_state){pid, is_older(pid, changed)};
	}
	if (proc != NULL)
		closedir(proc);
	return found;
}

pid_t daemon_find(const char *name, char *args, size_t size)
{
	struct stat st;
	pid_t found = 0;
	DIR *dir = stat("/etc", &st) == 0 ? opendir("/proc") : NULL;

	for (struct dirent *e; dir != NULL && found == 0 && (e = readdir(dir)) != NULL;) {
		uint64_t pid;

		if (number_parse(span_of(e->d_name), 10, INT32_MAX, &pid) && is_called(pid, name) &&
		    sees(pid, "/etc", &st) && !is_told_another(pid, "/etc", args, size))
			found = (pid_t)pid;
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}
