/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is executed in a container later: `exec` loads what the runtime has kept, which has to
 * become all that was ever loaded by confine together, and what it had.
 */
#include "cli/confine.h"

#include "node/exec-filter.h"
#include "oci/seccomp-write.h"

#include <stdio.h>

static void cannot(struct confine_command *c, struct confine_entry *e, const char *why)
{
	const char *kept = arena_strdup(&c->keep, span_of(why));

	e->exec_why = kept != NULL ? kept : "";
}

/* What was loaded before and now, together. */
struct together {
	const char *profile; /* the one that all name; "": none does */
	struct tighten tighten;
	bool is_more;     /* than what is loaded now */
	bool is_possible; /* else two profiles would have to be one */
};

static struct together collect(struct confine_command *c, const struct confine_entry *e)
{
	struct together t = {.profile = e->profile, .tighten = c->tighten, .is_possible = true};
	const struct confined *before =
		confined_read(c->search.root, e->container, &c->keep, &c->scratch);
	struct error ignored;

	for (; before != NULL; before = before->next) {
		struct tighten was = t.tighten;

		if (tighten_from_list(before->tighten, &t.tighten, &ignored) < 0)
			t.is_possible = false;
		t.is_more = t.is_more || was.named != t.tighten.named;
		if (before->profile[0] == '\0' || strcmp(before->profile, t.profile) == 0)
			continue;
		if (t.profile[0] != '\0')
			t.is_possible = false;
		t.profile = before->profile;
		t.is_more = true;
	}
	return t;
}

/* Has the configuration a profile of its own that restricts something? */
static bool has_own(const struct confine_material *m)
{
	return m->verdict != NULL && (m->verdict->decision.finding == FINDING_CONFINED ||
				      m->verdict->decision.finding == FINDING_WEAK);
}

/* The configuration's own profile with the restrictions over it. */
static int tighten_own(struct confine_command *c, const struct confine_material *m,
		       const struct tighten *tighten, struct seccomp_profile *ret_profile,
		       struct error *err)
{
	struct enforce_memory *memory = &c->judge.memory;
	const struct profilefile_request request = {.target = &m->target,
						    .keep = &memory->keep,
						    .scratch = &memory->scratch,
						    .tighten = *tighten};
	struct ociconfig config;
	bool changed;

	if (ociconfig_read(m->config, &memory->keep, &memory->scratch, &config, err) < 0)
		return -1;
	*ret_profile = config.profile;
	return profilefile_overlay(ret_profile, &request, &changed, err);
}

static int make(struct confine_command *c, const struct confine_material *m,
		const struct together *t, struct seccomp_profile *ret_profile, struct error *err)
{
	const struct verdict *v = m->verdict;
	struct profilefile file;

	if (!t->is_possible)
		return error_set(err, "another profile was loaded before, and exec can have one");
	if (!c->names_profile && !t->is_more) {
		if (v->profile_value != NULL) {
			*ret_profile = *v->profile_value;
			return 0;
		}
		return ociseccomp_read(v->profile, &c->judge.memory.keep, &c->judge.memory.scratch,
				       ret_profile, err);
	}
	if (has_own(m) && t->profile[0] == '\0')
		return tighten_own(c, m, &t->tighten, ret_profile, err);
	if (has_own(m))
		return error_set(err, "exec loads the profile of the configuration, and can have "
				      "one");
	if (confine_named_profile(c, m, &(struct confine_named){t->profile, &t->tighten}, &file,
				  err) < 0)
		return -1;
	*ret_profile = file.profile;
	return 0;
}

void confine_plan_exec(struct confine_command *c, const struct confine_material *m,
		       struct confine_entry *e)
{
	const struct together t = collect(c, e);
	struct seccomp_profile profile;
	struct span text;
	struct error err;

	e->exec = "unconfined";
	if (make(c, m, &t, &profile, &err) < 0 ||
	    seccomp_write(&profile, &c->judge.memory.keep, &text, &err) < 0) {
		cannot(c, e, err.text);
		return;
	}
	e->exec_program = confine_compile(c, &profile, m->runtime, &err);
	if (e->exec_program == NULL) {
		cannot(c, e, err.text);
		return;
	}
	e->exec_profile.p = arena_strdup(&c->keep, text);
	e->exec_profile.n = e->exec_profile.p != NULL ? text.n : 0;
}

/* Can the container's init be confined, as far as that shows? What is refused changes nothing. */
static bool is_possible(const struct confine_job *job, const struct confine_entry *e)
{
	const struct process *init = e->container->init;
	const struct inject_target target = {.pid = init->pid, .start = init->start};
	const struct inject_job inject_job = {e->program, job->no_new_privs};
	struct inject_outlook look;

	inject_look(&target, &inject_job, &look);
	return look.possible;
}

void confine_set_exec(struct confine_command *c, const struct confine_job *job,
		      struct confine_entry *e)
{
	struct exec_filter filter = {.program = e->exec_program};
	struct seccomp_profile profile;
	struct error err;
	size_t used = c->scratch.used;
	bool has;

	if (e->exec_profile.p == NULL)
		return;
	if (!is_possible(job, e)) {
		cannot(c, e, "its init cannot be confined");
		return;
	}
	filter.profile = &profile;
	e->exec_is_new = exec_filter_look(e->container, &c->scratch, &has, &err) == 0 && !has;
	if (ociseccomp_read(e->exec_profile, &c->keep, &c->scratch, &profile, &err) == 0 &&
	    exec_filter_set(e->container, &filter, &c->scratch, &err) == 0)
		e->exec = "confined";
	else
		cannot(c, e, err.text);
	c->scratch.used = used;
}

void confine_confirm_exec(struct confine_command *c, struct confine_entry *e)
{
	struct seccomp_profile profile;
	struct exec_filter filter = {&profile, e->exec_program};
	struct error err;
	size_t used = c->scratch.used;

	if (strcmp(e->exec, "confined") == 0 &&
	    (ociseccomp_read(e->exec_profile, &c->keep, &c->scratch, &profile, &err) < 0 ||
	     exec_filter_confirm(e->container, &filter, &c->scratch, &err) < 0)) {
		e->exec = "unconfined";
		cannot(c, e, err.text);
	}
	c->scratch.used = used;
}
