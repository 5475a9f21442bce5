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
#include "register/register.h"

#include "base/json-edit.h"
#include "base/toml-edit.h"

#include <stdio.h>

#define MAIN "/etc/containerd/config.toml"
#define SPEC SYSCONFDIR "/seccomp-guard/containerd/base-spec.json"
#define OLD_CRI "io.containerd.grpc.v1.cri"
#define NEW_CRI "io.containerd.cri.v1.runtime"
#define ANNOTATIONS "\"seccomp-guard/*\""

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

static const char *cri_of_version(struct span version)
{
	if (span_eq(version, SPAN("2")))
		return OLD_CRI;
	return span_eq(version, SPAN("3")) || span_eq(version, SPAN("4")) ? NEW_CRI : NULL;
}

/* The main file without a version is of version 1, and an empty one becomes the dump's. */
static int find_version(struct registration *r, struct containerd *c, struct error *err)
{
	struct span version;

	if (register_read(r, MAIN, &c->text, err) < 0 ||
	    toml_find(c->text, TOML_PATH("version"), r->keep, &version, NULL, err) < 0)
		return error_prefix(err, MAIN);
	if (c->text.n == 0) {
		if (toml_find(r->effective, TOML_PATH("version"), r->keep, &version, NULL, err) < 0)
			return error_prefix(err, "containerd config dump");
		c->text = SPAN("");
		if (version.p != NULL &&
		    toml_edit_set(c->text, TOML_PATH("version"), arena_strdup(r->keep, version),
				  r->keep, &c->text, err) < 0)
			return -1;
	}
	if (version.p == NULL)
		return error_set(err,
				 "%s is of version 1 (it has no \"version\"): bring it to 2 "
				 "with \"containerd config migrate\", or register by hand",
				 MAIN);
	c->cri = cri_of_version(version);
	if (c->cri == NULL)
		return error_set(err, "%s: version %.*s is not known; 2, 3 and 4 are", MAIN,
				 SPAN_ARG(version));
	return 0;
}

static int look_around(struct registration *r, struct containerd *c, struct error *err)
{
	struct span raw, name;
	bool is_new;

	if (ask_dump(r, &r->effective, err) < 0 || find_version(r, c, err) < 0)
		return -1;
	if (toml_has_table(r->effective, TOML_PATH("plugins", NEW_CRI), r->keep, &is_new, err) < 0)
		return error_prefix(err, "containerd config dump");
	c->dumped = is_new ? NEW_CRI : OLD_CRI;
	if (toml_find(r->effective, TOML_PATH("disabled_plugins"), r->keep, &raw, NULL, err) < 0 ||
	    toml_find(r->effective,
		      TOML_PATH("plugins", c->dumped, "containerd", "default_runtime_name"),
		      r->keep, &raw, &name, err) < 0)
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

/* ---- a handler as TOML ---- */

struct handler {
	struct strbuf keys, options; /* lines */
	struct toml_path path;       /* in the dump */
	struct span text;            /* the dump */
	struct registration *r;
	struct span type, binary, base_spec, annotations; /* as in the dump: raw, str, str, raw */
};

static bool is_nothing(struct span raw)
{
	return raw.n == 0 || span_eq(raw, SPAN("\"\"")) || span_eq(raw, SPAN("''")) ||
	       span_eq(raw, SPAN("[]")) || span_eq(raw, SPAN("0")) || span_eq(raw, SPAN("false"));
}

/* Each value of the handler that is set to something. The keys that are ours are kept apart. */
static int take(void *ctx, const struct span *path, size_t n, const struct toml_value *value,
		struct error *err)
{
	struct handler *h = ctx;
	const struct span raw = {h->text.p + value->pos, value->end - value->pos};
	const struct span key = path[n - 1];
	bool option = n == h->path.n + 2 && span_eq(path[n - 2], SPAN("options"));

	if (!toml_path_begins(path, n, h->path) || is_nothing(raw))
		return 0;
	if (n > h->path.n + 1 && !option)
		return error_set(err, "the handler has a table \"%.*s\" that cannot be taken over",
				 SPAN_ARG(path[h->path.n]));
	if (option && span_eq(key, SPAN("BinaryName"))) {
		h->binary = value->str;
	} else if (option) {
		strbuf_printf(&h->options, "    %.*s = ", SPAN_ARG(key));
		strbuf_add(&h->options, raw);
		strbuf_add(&h->options, SPAN("\n"));
	} else if (span_eq(key, SPAN("pod_annotations"))) {
		h->annotations = raw;
	} else if (span_eq(key, SPAN("base_runtime_spec"))) {
		h->base_spec = value->str;
	} else {
		if (span_eq(key, SPAN("runtime_type")))
			h->type = value->str;
		strbuf_printf(&h->keys, "  %.*s = ", SPAN_ARG(key));
		strbuf_add(&h->keys, raw);
		strbuf_add(&h->keys, SPAN("\n"));
	}
	return 0;
}

static int read_handler(struct registration *r, const struct containerd *c, struct handler *h,
			struct error *err)
{
	const char *const keys[] = {"plugins", c->dumped, "containerd", "runtimes", c->handler};

	*h = (struct handler){.path = {keys, ARRAY_SIZE(keys)}, .text = r->effective, .r = r};
	h->keys.arena = h->options.arena = r->keep;
	if (toml_scan(r->effective, r->keep, take, h, err) < 0)
		return error_prefix(err, "containerd config dump");
	h->path = (struct toml_path){0};
	if (!span_eq(h->type, SPAN("io.containerd.runc.v2")))
		return error_set(err,
				 "containerd's default handler \"%s\" is of type \"%.*s\", which "
				 "has no runc or crun that could be wrapped",
				 c->handler, SPAN_ARG(h->type));
	return 0;
}

/* `raw`, an array, with ours as its last element. */
static const char *with_annotations(struct registration *r, struct span raw)
{
	if (raw.p == NULL)
		return "[" ANNOTATIONS "]";
	if (memmem(raw.p, raw.n, "seccomp-guard/", 14) != NULL)
		return arena_strdup(r->keep, raw);
	return register_printf(r, "%.*s, " ANNOTATIONS "]", (int)raw.n - 1, raw.p);
}

/* What differs between a handler as it is and as we write it. */
struct handler_form {
	const char *name;
	const char *binary;      /* NULL: none */
	const char *base_spec;   /* NULL: none */
	const char *annotations; /* an array; NULL: none */
};

static void add_handler(struct strbuf *out, const char *cri, const struct handler *h,
			const struct handler_form *form)
{
	strbuf_printf(out, "\n[plugins.\"%s\".containerd.runtimes.%s]\n", cri, form->name);
	if (h->keys.n > 0)
		strbuf_add(out, (struct span){h->keys.p, h->keys.n});
	if (form->base_spec != NULL)
		strbuf_printf(out, "  base_runtime_spec = \"%s\"\n", form->base_spec);
	if (form->annotations != NULL)
		strbuf_printf(out, "  pod_annotations = %s\n", form->annotations);
	strbuf_printf(out, "\n  [plugins.\"%s\".containerd.runtimes.%s.options]\n", cri,
		      form->name);
	if (form->binary != NULL)
		strbuf_printf(out, "    BinaryName = \"%s\"\n", form->binary);
	if (h->options.n > 0)
		strbuf_add(out, (struct span){h->options.p, h->options.n});
}

/* The default handler as the dump has it, where the main file leaves it to containerd: 1.x would
 * not have it any more. */
static int add_explicit(struct registration *r, const struct containerd *c, const struct handler *h,
			struct strbuf *out, struct error *err)
{
	struct handler_form form = {.name = c->handler};
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
	add_handler(out, c->cri, h, &form);
	return 0;
}

/* ---- registering ---- */

static int enter_runtime(struct registration *r, struct containerd *c, struct handler *h,
			 struct error *err)
{
	struct handler_form form = {.name = REGISTER_NAME};
	struct strbuf out = {.arena = r->keep};
	struct span text = c->text;

	if (register_wrap(r, h->binary.n > 0 ? arena_strdup(r->keep, h->binary) : "runc", err) < 0)
		return -1;
	if (!r->options.keep_default &&
	    toml_edit_set(text, TOML_PATH("plugins", c->cri, "containerd", "default_runtime_name"),
			  "\"" REGISTER_NAME "\"", r->keep, &text, err) < 0)
		return -1;
	form.binary = register_wrapper(r);
	form.base_spec = h->base_spec.n > 0 ? arena_strdup(r->keep, h->base_spec) : NULL;
	form.annotations = with_annotations(r, h->annotations);
	strbuf_add(&out, text);
	if (add_explicit(r, c, h, &out, err) < 0)
		return -1;
	add_handler(&out, c->cri, h, &form);
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
	if (json_edit_unset(spec, JSON_PATH("process", "rlimits"), r->keep, &spec, err) < 0)
		return error_prefix(err, "ctr oci spec");
	if (json_find(hooks, JSON_PATH("hooks"), r->keep, &value, NULL, err) < 0)
		return error_prefix(err, PKGDATADIR "/base-runtime-hooks.json");
	return json_edit_set(spec, JSON_PATH("hooks"),
			     arena_strdup(r->keep, value.p != NULL ? value : hooks), r->keep,
			     ret_spec, err);
}

static int enter_hooks(struct registration *r, struct containerd *c, struct handler *h,
		       struct error *err)
{
	const char *annotations = with_annotations(r, h->annotations);
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
	if (toml_edit_set(text,
			  TOML_PATH("plugins", c->cri, "containerd", "runtimes", c->handler,
				    "base_runtime_spec"),
			  "\"" SPEC "\"", r->keep, &text, err) < 0 ||
	    toml_edit_set(text,
			  TOML_PATH("plugins", c->cri, "containerd", "runtimes", c->handler,
				    "pod_annotations"),
			  annotations, r->keep, &text, err) < 0)
		return -1;
	c->text = text;
	return 0;
}

static int enter(struct registration *r, struct error *err)
{
	struct containerd c;
	struct handler h;
	struct span before;

	if (look_around(r, &c, err) < 0)
		return -1;
	if (strcmp(c.handler, REGISTER_NAME) == 0)
		return error_set(err,
				 "containerd's default handler is \"" REGISTER_NAME "\" already, "
				 "and was not registered by this command");
	r->old_default = c.handler;
	if (read_handler(r, &c, &h, err) < 0 || register_read(r, MAIN, &before, err) < 0 ||
	    (r->options.hook ? enter_hooks(r, &c, &h, err) : enter_runtime(r, &c, &h, err)) < 0)
		return -1;
	return register_plan(r, MAIN, before, c.text, err);
}

/* ---- going back ---- */

/* The default becomes what it was, if it is ours. */
static int give_back_default(struct registration *r, const struct containerd *c, struct span *text,
			     struct error *err)
{
	const char *literal = register_printf(r, "\"%s\"", r->old_default);

	if (literal == NULL)
		return error_set(err, "out of memory");
	return strcmp(c->handler, REGISTER_NAME) == 0
		       ? toml_edit_set(
				 *text,
				 TOML_PATH("plugins", c->cri, "containerd", "default_runtime_name"),
				 literal, r->keep, text, err)
		       : 0;
}

static int leave(struct registration *r, struct error *err)
{
	struct containerd c;
	struct span text;

	if (look_around(r, &c, err) < 0)
		return -1;
	text = c.text;
	if (give_back_default(r, &c, &text, err) < 0)
		return -1;
	return register_plan(r, MAIN, c.text, text, err);
}

static int remove_ours(struct registration *r, struct error *err)
{
	const char *const name = r->old_default;
	struct containerd c;
	struct span text, spec, raw, str;

	if (look_around(r, &c, err) < 0)
		return -1;
	text = c.text;
	if (give_back_default(r, &c, &text, err) < 0 ||
	    toml_edit_drop(text,
			   TOML_PATH("plugins", c.cri, "containerd", "runtimes", REGISTER_NAME),
			   r->keep, &text, err) < 0 ||
	    toml_find(text,
		      TOML_PATH("plugins", c.cri, "containerd", "runtimes", name,
				"base_runtime_spec"),
		      r->keep, &raw, &str, err) < 0)
		return -1;
	if (span_eq(str, SPAN(SPEC)) &&
	    toml_edit_unset(text,
			    TOML_PATH("plugins", c.cri, "containerd", "runtimes", name,
				      "base_runtime_spec"),
			    r->keep, &text, err) < 0)
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
	if (toml_find(c->other, (struct toml_path){keys, n}, &once, &found, NULL, err) < 0)
		return -1;
	if (found.p != NULL ? span_eq(found, raw) : is_nothing(raw))
		return 0;
	return error_set(err, "\"%s\" would change from %.*s to %.*s", keys[n - 1],
			 SPAN_ARG(found.p != NULL ? found : SPAN("nothing")), SPAN_ARG(raw));
}

static int verify(struct registration *r, bool registered, struct error *err)
{
	struct comparison c = {.r = r, .changed = r->options.hook ? r->old_default : NULL};
	struct span dump;
	bool has, is_new;

	if (ask_dump(r, &dump, err) < 0 ||
	    toml_has_table(dump, TOML_PATH("plugins", NEW_CRI), r->keep, &is_new, err) < 0)
		return -1;
	c.cri = is_new ? NEW_CRI : OLD_CRI;
	if (toml_has_table(dump,
			   TOML_PATH("plugins", c.cri, "containerd", "runtimes", REGISTER_NAME),
			   r->keep, &has, err) < 0)
		return -1;
	if (r->runtime != NULL && has != registered)
		return error_set(err,
				 "its effective configuration has %s handler \"" REGISTER_NAME "\"",
				 has ? "still the" : "no");
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

struct others {
	struct strbuf names;
	struct toml_path path; /* of the table of all handlers */
	const char *handler;   /* that is no other */
	struct span last;
};

static int note_other(void *ctx, const struct span *path, size_t n, const struct toml_value *value,
		      struct error *err)
{
	struct others *o = ctx;

	(void)value;
	(void)err;
	if (!toml_path_begins(path, n, o->path) || n <= o->path.n ||
	    span_eq(path[o->path.n], span_of(o->handler)) ||
	    span_eq(path[o->path.n], SPAN(REGISTER_NAME)) || span_eq(path[o->path.n], o->last))
		return 0;
	o->last = path[o->path.n];
	strbuf_printf(&o->names, "%s%.*s", o->names.n > 0 ? ", " : "", SPAN_ARG(o->last));
	return 0;
}

static int look_for_others(struct registration *r, const struct containerd *c,
			   struct register_state *state, struct error *err)
{
	const char *const keys[] = {"plugins", c->dumped, "containerd", "runtimes"};
	struct others o = {.names.arena = r->keep, .handler = c->handler};
	struct span names;

	o.path = (struct toml_path){keys, ARRAY_SIZE(keys)};
	if (toml_scan(r->effective, r->keep, note_other, &o, err) < 0 ||
	    strbuf_end(&o.names, &names, err) < 0)
		return -1;
	state->others = names.p;
	return 0;
}

static int look(struct registration *r, struct register_state *ret_state, struct error *err)
{
	struct containerd c = {0};
	struct span raw, name, spec = {0};
	struct handler h;
	bool is_new;

	*ret_state = (struct register_state){.others = ""};
	if (ask_dump(r, &r->effective, err) < 0 ||
	    toml_has_table(r->effective, TOML_PATH("plugins", NEW_CRI), r->keep, &is_new, err) < 0)
		return -1;
	c.dumped = is_new ? NEW_CRI : OLD_CRI;
	if (toml_find(r->effective,
		      TOML_PATH("plugins", c.dumped, "containerd", "default_runtime_name"), r->keep,
		      &raw, &name, err) < 0)
		return error_prefix(err, "containerd config dump");
	if (name.n == 0)
		return 0;
	c.handler = arena_strdup(r->keep, name);
	if (c.handler == NULL)
		return error_set(err, "out of memory");
	if (read_handler(r, &c, &h, err) < 0)
		return -1;
	ret_state->handler = c.handler;
	ret_state->program = h.binary.n > 0 ? arena_strdup(r->keep, h.binary) : "runc";
	ret_state->hides = h.annotations.p == NULL ||
			   memmem(h.annotations.p, h.annotations.n, "seccomp-guard/", 14) == NULL;
	if (h.base_spec.n > 0) {
		const char *path = arena_strdup(r->keep, h.base_spec);

		if (path == NULL || register_read(r, path, &spec, err) < 0)
			return path == NULL ? error_set(err, "out of memory") : -1;
	}
	ret_state->hooked = spec.n > 0 && memmem(spec.p, spec.n, "seccomp-guard-hook", 18) != NULL;
	return look_for_others(r, &c, ret_state, err);
}

/* .../io.containerd.runtime.v2.task/k8s.io/ID/options.json */
static void add_user(struct registration *r, const char *path, struct strbuf *lines)
{
	const char *end = strrchr(path, '/');
	size_t n = (size_t)(end - path), start = n;

	(void)r;
	for (int parts = 0; start > 0; start--) {
		if (path[start - 1] == '/' && ++parts == 2)
			break;
	}
	strbuf_printf(lines, "  containerd: %.*s\n", (int)(n - start), path + start);
}

static int users(struct registration *r, struct strbuf *lines, struct error *err)
{
	return register_grep(r, "/run/containerd/io.containerd.runtime.v2.task/*/*/options.json",
			     PKGLIBEXECDIR "/", add_user, lines, err);
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
	.enter = enter,
	.leave = leave,
	.remove = remove_ours,
	.verify = verify,
	.look = look,
	.users = users,
};
