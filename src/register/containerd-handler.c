/* SPDX-License-Identifier: Apache-2.0 */
#include "register/containerd-handler.h"

#define ANNOTATIONS "\"seccomp-guard/*\""

const char *containerd_cri(struct span version)
{
	if (span_eq(version, SPAN("2")))
		return CONTAINERD_OLD_CRI;
	return span_eq(version, SPAN("3")) || span_eq(version, SPAN("4")) ? CONTAINERD_NEW_CRI
									  : NULL;
}

/* ---- a handler as TOML ---- */

bool containerd_is_nothing(struct span raw)
{
	return raw.n == 0 || span_eq(raw, SPAN("\"\"")) || span_eq(raw, SPAN("''")) ||
	       span_eq(raw, SPAN("[]")) || span_eq(raw, SPAN("0")) || span_eq(raw, SPAN("false"));
}

/* Each value of the handler that is set to something. The keys that are ours are kept apart. */
static int take(void *ctx, const struct span *path, size_t n, const struct toml_value *value,
		struct error *err)
{
	struct containerd_handler *h = ctx;
	const struct span raw = {h->text.p + value->pos, value->end - value->pos};
	const struct span key = path[n - 1];
	bool option = n == h->path.n + 2 && span_eq(path[n - 2], SPAN("options"));

	if (!toml_path_begins(path, n, h->path) || containerd_is_nothing(raw))
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

int containerd_read_handler(struct registration *r, const char *cri, const char *name,
			    struct containerd_handler *h, struct error *err)
{
	const char *const keys[] = {"plugins", cri, "containerd", "runtimes", name};

	*h = (struct containerd_handler){.path = {keys, ARRAY_SIZE(keys)}, .text = r->effective};
	h->keys.arena = h->options.arena = r->keep;
	if (toml_scan(r->effective, r->keep, take, h, err) < 0)
		return -1;
	h->path = (struct toml_path){0};
	if (!span_eq(h->type, SPAN("io.containerd.runc.v2")))
		return error_set(err,
				 "containerd's default handler \"%s\" is of type \"%.*s\", which "
				 "has no runc or crun that could be wrapped",
				 name, SPAN_ARG(h->type));
	return 0;
}

const char *containerd_annotations(struct registration *r, struct span raw)
{
	if (raw.p == NULL)
		return "[" ANNOTATIONS "]";
	if (memmem(raw.p, raw.n, "seccomp-guard/", 14) != NULL)
		return arena_strdup(r->keep, raw);
	return register_printf(r, "%.*s, " ANNOTATIONS "]", (int)raw.n - 1, raw.p);
}

void containerd_add_handler(struct strbuf *out, const char *cri, const struct containerd_handler *h,
			    const struct containerd_form *form)
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

/* ---- what is in force ---- */

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

static int look_for_others(struct registration *r, const char *cri, struct register_state *state,
			   struct error *err)
{
	const char *const keys[] = {"plugins", cri, "containerd", "runtimes"};
	struct others o = {.names.arena = r->keep, .handler = state->handler};
	struct span names;

	o.path = (struct toml_path){keys, ARRAY_SIZE(keys)};
	if (toml_scan(r->effective, r->keep, note_other, &o, err) < 0 ||
	    strbuf_end(&o.names, &names, err) < 0)
		return -1;
	state->others = names.p;
	return 0;
}

int containerd_look(struct registration *r, const char *cri, const char *standard,
		    struct register_state *ret_state, struct error *err)
{
	struct span name, spec = {0};
	struct containerd_handler h;

	*ret_state = (struct register_state){.others = ""};
	if (toml_find_string(r->effective,
			     TOML_PATH("plugins", cri, "containerd", "default_runtime_name"),
			     r->keep, &name, err) < 0)
		return -1;
	ret_state->handler = name.n > 0 ? arena_strdup(r->keep, name) : standard;
	if (ret_state->handler == NULL)
		return 0;
	if (containerd_read_handler(r, cri, ret_state->handler, &h, err) < 0)
		return -1;
	ret_state->program = h.binary.n > 0 ? arena_strdup(r->keep, h.binary) : "runc";
	ret_state->hides = h.annotations.p == NULL ||
			   memmem(h.annotations.p, h.annotations.n, "seccomp-guard/", 14) == NULL;
	if (h.base_spec.n > 0) {
		const char *path = arena_strdup(r->keep, h.base_spec);

		if (path == NULL || register_read(r, path, &spec, err) < 0)
			return path == NULL ? error_set(err, "out of memory") : -1;
	}
	ret_state->hooked = spec.n > 0 && memmem(spec.p, spec.n, "seccomp-guard-hook", 18) != NULL;
	return look_for_others(r, cri, ret_state, err);
}

/* .../io.containerd.runtime.v2.task/k8s.io/ID/options.json. Docker's are in "moby", and Docker's to
 * name: it needs nothing of this configuration. */
static void add_user(struct registration *r, const char *path, struct strbuf *lines)
{
	const char *end = strrchr(path, '/');
	size_t n = (size_t)(end - path), start = n;

	if (strstr(path, ".task/moby/") != NULL)
		return;

	for (int parts = 0; start > 0; start--) {
		if (path[start - 1] == '/' && ++parts == 2)
			break;
	}
	strbuf_printf(lines, "  %s: %.*s\n", r->engine->name, (int)(n - start), path + start);
}

int containerd_users(struct registration *r, const char *state, struct strbuf *lines,
		     struct error *err)
{
	const char *pattern =
		register_printf(r, "%s/io.containerd.runtime.v2.task/*/*/options.json", state);

	return pattern != NULL
		       ? register_grep(
				 r, &(struct register_search){pattern, PKGLIBEXECDIR "/", add_user},
				 lines, err)
		       : error_set(err, "out of memory");
}
