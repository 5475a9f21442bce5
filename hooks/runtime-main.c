/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp-guard-runtime: stands where an engine expects the OCI runtime. For create, run and
 * restore it judges the bundle's configuration and rewrites it if need be; then, and at once for
 * every other subcommand, it becomes the real runtime by execve(2), with argv, environment,
 * descriptors, working directory, umask and signal mask as they were given.
 */
#include "node/fileio.h"
#include "node/host.h"
#include "node/record.h"
#include "oci/runargs.h"
#include "node/runtimelog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct wrapper {
	const char *policy_path; /* --guard-policy, or NULL */
	const char *runtime;     /* --guard-runtime, or from the policy */
	char **argv;             /* the runtime's: argv[0] is free for its path */
	int argc;
	bool has_policy;
	struct policy policy;
	enum runargs_family family;
	struct runargs args;
	bool passes; /* nothing is started, so there is no decision to record */
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

static int load_policy(struct wrapper *w, struct error *err)
{
	if (host_policy(w->policy_path, &w->memory, &w->policy, err) < 0)
		return error_prefix(err, "policy");
	w->has_policy = true;
	if (w->runtime == NULL)
		w->runtime = w->policy.runtime;
	return 0;
}

/* Before anything is changed: is there a runtime, can it be executed, and is it not this program?
 */
static int check_runtime(const struct wrapper *w, struct error *err)
{
	struct stat st, self;

	if (w->runtime[0] != '/')
		return error_set(err, "--guard-runtime must be an absolute path, not \"%s\"",
				 w->runtime);
	if (stat(w->runtime, &st) < 0)
		return error_set(err, "runtime \"%s\": %s", w->runtime, strerror(errno));
	if (!S_ISREG(st.st_mode) || (st.st_mode & 0111) == 0)
		return error_set(err, "runtime \"%s\" is not an executable file", w->runtime);
	if (stat("/proc/self/exe", &self) == 0 && self.st_dev == st.st_dev &&
	    self.st_ino == st.st_ino)
		return error_set(err,
				 "runtime \"%s\" is seccomp-guard-runtime itself; name the real "
				 "one as \"runtime\" "
				 "in the policy",
				 w->runtime);
	return 0;
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
		.dir = w->args.bundle, .file = w->args.config, .memory = &memory};
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

	w->argv[0] = (char *)(uintptr_t)w->runtime;
	execve(w->runtime, w->argv, environ);
	error_set(&err, "runtime \"%s\" cannot be executed: %s", w->runtime, strerror(errno));
	return refuse_unjudged(w, REASON_RUNTIME, &err);
}

/* Record the verdict and follow it. */
static int conclude(const struct wrapper *w, const struct verdict *v)
{
	struct error lost;

	if (v->decision.action == ACTION_REFUSE)
		return refuse_verdict(w, v);
	if (write_record(w, v, &lost) < 0)
		complain(lost.text);
	return become_runtime(w);
}

static int judge_and_run(struct wrapper *w)
{
	struct verdict verdict;
	const struct host_case job = {
		.dir = w->args.bundle,
		.file = w->args.config,
		.policy = &w->policy,
		.memory = &w->memory,
		.restores = strcmp(w->args.command, "restore") == 0,
		.change = true,
	};
	struct error err;

	if (!w->has_policy && load_policy(w, &err) < 0)
		return refuse_unjudged(w, REASON_POLICY, &err);
	host_judge(&job, &verdict);
	return conclude(w, &verdict);
}

/* A command line that the runtime might read differently: nothing is known of what would be
 * started. */
static int not_understood(struct wrapper *w, const struct error *why)
{
	struct verdict verdict = {.why = *why};
	struct error err;

	if (!w->has_policy && load_policy(w, &err) < 0)
		return refuse_unjudged(w, REASON_POLICY, &err);
	decide_invalid(&w->policy, &verdict.decision);
	return conclude(w, &verdict);
}

/*
 * The policy or an option of our own is broken. Nothing is started, but what runs can still be
 * looked at, stopped and deleted, if the policy at least says with which runtime.
 */
static int without_policy(struct wrapper *w, const struct error *broken)
{
	struct error err;
	int parsed = -1;

	w->runtime = w->policy.runtime;
	w->family = w->runtime != NULL ? runargs_family_of(w->runtime) : RUNARGS_OTHER;
	if (w->argc > 0)
		parsed = runargs_parse(w->family, w->argc, w->argv, &w->args, &err);
	w->passes = parsed == 0 && w->args.kind == RUNARGS_PASS;
	if (w->passes && w->runtime != NULL && check_runtime(w, &err) == 0)
		return become_runtime(w);
	return refuse_unjudged(w, REASON_POLICY, broken);
}

/* There is none, or it is this program. */
static int without_runtime(struct wrapper *w, const struct error *why)
{
	struct error ignored;

	if (!w->passes && !w->has_policy)
		(void)!load_policy(w, &ignored);
	return refuse_unjudged(w, REASON_RUNTIME, why);
}

int main(int argc, char **argv)
{
	static struct wrapper w;
	struct error err, why;
	int parsed;

	clock_gettime(CLOCK_MONOTONIC, &w.start);
	host_memory(&w.memory);
	policy_defaults(&w.policy);
	w.policy.runtime = NULL;
	if (argc < 1)
		return EXIT_FAILURE;
	if (own_options(&w, argc, argv, &err) < 0 ||
	    (w.runtime == NULL && load_policy(&w, &err) < 0))
		return without_policy(&w, &err);
	w.family = runargs_family_of(w.runtime);
	parsed = runargs_parse(w.family, w.argc, w.argv, &w.args, &why);
	w.passes = parsed == 0 && w.args.kind == RUNARGS_PASS;
	if (check_runtime(&w, &err) < 0)
		return without_runtime(&w, &err);
	if (parsed < 0)
		return not_understood(&w, &why);
	return w.passes ? become_runtime(&w) : judge_and_run(&w);
}
