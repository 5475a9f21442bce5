/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp-guard-hook: one JSON document on stdin, told apart by its content.
 *
 * A configuration is the filter form (podman's precreate stage): it goes to stdout, changed or byte
 * for byte as it was, and on refusal nothing does.
 *
 * An OCI state comes from a runtime. At prestart and createRuntime the container's init is confined
 * live, because the runtime has read config.json already; at poststart the kernel is asked whether
 * it is confined. The runtime-spec's other stages are none of its business.
 */
#include "live/live-proc.h"
#include "live/live.h"
#include "node/fileio.h"
#include "node/host.h"
#include "node/record.h"
#include "node/runtime.h"
#include "oci/state.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/*
 * How long poststart waits for the filter. crun calls the hook right after it has told init to go
 * on, runc up to 1.3 at the end of create. Neither waits until init has loaded its filter.
 */
#define VERIFY_TIMEOUT_MS 1000

struct hook {
	const char *policy_path;
	const char *stage; /* from --stage, or what the document tells; NULL: not known */
	struct policy policy;
	struct enforce_memory memory;
	struct timespec start; /* CLOCK_MONOTONIC */
};

/* What the injecting process needs to record that it had to kill init. */
struct injection {
	const struct hook *hook;
	const struct ocistate *state;
	struct verdict *verdict;
};

static const char usage[] =
	"Usage: seccomp-guard-hook [--policy FILE] [--stage STAGE]\n"
	"With an OCI runtime configuration on standard input, write it, with a seccomp\n"
	"profile if it lacks one, to standard output. With an OCI state, confine the\n"
	"container that is being created, or see to it that it is confined.\n"
	"\n"
	"  --policy FILE  the policy [" SYSCONFDIR "/seccomp-guard/policy.json]\n"
	"  --stage STAGE  the stage that the hook is registered for [by the state]\n"
	"  --help         show this text\n"
	"  --version      show the version\n";

/* ---- saying no ---- */

/* Say "seccomp-guard: message" on stderr, without waiting for a reader; returns EXIT_FAILURE. */
static int fail(const char *message)
{
	char shown[1024], line[1100];
	int n = snprintf(line, sizeof(line), "seccomp-guard: %s\n",
			 text_printable(span_of(message), shown, sizeof(shown)));

	file_write_now(STDERR_FILENO, (struct span){line, (size_t)n});
	return EXIT_FAILURE;
}

/* `state`: the one that the verdict is about; NULL: the filter form. */
static int write_record(const struct hook *h, const struct verdict *v, const struct ocistate *state,
			struct error *err)
{
	const struct record record = {
		.verdict = v,
		.entry = state != NULL ? "hook" : "filter",
		.stage = h->stage,
		.id = state != NULL ? state->id : NULL,
		.bundle = state != NULL ? state->bundle : NULL,
		.injector = v->decision.action != ACTION_INJECT ? NULL
			    : state != NULL                     ? "live"
								: "config",
		.start = h->start,
		.pid = state != NULL && state->pid > 0 ? (int64_t)state->pid : -1,
	};

	return record_write(&record, &h->policy, err);
}

/* Record a verdict and follow it, where nothing is injected. One line, as an engine may show no
 * more than one. */
static int conclude(const struct hook *h, const struct verdict *v, const struct ocistate *state)
{
	struct error lost = {0};
	char message[1024];
	int written = write_record(h, v, state, &lost);
	size_t n;

	if (v->decision.action != ACTION_REFUSE) {
		if (written < 0)
			fail(lost.text);
		return EXIT_SUCCESS;
	}
	n = strlen(record_message(v, message, sizeof(message)));
	if (written < 0)
		snprintf(message + n, sizeof(message) - n, "; %s", lost.text);
	return fail(message);
}

static int refuse_because(const struct hook *h, const struct ocistate *state, struct verdict *v,
			  enum reason reason, const struct error *why)
{
	decide_failed(&v->decision, reason);
	v->why = *why;
	return conclude(h, v, state);
}

static int write_output(struct span text)
{
	struct error err;

	if (file_write_all(STDOUT_FILENO, text) == 0)
		return EXIT_SUCCESS;
	error_set(&err, "cannot write the configuration to standard output: %s",
		  error_words(errno));
	return fail(err.text);
}

/*
 * The input cannot be understood, so nothing is known of the container. It is treated as a
 * configuration that cannot be read: refused, except in audit. A document that is no state is
 * passed on unchanged, in case somebody waits for a configuration.
 */
static int not_understood(const struct hook *h, const struct ocistate *state, struct span text,
			  const struct error *why)
{
	struct verdict v = {.why = *why};
	int status;

	decide_invalid(&h->policy, &v.decision);
	status = conclude(h, &v, state);
	return status != EXIT_SUCCESS || state != NULL ? status : write_output(text);
}

/* This failure has nothing to do with the container, so no mode lets it pass. */
static int refuse_unjudged(struct hook *h, const struct ocistate *state, struct span text,
			   enum reason reason, const struct error *why)
{
	const struct host_case job = {.id = state != NULL ? state->id : NULL,
				      .dir = state != NULL ? state->bundle : NULL,
				      .memory = &h->memory};
	struct verdict v = {.why = *why};

	decide_unjudged(&h->policy, reason, &v.decision);
	if (state == NULL ? text.p != NULL : state->bundle != NULL)
		host_identify(&job, state == NULL ? text : (struct span){0}, &v.identity);
	return conclude(h, &v, state);
}

/* ---- the filter form ---- */

static int filter(struct hook *h, struct span text)
{
	struct enforce_host host;
	struct verdict v;
	struct error err;

	if (host_init(&host, &err) < 0)
		return not_understood(h, NULL, text, &err);
	enforce(text, &h->policy, &host, &h->memory, &v);
	host_locate("configuration on standard input", text, &v);
	if (conclude(h, &v, NULL) != EXIT_SUCCESS)
		return EXIT_FAILURE;
	return write_output(v.decision.action == ACTION_INJECT ? v.output : text);
}

/* ---- prestart, createRuntime ---- */

/*
 * Runs in the injecting process. The decision has been recorded already, so only a failure gets a
 * record here.
 */
static void report(void *ctx, const struct live_report *report)
{
	const struct injection *in = ctx;
	struct error lost;

	if (report->outcome != LIVE_KILLED)
		return;
	decide_failed(&in->verdict->decision, REASON_LIVE);
	error_set(&in->verdict->why, "its init was killed: %s", report->reason);
	if (write_record(in->hook, in->verdict, in->state, &lost) < 0)
		fail(lost.text);
}

/* The program for a verdict that injects, as the runtime at hand would have it. */
static int make_program(struct hook *h, const struct live_init *init, const struct verdict *v,
			struct program *ret_program, struct error *err)
{
	struct enforce_memory *memory = &h->memory;
	struct seccomp_profile read;
	const struct program_request request = {
		.profile = v->profile_value != NULL ? v->profile_value : &read,
		.native = init->abi,
		.runtime = live_runtime_is_crun(init) ? MODEL_CRUN : MODEL_RUNC,
	};

	if (v->profile_value == NULL &&
	    ociseccomp_read(v->profile, &memory->keep, &memory->scratch, &read, err) < 0)
		return -1;
	return program_compile(&request, &memory->scratch, ret_program, err);
}

static int inject(struct hook *h, const struct ocistate *state, struct verdict *v,
		  struct error *err)
{
	static struct program program;
	struct injection in = {h, state, v};
	const struct live_job job = {
		.program = &program, .report = report, .ctx = &in, .keep_fd = -1};
	struct live_init init;
	int r;

	if (live_check_init((pid_t)state->pid, &init, err) < 0)
		return -1;
	r = make_program(h, &init, v, &program, err);
	if (r == 0)
		r = live_inject(&init, &job, err);
	live_init_close(&init);
	return r;
}

/* Above the hook there is the runtime, or a helper of it. */
#define MAX_ANCESTORS 4

/*
 * crun can be told to take the configuration from a file outside of the bundle (--config). The
 * state does not say so; its command line does. *ret_config NULL: it is not known to. Fails where
 * the command line may say it in a way that is not understood.
 */
static int other_configuration(struct hook *h, const char **ret_config, struct error *err)
{
	pid_t at = getppid();
	struct proc_stat stat;
	struct error ignored;
	int starts = 0;

	*ret_config = NULL;
	for (int i = 0; i < MAX_ANCESTORS && at > 1 && starts == 0; i++, at = stat.parent) {
		starts = runtime_starts(at, &h->memory.scratch, ret_config, err);
		if (proc_read_stat(at, &stat, &ignored) < 0)
			break;
	}
	return starts < 0 ? -1 : 0;
}

static void judge(struct hook *h, const struct ocistate *state, struct verdict *v)
{
	char shown[ENFORCE_PATH_SIZE];
	const char *other;
	struct error why;
	int known = other_configuration(h, &other, &why);
	const struct host_case job = {.id = state->id,
				      .dir = state->bundle,
				      .file = other,
				      .policy = &h->policy,
				      .memory = &h->memory,
				      .order = ENFORCE_AFTER_WRAPPER,
				      /* We load it ourselves. */
				      .logs = true,
				      .live = true};

	/* The wrapper has judged that file, and changed it if need be. */
	if ((known == 0 && other == NULL) || runtime_is_wrapped(getppid())) {
		host_judge(&job, v);
		return;
	}
	if (known == 0)
		error_set(&why, "crun was called with --config %s",
			  text_printable(span_of(other), shown, sizeof(shown)));
	*v = (struct verdict){0};
	decide_invalid(&h->policy, &v->decision);
	error_set(
		&v->why,
		"%s, so that the configuration in the bundle, which this hook judges, is not that "
		"of the container; put it into the bundle as config.json, or use the wrapper, "
		"which reads that file",
		why.text);
}

static int confine(struct hook *h, const struct ocistate *state)
{
	struct verdict v;
	struct error err;

	judge(h, state, &v);
	if (v.decision.action == ACTION_REFUSE)
		return conclude(h, &v, state);
	/* One container, one decision: this one is on record. */
	if (v.decision.action != ACTION_INJECT && (v.done_before || runtime_is_wrapped(getppid())))
		return EXIT_SUCCESS;
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
	return conclude(h, &v, state);
}

/* ---- poststart ---- */

/* Does this decision mean that the container must have a filter? */
static bool must_be_confined(const struct decision *d)
{
	return d->action == ACTION_INJECT ||
	       (d->action == ACTION_KEEP && d->reason != REASON_DISABLED);
}

/*
 * What runtimes load of the container's own profile, and what is loaded live beside it. A profile
 * under which everything runs is a filter, too.
 */
static int filters_of(const struct verdict *v)
{
	const struct decision *d = &v->decision;

	return 1 + (d->action == ACTION_INJECT && (d->finding != FINDING_ABSENT || v->nri_part));
}

/*
 * The container has been started. Either something confines it, the runtime or this hook at an
 * earlier stage, or it ends here: runc would kill it when this hook fails, but crun lets it run on.
 * The decision was recorded at createRuntime.
 */
static int verify(struct hook *h, const struct ocistate *state)
{
	CLEANUP_LIVE_PROCESS struct live_process init = LIVE_PROCESS_NONE;
	struct error why, killing;
	struct verdict v;
	int opened = live_open((pid_t)state->pid, &init, &why);

	/* What is over runs nothing without a filter. */
	if (opened == 0 && init.pidfd < 0)
		return EXIT_SUCCESS;
	judge(h, state, &v);
	if (!must_be_confined(&v.decision) && v.decision.action != ACTION_REFUSE)
		return EXIT_SUCCESS;
	if (opened < 0 || live_check_contained(&init, &why) < 0) {
		if (opened == 0 && live_is_over(&init))
			return EXIT_SUCCESS;
		return refuse_because(h, state, &v, REASON_UNFILTERED, &why);
	}
	if (v.decision.action == ACTION_REFUSE)
		why = v.why;
	else if (live_verify(&init, filters_of(&v), VERIFY_TIMEOUT_MS, &why) == 0)
		return EXIT_SUCCESS;
	decide_failed(&v.decision, REASON_UNFILTERED);
	if (v.decision.action == ACTION_REFUSE && live_kill(&init, &killing) < 0)
		error_prefix(&why, "%s", killing.text);
	v.why = why;
	return conclude(h, &v, state);
}

/* ---- the stages ---- */

/*
 * The stages of the runtime-spec (config.md, "POSIX-platform Hooks"), and podman's precreate, at
 * which a hook gets the configuration.
 */
static const struct stage {
	const char *name;
	bool is_filter;
	int (*run)(struct hook *h, const struct ocistate *state); /* NULL: there is nothing to do */
} stages[] = {
	{"precreate", true, NULL},         {"prestart", false, confine},
	{"createRuntime", false, confine}, {"createContainer", false, NULL},
	{"startContainer", false, NULL},   {"poststart", false, verify},
	{"poststop", false, NULL},
};

/*
 * Without --stage the state's status decides. "created" is ambiguous: crun says it at createRuntime
 * (libcrun/container.c), runc up to 1.3 at poststart (libcontainer/container_linux.go). A hook for
 * poststart must therefore say --stage.
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

static const struct stage *find_stage(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(stages); i++)
		if (strcmp(name, stages[i].name) == 0)
			return &stages[i];
	return NULL;
}

/*
 * Check that the input is what `stage` works on. `stage` NULL: h->stage is no stage. When the
 * document is no state, `why` says the reason already.
 */
static int check_input(const struct hook *h, const struct stage *stage,
		       const struct ocistate *state, struct error *why)
{
	char shown[SPAN_SHOWN];

	if (h->stage == NULL)
		return error_set(
			why,
			"the OCI state on standard input has no known \"status\"; say --stage");
	if (stage == NULL)
		return error_set(
			why,
			"--stage \"%s\" is no stage of a hook; say prestart, createRuntime, "
			"createContainer, startContainer, poststart, poststop or precreate",
			text_printable(span_of(h->stage), shown, sizeof(shown)));
	if (stage->is_filter)
		return state == NULL ? 0
				     : error_set(why, "an OCI state on standard input, and not a "
						      "configuration as at precreate");
	if (state == NULL)
		return error_prefix(why, "no OCI state on standard input");
	if (state->bundle == NULL || state->bundle[0] != '/')
		return error_set(why, "the OCI state on standard input names no \"bundle\" by its "
				      "absolute path");
	if (state->pid == 0)
		return error_set(why,
				 "the OCI state on standard input names no process in \"pid\"");
	return 0;
}

/* `state` NULL: the document is no OCI state, and `why` says the reason. */
/*
 * Where linux.devices meets a new user namespace, crun (1.8.1; libcrun/container.c) is in the root
 * directory when it calls hooks, and says that it is the bundle. What it was called with is right.
 */
static int find_bundle(struct hook *h, struct ocistate *state, struct error *why)
{
	if (state->bundle == NULL || strcmp(state->bundle, "/") != 0 ||
	    runtime_told_bundle(getppid(), state->id, &h->memory.keep, &state->bundle, why) == 0)
		return 0;
	return error_prefix(
		why, "the OCI state on standard input says that the bundle is \"/\", as crun "
		     "does with linux.devices in a new user namespace, and the command line "
		     "of the runtime does not help; call it with --bundle and an absolute "
		     "path");
}

static int run(struct hook *h, struct span text, struct ocistate *state, struct error *why)
{
	const struct stage *stage;
	struct error err;

	if (h->stage == NULL)
		h->stage = state != NULL ? stage_of(state) : "precreate";
	stage = h->stage != NULL ? find_stage(h->stage) : NULL;
	/* A broken policy is no reason to fail at a stage that does nothing. */
	if (stage != NULL && !stage->is_filter && stage->run == NULL)
		return EXIT_SUCCESS;
	if (host_policy(h->policy_path, &h->memory, &h->policy, &err) < 0) {
		error_prefix(&err, "policy");
		return refuse_unjudged(h, state, text, REASON_POLICY, &err);
	}
	if (check_input(h, stage, state, why) < 0 ||
	    (state != NULL && find_bundle(h, state, why) < 0))
		return not_understood(h, state, text, why);
	return stage->is_filter ? filter(h, text) : stage->run(h, state);
}

/* Returns -1 to go on, or the exit status. */
static int options(struct hook *h, int argc, char **argv, struct error *err)
{
	static const struct option longs[] = {
		{"policy", required_argument, NULL, 'p'},
		{"stage", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'p')
			h->policy_path = optarg;
		else if (c == 's')
			h->stage = optarg;
		else if (c == 'h')
			return fputs(usage, stdout) == EOF || fflush(stdout) == EOF ? EXIT_FAILURE
										    : EXIT_SUCCESS;
		else if (c == 'v')
			return printf("seccomp-guard-hook %s\n", PACKAGE_VERSION) < 0
				       ? EXIT_FAILURE
				       : EXIT_SUCCESS;
		else
			return error_set(err, "unknown option, or one without its value; see "
					      "seccomp-guard-hook --help");
	}
	if (optind < argc)
		return error_set(err, "seccomp-guard-hook takes no arguments; see --help");
	return -1;
}

int main(int argc, char **argv)
{
	static struct hook h;
	struct ocistate state;
	struct span text;
	struct error err = {0};
	bool is_state;
	int status;

	file_hold_standard();
	clock_gettime(CLOCK_MONOTONIC, &h.start);
	host_memory(&h.memory);
	policy_defaults(&h.policy);
	status = options(&h, argc, argv, &err);
	if (status >= 0)
		return status;
	if (err.text[0] == '\0' &&
	    file_read_stream(STDIN_FILENO, OCICONFIG_MAX_SIZE, &h.memory.keep, &text, &err) < 0)
		error_prefix(&err, "standard input");
	if (err.text[0] != '\0')
		return refuse_unjudged(&h, NULL, (struct span){0}, REASON_INVALID, &err);
	is_state = ocistate_read(text, &h.memory.keep, &h.memory.scratch, &state, &err) == 0;
	if (is_state && !state.is_state) {
		error_set(&err, "neither \"status\" nor \"pid\"");
		is_state = false;
	}
	return run(&h, text, is_state ? &state : NULL, &err);
}
