/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says about a started container, and the end of one that is not confined. */
#include "live/live-proc.h"
#include "live/live.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#define POLL_MS 2

/*
 * An exiting process loses its namespaces first, gives back its memory and files, and is then a
 * zombie.
 */
#define EXIT_MS 1000

struct unconfined {
	pid_t pid;
	pid_t tid;  /* one with too few filters; 0: none seen */
	int needed; /* at least so many; 0: the mode alone is looked at */
	int seen;   /* so many it has */
};

int live_open(pid_t pid, struct live_process *ret_process, struct error *err)
{
	struct proc_stat own, stat;
	struct error gone;
	CLEANUP_FD int fd = -1;

	if (pid <= 1 || pid == getpid())
		return error_set(err, "process %d cannot be a container's init", (int)pid);
	if (proc_read_stat(getpid(), &own, err) < 0)
		return -1;
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0 && errno != ESRCH)
		return error_set(err, "pidfd_open of process %d: %s", (int)pid, error_words(errno));
	*ret_process = (struct live_process){pid, -1};
	/*
	 * A process that is younger than this one got the pid after the runtime had told it to us.
	 */
	if (fd >= 0 && proc_read_stat(pid, &stat, &gone) == 0 && stat.start_time <= own.start_time)
		ret_process->pidfd = take_fd(&fd);
	return 0;
}

void live_close(struct live_process *process)
{
	cleanup_fd(&process->pidfd);
	process->pidfd = -1;
}

/* Wait at most `ms` for the end of the process. A zombie has ended. */
static bool ends_within(const struct live_process *process, int ms)
{
	struct pollfd over = {.fd = process->pidfd, .events = POLLIN};

	return poll(&over, 1, ms) == 1 && over.revents != 0;
}

bool live_is_over(const struct live_process *process)
{
	struct proc_stat stat;
	struct error gone;
	bool exiting = proc_read_stat(process->pid, &stat, &gone) == 0 &&
		       (stat.flags & PROC_PF_EXITING) != 0;

	return ends_within(process, exiting ? EXIT_MS : 0);
}

int live_check_contained(const struct live_process *process, struct error *err)
{
	return proc_check_contained(process->pid, err);
}

static int look_at_thread(void *ctx, pid_t tid, struct error *err)
{
	struct unconfined *u = ctx;
	struct proc_status status;

	/* A thread that has ended since it was listed needs no filter. */
	if (proc_read_status(u->pid, tid, &status, err) < 0)
		return 0;
	if (status.seccomp != SECCOMP_MODE_FILTER) {
		u->tid = tid;
		u->seen = 0;
	} else if (status.filters >= 0 && status.filters < u->needed) {
		u->tid = tid;
		u->seen = status.filters;
	}
	return 0;
}

/*
 * As long as init has not called execve, it is a process of the runtime, and only its leader will
 * become the container's program: runc loads the profile into that thread alone, and up to 1.1 it
 * runs poststart hooks before the start.
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

/* Those that a container here has anyway; 0 when the kernel does not count them. */
static int inherited_filters(void)
{
	struct proc_status own;
	struct error ignored;

	return proc_read_status(getpid(), 0, &own, &ignored) == 0 && own.filters > 0 ? own.filters
										     : 0;
}

static int too_few(const struct unconfined *u, struct error *err)
{
	if (u->seen == 0)
		return error_set(err, "thread %d of process %d has no seccomp filter", (int)u->tid,
				 (int)u->pid);
	return error_set(err,
			 "thread %d of process %d has %d seccomp filters, and should have %d: what "
			 "was to be loaded is not there",
			 (int)u->tid, (int)u->pid, u->seen, u->needed);
}

int live_verify(const struct live_process *process, int filters, unsigned int timeout_ms,
		struct error *err)
{
	int needed = filters + inherited_filters();
	unsigned int waited = 0;

	for (;;) {
		struct unconfined u = {.pid = process->pid, .needed = needed};
		int looked = look(process->pid, &u, err);

		/*
		 * Asked after looking, so what was seen was the process that the descriptor stands
		 * for.
		 */
		if (live_is_over(process))
			return 0;
		if (looked < 0 || u.tid == 0)
			return looked;
		if (waited >= timeout_ms)
			return too_few(&u, err);
		if (ends_within(process, POLL_MS))
			return 0;
		waited += POLL_MS;
	}
}

int live_kill(const struct live_process *process, struct error *err)
{
	if (syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return error_set(err, "SIGKILL to process %d: %s", (int)process->pid,
				 error_words(errno));
	return 0;
}
