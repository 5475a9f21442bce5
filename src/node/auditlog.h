/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's records about seccomp as they are made: the multicast group of the audit system,
 * AUDIT_NLGRP_READLOG (Linux kernel/audit.c). Nothing is sent to the kernel, and auditd is not
 * disturbed.
 */
#ifndef SECCOMP_GUARD_NODE_AUDITLOG_H
#define SECCOMP_GUARD_NODE_AUDITLOG_H

#include "base/base.h"

/* Is this process in the namespaces of the machine itself, where the numbers in records mean
 * something and records come to? */
int auditlog_check_namespaces(struct error *err);

/*
 * Returns a descriptor that does not block, or AUDITLOG_NEVER with what is missing: the initial
 * user, pid and network namespaces (elsewhere nothing ever arrives, or with foreign numbers),
 * CAP_AUDIT_READ, or an audit system in the kernel: a later call of this process or of one that is
 * started the same way finds no more. -1: something else, such as memory, that may pass.
 */
#define AUDITLOG_NEVER (-2)
int auditlog_open(struct error *err);

/*
 * The next record's text ("audit(...): auid=..."), which lives in `buffer` of `size` bytes. 1: here
 * it is, 0: there is none now, -1: the socket failed. Records that are not of seccomp are passed
 * over.
 */
int auditlog_next(int fd, char *buffer, size_t size, struct span *ret_text, struct error *err);

/* How many messages this socket has lost because it was full (SO_MEMINFO), of any netlink group. */
uint64_t auditlog_lost(int fd);

struct auditlog_status {
	uint64_t lost;       /* records of any kind that the kernel dropped since it was started */
	uint32_t rate_limit; /* records a second; 0: no limit */
	bool excluded;       /* a rule keeps records of seccomp back, */
	bool excluded_all;   /* and not only those of some processes or users */
};

/*
 * Ask the audit system itself, which is not changed. Returns a descriptor for
 * auditlog_kernel_lost(), or -1: it may not be asked, or there is none.
 */
int auditlog_ask(struct auditlog_status *ret_status, struct error *err);

/* status.lost as it is now. False: it could not be asked, as when `fd` is -1. */
bool auditlog_kernel_lost(int fd, uint64_t *ret_lost);

/* As much buffer as there may be: without CAP_NET_ADMIN what net.core.rmem_max allows. */
void auditlog_enlarge(int fd);

/*
 * Which actions the kernel does not log at all, by kernel.seccomp.actions_logged: words such as
 * "errno log" in `out`; "" where it logs all that matter, or does not say.
 */
#define AUDITLOG_ACTIONS_SIZE 128
const char *auditlog_unlogged(char out[AUDITLOG_ACTIONS_SIZE]);

#endif
