/* SPDX-License-Identifier: Apache-2.0 */
#include "nri-answer.h"

#include "node/host.h"
#include "node/record.h"
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
	struct nri_container container;
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
		.stage = "CreateContainer",
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

/* The policy and the request. False: it is refused already. */
static bool prepare(struct job *job, int (*read)(struct job *job, struct error *err))
{
	struct error err;

	clock_gettime(CLOCK_MONOTONIC, &job->start);
	host_memory(&job->memory);
	policy_defaults(&job->policy);
	if (read(job, &err) < 0) {
		error_prefix(&err, "the engine's request");
		refuse_unjudged(job, REASON_INVALID, &err);
		return false;
	}
	if (host_policy(job->plugin->policy_path, &job->memory, &job->policy, &err) < 0) {
		error_prefix(&err, "policy");
		refuse_unjudged(job, REASON_POLICY, &err);
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
	error_set(err,
		  "%s, which would confine the container, cannot be executed: %s; install "
		  "seccomp-guard-hook there, or say where it is by --hook",
		  job->plugin->hook, error_words(errno));
	return false;
}

static void create(struct job *job)
{
	struct nri_adjustment adjustment = {.policy_path = job->plugin->policy_path};
	struct error err;

	if (!prepare(job, read_create) || job->policy.disabled != NULL)
		return;
	if (!job->container.has_hook) {
		if (!hook_is_there(job, &err)) {
			refuse_unjudged(job, REASON_HOOK, &err);
			return;
		}
		adjustment.hook = job->plugin->hook;
	}
	nri_put_created(&job->out, &adjustment);
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

/* Hooks are taken away by nobody, and judge what all plugins have made of the container. */
void nri_answer_validate(const struct nri_plugin *plugin, struct span payload,
			 struct nri_answer *ret)
{
	(void)plugin;
	(void)payload;
	*ret = (struct nri_answer){NRI_OK, {"", 0}};
}
