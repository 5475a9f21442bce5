/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Having a process that runs load a filter: it is stopped for less than a millisecond, made to call
 * seccomp(2) itself, and goes on as if nothing had been. docs/confine.md says how and what was
 * measured.
 *
 * The calling process traces. Whatever kills it, at whatever moment: the kernel lets go what it
 * traced, and code that was left in the process repairs its registers (inject-arch.h). So it is
 * best a process of its own, that ends when all is done: what did not stop in time is let go only
 * then. It must block SIGCHLD, and must not have a filter itself.
 */
#ifndef SECCOMP_GUARD_LIVE_INJECT_H
#define SECCOMP_GUARD_LIVE_INJECT_H

#include "base/base.h"
#include "program/program.h"

#include <sys/types.h>

enum inject_outcome {
	INJECT_DONE,    /* every thread has the filter now */
	INJECT_HAD_IT,  /* every thread had it */
	INJECT_OVER,    /* the process has ended, or is a zombie */
	INJECT_AGAIN,   /* it changed meanwhile, or does not stop: ask again later */
	INJECT_REFUSED, /* cannot be done, for the reason given; the process is as it was */
};

struct inject_job {
	const struct program *program;
	bool no_new_privs; /* may be set, where a process may load no filter without */
};

/* A process. The first three are the caller's; the rest is kept for INJECT_AGAIN, and 0 at first.
 */
struct inject_target {
	pid_t pid;
	uint64_t start;       /* in clock ticks since boot: with the pid names one process */
	unsigned int filters; /* that every thread has at least */
	pid_t tid;            /* the thread that is traced; 0: none */
};

#define INJECT_WHY_SIZE 200

struct inject_result {
	enum inject_outcome outcome;
	char why[INJECT_WHY_SIZE]; /* INJECT_REFUSED, INJECT_AGAIN */
	bool set_no_new_privs;     /* it is set now and was not */
	uint64_t stopped_ns;       /* the time for which a thread was stopped, at most */
};

/* How long a thread may take to stop before others have their turn. */
#define INJECT_STOP_MS 30

/* Do it, or tell why not. Waits for the stop at most `wait_ms`. */
void inject(struct inject_target *target, const struct inject_job *job, unsigned int wait_ms,
	    struct inject_result *ret_result);

/*
 * The same where nothing may move: all threads are traced before the first one is made to do
 * anything. inject_hold() is called for each while they are frozen, inject_held() for each process
 * after they are thawed: it takes those of `tids` that are the target's. -1 with errno where a
 * thread cannot be traced.
 */
int inject_hold(pid_t tid);
void inject_held(struct inject_target *target, const pid_t *tids, size_t n,
		 const struct inject_job *job, struct inject_result *ret_result);

/* What can be told of a process without stopping it. */
struct inject_outlook {
	bool possible;
	bool needs_no_new_privs;   /* only with that it may load a filter */
	char why[INJECT_WHY_SIZE]; /* not possible, or "" */
};

void inject_look(const struct inject_target *target, const struct inject_job *job,
		 struct inject_outlook *ret_outlook);

/* Can it be done here at all: by this build, and with this program (NULL: any) by this kernel? */
int inject_check(const struct program *program, struct error *err);

#endif
