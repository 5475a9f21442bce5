/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says about a started container, and the end of one that is not confined. */
#include "live/live-proc.h"
#include "live/live.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

#define POLL_MS 2

struct unconfined {
	pid_t pid;
	pid_t tid; /* one without a filter; 0: none seen */
};

static int look_at_thread(void *ctx, pid_t tid, struct error *err)
{
	struct unconfined *u = ctx;
	struct proc_status status;

	/* A thread that has ended since it was listed needs no filter. */
	if (proc_read_status(u->pid, tid, &status, err) == 0 &&
	    status.seccomp != SECCOMP_MODE_FILTER)
		u->tid = tid;
	return 0;
}

/*
 * As long as init has not called execve, it is the runtime's own process, and only its leader will
 * become the container's program: runc loads a profile into that thread alone, and up to 1.1 runs
 * poststart hooks before the start.
 */
static int look(pid_t pid, struct unconfined *u, struct error *err)
{
	struct proc_stat stat;

	if (proc_read_stat(pid, &stat, err) < 0)
		return -1;
	if (stat.flags & PROC_PF_FORKNOEXEC)
		return look_at_thread(u, pid, err);
	return proc_each_thread(pid, look_at_thread, u, err);
}

int live_verify(pid_t pid, unsigned int timeout_ms, struct error *err)
{
	static const struct timespec pause = {0, POLL_MS * 1000000L};
	unsigned int waited = 0;

	for (;;) {
		struct unconfined u = {pid, 0};

		if (look(pid, &u, err) < 0)
			return -1;
		if (u.tid == 0)
			return 0;
		if (waited >= timeout_ms)
			return error_set(err, "thread %d of process %d has no seccomp filter",
					 (int)u.tid, (int)pid);
		nanosleep(&pause, NULL);
		waited += POLL_MS;
	}
}

int live_kill(pid_t pid, struct error *err)
{
	CLEANUP_FD int fd = -1;

	if (pid <= 1 || pid == getpid())
		return error_set(err, "process %d cannot be a container's init", (int)pid);
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0 && errno == ESRCH)
		return 0;
	if (fd < 0)
		return error_set(err, "pidfd_open of process %d: %s", (int)pid, strerror(errno));
	if (syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return error_set(err, "SIGKILL to process %d: %s", (int)pid, strerror(errno));
	return 0;
}
