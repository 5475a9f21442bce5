/* SPDX-License-Identifier: Apache-2.0 */
/* Which containers are meant, and which filter each of them gets. */
#include "cli/confine.h"

#include "base/number.h"
#include "base/strbuf.h"

#include <stdio.h>

static const char *keep_text(struct confine_command *c, struct span text)
{
	const char *copy = text.n > 0 ? arena_strdup(&c->keep, text) : NULL;

	return copy != NULL ? copy : "";
}

static void cannot(struct confine_command *c, struct confine_entry *e, const char *why)
{
	e->plan = PLAN_CANNOT;
	e->why = keep_text(c, span_of(why));
}

/* ---- which ---- */

static bool is_called(const struct confine_entry *e, const char *word)
{
	return strcmp(e->name, word) == 0 || strncmp(e->container->id, word, strlen(word)) == 0;
}

static bool is_named(const struct confine_command *c, const struct confine_entry *e)
{
	for (size_t i = 0; i < c->args->n; i++)
		if (is_called(e, c->args->argument[i]))
			return true;
	return false;
}

static bool is_asked_for(const struct confine_command *c, const struct confine_entry *e)
{
	const char *name_space = c->args->value[CLI_NAMESPACE];

	/* What only a control group tells of is of this machine, and not of another root. */
	if (c->search.root[0] != '\0' && e->container->runtime == NULL)
		return is_named(c, e);
	return c->args->value[CLI_ALL] != NULL ||
	       (name_space != NULL && strcmp(name_space, e->name_space) == 0) || is_named(c, e);
}

/* Is this process, or the one that has started it, in the container? */
static bool is_our_own(const struct container *container)
{
	for (const struct process *p = container->processes; p != NULL; p = p->next)
		if (p->pid == getpid() || p->pid == getppid())
			return true;
	return false;
}

/* ---- the profile ---- */

/* A profile that allows everything on every ABI of this machine, for restrictions to be laid over.
 */
static int allow_all(struct confine_command *c, struct span *ret_text, struct error *err)
{
	struct strbuf text = {.arena = &c->judge.memory.keep};
	bool first = true;

	strbuf_printf(&text, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[");
	for (int abi = 0; abi < ABIS; abi++) {
		if (abi_infos[abi].native != c->judge.host.arch)
			continue;
		strbuf_printf(&text, "%s\"%s\"", first ? "" : ",", abi_infos[abi].oci);
		first = false;
	}
	strbuf_printf(&text, "]}");
	return strbuf_end(&text, ret_text, err);
}

int confine_named_profile(struct confine_command *c, const struct confine_material *m,
			  const struct confine_named *named, struct profilefile *ret_file,
			  struct error *err)
{
	const char *word = named->profile;
	struct profilefile_request request = {.target = &m->target,
					      .keep = &c->judge.memory.keep,
					      .scratch = &c->judge.memory.scratch,
					      .tighten = *named->tighten};

	if (strcmp(word, "runtime/default") == 0)
		return profilefile_builtin(m->flavor, &request, ret_file, err);
	if (word[0] == '\0') {
		if (allow_all(c, &request.text, err) < 0)
			return -1;
		return profilefile_resolve(&request, ret_file, err);
	}
	if (cli_read(word, PROFILEFILE_MAX_SIZE, request.keep, &request.text, err) < 0)
		return cli_unread(word, "it takes runtime/default, or a file", err);
	if (profilefile_resolve(&request, ret_file, err) < 0)
		return host_error_in(word, request.text, err);
	if (!ret_file->restricts && tighten_is_empty(named->tighten))
		return error_set(err, "%s: restricts nothing", word);
	return 0;
}

/* The same program is kept once. */
struct made {
	struct program program;
	struct made *next;
};

static const struct program *keep_program(struct confine_command *c, const struct program *program)
{
	static struct made *list;
	struct made *made = list;

	while (made != NULL && (made->program.n_insns != program->n_insns ||
				made->program.flags != program->flags ||
				memcmp(made->program.insns, program->insns,
				       program->n_insns * sizeof(program->insns[0])) != 0))
		made = made->next;
	if (made == NULL) {
		made = arena_alloc(&c->keep, sizeof(*made));
		if (made == NULL)
			return NULL;
		made->program = *program;
		made->next = list;
		list = made;
	}
	return &made->program;
}

const struct program *confine_compile(struct confine_command *c,
				      const struct seccomp_profile *profile,
				      enum model_runtime runtime, struct error *err)
{
	static struct program program;
	struct program_request request = {.profile = profile, .runtime = runtime};
	const struct program *kept = NULL;

	if (abi_of_arch(c->judge.host.arch, &request.native) < 0)
		error_set(err, "the architecture of this machine is not known");
	else if (program_compile(&request, &c->judge.memory.scratch, &program, err) == 0 &&
		 inject_check(&program, err) == 0) {
		kept = keep_program(c, &program);
		if (kept == NULL)
			error_set(err, "there are too many different profiles");
	}
	return kept;
}

/* The program for the processes that are there; the kernel records what it denies, if the policy
 * wants that. */
static int compile(struct confine_command *c, const struct seccomp_profile *profile,
		   const struct confine_material *m, struct confine_entry *e, struct error *err)
{
	/* Restrictions alone have nothing to do with what a runtime makes of a profile. */
	bool alone = e->profile[0] == '\0';
	enum policy_denials denials =
		m->verdict != NULL ? m->verdict->decision.denials : c->judge.policy.denials;
	struct seccomp_profile logged = *profile;

	if (denials == DENIALS_LOG && !logged.has_flags) {
		logged.has_flags = true;
		logged.flags = 1U << OCI_FLAG_SPEC_ALLOW;
	}
	if (denials == DENIALS_LOG)
		logged.flags |= 1U << OCI_FLAG_LOG;
	e->program = confine_compile(c, &logged, alone ? MODEL_PROFILE : m->runtime, err);
	if (e->program == NULL)
		return -1;
	sha256_hex((struct span){(const char *)e->program->insns,
				 e->program->n_insns * sizeof(e->program->insns[0])},
		   e->sha256);
	return 0;
}

/* ---- one container ---- */

static void plan_named(struct confine_command *c, const struct confine_material *m,
		       struct confine_entry *e)
{
	const char *profile = c->args->value[CLI_PROFILE];
	struct profilefile file;
	struct error err;

	e->profile = profile != NULL ? profile : "";
	e->plan = PLAN_CONFINE;
	if (confine_named_profile(c, m, &(struct confine_named){e->profile, &c->tighten}, &file,
				  &err) < 0 ||
	    compile(c, &file.profile, m, e, &err) < 0)
		cannot(c, e, err.text);
}

/* What the policy would have put in at its start. */
static void plan_by_policy(struct confine_command *c, const struct confine_material *m,
			   struct confine_entry *e)
{
	const struct verdict *v = m->verdict;
	struct seccomp_profile read;
	const struct seccomp_profile *profile = v->profile_value;
	char name[PATH_MAX];
	struct error err;

	if (v->profile.p == NULL) {
		if (action_refuses(v->decision.action))
			cannot(c, e,
			       "the policy refuses it: --profile or --tighten says what to "
			       "load");
		else
			e->plan = PLAN_NOTHING;
		return;
	}
	e->plan = PLAN_CONFINE;
	e->profile = keep_text(c, span_of(decision_profile(&v->decision, name, sizeof(name))));
	if (profile == NULL) {
		profile = &read;
		if (ociseccomp_read(v->profile, &c->judge.memory.keep, &c->judge.memory.scratch,
				    &read, &err) < 0) {
			cannot(c, e, err.text);
			return;
		}
	}
	if (compile(c, profile, m, e, &err) < 0)
		cannot(c, e, err.text);
}

static void take_identity(struct confine_command *c, const struct verdict *v,
			  struct confine_entry *e)
{
	e->engine = v->identity.engine != ENGINE_UNKNOWN ? v->identity.engine : e->engine;
	e->name_space = keep_text(c, v->identity.name_space);
	e->pod = keep_text(c, v->identity.pod);
	e->name = keep_text(c, v->identity.sandbox ? SPAN("(sandbox)") : v->identity.container);
	e->image = keep_text(c, v->identity.image);
	if (v->decision.rules.rule != NULL)
		e->rule = keep_text(c, span_of(v->decision.rules.rule->name));
}

static bool is_exempt(const struct verdict *v)
{
	return v->decision.action == ACTION_EXEMPT || v->decision.reason == REASON_DISABLED;
}

static void plan_one(struct confine_command *c, const struct verdict *v, struct span config,
		     struct confine_entry *e)
{
	const char *runtime = e->container->runtime;
	struct confine_material m = {
		.verdict = v,
		.config = config,
		.target = {.arch = c->judge.host.arch,
			   .kernel = c->judge.host.kernel,
			   .caps = v != NULL ? v->caps : e->container->init->bounding},
		.flavor = v != NULL ? v->decision.flavor : PROFILE_MOBY,
		.runtime = MODEL_PROFILE};

	if (runtime != NULL)
		m.runtime = strcmp(runtime, "crun") == 0 ? MODEL_CRUN : MODEL_RUNC;
	if (is_our_own(e->container))
		cannot(c, e, "this seccomp-guard runs in it");
	else if (v != NULL && is_exempt(v) && !(c->names_profile && is_named(c, e)))
		e->plan = PLAN_EXEMPT;
	else if (c->names_profile)
		plan_named(c, &m, e);
	else if (v == NULL)
		cannot(c, e, e->why);
	else
		plan_by_policy(c, &m, e);
	if (e->plan == PLAN_CONFINE)
		confine_plan_exec(c, &m, e);
}

/* Returns whether the container is asked for. */
static bool look_at(struct confine_command *c, struct container *container, struct confine_entry *e)
{
	const struct enforce_memory at_start = c->judge.memory;
	struct container_search place = c->search;
	char path[PATH_MAX];
	struct verdict v;
	struct span text = {0};
	struct error err;
	bool judged, asked;

	*e = (struct confine_entry){.container = container,
				    .engine = container->engine,
				    .name_space = "",
				    .pod = "",
				    .name = "",
				    .image = "",
				    .rule = "",
				    .why = "",
				    .profile = "",
				    .exec = "",
				    .exec_why = ""};
	place.keep = &c->judge.memory.keep;
	judged = container_read_config(container, &place, path, &text, &err) == 0;
	if (judged) {
		cli_judge_text(&c->judge, path, text, text, &v);
		take_identity(c, &v, e);
	} else {
		e->why = keep_text(c, span_of(err.text));
	}
	asked = is_asked_for(c, e);
	if (asked)
		plan_one(c, judged ? &v : NULL, text, e);
	c->judge.memory = at_start;
	return asked;
}

/* Each container that was named has to be there. */
static int check_named(const struct confine_command *c, struct error *err)
{
	const char *name_space = c->args->value[CLI_NAMESPACE];

	for (size_t i = 0; i < c->args->n; i++) {
		bool found = false;

		for (size_t k = 0; k < c->n; k++)
			found = found || is_called(&c->entry[k], c->args->argument[i]);
		if (!found)
			return error_set(err, "no container that runs is called \"%s\"",
					 c->args->argument[i]);
	}
	if (name_space != NULL && c->n == 0)
		return error_set(err, "no container runs in namespace \"%s\"", name_space);
	return 0;
}

int confine_plan(struct confine_command *c, struct error *err)
{
	size_t n = 0;

	if (container_list(&c->search, &c->list, err) < 0)
		return -1;
	for (const struct container *k = c->list; k != NULL; k = k->next)
		n++;
	c->entry = arena_alloc(&c->keep, n * sizeof(*c->entry) + 1);
	if (c->entry == NULL)
		return error_set(err, "there are too many containers");
	for (struct container *k = c->list; k != NULL; k = k->next)
		if (k->processes != NULL)
			c->n += look_at(c, k, &c->entry[c->n]);
	return check_named(c, err);
}
