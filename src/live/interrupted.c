/* SPDX-License-Identifier: Apache-2.0 */
#include "live/interrupted.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

bool waited_read(pid_t pid, pid_t tid, struct waited *ret_waited)
{
	char path[80], text[256] = "";
	CLEANUP_FD int fd = -1;
	struct waited w = {.nr = -1};

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", (int)pid, (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0) {
		w.was_stopped = strncmp(text, "-1 ", 3) == 0;
		if (sscanf(text,
			   "%" SCNd64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64
			   " %" SCNx64 " %" SCNx64 " %" SCNx64,
			   &w.nr, &w.args[0], &w.args[1], &w.args[2], &w.args[3], &w.args[4],
			   &w.args[5], &w.sp, &w.pc) != 9)
			w.nr = -1;
	}
	*ret_waited = w;
	return w.nr >= 0;
}

#if defined(__x86_64__) || defined(__aarch64__)

/* By which argument it shows that a call has no time-out (signal(7); read from the kernel and
 * tried). */
enum endless { ALWAYS, NEVER, ARG2_NULL, ARG3_NULL, ARG4_NULL, ARG3_NEGATIVE };

struct interrupted {
	unsigned int nr;
	enum endless endless;
};

#if defined(__x86_64__)
static const struct interrupted wide_calls[] = {
	{232, ARG3_NEGATIVE}, /* epoll_wait */
	{281, ARG3_NEGATIVE}, /* epoll_pwait */
	{441, ARG3_NULL},     /* epoll_pwait2 */
	{65, ALWAYS},         /* semop */
	{220, ARG3_NULL},     /* semtimedop */
	{128, ARG2_NULL},     /* rt_sigtimedwait */
	{208, ARG4_NULL},     /* io_getevents */
	{333, ARG4_NULL},     /* io_pgetevents */
	{426, NEVER},         /* io_uring_enter: what it has submitted is submitted */
};
static const struct interrupted narrow_calls[] = {
	{256, ARG3_NEGATIVE}, /* epoll_wait */
	{319, ARG3_NEGATIVE}, /* epoll_pwait */
	{441, ARG3_NULL},     /* epoll_pwait2 */
	{420, ARG3_NULL},     /* semtimedop_time64 */
	{177, ARG2_NULL},     /* rt_sigtimedwait */
	{421, ARG2_NULL},     /* rt_sigtimedwait_time64 */
	{426, NEVER},         /* io_uring_enter */
	{117, NEVER},         /* ipc, which semop may be */
};
#else
static const struct interrupted wide_calls[] = {
	{22, ARG3_NEGATIVE}, /* epoll_pwait */
	{441, ARG3_NULL},    /* epoll_pwait2 */
	{193, ALWAYS},       /* semop */
	{192, ARG3_NULL},    /* semtimedop */
	{137, ARG2_NULL},    /* rt_sigtimedwait */
	{4, ARG4_NULL},      /* io_getevents */
	{292, ARG4_NULL},    /* io_pgetevents */
	{426, NEVER},        /* io_uring_enter */
};
/* 32-bit processes are not handled. */
static const struct interrupted narrow_calls[] = {{.nr = UINT_MAX, NEVER}};
#endif

static const struct interrupted *find(bool narrow, unsigned int nr)
{
	const struct interrupted *calls = narrow ? narrow_calls : wide_calls;
	size_t n = narrow ? ARRAY_SIZE(narrow_calls) : ARRAY_SIZE(wide_calls);

	for (size_t i = 0; i < n; i++)
		if (calls[i].nr == nr)
			return &calls[i];
	return NULL;
}

bool interrupted_is_one(bool narrow, unsigned int nr)
{
	return find(narrow, nr) != NULL;
}

bool interrupted_is_endless(bool narrow, unsigned int nr, const uint64_t args[6])
{
	const struct interrupted *call = find(narrow, nr);
	uint64_t mask = narrow ? UINT32_MAX : UINT64_MAX;

	if (call == NULL)
		return false;
	switch (call->endless) {
	case ALWAYS:
		return true;
	case ARG2_NULL:
		return (args[2] & mask) == 0;
	case ARG3_NULL:
		return (args[3] & mask) == 0;
	case ARG4_NULL:
		return (args[4] & mask) == 0;
	case ARG3_NEGATIVE:
		return (int)args[3] < 0;
	default:
		return false;
	}
}

#else

bool interrupted_is_endless(bool narrow, unsigned int nr, const uint64_t args[6])
{
	(void)narrow;
	(void)nr;
	(void)args;
	return false;
}

bool interrupted_is_one(bool narrow, unsigned int nr)
{
	(void)narrow;
	(void)nr;
	return false;
}

#endif

#if defined(__x86_64__)

#define ERESTARTNOHAND 514 /* include/linux/errno.h */
#define USER_CS_64 0x33

void interrupted_before(pid_t tid, struct waited *ret_waited)
{
	/* The registers tell. */
	(void)tid;
	*ret_waited = (struct waited){.nr = -1};
}

void interrupted_restart(pid_t tid, const struct waited *waited)
{
	struct user_regs_struct r;
	struct iovec v = {&r, sizeof(r)};
	uint64_t args[6];

	(void)waited;
	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &v) < 0 || v.iov_len != sizeof(r) ||
	    r.cs != USER_CS_64 || (long)r.rax != -EINTR)
		return;
	memcpy(args, (const uint64_t[]){r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9}, sizeof(args));
	if (!interrupted_is_endless(false, (unsigned int)r.orig_rax, args))
		return;
	r.rax = (unsigned long)-ERESTARTNOHAND;
	ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &v);
}

#elif defined(__aarch64__)

#define SVC_INSN_SIZE 4

bool waited_is_that(const struct waited *waited, const struct user_regs_struct *r)
{
	return waited->nr >= 0 && r->regs[8] == (uint64_t)waited->nr && r->sp == waited->sp &&
	       memcmp(&r->regs[1], &waited->args[1], 5 * sizeof(uint64_t)) == 0;
}

bool waited_is_cut_short(const struct waited *waited, const struct user_regs_struct *r)
{
	return waited_is_that(waited, r) && r->pc == waited->pc && (int64_t)r->regs[0] == -EINTR &&
	       interrupted_is_endless(false, (unsigned int)waited->nr, waited->args);
}

void waited_again(const struct waited *waited, struct user_regs_struct *r)
{
	r->regs[0] = waited->args[0];
	r->pc -= SVC_INSN_SIZE;
}

void interrupted_before(pid_t tid, struct waited *ret_waited)
{
	(void)waited_read(tid, tid, ret_waited);
}

void interrupted_restart(pid_t tid, const struct waited *waited)
{
	struct user_regs_struct r;
	struct iovec v = {&r, sizeof(r)};

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &v) < 0 || v.iov_len != sizeof(r) ||
	    !waited_is_cut_short(waited, &r))
		return;
	waited_again(waited, &r);
	ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &v);
}

#else

void interrupted_before(pid_t tid, struct waited *ret_waited)
{
	(void)tid;
	*ret_waited = (struct waited){.nr = -1};
}

void interrupted_restart(pid_t tid, const struct waited *waited)
{
	(void)tid;
	(void)waited;
}

#endif
