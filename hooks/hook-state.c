/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hook of a runtime: an OCI state on stdin. At prestart and createRuntime the container's init
 * is confined live, because the runtime has read config.json already; at poststart the kernel is
 * asked whether it is. All other stages are none of its business.
 */
#include "hook.h"

#include "filter/filterload.h"
#include "live/live-proc.h"
#include "live/live.h"
#include "node/record.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * How long poststart waits for the filter. crun calls it when it has told init to go on, runc up
 * to 1.3 at the end of create; neither waits until init has come to its filter.
 */
#define VERIFY_TIMEOUT_MS 1000

/* What the injecting process needs for its record, should it have to kill init. */
struct injection {
	const struct hook *hook;
	const struct ocistate *state;
	struct verdict *verdict;
};

static int refuse(const struct hook *h, const struct ocistate *state, struct verdict *v)
{
	char message[1024];

	hook_record(h, v, state);
	return hook_fail(record_message(v, message, sizeof(message)));
}

static int refuse_because(const struct hook *h, const struct ocistate *state, struct verdict *v,
			  enum reason reason, const struct error *why)
{
	decide_failed(&v->decision, reason);
	v->why = *why;
	return refuse(h, state, v);
}

/* In the injecting process: the decision is on record already, what became of it is worth one only
 * if it failed. */
static void report(void *ctx, const struct live_report *report)
{
	const struct injection *in = ctx;

	if (report->outcome != LIVE_KILLED)
		return;
	decide_failed(&in->verdict->decision, REASON_LIVE);
	error_set(&in->verdict->why, "its init was killed: %s", report->reason);
	hook_record(in->hook, in->verdict, in->state);
}

static int get_filter(const struct live_init *init, const struct verdict *v, struct filter *filter,
		      struct error *err)
{
	const struct iovec profile = {(char *)(uintptr_t)v->profile.p, v->profile.n};
	const struct filter_request request = {
		.profile = &profile,
		.n_pieces = 1,
		.style = live_runtime_is_crun(init) ? FILTER_AS_CRUN : FILTER_AS_RUNC,
	};

	return filter_get(&request, filter, err);
}

static int inject(const struct hook *h, const struct ocistate *state, struct verdict *v,
		  struct error *err)
{
	static struct filter filter;
	struct injection in = {h, state, v};
	const struct live_job job = {
		.filter = &filter, .report = report, .ctx = &in, .keep_fd = -1};
	struct live_init init;
	int r;

	if (live_check_init((pid_t)state->pid, &init, err) < 0)
		return -1;
	r = get_filter(&init, v, &filter, err);
	if (r == 0)
		r = live_inject(&init, &job, err);
	live_init_close(&init);
	return r;
}

static void judge(struct hook *h, const struct ocistate *state, struct verdict *v)
{
	const struct host_case job = {
		.dir = state->bundle, .policy = &h->policy, .memory = &h->memory};

	host_judge(&job, v);
}

static int confine(struct hook *h, const struct ocistate *state)
{
	struct verdict v;
	struct error err;

	judge(h, state, &v);
	if (v.decision.action == ACTION_REFUSE)
		return refuse(h, state, &v);
	if (v.decision.action == ACTION_INJECT && v.decision.hook == HOOK_REFUSE) {
		error_set(
			&err, "%s, and the policy says \"hook\": \"refuse\"",
			v.decision.overlay
				? "the container's seccomp profile lets through what is restricted"
				: "the container has no confining seccomp profile");
		return refuse_because(h, state, &v, REASON_HOOK, &err);
	}
	if (v.decision.action == ACTION_INJECT && inject(h, state, &v, &err) < 0)
		return refuse_because(h, state, &v, REASON_LIVE, &err);
	hook_record(h, &v, state);
	return EXIT_SUCCESS;
}

/* The container may have come to its end before the hook looked: nothing runs that could lack a
 * filter. */
static bool is_gone(pid_t pid)
{
	return kill(pid, 0) < 0 && errno == ESRCH;
}

/* At poststart init has called execve as any process has: what tells it from the host's is its
 * namespaces. */
static bool is_contained(pid_t pid)
{
	static const char *const names[] = {"mnt", "pid", "user", "net", "ipc", "uts", "cgroup"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (proc_same_namespace(getpid(), pid, names[i]) == 0)
			return true;
	return false;
}

/*
 * The container is there. Whatever should confine it, the runtime or this hook at an earlier stage,
 * does so or it ends here: runc would end it when this hook fails, crun lets it run on. A decision
 * is on record since createRuntime.
 */
static int verify(struct hook *h, const struct ocistate *state)
{
	pid_t pid = (pid_t)state->pid;
	struct verdict v;
	struct error err, killing;
	bool confined;

	judge(h, state, &v);
	confined = v.decision.action == ACTION_INJECT ||
		   (v.decision.action == ACTION_KEEP && v.decision.reason != REASON_DISABLED);
	if ((!confined && v.decision.action != ACTION_REFUSE) || is_gone(pid))
		return EXIT_SUCCESS;
	if (!is_contained(pid)) {
		error_set(&err,
			  "process %d is not known to be a container's: no namespace is its own",
			  (int)pid);
		return refuse_because(h, state, &v, REASON_UNFILTERED, &err);
	}
	if (v.decision.action == ACTION_REFUSE)
		err = v.why;
	else if (live_verify(pid, VERIFY_TIMEOUT_MS, &err) == 0 || is_gone(pid))
		return EXIT_SUCCESS;
	decide_failed(&v.decision, REASON_UNFILTERED);
	if (v.decision.action == ACTION_REFUSE && live_kill(pid, &killing) < 0)
		error_prefix(&err, "%s", killing.text);
	v.why = err;
	if (v.decision.action == ACTION_REFUSE)
		return refuse(h, state, &v);
	hook_record(h, &v, state);
	return EXIT_SUCCESS;
}

static const struct {
	const char *name;
	int (*run)(struct hook *h, const struct ocistate *state);
} stages[] = {
	{"prestart", confine},
	{"createRuntime", confine},
	{"poststart", verify},
};

/*
 * Without --stage, by the status. "created" is ambiguous: crun says so at createRuntime
 * (libcrun/container.c), and runc up to 1.3 at poststart (libcontainer/container_linux.go), so that
 * a hook for poststart must say --stage.
 */
static const struct {
	const char *status, *stage;
} statuses[] = {
	{"creating", "createRuntime"},
	{"created", "createRuntime"},
	{"running", "poststart"},
	{"stopped", "poststop"},
};

static const char *stage_of(const struct ocistate *state)
{
	for (size_t i = 0; state->status != NULL && i < ARRAY_SIZE(statuses); i++)
		if (strcmp(state->status, statuses[i].status) == 0)
			return statuses[i].stage;
	return NULL;
}

static size_t find_stage(const char *name)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(stages) && strcmp(name, stages[i].name) != 0)
		i++;
	return i;
}

bool hook_has_stage(const char *stage)
{
	return find_stage(stage) < ARRAY_SIZE(stages);
}

int hook_state(struct hook *hook, const struct ocistate *state)
{
	size_t i;

	if (hook->stage == NULL)
		hook->stage = stage_of(state);
	if (hook->stage == NULL)
		return hook_fail(
			"the OCI state on standard input has no known \"status\"; say --stage");
	i = find_stage(hook->stage);
	if (i == ARRAY_SIZE(stages))
		return EXIT_SUCCESS;
	if (state->bundle == NULL || state->bundle[0] != '/')
		return hook_fail(
			"the OCI state on standard input names no \"bundle\" by its absolute path");
	if (state->pid == 0)
		return hook_fail("the OCI state on standard input names no process in \"pid\"");
	return stages[i].run(hook, state);
}
