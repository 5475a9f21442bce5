/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aarch64. The number of the call is in x8, its arguments in x0 to x5, its result in x0; pc points
 * after the four bytes of `svc #0`. At a syscall-entry stop the kernel acts on a number that is a
 * register set of its own, NT_ARM_SYSTEM_CALL. During a stop x7 tells entry from exit; the kernel
 * restores it, whatever is written. 32-bit code shows the smaller register set of AArch32.
 */
#include "live/live-arch.h"

#if defined(__aarch64__)

#include <elf.h>
#include <errno.h>
#include <linux/audit.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#define SVC_INSN_SIZE 4

const uint32_t live_arch_audit = AUDIT_ARCH_AARCH64;

static int set_regs(pid_t tid, struct user_regs_struct *r)
{
	struct iovec iov = {r, sizeof(*r)};

	return (int)ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &iov);
}

static int set_nr(pid_t tid, int nr)
{
	struct iovec iov = {&nr, sizeof(nr)};

	return (int)ptrace(PTRACE_SETREGSET, tid, NT_ARM_SYSTEM_CALL, &iov);
}

static void put_call(struct user_regs_struct *r, const struct live_call *call)
{
	for (int i = 0; i < 6; i++)
		r->regs[i] = call->args[i];
	r->regs[8] = call->nr;
}

int live_arch_get(pid_t tid, struct live_regs *ret_regs)
{
	struct live_regs regs;
	struct iovec iov = {&regs.r, sizeof(regs.r)};

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &iov) < 0)
		return -1;
	if (iov.iov_len != sizeof(regs.r)) {
		errno = ENOEXEC;
		return -1;
	}
	*ret_regs = regs;
	return 0;
}

int live_arch_replace(pid_t tid, const struct live_regs *entry, const struct live_call *call)
{
	struct user_regs_struct r = entry->r;

	put_call(&r, call);
	return set_regs(tid, &r) < 0 ? -1 : set_nr(tid, (int)call->nr);
}

int live_arch_again(pid_t tid, const struct live_regs *entry, const struct live_call *call)
{
	struct user_regs_struct r = entry->r;

	r.pc -= SVC_INSN_SIZE;
	if (call)
		put_call(&r, call);
	/* No call is in progress now, so the kernel does not try to restart one. */
	return set_regs(tid, &r) < 0 ? -1 : set_nr(tid, -1);
}

#else
typedef int live_aarch64_is_empty;
#endif
