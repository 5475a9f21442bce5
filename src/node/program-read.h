/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter programs of a process, as the kernel has them. For this the process has to be stopped
 * for a moment, as by a debugger.
 */
#ifndef SECCOMP_GUARD_NODE_PROGRAM_READ_H
#define SECCOMP_GUARD_NODE_PROGRAM_READ_H

#include "base/base.h"

#include <linux/filter.h>
#include <sys/types.h>

/* What one process can have at most: the kernel counts four more for each program
 * (kernel/seccomp.c, MAX_INSNS_PER_PATH). */
#define PROGRAM_READ_INSNS 32768
#define PROGRAM_READ_FILTERS (PROGRAM_READ_INSNS / 5)

struct program_list {
	size_t n;
	uint16_t n_insns[PROGRAM_READ_FILTERS];       /* of each, the oldest first */
	struct sock_filter insns[PROGRAM_READ_INSNS]; /* one behind the other */
	uint64_t stopped_ns; /* for how long the process was stopped, at most */
};

/*
 * How long a process may take to stop, and be stopped, before it is let be; and how often it is
 * asked, since on a node with much to do it may just not have had its turn.
 */
#define PROGRAM_READ_LIMIT_MS 200
#define PROGRAM_READ_ATTEMPTS 5

/*
 * Read the programs of thread `tid`, the oldest first; the result is valid until the next call.
 *
 * A process of our own does it, which ends by itself: whatever becomes of it, and of us, the kernel
 * lets the thread go on, after PROGRAM_READ_LIMIT_MS at the latest. A system call that it waits in
 * is continued as after SIGSTOP and SIGCONT (signal(7)); on x86_64 and aarch64 also one which those
 * interrupt, if it has no time-out.
 *
 * Code ESRCH: it has ended. EPERM: it is traced by somebody, or we may not. ETIMEDOUT: it did not
 * stop in any of PROGRAM_READ_ATTEMPTS.
 */
int program_read(pid_t tid, const struct program_list **ret_list, struct error *err);

#endif
