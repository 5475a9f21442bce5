/* SPDX-License-Identifier: Apache-2.0 */
/* One thread that is traced for a moment: inject.c decides, this does. */
#ifndef SECCOMP_GUARD_LIVE_INJECT_SESSION_H
#define SECCOMP_GUARD_LIVE_INJECT_SESSION_H

#include "live/inject-arch.h"
#include "live/inject.h"
#include "program/run.h"

/* How well a thread takes a stop. The first is best. */
enum session_rank {
	RANK_WAITS,     /* in a call that goes on as if nothing had been */
	RANK_RUNS,      /* it computes */
	RANK_CUT_SHORT, /* in a call that a stop ends early; without a time-out it is made again */
	RANK_SLEEPS,    /* does not stop before something else happens */
	RANK_DENIED,    /* in a call that the profile denies */
	RANK_ENDED,     /* as the first thread has where only others go on */
};

/* What functions return that else return 0 or a number of their own: not to be taken for -errno. */
enum {
	SESSION_GONE = -100001, /* the thread has ended */
	SESSION_LATE = -100002, /* no stop in time */
	SESSION_LOST = -100003, /* no stop in time in the midst of a call of ours */
	SESSION_ABI = -100004,
};

struct session {
	pid_t pid, tid;
	const struct inject_job *job;
	enum session_rank rank;    /* of `tid` when it was chosen */
	struct seccomp_data waits; /* RANK_DENIED: the call */
	bool is_stopped;
	bool is_lost;   /* it is in the stub, and must not be touched again */
	bool conflict;  /* another thread has other filters */
	int filters;    /* that the thread had, as counted when read back; -1: not read */
	int signal;     /* to be delivered when it is let go */
	uint64_t since; /* ns: when it was told to stop */
	struct inject_regs regs;
	uint64_t stub; /* where it lies; 0: nowhere */
	size_t stub_size;
	uint64_t rseq;    /* address of the field rseq_cs of its struct rseq; 0: it has none */
	uint64_t rseq_cs; /* what was in it */
	const char *doing;
};

void session_begin(struct session *s, pid_t pid, pid_t tid, const struct inject_job *job);

/* Choose the thread of the process that takes it best: s->tid, s->rank. */
void session_choose(struct session *s);

/* May the thread load a filter without giving up anything? By /proc. */
bool session_may_load(const struct session *s);

/* Has its vDSO room for what is written there? By /proc. */
bool session_has_place(const struct session *s);

/* Trace it and tell it to stop. Returns 0 or errno; EOPNOTSUPP: it has a filter that cannot be
 * suspended. */
int session_seize(struct session *s, bool has_filters);

/* Wait for the stop at most `ms`, and read the registers. Returns 0, errno, or one of the above. */
int session_stop(struct session *s, unsigned int ms);

/* Is it stopped still? SIGKILL, and another thread's exec, end it there too. */
bool session_is_there(const struct session *s);

/* Has the stopped thread the filter of the job? Counts s->filters. */
bool session_has_filter(struct session *s);

/* Have all threads of the process as many as the stopped one? */
bool session_all_have(const struct session *s);

/*
 * Have the stopped thread load the filter. It is at a stop afterwards, with its own registers.
 * Returns 0, -errno of the call s->doing, the id of a thread with other filters (> 0), SESSION_GONE
 * or SESSION_LOST.
 */
int64_t session_load(struct session *s, bool all_threads, bool *ret_set_no_new_privs);

/* Let it go. Returns for how many ns it was stopped at most. */
uint64_t session_release(struct session *s);

/* "waits in epoll_wait, which the profile denies". `why` has INJECT_WHY_SIZE bytes. */
void inject_name_call(uint32_t audit, int nr, char *why);

#endif
