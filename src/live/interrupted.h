/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that end early with EINTR after any stop, though no signal has come: signal(7),
 * "Interruption of system calls and library functions by stop signals".
 */
#ifndef SECCOMP_GUARD_LIVE_INTERRUPTED_H
#define SECCOMP_GUARD_LIVE_INTERRUPTED_H

#include "base/base.h"

#include <sys/types.h>
#include <sys/user.h>

/* The call that a thread waits in as /proc/PID/syscall shows it before the thread is stopped. */
struct waited {
	int64_t nr; /* -1: none */
	uint64_t args[6], sp, pc;
	bool was_stopped; /* it was in no call and did not run: it has left the one it was in */
};

/* Read it. False: the thread does not wait in a call, or that is not shown. */
bool waited_read(pid_t pid, pid_t tid, struct waited *ret_waited);

/*
 * Is `nr` such a call, on x86_64 or i386 (`narrow`) or aarch64, and do its arguments say that it
 * has no time-out? Then it can be made again without a difference. False on other architectures.
 */
bool interrupted_is_endless(bool narrow, unsigned int nr, const uint64_t args[6]);

/* Is it one whether it has a time-out or not? */
bool interrupted_is_one(bool narrow, unsigned int nr);

#if defined(__aarch64__)
/* Are the registers those of the call that it waited in, but for x0 and pc? */
bool waited_is_that(const struct waited *waited, const struct user_regs_struct *r);

/* And has the stop ended it, so that a stopped thread forgets x0, where it could wait on? Two
 * endless calls by the same instruction that differ in x0 alone are taken for one. */
bool waited_is_cut_short(const struct waited *waited, const struct user_regs_struct *r);

/* Change the registers so that it is made again. */
void waited_again(const struct waited *waited, struct user_regs_struct *r);
#endif

/* Before a thread is stopped: what interrupted_restart() needs to know of it here. */
void interrupted_before(pid_t tid, struct waited *ret_waited);

/*
 * Thread `tid` is at the stop that PTRACE_INTERRUPT has led to: have the kernel make the call that
 * it was in again where it is such a one, unless a signal has a handler. Of 64-bit processes.
 */
void interrupted_restart(pid_t tid, const struct waited *waited);

#endif
