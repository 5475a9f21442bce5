/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading filters into containers that run: all processes of them, also those that are born
 * meanwhile. docs/confine.md has the whole of it.
 */
#ifndef SECCOMP_GUARD_CONFINE_CONFINE_H
#define SECCOMP_GUARD_CONFINE_CONFINE_H

#include "live/inject.h"
#include "node/container.h"

/* What became of one process. */
struct confine_process {
	size_t container; /* index in the job */
	pid_t pid;
	char comm[64];
	enum inject_outcome outcome; /* INJECT_AGAIN is never left */
	bool killed;                 /* refused, and therefore killed */
	bool set_no_new_privs;
	uint64_t stopped_ns;
	char why[INJECT_WHY_SIZE];
};

/* One container, with the program that all of its processes are to have. */
struct confine_container {
	struct container *container; /* one of job->all */
	const struct program *program;
	bool frozen;               /* it had to be frozen */
	bool ended;                /* it has no process any more */
	char why[INJECT_WHY_SIZE]; /* it cannot be said that all are confined; "": nothing */
};

struct confine_job {
	const struct container_search *search;
	struct container *all; /* also those that are not meant: whose a process is */
	struct confine_container *containers; /* where others see it (MAP_SHARED), as the rest */
	size_t n;
	bool no_new_privs; /* may be set */
	bool freeze;       /* without trying first whether it does without */
	bool or_kill;      /* what cannot be confined is killed */
};

/* Processes of one run that are told of one by one; what is more is only counted. */
#define CONFINE_PROCESSES 65536

/* What is seen of it from outside while it goes on. */
struct confine_progress {
	bool stop; /* set it: no other process is begun */
	bool finished;
	unsigned int passes;
	size_t n;    /* of `process` */
	size_t more; /* that did not fit */
	struct confine_process process[CONFINE_PROCESSES];
};

/*
 * Do it in a process of our own, and wait for that. Whatever becomes of it, no process of a
 * container is left stopped or frozen. SIGINT, SIGTERM and SIGHUP end it between two processes.
 * Returns 0 when it came to its end; what was done is in ret_progress in any case, and in
 * job->containers. -1: it could not be begun, or was killed.
 */
int confine_run(struct confine_job *job, struct confine_progress **ret_progress, struct error *err);

/* What would become of each process, as far as that shows without stopping it. */
int confine_look(const struct confine_job *job, struct confine_progress **ret_progress,
		 struct error *err);

/* Is everything in the container confined? */
bool confine_is_complete(const struct confine_job *job, const struct confine_progress *progress,
			 size_t container);

#endif
