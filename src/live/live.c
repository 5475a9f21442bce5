/* SPDX-License-Identifier: Apache-2.0 */
#include "live/live.h"

#include "live/live-trace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* Seizing takes less than a millisecond. A hook that fails is better than one that hangs. */
#define SEIZE_TIMEOUT_MS 10000

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* close_range(2) is there since Linux 5.9. */
static int close_listed(const int *keep, size_t n_keep, struct error *err)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	if (dir == NULL)
		return error_set(err, "/proc/self/fd: %s", error_words(errno));
	while ((entry = readdir(dir)) != NULL) {
		int fd = atoi(entry->d_name);
		bool kept = entry->d_name[0] == '.' || fd == dirfd(dir);

		for (size_t i = 0; i < n_keep; i++)
			kept = kept || fd == keep[i];
		if (!kept)
			close(fd);
	}
	closedir(dir);
	return 0;
}

/* The smallest of `fds` that is at least `from`; INT_MAX: none. */
static int next_kept(const int *fds, size_t n, int from)
{
	int next = INT_MAX;

	for (size_t i = 0; i < n; i++)
		if (fds[i] >= from && fds[i] < next)
			next = fds[i];
	return next;
}

/*
 * Close every descriptor that is not in `keep`. The runtime waits until the hook's input and output
 * are closed, and file systems of the container must not be kept busy.
 */
static int close_all_but(const int *keep, size_t n_keep, struct error *err)
{
	for (int from = 0, kept; from < INT_MAX; from = kept < INT_MAX ? kept + 1 : kept) {
		kept = next_kept(keep, n_keep, from);
		if (kept > from &&
		    syscall(SYS_close_range, (unsigned int)from,
			    kept < INT_MAX ? (unsigned int)kept - 1 : UINT_MAX, 0) < 0)
			return close_listed(keep, n_keep, err);
	}
	return 0;
}

/* Leave the descriptors, the session and the working directory of the hook. */
static int detach(const struct live_init *init, const struct live_job *job, int status_fd,
		  struct error *err)
{
	const int keep[] = {init->pidfd, status_fd, job->keep_fd};

	if (close_all_but(keep, ARRAY_SIZE(keep), err) < 0)
		return -1;
	if (chdir("/") < 0)
		return error_set(err, "chdir to /: %s", error_words(errno));
	setsid();
	return 0;
}

/*
 * The injecting process. It tells the hook success by an empty message, and a failure by its
 * reason.
 */
static _Noreturn void injector(const struct live_init *init, const struct live_job *job,
			       int status_fd)
{
	struct trace t = {.init = init, .program = job->program};
	struct live_report report;
	uint64_t start = now_us();
	struct error err;

	if (detach(init, job, status_fd, &err) < 0 || trace_seize(&t, &err) < 0) {
		/*
		 * Whatever was seized dies when we exit. Tell the hook before, as far as that is
		 * possible.
		 */
		(void)!write(status_fd, err.text, strlen(err.text));
		_exit(1);
	}
	if (write(status_fd, "", 1) != 1)
		_exit(1);
	close(status_fd);

	report.outcome = trace_run(&t);
	report.stops = t.stops;
	report.duration_us = now_us() - start;
	report.reason = report.outcome == LIVE_CONFINED ? t.at
			: report.outcome == LIVE_KILLED
				? t.why.text
				: "the container's init ended before it gave up privilege";
	if (job->report)
		job->report(job->ctx, &report);
	_exit(report.outcome == LIVE_KILLED);
}

/*
 * Read what the injecting process says in time, and NUL-terminate it. Returns the number of bytes,
 * 0 at its end, or -1 when it is too late.
 */
static ssize_t read_status(int fd, char *text, size_t size)
{
	struct pollfd poll_fd = {fd, POLLIN, 0};
	ssize_t n;

	do
		n = poll(&poll_fd, 1, SEIZE_TIMEOUT_MS);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return -1;
	do
		n = read(fd, text, size - 1);
	while (n < 0 && errno == EINTR);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

static int start_failed(pid_t child, ssize_t n, const char *text, struct error *err)
{
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	if (n > 0)
		return error_set(err, "%s", text);
	return error_set(err, n == 0 ? "the injecting process died"
				     : "the container's init could not be stopped in time");
}

int live_check_program(const struct program *program, struct error *err)
{
	uint32_t known = SECCOMP_RET_KILL_THREAD;

	if (program->n_insns == 0)
		return error_set(err, "the filter is empty");
	for (size_t i = 0; i < program->n_insns; i++) {
		const struct sock_filter *insn = &program->insns[i];
		uint32_t action = insn->k & SECCOMP_RET_ACTION_FULL;

		if (BPF_CLASS(insn->code) != BPF_RET || action == known)
			continue;
		if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0 &&
		    errno == EOPNOTSUPP)
			return error_set(err,
					 "this kernel does not know action %#x of the seccomp "
					 "profile (/proc/sys/kernel/seccomp/actions_avail)",
					 (unsigned int)action);
		known = action;
	}
	return 0;
}

int live_inject(const struct live_init *init, const struct live_job *job, struct error *err)
{
	CLEANUP_FD int status_fd = -1;
	char text[sizeof(err->text)];
	int pipe_fds[2];
	ssize_t n;
	pid_t child;

	if (live_check_program(job->program, err) < 0)
		return -1;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return error_set(err, "pipe: %s", error_words(errno));
	status_fd = pipe_fds[0];
	child = fork();
	if (child == 0)
		injector(init, job, pipe_fds[1]);
	close(pipe_fds[1]);
	if (child < 0)
		return error_set(err, "fork: %s", error_words(errno));
	n = read_status(status_fd, text, sizeof(text));
	if (n != 1 || text[0] != '\0')
		return start_failed(child, n, text, err);
	return 0;
}
