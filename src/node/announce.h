/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling those who follow denials with which process a container begins: a process that lives for
 * a millisecond has no other trace that leads to its container than the process above it, and the
 * runtime that made it.
 *
 * A follower listens on a socket in /run/seccomp-guard, which only root can reach. Where there is
 * none, telling takes three system calls and has no effect. Nothing is kept anywhere.
 */
#ifndef SECCOMP_GUARD_NODE_ANNOUNCE_H
#define SECCOMP_GUARD_NODE_ANNOUNCE_H

#include "base/base.h"

/* How many can follow at a time. */
#define ANNOUNCE_FOLLOWERS 2

/* A longer text is not told. */
#define ANNOUNCE_MAX_SIZE 8192

/*
 * Tell `text`, one JSON object: that of a decision record, where this process is the container's
 * first or "pid" names it, or {"exec_in": "ID"}, where this process becomes a runtime that adds one
 * to the container ID. Never waits; who does not listen misses it.
 */
void announce(struct span text);

/* The same, {"exec_in": "ID"}. */
void announce_exec(struct span id);

/* ---- for followers ---- */

/* Those that have connected and not told yet, at a time; of more the first is not waited for. */
#define ANNOUNCE_WAITING 64

struct announce_listener {
	int fd; /* to poll; -1: there is none */
	int slot;
	int waiting[ANNOUNCE_WAITING];
	size_t n_waiting;
};

/*
 * Begin to listen. -1: why it cannot be, such as that there are ANNOUNCE_FOLLOWERS already; then
 * ret_listener->fd is -1.
 */
int announce_listen(struct announce_listener *ret_listener, struct error *err);

/*
 * The next text, into `buffer` of ANNOUNCE_MAX_SIZE bytes, and the process that told it. False:
 * there is none now.
 */
bool announce_next(struct announce_listener *listener, char *buffer, struct span *ret_text,
		   int64_t *ret_pid);

void announce_end(struct announce_listener *listener);

#endif
