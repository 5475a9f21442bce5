/* SPDX-License-Identifier: Apache-2.0 */
#include "live/inject-session.h"

#include "live/live-proc.h"
#include "live/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* A process of which threads have different filters has each of them changed by itself. More than
 * this is taken for something that makes them faster than they can be stopped. */
#define THREADS_MAX 8192

static void refuse(struct inject_result *result, const char *format, ...) PRINTF_LIKE(2, 3);
static void refuse(struct inject_result *result, const char *format, ...)
{
	va_list args;

	result->outcome = INJECT_REFUSED;
	va_start(args, format);
	vsnprintf(result->why, sizeof(result->why), format, args);
	va_end(args);
}

static void again(struct inject_result *result, const char *why)
{
	result->outcome = INJECT_AGAIN;
	snprintf(result->why, sizeof(result->why), "%.*s", INJECT_WHY_SIZE - 1, why);
}

/* ---- who it is ---- */

/* Is the process that is meant still there? */
static bool is_there(const struct inject_target *target, struct proc_stat *ret_stat)
{
	struct error gone;

	return proc_read_stat(target->pid, ret_stat, &gone) == 0 &&
	       ret_stat->start_time == target->start && !proc_is_over(ret_stat);
}

static bool is_over(const struct inject_target *target)
{
	struct proc_stat stat;

	return !is_there(target, &stat);
}

/* ---- one thread that can be traced ---- */

/* PTRACE_SEIZE of the thread `tid` has failed with `code`. */
static void explain_seize(const struct inject_target *target, pid_t tid, int code,
			  struct inject_result *result)
{
	struct proc_status status;
	struct error gone;
	bool is_shown = proc_read_status(target->pid, tid, &status, &gone) == 0;

	if (is_over(target)) {
		result->outcome = INJECT_OVER;
		return;
	}
	if (is_shown && proc_has_ended(status.state))
		again(result, "the thread ended");
	else if (is_shown && status.tracer > 0 && status.tracer != getpid())
		refuse(result, "process %d traces it", (int)status.tracer);
	else if (code == ESRCH)
		again(result, "the thread ended");
	else if (code == EOPNOTSUPP)
		refuse(result,
		       "it has a filter of its own, which this kernel cannot suspend for the "
		       "moment "
		       "(CONFIG_CHECKPOINT_RESTORE), or this process may not (CAP_SYS_ADMIN, no "
		       "filter of one's own)");
	else
		refuse(result,
		       "it may not be traced: %s (kernel.yama.ptrace_scope, AppArmor, "
		       "SELinux?)",
		       error_words(code));
}

/* Let go of it, at any stop. */
static void let_go(struct session *s, struct inject_result *result)
{
	uint64_t stopped = session_release(s);

	if (stopped > result->stopped_ns)
		result->stopped_ns = stopped;
}

/* ---- the filter ---- */

/* Would the profile deny the call that the thread waits in, or all of its calls? */
static bool is_denied(const struct session *s, char why[INJECT_WHY_SIZE])
{
	const struct program *program = s->job->program;
	struct seccomp_data data = {.arch = inject_arch_audit(&s->regs),
				    .nr = inject_arch_exit_number(&s->regs)};
	uint32_t answer = program_run(program->insns, program->n_insns, &data);

	if (!program_lets_run(answer)) {
		snprintf(why, INJECT_WHY_SIZE, "the profile denies every call of its ABI, or exit");
		return true;
	}
	if (!inject_arch_again(&s->regs, &data) ||
	    program_lets_run(program_run(program->insns, program->n_insns, &data)))
		return false;
	inject_name_call(data.arch, data.nr, why);
	return true;
}

#define STRICT "it is in seccomp's strict mode, to which no filter can be added"
#define NO_PLACE                                                                                   \
	"its vDSO, from which the calls would be made, is gone, has no room, or may not be "       \
	"executed"

/* A call of the thread's that failed with `code`. */
static void explain_call(const struct session *s, int code, struct inject_result *result)
{
	struct proc_status status;
	struct error gone;

	/* Its calls but four would end it; seccomp(2) says so of the mode. */
	if (code == EINVAL && proc_read_status(s->pid, s->tid, &status, &gone) == 0 &&
	    status.seccomp == 1) {
		refuse(result, STRICT);
		return;
	}
	switch (code) {
	case ENOSPC:
		refuse(result, NO_PLACE);
		break;
	case EACCES:
		refuse(result, "it lacks CAP_SYS_ADMIN and would have to give up what setuid "
			       "programs gain: --no-new-privs");
		break;
	case ENOMEM:
		refuse(result, "it has no room: memory limits, or too many filters already");
		break;
	default:
		refuse(result, "%s in the process: %s", s->doing, error_words(code));
	}
}

/* Load it from the thread of the session, which is at a stop. Leaves the thread there, as it was.
 */
static void load(struct session *s, bool all_threads, struct inject_result *result)
{
	int64_t loaded;

	if (is_denied(s, result->why)) {
		result->outcome = INJECT_REFUSED;
		return;
	}
	loaded = session_load(s, all_threads, &result->set_no_new_privs);
	if (loaded == 0)
		result->outcome = INJECT_DONE;
	else if (loaded > 0)
		again(result, "threads have different filters");
	else if (loaded == SESSION_GONE || (loaded != SESSION_LOST && !session_is_there(s)))
		again(result, "the thread ended");
	else if (loaded == SESSION_LOST)
		refuse(result, "it did not come back from %s in time, and is let go by itself",
		       s->doing);
	else
		explain_call(s, (int)-loaded, result);
}

/* ---- all threads of a process ---- */

static void free_sessions(struct session *sessions, size_t n, struct inject_result *result)
{
	for (size_t i = 0; i < n; i++)
		let_go(&sessions[i], result);
	free(sessions);
}

/* Which of the threads, all at a stop, is best for it: one whose call is let through. */
static struct session *best_of(struct session *sessions, size_t n)
{
	char ignored[INJECT_WHY_SIZE];

	for (size_t i = 0; i < n; i++)
		if (sessions[i].is_stopped && !is_denied(&sessions[i], ignored))
			return &sessions[i];
	return &sessions[0];
}

static void load_one_by_one(struct session *sessions, size_t n, struct inject_result *result)
{
	for (size_t i = 0; i < n; i++) {
		if (session_has_filter(&sessions[i]))
			continue;
		load(&sessions[i], false, result);
		if (result->outcome != INJECT_DONE)
			return;
	}
	result->outcome = INJECT_DONE;
}

/* The threads are seized and told to stop. Load the filter into all, by one call if that does, and
 * let them go. */
static void load_into_all(struct session *sessions, size_t n, struct inject_result *result)
{
	struct session *best;
	size_t alive = 0, had = 0;

	for (size_t i = 0; i < n; i++) {
		int stopped = session_stop(&sessions[alive], INJECT_STOP_MS);

		if (stopped == SESSION_GONE) {
			memmove(&sessions[alive], &sessions[alive + 1],
				(n - i - 1) * sizeof(*sessions));
			continue;
		}
		had += stopped == 0 && session_has_filter(&sessions[alive]);
		alive++;
	}
	for (size_t i = 0; i < alive; i++) {
		if (sessions[i].is_stopped)
			continue;
		again(result, "a thread does not stop");
		free_sessions(sessions, alive, result);
		return;
	}
	best = alive > 0 ? best_of(sessions, alive) : NULL;
	if (best == NULL || had == alive) {
		result->outcome = best == NULL ? INJECT_OVER : INJECT_HAD_IT;
		free_sessions(sessions, alive, result);
		return;
	}
	load(best, true, result);
	if (best->conflict)
		load_one_by_one(sessions, alive, result);
	free_sessions(sessions, alive, result);
}

struct gathering {
	struct session *sessions;
	size_t n, before;
	const struct inject_job *job;
	const struct inject_target *target;
	int code;      /* why the last one could not be seized; 0: it could */
	pid_t refused; /* which that is */
};

static int gather(void *ctx, pid_t tid, struct error *err)
{
	struct gathering *g = ctx;
	struct proc_status status;
	struct error gone;

	if (proc_read_status(g->target->pid, tid, &status, &gone) == 0 &&
	    proc_has_ended(status.state))
		return 0;
	for (size_t i = 0; i < g->n; i++)
		if (g->sessions[i].tid == tid)
			return 0;
	if (g->n == THREADS_MAX)
		return error_set(err, "too many threads");
	session_begin(&g->sessions[g->n], g->target->pid, tid, g->job);
	g->code = session_seize(&g->sessions[g->n], true);
	if (g->code == 0)
		g->n++;
	/* It ended in the meantime. */
	if (g->code == ESRCH)
		g->code = 0;
	g->refused = tid;
	return g->code == 0 ? 0 : error_set(err, "not traced");
}

/* Threads of the target have different filters, so that one cannot load it for all. */
static void inject_each(const struct inject_target *target, const struct inject_job *job,
			struct inject_result *result)
{
	struct gathering g = {.job = job, .target = target, .before = SIZE_MAX};
	struct error err;
	int rc = 0;

	g.sessions = calloc(THREADS_MAX, sizeof(*g.sessions));
	if (g.sessions == NULL) {
		refuse(result, "%s", error_words(ENOMEM));
		return;
	}
	/* Until a pass finds no new one. */
	while (rc == 0 && g.n != g.before) {
		g.before = g.n;
		rc = proc_each_thread(target->pid, gather, &g, &err);
		for (size_t i = 0; i < g.n; i++)
			(void)session_stop(&g.sessions[i], INJECT_STOP_MS);
	}
	if (rc < 0) {
		free_sessions(g.sessions, g.n, result);
		if (g.code != 0)
			explain_seize(target, g.refused, g.code, result);
		else
			again(result, err.text);
		return;
	}
	load_into_all(g.sessions, g.n, result);
}

/* ---- for others ---- */

void inject(struct inject_target *target, const struct inject_job *job, unsigned int wait_ms,
	    struct inject_result *ret_result)
{
	struct inject_result result = {.outcome = INJECT_OVER};
	struct session s;
	bool conflict = false;
	int code;

	*ret_result = result;
	session_begin(&s, target->pid, target->tid, job);
	if (target->tid == 0) {
		if (is_over(target))
			return;
		session_choose(&s);
		code = session_seize(&s, target->filters > 0);
		if (code != 0) {
			explain_seize(target, s.tid, code, ret_result);
			return;
		}
		/* The pid cannot be another's from here on. */
		if (is_over(target)) {
			/* It stops or is dead; what was seized by mistake goes on. */
			(void)session_stop(&s, INJECT_STOP_MS);
			let_go(&s, ret_result);
			return;
		}
	}
	target->tid = s.tid;
	code = session_stop(&s, wait_ms);
	if (code == SESSION_LATE) {
		again(ret_result, "it does not stop: it is in an uninterruptible sleep");
		return;
	}
	target->tid = 0;
	if (code == SESSION_GONE) {
		again(ret_result, "the thread ended");
		if (is_over(target))
			ret_result->outcome = INJECT_OVER;
		return;
	}
	if (code != 0)
		refuse(&result, "%s",
		       code == SESSION_ABI ? "its ABI is not one that can be handled"
					   : error_words(code));
	else if (session_has_filter(&s))
		result.outcome = INJECT_HAD_IT;
	else
		load(&s, true, &result);
	conflict = s.conflict;
	let_go(&s, &result);
	/* One has it, and others not: what the first has says nothing about them. */
	if (conflict || (result.outcome == INJECT_HAD_IT && !session_all_have(&s)))
		inject_each(target, job, &result);
	*ret_result = result;
}

int inject_check(const struct program *program, struct error *err)
{
	return program != NULL ? live_check_program(program, err) : 0;
}

int inject_hold(pid_t tid)
{
	struct session s;
	int code;

	session_begin(&s, tid, tid, NULL);
	code = session_seize(&s, false);
	errno = code;
	return code == 0 ? 0 : -1;
}

void inject_held(struct inject_target *target, const pid_t *tids, size_t n,
		 const struct inject_job *job, struct inject_result *ret_result)
{
	struct session *sessions = calloc(n + 1, sizeof(*sessions));
	struct proc_status status;
	struct error gone;
	size_t own = 0;

	*ret_result = (struct inject_result){.outcome = INJECT_OVER};
	if (sessions == NULL) {
		refuse(ret_result, "%s", error_words(ENOMEM));
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (proc_read_status(tids[i], 0, &status, &gone) < 0 || status.tgid != target->pid)
			continue;
		session_begin(&sessions[own], target->pid, tids[i], job);
		/* It was frozen when it was seized. */
		sessions[own].regs.waited.was_stopped = true;
		own++;
	}
	load_into_all(sessions, own, ret_result);
}

void inject_look(const struct inject_target *target, const struct inject_job *job,
		 struct inject_outlook *ret_outlook)
{
	struct inject_outlook look = {.possible = true};
	struct proc_status status;
	struct session s;
	struct error gone;

	*ret_outlook = look;
	if (is_over(target) || proc_read_status(target->pid, 0, &status, &gone) < 0)
		return;
	session_begin(&s, target->pid, 0, job);
	session_choose(&s);
	look.needs_no_new_privs = !session_may_load(&s);
	if (status.tracer > 0) {
		look.possible = false;
		snprintf(look.why, sizeof(look.why), "process %d traces it", (int)status.tracer);
	} else if (status.seccomp == 1) {
		look.possible = false;
		snprintf(look.why, sizeof(look.why), STRICT);
	} else if (s.rank == RANK_DENIED) {
		look.possible = false;
		inject_name_call(s.waits.arch, s.waits.nr, look.why);
	} else if (s.rank == RANK_SLEEPS) {
		look.possible = false;
		snprintf(look.why, sizeof(look.why), "it is in an uninterruptible sleep now");
	} else if (!session_has_place(&s)) {
		look.possible = false;
		snprintf(look.why, sizeof(look.why), NO_PLACE);
	} else if (look.needs_no_new_privs && !job->no_new_privs) {
		look.possible = false;
		snprintf(look.why, sizeof(look.why), "needs --no-new-privs");
	}
	*ret_outlook = look;
}
