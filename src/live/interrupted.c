/* SPDX-License-Identifier: Apache-2.0 */
#include "live/interrupted.h"

#if defined(__x86_64__)

#include <elf.h>
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#define ERESTARTNOHAND 514 /* include/linux/errno.h */
#define USER_CS_64 0x33

/* By which argument it shows that a call has no time-out (signal(7); read from the kernel and
 * tried). */
enum endless { ALWAYS, NEVER, ARG2_NULL, ARG3_NULL, ARG4_NULL, ARG3_NEGATIVE };

struct interrupted {
	unsigned int nr;
	enum endless endless;
};

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

void interrupted_restart(pid_t tid)
{
	struct user_regs_struct r;
	struct iovec v = {&r, sizeof(r)};
	uint64_t args[6];

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &v) < 0 || v.iov_len != sizeof(r) ||
	    r.cs != USER_CS_64 || (long)r.rax != -EINTR)
		return;
	memcpy(args, (const uint64_t[]){r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9}, sizeof(args));
	if (!interrupted_is_endless(false, (unsigned int)r.orig_rax, args))
		return;
	r.rax = (unsigned long)-ERESTARTNOHAND;
	ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &v);
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

void interrupted_restart(pid_t tid)
{
	(void)tid;
}

#endif
