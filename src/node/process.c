/* SPDX-License-Identifier: Apache-2.0 */
#include "node/process.h"

#include "base/number.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>

/* /proc/PID/status takes some 1,500 bytes, /proc/PID/cgroup as many under a dozen hierarchies. */
#define TEXT_SIZE 16384

/* Read `name` in the directory `dirfd` into `text`, NUL-terminated; -1: it cannot be read. */
static ssize_t read_at(int dirfd, const char *name, char text[TEXT_SIZE])
{
	CLEANUP_FD int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got;

	if (fd < 0)
		return -1;
	while (n < TEXT_SIZE - 1 && (got = read(fd, text + n, TEXT_SIZE - 1 - n)) != 0) {
		if (got < 0)
			return -1;
		n += (size_t)got;
	}
	text[n] = '\0';
	return (ssize_t)n;
}

/* The number behind "\nKEY:" in the text of a status file; 0: there is none. */
static uint64_t field_of(const char *text, const char *key, unsigned int base)
{
	const char *found = strstr(text, key);
	struct span rest;
	uint64_t value = 0;

	if (found == NULL)
		return 0;
	rest = span_of(found + strlen(key));
	while (rest.n > 0 && (rest.p[0] == '\t' || rest.p[0] == ' '))
		rest = span_skip(rest, 1);
	(void)number_take(&rest, base, UINT64_MAX, &value);
	return value;
}

static unsigned int field(const char *text, const char *key)
{
	return (unsigned int)field_of(text, key, 10);
}

static bool has_ended(char state)
{
	return state != '\0' && strchr("ZXx", state) != NULL;
}

/* The name may hold anything, so that the other fields are looked for behind the last ")". */
static bool read_stat(int dirfd, struct process *process)
{
	char text[TEXT_SIZE], *open, *close;
	size_t n;

	if (read_at(dirfd, "stat", text) <= 0)
		return false;
	open = strchr(text, '(');
	close = strrchr(text, ')');
	if (open == NULL || close == NULL || close[1] != ' ')
		return false;
	n = (size_t)(close - open - 1);
	snprintf(process->comm, sizeof(process->comm), "%.*s", (int)n, open + 1);
	process->zombie = has_ended(close[2]);
	/* proc_pid_stat(5): the state is field 3, the start time field 22. */
	return sscanf(close + 2,
		      "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
		      "%*d %" SCNu64,
		      &process->start) == 1;
}

/* Take over what the thread has whose status this is, if that is less. One that has ended has
 * given its filters back, and says nothing about those that go on. */
static void take_least(struct process *process, const char *status)
{
	static const char state[] = "\nState:\t";
	const char *at = strstr(status, state);
	unsigned int seccomp = field(status, "\nSeccomp:");
	unsigned int filters = field(status, "\nSeccomp_filters:");

	if (at != NULL && has_ended(at[sizeof(state) - 1]))
		return;
	if (process->tid == 0)
		process->tid = (pid_t)field(status, "\nPid:");
	if (seccomp < process->seccomp)
		process->seccomp = seccomp;
	if (filters < process->filters)
		process->filters = filters;
	process->no_new_privs = process->no_new_privs && field(status, "\nNoNewPrivs:") != 0;
}

static bool is_number(const char *name)
{
	return name[0] >= '0' && name[0] <= '9';
}

/* A filter is a thread's: not only that of the first counts. */
static void read_threads(int dirfd, struct process *process)
{
	int fd = openat(dirfd, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *tasks = fd >= 0 ? fdopendir(fd) : NULL;
	char status[TEXT_SIZE], path[PATH_MAX];
	struct dirent *thread;

	if (tasks == NULL && fd >= 0)
		close(fd);
	if (tasks == NULL)
		return;
	while ((thread = readdir(tasks)) != NULL) {
		snprintf(path, sizeof(path), "%s/status", thread->d_name);
		if (is_number(thread->d_name) && read_at(fd, path, status) > 0)
			take_least(process, status);
	}
	closedir(tasks);
}

static bool read_process(int dirfd, struct process *process)
{
	char status[TEXT_SIZE];

	if (!read_stat(dirfd, process) || read_at(dirfd, "status", status) <= 0)
		return false;
	process->seccomp = process->filters = UINT32_MAX;
	process->no_new_privs = true;
	process->tid = 0;
	take_least(process, status);
	process->bounding = field_of(status, "\nCapBnd:", 16);
	if (field(status, "\nThreads:") > 1) {
		process->zombie = false;
		read_threads(dirfd, process);
	}
	if (process->tid == 0) {
		/* It has come to its end. */
		process->zombie = true;
		process->seccomp = process->filters = 0;
	}
	return true;
}

static int open_process(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Kernel threads, and what nobody has put anywhere: every path is "/". */
static bool is_in_root(const char *text)
{
	for (; *text != '\0'; text = strchr(text, '\n') + 1) {
		size_t n = strcspn(text, "\n");

		if (text[n] == '\0')
			return true;
		if (n < 2 || memcmp(text + n - 2, ":/", 2) != 0)
			return false;
	}
	return true;
}

/*
 * /proc/PID/cgroup into `text`, and the rest to *process; false: it is nobody's container. In
 * hierarchies of version 1 what ends leaves its groups for "/" at once, and so does a first thread
 * whose process goes on without it: then the groups of one that goes on are the process's.
 */
static bool read_with_cgroup(int dirfd, struct process *process, char text[TEXT_SIZE])
{
	char path[64];

	if (read_at(dirfd, "cgroup", text) <= 0 ||
	    (is_in_root(text) && (!read_stat(dirfd, process) || !process->zombie)) ||
	    !read_process(dirfd, process))
		return false;
	snprintf(path, sizeof(path), "task/%d/cgroup", (int)process->tid);
	return (process->zombie || process->tid == process->pid ||
		read_at(dirfd, path, text) > 0) &&
	       !is_in_root(text);
}

/* *ret is NULL for one that is gone or is nobody's container. */
static int read_new(pid_t pid, struct arena *keep, struct process **ret, struct error *err)
{
	CLEANUP_FD int dirfd = open_process(pid);
	struct process process = {.pid = pid};
	char text[TEXT_SIZE + 1];

	*ret = NULL;
	text[0] = '\n';
	if (dirfd < 0 || !read_with_cgroup(dirfd, &process, text + 1))
		return 0;
	process.cgroup.p = arena_strdup(keep, span_of(text));
	process.cgroup.n = strlen(text);
	*ret = arena_alloc(keep, sizeof(**ret));
	if (process.cgroup.p == NULL || *ret == NULL)
		return error_set(err, "there are too many processes");
	**ret = process;
	return 0;
}

int process_list(struct arena *keep, struct process **ret_list, struct error *err)
{
	struct process *list = NULL, **end = &list, *process;
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int rc = 0;

	if (proc == NULL) {
		error_system(err, errno);
		return error_prefix(err, "/proc");
	}
	while (rc == 0 && (entry = readdir(proc)) != NULL) {
		uint64_t pid;

		if (!number_parse(span_of(entry->d_name), 10, INT32_MAX, &pid))
			continue;
		rc = read_new((pid_t)pid, keep, &process, err);
		if (rc < 0 || process == NULL)
			continue;
		*end = process;
		end = &process->next;
	}
	closedir(proc);
	if (rc == 0)
		*ret_list = list;
	return rc;
}

bool process_read(struct process *process)
{
	CLEANUP_FD int dirfd = open_process(process->pid);

	return dirfd >= 0 && read_process(dirfd, process);
}

bool process_refresh(struct process *process)
{
	struct process now = *process;

	if (!process_read(&now) || now.start != process->start)
		return false;
	*process = now;
	return true;
}

uint64_t process_age(const struct process *process)
{
	struct timespec now;
	uint64_t started = process->start / (uint64_t)sysconf(_SC_CLK_TCK);

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec > started ? (uint64_t)now.tv_sec - started : 0;
}

static int64_t ms_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t process_started_ms(const struct process *process)
{
	int64_t ticks = sysconf(_SC_CLK_TCK);

	return ms_of(CLOCK_REALTIME) - ms_of(CLOCK_BOOTTIME) +
	       (int64_t)process->start * 1000 / ticks;
}
