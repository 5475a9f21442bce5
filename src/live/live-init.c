/* SPDX-License-Identifier: Apache-2.0 */
/* Tell a container's init that waits in a create from every other process. */
#include "live/live-arch.h"
#include "live/live-proc.h"
#include "live/live.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* Hook, script, runtime, monitor, service manager: a real chain has fewer than ten ancestors. */
#define MAX_ANCESTORS 64

/* Compare by file, not by path: runtimes run from copies of themselves that no longer have one. */
static bool same_executable(pid_t a, pid_t b)
{
	char path[64];
	struct stat sa, sb;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)a);
	if (stat(path, &sa) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)b);
	return stat(path, &sb) == 0 && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

/*
 * Returns the ancestor of this process that made `pid`, or 0.
 *
 * As a rule it is the parent of `pid`. But where crun joins a pid namespace it forks twice, and
 * when the process between has ended, init is adopted by a process above the runtime, perhaps by
 * process 1. Then the runtime is the ancestor below the adopter that has init's own executable,
 * because no execve lies between them.
 */
static pid_t find_runtime(pid_t pid, pid_t parent)
{
	pid_t at = getppid(), made = 0;
	struct proc_stat stat;
	struct error ignored;

	for (int i = 0; i < MAX_ANCESTORS && at > 1; i++) {
		if (at == pid)
			return 0;
		if (made == 0 && same_executable(at, pid))
			made = at;
		if (at == parent)
			return made ? made : at;
		if (proc_read_stat(at, &stat, &ignored) < 0)
			return 0;
		at = stat.parent;
	}
	return parent == 1 && at == 1 ? made : 0;
}

static int check(struct live_init *init, struct error *err)
{
	int pid = (int)init->pid;
	struct proc_status status;
	struct proc_stat stat, runtime;

	if (proc_read_stat(init->pid, &stat, err) < 0)
		return error_set(err, "process %d is gone", pid);
	if (stat.state == 'Z' || stat.state == 'X')
		return error_set(err, "process %d is dead", pid);
	if (stat.flags & PROC_PF_KTHREAD)
		return error_set(err, "process %d belongs to the kernel", pid);
	if ((stat.flags & PROC_PF_FORKNOEXEC) == 0)
		return error_set(err, "process %d is not a container's init: it has called execve",
				 pid);
	init->runtime = find_runtime(init->pid, stat.parent);
	if (init->runtime == 0)
		return error_set(err,
				 "process %d is not a container's init: no process that waits for "
				 "this hook made it",
				 pid);
	if (proc_read_stat(init->runtime, &runtime, err) < 0)
		return -1;
	memcpy(init->runtime_name, runtime.name, sizeof(runtime.name));
	if (proc_check_contained(init->pid, err) < 0)
		return -1;
	if (proc_read_status(init->pid, 0, &status, err) < 0)
		return -1;
	if (status.tracer > 0)
		return error_set(err, "process %d is traced by process %d already", pid,
				 (int)status.tracer);
	init->start_time = stat.start_time;
	return abi_from_audit(live_arch_audit, 0, &init->abi);
}

int live_check_init(pid_t pid, struct live_init *ret_init, struct error *err)
{
	struct live_init init = {.pid = pid, .pidfd = -1};
	int checked;

	if (pid <= 1 || pid == getpid())
		return error_set(err, "process %d cannot be a container's init", (int)pid);
	/* Opened first, so that everything below is about the process that it stands for. */
	init.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (init.pidfd < 0)
		return error_set(err, "pidfd_open of process %d: %s", (int)pid, error_words(errno));
	checked = check(&init, err);
	/*
	 * Still alive: then all that was read is about this process, not about a later one with its
	 * pid.
	 */
	if (checked == 0 && syscall(SYS_pidfd_send_signal, init.pidfd, 0, NULL, 0) < 0)
		checked = error_set(err, "process %d is gone", (int)pid);
	if (checked < 0) {
		close(init.pidfd);
		return -1;
	}
	*ret_init = init;
	return 0;
}

void live_init_close(struct live_init *init)
{
	cleanup_fd(&init->pidfd);
	init->pidfd = -1;
}

bool live_runtime_is_crun(const struct live_init *init)
{
	return strncmp(init->runtime_name, "crun", 4) == 0;
}
