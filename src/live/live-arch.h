/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What live injection must know about an architecture: which registers make a thread enter the
 * kernel with a given call. There is one implementation for each architecture, live-ARCH.c; on
 * others it compiles to nothing. Only the 64-bit ABI of the machine is handled, for which container
 * runtimes are built; live-trace.c checks the ABI of each call first.
 *
 * The rules come from ptrace(2) and from arch/ARCH/kernel/ptrace.c and signal.c of the kernel.
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

/* AUDIT_ARCH_* of the machine's own ABI. */
extern const uint32_t live_arch_audit;

/*
 * Read the registers of thread `tid`, which is in a ptrace stop. -1 with errno; ENOEXEC: it does
 * not run in the machine's own ABI.
 */
int live_arch_get(pid_t tid, struct live_regs *ret_regs);

/*
 * Called at the syscall-entry stop at which `entry` was read: let `call` run in place of the
 * thread's own call. -1 with errno.
 */
int live_arch_replace(pid_t tid, const struct live_regs *entry, const struct live_call *call);

/*
 * Called at the syscall-exit stop of a replaced call: go back to the instruction that entered the
 * kernel, with all registers as in `entry`, so that the thread makes `call` next. NULL: it makes
 * its own call, as if nothing had happened. -1 with errno.
 */
int live_arch_again(pid_t tid, const struct live_regs *entry, const struct live_call *call);

#endif
