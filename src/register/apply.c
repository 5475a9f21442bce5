/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carrying a plan out, and what is kept for the way back: below STATE/ENGINE
 *
 *   default    the engine's runtime before, or nothing
 *   runtime    the name of the link in runtimes/, or nothing
 *   form       "runtime", "hook" or "nri"
 *   N.path     of the engine's file N
 *   N.before   what it was; missing: it was not there
 *   N.after    what we made of it
 *
 * `N.path` is written last: a file without it has not been touched.
 */
#include "register/register.h"

#include "base/text-diff.h"
#include "node/host.h"
#include "register/files.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>

#define STATE "/var/lib/seccomp-guard/registered"
#define LINKS SYSCONFDIR "/seccomp-guard/runtimes"
#define POLICY_DIR SYSCONFDIR "/seccomp-guard"
#define POLICY POLICY_DIR "/policy.json"

/* In the record, and as options. */
static const char *const form_names[REGISTER_FORMS] = {
	[REGISTER_RUNTIME] = "runtime",
	[REGISTER_HOOK] = "hook",
	[REGISTER_NRI] = "nri",
};

static const char *const form_words[REGISTER_FORMS] = {
	[REGISTER_RUNTIME] = "as its runtime",
	[REGISTER_HOOK] = "with --hook",
	[REGISTER_NRI] = "with --nri",
};

static const char first_policy[] =
	"// Made by \"seccomp-guard register\": nothing is changed yet, everything is recorded.\n"
	"// The stages after this one are complain and enforce: seccomp-guard-policy(5).\n"
	"{\n"
	"  \"mode\": \"audit\"\n"
	"}\n";

/* ---- what is kept ---- */

static const char *state_path(struct registration *r, const char *name)
{
	const char *path = register_printf(r, STATE "/%s/%s", r->engine->name, name);

	return path != NULL ? path : STATE "/out-of-memory";
}

static const char *numbered(struct registration *r, size_t i, const char *what)
{
	char name[32];

	snprintf(name, sizeof(name), "%zu.%s", i, what);
	return state_path(r, name);
}

static int put(struct registration *r, const char *path, struct span text, struct error *err)
{
	return files_put(r->options.root, path, text, err);
}

static int remember(struct registration *r, struct error *err)
{
	if (put(r, state_path(r, "default"), span_of(r->old_default ? r->old_default : ""), err) <
		    0 ||
	    put(r, state_path(r, "runtime"), span_of(r->runtime ? r->runtime : ""), err) < 0 ||
	    put(r, state_path(r, "form"), span_of(form_names[r->form]), err) < 0)
		return -1;
	for (size_t i = 0; i < r->n_files; i++) {
		const struct register_file *f = &r->files[i];

		if (put(r, numbered(r, i, "before"), f->before, err) < 0 ||
		    put(r, numbered(r, i, "after"), f->after, err) < 0 ||
		    put(r, numbered(r, i, "path"), span_of(f->path), err) < 0)
			return -1;
	}
	return 0;
}

/* The link to what was wrapped, if no other engine is registered with it. */
static int forget_link(struct registration *r, struct error *err)
{
	const char *link = register_printf(r, LINKS "/%s", r->runtime);

	for (size_t i = 0; register_engines[i] != NULL; i++) {
		const char *path =
			register_printf(r, STATE "/%s/runtime", register_engines[i]->name);
		struct span text;

		if (path == NULL || register_read(r, path, &text, err) < 0)
			return path == NULL ? error_set(err, "out of memory") : -1;
		if (register_engines[i] != r->engine && span_eq(text, span_of(r->runtime)))
			return 0;
	}
	if (register_own_name(r) != NULL &&
	    files_remove(r->options.root, register_wrapper(r), err) < 0)
		return -1;
	return link != NULL ? files_remove(r->options.root, link, err) : 0;
}

static int forget(struct registration *r, struct error *err)
{
	static const char *const names[] = {"default", "runtime", "form"};
	char dir[4096];

	for (size_t i = 0; i < REGISTER_MAX_FILES; i++) {
		if (files_remove(r->options.root, numbered(r, i, "path"), err) < 0 ||
		    files_remove(r->options.root, numbered(r, i, "before"), err) < 0 ||
		    files_remove(r->options.root, numbered(r, i, "after"), err) < 0)
			return -1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (files_remove(r->options.root, state_path(r, names[i]), err) < 0)
			return -1;
	}
	snprintf(dir, sizeof(dir), "%s" STATE "/%s", r->options.root, r->engine->name);
	rmdir(dir);
	snprintf(dir, sizeof(dir), "%s" STATE, r->options.root);
	rmdir(dir);
	return 0;
}

int register_record(const struct register_engine *engine, const char *root, char *out)
{
	int n = snprintf(out, PATH_MAX, "%s" STATE "/%s/default", root, engine->name);

	return n > 0 && n < PATH_MAX ? 0 : -1;
}

bool register_is_recorded(const struct register_engine *engine, const char *root)
{
	char path[PATH_MAX];

	return register_record(engine, root, path) == 0 && files_exist("", path);
}

bool register_nri_is_used(struct registration *r)
{
	for (size_t i = 0; register_engines[i] != NULL; i++) {
		const char *path = register_printf(r, STATE "/%s/form", register_engines[i]->name);
		struct error ignored;
		struct span text;

		if (path != NULL && register_read(r, path, &text, &ignored) == 0 &&
		    span_eq(text, span_of(form_names[REGISTER_NRI])))
			return true;
	}
	return false;
}

int register_recall(struct registration *r, const char **ret_default, struct error *err)
{
	struct span text;

	if (register_read(r, state_path(r, "default"), &text, err) < 0)
		return -1;
	*ret_default = arena_strdup(r->keep, text);
	if (register_read(r, state_path(r, "runtime"), &text, err) < 0)
		return -1;
	r->runtime = text.n > 0 ? arena_strdup(r->keep, text) : NULL;
	if (register_read(r, state_path(r, "form"), &text, err) < 0)
		return -1;
	/* Earlier versions recorded none, and knew no NRI. */
	r->form = r->runtime != NULL ? REGISTER_RUNTIME : REGISTER_HOOK;
	for (size_t i = 0; i < REGISTER_FORMS; i++)
		if (span_eq(text, span_of(form_names[i])))
			r->form = (enum register_form)i;
	return *ret_default != NULL ? 0 : error_set(err, "out of memory");
}

/* ---- carrying out ---- */

/* Each file as it was, as far as that can be done. */
static void undo(struct registration *r, size_t n)
{
	struct error ignored;

	while (n-- > 0)
		put(r, r->files[n].path, r->files[n].before, &ignored);
}

/* Write the files, and ask the engine. What fails leaves them as they were. */
static int carry_out(struct registration *r, bool registered, struct error *err)
{
	for (size_t i = 0; i < r->n_files; i++) {
		if (put(r, r->files[i].path, r->files[i].after, err) < 0) {
			undo(r, i);
			return -1;
		}
	}
	if (r->engine->verify(r, registered, err) < 0) {
		undo(r, r->n_files);
		return error_prefix(err,
				    "%s does not take its changed configuration, which is "
				    "back to what it was",
				    r->engine->name);
	}
	return 0;
}

static void show(struct registration *r)
{
	for (size_t i = 0; i < r->n_files; i++)
		text_diff(&r->notes, r->files[i].path, r->files[i].before, r->files[i].after);
}

static bool any_recorded(const struct registration *r)
{
	for (size_t i = 0; register_engines[i] != NULL; i++) {
		if (register_is_recorded(register_engines[i], r->options.root))
			return true;
	}
	return false;
}

/*
 * The policy can be read, in all of its files. Where there is none one is made that only records,
 * but not where engines are registered already: there the defaults hold, which confine.
 */
static int ensure_policy(struct registration *r, bool *ret_made, struct error *err)
{
	const char *dir = register_printf(r, "%s" POLICY_DIR, r->options.root);
	const char *drop_ins =
		register_printf(r, "%s" POLICY_DIR "/policy.d/*.json", r->options.root);
	/* Behind the paths: what is read here is not kept. */
	struct enforce_memory memory = {*r->keep, *r->scratch};
	struct policy policy;
	glob_t found = {0};
	bool none;

	*ret_made = false;
	if (dir == NULL || drop_ins == NULL)
		return error_set(err, "out of memory");
	none = !files_exist(r->options.root, POLICY) && glob(drop_ins, 0, NULL, &found) != 0;
	globfree(&found);
	if (!none && host_policy_read(dir, &memory, &policy, err) < 0)
		return error_prefix(err, "the policy has to be mended first");
	if (!none || any_recorded(r))
		return 0;
	strbuf_printf(&r->notes, "%s: mode audit, which only records\n", POLICY);
	*ret_made = !r->options.dry_run;
	return r->options.dry_run ? 0 : put(r, POLICY, SPAN(first_policy), err);
}

/* *ret_new: there was none before. */
static int make_link(struct registration *r, bool *ret_new, struct error *err)
{
	const char *link = register_printf(r, LINKS "/%s", r->runtime);
	struct error ignored;

	if (link == NULL)
		return error_set(err, "out of memory");
	*ret_new = !files_exist(r->options.root, link);
	strbuf_printf(&r->notes, "%s -> %s\n", link, r->target);
	if (register_own_name(r) != NULL)
		strbuf_printf(&r->notes, "%s -> %s\n", register_wrapper(r), register_own_name(r));
	if (r->options.dry_run)
		return 0;
	/* The wrapper under the other name, beside the one that it then is. */
	if (register_own_name(r) != NULL &&
	    files_link(r->options.root, register_wrapper(r), register_own_name(r), err) < 0)
		return -1;
	if (files_link(r->options.root, link, r->target, err) == 0)
		return 0;
	if (register_own_name(r) != NULL)
		files_remove(r->options.root, register_wrapper(r), &ignored);
	return -1;
}

static int link_and_write(struct registration *r, struct error *err)
{
	struct error ignored;
	bool linked = false;

	if (r->runtime != NULL && make_link(r, &linked, err) < 0)
		return -1;
	show(r);
	if (r->options.dry_run)
		return 0;
	/* What an earlier run has recorded, in more files perhaps, no longer holds. */
	if (forget(r, err) == 0 && remember(r, err) == 0 && carry_out(r, true, err) == 0)
		return 0;
	if (r->runtime != NULL && linked)
		forget_link(r, &ignored);
	forget(r, &ignored);
	return -1;
}

/* What is left to do. The plugin first: an engine that requires it starts nothing without it. */
static void add_applies(struct registration *r)
{
	if (r->form == REGISTER_NRI)
		strbuf_printf(&r->notes,
			      "The plugin is started by: systemctl enable --now " REGISTER_NRI_UNIT
			      "\n");
	if (r->form != REGISTER_NRI || r->n_files > 0)
		strbuf_printf(&r->notes, "%s\n", r->engine->applies);
}

static int enter_anew(struct registration *r, struct error *err)
{
	struct error ignored;
	bool made;

	if (r->engine->enter(r, err) < 0 || ensure_policy(r, &made, err) < 0)
		return -1;
	if (link_and_write(r, err) < 0) {
		if (made)
			files_remove(r->options.root, POLICY, &ignored);
		return -1;
	}
	add_applies(r);
	return 0;
}

/* ---- going back ---- */

int register_recall_path(struct registration *r, size_t i, const char **ret_path, struct error *err)
{
	struct span path;

	*ret_path = NULL;
	if (register_read(r, numbered(r, i, "path"), &path, err) < 0)
		return -1;
	if (path.p == NULL)
		return 0;
	*ret_path = arena_strdup(r->keep, path);
	return *ret_path != NULL ? 0 : error_set(err, "out of memory");
}

/* File `i` of the record, and what it is now; ret_file->path is NULL where there is none. */
static int recall_file(struct registration *r, size_t i, struct register_file *ret_file,
		       struct span *ret_now, struct error *err)
{
	*ret_file = (struct register_file){0};
	if (register_recall_path(r, i, &ret_file->path, err) < 0)
		return -1;
	if (ret_file->path == NULL)
		return 0;
	if (register_read(r, numbered(r, i, "before"), &ret_file->before, err) < 0 ||
	    register_read(r, numbered(r, i, "after"), &ret_file->after, err) < 0)
		return -1;
	return register_read(r, ret_file->path, ret_now, err);
}

/* Both are not there, or have the same bytes. */
static bool same_text(struct span a, struct span b)
{
	return (a.p == NULL) == (b.p == NULL) && span_eq(a, b);
}

/* Plan the way back for the files of the record. *ret_ours: nobody else changed any of them. */
static int recall_files(struct registration *r, bool *ret_ours, struct error *err)
{
	*ret_ours = true;
	for (size_t i = 0; i < REGISTER_MAX_FILES; i++) {
		struct register_file file;
		struct span now;

		if (recall_file(r, i, &file, &now, err) < 0)
			return -1;
		if (file.path == NULL || same_text(now, file.before))
			continue;
		if (!same_text(now, file.after))
			*ret_ours = false;
		else if (register_plan(r, file.path, now, file.before, err) < 0)
			return -1;
	}
	return 0;
}

/*
 * Has any of the files become what it was to be? Not where registering was killed before.
 * *ret_named: one of them speaks of us.
 */
static int find_effect(struct registration *r, bool *ret_effect, bool *ret_named, struct error *err)
{
	*ret_effect = *ret_named = false;
	for (size_t i = 0; i < REGISTER_MAX_FILES; i++) {
		struct register_file file;
		struct span now;

		if (recall_file(r, i, &file, &now, err) < 0)
			return -1;
		if (file.path == NULL)
			continue;
		*ret_named |= now.n > 0 &&
			      memmem(now.p, now.n, REGISTER_NAME, strlen(REGISTER_NAME)) != NULL;
		*ret_effect |= !same_text(file.before, now);
	}
	return 0;
}

/* The engine first: as long as it requires the plugin it starts nothing without it. */
static void add_farewell(struct registration *r)
{
	if (r->n_files > 0)
		strbuf_printf(&r->notes, "%s\n", r->engine->applies);
	if (!register_nri_is_used(r))
		strbuf_printf(
			&r->notes,
			"Then the plugin is stopped by: systemctl disable --now " REGISTER_NRI_UNIT
			"\n");
}

/* The bytes of before, or where others changed them meanwhile, without what is ours. */
static int remove_all(struct registration *r, struct error *err)
{
	bool ours;

	if (register_check_unused(r, err) < 0 || recall_files(r, &ours, err) < 0)
		return -1;
	if (!ours) {
		r->n_files = 0;
		if (r->engine->remove(r, err) < 0)
			return -1;
	}
	show(r);
	if (r->options.dry_run)
		return 0;
	if (carry_out(r, false, err) < 0 || (r->runtime != NULL && forget_link(r, err) < 0) ||
	    forget(r, err) < 0)
		return -1;
	if (r->form == REGISTER_NRI)
		add_farewell(r);
	return 0;
}

/* The record says what we made of the files: now this, where nobody else had changed them. */
static int update_after(struct registration *r, struct error *err)
{
	for (size_t i = 0; i < REGISTER_MAX_FILES; i++) {
		struct span path, after;

		if (register_read(r, numbered(r, i, "path"), &path, err) < 0)
			return -1;
		if (path.p == NULL)
			continue;
		if (register_read(r, numbered(r, i, "after"), &after, err) < 0)
			return -1;
		for (size_t k = 0; k < r->n_files; k++) {
			const struct register_file *f = &r->files[k];

			if (span_eq(path, span_of(f->path)) && span_eq(after, f->before) &&
			    put(r, numbered(r, i, "after"), f->after, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int change_default(struct registration *r, bool ours, struct error *err)
{
	if (r->engine->set_default(r, ours, err) < 0)
		return -1;
	show(r);
	return !r->options.dry_run && (carry_out(r, true, err) < 0 || update_after(r, err) < 0) ? -1
												: 0;
}

/* Plan that what is as it was before is what was made of it. */
static int complete_files(struct registration *r, struct error *err)
{
	for (size_t i = 0; i < REGISTER_MAX_FILES; i++) {
		struct span before, after, now;
		const char *name;

		if (register_recall_path(r, i, &name, err) < 0)
			return -1;
		if (name == NULL)
			continue;
		if (register_read(r, numbered(r, i, "before"), &before, err) < 0 ||
		    register_read(r, numbered(r, i, "after"), &after, err) < 0 ||
		    register_read(r, name, &now, err) < 0)
			return -1;
		if ((before.p == NULL) == (now.p == NULL) && span_eq(before, now) &&
		    register_plan(r, name, now, after, err) < 0)
			return -1;
	}
	return 0;
}

/*
 * What is registered already: files that a killed run has left as they were become what was to be
 * made of them, and then the default is what is asked for.
 */
static int enter_again(struct registration *r, struct error *err)
{
	size_t n_changed;
	bool made;

	if (r->options.form != r->form)
		return error_set(err,
				 "it is registered %s; \"seccomp-guard unregister %s%s\" comes "
				 "first",
				 form_words[r->form],
				 r->form == REGISTER_RUNTIME ? "--when-unused " : "",
				 r->engine->name);
	if (ensure_policy(r, &made, err) < 0 || complete_files(r, err) < 0)
		return -1;
	show(r);
	n_changed = r->n_files;
	if (!r->options.dry_run && n_changed > 0 && carry_out(r, true, err) < 0)
		return -1;
	if (r->runtime != NULL && (n_changed == 0 || !r->options.dry_run)) {
		r->n_files = 0;
		if (change_default(r, !r->options.keep_default, err) < 0)
			return -1;
		n_changed += r->n_files;
	}
	strbuf_printf(&r->notes, "%s is registered%s\n", r->engine->name,
		      n_changed > 0 ? "" : " already");
	if (n_changed > 0)
		add_applies(r);
	return 0;
}

int register_enter(struct registration *r, struct error *err)
{
	struct error gone;
	bool effect, named;

	r->form = r->options.form;
	if (r->engine->refuses[r->form] != NULL)
		return error_set(err, "%s: leave out --%s", r->engine->refuses[r->form],
				 form_names[r->form]);
	if (r->form == REGISTER_NRI && !files_exist(r->options.root, REGISTER_NRI_PROGRAM))
		return error_set(err, "the plugin " REGISTER_NRI_PROGRAM " is not installed");
	if (!register_is_recorded(r->engine, r->options.root))
		return enter_anew(r, err);
	if (register_recall(r, &r->old_default, err) < 0 ||
	    find_effect(r, &effect, &named, err) < 0)
		return -1;
	if (effect && r->engine->verify(r, true, &gone) == 0)
		return enter_again(r, err);
	if (effect && named) {
		*err = gone;
		return -1;
	}
	/* A run was killed before it changed anything, or somebody wrote the files without us. */
	r->runtime = r->old_default = NULL;
	r->form = r->options.form;
	return enter_anew(r, err);
}

int register_leave(struct registration *r, struct error *err)
{
	struct strbuf users = {.arena = r->keep};
	struct span lines = {0};
	bool effect, named;

	if (!register_is_recorded(r->engine, r->options.root)) {
		strbuf_printf(&r->notes, "%s is not registered\n", r->engine->name);
		return 0;
	}
	if (register_recall(r, &r->old_default, err) < 0 ||
	    find_effect(r, &effect, &named, err) < 0)
		return -1;
	/* Hooks are no container's runtime: there is nothing that has to stay known. */
	if (r->options.when_unused || r->runtime == NULL || !effect)
		return remove_all(r, err);
	if (change_default(r, false, err) < 0)
		return -1;
	if (r->engine->users(r, &users, err) < 0 || strbuf_end(&users, &lines, err) < 0)
		return -1;
	strbuf_printf(&r->notes, "%s%s",
		      lines.n > 0 ? "Containers that still go through it:\n" : "", lines.p);
	strbuf_printf(
		&r->notes,
		"%s\nThen \"seccomp-guard unregister --when-unused %s\" takes away the rest.\n",
		r->engine->applies, r->engine->name);
	return 0;
}
