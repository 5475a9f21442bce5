/* SPDX-License-Identifier: Apache-2.0 */
#include "register/daemon.h"

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

int64_t daemon_began(long pid)
{
	char path[64], text[1024];
	const char *p;
	char *end;
	struct timespec boot, now;
	unsigned long long ticks;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	p = strrchr(daemon_proc(path, text, sizeof(text)), ')');
	if (p == NULL)
		return 0;
	/* ")" ends field 2, and the 22nd is the time in ticks since the boot. */
	for (int field = 2; field < 22 && p != NULL; field++)
		p = strchr(p + 1, ' ');
	if (p == NULL)
		return 0;
	ticks = strtoull(p, &end, 10);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	clock_gettime(CLOCK_REALTIME, &now);
	return ms_of(now) - ms_of(boot) +
	       (int64_t)(ticks * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK));
}

/* Does the process see the same file at `path` as we below the root, and read it? */
static bool reads(long pid, const char *path, const struct stat *ours)
{
	char at[PATH_MAX], args[4096];
	struct stat st;
	size_t n = 0;

	snprintf(at, sizeof(at), "/proc/%ld/root%s", pid, path);
	if (stat(at, &st) < 0 || st.st_dev != ours->st_dev || st.st_ino != ours->st_ino)
		return false;
	snprintf(at, sizeof(at), "/proc/%ld/cmdline", pid);
	daemon_proc(at, args, sizeof(args));
	/* dockerd has a containerd of its own, with its own file. */
	while (n < sizeof(args) - 1 && args[n] != '\0') {
		if (strncmp(args + n, "--config", 8) == 0 || strcmp(args + n, "-c") == 0)
			return false;
		n += strlen(args + n) + 1;
	}
	return true;
}

static bool is_called(long pid, const char *name)
{
	char at[64], comm[32];

	snprintf(at, sizeof(at), "/proc/%ld/comm", pid);
	daemon_proc(at, comm, sizeof(comm));
	return strncmp(comm, name, strlen(name)) == 0 && comm[strlen(name)] == '\n';
}

struct daemon_state daemon_look(const char *root, const char *name, const char *path)
{
	struct daemon_state found = {0};
	char full[PATH_MAX];
	struct error err;
	struct stat st;
	DIR *dir;

	if (files_resolve(root, path, true, full, &err) < 0 || stat(full, &st) < 0)
		return found;
	dir = opendir("/proc");
	for (struct dirent *e; dir != NULL && !found.stale && (e = readdir(dir)) != NULL;) {
		const long pid = strtol(e->d_name, NULL, 10);

		if (pid > 0 && is_called(pid, name) && reads(pid, path, &st))
			found = (struct daemon_state){pid, daemon_began(pid) + CLOCKS_MS <
								   ms_of(st.st_mtim)};
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}
