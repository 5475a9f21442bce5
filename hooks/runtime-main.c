/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp-guard-runtime: stands where an engine expects the OCI runtime. For create, run and
 * restore it judges the bundle's configuration and rewrites it if need be; then, and at once for
 * every other subcommand, it becomes the real runtime by execve(2), with argv, environment,
 * descriptors, working directory, umask and signal mask as they were given. Only what may start
 * something depends on the policy, so that what runs can be stopped under a broken one.
 */
#include "node/announce.h"
#include "node/fileio.h"
#include "node/host.h"
#include "node/record.h"
#include "oci/runargs.h"
#include "node/runtime.h"
#include "node/runtimelog.h"
#include "node/safe-path.h"
#include "node/stack.h"

#include <stdio.h>
#include <stdlib.h>

struct wrapper {
	const char *policy_path; /* --guard-policy, or NULL */
	const char *runtime;     /* --guard-runtime, or what our own name stands for */
	char found[PATH_MAX];    /* the latter */
	char **argv;             /* the runtime's: argv[0] is free for its path */
	int argc;
	struct policy policy;
	enum runargs_family family;
	struct runargs args;
	bool passes;   /* nothing is started, so there is no decision to record */
	bool recorded; /* the decision is */
	struct enforce_memory memory;
	struct timespec start;
};

/* One line, with nothing in it that a terminal would obey. */
static void complain(const char *message)
{
	char shown[1024], line[1100];
	int n = snprintf(line, sizeof(line), "seccomp-guard: %s\n",
			 text_printable(span_of(message), shown, sizeof(shown)));

	file_write_now(STDERR_FILENO, (struct span){line, (size_t)n});
}

/* Say no: to the person at the terminal, and to the engine through its log file. */
static int refuse(const struct wrapper *w, const char *message)
{
	complain(message);
	runtimelog_error(&w->args, w->family, message);
	return EXIT_FAILURE;
}

/* The wrapper's own options come first, and none of them looks like a runtime's. */
static int own_options(struct wrapper *w, int argc, char **argv, struct error *err)
{
	const struct {
		const char *name;
		const char **value;
	} options[] = {{"--guard-policy", &w->policy_path}, {"--guard-runtime", &w->runtime}};
	int i = 1;

	while (i < argc && strncmp(argv[i], "--guard-", 8) == 0) {
		size_t o = 0, n = strcspn(argv[i], "=");

		/* Whatever is wrong with this one, the runtime's own arguments may be behind it. */
		w->argv = argv + i;
		w->argc = argc - i;
		while (o < ARRAY_SIZE(options) &&
		       !span_eq((struct span){argv[i], n}, span_of(options[o].name)))
			o++;
		if (o == ARRAY_SIZE(options))
			return error_set(err, "unknown option \"%s\"", argv[i]);
		*options[o].value = argv[i][n] == '=' ? argv[i] + n + 1 : argv[++i];
		if (*options[o].value == NULL || **options[o].value == '\0')
			return error_set(err, "option \"%s\" needs a value", options[o].name);
		i++;
	}
	w->argv = argv + i - 1;
	w->argc = argc - i + 1;
	return 0;
}

/*
 * Engines pass on flags of whoever calls them (podman --runtime-flag), and this program cannot tell
 * them from those of its registration. So a policy of the caller's choice counts only for the
 * host's root, whose file it then has to be; for anybody else the installed one holds.
 */
static int load_policy(struct wrapper *w, struct error *err)
{
	if (w->policy_path != NULL && !safe_caller_is_root())
		w->policy_path = NULL;
	host_memory(&w->memory);
	return host_policy(w->policy_path, &w->memory, &w->policy, err) < 0
		       ? error_prefix(err, "policy")
		       : 0;
}

static int write_record(const struct wrapper *w, const struct verdict *v, struct error *err)
{
	const struct record record = {
		.verdict = v,
		.entry = "wrapper",
		.stage = w->args.command,
		.id = w->args.id,
		.bundle = w->args.bundle != NULL ? w->args.bundle : ".",
		.injector = v->decision.action == ACTION_INJECT ? "config" : NULL,
		.start = w->start,
	};

	return record_write(&record, &w->policy, err);
}

/* One line, as an engine may show no more than one. */
static int refuse_verdict(const struct wrapper *w, const struct verdict *v)
{
	struct error lost;
	char message[1024];
	int written = write_record(w, v, &lost);
	size_t n = strlen(record_message(v, message, sizeof(message)));

	if (written < 0)
		snprintf(message + n, sizeof(message) - n, "; %s", lost.text);
	return refuse(w, message);
}

/*
 * Something else than the container is in the way. The record goes where the policy says, and where
 * the policy is what is broken to the default sink.
 */
static int refuse_unjudged(const struct wrapper *w, enum reason reason, const struct error *why)
{
	struct enforce_memory memory = w->memory;
	const struct host_case job = {
		.id = w->args.id, .dir = w->args.bundle, .file = w->args.config, .memory = &memory};
	struct verdict v = {.why = *why};

	if (w->passes)
		return refuse(w, why->text);
	decide_unjudged(&w->policy, reason, &v.decision);
	host_identify(&job, (struct span){0}, &v.identity);
	return refuse_verdict(w, &v);
}

static int become_runtime(const struct wrapper *w)
{
	struct error err;

	runtime_become(w->runtime, w->argv, !w->passes && w->family == RUNARGS_CRUN, &err);
	return refuse_unjudged(w, REASON_RUNTIME, &err);
}

/* What `exec` adds to a container may be over before anybody sees whose it was. No policy is read
 * for it, so that this goes to whoever follows, if somebody does. */
static void tell_exec(const struct wrapper *w)
{
	const char *id = runargs_exec_id(&w->args, w->argc, w->argv);

	if (id != NULL)
		announce_exec(span_of(id));
}

static void record_now(void *ctx, const struct verdict *v)
{
	struct wrapper *w = ctx;
	struct error lost;

	w->recorded = true;
	if (write_record(w, v, &lost) < 0)
		complain(lost.text);
}

/* Record the verdict, unless that was done before the change was made, and follow it. */
static int conclude(struct wrapper *w, const struct verdict *v)
{
	if (v->decision.action == ACTION_REFUSE)
		return refuse_verdict(w, v);
	if (!w->recorded && !v->done_before)
		record_now(w, v);
	return become_runtime(w);
}

/* create, run, restore, or a command line that may be one of them: `why` then says what is wrong
 * with it, and nothing is known of what would be started. */
static int judge_and_run(struct wrapper *w, const struct error *why)
{
	struct verdict verdict;
	const struct host_case job = {
		.id = w->args.id,
		.dir = w->args.bundle,
		.file = w->args.config,
		.policy = &w->policy,
		.memory = &w->memory,
		.restores = why == NULL && strcmp(w->args.command, "restore") == 0,
		.order = ENFORCE_AFTER_FILTER,
		/* runc before 1.2 starts no container with flags. */
		.logs = w->family == RUNARGS_CRUN,
		.runtime = w->runtime,
		.is_crun = w->family == RUNARGS_CRUN,
		.change = true,
		.record = record_now,
		.ctx = w,
	};
	struct error err;

	if (load_policy(w, &err) < 0)
		return refuse_unjudged(w, REASON_POLICY, &err);
	if (why == NULL) {
		host_judge(&job, &verdict);
	} else {
		verdict = (struct verdict){.why = *why};
		decide_invalid(&w->policy, &verdict.decision);
	}
	return conclude(w, &verdict);
}

/* --guard-runtime, or the runtime that this program was called by the name of. */
static int find_runtime(struct wrapper *w, const char *program, struct error *err)
{
	if (runtime_is_looping()) {
		w->runtime = program;
		return error_set(err,
				 "runtime \"%s\" is another copy of seccomp-guard-runtime: name "
				 "the real one by the link " RUNTIME_LINKS
				 "/NAME or --guard-runtime",
				 program);
	}
	if (w->runtime != NULL)
		return runtime_check(w->runtime, err);
	w->runtime = program;
	if (runtime_find(program, w->found, err) < 0)
		return -1;
	w->runtime = w->found;
	return 0;
}

/* An option of our own is wrong, or there is no runtime: the record goes where the policy says, if
 * it says so. */
static int cannot_run(struct wrapper *w, enum reason reason, const struct error *why)
{
	struct error ignored;

	if (!w->passes)
		(void)!load_policy(w, &ignored);
	return refuse_unjudged(w, reason, why);
}

/* What main() hands to judging(). */
struct judging {
	struct wrapper *w;
	const struct error *broken; /* what is in the way, for `wrong`; NULL: nothing */
	enum reason wrong;
	const struct error *why;
	int status;
};

static void judging(void *arg)
{
	struct judging *j = arg;

	j->status = j->broken != NULL ? cannot_run(j->w, j->wrong, j->broken)
				      : judge_and_run(j->w, j->why);
}

int main(int argc, char **argv)
{
	static struct wrapper w;
	struct judging j = {.w = &w, .wrong = REASON_POLICY};
	struct error err, why;
	int usable, parsed;

	file_hold_standard();
	clock_gettime(CLOCK_MONOTONIC, &w.start);
	policy_defaults(&w.policy);
	if (argc < 1)
		return EXIT_FAILURE;
	usable = own_options(&w, argc, argv, &err);
	if (usable == 0) {
		j.wrong = REASON_RUNTIME;
		usable = find_runtime(&w, argv[0], &err);
	}
	w.family = runargs_family_of(w.runtime != NULL ? w.runtime : argv[0]);
	parsed = runargs_parse(w.family, w.argc, w.argv, &w.args, &why);
	/* With a wrong option of our own in front, what is behind it may be anything. */
	w.passes = parsed == 0 && w.args.kind == RUNARGS_PASS &&
		   (usable == 0 || j.wrong == REASON_RUNTIME);
	if (w.passes && usable == 0) {
		tell_exec(&w);
		return become_runtime(&w);
	}
	j.broken = usable < 0 ? &err : NULL;
	j.why = parsed < 0 ? &why : NULL;
	stack_run(judging, &j);
	return j.status;
}
