/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp-guard status: every container that runs on this node, what its configuration says, judged
 * as check does, and what the kernel says for each of its processes.
 */
#include "cli/status.h"

#include "cli/cli.h"
#include "node/exec-filter.h"
#include "register/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Address space for a node with a hundred thousand processes; only what is used becomes memory. */
#define STATUS_MEMORY (256U << 20)
#define SCRATCH_SHARE 4

/* What a runtime starts is confined only just before it becomes the container's program: a process
 * that is younger, in seconds, is looked at again after this time. */
#define YOUNG 2
static const struct timespec again = {0, 200000000};

struct status {
	const struct cli_args *args;
	struct cli_judge judge;
	struct arena keep, scratch;
	bool hidden;     /* something may not be read without root */
	bool incomplete; /* something could not be read, and an error has been told */
	struct status_entry *entry;
	size_t n;
};

const char *status_name(enum status_state state)
{
	static const char *const names[STATUS_STATES] = {
		[STATUS_CONFINED] = "confined",
		[STATUS_WEAK] = "weak",
		[STATUS_UNCONFINED] = "unconfined",
		[STATUS_EXEMPT] = "exempt",
	};

	return names[state];
}

/* Is it not as the policy would have it? */
static bool is_gap(const struct status_entry *e)
{
	/* A weak profile that the policy keeps is what the policy wants. */
	return e->state == STATUS_UNCONFINED ||
	       (e->state == STATUS_WEAK && (e->action != ACTION_KEEP || e->differs));
}

bool status_has_less(const struct status_entry *entry, const struct process *process)
{
	const struct process *init = entry->container->init;

	return process->seccomp < init->seccomp || process->filters < init->filters;
}

/* ---- one container ---- */

static void tell_unread(void *ctx, const char *message)
{
	struct status *s = ctx;

	/* Without root that is what is expected. */
	if (geteuid() != 0) {
		s->hidden = true;
		cli_warn(s->args, "%s", message);
		return;
	}
	cli_error(s->args, "%s", message);
	s->incomplete = true;
}

static unsigned int fewest_filters(const struct container *container)
{
	unsigned int fewest = UINT32_MAX;

	for (const struct process *p = container->processes; p != NULL; p = p->next)
		if (p->filters < fewest)
			fewest = p->filters;
	return fewest;
}

/* Does the policy not mind how the container runs? */
static bool is_let_be(const struct status_entry *e)
{
	return e->judged && (e->action == ACTION_EXEMPT || e->reason == REASON_DISABLED);
}

/* The policy wants more than the configuration has, and a filter is there: one that was loaded
 * beside it counts, which is the only one where there is no profile. */
static bool is_beside(const struct status_entry *e)
{
	bool replaces = e->action == ACTION_INJECT || e->action == ACTION_WOULD_INJECT;

	if (e->finding == FINDING_ABSENT || e->finding == FINDING_UNCONFINED)
		return true;
	return replaces && fewest_filters(e->container) > 1;
}

static enum status_state state_of(const struct status_entry *e)
{
	if (is_let_be(e))
		return STATUS_EXEMPT;
	if (e->n_confined < e->n_processes)
		return STATUS_UNCONFINED;
	if (!e->judged || is_beside(e))
		return STATUS_CONFINED;
	return e->finding == FINDING_CONFINED && e->action == ACTION_KEEP ? STATUS_CONFINED
									  : STATUS_WEAK;
}

static const char *keep_text(struct status *s, struct span text)
{
	const char *copy = text.n > 0 ? arena_strdup(&s->keep, text) : NULL;

	return copy != NULL ? copy : "";
}

static const char *keep_string(struct status *s, const char *text)
{
	return text != NULL ? keep_text(s, span_of(text)) : "";
}

static void take_verdict(struct status *s, const struct verdict *v, struct status_entry *e)
{
	const struct policy_rule *rule = v->decision.rules.rule;
	char weakness[DECIDE_WEAKNESS_SIZE];

	e->judged = true;
	e->engine = v->identity.engine != ENGINE_UNKNOWN ? v->identity.engine : e->engine;
	e->name_space = keep_text(s, v->identity.name_space);
	e->pod = keep_text(s, v->identity.pod);
	e->name = keep_text(s, v->identity.container);
	e->image = keep_text(s, v->identity.image);
	e->sandbox = v->identity.sandbox;
	e->finding = v->decision.finding;
	e->action = v->decision.action;
	e->reason = v->decision.reason;
	if (rule != NULL) {
		e->rule = keep_text(s, span_of(rule->name));
		e->until = keep_string(s, rule->until);
		e->owner = keep_string(s, rule->owner);
		e->rule_reason = keep_string(s, rule->reason);
	}
	if (decision_is_weak(&v->decision))
		e->weakness = keep_text(
			s, span_of(decide_weakness(&v->decision, weakness, sizeof(weakness))));
	e->why = keep_text(s, span_of(v->why.text));
}

/* Is this what the command line calls `word`: its name, or how its identifier begins? */
static bool is_called(const struct status_entry *e, const char *word)
{
	return strcmp(e->name, word) == 0 || strncmp(e->container->id, word, strlen(word)) == 0;
}

static bool is_asked_for(const struct cli_args *args, const struct status_entry *e)
{
	for (size_t i = 0; i < args->n; i++)
		if (is_called(e, args->argument[i]))
			return true;
	return args->n == 0;
}

static void look_at(struct status *s, const struct container *container, struct status_entry *e)
{
	const struct enforce_memory at_start = s->judge.memory;
	const struct container_search place = {
		.root = s->args->value[CLI_ROOT] != NULL ? s->args->value[CLI_ROOT] : "",
		.keep = &s->judge.memory.keep};
	char path[PATH_MAX];
	struct verdict v;
	struct span text = {0};
	struct error err;
	bool has;

	*e = (struct status_entry){.container = container,
				   .engine = container->engine,
				   .name_space = "",
				   .pod = "",
				   .name = "",
				   .image = "",
				   .rule = "",
				   .until = "",
				   .owner = "",
				   .rule_reason = "",
				   .weakness = "",
				   .why = ""};
	if (container_read_config(container, &place, path, &text, &err) < 0) {
		e->why = keep_text(s, span_of(err.text));
	} else {
		cli_judge_text(&s->judge, path, text, text, &v);
		take_verdict(s, &v, e);
	}
	for (const struct process *p = container->processes; p != NULL; p = p->next) {
		e->n_processes++;
		e->n_confined += p->seccomp != 0;
	}
	e->exec_is_bare = container->init->seccomp != 0 &&
			  exec_filter_look(container, &s->scratch, &has, &err) == 0 && !has;
	e->confined = confined_read(place.root, container, &s->keep, &s->scratch);
	e->state = state_of(e);
	if (s->args->value[CLI_DEEP] != NULL && is_asked_for(s->args, e))
		status_look_deep(e, &(struct status_deep){.judge = &s->judge,
							  .config = text,
							  .verdict = e->judged ? &v : NULL,
							  .keep = &s->keep,
							  .tell = tell_unread,
							  .ctx = s});
	s->judge.memory = at_start;
}

/* ---- all of them ---- */

/* Take out what has ended or has its filter by now. */
static void look_again(struct container *list)
{
	bool waited = false;

	for (struct container *c = list; c != NULL; c = c->next) {
		struct process **at = &c->processes;

		while (*at != NULL) {
			struct process *p = *at;

			if (p->seccomp != 0 || process_age(p) >= YOUNG) {
				at = &p->next;
				continue;
			}
			if (!waited)
				nanosleep(&again, NULL);
			waited = true;
			if (process_refresh(p) && !p->zombie)
				at = &p->next;
			else
				*at = p->next;
		}
	}
}

/* By namespace, pod, name and identifier. */
static int compare(const void *one, const void *other)
{
	const struct status_entry *a = one, *b = other;
	int order = strcmp(a->name_space, b->name_space);

	if (order == 0)
		order = strcmp(a->pod, b->pod);
	if (order == 0)
		order = strcmp(a->name, b->name);
	return order != 0 ? order : strcmp(a->container->id, b->container->id);
}

/* Find, judge and sort; what is not asked for is left out. */
static int collect(struct status *s, struct error *err)
{
	const struct container_search search = {
		.root = s->args->value[CLI_ROOT] != NULL ? s->args->value[CLI_ROOT] : "",
		.keep = &s->keep,
		.scratch = &s->scratch,
		.tell = tell_unread,
		.ctx = s};
	struct container *list;
	size_t n = 0;

	if (container_list(&search, &list, err) < 0)
		return -1;
	look_again(list);
	for (const struct container *c = list; c != NULL; c = c->next)
		n += c->processes != NULL;
	s->entry = arena_alloc(&s->keep, n * sizeof(*s->entry) + 1);
	if (s->entry == NULL)
		return error_set(err, "there are too many containers");
	for (const struct container *c = list; c != NULL; c = c->next) {
		if (c->processes == NULL)
			continue;
		look_at(s, c, &s->entry[s->n]);
		s->n += is_asked_for(s->args, &s->entry[s->n]);
	}
	qsort(s->entry, s->n, sizeof(*s->entry), compare);
	return 0;
}

/* Each container that was named has to be there. */
static bool are_found(const struct status *s)
{
	bool all = true;

	for (size_t i = 0; i < s->args->n; i++) {
		bool found = false;

		for (size_t k = 0; k < s->n; k++)
			found = found || is_called(&s->entry[k], s->args->argument[i]);
		if (!found)
			cli_error(s->args, "no container that runs is called \"%s\"",
				  s->args->argument[i]);
		all = all && found;
	}
	return all;
}

static bool any(const struct status_entry *e)
{
	(void)e;
	return true;
}

static bool is_unconfined(const struct status_entry *e)
{
	return e->n_confined < e->n_processes;
}

/* "-" is standard output. */
static int write_page(struct status *s, const struct status_report *report, const char *file,
		      struct error *err)
{
	char directory[PATH_MAX] = "", path[2 * PATH_MAX];
	struct span page;

	if (status_write_html(report, &s->keep, &page, err) < 0)
		return -1;
	if (strcmp(file, "-") == 0) {
		fwrite(page.p, 1, page.n, stdout);
		return 0;
	}
	if (file[0] != '/' && getcwd(directory, sizeof(directory)) == NULL)
		return error_system(err, errno);
	snprintf(path, sizeof(path), "%s%s%s", directory, file[0] != '/' ? "/" : "", file);
	snprintf(directory, sizeof(directory), "%.*s", (int)(strrchr(path, '/') - path) + 1, path);
	if (access(directory, F_OK) < 0)
		return error_set(err, "%s: %s", directory, error_words(errno));
	return files_write("", path, page, err);
}

static int run(const struct cli_args *args)
{
	static struct status s;
	struct status_report report;
	struct error err;
	char *memory = mmap(NULL, STATUS_MEMORY, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int status = CLI_OK;

	if (args->json && args->value[CLI_HTML] != NULL)
		return cli_error(args, "status: --html and --json exclude each other");
	if (args->value[CLI_DENIALS] != NULL && args->value[CLI_HTML] == NULL)
		return cli_error(args, "status: --denials goes with --html");
	if (memory == MAP_FAILED)
		return cli_error(args, "%s", error_words(errno));
	s.args = args;
	s.scratch = (struct arena){memory, STATUS_MEMORY / SCRATCH_SHARE, 0};
	s.keep = (struct arena){memory + s.scratch.size, STATUS_MEMORY - s.scratch.size, 0};
	if (cli_judge_begin(&s.judge, args->value[CLI_POLICY], &err) < 0 || collect(&s, &err) < 0)
		return cli_error(args, "%s", err.text);
	if (s.hidden && s.n == 0 && args->n == 0)
		return cli_error(args, "status: no container can be seen; those of root's engines "
				       "need root");
	report = (struct status_report){
		s.entry, s.n, args->value[CLI_UNCONFINED] != NULL ? is_unconfined : any, false};
	report.with_denials = args->value[CLI_DENIALS] != NULL;
	if (report.with_denials && status_denials_read(args, args->value[CLI_DENIALS], &err) < 0)
		return cli_error(args, "%s", err.text);
	if (args->value[CLI_HTML] != NULL) {
		if (write_page(&s, &report, args->value[CLI_HTML], &err) < 0)
			return cli_error(args, "%s: %s", args->value[CLI_HTML], err.text);
	} else if (args->json) {
		status_print_json(&report);
	} else if (s.n > 0 || args->n == 0) {
		/* Of a name that is not there an error tells below. */
		status_print_text(&report);
	}
	for (size_t i = 0; i < s.n; i++)
		if (is_gap(&s.entry[i]))
			status = CLI_NO;
	return are_found(&s) && !s.incomplete ? status : CLI_ERROR;
}

static const struct cli_use uses[] = {
	{CLI_POLICY, NULL},
	{CLI_UNCONFINED, NULL},
	{CLI_DEEP,
	 "read the filters back and say what they are; each process\nis stopped for a moment"},
	{CLI_HTML, NULL},
	{CLI_DENIALS, NULL},
	{CLI_ROOT, "the system whose runtimes' state is below this directory"},
};

const struct cli_command cli_status = {
	.name = "status",
	.run = run,
	.summary = "tell what runs now, as the kernel sees it",
	.arguments = "[CONTAINER...]",
	.min_arguments = 0,
	.max_arguments = SIZE_MAX,
	.takes = "takes containers",
	.about = "Tell of every container that runs on this node what its configuration says,\n"
		 "judged as check does, and what the kernel says of each of its processes.\n"
		 "CONTAINER is a name, or how an identifier begins.\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "one JSON object on a line for each container, then one\nfor each namespace",
	.exit_status =
		"0 all is confined that the policy would confine, 1 something is\nnot, 2 error.",
};
