/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Confining a container that a runtime is just creating, from its createRuntime or prestart hook.
 *
 * The runtime has read config.json before hooks run, so what is written there comes too late; but
 * the hook is told the pid of the container's init, which waits for the hook and is still fully
 * privileged. live_inject() seizes it with ptrace and lets the hook return; when init makes its
 * first call that gives up privilege, it is made to load the filter itself and then goes on,
 * untraced. How this works and what was measured: docs/live-injection.md.
 *
 * Order of calls in a hook: live_check_init(), live_inject(), live_init_close(). Needs Linux 5.3
 * (pidfd_open, PTRACE_GET_SYSCALL_INFO).
 *
 * Fail closed: from the first seized thread on, init is killed when the injecting process dies in
 * any way (PTRACE_O_EXITKILL), and killed by that process on anything that it does not expect.
 * Before that the hook fails, and with it the runtime.
 */
#ifndef SECCOMP_GUARD_LIVE_LIVE_H
#define SECCOMP_GUARD_LIVE_LIVE_H

#include "base/base.h"
#include "filter/filter.h"

#include <sys/types.h>

/* The init of a container that is being created. Owned by the caller, given back with
 * live_init_close(). */
struct live_init {
	pid_t pid;
	pid_t runtime; /* the ancestor of the hook that creates the container */
	uint64_t start_time;
	int pidfd;
	char runtime_name[16]; /* what the kernel calls the runtime's process: "runc", "crun" */
};

/*
 * Is `pid`, from an OCI state, the init of a container that a runtime is creating while it waits
 * for this process? Known from the kernel alone, not from names: it has been forked and has not
 * called execve since; it is a child of one of our ancestors, or forked from one (the same
 * executable), so somebody who waits for us made it; it is in other namespaces than we are; nobody
 * traces it. -1 with the condition that does not hold.
 */
int live_check_init(pid_t pid, struct live_init *ret_init, struct error *err);
void live_init_close(struct live_init *init);

/* Is it crun, by its name, that creates this container? It adds nothing to a filter, see enum
 * filter_style. */
bool live_runtime_is_crun(const struct live_init *init);

/* How it ended. */
enum live_outcome {
	LIVE_CONFINED, /* the filter is in place in all threads, and init goes on */
	LIVE_KILLED,   /* init was killed, for the reason given */
	LIVE_DIED, /* init ended by itself before it gave up privilege: there is nothing to confine
		    */
};

struct live_report {
	enum live_outcome outcome;
	const char
		*reason; /* a sentence; for LIVE_CONFINED the call at which the filter was loaded */
	unsigned int stops;   /* ptrace stops of all threads */
	uint64_t duration_us; /* from seizing to the end */
};

struct live_job {
	const struct filter *filter;
	/* Called once, in the injecting process, when it is done; that process ends when the
	 * callback returns. */
	void (*report)(void *ctx, const struct live_report *report);
	void *ctx;
	int keep_fd; /* the one descriptor of the hook that `report` needs; -1: none */
};

/*
 * Start a process of its own that holds none of the hook's descriptors, seizes init and confines it
 * later. Returns 0 when init is seized: whatever happens from here on, it runs none of the
 * container's program without the filter. -1: nothing is seized, or init is about to die; the hook
 * must fail.
 */
int live_inject(const struct live_init *init, const struct live_job *job, struct error *err);

/*
 * A process that a runtime says is a container's, by a descriptor that goes on to mean this process
 * and no other, when its pid is used again. Given back with live_close().
 */
struct live_process {
	pid_t pid;
	int pidfd; /* -1: it is over already */
};

/*
 * Before anything is looked at. Success with pidfd -1 when there is no such process any more: the
 * pid is free, or has been given to one that is younger than the calling process. Fails for what
 * is never a container's: process 1 and the caller.
 */
int live_open(pid_t pid, struct live_process *ret_process, struct error *err);
void live_close(struct live_process *process);

#define CLEANUP_LIVE_PROCESS __attribute__((cleanup(live_close)))
#define LIVE_PROCESS_NONE ((struct live_process){.pidfd = -1})

/* Has it ended? A zombie has. One that is about to is waited for, at most a second. */
bool live_is_over(const struct live_process *process);

/* Is it in a namespace that is not the caller's? -1 when it is not, or when that cannot be told. */
int live_check_contained(const struct live_process *process, struct error *err);

/*
 * For poststart: does every thread have a filter, at the latest after `timeout_ms`, or is the
 * process over? -1 with the thread that has none, or when that cannot be read.
 */
int live_verify(const struct live_process *process, unsigned int timeout_ms, struct error *err);

/* SIGKILL; 0 too when it is dead already. */
int live_kill(const struct live_process *process, struct error *err);

#endif
