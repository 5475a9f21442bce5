/* SPDX-License-Identifier: Apache-2.0 */
#include "live/inject-session.h"

#include "live/interrupted.h"
#include "live/live-proc.h"
#include "syscall/abi.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#define SYSCALL_STOP (SIGTRAP | 0x80)

/* A call of ours is made in microseconds, but for the kernel's checking of a long program. */
#define CALL_MS 2000

/* In a storm of signals each step may have to begin anew. */
#define TRIES 10000

/* Threads of one process that are looked at for the best one. */
#define LOOKED_AT 32

/* Linux 5.13; uapi/linux/ptrace.h. */
#define GET_RSEQ_CONFIGURATION 0x420f
struct rseq_configuration {
	uint64_t address;
	uint32_t size, signature, flags, pad;
};
#define RSEQ_CS_OFFSET 8

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

void session_begin(struct session *s, pid_t pid, pid_t tid, const struct inject_job *job)
{
	*s = (struct session){.pid = pid, .tid = tid, .job = job, .filters = -1, .doing = ""};
	s->regs.waited.nr = -1;
	s->since = now_ns();
}

/* ---- choosing a thread ---- */

void inject_name_call(uint32_t audit, int nr, char *why)
{
	struct span name = {0};
	enum abi abi;

	if (abi_from_audit(audit, nr, &abi) == 0)
		for (int call = 0; call < SYSCALL_COUNT; call++)
			if (abi_number(abi, call) == nr)
				name = syscall_name(call);
	if (name.n > 0)
		snprintf(why, INJECT_WHY_SIZE, "it waits in %.*s, which the profile denies",
			 SPAN_ARG(name));
	else
		snprintf(why, INJECT_WHY_SIZE, "it waits in call %d, which the profile denies", nr);
}

static ssize_t read_task(const struct session *s, pid_t tid, const char *file, char *text,
			 size_t size)
{
	char path[80];
	CLEANUP_FD int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", (int)s->pid, (int)tid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, size - 1);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

/* Asked of a thread, as one that has ended, and so the directory of a process whose first thread
 * has, shows neither program nor memory. */
static bool is_narrow(const struct session *s, pid_t tid)
{
	char head[6];

	/* ELFCLASS32 */
	return read_task(s, tid, "exe", head, sizeof(head)) == sizeof(head) - 1 && head[4] == 1;
}

/* The thread `tid`, with what it waits in to *ret_waits. */
static enum session_rank rank_of(const struct session *s, pid_t tid, bool narrow,
				 struct seccomp_data *ret_waits)
{
	const struct program *program = s->job->program;
	struct inject_regs regs = {.narrow = narrow};
	char text[512];
	const char *state = NULL;

	/* The state is behind the name, which may hold anything. */
	if (read_task(s, tid, "stat", text, sizeof(text)) > 0)
		state = strrchr(text, ')');
	if (state != NULL && strncmp(state, ") D", 3) == 0)
		return RANK_SLEEPS;
	if (state != NULL && state[1] != '\0' && proc_has_ended(state[2]))
		return RANK_ENDED;
	if (!waited_read(s->pid, tid, &regs.waited))
		return RANK_RUNS;
	*ret_waits =
		(struct seccomp_data){.nr = (int)regs.waited.nr, .arch = inject_arch_audit(&regs)};
	for (int i = 0; i < 6; i++)
		ret_waits->args[i] = regs.waited.args[i];
	if (!program_lets_run(program_run(program->insns, program->n_insns, ret_waits)))
		return RANK_DENIED;
	return interrupted_is_one(narrow, (unsigned int)regs.waited.nr) ? RANK_CUT_SHORT
									: RANK_WAITS;
}

struct choice {
	struct session *s;
	bool narrow;
	unsigned int n;
};

static int consider(void *ctx, pid_t tid, struct error *err)
{
	struct choice *c = ctx;
	struct seccomp_data waits = {0};
	enum session_rank rank;

	if (c->n == 0)
		c->narrow = is_narrow(c->s, tid);
	rank = rank_of(c->s, tid, c->narrow, &waits);
	if (rank == RANK_ENDED)
		return 0;
	if (c->n == 0 || rank < c->s->rank) {
		c->s->rank = rank;
		c->s->tid = tid;
		c->s->waits = waits;
	}
	c->n++;
	if (c->s->rank == RANK_WAITS || c->n == LOOKED_AT)
		return error_set(err, "enough");
	return 0;
}

void session_choose(struct session *s)
{
	struct choice choice = {.s = s};
	struct error ignored;

	s->tid = s->pid;
	s->rank = RANK_RUNS;
	(void)proc_each_thread(s->pid, consider, &choice, &ignored);
}

/* A set in a status file, of capabilities or signals, or 0. */
static uint64_t bits_of(const char *status, const char *key)
{
	const char *at = strstr(status, key);

	return at != NULL ? strtoull(at + strlen(key), NULL, 16) : 0;
}

bool session_may_load(const struct session *s)
{
	uint64_t admin = UINT64_C(1) << CAP_SYS_ADMIN;
	char status[4096];

	if (read_task(s, s->tid, "status", status, sizeof(status)) <= 0)
		return true;
	return strstr(status, "\nNoNewPrivs:\t1") != NULL ||
	       ((bits_of(status, "\nCapEff:") | bits_of(status, "\nCapPrm:")) & admin) != 0;
}

/* ---- tracing ---- */

/* Whether this process may suspend the filters of others: it has CAP_SYS_ADMIN and no filter, and
 * the kernel can. Asked once, of a process of our own. */
static bool can_suspend(void)
{
	static int known = -1;
	pid_t child, self = getpid();

	if (known >= 0)
		return known;
	child = fork();
	if (child == 0) {
		/* It must not be left behind when we are killed. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == self)
			pause();
		_exit(0);
	}
	known = child > 0 && ptrace(PTRACE_SEIZE, child, NULL, PTRACE_O_SUSPEND_SECCOMP) == 0;
	if (child > 0) {
		kill(child, SIGKILL);
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return known;
}

static bool is_traced_by_us(const struct session *s)
{
	struct proc_status status;
	struct error gone;

	return proc_read_status(s->pid, s->tid, &status, &gone) == 0 && status.tracer == getpid();
}

int session_seize(struct session *s, bool has_filters)
{
	long options = PTRACE_O_TRACESYSGOOD | (can_suspend() ? PTRACE_O_SUSPEND_SECCOMP : 0);

	if (has_filters && !can_suspend())
		return EOPNOTSUPP;
	/* For architectures whose registers no longer tell it at the stop. */
	(void)waited_read(s->pid, s->tid, &s->regs.waited);
	if (ptrace(PTRACE_SEIZE, s->tid, NULL, options) < 0) {
		int code = errno;

		/* One that did not stop in time is still ours. */
		if (code != EPERM || !is_traced_by_us(s))
			return code;
	}
	s->since = now_ns();
	if (ptrace(PTRACE_INTERRUPT, s->tid, NULL, NULL) < 0)
		return errno;
	return 0;
}

enum stop { STOP_EVENT, STOP_SIGNAL, STOP_SYSCALL, STOP_GONE, STOP_LATE };

/*
 * Wait for the next stop. It is looked at and not taken (WNOWAIT): if we are killed before the
 * thread goes on, its signal is not lost.
 */
static enum stop wait_stop(struct session *s, unsigned int ms, int *ret_signal)
{
	uint64_t end = now_ns() + (uint64_t)ms * 1000000;
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (;;) {
		siginfo_t info = {0};
		uint64_t now;
		/* Should a signal get lost, this does not. */
		struct timespec nap = {0, 2000000};

		if (waitid(P_PID, (id_t)s->tid, &info,
			   WSTOPPED | WEXITED | WNOHANG | WNOWAIT | __WALL) < 0)
			return errno == EINTR ? STOP_LATE : STOP_GONE;
		if (info.si_pid != 0 && info.si_code != CLD_TRAPPED &&
		    info.si_code != CLD_STOPPED) {
			/* Its parent waits for it, and for us to have seen it. */
			(void)waitid(P_PID, (id_t)s->tid, &info, WEXITED | WNOHANG | __WALL);
			return STOP_GONE;
		}
		if (info.si_pid != 0) {
			*ret_signal = info.si_status & 0x7f;
			if (info.si_status >> 8 == PTRACE_EVENT_STOP)
				return STOP_EVENT;
			return (info.si_status & 0xff) == SYSCALL_STOP ? STOP_SYSCALL : STOP_SIGNAL;
		}
		now = now_ns();
		if (now >= end)
			return STOP_LATE;
		if (end - now < (uint64_t)nap.tv_nsec)
			nap.tv_nsec = (long)(end - now);
		(void)sigtimedwait(&child, NULL, &nap);
	}
}

/* ---- what is around the registers ---- */

static int read_memory(const struct session *s, uint64_t at, void *out, size_t n)
{
	struct iovec here = {out, n}, there = {(void *)(uintptr_t)at, n};

	return process_vm_readv(s->tid, &here, 1, &there, 1, 0) == (ssize_t)n ? 0 : -1;
}

static int write_memory(const struct session *s, uint64_t at, const void *in, size_t n)
{
	struct iovec here = {(void *)(uintptr_t)in, n}, there = {(void *)(uintptr_t)at, n};

	return process_vm_writev(s->tid, &here, 1, &there, 1, 0) == (ssize_t)n ? 0 : -1;
}

/* Where user space cannot write, as in the vDSO. `n` is a multiple of the word. */
static int poke(const struct session *s, uint64_t at, const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i += sizeof(long)) {
		long word;

		memcpy(&word, bytes + i, sizeof(word));
		if (ptrace(PTRACE_POKEDATA, s->tid, (void *)(uintptr_t)(at + i), (void *)word) < 0)
			return -1;
	}
	return 0;
}

/*
 * A thread that is stopped in a restartable sequence (rseq(2)) begins it anew, for which the kernel
 * looks at the field rseq_cs when it goes on. As it goes on elsewhere first, the kernel clears the
 * field; it has to be put back.
 */
static void save_rseq(struct session *s)
{
	struct rseq_configuration c = {0};

	s->rseq = 0;
	if (ptrace(GET_RSEQ_CONFIGURATION, s->tid, sizeof(c), &c) < 0 || c.address == 0 ||
	    read_memory(s, c.address + RSEQ_CS_OFFSET, &s->rseq_cs, sizeof(s->rseq_cs)) < 0)
		return;
	if (s->rseq_cs != 0)
		s->rseq = c.address + RSEQ_CS_OFFSET;
}

/* ---- stopping ---- */

static bool gone(void)
{
	return errno == ESRCH;
}

/* Wait for a stop at which the registers can be changed for good, and read them. */
static int settle(struct session *s, unsigned int ms)
{
	for (int i = 0; i < TRIES; i++) {
		int sig = 0;
		enum stop stop = wait_stop(s, ms, &sig);

		if (stop == STOP_GONE)
			return SESSION_GONE;
		if (stop == STOP_LATE)
			return SESSION_LATE;
		if (stop == STOP_EVENT) {
			s->is_stopped = true;
			s->signal = 0;
			if (inject_arch_get(s->tid, &s->regs) < 0)
				return gone()             ? SESSION_GONE
				       : errno == ENOEXEC ? SESSION_ABI
							  : errno;
			(void)inject_arch_restart(&s->regs);
			save_rseq(s);
			return 0;
		}
		/* Its signal is delivered first. From this stop nothing can be injected. */
		if (ptrace(PTRACE_INTERRUPT, s->tid, NULL, NULL) < 0 ||
		    ptrace(PTRACE_CONT, s->tid, NULL, (long)(stop == STOP_SIGNAL ? sig : 0)) < 0)
			return gone() ? SESSION_GONE : errno;
	}
	return SESSION_LATE;
}

bool session_is_there(const struct session *s)
{
	unsigned long ignored;

	return ptrace(PTRACE_GETEVENTMSG, s->tid, NULL, &ignored) == 0 || !gone();
}

int session_stop(struct session *s, unsigned int ms)
{
	return s->is_stopped ? 0 : settle(s, ms);
}

static uint64_t put_back(struct session *s)
{
	if (!s->is_stopped || s->is_lost)
		return 0;
	/* What inject_arch_restart() has changed takes effect, and after a call of ours all of it
	 * is put back already: once more does no harm. */
	(void)inject_arch_set(s->tid, &s->regs);
	if (s->rseq != 0)
		(void)write_memory(s, s->rseq, &s->rseq_cs, sizeof(s->rseq_cs));
	(void)ptrace(PTRACE_DETACH, s->tid, NULL, (long)s->signal);
	s->is_stopped = false;
	return now_ns() - s->since;
}

uint64_t session_release(struct session *s)
{
	uint64_t stopped = put_back(s);

	inject_arch_free(&s->regs);
	return stopped;
}

/* ---- filters that are there ---- */

bool session_has_filter(struct session *s)
{
	static struct sock_filter insns[BPF_MAXINSNS];
	const struct program *program = s->job->program;
	bool has = false;

	for (s->filters = 0;; s->filters++) {
		long n = ptrace(PTRACE_SECCOMP_GET_FILTER, s->tid, (long)s->filters, NULL);

		if (n < 0)
			return has;
		if (has || n != program->n_insns ||
		    ptrace(PTRACE_SECCOMP_GET_FILTER, s->tid, (long)s->filters, insns) < 0)
			continue;
		has = memcmp(insns, program->insns, (size_t)n * sizeof(*insns)) == 0;
	}
}

struct counting {
	const struct session *s;
	bool same;
};

static int compare_count(void *ctx, pid_t tid, struct error *err)
{
	struct counting *c = ctx;
	struct proc_status status;
	struct error gone;

	(void)err;
	if (proc_read_status(c->s->pid, tid, &status, &gone) == 0 &&
	    !proc_has_ended(status.state) && status.filters >= 0 && status.filters != c->s->filters)
		c->same = false;
	return 0;
}

bool session_all_have(const struct session *s)
{
	struct counting c = {s, true};
	struct error ignored;

	(void)proc_each_thread(s->pid, compare_count, &c, &ignored);
	return c.same;
}

/* ---- the stub ---- */

/* What no stub ends in by chance: so that the place is not taken for free after we were killed,
 * when a signal's handler may still lie on top of it. */
static const uint64_t marker = 0x5dcc5dcc5dcc5dccULL;

#define STUB_SIZE (INJECT_STUB_SIZE + sizeof(marker))

/* The last bytes of the vDSO that are all zero, rounded up; 0: fewer than `size`, or the thread
 * could not execute them. */
static uint64_t find_place(const struct session *s, size_t size)
{
	static unsigned char vdso[64 * 1024];
	char path[80], line[512], may[5];
	uint64_t begin = 0, end = 0, at;
	size_t n;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/maps", (int)s->pid, (int)s->tid);
	maps = fopen(path, "re");
	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
		if (strstr(line, "[vdso]") != NULL &&
		    sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &begin, &end, may) == 3 &&
		    may[0] == 'r' && may[2] == 'x')
			break;
		begin = end = 0;
	}
	if (maps != NULL)
		fclose(maps);
	n = (size_t)(end - begin);
	if (n == 0 || n > sizeof(vdso) || read_memory(s, begin, vdso, n) < 0)
		return 0;
	while (n > 0 && vdso[n - 1] == 0)
		n--;
	/* Zeros behind the last byte may be part of what is there. */
	at = (begin + n + 31) & ~15ULL;
	return at + size <= end ? at : 0;
}

bool session_has_place(const struct session *s)
{
	return find_place(s, STUB_SIZE) != 0;
}

/* Write the stub with the registers as they are now. */
static int write_stub(struct session *s)
{
	unsigned char bytes[STUB_SIZE];

	if (s->stub == 0)
		s->stub = find_place(s, sizeof(bytes));
	if (s->stub == 0)
		return ENOSPC;
	s->stub_size = inject_arch_stub(&s->regs, s->stub, bytes);
	memcpy(bytes + s->stub_size, &marker, sizeof(marker));
	s->stub_size += sizeof(marker);
	return poke(s, s->stub, bytes, s->stub_size) < 0 ? errno : 0;
}

static void clear_stub(struct session *s)
{
	static const unsigned char zero[STUB_SIZE];

	if (s->stub != 0)
		(void)poke(s, s->stub, zero, s->stub_size);
	s->stub = 0;
}

/* ---- calls ---- */

/* The signal is about to be delivered to the thread. */
static void prepare_signal(struct session *s, int sig)
{
	char status[4096];

	if (sig > 0 && read_task(s, s->tid, "status", status, sizeof(status)) > 0 &&
	    (bits_of(status, "\nSigCgt:") >> (sig - 1) & 1) != 0)
		inject_arch_signal(&s->regs);
}

/* Has the stopped thread got this signal because the stub cannot be executed? Another thread may
 * have changed the vDSO since it was looked at. */
static bool is_ours(const struct session *s, int sig)
{
	siginfo_t info = {0};

	if ((sig != SIGSEGV && sig != SIGBUS && sig != SIGILL) ||
	    ptrace(PTRACE_GETSIGINFO, s->tid, NULL, &info) < 0 || info.si_code <= 0)
		return false;
	return (uint64_t)(uintptr_t)info.si_addr - s->stub < s->stub_size;
}

/* The thread is on its way into a call of ours, and a signal came first: have it delivered to the
 * thread as it was (0: none), and wait until it can be stopped again. */
static int deliver(struct session *s, int sig)
{
	int code;

	prepare_signal(s, sig);
	if (s->rseq != 0)
		(void)write_memory(s, s->rseq, &s->rseq_cs, sizeof(s->rseq_cs));
	if (inject_arch_set(s->tid, &s->regs) < 0 ||
	    ptrace(PTRACE_INTERRUPT, s->tid, NULL, NULL) < 0 ||
	    ptrace(PTRACE_CONT, s->tid, NULL, (long)sig) < 0)
		return SESSION_GONE;
	s->is_stopped = false;
	code = settle(s, CALL_MS);
	if (code != 0)
		return code == SESSION_LATE ? SESSION_LOST : code;
	return write_stub(s);
}

/* Have the thread make one call; it is at the stop behind it then. Returns 0, and the result. */
static int call(struct session *s, const struct live_call *what, int64_t *ret_result)
{
	int sig = 0, code;
	bool refused;
	enum stop stop;

	for (int i = 0; i < TRIES; i++) {
		if (inject_arch_enter(s->tid, &s->regs, s->stub, what) < 0)
			return SESSION_GONE;
		do {
			if (ptrace(PTRACE_SYSCALL, s->tid, NULL, NULL) < 0)
				return SESSION_GONE;
			stop = wait_stop(s, CALL_MS, &sig);
		} while (stop == STOP_EVENT);
		if (stop != STOP_SIGNAL)
			break;
		refused = is_ours(s, sig);
		code = deliver(s, refused ? 0 : sig);
		if (code != 0 || refused)
			return code != 0 ? code : ENOSPC;
	}
	if (stop == STOP_SYSCALL) {
		if (ptrace(PTRACE_SYSCALL, s->tid, NULL, NULL) < 0)
			return SESSION_GONE;
		stop = wait_stop(s, CALL_MS, &sig);
	}
	if (stop == STOP_GONE)
		return SESSION_GONE;
	if (stop != STOP_SYSCALL)
		return SESSION_LOST;
	return inject_arch_result(s->tid, &s->regs, ret_result) < 0 ? SESSION_GONE : 0;
}

/*
 * After the last call: back to a stop from which the kernel decides about restarting the thread's
 * own call, with the registers as they were.
 */
static int leave(struct session *s)
{
	enum stop stop;
	int sig = 0;

	if (ptrace(PTRACE_INTERRUPT, s->tid, NULL, NULL) < 0 ||
	    ptrace(PTRACE_CONT, s->tid, NULL, 0L) < 0)
		return SESSION_GONE;
	stop = wait_stop(s, CALL_MS, &sig);
	if (stop == STOP_GONE)
		return SESSION_GONE;
	if (stop == STOP_LATE)
		return SESSION_LOST;
	s->signal = stop == STOP_SIGNAL ? sig : 0;
	prepare_signal(s, s->signal);
	if (inject_arch_set(s->tid, &s->regs) < 0)
		return SESSION_GONE;
	clear_stub(s);
	return 0;
}

/* ---- loading ---- */

/* What lies in the memory that the process maps for it. */
struct area {
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct caps[2], raised[2];
	unsigned char fprog[16];
	struct sock_filter insns[];
};

struct loading {
	struct session *s;
	uint64_t area;
	unsigned int flags;
	bool set_no_new_privs;
};

/* Is it a code of this file, with which the thread cannot be touched again? */
static bool is_broken(int64_t result)
{
	return result <= SESSION_GONE && result >= SESSION_ABI;
}

static int64_t make(struct loading *l, enum inject_call number, const char *name,
		    const uint64_t args[6])
{
	struct live_call what = {.nr = (uint64_t)inject_arch_number(&l->s->regs, number)};
	int64_t result;
	int code;

	memcpy(what.args, args, sizeof(what.args));
	l->s->doing = name;
	code = call(l->s, &what, &result);
	return code != 0 ? (code > 0 ? -code : code) : result;
}

#define MAKE(l, number, name, ...) make(l, number, name, (const uint64_t[6]){__VA_ARGS__})

static size_t area_size(const struct session *s)
{
	return sizeof(struct area) + s->job->program->n_insns * sizeof(struct sock_filter);
}

/* Write the filter, and the capabilities that the thread has and could have. */
static int fill_area(struct loading *l)
{
	static unsigned char buffer[sizeof(struct area) + BPF_MAXINSNS * sizeof(struct sock_filter)]
		__attribute__((aligned(8)));
	const struct session *s = l->s;
	struct area *area = (struct area *)(void *)buffer;
	uint64_t sets[3];
	char status[4096];

	memset(area, 0, sizeof(*area));
	if (read_task(s, s->tid, "status", status, sizeof(status)) > 0) {
		sets[0] = bits_of(status, "\nCapEff:");
		sets[1] = bits_of(status, "\nCapPrm:");
		sets[2] = bits_of(status, "\nCapInh:");
		for (int i = 0; i < 2; i++)
			area->caps[i] = area->raised[i] = (struct __user_cap_data_struct){
				(uint32_t)(sets[0] >> 32 * i), (uint32_t)(sets[1] >> 32 * i),
				(uint32_t)(sets[2] >> 32 * i)};
		area->raised[0].effective |= area->raised[0].permitted & 1U << CAP_SYS_ADMIN;
	}
	area->header.version = _LINUX_CAPABILITY_VERSION_3;
	inject_arch_fprog(&s->regs, s->job->program->n_insns,
			  l->area + offsetof(struct area, insns), area->fprog);
	memcpy(area->insns, s->job->program->insns,
	       s->job->program->n_insns * sizeof(struct sock_filter));
	return write_memory(s, l->area, area, area_size(s)) < 0 ? -EFAULT : 0;
}

static int64_t load_once(struct loading *l)
{
	return MAKE(l, INJECT_SECCOMP, "seccomp", SECCOMP_SET_MODE_FILTER, l->flags,
		    l->area + offsetof(struct area, fprog));
}

/* Can the thread raise CAP_SYS_ADMIN by itself? */
static bool can_raise(const struct session *s)
{
	uint64_t admin = UINT64_C(1) << CAP_SYS_ADMIN;
	char status[4096];

	return read_task(s, s->tid, "status", status, sizeof(status)) > 0 &&
	       (bits_of(status, "\nCapPrm:") & admin) != 0 &&
	       (bits_of(status, "\nCapEff:") & admin) == 0;
}

/* A filter takes CAP_SYS_ADMIN in the thread's user namespace, or no_new_privs. */
static int64_t load_with_right(struct loading *l)
{
	int64_t result = load_once(l), restored;

	if (result != -EACCES)
		return result;
	if (can_raise(l->s)) {
		result = MAKE(l, INJECT_CAPSET, "capset", l->area + offsetof(struct area, header),
			      l->area + offsetof(struct area, raised));
		if (result != 0)
			return result;
		result = load_once(l);
		restored = MAKE(l, INJECT_CAPSET, "capset", l->area + offsetof(struct area, header),
				l->area + offsetof(struct area, caps));
		return is_broken(restored) ? restored : result;
	}
	if (!l->s->job->no_new_privs)
		return result;
	result = MAKE(l, INJECT_PRCTL, "prctl", PR_SET_NO_NEW_PRIVS, 1);
	if (result != 0)
		return result;
	l->set_no_new_privs = true;
	return load_once(l);
}

static int64_t load_from_area(struct loading *l)
{
	const struct session *s = l->s;
	int64_t result = MAKE(l, INJECT_MMAP, "mmap", 0, area_size(s), PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, UINT64_MAX, 0);
	int64_t unmapped;

	if (result < 0 && result > -4096)
		return result;
	if (is_broken(result))
		return result;
	l->area = (uint64_t)result;
	result = fill_area(l);
	if (result == 0)
		result = load_with_right(l);
	if (is_broken(result))
		return result;
	unmapped = MAKE(l, INJECT_MUNMAP, l->s->doing, l->area, area_size(s));
	return is_broken(unmapped) ? unmapped : result;
}

int64_t session_load(struct session *s, bool all_threads, bool *ret_set_no_new_privs)
{
	struct loading l = {.s = s,
			    .flags = (s->job->program->flags & ~SECCOMP_FILTER_FLAG_TSYNC) |
				     (all_threads ? SECCOMP_FILTER_FLAG_TSYNC : 0)};
	int64_t result;
	int code = write_stub(s);

	s->doing = "the vDSO";
	if (code != 0) {
		clear_stub(s);
		return -code;
	}
	result = load_from_area(&l);
	code = is_broken(result) ? (int)result : leave(s);
	if (code != 0) {
		s->is_lost = code == SESSION_LOST;
		s->is_stopped = false;
		return code;
	}
	*ret_set_no_new_privs = *ret_set_no_new_privs || l.set_no_new_privs;
	s->conflict = result > 0;
	return result;
}
