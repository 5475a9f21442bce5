/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The containers that run on this machine: what the runtimes keep of them in the state directories
 * of all engines, and which processes are theirs. Read only.
 */
#ifndef SECCOMP_GUARD_NODE_CONTAINER_H
#define SECCOMP_GUARD_NODE_CONTAINER_H

#include "node/process.h"
#include "oci/engine.h"

#include <limits.h>
#include <sys/stat.h>

struct container {
	const char *id;
	const char *runtime; /* "runc", "crun"; NULL: only its control group is known */
	const char *state;  /* the directory in which the runtime keeps what it knows of it; NULL */
	const char *bundle; /* NULL: not known */
	enum engine engine; /* as its control group is called; ENGINE_UNKNOWN: that does not tell */
	struct span group;  /* its own, as a line of /proc/PID/cgroup; absent: it has none */
	ino_t pid_namespace; /* without a group: what its processes share; 0: nothing */
	struct process *init;
	struct process *processes; /* init first, then in the order of their PIDs; no zombies */
	struct container *next;
};

struct container_search {
	/* The system is below this directory; "": it is this one. PIDs are those of our own /proc
	 * in any case. */
	const char *root;
	struct arena *keep;    /* for the result */
	struct arena *scratch; /* given back */
	/* Called for what should have been read and cannot be. */
	void (*tell)(void *ctx, const char *message);
	void *ctx;
};

/*
 * Find the containers in which something runs. One that was created and not started is none yet:
 * its init is still the runtime's. What no runtime in a usual place knows is found by the control
 * groups that engines name after the identifier of 64 digits.
 */
int container_list(const struct container_search *search, struct container **ret_list,
		   struct error *err);

/*
 * Read again which processes the containers in `list` have; *container->processes is empty, and
 * init as it was, for one that has ended. Containers that have come meanwhile are not in it.
 */
int container_refresh(const struct container_search *search, struct container *list,
		      struct error *err);

/* Read the config.json of the bundle; its path goes to ret_path. The text lives in `keep`. */
int container_read_config(const struct container *container, const struct container_search *search,
			  char ret_path[PATH_MAX], struct span *ret_text, struct error *err);

#endif
