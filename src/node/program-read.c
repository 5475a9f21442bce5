/* SPDX-License-Identifier: Apache-2.0 */
#include "node/program-read.h"

#include "live/interrupted.h"

#include <elf.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

/* Shared with the process that reads. */
struct shared {
	struct program_list list;
	int code; /* errno; ETIMEDOUT: it did not come so far */
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

/* ---- in the process that reads ---- */

/* Every program of a thread that is stopped. Returns errno. */
static int read_programs(pid_t tid, struct program_list *list)
{
	size_t used = 0;

	for (list->n = 0; list->n < PROGRAM_READ_FILTERS; list->n++) {
		long n = ptrace(PTRACE_SECCOMP_GET_FILTER, tid, list->n, NULL);

		/* No such index, or no filter at all. */
		if (n < 0 && (errno == ENOENT || (errno == EINVAL && list->n == 0)))
			return 0;
		if (n < 0)
			return errno;
		if ((size_t)n > PROGRAM_READ_INSNS - used)
			return E2BIG;
		if (ptrace(PTRACE_SECCOMP_GET_FILTER, tid, list->n, &list->insns[used]) < 0)
			return errno;
		list->n_insns[list->n] = (uint16_t)n;
		used += (size_t)n;
	}
	return 0;
}

/*
 * Returns errno. The stop is looked at without taking it (WNOWAIT): if we are killed between the
 * two, the signal that it was for is not lost.
 */
static int read_thread(pid_t tid, struct program_list *list)
{
	struct waited waited;
	siginfo_t info = {0};
	uint64_t start;
	int event, sig, code;

	interrupted_before(tid, &waited);
	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) < 0)
		return errno;
	start = now_ns();
	if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0)
		return errno;
	if (waitid(P_PID, (id_t)tid, &info, WSTOPPED | WEXITED | WNOWAIT | __WALL) < 0)
		return errno;
	if (info.si_code != CLD_TRAPPED)
		return ESRCH;
	event = info.si_status >> 8;
	sig = event == 0 ? info.si_status & 0x7f : 0;
	if (event == PTRACE_EVENT_STOP && (info.si_status & 0xff) == SIGTRAP)
		interrupted_restart(tid, &waited);
	code = read_programs(tid, list);
	if (ptrace(PTRACE_DETACH, tid, NULL, sig) < 0 && code == 0)
		code = errno;
	list->stopped_ns = now_ns() - start;
	return code;
}

static _Noreturn void reader(pid_t tid, struct shared *shared)
{
	const struct itimerval limit = {{0, 0}, {0, PROGRAM_READ_LIMIT_MS * 1000L}};
	sigset_t alarm;

	/* What ends it, whatever it waits for. */
	signal(SIGALRM, SIG_DFL);
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setitimer(ITIMER_REAL, &limit, NULL);
	/* So that nothing has to be mapped while the thread is stopped. */
	memset(&shared->list, 0, sizeof(shared->list));
	shared->code = read_thread(tid, &shared->list);
	_exit(0);
}

/* ---- */

static int explain(int code, struct error *err)
{
	error_system(err, code);
	switch (code) {
	case ETIMEDOUT:
		error_set(err, "it does not stop");
		break;
	case EPERM:
		error_set(err, "it is traced by somebody else, or this process may not");
		break;
	case EACCES:
		error_set(err, "reading filters needs CAP_SYS_ADMIN and no filter of one's own");
		break;
	case EIO:
	case EINVAL:
		error_set(err, "this kernel does not show filters (CONFIG_CHECKPOINT_RESTORE)");
		break;
	}
	err->code = code;
	return -1;
}

/* Have a reader try. -1: there is none, as errno says. */
static int attempt(pid_t tid, struct shared *shared)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return -1;
	if (child == 0)
		reader(tid, shared);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return 0;
}

int program_read(pid_t tid, const struct program_list **ret_list, struct error *err)
{
	static struct shared *shared;

	if (shared == NULL) {
		void *p = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			return error_system(err, errno);
		shared = p;
	}
	shared->code = ETIMEDOUT;
	for (int i = 0; i < PROGRAM_READ_ATTEMPTS && shared->code == ETIMEDOUT; i++) {
		if (attempt(tid, shared) < 0)
			return error_system(err, errno);
	}
	if (shared->code != 0)
		return explain(shared->code, err);
	*ret_list = &shared->list;
	return 0;
}
