/* SPDX-License-Identifier: Apache-2.0 */
/* What the drivers share: reading, planning, asking the engine's tools, what is wrapped. */
#include "register/register.h"

#include "base/suggest.h"
#include "base/json-edit.h"
#include "node/command.h"
#include "register/files.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>

#define LINKS SYSCONFDIR "/seccomp-guard/runtimes"

const struct register_engine *const register_engines[] = {&register_containerd,
							  &register_crio,
							  &register_docker,
							  &register_podman,
							  &register_k3s,
							  &register_rke2,
							  NULL};

const struct register_engine *register_engine(const char *name, struct error *err)
{
	struct suggestion near = suggest(span_of(name));

	for (size_t i = 0; register_engines[i] != NULL; i++) {
		if (strcmp(name, register_engines[i]->name) == 0)
			return register_engines[i];
		suggest_try(&near, span_of(register_engines[i]->name));
	}
	error_set(err,
		  "%s: not an engine; known are containerd, crio, docker, podman, k3s and rke2",
		  name);
	error_suggest(err, &near);
	return NULL;
}

bool register_installed(const struct register_engine *engine, const char *root, struct arena *keep)
{
	return command_find(root, engine->program, keep) != NULL;
}

char *register_printf(struct registration *r, const char *format, ...)
{
	char text[2 * PATH_MAX];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return n < 0 || (size_t)n >= sizeof(text)
		       ? NULL
		       : arena_strdup(r->keep, (struct span){text, (size_t)n});
}

int register_read(const struct registration *r, const char *path, struct span *ret_text,
		  struct error *err)
{
	return files_read(r->options.root, path, r->keep, ret_text, err);
}

int register_plan(struct registration *r, const char *path, struct span before, struct span after,
		  struct error *err)
{
	const char *copy = arena_strdup(r->keep, span_of(path));

	if ((before.p == NULL) == (after.p == NULL) && span_eq(before, after))
		return 0;
	if (copy == NULL || r->n_files == REGISTER_MAX_FILES)
		return error_set(err, "out of memory");
	r->files[r->n_files++] = (struct register_file){copy, before, after};
	return 0;
}

int register_try(struct registration *r, const char *const *argv, struct command_result *ret_result,
		 struct error *err)
{
	if (command_run(r->options.root, argv, r->keep, ret_result, err) < 0)
		return -1;
	/* "docker run" ends so as well, but says why. */
	if (ret_result->status != 127 || ret_result->message.n > 0)
		return 0;
	return error_set(err, "there is no program %s in %s: is it installed?", argv[0],
			 COMMAND_PATH);
}

int register_ask(struct registration *r, const char *const *argv, struct span *ret_out,
		 struct error *err)
{
	struct command_result result;
	struct strbuf line = {.arena = r->scratch};
	struct span words;

	for (size_t i = 0; argv[i] != NULL; i++)
		strbuf_printf(&line, "%s%s", i > 0 ? " " : "", argv[i]);
	if (strbuf_end(&line, &words, err) < 0 || register_try(r, argv, &result, err) < 0)
		return -1;
	if (result.status != 0)
		return error_set(err, "\"%s\" fails with status %d: %.*s", words.p, result.status,
				 SPAN_ARG(result.message));
	*ret_out = result.out;
	return 0;
}

/* ---- what is wrapped ---- */

static bool is_ours(const char *path)
{
	return strncmp(path, PKGLIBEXECDIR "/", strlen(PKGLIBEXECDIR) + 1) == 0;
}

static bool says(struct span text, const char *words)
{
	return text.n > 0 && memmem(text.p, text.n, words, strlen(words)) != NULL;
}

int register_has_seccomp(const char *root, const char *program, struct arena *keep,
			 struct span *ret_version)
{
	const char *const version[] = {program, "--version", NULL};
	const char *const features[] = {program, "features", NULL};
	struct command_result result;
	struct span raw;
	struct error ignored;

	*ret_version = SPAN("");
	if (command_run(root, version, keep, &result, &ignored) < 0 || result.status != 0)
		return -1;
	*ret_version = result.out;
	for (size_t i = 0; i < ret_version->n; i++) {
		if (ret_version->p[i] == '\n')
			ret_version->n = i;
	}
	if (says(result.out, "+SECCOMP") || says(result.out, "libseccomp: "))
		return 1;
	if (says(result.out, "crun version"))
		return 0;
	if (command_run(root, features, keep, &result, &ignored) < 0 || result.status != 0 ||
	    json_find(result.out, JSON_PATH("linux", "seccomp", "enabled"), keep, &raw, &ignored) <
		    0)
		return -1;
	return raw.p != NULL ? span_eq(raw, SPAN("true")) : -1;
}

int register_wrap(struct registration *r, const char *program, struct error *err)
{
	const char *slash = strrchr(program, '/'), *path = program, *link, *old;
	struct span version;

	if (slash == NULL)
		path = command_find(r->options.root, program, r->keep);
	if (path == NULL)
		return error_set(err,
				 "the runtime \"%s\" that %s uses now is not in %s; install it, or "
				 "name it by its path in the engine's configuration",
				 program, r->engine->name, COMMAND_PATH);
	if (path[0] != '/')
		return error_set(err, "the runtime \"%s\" that %s uses now is a relative path",
				 program, r->engine->name);
	if (is_ours(path))
		return error_set(err,
				 "%s is seccomp-guard already; nothing is known of how it was "
				 "registered",
				 path);
	if (!files_exist(r->options.root, path))
		return error_set(err, "the runtime %s that %s uses now is not there", path,
				 r->engine->name);
	if (register_has_seccomp(r->options.root, path, r->keep, &version) == 0)
		return error_set(err,
				 "%s (%.*s) was built without seccomp and would load no filter: "
				 "have %s use another runtime first",
				 path, SPAN_ARG(version), r->engine->name);
	r->target = path;
	r->runtime = slash != NULL ? slash + 1 : program;
	if (!files_exist(r->options.root, register_wrapper(r)))
		return error_set(err,
				 "%s is not there; make it a link: ln -s seccomp-guard-runtime's "
				 "path to it, or install seccomp-guard below %s",
				 register_wrapper(r), r->options.root[0] ? r->options.root : "/");
	link = register_printf(r, LINKS "/%s", r->runtime);
	old = link != NULL ? files_readlink(r->options.root, link, r->keep) : NULL;
	if (old != NULL && files_same(r->options.root, old, r->target))
		r->target = old;
	else if (old != NULL)
		r->runtime = register_printf(r, "%s-%s", r->engine->name, r->runtime);
	return r->runtime != NULL ? 0 : error_set(err, "out of memory");
}

const char *register_own_name(const struct registration *r)
{
	const size_t n = strlen(r->engine->name);

	return strncmp(r->runtime, r->engine->name, n) == 0 && r->runtime[n] == '-'
		       ? r->runtime + n + 1
		       : NULL;
}

const char *register_wrapper(struct registration *r)
{
	const char *path = register_printf(r, PKGLIBEXECDIR "/%s", r->runtime);

	return path != NULL ? path : PKGLIBEXECDIR;
}

/* ---- hooks ---- */

int register_read_shared(struct registration *r, const char *name, struct span *ret_text,
			 struct error *err)
{
	const char *path = register_printf(r, PKGDATADIR "/%s", name);

	if (path == NULL || register_read(r, path, ret_text, err) < 0)
		return path == NULL ? error_set(err, "out of memory") : -1;
	return ret_text->p != NULL
		       ? 0
		       : error_set(err, "%s is not there: install seccomp-guard first", path);
}

int register_plan_hooks(struct registration *r, const char *dir, bool present, struct error *err)
{
	static const char *const names[] = {"50-seccomp-guard-create.json",
					    "50-seccomp-guard-poststart.json"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *path = register_printf(r, "%s/%s", dir, names[i]);
		const char *source = register_printf(r, "hooks.d/%s", names[i]);
		struct span before, after = {0};

		if (path == NULL || source == NULL)
			return error_set(err, "out of memory");
		if (register_read(r, path, &before, err) < 0 ||
		    (present && register_read_shared(r, source, &after, err) < 0) ||
		    register_plan(r, path, before, after, err) < 0)
			return -1;
	}
	return 0;
}

static void note_hook(struct registration *r, const char *path, struct strbuf *lines)
{
	(void)r;
	strbuf_printf(lines, "%s\n", path);
}

bool register_finds_hooks(struct registration *r, struct span dirs)
{
	struct strbuf found = {.arena = r->keep};
	struct error ignored;

	while (dirs.n > 0) {
		const char *start = memchr(dirs.p, '"', dirs.n), *end;
		const char *pattern;

		if (start == NULL)
			break;
		dirs = span_skip(dirs, (size_t)(start + 1 - dirs.p));
		end = memchr(dirs.p, '"', dirs.n);
		if (end == NULL)
			break;
		pattern = register_printf(r, "%.*s/*.json", (int)(end - dirs.p), dirs.p);
		dirs = span_skip(dirs, (size_t)(end + 1 - dirs.p));
		if (pattern != NULL)
			register_grep(
				r,
				&(struct register_search){pattern, "seccomp-guard-hook", note_hook},
				&found, &ignored);
	}
	return found.n > 0;
}

void register_add_place(struct registration *r, const char *path, struct strbuf *lines)
{
	(void)r;
	strbuf_printf(lines, "%s%s", lines->n > 0 ? ", " : "", path);
}

/* ---- NRI ---- */

/* The next string of an array of strings, and what is behind it. Names of plugins have nothing that
 * TOML escapes. p == NULL: none. */
static struct span next_string(struct span *raw)
{
	while (raw->n > 0) {
		const char *quote = raw->p, *end;
		struct span found;

		*raw = span_skip(*raw, 1);
		if (*quote != '"' && *quote != '\'')
			continue;
		end = memchr(raw->p, *quote, raw->n);
		if (end == NULL)
			break;
		found = (struct span){raw->p, (size_t)(end - raw->p)};
		*raw = span_skip(*raw, found.n + 1);
		return found;
	}
	return (struct span){0};
}

const char *register_nri_list(struct registration *r, struct span raw, bool present)
{
	struct strbuf out = {.arena = r->keep};
	const char *separator = "";
	struct error ignored;
	struct span text;

	strbuf_add(&out, SPAN("["));
	for (struct span name = next_string(&raw); name.p != NULL; name = next_string(&raw)) {
		if (span_eq(name, SPAN(REGISTER_NRI_PLUGIN)))
			continue;
		strbuf_printf(&out, "%s\"%.*s\"", separator, SPAN_ARG(name));
		separator = ", ";
	}
	if (present)
		strbuf_printf(&out, "%s\"" REGISTER_NRI_PLUGIN "\"", separator);
	strbuf_add(&out, SPAN("]"));
	return strbuf_end(&out, &text, &ignored) < 0 ? NULL : text.p;
}

bool register_nri_lists(struct span raw)
{
	for (struct span name = next_string(&raw); name.p != NULL; name = next_string(&raw))
		if (span_eq(name, SPAN(REGISTER_NRI_PLUGIN)))
			return true;
	return false;
}

/* ---- what names us ---- */

int register_grep(struct registration *r, const struct register_search *search,
		  struct strbuf *lines, struct error *err)
{
	const size_t skip = strlen(r->options.root);
	const char *full = register_printf(r, "%s%s", r->options.root, search->pattern);
	glob_t found = {0};

	if (full == NULL)
		return error_set(err, "out of memory");
	if (glob(full, 0, NULL, &found) == GLOB_NOSPACE)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct arena once = *r->scratch;
		const char *path = found.gl_pathv[i] + skip;
		struct span text;
		struct error gone;

		if (files_read(r->options.root, path, &once, &text, &gone) == 0 && text.n > 0 &&
		    memmem(text.p, text.n, search->needle, strlen(search->needle)) != NULL)
			search->each(r, path, lines);
	}
	globfree(&found);
	return 0;
}
