/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Confine a container that a runtime is just creating, from its createRuntime or prestart hook.
 *
 * The runtime has read config.json before hooks run, so it is too late to change the file. But the
 * hook is told the pid of the container's init, which waits for the hook and still has all
 * privileges. live_inject() seizes init with ptrace and lets the hook return. When init makes its
 * first call that gives up privilege, it is made to load the filter itself, and then goes on
 * untraced. docs/live-injection.md says how this works and what was measured.
 *
 * Order of calls in a hook: live_check_init(), live_inject(), live_init_close(). Needs Linux 5.3
 * (pidfd_open, PTRACE_GET_SYSCALL_INFO).
 *
 * Fail closed: from the first seized thread on, init is killed when the injecting process dies in
 * any way (PTRACE_O_EXITKILL), and that process kills it on anything that it does not expect.
 * Before that the hook fails, and with it the runtime.
 */
#ifndef SECCOMP_GUARD_LIVE_LIVE_H
#define SECCOMP_GUARD_LIVE_LIVE_H

#include "base/base.h"
#include "program/program.h"

#include <sys/types.h>

/*
 * The init of a container that is being created. The caller owns it, and ends with
 * live_init_close().
 */
struct live_init {
	pid_t pid;
	pid_t runtime; /* the ancestor of the hook that creates the container */
	uint64_t start_time;
	enum abi abi; /* the machine's own, which runtimes are built for */
	int pidfd;
	char runtime_name[16]; /* the name of the runtime's process in the kernel: "runc", "crun" */
};

/*
 * Is `pid`, from an OCI state, the init of a container that a runtime creates while it waits for
 * this process? The kernel answers, names do not count:
 *
 * It was forked and has not called execve since. It is a child of one of our ancestors, or was
 * forked from one (it has the same executable), so somebody who waits for us made it. It is in
 * other namespaces than we are. Nobody traces it.
 *
 * -1 with the condition that does not hold.
 */
int live_check_init(pid_t pid, struct live_init *ret_init, struct error *err);
void live_init_close(struct live_init *init);

/*
 * Does crun create this container, by the name of its process? It makes another filter of some
 * profiles, see enum model_runtime.
 */
bool live_runtime_is_crun(const struct live_init *init);

/* How it ended. */
enum live_outcome {
	LIVE_CONFINED, /* the filter is in place in all threads, and init goes on */
	LIVE_KILLED,   /* init was killed, for the reason given */
	LIVE_DIED,     /* init ended by itself before it gave up privilege, so nothing is left to
			  confine */
};

struct live_report {
	enum live_outcome outcome;
	const char *reason;   /* a sentence; for LIVE_CONFINED the name of the call at which the
				 filter was loaded */
	unsigned int stops;   /* ptrace stops of all threads */
	uint64_t duration_us; /* from seizing to the end */
};

struct live_job {
	const struct program *program;
	/* Called once at the end, in the injecting process, which exits when this returns. */
	void (*report)(void *ctx, const struct live_report *report);
	void *ctx;
	int keep_fd; /* the one descriptor of the hook that `report` needs, or -1 */
};

/*
 * Start a process that holds none of the hook's descriptors, seizes init, and confines it later.
 * Returns 0 when init is seized: whatever happens then, it runs none of the container's program
 * without the filter. -1: nothing is seized, or init is about to die; the hook must fail.
 */
int live_inject(const struct live_init *init, const struct live_job *job, struct error *err);

/* Does the kernel know what the program answers? It would take the program, and kill at the answer.
 */
int live_check_program(const struct program *program, struct error *err);

/*
 * A process that a runtime calls a container's, with a descriptor that stands for this process even
 * when its pid is used again. Ends with live_close().
 */
struct live_process {
	pid_t pid;
	int pidfd; /* -1: it has ended already */
};

/*
 * Open it before anything else is asked about it. Succeeds with pidfd -1 when the process has
 * ended: when its pid is free, or belongs to a process that is younger than the caller. Fails for
 * process 1 and for the caller, which are never containers.
 */
int live_open(pid_t pid, struct live_process *ret_process, struct error *err);
void live_close(struct live_process *process);

#define CLEANUP_LIVE_PROCESS __attribute__((cleanup(live_close)))
#define LIVE_PROCESS_NONE ((struct live_process){.pidfd = -1})

/* Has it ended? A zombie has. A process that is exiting is waited for, at most a second. */
bool live_is_over(const struct live_process *process);

/* Is it in a namespace that is not the caller's? -1 when it is not, or when that cannot be read. */
int live_check_contained(const struct live_process *process, struct error *err);

/*
 * For poststart: does every thread have a filter, or get one within `timeout_ms`? Where the kernel
 * counts them it must have `filters` of them beside those that this process has, too, from what
 * starts containers here. A process that has ended needs none. -1 with a thread that has too few,
 * or when that cannot be read.
 *
 * What the filters say is not asked: that would take stopping the process (ptrace), which programs
 * notice by calls that end early.
 */
int live_verify(const struct live_process *process, int filters, unsigned int timeout_ms,
		struct error *err);

/* Send SIGKILL. Succeeds when it is dead already. */
int live_kill(const struct live_process *process, struct error *err);

#endif
