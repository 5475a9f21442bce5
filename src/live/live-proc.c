/* SPDX-License-Identifier: Apache-2.0 */
#include "live/live-proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/*
 * /proc/PID/status is shorter than 2 KiB, except for the mask of memory nodes; what is read here
 * stands before it.
 */
#define PROC_TEXT_MAX 4096

/* Read up to PROC_TEXT_MAX - 1 bytes of `path`, and NUL-terminate them. */
static int read_text(const char *path, char *text, struct error *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;

	if (fd < 0)
		return error_set(err, "%s: %s", path, error_words(errno));
	while (n < PROC_TEXT_MAX - 1) {
		ssize_t got = read(fd, text + n, PROC_TEXT_MAX - 1 - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(err, "%s: %s", path, error_words(errno));
		if (got == 0)
			break;
		n += (size_t)got;
	}
	text[n] = '\0';
	return 0;
}

int proc_read_stat(pid_t pid, struct proc_stat *ret_stat, struct error *err)
{
	char path[64], text[PROC_TEXT_MAX];
	struct proc_stat stat = {0};
	const char *name, *rest;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (read_text(path, text, err) < 0)
		return -1;
	/*
	 * The name may contain anything, also parentheses, so the fields begin after the last one.
	 */
	name = strchr(text, '(');
	rest = strrchr(text, ')');
	if (name == NULL || rest == NULL ||
	    sscanf(rest,
		   ") %c %d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %u %*d "
		   "%" SCNu64,
		   &stat.state, &stat.parent, &stat.flags, &stat.n_threads, &stat.start_time) != 5)
		return error_set(err, "%s: not in the format of proc(5)", path);
	snprintf(stat.name, sizeof(stat.name), "%.*s", (int)(rest - name - 1), name + 1);
	*ret_stat = stat;
	return 0;
}

/* Returns the number after "\nNAME:" in `text`, or -1. */
static int status_number(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? atoi(at + strlen(name)) : -1;
}

int proc_read_status(pid_t pid, pid_t tid, struct proc_status *ret_status, struct error *err)
{
	char path[64], text[PROC_TEXT_MAX];

	if (tid > 0)
		snprintf(path, sizeof(path), "/proc/%d/task/%d/status", (int)pid, (int)tid);
	else
		snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (read_text(path, text, err) < 0)
		return -1;
	*ret_status = (struct proc_status){
		.tgid = status_number(text, "\nTgid:"),
		.tracer = status_number(text, "\nTracerPid:"),
		.seccomp = status_number(text, "\nSeccomp:"),
		.filters = status_number(text, "\nSeccomp_filters:"),
		.no_new_privs = status_number(text, "\nNoNewPrivs:"),
	};
	return 0;
}

/* 1 or 0; -1 with errno when that cannot be read. */
static int same_namespace(pid_t a, pid_t b, const char *name)
{
	char path[64];
	struct stat sa, sb;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)a, name);
	if (stat(path, &sa) < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)b, name);
	if (stat(path, &sb) < 0)
		return -1;
	return sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

int proc_check_contained(pid_t pid, struct error *err)
{
	static const char *const names[] = {"mnt", "pid", "user", "net", "ipc", "uts", "cgroup"};
	int unknown = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int same = same_namespace(getpid(), pid, names[i]);

		if (same == 0)
			return 0;
		if (same < 0)
			unknown = errno;
	}
	if (unknown != 0)
		return error_set(err, "process %d may not be looked at: %s", (int)pid,
				 error_words(unknown));
	return error_set(err,
			 "process %d is not a container's: it shares all of this hook's namespaces",
			 (int)pid);
}

int proc_each_thread(pid_t pid, int (*each)(void *ctx, pid_t tid, struct error *err), void *ctx,
		     struct error *err)
{
	char path[64];
	struct dirent *entry;
	int result = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	if (dir == NULL)
		return error_set(err, "%s: %s", path, error_words(errno));
	while (result == 0 && (errno = 0, entry = readdir(dir)) != NULL) {
		pid_t tid = atoi(entry->d_name);

		if (tid > 0)
			result = each(ctx, tid, err);
	}
	if (result == 0 && errno != 0)
		result = error_set(err, "%s: %s", path, error_words(errno));
	closedir(dir);
	return result;
}
