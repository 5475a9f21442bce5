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

/* An identifier is a name in the runtime's directory of states. */
#define FORKS_ID_SIZE 256

/* Containers that can be told apart; before there are more, those that are gone are forgotten. */
#define FORKS_CONTAINERS 4096

/* Control groups that do not have the identifier of an engine in their names. */
#define FORKS_GROUPS 1024
#define FORKS_GROUP_SIZE 512

struct forks_group {
	char text[FORKS_GROUP_SIZE]; /* as in struct container */
	uint16_t container;
};

/* Processes that can be told in between two calls of forks_read(). */
#define FORKS_TOLD 1024

struct forks {
	int fd;                       /* -1: there are no process events */
	uint32_t size;                /* of `process`: pid_max */
	struct fork_process *process; /* by number */
	char (*container)[FORKS_ID_SIZE];
	uint32_t n_containers;
	struct forks_group *group;
	uint32_t n_groups;
	uint64_t lost; /* events, at the last look */
	uint32_t now;  /* counts calls of forks_read() */
	bool forgot;   /* the last call of forks_read() did; what was told is to be told again */
	/* By forks_tell() since the last call of forks_read(). */
	struct {
		uint32_t pid;
		uint16_t container;
	} told[FORKS_TOLD];
	uint32_t n_told;
};

/*
 * Begin to follow, and look at all processes that there are. Where the kernel gives no events,
 * *ret_why says why, and only processes that still live can be told; NULL: no events are wanted.
 * -1: there is no memory.
 */
int forks_begin(struct forks *forks, struct error *ret_why, struct error *err);

/*
 * What somebody else knows: process `pid` is, and what it makes will be, in the container `id`. To
 * be called before forks_read(), which may take in the event that the process itself was made. What
 * its cgroup says, or that of a process above it, is not changed: of containers in containers the
 * outermost counts.
 */
void forks_tell(struct forks *forks, int64_t pid, struct span id);

/*
 * A process whose /proc/PID/cgroup has `group` in it, with "/" or a newline behind that, is in the
 * container `id`: where no engine's name says so. Longer ones, and more, are not kept.
 */
void forks_tell_group(struct forks *forks, struct span group, struct span id);

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
