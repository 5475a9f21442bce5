/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which container a process is in, or was: a denied call is told with a number only, and its
 * process has often ended when somebody looks. The kernel's process events (proc connector,
 * Documentation/driver-api/connector.rst) say who made whom, so that it is enough to know some
 * process above it.
 */
#ifndef SECCOMP_GUARD_NODE_FORKS_H
#define SECCOMP_GUARD_NODE_FORKS_H

#include "base/base.h"

#define FORKS_ID_SIZE 65

/* Containers that can be told apart; before there are more, those that are gone are forgotten. */
#define FORKS_CONTAINERS 4096

struct forks {
	int fd;                       /* -1: there are no process events */
	uint32_t size;                /* of `process`: pid_max */
	struct fork_process *process; /* by number */
	char (*container)[FORKS_ID_SIZE];
	uint32_t n_containers;
	uint64_t lost; /* events, at the last look */
	uint32_t now;  /* counts calls of forks_read() */
};

/*
 * Begin to follow, and look at all processes that there are. Where the kernel gives no events,
 * *ret_why says why, and only processes that still live can be told. -1: there is no memory.
 */
int forks_begin(struct forks *forks, struct error *ret_why, struct error *err);

/*
 * Take in all events up to now. Records are to be read before, and asked about after that: then
 * the event that a process was made is always known when its record is looked at.
 * Returns how many events were lost since the last call; what was known is forgotten then.
 */
uint64_t forks_read(struct forks *forks);

/* The container of a process; p == NULL: not known. The text lives as long as `forks`. */
struct span forks_container(struct forks *forks, int64_t pid);

/* No more events: the kernel stops making them for us. */
void forks_end(struct forks *forks);

#endif
