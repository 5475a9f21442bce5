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

/* Does the process see the same file at `path` as we below the root, and read it? */
static bool reads(pid_t pid, const char *path, const struct stat *ours, char *args, size_t size)
{
	char at[PATH_MAX];
	struct stat st;
	size_t n = 0;

	snprintf(at, sizeof(at), "/proc/%d/root%s", pid, path);
	if (stat(at, &st) < 0 || st.st_dev != ours->st_dev || st.st_ino != ours->st_ino)
		return false;
	snprintf(at, sizeof(at), "/proc/%d/cmdline", pid);
	memset(args, 0, size);
	daemon_proc(at, args, size - 1);
	/* dockerd has a containerd of its own, with its own file. */
	while (n < size - 1 && args[n] != '\0') {
		if (strncmp(args + n, "--config", 8) == 0 || strcmp(args + n, "-c") == 0)
			return false;
		n += strlen(args + n) + 1;
	}
	return true;
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
		    reads(pid, path, &st, args, sizeof(args)))
			found = (struct daemon_state){pid, is_older(pid, st.st_mtim)};
	}
	if (dir != NULL)
		closedir(dir);
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
		    reads(pid, "/etc", &st, args, size))
			found = (pid_t)pid;
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}
