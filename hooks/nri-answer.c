/* SPDX-License-Identifier: Apache-2.0 */
#include "nri-answer.h"

#include "node/host.h"
#include "node/record.h"
#include "nri/judge.h"
#include "nri/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* What the process that makes an answer leaves behind. */
struct made {
	enum nri_code code;
	size_t n;
	char text[TTRPC_MAX_DATA / 2]; /* engines send no more than twice that */
};

/* In that process. */
struct job {
	const struct nri_plugin *plugin;
	struct span payload;
	struct pb_out out;
	enum nri_code code;
	struct policy policy;
	struct enforce_memory memory;
	struct enforce_host host;
	struct nri_container container;
	struct nri_validation validation;
	struct timespec start; /* CLOCK_MONOTONIC */
};

/* ---- refusing ---- */

static void set_text(struct job *job, enum nri_code code, const char *message)
{
	char shown[1024];
	int n;

	text_printable(span_of(message), shown, sizeof(shown));
	n = snprintf(job->out.p, job->out.size, "seccomp-guard: %s", shown);
	job->out.n = (size_t)n;
	job->code = code;
}

static int write_record(const struct job *job, const struct verdict *v, struct error *err)
{
	char id[128];
	const struct record record = {
		.verdict = v,
		.entry = "nri",
		.stage = job->validation.container.hook != NULL ? "ValidateContainerAdjustment"
								: "CreateContainer",
		.id = text_printable(job->container.id, id, sizeof(id)),
		.injector = v->decision.action == ACTION_INJECT ? "nri" : NULL,
		.start = job->start,
		.pid = -1,
	};

	return record_write(&record, &job->policy, err);
}

/* With our text in what the user of the engine sees. */
static void refuse(struct job *job, const struct verdict *v)
{
	char message[1024];
	struct error lost;
	int written = write_record(job, v, &lost);
	size_t n = strlen(record_message(v, message, sizeof(message)));

	if (written < 0)
		snprintf(message + n, sizeof(message) - n, "; %s", lost.text);
	set_text(job, NRI_FAILED_PRECONDITION, message);
}

/* Something else than the container is in the way. */
static void refuse_unjudged(struct job *job, enum reason reason, const struct error *why)
{
	struct verdict v = {.why = *why};

	decide_unjudged(&job->policy, reason, &v.decision);
	identity_of(&job->container.config, &v.identity);
	v.identity.id = job->container.id;
	refuse(job, &v);
}

/* ---- answering ---- */

/* Of a runtime that is no runc the hook would find no init. */
static bool is_skipped(const struct job *job)
{
	for (size_t i = 0; i < job->plugin->n_skipped; i++)
		if (span_eq(job->container.handler, span_of(job->plugin->skipped[i])))
			return true;
	return false;
}

/* The request and the policy. False: the container is left alone, or refused already. */
static bool prepare(struct job *job, int (*read)(struct job *job, struct error *err))
{
	struct error unread, err;
	bool readable;

	clock_gettime(CLOCK_MONOTONIC, &job->start);
	host_memory(&job->memory);
	policy_defaults(&job->policy);
	readable = read(job, &unread) == 0;
	if (readable && is_skipped(job))
		return false;
	if (host_policy(job->plugin->policy_path, &job->memory, &job->policy, &err) < 0) {
		error_prefix(&err, "policy");
		refuse_unjudged(job, REASON_POLICY, &err);
		return false;
	}
	if (job->policy.disabled != NULL)
		return false;
	if (!readable) {
		error_prefix(&unread, "the engine's request");
		refuse_unjudged(job, REASON_INVALID, &unread);
		return false;
	}
	if (host_init(&job->host, &err) < 0) {
		refuse_unjudged(job, REASON_INVALID, &err);
		return false;
	}
	return true;
}

static int read_create(struct job *job, struct error *err)
{
	job->container.hook = job->plugin->hook;
	return nri_read_create(job->payload, &job->memory.keep, &job->container, err);
}

/*
 * The runtime would fail to start the container without the program, and say less. It is looked for
 * at each container, as it may be about to be replaced by a newer one.
 */
static bool hook_is_there(const struct job *job, struct error *err)
{
	if (access(job->plugin->hook, X_OK) == 0)
		return true;
	error_set(err, "%s, which is to be its hook, cannot be executed: %s", job->plugin->hook,
		  error_words(errno));
	return false;
}

/* The judgement, where the container is not refused. A record that is lost is told by whoever is
 * next. */
static void adjust(struct job *job, const struct nri_judgement *judgement)
{
	struct nri_adjustment adjustment = {.policy_path = job->plugin->policy_path,
					    .profile = judgement->profile};
	struct error err;

	if (judgement->hooks && !job->container.has_hook) {
		if (!hook_is_there(job, &err)) {
			refuse_unjudged(job, REASON_HOOK_MISSING, &err);
			return;
		}
		adjustment.hook = job->plugin->hook;
	}
	if (judgement->records)
		write_record(job, &judgement->verdict, &err);
	nri_put_created(&job->out, &adjustment);
}

static void judge(struct job *job, const struct nri_engine *engine,
		  struct nri_judgement *ret_judgement)
{
	const struct nri_case of = {&job->container, engine, &job->policy, &job->host};

	nri_judge(&of, &job->memory, ret_judgement);
}

static void create(struct job *job)
{
	static struct nri_judgement judgement;

	if (!prepare(job, read_create))
		return;
	judge(job, &job->plugin->engine, &judgement);
	if (judgement.refused)
		refuse(job, &judgement.verdict);
	else
		adjust(job, &judgement);
}

static int read_validate(struct job *job, struct error *err)
{
	int r;

	job->validation.container.hook = job->plugin->hook;
	r = nri_read_validate(job->payload, &job->memory.keep, &job->validation, err);
	job->container = job->validation.container;
	return r;
}

static bool is_ours(const struct job *job)
{
	return span_eq(job->validation.owner, span_of(job->plugin->name));
}

/*
 * All plugins have adjusted the container. One of them may have set its profile after this one was
 * content with the one that it had. The hook judges that, too; where there is no hook it is done
 * now.
 */
static void validate(struct job *job)
{
	struct nri_engine engine = job->plugin->engine;
	static struct nri_judgement judgement;
	char owner[SPAN_SHOWN];
	struct verdict *v = &judgement.verdict;

	if (!prepare(job, read_validate) || !job->validation.has_profile || is_ours(job) ||
	    job->validation.container.has_hook)
		return;
	job->container.config.has_profile = true;
	job->container.config.profile = job->validation.profile;
	engine.sight = NRI_SEES_POLICY;
	/* Nothing is set any more: whether it would be is what counts. */
	engine.takes_errno = true;
	judge(job, &engine, &judgement);
	if (!judgement.refused && judgement.profile == NULL)
		return;
	text_printable(job->validation.owner, owner, sizeof(owner));
	if (!judgement.refused) {
		decide_failed(&v->decision, REASON_PROFILE);
		error_set(&v->why, "the policy wants another seccomp profile");
	}
	error_prefix(&v->why, "NRI plugin \"%s\" has set its seccomp profile", owner);
	refuse(job, v);
}

/* ---- the process ---- */

static void make(void (*answer)(struct job *job), const struct nri_plugin *plugin,
		 struct span payload, struct made *made)
{
	static struct job job;

	job = (struct job){.plugin = plugin, .payload = payload};
	job.out = (struct pb_out){made->text, sizeof(made->text), 0, false};
	answer(&job);
	if (job.out.full)
		set_text(&job, NRI_FAILED_PRECONDITION, "the answer is too large");
	made->n = job.out.n;
	made->code = job.code;
}

/* Wait until the process has closed its end of the pipe, which it does by ending. */
static bool ends_in_time(int fd, unsigned int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct timespec now, start;
	int n, left = (int)ms;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while ((n = poll(&p, 1, left)) < 0 && errno == EINTR) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		left = (int)ms - (int)((now.tv_sec - start.tv_sec) * 1000 +
				       (now.tv_nsec - start.tv_nsec) / 1000000);
		if (left < 0)
			return false;
	}
	return n > 0;
}

/*
 * Sets `err` and returns -1 when no answer was made. A process that hangs in the kernel does not
 * end by being killed, so nobody waits for it: it is reaped when the next one is started.
 */
static int watch(pid_t child, int fd, const struct nri_plugin *plugin, struct error *err)
{
	int status;

	if (!ends_in_time(fd, plugin->deadline_ms)) {
		kill(child, SIGKILL);
		error_set(err,
			  "the container could not be judged within %u ms; is a disk or the "
			  "policy's directory hanging, or the node overloaded?",
			  plugin->deadline_ms);
		err->code = ETIMEDOUT;
		return -1;
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		return error_set(err,
				 "judging the container ended by signal %d, which is a fault of "
				 "seccomp-guard-nri; please report it",
				 WTERMSIG(status));
	return 0;
}

static int in_own_process(void (*answer)(struct job *job), const struct nri_plugin *plugin,
			  struct span payload, struct made *made, struct error *err)
{
	const pid_t parent = getpid();
	CLEANUP_FD int here = -1;
	int ends[2];
	pid_t child;

	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_system(err, errno);
	here = ends[0];
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			make(answer, plugin, payload, made);
		_exit(0);
	}
	close(ends[1]);
	if (child < 0)
		return error_system(err, errno);
	return watch(child, here, plugin, err);
}

static struct made *share(void)
{
	void *p = mmap(NULL, sizeof(struct made), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void answer_by(void (*answer)(struct job *job), const struct nri_plugin *plugin,
		      struct span payload, struct nri_answer *ret)
{
	static struct made *made;
	static char text[1024];
	struct error err;

	if (made == NULL)
		made = share();
	if (made == NULL)
		error_system(&err, ENOMEM);
	else if (in_own_process(answer, plugin, payload, made, &err) == 0) {
		*ret = (struct nri_answer){made->code, {made->text, made->n}};
		return;
	} else if (err.code == ETIMEDOUT) {
		/* It may still write there. */
		munmap(made, sizeof(*made));
		made = NULL;
	}
	snprintf(text, sizeof(text), "seccomp-guard: %s", err.text);
	*ret = (struct nri_answer){NRI_FAILED_PRECONDITION, span_of(text)};
}

void nri_answer_create(const struct nri_plugin *plugin, struct span payload, struct nri_answer *ret)
{
	answer_by(create, plugin, payload, ret);
}

void nri_answer_validate(const struct nri_plugin *plugin, struct span payload,
			 struct nri_answer *ret)
{
	answer_by(validate, plugin, payload, ret);
}
