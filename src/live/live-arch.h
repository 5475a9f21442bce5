/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What live injection must know about an architecture: which registers make a thread enter the
 * kernel with a given call. One implementation per architecture, live-ARCH.c; the others compile to
 * nothing. Only the machine's own 64-bit ABI is handled, the one that container runtimes are built
 * for; live-trace.c looks at the ABI of each call before it comes here.
 *
 * Rules from ptrace(2) and from the kernel's arch/ARCH/kernel/ptrace.c and signal.c.
 */
#ifndef SECCOMP_GUARD_LIVE_LIVE_ARCH_H
#define SECCOMP_GUARD_LIVE_LIVE_ARCH_H

#include "base/base.h"

#include <sys/types.h>
#include <sys/user.h>

/* A system call, independent of the registers that carry it. */
struct live_call {
	uint64_t nr;
	uint64_t args[6];
};

struct live_regs {
	struct user_regs_struct r;
};

/* AUDIT_ARCH_* of the machine's own calls. */
extern const uint32_t live_arch_audit;

/* Registers of thread `tid`, which is in a ptrace stop. -1 with errno; ENOEXEC: not the machine's
 * own ABI. */
int live_arch_get(pid_t tid, struct live_regs *ret_regs);

/* At the syscall-entry stop that `entry` was read at: let `call` run in place of the thread's own.
 * -1 with errno. */
int live_arch_replace(pid_t tid, const struct live_regs *entry, const struct live_call *call);

/*
 * At the syscall-exit stop of a replaced call: go back to the instruction that entered the kernel,
 * with all registers as in `entry`, so that the thread makes `call` next; NULL: its own call, as if
 * nothing had happened. -1 with errno.
 */
int live_arch_again(pid_t tid, const struct live_regs *entry, const struct live_call *call);

#endif
