/* SPDX-License-Identifier: Apache-2.0 */
/* The freezer of a container's own control group, version 1 and 2. */
#ifndef SECCOMP_GUARD_CONFINE_FREEZER_H
#define SECCOMP_GUARD_CONFINE_FREEZER_H

#include "node/container.h"

struct freezer {
	char dir[PATH_MAX];
	bool unified; /* version 2 */
	pid_t guard;  /* 0: not frozen by us */
	int guard_fd;
};

/* Find it. -1 when the container has none of its own, or this process is in it. */
int freezer_find(const struct container *container, struct freezer *ret_freezer, struct error *err);

/* Is it frozen, by whomever ("docker pause")? */
bool freezer_is_frozen(const struct freezer *freezer);

/*
 * Freeze it and wait until it is. A process of our own watches, which thaws it when this one dies
 * in any way. On failure nothing is frozen.
 */
int freezer_freeze(struct freezer *freezer, struct error *err);
int freezer_thaw(struct freezer *freezer, struct error *err);

/* The ids of all threads in it and below, or of all processes, at most `max`; -1 when they cannot
 * be listed. Without freezing, one that was born meanwhile may be missing, and one may be gone. */
ssize_t freezer_threads(const struct freezer *freezer, pid_t *tids, size_t max);
ssize_t freezer_processes(const struct freezer *freezer, pid_t *pids, size_t max);

#endif
