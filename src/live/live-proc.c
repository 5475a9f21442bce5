/* SPDX-License-Identifier: Apache-2.0 */
#include "live/live-proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/*
 * /proc/PID/status is shorter than 2 KiB, except for the mask of memory nodes; what is read here
 * stands before it.
 */
#define PROC_TEXT_MAX 4096

/* Read up to PROC_TEXT_MAX - 1 bytes of `path`, and NUL-terminate them. The kernel makes the text
 * of these files at the first read, so that a short one is the last. */
static int read_text(const char *path, char *text, struct error *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return error_set(err, "%s: %s", path, error_words(errno));
	do
		n = read(fd, text, PROC_TEXT_MAX - 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_set(err, "%s: %s", path, error_words(errno));
	text[n] = '\0';
	return 0;
}

/* The numbers of /proc/PID/stat behind the state, which is field 3 in proc(5). */
enum {
	STAT_PARENT = 0,
	STAT_FLAGS = 5,
	STAT_THREADS = 16,
	STAT_START_TIME = 18,
	STAT_FIELDS,
};

/* -1: there are fewer. */
static int read_numbers(const char *at, unsigned long long ret_fields[STAT_FIELDS])
{
	for (size_t i = 0; i < STAT_FIELDS; i++) {
		char *end;

		ret_fields[i] = strtoull(at, &end, 10);
		if (end == at || *end != ' ')
			return -1;
		at = end;
	}
	return 0;
}

int proc_read_stat(pid_t pid, struct proc_stat *ret_stat, struct error *err)
{
	char path[64], text[PROC_TEXT_MAX];
	unsigned long long fields[STAT_FIELDS];
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
	if (name == NULL || rest == NULL || rest[1] != ' ' || rest[2] == '\0' ||
	    read_numbers(rest + 3, fields) < 0)
		return error_set(err, "%s: not in the format of proc(5)", path);
	stat.state = rest[2];
	stat.parent = (pid_t)fields[STAT_PARENT];
	stat.flags = (unsigned int)fields[STAT_FLAGS];
	stat.n_threads = (unsigned int)fields[STAT_THREADS];
	stat.start_time = fields[STAT_START_TIME];
	snprintf(stat.name, sizeof(stat.name), "%.*s", (int)(rest - name - 1), name + 1);
	*ret_stat = stat;
	return 0;
}

bool proc_has_ended(char state)
{
	return state == 'Z' || state == 'X' || state == 'x';
}

bool proc_is_over(const struct proc_stat *stat)
{
	return proc_has_ended(stat->state) && stat->n_threads <= 1;
}

/* Returns the number after "\nNAME:" in `text`, or -1. */
static int status_number(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? atoi(at + strlen(name)) : -1;
}

int proc_read_status(pid_t pid, pid_t tid, struct proc_status *ret_status, struct error *err)
{
	static const char state[] = "\nState:\t";
	char path[64], text[PROC_TEXT_MAX];
	const char *at;

	if (tid > 0)
		snprintf(path, sizeof(path), "/proc/%d/task/%d/status", (int)pid, (int)tid);
	else
		snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (read_text(path, text, err) < 0)
		return -1;
	at = strstr(text, state);
	*ret_status = (struct proc_status){
		.state = at != NULL ? at[sizeof(state) - 1] : '\0',
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
	/* Without opendir(3), which allocates, as this is done while a container waits. */
	alignas(struct dirent64) char entries[2048];
	char path[64];
	CLEANUP_FD int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, "%s: %s", path, error_words(errno));
	while ((n = syscall(SYS_getdents64, fd, entries, sizeof(entries))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(entries + at);
			pid_t tid = atoi(entry->d_name);

			at += entry->d_reclen;
			if (tid > 0 && each(ctx, tid, err) < 0)
				return -1;
		}
	}
	return n < 0 ? error_set(err, "%s: %s", path, error_words(errno)) : 0;
}
