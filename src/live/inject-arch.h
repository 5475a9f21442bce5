/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What injecting into a process that runs must know about an architecture. There is one
 * implementation for each, inject-ARCH.c; on others it compiles to nothing.
 *
 * Calls are made by a stub: code that is written into unused bytes of the vDSO, with the saved
 * registers behind it. It enters the kernel once, loads the registers and jumps to where the thread
 * was. So whenever we are killed, the thread makes at most the one call that was begun, repairs
 * itself, and goes on. It uses neither the stack nor the flags.
 */
#ifndef SECCOMP_GUARD_LIVE_INJECT_ARCH_H
#define SECCOMP_GUARD_LIVE_INJECT_ARCH_H

#include "live/interrupted.h"
#include "live/live-arch.h"

#include <linux/seccomp.h>

enum inject_call {
	INJECT_MMAP,
	INJECT_MUNMAP,
	INJECT_SECCOMP,
	INJECT_PRCTL,
	INJECT_CAPSET,
	INJECT_CALLS,
};

/* The registers of a stopped thread, and what is known of it beside them. */
struct inject_regs {
	struct user_regs_struct r;
	bool narrow; /* a 32-bit process on a 64-bit kernel */
	/* aarch64: vector registers that a system call does not keep, as the register set
	 * `vector_set` has them; NULL: there are none. Freed by inject_arch_free(). */
	void *vector;
	size_t vector_size;
	int vector_set;
	struct waited waited; /* aarch64: before the stop; nr is -1 also where that is over */
};

/* A stub with its data takes at most this much; a multiple of 8. */
#define INJECT_STUB_SIZE 192

/* Read the registers; regs->waited stays. -1 with errno, ENOEXEC: of an ABI that is not handled.
 */
int inject_arch_get(pid_t tid, struct inject_regs *regs);

/* Put them back, all of them. */
int inject_arch_set(pid_t tid, const struct inject_regs *regs);

/* What inject_arch_get() allocated. */
void inject_arch_free(struct inject_regs *regs);

/*
 * A stop interrupts some system calls which signal(7) lists, as if a signal had been caught. Change
 * the registers so that such a call is made again, where it has no time-out: with one, nobody can
 * know what is left of it. Returns whether anything was changed. To be called once, at the first
 * stop.
 */
bool inject_arch_restart(struct inject_regs *regs);

/* A signal that has a handler is about to be delivered to the thread: a call that then ends with
 * EINTR, and that the registers say is made again, ends so. x86 decides about that later. */
void inject_arch_signal(struct inject_regs *regs);

/* The call that the thread makes again when it goes on, if any. */
bool inject_arch_again(const struct inject_regs *regs, struct seccomp_data *ret_data);

/* AUDIT_ARCH_* by which the thread's calls are filtered, and a call that every program makes. */
uint32_t inject_arch_audit(const struct inject_regs *regs);
int inject_arch_exit_number(const struct inject_regs *regs);

/* The number of a call for the stub. */
int inject_arch_number(const struct inject_regs *regs, enum inject_call call);

/* The stub for a thread with these registers, which will lie at `at`. Returns its size. */
size_t inject_arch_stub(const struct inject_regs *regs, uint64_t at,
			unsigned char out[INJECT_STUB_SIZE]);

/* Point the thread to the stub, with `call` in its registers. */
int inject_arch_enter(pid_t tid, const struct inject_regs *regs, uint64_t stub,
		      const struct live_call *call);

/* At the syscall-exit stop: what the call returned. */
int inject_arch_result(pid_t tid, const struct inject_regs *regs, int64_t *ret_result);

/* struct sock_fprog as the thread's ABI has it, for `n` instructions at `insns`; the size. */
size_t inject_arch_fprog(const struct inject_regs *regs, unsigned short n, uint64_t insns,
			 unsigned char out[16]);

#endif
