/* SPDX-License-Identifier: Apache-2.0 */
/* The tracing half of live injection: one process, one container's init. Used by live.c only. */
#ifndef SECCOMP_GUARD_LIVE_LIVE_TRACE_H
#define SECCOMP_GUARD_LIVE_LIVE_TRACE_H

#include "live/live-arch.h"
#include "live/live.h"

enum trace_phase {
	TRACE_WATCH,   /* waiting for the call that gives up privilege */
	TRACE_MAP,     /* init runs mmap for us */
	TRACE_ENTER,   /* on its way into seccomp(2) */
	TRACE_LOAD,    /* init runs seccomp(2) for us */
	TRACE_RELEASE, /* the filter is in place; threads are let go one by one */
	TRACE_KILL,    /* SIGKILL has been sent; waiting for the end */
};

struct trace {
	const struct live_init *init;
	const struct program *program;
	enum trace_phase phase;
	bool in_call; /* the leader goes on from the entry of a call to its end */
	unsigned int stops;
	struct live_regs entry; /* registers of the leader at the call that gives up privilege */
	uint64_t sigmask;
	const char *at; /* the name of that call */
	struct error why;
};

/*
 * Seize all threads of init and stop the leader once, so that each of its system calls from here on
 * is seen. -1: init must die with the calling process, which only has to exit.
 */
int trace_seize(struct trace *t, struct error *err);

/* Go on until init is confined, killed or dead. */
enum live_outcome trace_run(struct trace *t);

#endif
