/* SPDX-License-Identifier: Apache-2.0 */
/* The processes of this machine as /proc shows them: read only, so that none is disturbed. */
#ifndef SECCOMP_GUARD_NODE_PROCESS_H
#define SECCOMP_GUARD_NODE_PROCESS_H

#include "base/base.h"

#include <sys/types.h>

struct process {
	pid_t pid;
	char comm[64];  /* its name, which it chose itself */
	uint64_t start; /* in clock ticks since boot */
	bool zombie;    /* it runs nothing any more */
	pid_t tid;      /* a thread that goes on: the first may have ended; 0: there is none */
	/* Of the thread that has least. */
	unsigned int seccomp; /* SECCOMP_MODE_* */
	unsigned int filters; /* 0 also where the kernel does not tell (before 5.9) */
	bool no_new_privs;
	uint64_t bounding;    /* its bounding set of capabilities, as bits */
	struct span cgroup;   /* /proc/PID/cgroup, with a newline before it */
	struct process *next; /* for the owner's lists */
};

/*
 * All processes that are in a control group other than the root of each hierarchy, in ascending
 * order of PID. They live in `keep`. One that ends while it is read is left out.
 */
int process_list(struct arena *keep, struct process **ret_list, struct error *err);

/* Fill in *process, whose pid is set, but for its control group. False: there is none. */
bool process_read(struct process *process);

/* Read *process again. False: it is gone, or its PID is another's. */
bool process_refresh(struct process *process);

/* Seconds since it was started. */
uint64_t process_age(const struct process *process);

/* When it was started, in milliseconds since the epoch by the clock as it is set now. */
int64_t process_started_ms(const struct process *process);

#endif
