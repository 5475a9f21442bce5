/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Podman: a file of our own in containers.conf.d, for root and for users alike. Lists replace those
 * that other files have, so what is in force is taken over. The runtime has to be in both lists by
 * the name it is registered by, or podman takes its errors for text and refuses --cgroups=disabled.
 */
#include "register/drop-in.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#define DROP_IN "/etc/containers/containers.conf.d/50-seccomp-guard.conf"

static const char *trim(struct registration *r, struct span text)
{
	while (text.n > 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == ' '))
		text.n--;
	return arena_strdup(r->keep, text);
}

/* One value of `podman info`. */
static int ask_info(struct registration *r, const char *format, const char **ret_value,
		    struct error *err)
{
	const char *const argv[] = {"podman", "info", "--format", format, NULL};
	struct span out;

	if (register_ask(r, argv, &out, err) < 0)
		return -1;
	*ret_value = trim(r, out);
	return *ret_value != NULL ? 0 : error_set(err, "out of memory");
}

/* ---- lists that other files have set ---- */

/* The array `key` of [engine] in the file at `path`, if it is there. */
static int list_in(struct registration *r, const char *path, const char *key, struct span *list,
		   struct error *err)
{
	struct span text, raw;

	if (register_read(r, path, &text, err) < 0 || text.p == NULL)
		return text.p == NULL ? 0 : -1;
	if (toml_find(text, TOML_PATH("engine", key), r->keep, &raw, err) < 0)
		return error_prefix(err, "%s", path);
	if (raw.p != NULL)
		*list = raw;
	return 0;
}

/* As podman reads: the distribution's file, the administrator's, then the drop-ins in their order.
 */
static int find_list(struct registration *r, const char *key, struct span *list, struct error *err)
{
	const char *pattern =
		register_printf(r, "%s/etc/containers/containers.conf.d/*.conf", r->options.root);
	glob_t found = {0};
	int failed = 0;

	if (pattern == NULL)
		return error_set(err, "out of memory");
	if (list_in(r, "/usr/share/containers/containers.conf", key, list, err) < 0 ||
	    list_in(r, "/etc/containers/containers.conf", key, list, err) < 0)
		return -1;
	glob(pattern, 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc && failed == 0; i++)
		failed = list_in(r, found.gl_pathv[i] + strlen(r->options.root), key, list, err);
	globfree(&found);
	return failed;
}

/* A list of [engine]: podman's own value, and what is added to it. */
struct list {
	const char *key, *standard, *ours;
};

/* `key = [those that there are, ours]` */
static int add_list(struct registration *r, struct strbuf *out, const struct list *l,
		    struct error *err)
{
	struct span list = span_of(l->standard);
	const char *text;

	if (find_list(r, l->key, &list, err) < 0)
		return -1;
	text = drop_in_append(r, list, l->ours);
	if (text == NULL)
		return error_set(err, "out of memory");
	strbuf_printf(out, "%s = %s\n", l->key, text);
	return 0;
}

/* ---- the plans ---- */

static bool is_crun(const char *name)
{
	return strstr(name, "crun") != NULL || strstr(name, "krun") != NULL;
}

static int plan_runtime(struct registration *r, struct error *err)
{
	static const struct list json = {
		"runtime_supports_json",
		"[\"crun\", \"runc\", \"kata\", \"runsc\", \"youki\", \"krun\"]", REGISTER_NAME};
	static const struct list nocgroup = {"runtime_supports_nocgroup", "[\"crun\", \"krun\"]",
					     REGISTER_NAME};
	struct strbuf out = {.arena = r->keep};
	const char *path;

	if (ask_info(r, "{{.Host.OCIRuntime.Name}}", &r->old_default, err) < 0 ||
	    ask_info(r, "{{.Host.OCIRuntime.Path}}", &path, err) < 0 ||
	    register_wrap(r, path, err) < 0)
		return -1;
	strbuf_printf(&out,
		      "# Made by \"seccomp-guard register podman\"; \"seccomp-guard unregister "
		      "podman\" takes it away.\n[engine]\n");
	if (!r->options.keep_default)
		strbuf_printf(&out, "runtime = \"" REGISTER_NAME "\"\n");
	if (add_list(r, &out, &json, err) < 0 ||
	    (is_crun(r->runtime) && add_list(r, &out, &nocgroup, err) < 0))
		return -1;
	strbuf_printf(&out, "\n[engine.runtimes]\n" REGISTER_NAME " = [\"%s\"]\n",
		      register_wrapper(r));
	return drop_in_write(r, DROP_IN, &out, err);
}

/* /etc/containers/oci/hooks.d is not read where a file says hooks_dir, and podman's default does.
 */
static int plan_hooks(struct registration *r, struct error *err)
{
	static const struct list dirs = {"hooks_dir", "[\"/usr/share/containers/oci/hooks.d\"]",
					 DROP_IN_HOOKS_DIR};
	struct strbuf out = {.arena = r->keep};

	strbuf_printf(&out, "# Made by \"seccomp-guard register podman --hook\"; \"seccomp-guard "
			    "unregister podman\" takes it away.\n[engine]\n");
	if (register_plan_hooks(r, DROP_IN_HOOKS_DIR, true, err) < 0 ||
	    add_list(r, &out, &dirs, err) < 0)
		return -1;
	return drop_in_write(r, DROP_IN, &out, err);
}

static int enter(struct registration *r, struct error *err)
{
	if (getenv("CONTAINERS_CONF") != NULL)
		return error_set(err,
				 "CONTAINERS_CONF is set, which makes podman read no other file: "
				 "unset it");
	if (drop_in_check(r, DROP_IN, err) < 0)
		return -1;
	return r->form == REGISTER_HOOK ? plan_hooks(r, err) : plan_runtime(r, err);
}

static int set_default(struct registration *r, bool ours, struct error *err)
{
	return drop_in_set_default(r, DROP_IN, TOML_PATH("engine", "runtime"), ours, err);
}

static int remove_ours(struct registration *r, struct error *err)
{
	return drop_in_remove(r, DROP_IN, err);
}

/* ---- asking ---- */

static int verify(struct registration *r, bool registered, struct error *err)
{
	struct span drop_in;
	const char *name;
	bool ours, wanted;

	if (register_read(r, DROP_IN, &drop_in, err) < 0 ||
	    ask_info(r, "{{.Host.OCIRuntime.Name}}", &name, err) < 0)
		return -1;
	ours = strcmp(name, REGISTER_NAME) == 0;
	wanted = drop_in.n > 0 && memmem(drop_in.p, drop_in.n, "\nruntime = ", 11) != NULL;
	if (registered && wanted && !ours)
		return error_set(err,
				 "its runtime is still \"%s\": another file below "
				 "/etc/containers says so, or one in a home directory",
				 name);
	return ours && !registered ? error_set(err, "its runtime is still \"" REGISTER_NAME "\"")
				   : 0;
}

static int look(struct registration *r, struct register_state *ret_state, struct error *err)
{
	struct span dirs =
		SPAN("[\"/usr/share/containers/oci/hooks.d\", \"/etc/containers/oci/hooks.d\"]");

	*ret_state = (struct register_state){.others = ""};
	if (ask_info(r, "{{.Host.OCIRuntime.Name}}", &ret_state->handler, err) < 0 ||
	    ask_info(r, "{{.Host.OCIRuntime.Path}}", &ret_state->program, err) < 0 ||
	    find_list(r, "hooks_dir", &dirs, err) < 0)
		return -1;
	ret_state->hooked = register_finds_hooks(r, dirs);
	return 0;
}

/* A line for each container of root's; those of other users cannot be seen from here. */
static int users(struct registration *r, struct strbuf *lines, struct error *err)
{
	static const char *const list[] = {"podman", "ps", "-aq", "--no-trunc", NULL};
	struct span ids, line;

	if (register_ask(r, list, &ids, err) < 0)
		return -1;
	while (ids.n > 0) {
		const char *newline = memchr(ids.p, '\n', ids.n);
		size_t n = newline != NULL ? (size_t)(newline - ids.p) : ids.n;
		const char *id = arena_strdup(r->keep, (struct span){ids.p, n});
		const char *const one[] = {
			"podman", "inspect", "--format", "{{.OCIRuntime}} {{.Name}}", id, NULL};
		struct error gone; /* removed meanwhile */

		if (n > 0 && id != NULL && register_ask(r, one, &line, &gone) == 0 &&
		    span_has_prefix(line, SPAN(REGISTER_NAME " ")))
			strbuf_printf(lines, "  podman: %.12s %.*s", id,
				      SPAN_ARG(span_skip(line, strlen(REGISTER_NAME " "))));
		ids = span_skip(ids, n + 1);
	}
	return 0;
}

static int unprobe(struct registration *r, const char *name, struct error *err)
{
	const char *const rm[] = {"podman", "rm", "--force", "--ignore", name, NULL};
	struct span out;

	return register_ask(r, rm, &out, err);
}

/* By its own root directory: no image is needed. */
static int probe(struct registration *r, struct register_probe *p, struct error *err)
{
	const char *run[] = {"podman",
			     "--runtime=" REGISTER_NAME,
			     "run",
			     "--rm",
			     "--name",
			     p->name,
			     "--network=none",
			     "--security-opt=seccomp=unconfined",
			     "--rootfs",
			     p->dir,
			     REGISTER_PROBE,
			     NULL};
	const bool named = r->options.keep_default && r->form == REGISTER_RUNTIME;
	struct error gone;
	int failed;

	p->engine = ENGINE_PODMAN;
	if (!named)
		run[1] = "podman";
	failed = register_try(r, run + !named, &p->result, err);
	if (failed < 0 || p->result.status != 0)
		(void)unprobe(r, p->name, &gone);
	return failed;
}

const struct register_engine register_podman = {
	.name = "podman",
	.program = "podman",
	.applies = "podman reads it with the next command",
	.refuses = {[REGISTER_NRI] = "Podman has no NRI"},
	.passes_by = "\"podman --runtime crun\", a user's own containers.conf, and for hooks "
		     "\"podman build\"",
	.try = "podman run --rm --security-opt seccomp=unconfined busybox grep Seccomp: "
	       "/proc/self/status",
	.enter = enter,
	.set_default = set_default,
	.remove = remove_ours,
	.verify = verify,
	.look = look,
	.probe = probe,
	.unprobe = unprobe,
	.users = users,
};
