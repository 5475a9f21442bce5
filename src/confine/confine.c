/* SPDX-License-Identifier: Apache-2.0 */
#include "confine/confine.h"

#include "confine/freezer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* Trees of processes need two passes, as children inherit. What a fifth still finds new processes
 * in makes them faster than they are found, and is frozen. */
#define PASSES 5
#define FREEZES 3

/* How long is waited, in the end, for what does not stop; and how often what came by then is looked
 * for, among which others may be late. */
#define LATE_MS 5000
#define LATE_ROUNDS 8

#define THREADS_MAX 65536
#define PIDS_MAX 32768

/* A process that was seen. */
struct known {
	struct inject_target target;
	char comm[64];
	bool is_over; /* with an outcome, or by itself */
	struct inject_result last;
	struct known *next;
};

struct worker {
	struct confine_job *job;
	struct confine_progress *progress;
	struct known **known;     /* a list for each container */
	unsigned char *unrest;    /* for each: so many passes have to find nothing new yet */
	bool *is_paused;          /* for each: it was frozen before */
	bool *is_settled;         /* for each: it was frozen, and nothing in it is without */
	struct freezer **freezer; /* for each: of its own group; NULL: it has none */
};

static struct inject_job job_of(const struct worker *w, size_t i)
{
	return (struct inject_job){w->job->containers[i].program, w->job->no_new_privs};
}

/* ---- results ---- */

/* SIGKILL to a process that is still the one that is meant. */
static bool kill_process(const struct known *k)
{
	int fd = (int)syscall(SYS_pidfd_open, k->target.pid, 0);
	struct process now = {.pid = k->target.pid, .start = k->target.start};
	bool killed = false;

	if (fd < 0)
		return false;
	if (process_refresh(&now))
		killed = syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) == 0;
	close(fd);
	return killed;
}

static void note(struct worker *w, size_t container, const struct known *k)
{
	struct confine_progress *progress = w->progress;
	struct confine_process *p = &progress->process[progress->n];

	if (progress->n == CONFINE_PROCESSES) {
		progress->more++;
		return;
	}
	*p = (struct confine_process){.container = container,
				      .pid = k->target.pid,
				      .outcome = k->last.outcome,
				      .set_no_new_privs = k->last.set_no_new_privs,
				      .stopped_ns = k->last.stopped_ns};
	memcpy(p->comm, k->comm, sizeof(p->comm));
	memcpy(p->why, k->last.why, sizeof(p->why));
	if (p->outcome == INJECT_REFUSED && w->job->or_kill)
		p->killed = kill_process(k);
	progress->n++;
}

/* Take the outcome of one more try. */
static void take(struct worker *w, size_t container, struct known *k)
{
	if (k->last.outcome == INJECT_AGAIN)
		return;
	k->is_over = true;
	if (k->last.outcome != INJECT_OVER)
		note(w, container, k);
}

/* ---- passes ---- */

static struct known *find_or_add(struct worker *w, size_t container, const struct process *p)
{
	struct known *k = w->known[container];

	while (k != NULL && (k->target.pid != p->pid || k->target.start != p->start))
		k = k->next;
	if (k != NULL)
		return k;
	k = arena_alloc(w->job->search->keep, sizeof(*k));
	if (k == NULL)
		return NULL;
	*k = (struct known){.target = {.pid = p->pid, .start = p->start}};
	snprintf(k->comm, sizeof(k->comm), "%s", p->comm);
	k->next = w->known[container];
	w->known[container] = k;
	return k;
}

/* How many passes have to find nothing new after this: one after what was confined, as it may have
 * had children before; two after what was gone, as nobody knows what it was. */
enum { QUIET, DONE_ONE = 1, GONE = 2 };

static unsigned char visit(struct worker *w, size_t container, const struct process *p)
{
	const struct inject_job job = job_of(w, container);
	struct known *k = find_or_add(w, container, p);

	if (k == NULL) {
		snprintf(w->job->containers[container].why, INJECT_WHY_SIZE,
			 "it has too many processes");
		return QUIET;
	}
	if (k->is_over || w->progress->stop)
		return QUIET;
	k->target.filters = p->filters != 0 || p->seccomp != 0;
	inject(&k->target, &job, INJECT_STOP_MS, &k->last);
	take(w, container, k);
	if (k->last.outcome == INJECT_OVER)
		return GONE;
	/* One that is late is waited for in the end. */
	return k->last.outcome == INJECT_DONE ||
			       (k->last.outcome == INJECT_AGAIN && k->target.tid == 0)
		       ? DONE_ONE
		       : QUIET;
}

static bool is_listed(const struct worker *w, pid_t pid)
{
	for (const struct container *c = w->job->all; c != NULL; c = c->next)
		for (const struct process *p = c->processes; p != NULL; p = p->next)
			if (p->pid == pid)
				return true;
	return false;
}

static bool read_process(pid_t pid, struct process *ret_process)
{
	*ret_process = (struct process){.pid = pid};
	return process_read(ret_process) && !ret_process->zombie;
}

/*
 * Reading /proc may overlook processes that come and go fast. So ask the control group too: what it
 * lists and is gone when it is looked at, may have had children.
 */
static unsigned char visit_unlisted(struct worker *w, size_t container)
{
	static pid_t pids[PIDS_MAX];
	ssize_t n = w->freezer[container] != NULL
			    ? freezer_processes(w->freezer[container], pids, PIDS_MAX)
			    : 0;
	unsigned char unrest = QUIET;

	for (ssize_t i = 0; i < n; i++) {
		unsigned char one = GONE;
		struct process p;

		if (is_listed(w, pids[i]))
			continue;
		if (read_process(pids[i], &p))
			one = visit(w, container, &p);
		unrest = one > unrest ? one : unrest;
	}
	return unrest;
}

/* Everything that is in one container now. */
static void visit_all(struct worker *w, size_t i)
{
	const struct container *c = w->job->containers[i].container;
	unsigned char unrest = QUIET;

	w->job->containers[i].ended = c->processes == NULL;
	if (w->is_paused[i])
		return;
	for (const struct process *p = c->processes; p != NULL; p = p->next) {
		unsigned char one = visit(w, i, p);

		unrest = one > unrest ? one : unrest;
	}
	if (c->processes != NULL) {
		unsigned char one = visit_unlisted(w, i);

		unrest = one > unrest ? one : unrest;
	}
	if (w->is_settled[i])
		/* What is born of what has it, has it. */
		w->unrest[i] = 0;
	else if (unrest != QUIET)
		w->unrest[i] = unrest > w->unrest[i] ? unrest : w->unrest[i];
	else if (w->unrest[i] > 0)
		w->unrest[i]--;
}

/* Visit what is there. Returns 1 while something moves, 0 when nothing does. */
static int pass(struct worker *w, struct error *err)
{
	int moving = 0;

	if (container_refresh(w->job->search, w->job->all, err) < 0)
		return -1;
	w->progress->passes++;
	for (size_t i = 0; i < w->job->n; i++) {
		visit_all(w, i);
		moving |= w->unrest[i] > 0;
	}
	return moving;
}

/* ---- what cannot be caught up with ---- */

static bool is_known(const struct worker *w, size_t container, const struct process *p)
{
	const struct known *k = w->known[container];

	while (k != NULL && !(k->target.pid == p->pid && k->target.start == p->start && k->is_over))
		k = k->next;
	return k != NULL;
}

/* Of which process is the thread? 0: it has ended. */
static pid_t process_of(pid_t tid)
{
	char path[64], line[256];
	int tgid = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	status = fopen(path, "re");
	while (status != NULL && fgets(line, sizeof(line), status) != NULL &&
	       sscanf(line, "Tgid: %d", &tgid) != 1)
		;
	if (status != NULL)
		fclose(status);
	return tgid;
}

/* While the container is frozen: hold every thread of what is not done. Returns how many; *ret_all:
 * none was missed but what is over or told of. */
static size_t hold(struct worker *w, size_t container, pid_t *tids, size_t n, bool *ret_all)
{
	size_t held = 0;
	pid_t last = 0;
	bool is_done = false;

	*ret_all = true;
	for (size_t i = 0; i < n; i++) {
		pid_t pid = process_of(tids[i]);
		struct process p;

		if (pid != last) {
			is_done = !read_process(pid, &p) || is_known(w, container, &p);
			last = pid;
		}
		if (is_done)
			continue;
		if (inject_hold(tids[i]) == 0)
			tids[held++] = tids[i];
		else if (errno != ESRCH)
			*ret_all = false;
	}
	return held;
}

/* The threads of one process after the other. Returns whether all came to an end. */
static bool finish_held(struct worker *w, size_t container, pid_t *tids, size_t n)
{
	const struct inject_job job = job_of(w, container);
	struct process p;
	bool all = true;

	for (size_t i = 0; i < n; i++) {
		pid_t pid = process_of(tids[i]);
		struct known *k;

		if (pid == 0 || !read_process(pid, &p))
			continue;
		k = find_or_add(w, container, &p);
		if (k == NULL || k->is_over)
			continue;
		inject_held(&k->target, tids, n, &job, &k->last);
		take(w, container, k);
		all = all && k->is_over;
	}
	return all;
}

static int freeze(struct worker *w, size_t i, struct error *err)
{
	static pid_t tids[THREADS_MAX];
	struct confine_container *c = &w->job->containers[i];
	struct freezer *freezer = w->freezer[i];
	ssize_t n;
	size_t held = 0;
	bool all = false;

	if (freezer == NULL)
		return error_set(err, "it has no control group of its own that could be frozen");
	if (freezer_freeze(freezer, err) < 0)
		return -1;
	n = freezer_threads(freezer, tids, THREADS_MAX);
	if (n > 0)
		held = hold(w, i, tids, (size_t)n, &all);
	if (freezer_thaw(freezer, err) < 0)
		return -1;
	c->frozen = true;
	if (n < 0 || n == THREADS_MAX)
		return error_set(err, "its threads cannot be listed");
	w->is_settled[i] = finish_held(w, i, tids, held) && all;
	return 0;
}

/* ---- what does not stop ---- */

/* Takes what it waits from *left_ms. Returns whether one came to an end by it. */
static bool wait_for_late(struct worker *w, int *left_ms)
{
	const struct timespec nap = {0, 10000000};
	bool any = false, waiting = true;

	for (; waiting && *left_ms > 0 && !w->progress->stop; *left_ms -= 10) {
		waiting = false;
		for (size_t i = 0; i < w->job->n; i++) {
			const struct inject_job job = job_of(w, i);

			for (struct known *k = w->known[i]; k != NULL; k = k->next) {
				if (k->is_over || k->target.tid == 0)
					continue;
				inject(&k->target, &job, 0, &k->last);
				take(w, i, k);
				any = any || k->is_over;
				waiting = waiting || k->target.tid != 0;
			}
		}
		if (waiting)
			nanosleep(&nap, NULL);
	}
	return any;
}

/* What is left is told of, unless it has ended since it was tried. Who told us to stop is not kept
 * waiting by one more try. */
static void give_up(struct worker *w)
{
	for (size_t i = 0; i < w->job->n; i++) {
		const struct inject_job job = job_of(w, i);

		if (w->unrest[i] > 0 && w->job->containers[i].why[0] == '\0')
			snprintf(w->job->containers[i].why, INJECT_WHY_SIZE,
				 "new processes come faster than they are found");
		for (struct known *k = w->known[i]; k != NULL; k = k->next) {
			if (k->is_over || k->last.outcome != INJECT_AGAIN)
				continue;
			if (!w->progress->stop)
				inject(&k->target, &job, INJECT_STOP_MS, &k->last);
			if (k->last.outcome == INJECT_AGAIN)
				k->last.outcome = INJECT_REFUSED;
			take(w, i, k);
		}
	}
}

/* ---- the process that does it ---- */

static int settle(struct worker *w, struct error *err)
{
	int moving = 1;

	for (size_t i = 0; i < w->job->n; i++)
		w->unrest[i] = w->job->freeze && !w->is_paused[i] && !w->is_settled[i];
	for (int i = 0; i < PASSES && moving > 0 && !w->job->freeze; i++)
		moving = pass(w, err);
	for (int round = 0; round < FREEZES && moving > 0 && !w->progress->stop; round++) {
		for (size_t i = 0; i < w->job->n; i++) {
			struct error why;

			if (w->unrest[i] == 0)
				continue;
			w->job->containers[i].why[0] = '\0';
			if (freeze(w, i, &why) < 0)
				snprintf(w->job->containers[i].why, INJECT_WHY_SIZE,
					 "not all of its processes were surely found: %.100s",
					 why.text);
		}
		moving = pass(w, err);
	}
	return moving < 0 ? -1 : 0;
}

static int find_freezer(struct worker *w, size_t i, struct error *err)
{
	struct freezer freezer;
	struct error none;

	w->freezer[i] = NULL;
	if (freezer_find(w->job->containers[i].container, &freezer, &none) < 0)
		return 0;
	w->freezer[i] = arena_alloc(w->job->search->keep, sizeof(freezer));
	if (w->freezer[i] == NULL)
		return error_set(err, "there are too many containers");
	*w->freezer[i] = freezer;
	w->is_paused[i] = freezer_is_frozen(&freezer);
	if (w->is_paused[i])
		snprintf(w->job->containers[i].why, INJECT_WHY_SIZE,
			 "it is paused, and nothing in it can be made to do anything");
	return 0;
}

static int work(struct worker *w, struct error *err)
{
	int left_ms = LATE_MS;

	w->known = arena_alloc(w->job->search->keep, w->job->n * sizeof(struct known *));
	w->unrest = arena_alloc(w->job->search->keep, w->job->n);
	w->freezer = arena_alloc(w->job->search->keep, w->job->n * sizeof(struct freezer *));
	w->is_settled = arena_alloc(w->job->search->keep, w->job->n);
	w->is_paused = arena_alloc(w->job->search->keep, w->job->n);
	if (w->known == NULL || w->unrest == NULL || w->is_settled == NULL ||
	    w->is_paused == NULL || w->freezer == NULL)
		return error_set(err, "there are too many containers");
	memset(w->known, 0, w->job->n * sizeof(struct known *));
	memset(w->unrest, 0, w->job->n);
	memset(w->is_settled, 0, w->job->n);
	memset(w->is_paused, 0, w->job->n);
	for (size_t i = 0; i < w->job->n; i++)
		if (find_freezer(w, i, err) < 0)
			return -1;
	if (settle(w, err) < 0)
		return -1;
	/* What stopped only now may have had children meanwhile. */
	for (int i = 0; i < LATE_ROUNDS && wait_for_late(w, &left_ms); i++)
		if (settle(w, err) < 0)
			return -1;
	give_up(w);
	return 0;
}

static _Noreturn void worker_main(struct worker *w, int fd)
{
	sigset_t all;
	struct error err;

	setsid();
	/* Only SIGKILL ends it, so that what it has begun is brought to an end. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	if (work(w, &err) < 0) {
		(void)!write(fd, err.text, strlen(err.text));
		_exit(1);
	}
	w->progress->finished = true;
	_exit(0);
}

/* ---- from outside ---- */

static struct confine_progress *shown;

static void stop_soon(int sig)
{
	(void)sig;
	shown->stop = true;
}

static int new_progress(struct confine_progress **ret, struct error *err)
{
	void *p = mmap(NULL, sizeof(struct confine_progress), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return error_system(err, errno);
	*ret = p;
	return 0;
}

/* Wait for its end; what it says goes to `err`. */
static int wait_for(pid_t child, int fd, struct error *err)
{
	ssize_t n;
	int status;

	do
		n = read(fd, err->text, sizeof(err->text) - 1);
	while (n < 0 && errno == EINTR);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (n > 0) {
		err->text[n] = '\0';
		return -1;
	}
	if (WIFSIGNALED(status))
		return error_set(err,
				 "the process that confines was killed by signal %d; what it had "
				 "done until then is done, and the same command does the rest",
				 WTERMSIG(status));
	return 0;
}

int confine_run(struct confine_job *job, struct confine_progress **ret_progress, struct error *err)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction stop = {.sa_handler = stop_soon}, before[ARRAY_SIZE(signals)];
	struct worker w = {.job = job};
	int fds[2], rc;
	pid_t child;

	*err = (struct error){0};
	if (new_progress(&w.progress, err) < 0)
		return -1;
	*ret_progress = shown = w.progress;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_system(err, errno);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &stop, &before[i]);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		worker_main(&w, fds[1]);
	}
	close(fds[1]);
	rc = child < 0 ? error_system(err, errno) : wait_for(child, fds[0], err);
	close(fds[0]);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &before[i], NULL);
	return rc;
}

int confine_look(const struct confine_job *job, struct confine_progress **ret_progress,
		 struct error *err)
{
	struct confine_progress *progress;

	if (new_progress(&progress, err) < 0)
		return -1;
	for (size_t i = 0; i < job->n; i++) {
		const struct inject_job inject_job = {job->containers[i].program,
						      job->no_new_privs};

		for (const struct process *p = job->containers[i].container->processes; p != NULL;
		     p = p->next) {
			const struct inject_target target = {.pid = p->pid, .start = p->start};
			struct confine_process *to = &progress->process[progress->n];
			struct inject_outlook look;

			if (progress->n == CONFINE_PROCESSES) {
				progress->more++;
				continue;
			}
			inject_look(&target, &inject_job, &look);
			*to = (struct confine_process){.container = i,
						       .pid = p->pid,
						       .outcome = look.possible ? INJECT_DONE
										: INJECT_REFUSED,
						       .set_no_new_privs = look.needs_no_new_privs};
			memcpy(to->comm, p->comm, sizeof(to->comm));
			memcpy(to->why, look.why, sizeof(to->why));
			progress->n++;
		}
	}
	progress->finished = true;
	*ret_progress = progress;
	return 0;
}

bool confine_is_complete(const struct confine_job *job, const struct confine_progress *progress,
			 size_t container)
{
	if (job->containers[container].why[0] != '\0' || !progress->finished || progress->stop ||
	    progress->more > 0)
		return false;
	for (size_t i = 0; i < progress->n; i++)
		if (progress->process[i].container == container &&
		    progress->process[i].outcome == INJECT_REFUSED && !progress->process[i].killed)
			return false;
	return true;
}
