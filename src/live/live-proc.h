/* SPDX-License-Identifier: Apache-2.0 */
/* What proc(5) says about processes and threads. */
#ifndef SECCOMP_GUARD_LIVE_LIVE_PROC_H
#define SECCOMP_GUARD_LIVE_LIVE_PROC_H

#include "base/base.h"

#include <sys/types.h>

struct proc_stat {
	char name[16];
	char state;         /* of the first thread: R, S, D, Z, X, t, ... */
	pid_t parent;       /* 0: its pid namespace is not ours */
	unsigned int flags; /* PF_* of the kernel's include/linux/sched.h */
	unsigned int n_threads;
	uint64_t start_time; /* clock ticks since boot; pid and start time together name one process
			      */
};

/*
 * Not in the kernel's headers for user space. FORKNOEXEC: the process was forked and has not called
 * execve since.
 */
#define PROC_PF_EXITING 0x00000004u
#define PROC_PF_FORKNOEXEC 0x00000040u
#define PROC_PF_KTHREAD 0x00200000u

/* Read /proc/PID/stat. -1 with the reason; ret_stat is then unchanged. */
int proc_read_stat(pid_t pid, struct proc_stat *ret_stat, struct error *err);

/* Has all of the process ended? Not when only its first thread has, as after pthread_exit(3). */
bool proc_is_over(const struct proc_stat *stat);

/*
 * Read /proc/PID/task/TID/status (tid 0: of the process itself). A field is -1 where the kernel
 * prints no such line.
 */
struct proc_status {
	char state; /* of the thread, as in proc_stat; 0: not told */
	pid_t tgid;
	pid_t tracer;
	int seccomp; /* 0, 1 strict, 2 filter */
	int filters; /* how many, inherited ones too; since Linux 5.9 */
	int no_new_privs;
};

int proc_read_status(pid_t pid, pid_t tid, struct proc_status *ret_status, struct error *err);

/* Is this the state of a thread that has ended? Others of its process may go on. */
bool proc_has_ended(char state);

/*
 * Is `pid` in a namespace that is not the caller's? Every container is, if only in a mount
 * namespace. -1 when it is not, or when that cannot be read.
 */
int proc_check_contained(pid_t pid, struct error *err);

/*
 * Call `each` with the id of every thread of `pid`. Stops with -1 when `each` returns -1 or the
 * threads cannot be listed.
 */
int proc_each_thread(pid_t pid, int (*each)(void *ctx, pid_t tid, struct error *err), void *ctx,
		     struct error *err);

#endif
