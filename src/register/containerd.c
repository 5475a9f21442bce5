/* SPDX-License-Identifier: Apache-2.0 */
/*
 * containerd: a handler of its own beside the default one, in the main file.
 *
 * Not in a drop-in: an imported file of 1.x replaces the whole CRI section, one of version 3 beside
 * a main file of version 2 makes 2.x drop it, and without `imports` none is read. The main file's
 * version decides the plugin's name. What the handler says is taken from `containerd config dump`,
 * which is what containerd makes of all its files; and the dump afterwards has to differ in our
 * keys alone.
 */
#include "register/containerd-handler.h"
#include "register/containerd-nri.h"

#include "base/json-edit.h"
#include "base/toml-edit.h"
#include "register/daemon.h"

#include <stdio.h>

#define MAIN "/etc/containerd/config.toml"
#define SPEC SYSCONFDIR "/seccomp-guard/containerd/base-spec.json"

static int ask_dump(struct registration *r, struct span *ret_dump, struct error *err)
{
	static const char *const argv[] = {"containerd", "config", "dump", NULL};

	return register_ask(r, argv, ret_dump, err);
}

/* ---- what there is ---- */

struct containerd {
	struct span text;    /* of the main file */
	const char *cri;     /* the plugin in it */
	const char *dumped;  /* and in the dump */
	const char *handler; /* the default one */
};

/* The main file without a version is of version 1, and an empty one becomes the dump's. */
static int find_version(struct registration *r, struct containerd *c, struct error *err)
{
	struct span version;

	if (register_read(r, MAIN, &c->text, err) < 0 ||
	    toml_find(c->text, TOML_PATH("version"), r->keep, &version, err) < 0)
		return error_prefix(err, MAIN);
	if (c->text.n == 0) {
		if (toml_find(r->effective, TOML_PATH("version"), r->keep, &version, err) < 0)
			return error_prefix(err, "containerd config dump");
		c->text = SPAN("");
		if (version.p != NULL &&
		    toml_edit_set(&c->text, TOML_PATH("version"), arena_strdup(r->keep, version),
				  r->keep, err) < 0)
			return -1;
	}
	if (version.p == NULL)
		return error_set(err,
				 "%s is of version 1 (it has no \"version\"): bring it to 2 "
				 "with \"containerd config migrate\", or register by hand",
				 MAIN);
	c->cri = containerd_cri(version);
	if (c->cri == NULL)
		return error_set(err, "%s: version %.*s is not known; 2, 3 and 4 are", MAIN,
				 SPAN_ARG(version));
	return 0;
}

static int look_around(struct registration *r, struct containerd *c, struct error *err)
{
	struct span name;
	bool is_new;

	if (ask_dump(r, &r->effective, err) < 0 || find_version(r, c, err) < 0)
		return -1;
	if (toml_has_table(r->effective, TOML_PATH("plugins", CONTAINERD_NEW_CRI), r->keep, &is_new,
			   err) < 0)
		return error_prefix(err, "containerd config dump");
	c->dumped = is_new ? CONTAINERD_NEW_CRI : CONTAINERD_OLD_CRI;
	if (toml_find_string(r->effective,
			     TOML_PATH("plugins", c->dumped, "containerd", "default_runtime_name"),
			     r->keep, &name, err) < 0)
		return error_prefix(err, "containerd config dump");
	if (name.n == 0)
		return error_set(err,
				 "containerd has no default runtime for Kubernetes: is its CRI "
				 "plugin disabled (disabled_plugins in %s)? Docker does not "
				 "need it: register docker",
				 MAIN);
	c->handler = arena_strdup(r->keep, name);
	if (c->handler == NULL)
		return error_set(err, "out of memory");
	return 0;
}

/* The default handler as the dump has it, where the main file leaves it to containerd: 1.x would
 * not have it any more. */
static int add_explicit(struct registration *r, const struct containerd *c,
			const struct containerd_handler *h, struct strbuf *out, struct error *err)
{
	struct containerd_form form = {.name = c->handler};
	bool has;

	if (toml_has_table(c->text,
			   TOML_PATH("plugins", c->cri, "containerd", "runtimes", c->handler),
			   r->keep, &has, err) < 0)
		return -1;
	if (has)
		return 0;
	form.binary = h->binary.n > 0 ? arena_strdup(r->keep, h->binary) : NULL;
	form.base_spec = h->base_spec.n > 0 ? arena_strdup(r->keep, h->base_spec) : NULL;
	form.annotations = h->annotations.n > 0 ? arena_strdup(r->keep, h->annotations) : NULL;
	containerd_add_handler(out, c->cri, h, &form);
	return 0;
}

/* ---- registering ---- */

static int enter_runtime(struct registration *r, struct containerd *c, struct containerd_handler *h,
			 struct error *err)
{
	struct containerd_form form = {.name = REGISTER_NAME};
	struct strbuf out = {.arena = r->keep};
	struct span text = c->text;

	if (register_wrap(r, h->binary.n > 0 ? arena_strdup(r->keep, h->binary) : "runc", err) < 0)
		return -1;
	if (!r->options.keep_default &&
	    toml_edit_set(&text, TOML_PATH("plugins", c->cri, "containerd", "default_runtime_name"),
			  "\"" REGISTER_NAME "\"", r->keep, err) < 0)
		return -1;
	form.binary = register_wrapper(r);
	form.base_spec = h->base_spec.n > 0 ? arena_strdup(r->keep, h->base_spec) : NULL;
	form.annotations = containerd_annotations(r, h->annotations);
	strbuf_add(&out, text);
	if (add_explicit(r, c, h, &out, err) < 0)
		return -1;
	containerd_add_handler(&out, c->cri, h, &form);
	if (strbuf_end(&out, &text, err) < 0)
		return -1;
	c->text = text;
	return 0;
}

/* `ctr oci spec`, without its rlimits, which would set RLIMIT_NOFILE of every container to 1024,
 * and with our hooks. */
static int make_spec(struct registration *r, struct span *ret_spec, struct error *err)
{
	static const char *const argv[] = {"ctr", "oci", "spec", NULL};
	struct span spec, hooks, value;

	if (register_ask(r, argv, &spec, err) < 0 ||
	    register_read_shared(r, "base-runtime-hooks.json", &hooks, err) < 0)
		return -1;
	if (json_edit_unset(&spec, JSON_PATH("process", "rlimits"), r->keep, err) < 0)
		return error_prefix(err, "ctr oci spec");
	if (json_find(hooks, JSON_PATH("hooks"), r->keep, &value, err) < 0)
		return error_prefix(err, PKGDATADIR "/base-runtime-hooks.json");
	if (json_edit_set(&spec, JSON_PATH("hooks"),
			  arena_strdup(r->keep, value.p != NULL ? value : hooks), r->keep, err) < 0)
		return -1;
	*ret_spec = spec;
	return 0;
}

static int enter_hooks(struct registration *r, struct containerd *c, struct containerd_handler *h,
		       struct error *err)
{
	const char *annotations = containerd_annotations(r, h->annotations);
	struct strbuf out = {.arena = r->keep};
	struct span spec, before, text = c->text;
	bool has;

	if (h->base_spec.n > 0)
		return error_set(
			err,
			"the handler \"%s\" has a base_runtime_spec already, %.*s: put the "
			"hooks of " PKGDATADIR "/base-runtime-hooks.json into it",
			c->handler, SPAN_ARG(h->base_spec));
	if (make_spec(r, &spec, err) < 0 || register_read(r, SPEC, &before, err) < 0 ||
	    register_plan(r, SPEC, before, spec, err) < 0 ||
	    toml_has_table(text, TOML_PATH("plugins", c->cri, "containerd", "runtimes", c->handler),
			   r->keep, &has, err) < 0)
		return -1;
	if (!has) {
		strbuf_add(&out, text);
		if (add_explicit(r, c, h, &out, err) < 0 || strbuf_end(&out, &text, err) < 0)
			return -1;
	}
	if (toml_edit_set(&text,
			  TOML_PATH("plugins", c->cri, "containerd", "runtimes", c->handler,
				    "base_runtime_spec"),
			  "\"" SPEC "\"", r->keep, err) < 0 ||
	    toml_edit_set(&text,
			  TOML_PATH("plugins", c->cri, "containerd", "runtimes", c->handler,
				    "pod_annotations"),
			  annotations, r->keep, err) < 0)
		return -1;
	c->text = text;
	return 0;
}

static int enter_nri(struct registration *r, struct containerd *c, struct containerd_handler *h,
		     struct error *err)
{
	(void)h;
	return containerd_nri_set(r, true, &c->text, err);
}

static int (*const enter_form[REGISTER_FORMS])(struct registration *r, struct containerd *c,
					       struct containerd_handler *h, struct error *err) = {
	[REGISTER_RUNTIME] = enter_runtime,
	[REGISTER_HOOK] = enter_hooks,
	[REGISTER_NRI] = enter_nri,
};

static int enter(struct registration *r, struct error *err)
{
	struct containerd c;
	struct containerd_handler h;
	struct span before;

	if (look_around(r, &c, err) < 0)
		return -1;
	if (strcmp(c.handler, REGISTER_NAME) == 0)
		return error_set(err,
				 "containerd's default handler is \"" REGISTER_NAME "\" already, "
				 "and was not registered by this command");
	r->old_default = c.handler;
	if (containerd_read_handler(r, c.dumped, c.handler, &h, err) < 0 ||
	    register_read(r, MAIN, &before, err) < 0 || enter_form[r->form](r, &c, &h, err) < 0)
		return -1;
	return register_plan(r, MAIN, before, c.text, err);
}

/* ---- going back ---- */

/* The default becomes ours, or what it was if it is ours. */
static int change_default(struct registration *r, const struct containerd *c, bool ours,
			  struct span *text, struct error *err)
{
	const char *literal = register_printf(r, "\"%s\"", ours ? REGISTER_NAME : r->old_default);

	if (literal == NULL)
		return error_set(err, "out of memory");
	return (strcmp(c->handler, REGISTER_NAME) == 0) != ours
		       ? toml_edit_set(
				 text,
				 TOML_PATH("plugins", c->cri, "containerd", "default_runtime_name"),
				 literal, r->keep, err)
		       : 0;
}

static int set_default(struct registration *r, bool ours, struct error *err)
{
	struct containerd c;
	struct span text;

	if (look_around(r, &c, err) < 0)
		return -1;
	text = c.text;
	if (change_default(r, &c, ours, &text, err) < 0)
		return -1;
	return register_plan(r, MAIN, c.text, text, err);
}

static int remove_ours(struct registration *r, struct error *err)
{
	const char *const name = r->old_default;
	struct containerd c;
	struct span text, spec, str;

	if (look_around(r, &c, err) < 0)
		return -1;
	text = c.text;
	if (r->form == REGISTER_NRI && containerd_nri_set(r, false, &text, err) < 0)
		return -1;
	if (change_default(r, &c, false, &text, err) < 0 ||
	    toml_edit_drop(&text,
			   TOML_PATH("plugins", c.cri, "containerd", "runtimes", REGISTER_NAME),
			   r->keep, err) < 0 ||
	    toml_find_string(text,
			     TOML_PATH("plugins", c.cri, "containerd", "runtimes", name,
				       "base_runtime_spec"),
			     r->keep, &str, err) < 0)
		return -1;
	if (span_eq(str, SPAN(SPEC)) &&
	    toml_edit_unset(&text,
			    TOML_PATH("plugins", c.cri, "containerd", "runtimes", name,
				      "base_runtime_spec"),
			    r->keep, err) < 0)
		return -1;
	if (register_read(r, SPEC, &spec, err) < 0 || register_plan(r, MAIN, c.text, text, err) < 0)
		return -1;
	return register_plan(r, SPEC, spec, (struct span){0}, err);
}

/* ---- asking ---- */

struct comparison {
	struct registration *r;
	struct span text, other;
	const char *cri;
	const char *changed; /* a handler that may differ in keys of ours; NULL: none */
};

/* Is that a value that registering changes? */
static bool is_ours(const struct comparison *c, const struct span *path, size_t n)
{
	const struct span key = path[n - 1];

	if (n == 1)
		return span_eq(key, SPAN("imports"));
	if (toml_path_begins(path, n,
			     TOML_PATH("plugins", c->cri, "containerd", "default_runtime_name")) ||
	    toml_path_begins(path, n,
			     TOML_PATH("plugins", c->cri, "containerd", "runtimes", REGISTER_NAME)))
		return true;
	if (c->r->form == REGISTER_NRI && containerd_nri_is_ours(path, n))
		return true;
	return c->changed != NULL &&
	       toml_path_begins(
		       path, n,
		       TOML_PATH("plugins", c->cri, "containerd", "runtimes", c->changed)) &&
	       (span_eq(key, SPAN("base_runtime_spec")) || span_eq(key, SPAN("pod_annotations")));
}

static int compare(void *ctx, const struct span *path, size_t n, const struct toml_value *value,
		   struct error *err)
{
	struct comparison *c = ctx;
	const struct span raw = {c->text.p + value->pos, value->end - value->pos};
	const char *keys[TOML_MAX_DEPTH];
	struct arena once = *c->r->scratch;
	struct span found;

	for (size_t i = 0; i < n; i++)
		keys[i] = arena_strdup(&once, path[i]);
	if (is_ours(c, path, n))
		return 0;
	if (toml_find(c->other, (struct toml_path){keys, n}, &once, &found, err) < 0)
		return -1;
	if (found.p != NULL ? span_eq(found, raw) : containerd_is_nothing(raw))
		return 0;
	return error_set(err, "\"%s\" would change from %.*s to %.*s", keys[n - 1],
			 SPAN_ARG(found.p != NULL ? found : SPAN("nothing")), SPAN_ARG(raw));
}

static int verify(struct registration *r, bool registered, struct error *err)
{
	struct comparison c = {.r = r, .changed = r->form == REGISTER_HOOK ? r->old_default : NULL};
	struct span dump;
	bool has, is_new;

	if (ask_dump(r, &dump, err) < 0 ||
	    toml_has_table(dump, TOML_PATH("plugins", CONTAINERD_NEW_CRI), r->keep, &is_new, err) <
		    0)
		return -1;
	c.cri = is_new ? CONTAINERD_NEW_CRI : CONTAINERD_OLD_CRI;
	if (toml_has_table(dump,
			   TOML_PATH("plugins", c.cri, "containerd", "runtimes", REGISTER_NAME),
			   r->keep, &has, err) < 0)
		return -1;
	if (r->runtime != NULL && has != registered)
		return error_set(err,
				 "its effective configuration has %s handler \"" REGISTER_NAME "\"",
				 has ? "still the" : "no");
	if (r->form == REGISTER_NRI && containerd_nri_verify(r, dump, registered, err) < 0)
		return -1;
	if (r->effective.p == NULL)
		return 0;
	c.text = dump;
	c.other = r->effective;
	if (toml_scan(dump, r->keep, compare, &c, err) < 0)
		return -1;
	c.text = r->effective;
	c.other = dump;
	return toml_scan(r->effective, r->keep, compare, &c, err);
}

static int look(struct registration *r, struct register_state *ret_state, struct error *err)
{
	bool is_new;

	if (ask_dump(r, &r->effective, err) < 0 ||
	    toml_has_table(r->effective, TOML_PATH("plugins", CONTAINERD_NEW_CRI), r->keep, &is_new,
			   err) < 0)
		return -1;
	if (containerd_look(r, is_new ? CONTAINERD_NEW_CRI : CONTAINERD_OLD_CRI, NULL, ret_state,
			    err) < 0)
		return error_prefix(err, "containerd config dump");
	ret_state->requires_nri = containerd_nri_requires(r, r->effective);
	return 0;
}

static int users(struct registration *r, struct strbuf *lines, struct error *err)
{
	return containerd_users(r, "/run/containerd", lines, err);
}

/* ---- the probe ---- */

/* "--address=SOCKET", for ctr. */
static int ask_address(struct registration *r, const char **ret_address, struct error *err)
{
	struct span address;

	if (ask_dump(r, &r->effective, err) < 0 ||
	    toml_find_string(r->effective, TOML_PATH("grpc", "address"), r->keep, &address, err) <
		    0)
		return -1;
	if (address.n == 0)
		address = SPAN("/run/containerd/containerd.sock");
	*ret_address = register_printf(r, "--address=%.*s", SPAN_ARG(address));
	return *ret_address != NULL ? 0 : error_set(err, "out of memory");
}

static int remove_probe(struct registration *r, const char *name, const char *address,
			struct error *err)
{
	static const char space[] = "--namespace=" REGISTER_NAME;
	const char *const kill[] = {"ctr", space, address, "tasks", "rm", "--force", name, NULL};
	const char *const rm[] = {"ctr", space, address, "containers", "rm", name, NULL};
	const char *const list[] = {"ctr", space, address, "containers", "ls", "--quiet", NULL};
	const char *const rm_namespace[] = {"ctr", address,       "namespaces",
					    "rm",  REGISTER_NAME, NULL};
	struct command_result ignored;
	struct span out;

	if (register_try(r, kill, &ignored, err) < 0 || register_try(r, rm, &ignored, err) < 0 ||
	    register_ask(r, list, &out, err) < 0)
		return -1;
	if (out.n > 0 && memmem(out.p, out.n, name, strlen(name)) != NULL)
		return error_set(err, "the container is still there");
	/* As long as another one is in it, it stays. */
	return register_try(r, rm_namespace, &ignored, err);
}

static int unprobe(struct registration *r, const char *name, struct error *err)
{
	const char *address;

	/* ctr would wait for one, ten seconds for each command. */
	if (daemon_look("", "containerd", MAIN).pid == 0)
		return error_set(err, "no containerd runs with " MAIN);
	return ask_address(r, &address, err) < 0 ? -1 : remove_probe(r, name, address, err);
}

static int run_probe(struct registration *r, struct register_probe *p, const char *address,
		     struct error *err)
{
	/* A cgroup of its own, without one above it that would stay. */
	const char *cgroup = register_printf(r, "/%s", p->name);
	const char *const run[] = {"ctr",
				   address,
				   "--namespace=" REGISTER_NAME,
				   "run",
				   "--rm",
				   "--runc-binary",
				   register_wrapper(r),
				   "--cgroup",
				   cgroup,
				   "--rootfs",
				   p->dir,
				   p->name,
				   REGISTER_PROBE,
				   NULL};
	struct error gone;
	int failed;

	if (cgroup == NULL)
		return error_set(err, "out of memory");
	failed = register_try(r, run, &p->result, err);
	(void)remove_probe(r, p->name, address, &gone);
	return failed;
}

/*
 * By ctr, which starts containers beside Kubernetes and is told the program: shows that containerd
 * starts containers with it here. That pods get it is what the dump says.
 */
static int probe(struct registration *r, struct register_probe *p, struct error *err)
{
	const struct daemon_state daemon = daemon_look("", "containerd", MAIN);
	const char *address;

	if (r->form != REGISTER_RUNTIME)
		return error_set(err, "only pods get the %s",
				 r->form == REGISTER_HOOK ? "hooks" : "plugin's care");
	if (daemon.pid == 0)
		return error_set(err, "no containerd runs with " MAIN);
	if (daemon.stale)
		return error_set(err, "containerd has not read " MAIN " yet");
	return ask_address(r, &address, err) < 0 ? -1 : run_probe(r, p, address, err);
}

const struct register_engine register_containerd = {
	.name = "containerd",
	.program = "containerd",
	.applies = "containerd reads it when it is restarted: systemctl restart containerd",
	.restart = (const char *const[]){"systemctl", "restart", "containerd", NULL},
	.daemon = "containerd",
	.reads = MAIN,
	.passes_by = "a pod whose RuntimeClass names another handler, and everything that is "
		     "started by ctr or nerdctl with another runtime",
	.asks_features = true,
	.try = REGISTER_TRY_POD,
	.enter = enter,
	.set_default = set_default,
	.remove = remove_ours,
	.verify = verify,
	.look = look,
	.probe = probe,
	.unprobe = unprobe,
	.users = users,
};
