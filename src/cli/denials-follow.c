/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/denials-follow.h"

#include "node/announce.h"
#include "node/auditlog.h"
#include "node/forks.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

/* Records that are read before the process events are looked at. Then the events that made their
 * processes are there, too: a process is made before it calls anything. */
#define BATCH 8192

/* So many hold more than the socket does, see auditlog_enlarge(). */
#define LAST_BATCHES 4

/* As long as nothing comes, this often: events of new processes must not fill their buffer. */
#define WAIT_MS 100

/* Between two batches: so that a burst of records is one batch, and its events are read once. */
#define NAP_MS 10

/* A record has some 220 bytes; names in it are some hundred at most. */
#define RECORD_SIZE 8192

struct record {
	struct auditline line;
	char names[512]; /* what line.comm and line.exe point to */
};

struct follower {
	struct denials_form *form;
	struct forks forks;
	struct workloads workloads;
	struct announce_listener listener;
	uint64_t measure_again; /* not before, in milliseconds */
	int control;            /* to ask the audit system itself; -1: it may not be asked */
	uint64_t kernel_lost;   /* records that the kernel dropped, at the last look */
	uint64_t ask_again;     /* for them: not before */
	uint64_t look_again;    /* at all containers: not before, in milliseconds */
	const char *known;      /* the identifier of the last one, if more than that is known */
	int audit;
	uint64_t lost; /* records, at the last look */
	struct denials denials;
	struct arena arena;
	struct record *batch;
	size_t unread; /* records that could not be read */
};

static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

/* ---- whose it is ---- */

/* All containers are looked at for no more than one part in so many of the time, and not more than
 * once a second. */
#define LOOK_SHARE 20

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void look(struct follower *f)
{
	uint64_t begun = now_ms(), took;

	workloads_look(&f->workloads, &f->forks);
	took = now_ms() - begun;
	f->look_again = begun + took + (took * LOOK_SHARE > 1000 ? took * LOOK_SHARE : 1000);
}

/* Before the process events are read, see forks_tell(). */
static void read_announcements(struct follower *f)
{
	char buffer[ANNOUNCE_MAX_SIZE];
	struct span text;
	int64_t from, pid;

	while (announce_next(&f->listener, buffer, &text, &from)) {
		struct span id = workloads_announced(&f->workloads, text, from, &pid);

		if (id.p != NULL)
			forks_tell(&f->forks, pid, id);
	}
}

/* By what is known, else by what runs now: a container that nobody announced, whose control group
 * does not have the name of an engine's. */
static struct span container_of(struct follower *f, int64_t pid)
{
	struct span id = forks_container(&f->forks, pid);

	/* Of a flood one after the other. */
	if (id.p != NULL && id.p == f->known)
		return id;
	f->known = id.p != NULL && workloads_find(&f->workloads, id) != NULL ? id.p : NULL;
	if (f->known != NULL || now_ms() < f->look_again)
		return id;
	look(f);
	return id.p != NULL ? id : forks_container(&f->forks, pid);
}

/* ---- one batch ---- */

static void take_names(struct record *record)
{
	struct span *const names[] = {&record->line.comm, &record->line.exe};
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t n = names[i]->n < sizeof(record->names) / 2 ? names[i]->n
								   : sizeof(record->names) / 2;

		if (names[i]->p == NULL)
			continue;
		memcpy(record->names + used, names[i]->p, n);
		*names[i] = (struct span){record->names + used, n};
		used += n;
	}
}

/* Returns how many, or -1. */
static ssize_t read_batch(struct follower *f, struct error *err)
{
	char buffer[RECORD_SIZE + 32];
	size_t n = 0;

	while (n < BATCH) {
		/* The reader of lines wants the mark of one. */
		static const char mark[] = "type=1326 ";
		struct record *record = &f->batch[n];
		struct span text;
		struct error why;
		int r = auditlog_next(f->audit, buffer, RECORD_SIZE, &text, err);

		if (r < 0)
			return -1;
		if (r == 0)
			break;
		memmove(buffer + sizeof(mark) - 1, text.p, text.n);
		memcpy(buffer, mark, sizeof(mark) - 1);
		text = (struct span){buffer, text.n + sizeof(mark) - 1};
		if (auditline_read(text, f->form->own, &record->line, &why) < 0) {
			f->unread++;
			continue;
		}
		/* Each comes once: there is nothing to compare it with. */
		record->line.has_serial = false;
		take_names(record);
		n++;
	}
	return (ssize_t)n;
}

/* ---- telling ---- */

static int tell(struct follower *f, struct denial *d, struct error *err)
{
	if (denial_is_habit(d) && !f->form->all && !f->form->args->json)
		return 0;
	d->told = denial_count(d);
	return denials_print_one(f->form, d, err);
}

static int tell_rest(struct follower *f, struct error *err)
{
	for (struct denial *d = f->denials.first; d != NULL; d = d->next)
		if (denial_count(d) > d->told && tell(f, d, err) < 0)
			return -1;
	return 0;
}

/* What has been counted since. A collector looks every quarter or half of a minute. */
#define MEASURE_MS 10000

static void measure(struct follower *f, bool now)
{
	struct denials_metrics *m = f->form->metrics;
	struct error err;

	if (m == NULL || (!now && now_ms() < f->measure_again))
		return;
	f->measure_again = now_ms() + MEASURE_MS;
	denials_metrics_add(m, &f->denials, &f->workloads);
	m->lost_records = f->lost + f->unread;
	m->lost_events = f->forks.fd >= 0 ? f->forks.lost : 0;
	m->knows_kernel = auditlog_kernel_lost(f->control, &m->lost_kernel);
	if (denials_metrics_write(m, &err) == 0) {
		m->failed = false;
		return;
	}
	/* It may be that there is room again, or the directory, the next time. */
	if (!m->failed)
		cli_warn(f->form->args, "denials: %s", err.text);
	m->failed = true;
}

/* A node runs for months: when the memory for names is full, all is told, and counted anew. */
static int make_room(struct follower *f, struct error *err)
{
	if (f->denials.arena != NULL && f->arena.used < f->arena.size / 10 * 9)
		return 0;
	if (tell_rest(f, err) < 0)
		return -1;
	measure(f, true);
	f->arena.used = 0;
	return denials_begin(&f->denials, &f->arena, 1) < 0 ? error_set(err, "out of memory") : 0;
}

static int count_batch(struct follower *f, size_t n, struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct auditline *line = &f->batch[i].line;
		struct denial *d;

		if (make_room(f, err) < 0)
			return -1;
		d = denials_add(&f->denials, line, container_of(f, line->pid));
		if (d != NULL && denial_count(d) >= 2 * d->told && tell(f, d, err) < 0)
			return -1;
	}
	return fflush(stdout) == 0 ? 0 : error_system(err, errno);
}

/* The kernel makes a thread for each answer. */
#define ASK_MS 5000

static void tell_losses(struct follower *f, uint64_t lost_events)
{
	uint64_t lost = auditlog_lost(f->audit) - f->lost, dropped;

	f->lost += lost;
	if (now_ms() >= f->ask_again && auditlog_kernel_lost(f->control, &dropped)) {
		f->ask_again = now_ms() + ASK_MS;
		if (dropped > f->kernel_lost)
			cli_warn(f->form->args,
				 "denials: the kernel dropped %" PRIu64
				 " audit records (its rate_limit, or backlog_limit with a short "
				 "backlog_wait_time): counts are lower bounds",
				 dropped - f->kernel_lost);
		f->kernel_lost = dropped;
	}
	if (lost > 0)
		cli_warn(f->form->args,
			 "denials: %" PRIu64 " records were lost: there were too many at once, and "
			 "counts are lower bounds",
			 lost);
	if (lost_events > 0)
		cli_warn(f->form->args,
			 "denials: %" PRIu64 " process events were lost: of processes that have "
			 "ended since the container is not known",
			 lost_events);
}

/* ---- the loop ---- */

/* Returns how many records were read, or -1. */
static ssize_t take_batch(struct follower *f, struct error *err)
{
	ssize_t n = read_batch(f, err);
	uint64_t lost_events;

	read_announcements(f);
	lost_events = forks_read(&f->forks);
	if (f->forks.forgot) {
		f->known = NULL;
		look(f);
	}
	if (n < 0 || count_batch(f, (size_t)n, err) < 0)
		return -1;
	tell_losses(f, lost_events);
	return n;
}

/* What had come before it was told to end, and waits in the socket: on a busy machine these are
 * thousands. Who makes ever more does not keep it. */
static int take_rest(struct follower *f, struct error *err)
{
	ssize_t n = BATCH;

	for (int i = 0; i < LAST_BATCHES && n == BATCH; i++)
		n = take_batch(f, err);
	return n < 0 ? -1 : 0;
}

static int follow(struct follower *f, struct error *err)
{
	while (!ended) {
		struct pollfd wait[] = {{.fd = f->audit, .events = POLLIN},
					{.fd = f->listener.fd, .events = POLLIN}};

		/* An interrupted or failed poll is no matter: the next call tells. */
		if (poll(wait, ARRAY_SIZE(wait), WAIT_MS) > 0)
			poll(NULL, 0, NAP_MS);
		if (take_batch(f, err) < 0)
			return -1;
		measure(f, false);
	}
	f->ask_again = 0;
	if (take_rest(f, err) < 0)
		return -1;
	measure(f, true);
	if (tell_rest(f, err) < 0)
		return -1;
	if (f->unread > 0)
		cli_warn(f->form->args, "denials: %zu records could not be read", f->unread);
	return 0;
}

/* What the audit system itself does with records: that needs CAP_AUDIT_CONTROL, and to follow does
 * not. */
static void tell_audit(struct follower *f)
{
	struct auditlog_status status;
	struct error why;

	f->control = auditlog_ask(&status, &why);
	if (f->control < 0) {
		cli_warn(f->form->args,
			 "denials: %s: it is not known whether audit rules keep records back, or "
			 "the kernel drops some",
			 why.text);
		return;
	}
	f->kernel_lost = status.lost;
	if (status.excluded)
		cli_warn(f->form->args,
			 "denials: an audit rule keeps %s records of seccomp back (auditctl -l: "
			 "exclude, msgtype=SECCOMP): these are not told",
			 status.excluded_all ? "all" : "some");
	if (status.rate_limit > 0)
		cli_warn(f->form->args,
			 "denials: the kernel makes no more than %" PRIu32
			 " audit records a second (auditctl -s: rate_limit): it drops the others",
			 status.rate_limit);
}

static void *memory(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p != MAP_FAILED ? p : NULL;
}

static int begin(struct follower *f, struct error *err)
{
	const struct cli_args *args = f->form->args;
	char actions[AUDITLOG_ACTIONS_SIZE];
	struct error why, unheard;

	f->arena.size = denials_memory(1);
	f->arena.base = memory(f->arena.size);
	f->batch = memory(BATCH * sizeof(*f->batch));
	if (f->arena.base == NULL || f->batch == NULL)
		return error_set(err, "out of memory");
	/* The events first, so that no process is missed between. */
	if (forks_begin(&f->forks, &why, err) < 0 || workloads_begin(&f->workloads, args, err) < 0)
		return -1;
	f->form->workloads = &f->workloads;
	f->form->follows = true;
	f->audit = auditlog_open(err);
	if (f->audit < 0)
		return f->audit;
	if (announce_listen(&f->listener, &unheard) < 0)
		cli_warn(args,
			 "denials: %s: of a container or an exec that lives for a moment only it "
			 "may not be known whose it was",
			 unheard.text);
	look(f);
	if (f->forks.fd < 0)
		cli_warn(args,
			 "denials: %s: of a process that has ended the container is not known",
			 why.text);
	tell_audit(f);
	if (auditlog_unlogged(actions)[0] != '\0')
		cli_warn(args,
			 "denials: kernel.seccomp.actions_logged lacks %s: of these actions there "
			 "are no records",
			 actions);
	return 0;
}

int denials_follow(struct denials_form *form, struct error *err)
{
	static struct follower f;
	const struct sigaction action = {.sa_handler = end};
	int r;

	f.form = form;
	f.audit = f.control = f.forks.fd = f.listener.fd = -1;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	r = begin(&f, err);
	if (r == 0) {
		denials_print_head(form);
		r = follow(&f, err);
	}
	forks_end(&f.forks);
	announce_end(&f.listener);
	if (f.audit >= 0)
		close(f.audit);
	if (f.control >= 0)
		close(f.control);
	return r;
}
