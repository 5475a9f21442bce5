/* SPDX-License-Identifier: Apache-2.0 */
#include "live/live-trace.h"

#include "live/live-proc.h"

#include <errno.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

/*
 * A pass that finds a new thread is followed by another. Runtimes have some ten threads, which they
 * make when they start.
 */
#define SEIZE_PASSES 64

#define SYSCALL_STOP (SIGTRAP | 0x80)

static const unsigned long seize_options =
	PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;

/*
 * The calls at which a runtime's init begins to give up the privileges that loading a filter needs,
 * or that show that the container's program is next. runc's finalizeNamespace() and crun's
 * set_required_caps() both begin with PR_CAPBSET_DROP, and go through PR_SET_KEEPCAPS when there is
 * nothing to drop. If the runtime loads a filter too, ours must come first, because that one might
 * forbid to load another.
 *
 * `arg` is compared with argument number `which`. NONZERO asks for anything but 0, because
 * libseccomp and runc probe the kernel with null pointers.
 */
enum match { ANY, EQUAL, NONZERO };

static const struct trigger {
	const char *name;
	uint64_t nr;
	struct {
		enum match match;
		unsigned int which;
		uint64_t arg;
	} when[2];
} triggers[] = {
	{"prctl(PR_CAPBSET_DROP)", SYS_prctl, {{EQUAL, 0, PR_CAPBSET_DROP}}},
	{"prctl(PR_SET_KEEPCAPS)", SYS_prctl, {{EQUAL, 0, PR_SET_KEEPCAPS}, {NONZERO, 1, 0}}},
	{"prctl(PR_SET_SECCOMP)", SYS_prctl, {{EQUAL, 0, PR_SET_SECCOMP}, {NONZERO, 2, 0}}},
	{"seccomp(SECCOMP_SET_MODE_FILTER)",
	 SYS_seccomp,
	 {{EQUAL, 0, SECCOMP_SET_MODE_FILTER}, {NONZERO, 2, 0}}},
	{"capset", SYS_capset, {{ANY, 0, 0}}},
	{"execve", SYS_execve, {{ANY, 0, 0}}},
	{"execveat", SYS_execveat, {{ANY, 0, 0}}},
};

static const struct trigger *find_trigger(const struct __ptrace_syscall_info *info)
{
	for (size_t i = 0; i < ARRAY_SIZE(triggers); i++) {
		bool all = triggers[i].nr == info->entry.nr;

		for (size_t k = 0; all && k < ARRAY_SIZE(triggers[i].when); k++) {
			uint64_t arg = info->entry.args[triggers[i].when[k].which];

			all = triggers[i].when[k].match == ANY ||
			      (triggers[i].when[k].match == NONZERO
				       ? arg != 0
				       : arg == triggers[i].when[k].arg);
		}
		if (all)
			return &triggers[i];
	}
	return NULL;
}

/* Init must not go on: remember why, kill it, and let trace_run() wait for its end. */
static void kill_init(struct trace *t, const struct error *why)
{
	if (t->phase == TRACE_KILL)
		return;
	t->why = *why;
	t->phase = TRACE_KILL;
	/*
	 * ESRCH: it is dead already. After any other failure PTRACE_O_EXITKILL kills it when we
	 * exit.
	 */
	if (syscall(SYS_pidfd_send_signal, t->init->pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		_exit(1);
}

/*
 * Check the result of a ptrace request on a stopped thread. ESRCH means that somebody has killed
 * the thread: waitpid() will tell of its end. Nothing else is expected.
 */
static int traced(struct trace *t, pid_t tid, const char *what, long result)
{
	struct error why;

	if (result >= 0)
		return 0;
	if (errno != ESRCH) {
		error_set(&why, "%s of thread %d: %s", what, (int)tid, error_words(errno));
		kill_init(t, &why);
	}
	return -1;
}

static void resume(struct trace *t, pid_t tid, int signal_number)
{
	bool leader = tid == t->init->pid;

	if (t->phase == TRACE_RELEASE)
		traced(t, tid, "PTRACE_DETACH", ptrace(PTRACE_DETACH, tid, 0, (long)signal_number));
	else
		traced(t, tid, "continuing",
		       ptrace(leader ? PTRACE_SYSCALL : PTRACE_CONT, tid, 0, (long)signal_number));
}

/* --- seizing --- */

/* Of more threads, some are asked for by /proc in each pass. */
#define SEIZED_MAX 64

struct seizing {
	pid_t pid;
	unsigned int new_threads;
	unsigned int n_seized; /* of them the first SEIZED_MAX are in `seized` */
	pid_t seized[SEIZED_MAX];
};

static bool is_seized(const struct seizing *s, pid_t tid)
{
	for (unsigned int i = 0; i < s->n_seized && i < SEIZED_MAX; i++)
		if (s->seized[i] == tid)
			return true;
	return false;
}

static int seize_thread(struct seizing *s, pid_t tid, unsigned long options, struct error *err)
{
	struct proc_status status;
	int why;

	if (ptrace(PTRACE_SEIZE, tid, 0, options) == 0) {
		if (s->n_seized < SEIZED_MAX)
			s->seized[s->n_seized++] = tid;
		s->new_threads++;
		return 0;
	}
	why = errno;
	/* Traced already, by us. */
	if (why == EPERM && is_seized(s, tid))
		return 0;
	if (why == ESRCH || proc_read_status(s->pid, tid, &status, err) < 0)
		return tid == s->pid ? error_set(err, "process %d is gone", (int)tid) : 0;
	if (status.tracer == getpid())
		return 0; /* seized in an earlier pass, or made by a seized thread */
	if (status.tracer > 0)
		return error_set(err, "thread %d of process %d is traced by process %d", (int)tid,
				 (int)s->pid, (int)status.tracer);
	return error_set(err, "PTRACE_SEIZE of thread %d of process %d: %s%s", (int)tid,
			 (int)s->pid, error_words(why),
			 why == EPERM
				 ? " (no CAP_SYS_PTRACE over it, or kernel.yama.ptrace_scope is 3)"
				 : "");
}

static int seize_with_options(void *ctx, pid_t tid, struct error *err)
{
	return seize_thread(ctx, tid, seize_options, err);
}

/*
 * Seize the leader and stop it once. PTRACE_O_EXITKILL is not set yet: if the pid now belongs to
 * another process than the one that was checked, nothing may happen to that process. Init cannot go
 * on meanwhile, because the hook has not returned.
 */
static int stop_leader(struct trace *t, struct seizing *s, struct error *err)
{
	struct proc_stat stat;
	int status;

	if (seize_thread(s, s->pid, 0, err) < 0)
		return -1;
	if (ptrace(PTRACE_INTERRUPT, s->pid, 0, 0) < 0)
		return error_set(err, "PTRACE_INTERRUPT of process %d: %s", (int)s->pid,
				 error_words(errno));
	for (;;) {
		pid_t tid = waitpid(s->pid, &status, __WALL);

		if (tid < 0 && errno == EINTR)
			continue;
		if (tid < 0 || !WIFSTOPPED(status))
			return error_set(err, "process %d ended while it was being seized",
					 (int)s->pid);
		t->stops++;
		if (status >> 16 == PTRACE_EVENT_STOP)
			break;
		if (ptrace(PTRACE_CONT, s->pid, 0, (long)WSTOPSIG(status)) < 0)
			return error_set(err, "PTRACE_CONT of process %d: %s", (int)s->pid,
					 error_words(errno));
	}
	if (proc_read_stat(s->pid, &stat, err) < 0)
		return -1;
	if (stat.start_time != t->init->start_time || (stat.flags & PROC_PF_FORKNOEXEC) == 0)
		return error_set(err, "process %d is no longer the one that was to be seized",
				 (int)s->pid);
	return 0;
}

int trace_seize(struct trace *t, struct error *err)
{
	struct seizing s = {.pid = t->init->pid};
	int passes = 0;

	if (stop_leader(t, &s, err) < 0)
		return -1;
	if (ptrace(PTRACE_SETOPTIONS, s.pid, 0, seize_options) < 0)
		return error_set(err, "PTRACE_SETOPTIONS of process %d: %s", (int)s.pid,
				 error_words(errno));
	do {
		if (passes++ == SEIZE_PASSES)
			return error_set(err,
					 "process %d makes threads faster than they can be seized",
					 (int)s.pid);
		s.new_threads = 0;
		if (proc_each_thread(s.pid, seize_with_options, &s, err) < 0)
			return -1;
	} while (s.new_threads > 0);
	if (ptrace(PTRACE_SYSCALL, s.pid, 0, 0) < 0)
		return error_set(err, "PTRACE_SYSCALL of process %d: %s", (int)s.pid,
				 error_words(errno));
	t->phase = TRACE_WATCH;
	return 0;
}

/* --- making init load the filter --- */

/*
 * The area in init's memory holds the program header that seccomp(2) takes, then the instructions.
 */
static size_t area_size(const struct program *program)
{
	return sizeof(struct sock_fprog) + program->n_insns * sizeof(struct sock_filter);
}

static int write_filter(const struct trace *t, uint64_t area)
{
	struct sock_fprog prog = {t->program->n_insns, NULL};
	uint64_t insns = area + sizeof(prog);
	struct iovec local[] = {{&prog, sizeof(prog)},
				{(void *)(uintptr_t)t->program->insns,
				 t->program->n_insns * sizeof(*t->program->insns)}};
	struct iovec remote = {(void *)(uintptr_t)area, area_size(t->program)};

	memcpy(&prog.filter, &insns, sizeof(prog.filter));
	return process_vm_writev(t->init->pid, local, 2, &remote, 1, 0) == (ssize_t)remote.iov_len
		       ? 0
		       : -1;
}

/* Begin at the entry stop of the call that gives up privilege. */
static void begin(struct trace *t, const struct trigger *trigger)
{
	struct live_call map = {SYS_mmap,
				{0, area_size(t->program), PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, UINT64_MAX, 0}};
	uint64_t all = UINT64_MAX;
	pid_t pid = t->init->pid;

	t->at = trigger->name;
	if (traced(t, pid, "reading registers", live_arch_get(pid, &t->entry)) < 0 ||
	    traced(t, pid, "PTRACE_GETSIGMASK",
		   ptrace(PTRACE_GETSIGMASK, pid, sizeof(all), &t->sigmask)) < 0 ||
	    /* A signal handler must not run between our calls: Go's runtime interrupts its threads
	       with SIGURG. */
	    traced(t, pid, "PTRACE_SETSIGMASK", ptrace(PTRACE_SETSIGMASK, pid, sizeof(all), &all)) <
		    0 ||
	    traced(t, pid, "writing registers", live_arch_replace(pid, &t->entry, &map)) < 0)
		return;
	t->phase = TRACE_MAP;
	resume(t, pid, 0);
}

static void mapped(struct trace *t, int64_t result)
{
	struct live_call load = {SYS_seccomp,
				 {SECCOMP_SET_MODE_FILTER,
				  SECCOMP_FILTER_FLAG_TSYNC | t->program->flags, (uint64_t)result}};
	pid_t pid = t->init->pid;
	struct error why;

	if (result < 0) {
		error_set(&why, "mmap in the container's init: %s", error_words((int)-result));
		kill_init(t, &why);
		return;
	}
	if (traced(t, pid, "writing the filter to the memory", write_filter(t, (uint64_t)result)) <
		    0 ||
	    traced(t, pid, "writing registers", live_arch_again(pid, &t->entry, &load)) < 0)
		return;
	t->phase = TRACE_ENTER;
	resume(t, pid, 0);
}

/*
 * The kernel's own ENOTSUPP, which it hands out untranslated when the memory for compiled programs
 * is full and it has no interpreter (CONFIG_BPF_JIT_ALWAYS_ON).
 */
#define KERNEL_ENOTSUPP 524

/* Why the kernel did not take the filter. */
static void explain_refusal(int why, struct error *err)
{
	static const char limit_path[] = "/proc/sys/net/core/bpf_jit_limit";
	char limit[24] = "?";
	FILE *file;

	if (why != KERNEL_ENOTSUPP) {
		error_set(err, "seccomp(SECCOMP_SET_MODE_FILTER) in the container's init: %s",
			  error_words(why));
		return;
	}
	file = fopen(limit_path, "re");
	if (file != NULL) {
		if (fscanf(file, "%23[0-9]", limit) != 1)
			strcpy(limit, "?");
		fclose(file);
	}
	error_set(err,
		  "the kernel has no room for another compiled filter (errno 524): "
		  "net.core.bpf_jit_limit is %s bytes, shared by all containers; raise it",
		  limit);
}

static int release_thread(void *ctx, pid_t tid, struct error *err)
{
	struct trace *t = ctx;

	(void)err;
	/* A thread that is not traced, or that is gone, needs no letting go. */
	if (tid != t->init->pid)
		(void)ptrace(PTRACE_INTERRUPT, tid, 0, 0);
	return 0;
}

/*
 * seccomp(2) has returned in init. The area stays mapped until execve, because munmap would be the
 * first call under the filter, and the filter may answer it with death.
 */
static void loaded(struct trace *t, int64_t result)
{
	pid_t pid = t->init->pid;
	struct error why;

	if (result != 0) {
		if (result > 0)
			error_set(&why,
				  "thread %lld of the container's init has a filter of its own",
				  (long long)result);
		else
			explain_refusal((int)-result, &why);
		kill_init(t, &why);
		return;
	}
	if (traced(t, pid, "writing registers", live_arch_again(pid, &t->entry, NULL)) < 0 ||
	    traced(t, pid, "PTRACE_SETSIGMASK",
		   ptrace(PTRACE_SETSIGMASK, pid, sizeof(t->sigmask), &t->sigmask)) < 0)
		return;
	t->phase = TRACE_RELEASE;
	resume(t, pid, 0);
	/* A thread that is not listed has ended, or is let go when we exit. */
	(void)proc_each_thread(pid, release_thread, t, &why);
}

static void syscall_stop(struct trace *t)
{
	struct __ptrace_syscall_info info = {0};
	const struct trigger *trigger = NULL;
	pid_t pid = t->init->pid;
	struct error why;

	/*
	 * The stop after one at the entry of a call is at its end (ptrace(2), "Syscall-stops"). If
	 * that did not hold, a call would be passed over, and init killed at execve at the latest.
	 */
	if (t->phase == TRACE_WATCH && t->in_call) {
		t->in_call = false;
		resume(t, pid, 0);
		return;
	}
	if (traced(t, pid, "PTRACE_GET_SYSCALL_INFO",
		   ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info)) < 0)
		return;
	if (info.arch != live_arch_audit) {
		error_set(&why, "the container's init made a call of another ABI (0x%x)",
			  info.arch);
		kill_init(t, &why);
		return;
	}
	if (t->phase == TRACE_WATCH && info.op == PTRACE_SYSCALL_INFO_ENTRY)
		trigger = find_trigger(&info);
	if (trigger != NULL) {
		begin(t, trigger);
	} else if (t->phase == TRACE_WATCH) {
		t->in_call = info.op == PTRACE_SYSCALL_INFO_ENTRY;
		resume(t, pid, 0);
	} else if (t->phase == TRACE_MAP && info.op == PTRACE_SYSCALL_INFO_EXIT) {
		mapped(t, info.exit.rval);
	} else if (t->phase == TRACE_ENTER && info.op == PTRACE_SYSCALL_INFO_ENTRY &&
		   info.entry.nr == SYS_seccomp) {
		t->phase = TRACE_LOAD;
		resume(t, pid, 0);
	} else if (t->phase == TRACE_LOAD && info.op == PTRACE_SYSCALL_INFO_EXIT) {
		loaded(t, info.exit.rval);
	} else {
		error_set(&why,
			  "unexpected stop of the container's init (phase %d, kind %d, call %llu)",
			  (int)t->phase, (int)info.op, (unsigned long long)info.entry.nr);
		kill_init(t, &why);
	}
}

/* --- the loop --- */

/*
 * The first stop of a thread, or a stop of all threads by SIGSTOP and the like. PTRACE_O_TRACECLONE
 * attaches a process, and not a thread, only after a clone(2) with another exit signal than
 * SIGCHLD; that process is not ours.
 */
static void event_stop(struct trace *t, pid_t tid, int signal_number)
{
	bool group_stop = signal_number == SIGSTOP || signal_number == SIGTSTP ||
			  signal_number == SIGTTIN || signal_number == SIGTTOU;
	struct proc_status status = {0};
	struct error why;

	if (group_stop && t->phase != TRACE_RELEASE)
		traced(t, tid, "PTRACE_LISTEN", ptrace(PTRACE_LISTEN, tid, 0, 0));
	else if (tid != t->init->pid && proc_read_status(tid, 0, &status, &why) == 0 &&
		 status.tgid != t->init->pid)
		traced(t, tid, "PTRACE_DETACH", ptrace(PTRACE_DETACH, tid, 0, 0));
	else
		resume(t, tid, 0);
}

static void stopped(struct trace *t, pid_t tid, int status)
{
	int signal_number = WSTOPSIG(status), event = status >> 16;
	struct error why;

	t->stops++;
	if (t->phase == TRACE_KILL) {
		/* SIGKILL will reach every thread: nothing to do but wait. */
	} else if (event == PTRACE_EVENT_EXEC && t->phase != TRACE_RELEASE) {
		error_set(
			&why,
			"the container's program was about to run before the filter was in place");
		kill_init(t, &why);
	} else if (event == PTRACE_EVENT_STOP) {
		event_stop(t, tid, signal_number);
	} else if (event != 0) {
		resume(t, tid, 0);
	} else if (signal_number != SYSCALL_STOP) {
		resume(t, tid, signal_number);
	} else if (tid == t->init->pid) {
		syscall_stop(t);
	} else {
		resume(t, tid, 0);
	}
}

enum live_outcome trace_run(struct trace *t)
{
	int status;

	for (;;) {
		pid_t tid = waitpid(-1, &status, __WALL);

		if (tid < 0 && errno == EINTR)
			continue;
		/* ECHILD: nothing is traced any more. */
		if (tid < 0)
			break;
		if (WIFSTOPPED(status))
			stopped(t, tid, status);
	}
	if (t->phase == TRACE_KILL)
		return LIVE_KILLED;
	return t->phase == TRACE_RELEASE ? LIVE_CONFINED : LIVE_DIED;
}
