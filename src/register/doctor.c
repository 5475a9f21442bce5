/* SPDX-License-Identifier: Apache-2.0 */
#include "register/doctor-internal.h"

#include "base/json-edit.h"
#include "node/command.h"
#include "node/metrics.h"
#include "node/record-sinks.h"
#include "register/daemon.h"
#include "register/files.h"
#include "register/probe.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLICY_DIR SYSCONFDIR "/seccomp-guard"
#define LINKS SYSCONFDIR "/seccomp-guard/runtimes"
#define SWITCH "/run/seccomp-guard/disable"

/* What the dumps of the engines take, and what is looked up in them. */
#define KEEP_SIZE (32U << 20)
#define SCRATCH_SIZE (16U << 20)

const char *doctor_level_name(enum doctor_level level)
{
	static const char *const names[] = {"ok", "note", "warning", "problem"};

	return names[level];
}

void doctor_say(struct doctor *d, enum doctor_level level, const char *mend, const char *format,
		...)
{
	char text[2048];
	struct doctor_finding finding = {level, d->about, d->check, text, mend};
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	d->worst = level > d->worst ? level : d->worst;
	d->tell(d->ctx, &finding);
}

/* What is a problem where an engine depends on it. */
static enum doctor_level if_registered(const struct doctor *d)
{
	return d->registered ? DOCTOR_PROBLEM : DOCTOR_WARNING;
}

/* ---- policy ---- */

static void check_policy(struct doctor *d)
{
	static const char *const says[] = {
		[MODE_AUDIT] = "only records: what has no profile starts unconfined",
		[MODE_COMPLAIN] = "logs what would be denied, and denies nothing",
		[MODE_ENFORCE] = "what has no profile gets one",
		[MODE_DENY] = "what has no profile is refused",
	};
	char path[PATH_MAX], mend[PATH_MAX + 128];
	struct error err;

	snprintf(path, sizeof(path), "%s" POLICY_DIR, d->root);
	if (!files_exist(d->root, POLICY_DIR "/policy.json") &&
	    !files_exist(d->root, POLICY_DIR "/policy.d")) {
		policy_defaults(&d->policy);
	} else if (host_policy_read(path, &d->memory, &d->policy, &err) < 0) {
		snprintf(mend, sizeof(mend), "seccomp-guard policy check %s", path);
		doctor_say(d, if_registered(d), mend,
			   "no container is started with this policy: %s", err.text);
		return;
	}
	d->has_policy = true;
	snprintf(mend, sizeof(mend),
		 "when the records have shown what it would do, put \"mode\": \"enforce\" into "
		 "%s/policy.json",
		 path);
	/* What the policy lets through is somebody's choice, and a stage that a rollout passes. */
	doctor_say(d, d->policy.mode >= MODE_ENFORCE ? DOCTOR_OK : DOCTOR_WARNING,
		   d->policy.mode >= MODE_ENFORCE ? "" : mend, "%s: mode %s: %s",
		   d->policy.file != NULL ? d->policy.file : "no file, so the defaults hold",
		   policy_mode_name(d->policy.mode), says[d->policy.mode]);
}

static void check_switch(struct doctor *d)
{
	if (files_exist(d->root, SWITCH))
		doctor_say(d, if_registered(d), "rm " SWITCH,
			   "%s" SWITCH " is there: everything passes, unconfined", d->root);
}

/* Where records and counters go; those of another root's processes cannot be tried from here. */
static void check_sinks(struct doctor *d)
{
	struct error err;

	if (!d->has_policy || d->root[0] != '\0')
		return;
	if (record_check(&d->policy, &err) < 0)
		doctor_say(d, DOCTOR_WARNING,
			   "start what reads there, or name another place by \"log\" in the "
			   "policy",
			   "no record can be written: %s", err.text);
	else
		doctor_say(d, DOCTOR_OK, "", "records can be written");
	if (d->policy.metrics != NULL && metrics_check(d->policy.metrics, &err) < 0)
		doctor_say(d, DOCTOR_WARNING,
			   "make its directory, or name another file by \"metrics\" in the policy",
			   "nothing can be counted: %s", err.text);
}

/* ---- runtimes ---- */

static struct span first_line(struct span text)
{
	const char *newline = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;

	return newline != NULL ? (struct span){text.p, (size_t)(newline - text.p)} : text;
}

static void check_runtime(struct doctor *d, const char *program)
{
	char mend[PATH_MAX + 32];
	struct span version;
	int has;

	if (!files_exist(d->root, program)) {
		snprintf(mend, sizeof(mend), "ln -sfn /path/of/the/runtime %s", program);
		doctor_say(d, if_registered(d), mend, "the runtime %s is not there", program);
		return;
	}
	has = register_has_seccomp(d->root, program, d->r.keep, &version);
	if (has == 0)
		doctor_say(d, if_registered(d), "install one that was built with libseccomp",
			   "%s (%.*s) was built without seccomp: it refuses or ignores every "
			   "profile",
			   program, SPAN_ARG(version));
	else if (has < 0)
		doctor_say(d, DOCTOR_WARNING,
			   "seccomp-guard register ENGINE once more: its "
			   "container shows it",
			   "%s does not tell whether it can do seccomp", program);
	else
		doctor_say(d, DOCTOR_OK, "", "%s: %.*s, with seccomp", program, SPAN_ARG(version));
}

/* What the links of the wrapper point to, and what it finds by name where there is none. */
static void check_runtimes(struct doctor *d)
{
	const size_t skip = strlen(d->root);
	struct arena start = *d->r.keep;
	char pattern[PATH_MAX];
	glob_t found = {0};

	snprintf(pattern, sizeof(pattern), "%s" LINKS "/*", d->root);
	glob(pattern, 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *link = found.gl_pathv[i] + skip;
		const char *target = files_readlink(d->root, link, d->r.keep);

		if (target == NULL)
			doctor_say(d, DOCTOR_WARNING, "ln -sfn /path/of/the/runtime there",
				   "%s is no symbolic link", link);
		else
			check_runtime(d, target);
		*d->r.keep = start;
	}
	if (found.gl_pathc == 0) {
		const char *runc = command_find(d->root, "runc", d->r.keep);
		const char *crun = command_find(d->root, "crun", d->r.keep);

		if (runc != NULL)
			check_runtime(d, runc);
		if (crun != NULL)
			check_runtime(d, crun);
	}
	globfree(&found);
}

/* ---- an engine ---- */

static void check_version(struct doctor *d)
{
	const char *const argv[] = {d->r.engine->program, "--version", NULL};
	struct span out;
	struct error err;

	if (register_ask(&d->r, argv, &out, &err) < 0)
		doctor_say(d, DOCTOR_WARNING, "", "%s", err.text);
	else
		doctor_say(d, DOCTOR_OK, "", "%.*s", SPAN_ARG(first_line(out)));
}

/* Does the path of its default lead to a wrapper that is there? */
static void check_wrapper(struct doctor *d)
{
	const char *program = d->state.program;
	char full[PATH_MAX];
	struct error err;
	struct stat st;

	if (files_resolve(d->root, program, true, full, &err) < 0 || stat(full, &st) < 0 ||
	    (st.st_mode & 0111) == 0)
		doctor_say(d, DOCTOR_PROBLEM, "install seccomp-guard again, or unregister it",
			   "%s starts no container: %s is not there", d->about, program);
	else
		doctor_say(d, DOCTOR_OK, "", "its default \"%s\" is %s", d->state.handler, program);
}

static void check_default(struct doctor *d)
{
	const bool later = d->r.engine->daemon == NULL && d->r.engine->restart != NULL;
	char mend[512];

	if (d->state.handler == NULL) {
		doctor_say(d, DOCTOR_NOTE, "", "it starts no containers for Kubernetes");
		return;
	}
	if (d->wrapped) {
		check_wrapper(d);
		return;
	}
	if (d->nri) {
		doctor_say(d, DOCTOR_OK, "",
			   "its default \"%s\" is %s, and our plugin sees to each container "
			   "of a pod",
			   d->state.handler, d->state.program);
		return;
	}
	if (d->state.hooked) {
		doctor_say(d, DOCTOR_NOTE, "",
			   "its default \"%s\" is %s, which our hooks confine at the start; what "
			   "is started by exec is not confined",
			   d->state.handler, d->state.program);
		return;
	}
	/* k3s is known by what it made of its files when it began. */
	if (d->recorded)
		snprintf(
			mend, sizeof(mend),
			"%s%sseccomp-guard unregister --when-unused %s; then, unless it was to go, "
			"seccomp-guard register %s",
			later ? d->r.engine->applies : "", later ? "; or " : "", d->about,
			d->about);
	else
		snprintf(mend, sizeof(mend), "seccomp-guard register %s", d->about);
	doctor_say(d, d->recorded ? DOCTOR_PROBLEM : DOCTOR_WARNING, mend,
		   "its default \"%s\" is %s: %s", d->state.handler, d->state.program,
		   d->recorded ? "it is registered, and containers do not go through seccomp-guard"
			       : "containers do not go through seccomp-guard");
}

static void check_hooks(struct doctor *d)
{
	static const char *const hook = HOOKSDIR "/seccomp-guard-hook";

	if (!d->state.hooked)
		return;
	if (d->wrapped)
		doctor_say(d, DOCTOR_WARNING, "take our definitions out of the hooks' directory",
			   "wrapper and hooks are both in force: each container is judged and "
			   "recorded twice");
	if (!files_exist(d->root, hook))
		doctor_say(d, d->wrapped ? DOCTOR_WARNING : DOCTOR_PROBLEM,
			   "install seccomp-guard again",
			   "%s is not there: the engine leaves the hook out without a word", hook);
}

/* By its own unit, or as one of the programs that the engine starts; names of processes are cut. */
static bool plugin_runs(struct doctor *d)
{
	static const char *const names[] = {"seccomp-guard-n", "90-seccomp-guar"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (daemon_look(d->root, names[i], REGISTER_NRI_PROGRAM).pid != 0)
			return true;
	return false;
}

/* An engine that is registered by NRI, or requires the plugin whoever said so. */
static void check_nri(struct doctor *d)
{
	static const char start[] = "systemctl enable --now " REGISTER_NRI_UNIT;

	if (!d->nri && !d->state.requires_nri)
		return;
	if (!plugin_runs(d))
		doctor_say(d, DOCTOR_PROBLEM, start, "the plugin does not run: %s",
			   d->state.requires_nri ? "the engine starts nothing without it"
						 : "nothing is confined");
	else if (d->state.requires_nri)
		doctor_say(d, DOCTOR_OK, "", "the plugin runs, and nothing starts without it");
	else
		doctor_say(d, DOCTOR_WARNING,
			   "seccomp-guard register --nri without --fail-open, where the engine "
			   "can require a plugin",
			   "the plugin runs; what starts while it is away is not confined");
	if (d->wrapped)
		doctor_say(d, DOCTOR_WARNING,
			   "seccomp-guard unregister --when-unused, for one "
			   "of the two",
			   "runtime and plugin are both in force: each container is judged and "
			   "recorded twice");
}

static void check_annotations(struct doctor *d)
{
	if ((d->wrapped || d->state.hooked) && d->state.hides)
		doctor_say(d, DOCTOR_WARNING,
			   "put pod_annotations = [\"seccomp-guard/*\"] into the handler's table",
			   "annotations of pods do not get through: nobody can choose a profile or "
			   "opt out");
}

static bool answers_features(struct doctor *d, const char *program)
{
	const char *const argv[] = {program, "features", NULL};
	struct command_result result;
	struct error ignored;

	return command_run(d->root, argv, d->r.keep, &result, &ignored) == 0 &&
	       result.status == 0 && span_has_prefix(result.out, SPAN("{"));
}

/* The engine asks the handler what its runtime can do, when it starts, and does not offer the rest
 * to pods. */
static void check_features(struct doctor *d)
{
	const char *name, *link, *runtime;

	if (!d->wrapped || !d->r.engine->asks_features || !files_exist(d->root, d->state.program))
		return;
	if (answers_features(d, d->state.program)) {
		doctor_say(d, DOCTOR_OK, "", "%s answers \"features\"", d->state.program);
		return;
	}
	name = d->state.program + strlen(PKGLIBEXECDIR "/");
	link = register_printf(&d->r, LINKS "/%s", name);
	runtime = link != NULL ? files_readlink(d->root, link, d->r.keep) : NULL;
	if (runtime == NULL)
		runtime = command_find(d->root, name, d->r.keep);
	if (runtime != NULL && answers_features(d, runtime))
		doctor_say(d, DOCTOR_WARNING, d->r.engine->applies,
			   "%s answers \"features\", and %s does not: the engine takes it for a "
			   "handler without; mend the runtime's line first",
			   runtime, d->state.program);
	else
		doctor_say(d, DOCTOR_NOTE, "install runc 1.1 or crun 1.8.6, or a later one",
			   "%s does not answer \"features\": newer engines then offer no user "
			   "namespaces and recursive read-only mounts with it",
			   runtime != NULL ? runtime : name);
}

static void check_ways_round(struct doctor *d)
{
	if (!d->wrapped && !d->state.hooked && !d->nri)
		return;
	doctor_say(d, DOCTOR_NOTE, "", "not confined by it: %s%s%s", d->r.engine->passes_by,
		   d->state.others[0] != '\0' ? "; it also knows " : "", d->state.others);
}

/* ---- all ---- */

/* Without root, much that is there cannot be seen, and findings about it are no news of the node.
 */
static void check_user(struct doctor *d)
{
	if (geteuid() != 0 && d->root[0] == '\0')
		doctor_say(d, DOCTOR_WARNING, "run it as root",
			   "this user cannot read all of it: what is said may be wrong");
}

struct check {
	const char *name;
	void (*run)(struct doctor *d);
};

static const struct check node_checks[] = {
	{"user", check_user},
	{"policy", check_policy},
	{"kill-switch", check_switch},
	{"sinks", check_sinks},
	{"runtime", check_runtimes},
	{"kernel", doctor_check_actions},
	{"ptrace", doctor_check_ptrace},
	{"bpf-jit", doctor_check_jit},
	{"audit", doctor_check_audit},
	{"containers", doctor_check_containers},
};

/* Each engine's own, as the name of the directory says whose it was. */
static void check_probe(struct doctor *d)
{
	const char *left = d->root[0] == '\0' ? probe_left(&d->r) : NULL;

	if (left == NULL)
		return;
	doctor_say(d, DOCTOR_WARNING,
		   register_printf(&d->r, "seccomp-guard %s %s",
				   d->recorded ? "register" : "unregister", d->r.engine->name),
		   "a register was killed in the middle of its probe, and what is called %s may be "
		   "left; the next register or unregister, of any engine, removes it",
		   left);
}

static const struct check engine_checks[] = {
	{"default", check_default},
	{"hooks", check_hooks},
	{"annotations", check_annotations},
	{"features", check_features},
	{"nri", check_nri},
	{"daemon", doctor_check_daemon},
	{"ways-round", check_ways_round},
	{"probe", check_probe},
};

static bool is_ours(const char *program)
{
	return program != NULL &&
	       strncmp(program, PKGLIBEXECDIR "/", strlen(PKGLIBEXECDIR "/")) == 0;
}

static void run(struct doctor *d, const struct check *checks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		d->check = checks[i].name;
		checks[i].run(d);
	}
}

static void look_at_engine(struct doctor *d, const struct register_engine *engine)
{
	struct arena start = *d->r.keep;
	const char *old_default;
	struct error err;

	d->about = engine->name;
	d->r = (struct registration){.options.root = d->root,
				     .engine = engine,
				     .keep = d->r.keep,
				     .scratch = d->r.scratch};
	d->recorded = register_is_recorded(engine, d->root);
	d->registered |= d->recorded;
	d->nri = d->recorded && register_recall(&d->r, &old_default, &err) == 0 &&
		 d->r.form == REGISTER_NRI;
	d->check = "version";
	check_version(d);
	d->check = "configuration";
	if (engine->look(&d->r, &d->state, &err) < 0) {
		doctor_say(d, d->recorded ? DOCTOR_PROBLEM : DOCTOR_WARNING, "", "%s", err.text);
	} else {
		d->wrapped = is_ours(d->state.program);
		d->registered |= d->wrapped || d->state.hooked;
		run(d, engine_checks, ARRAY_SIZE(engine_checks));
	}
	*d->r.keep = start;
}

enum doctor_level doctor(const char *root,
			 void (*tell)(void *ctx, const struct doctor_finding *finding), void *ctx)
{
	static char keep_memory[KEEP_SIZE], scratch_memory[SCRATCH_SIZE];
	struct arena keep = {keep_memory, sizeof(keep_memory), 0};
	struct arena scratch = {scratch_memory, sizeof(scratch_memory), 0};
	struct doctor d = {.root = root, .tell = tell, .ctx = ctx, .about = "node"};
	int n = 0;

	d.r.keep = &keep;
	d.r.scratch = &scratch;
	host_memory(&d.memory);
	for (size_t i = 0; register_engines[i] != NULL; i++) {
		if (!register_installed(register_engines[i], root, &keep))
			continue;
		look_at_engine(&d, register_engines[i]);
		n++;
	}
	d.about = "node";
	d.check = "engines";
	if (n == 0)
		doctor_say(&d, DOCTOR_NOTE, "", "no engine is installed");
	run(&d, node_checks, ARRAY_SIZE(node_checks));
	return d.worst;
}
