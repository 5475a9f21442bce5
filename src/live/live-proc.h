/* SPDX-License-Identifier: Apache-2.0 */
/* What proc(5) says about processes and threads. */
#ifndef SECCOMP_GUARD_LIVE_LIVE_PROC_H
#define SECCOMP_GUARD_LIVE_LIVE_PROC_H

#include "base/base.h"

#include <sys/types.h>

struct proc_stat {
	char name[16];
	char state;         /* R, S, D, Z, X, t, ... */
	pid_t parent;       /* 0: in no namespace that we see */
	unsigned int flags; /* PF_* of the kernel's include/linux/sched.h */
	unsigned int n_threads;
	uint64_t start_time; /* clock ticks since boot; with the pid it names a process for good */
};

/* Not in the kernel's headers for user space. FORKNOEXEC: has not called execve since it was
 * forked. */
#define PROC_PF_EXITING 0x00000004u
#define PROC_PF_FORKNOEXEC 0x00000040u
#define PROC_PF_KTHREAD 0x00200000u

/* From /proc/PID/stat. -1 with errno in the text; ret_stat stays as it was. */
int proc_read_stat(pid_t pid, struct proc_stat *ret_stat, struct error *err);

/* From /proc/PID/task/TID/status (tid 0: the process itself): -1 where the kernel prints no such
 * line. */
struct proc_status {
	pid_t tgid;
	pid_t tracer;
	int seccomp; /* 0, 1 strict, 2 filter */
	int no_new_privs;
};

int proc_read_status(pid_t pid, pid_t tid, struct proc_status *ret_status, struct error *err);

/*
 * A container has a namespace of its own, be it only that of mounts: is `pid` in one that is not
 * the caller's? -1 when it is not, or when that cannot be told.
 */
int proc_check_contained(pid_t pid, struct error *err);

/*
 * Call `each` with the id of every thread of `pid`. Stops with -1 when `each` returns -1 or the
 * threads cannot be listed.
 */
int proc_each_thread(pid_t pid, int (*each)(void *ctx, pid_t tid, struct error *err), void *ctx,
		     struct error *err);

#endif
