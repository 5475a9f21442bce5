/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decision record: one JSON object on one line for each decision, to the sink that the policy
 * names. Writing never blocks. A record that cannot be written is counted in
 * /run/seccomp-guard/records-lost, and the next one that is written carries the number in "lost".
 */
#ifndef SECCOMP_GUARD_NODE_RECORD_H
#define SECCOMP_GUARD_NODE_RECORD_H

#include "base/date.h"
#include "policy/enforce.h"

#include <time.h>

#define RECORD_MAX_SIZE 8192

/* A record has at most this many names of system calls, and the number of all. */
#define RECORD_WEAK_SYSCALLS 16

struct record {
	const struct verdict *verdict;
	const char *entry;     /* wrapper, filter, hook, cli */
	const char *stage;     /* the OCI lifecycle stage or the runtime's command; NULL: none */
	const char *id;        /* container; NULL: as its configuration tells */
	const char *bundle;    /* absolute or from the current directory; NULL: not known */
	const char *injector;  /* "config" or "live"; NULL: nothing was injected */
	struct timespec start; /* CLOCK_MONOTONIC when work began */
	/* The container's first process; 0: it is this one, which becomes the runtime; -1: there is
	 * none yet. For those who follow denials. */
	int64_t pid;
};

/* What was loaded into a container that runs. Texts may be "". */
struct record_confine {
	const char *id, *bundle, *engine, *name_space, *pod, *container, *image;
	const char *profile; /* "runtime/default", a path, or "" for restrictions alone */
	const char *tighten; /* their names, separated by spaces */
	const char *sha256;  /* of the program */
	const char *exec;    /* "confined" or "unconfined": what is executed in it later */
	size_t confined, had_it, refused, killed, no_new_privs; /* processes */
	bool complete;                                          /* none is without */
	const char *why;                                        /* else: why not */
};

/* As record_write(), for the event "confine". */
int record_write_confine(const struct record_confine *record, const struct policy *policy,
			 struct error *err);

/* The sentence of a record, as people read it in a log. */
const char *record_message(const struct verdict *verdict, char *out, size_t size);

/* RFC 3339 in UTC with microseconds. Needs no time zone files. `out` has RECORD_TIME_SIZE bytes. */
#define RECORD_TIME_SIZE DATE_MOMENT_SIZE
const char *record_time(const struct timespec *when, char out[RECORD_TIME_SIZE]);

/*
 * Write the record to the sink of `policy`; where denials are to be logged, tell it to those who
 * follow them, too (node/announce.h). Returns 0, or -1 with a message when this is the first
 * record that was lost since one was written: the caller reports it.
 */
int record_write(const struct record *record, const struct policy *policy, struct error *err);

/*
 * Write a record of something that is no decision, as of kind `event`. `priority` as in syslog(3).
 * Returns as record_write().
 */
int record_notice(int priority, const char *event, const char *message, const struct policy *policy,
		  struct error *err);

#endif
