/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x86_64. At a stop `orig_rax` is the number of the call and `rax` its result (-ENOSYS at entry).
 * Arguments are in rdi, rsi, rdx, r10, r8, r9. The `syscall` instruction is two bytes long, and rip
 * points after it. 32-bit code in a 64-bit kernel shows another code segment.
 */
#include "live/live-arch.h"

#if defined(__x86_64__)

#include <elf.h>
#include <errno.h>
#include <linux/audit.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#define USER_CS_64 0x33
#define SYSCALL_INSN_SIZE 2

const uint32_t live_arch_audit = AUDIT_ARCH_X86_64;

static int set_regs(pid_t tid, struct user_regs_struct *r)
{
	struct iovec iov = {r, sizeof(*r)};

	return (int)ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &iov);
}

static void put_args(struct user_regs_struct *r, const struct live_call *call)
{
	r->rdi = call->args[0];
	r->rsi = call->args[1];
	r->rdx = call->args[2];
	r->r10 = call->args[3];
	r->r8 = call->args[4];
	r->r9 = call->args[5];
}

int live_arch_get(pid_t tid, struct live_regs *ret_regs)
{
	struct live_regs regs;
	struct iovec iov = {&regs.r, sizeof(regs.r)};

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &iov) < 0)
		return -1;
	if (iov.iov_len != sizeof(regs.r) || regs.r.cs != USER_CS_64) {
		errno = ENOEXEC;
		return -1;
	}
	*ret_regs = regs;
	return 0;
}

int live_arch_replace(pid_t tid, const struct live_regs *entry, const struct live_call *call)
{
	struct user_regs_struct r = entry->r;

	r.orig_rax = call->nr;
	put_args(&r, call);
	return set_regs(tid, &r);
}

int live_arch_again(pid_t tid, const struct live_regs *entry, const struct live_call *call)
{
	struct user_regs_struct r = entry->r;

	r.rip -= SYSCALL_INSN_SIZE;
	r.rax = call ? call->nr : r.orig_rax;
	if (call)
		put_args(&r, call);
	/* No call is in progress now, so the kernel does not try to restart one. */
	r.orig_rax = UINT64_MAX;
	return set_regs(tid, &r);
}

#else
typedef int live_x86_64_is_empty;
#endif
