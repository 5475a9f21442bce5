/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that end early with EINTR after any stop, though no signal has come: signal(7),
 * "Interruption of system calls and library functions by stop signals".
 */
#ifndef SECCOMP_GUARD_LIVE_INTERRUPTED_H
#define SECCOMP_GUARD_LIVE_INTERRUPTED_H

#include "base/base.h"

#include <sys/types.h>

/*
 * Is `nr` such a call, on x86_64 or i386 (`narrow`), and do its arguments say that it has no
 * time-out? Then it can be made again without a difference. False on other architectures.
 */
bool interrupted_is_endless(bool narrow, unsigned int nr, const uint64_t args[6]);

/* Is it one whether it has a time-out or not? */
bool interrupted_is_one(bool narrow, unsigned int nr);

/*
 * Thread `tid` is at the stop that PTRACE_INTERRUPT has led to: have the kernel make the call that
 * it was in again where it is such a one, unless a signal has a handler. Of 64-bit processes.
 */
void interrupted_restart(pid_t tid);

#endif
