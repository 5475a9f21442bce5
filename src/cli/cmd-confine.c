/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp-guard confine: load a filter into containers that run.
 */
#include "cli/confine.h"

#include "node/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

/* Address space; only what is used becomes memory. */
#define CONFINE_MEMORY (UINT64_C(1) << 30)
#define SCRATCH_SHARE 8

static void tell_unread(void *ctx, const char *message)
{
	struct confine_command *c = ctx;

	cli_error(c->args, "%s", message);
	c->incomplete = true;
}

/* ---- before ---- */

static int check_arguments(struct confine_command *c, struct error *err)
{
	const struct cli_args *args = c->args;
	bool all = args->value[CLI_ALL] != NULL, name_space = args->value[CLI_NAMESPACE] != NULL;

	if ((args->n > 0) + all + name_space != 1)
		return error_set(err, "takes containers, or --all, or --namespace");
	if (args->value[CLI_TIGHTEN] != NULL &&
	    tighten_from_list(args->value[CLI_TIGHTEN], &c->tighten, err) < 0)
		return -1;
	c->names_profile = args->value[CLI_PROFILE] != NULL || !tighten_is_empty(&c->tighten);
	return inject_check(NULL, err);
}

static int begin(struct confine_command *c, struct error *err)
{
	char *memory = mmap(NULL, CONFINE_MEMORY, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return error_system(err, errno);
	c->scratch = (struct arena){memory, CONFINE_MEMORY / SCRATCH_SHARE, 0};
	c->keep = (struct arena){memory + c->scratch.size, CONFINE_MEMORY - c->scratch.size, 0};
	c->search = (struct container_search){
		.root = c->args->value[CLI_ROOT] != NULL ? c->args->value[CLI_ROOT] : "",
		.keep = &c->keep,
		.scratch = &c->scratch,
		.tell = tell_unread,
		.ctx = c};
	return cli_judge_begin(&c->judge, c->args->value[CLI_POLICY], err);
}

/* What is to be done, where the process that does it can write. */
static int make_job(struct confine_command *c, struct confine_job *ret_job, struct error *err)
{
	struct confine_job job = {.search = &c->search,
				  .all = c->list,
				  .no_new_privs = c->args->value[CLI_NO_NEW_PRIVS] != NULL,
				  .freeze = c->args->value[CLI_FREEZE] != NULL,
				  .or_kill = c->args->value[CLI_OR_KILL] != NULL};
	void *shared = mmap(NULL, (c->n + 1) * sizeof(*job.containers), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return error_system(err, errno);
	job.containers = shared;
	for (size_t i = 0; i < c->n; i++) {
		if (c->entry[i].plan != PLAN_CONFINE)
			continue;
		c->entry[i].index = job.n;
		job.containers[job.n++] = (struct confine_container){
			.container = c->entry[i].container, .program = c->entry[i].program};
	}
	*ret_job = job;
	return 0;
}

/* For more than what was named: asks on a terminal. */
static int make_sure(const struct confine_command *c, const struct confine_job *job,
		     struct error *err)
{
	char answer[16] = "";
	size_t processes = 0;

	if (c->args->n > 0 || c->args->value[CLI_YES] != NULL || job->n == 0)
		return 0;
	for (size_t i = 0; i < job->n; i++)
		for (const struct process *p = job->containers[i].container->processes; p != NULL;
		     p = p->next)
			processes++;
	if (!isatty(STDIN_FILENO))
		return error_set(err,
				 "this would restrict %zu containers with %zu processes, and "
				 "cannot be undone for what runs; --yes says that it is meant, "
				 "--dry-run what would be done",
				 job->n, processes);
	fprintf(stderr,
		"This restricts %zu containers with %zu processes, and cannot be undone for what "
		"runs. Go on? [y/N] ",
		job->n, processes);
	if (fgets(answer, sizeof(answer), stdin) == NULL || (answer[0] != 'y' && answer[0] != 'Y'))
		return error_set(err, "nothing was done");
	return 0;
}

/* ---- after ---- */

/* Commas become spaces. */
static const char *words_of(const char *list, char *out, size_t size)
{
	snprintf(out, size, "%s", list != NULL ? list : "");
	for (char *p = out; *p != '\0'; p++)
		if (*p == ',')
			*p = ' ';
	return out;
}

static void keep_account(struct confine_command *c, const struct confine_job *job,
			 const struct confine_progress *progress, const struct confine_entry *e)
{
	const struct confine_counts n = confine_count(e, progress);
	const char *tighten = c->args->value[CLI_TIGHTEN], *engine = engine_name(e->engine);
	char words[256], when[RECORD_TIME_SIZE];
	struct record_confine record = {
		.id = e->container->id,
		.bundle = e->container->bundle,
		.engine = engine,
		.name_space = e->name_space,
		.pod = e->pod,
		.container = e->name,
		.image = e->image,
		.profile = e->profile,
		.tighten = words_of(tighten, words, sizeof(words)),
		.sha256 = e->sha256,
		.exec = e->exec,
		.confined = n.confined,
		.had_it = n.had_it,
		.refused = n.refused,
		.killed = n.killed,
		.no_new_privs = n.no_new_privs,
		.complete = confine_is_complete(job, progress, e->index),
		.why = job->containers[e->index].why,
	};
	struct confined confined = {.time = when,
				    .profile = e->profile,
				    .tighten = tighten != NULL ? tighten : "",
				    .sha256 = e->sha256,
				    .exec = e->exec,
				    .complete = record.complete};
	struct timespec now;
	struct error err;

	/* Nothing was changed. */
	if (n.confined + n.killed + n.no_new_privs == 0 &&
	    (!e->exec_is_new || strcmp(e->exec, "confined") != 0))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	record_time(&now, when);
	if (record_write_confine(&record, &c->judge.policy, &err) < 0)
		cli_warn(c->args, "%s", err.text);
	if (!job->containers[e->index].ended &&
	    confined_add(c->search.root, e->container, &confined, &err) < 0)
		cli_warn(c->args, "%s", err.text);
}

static int status_of(const struct confine_command *c, const struct confine_job *job,
		     const struct confine_progress *progress)
{
	int status = CLI_OK;

	for (size_t i = 0; i < c->n; i++) {
		const struct confine_entry *e = &c->entry[i];

		if (e->plan == PLAN_CANNOT ||
		    (e->plan == PLAN_CONFINE && !confine_is_complete(job, progress, e->index)))
			status = CLI_NO;
	}
	return c->incomplete ? CLI_ERROR : status;
}

static int look(struct confine_command *c, const struct confine_job *job)
{
	struct confine_progress *progress = NULL;
	struct error err;

	if (confine_look(job, &progress, &err) < 0)
		return cli_error(c->args, "confine: %s", err.text);
	confine_print(c, job, progress);
	return status_of(c, job, progress);
}

static int persist(struct confine_command *c)
{
	char path[PATH_MAX];
	struct error err;

	if (confine_persist(c, path, &err) < 0)
		return cli_error(c->args, "confine: --persist: %s", err.text);
	if (!c->args->json)
		printf("policy: written to %s; it holds from the next start of each container\n",
		       path);
	return CLI_OK;
}

static int act(struct confine_command *c, struct confine_job *job)
{
	struct confine_progress *progress = NULL;
	struct error err;
	int rc = 0;

	/* First, so that what is executed meanwhile has it. */
	for (size_t i = 0; i < c->n; i++)
		if (c->entry[i].plan == PLAN_CONFINE)
			confine_set_exec(c, job, &c->entry[i]);
	if (job->n > 0)
		rc = confine_run(job, &progress, &err);
	if (rc < 0 && progress == NULL)
		return cli_error(c->args, "confine: %s", err.text);
	for (size_t i = 0; i < c->n; i++) {
		if (c->entry[i].plan != PLAN_CONFINE)
			continue;
		if (!job->containers[c->entry[i].index].ended)
			confine_confirm_exec(c, &c->entry[i]);
		keep_account(c, job, progress, &c->entry[i]);
	}
	confine_print(c, job, progress);
	if (rc < 0)
		return cli_error(c->args, "confine: %s", err.text);
	if (c->args->value[CLI_PERSIST] != NULL && persist(c) != CLI_OK)
		return CLI_ERROR;
	if (progress != NULL && progress->stop)
		return cli_error(c->args, "confine: stopped before the end; the same command goes "
					  "on with it");
	return status_of(c, job, progress);
}

static int run(const struct cli_args *args)
{
	static struct confine_command c;
	struct confine_job job;
	struct error err;
	CLEANUP_FD int lock = -1;

	c.args = args;
	if (args->value[CLI_PROFILE] != NULL && strcmp(args->value[CLI_PROFILE], "-") == 0)
		return cli_error(args, "confine: --profile cannot be \"-\": the file is read for "
				       "each container, and recorded (what is called so is ./-)");
	if (geteuid() != 0)
		return cli_error(args, "confine: needs root: it traces processes of others");
	if (check_arguments(&c, &err) < 0 || begin(&c, &err) < 0)
		return cli_error(args, "confine: %s", err.text);
	if (args->value[CLI_DRY_RUN] == NULL) {
		lock = confined_lock(c.search.root, &err);
		if (lock < 0)
			return cli_error(args, "confine: %s", err.text);
	}
	if (confine_plan(&c, &err) < 0 || make_job(&c, &job, &err) < 0)
		return cli_error(args, "confine: %s", err.text);
	if (args->value[CLI_PERSIST] != NULL && confine_check_persist(&c, &err) < 0)
		return cli_error(args, "confine: %s", err.text);
	if (args->value[CLI_DRY_RUN] != NULL)
		return look(&c, &job);
	confined_clean(c.search.root, c.list);
	if (make_sure(&c, &job, &err) < 0)
		return cli_error(args, "confine: %s", err.text);
	return act(&c, &job);
}

static const struct cli_use uses[] = {
	{CLI_POLICY, NULL},
	{CLI_ALL, "every container that runs on this node"},
	{CLI_NAMESPACE, NULL},
	{CLI_PROFILE, "runtime/default, or a file [what the policy would put in]"},
	{CLI_TIGHTEN, "restrictions alone, or laid over the profile: af-alg,\naf-vsock,userns,"
		      "io-uring,keyctl,bpf,ptrace,foreign-abi"},
	{CLI_DRY_RUN, NULL},
	{CLI_NO_NEW_PRIVS, NULL},
	{CLI_FREEZE, NULL},
	{CLI_OR_KILL, NULL},
	{CLI_PERSIST, NULL},
	{CLI_YES, NULL},
	{CLI_ROOT, "the system whose runtimes' state is below this directory"},
};

const struct cli_command cli_confine = {
	.name = "confine",
	.run = run,
	.summary = "restrict containers that run, without a restart",
	.arguments = "[CONTAINER...]",
	.min_arguments = 0,
	.max_arguments = SIZE_MAX,
	.takes = "takes containers",
	.about = "Load a seccomp filter into every process of containers that run. CONTAINER is\n"
		 "a name, or how an identifier begins. A filter can only restrict, and cannot be\n"
		 "taken away from what runs; a restart begins from the configuration again.\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "one JSON object on a line for each container",
	.exit_status = "0 all is confined that was asked for, 1 something is not, 2\nerror.",
};
