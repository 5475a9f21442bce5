/* SPDX-License-Identifier: Apache-2.0 */
/*
 * k3s and RKE2: they write the configuration of their containerd at each start, from a template
 * that may include their own, "base". The handler goes into that template, and which one is the
 * default into their own configuration. Nothing can be asked before they are started again, so what
 * could contradict is looked for first; `doctor` sees what they have made of it.
 */
#include "register/containerd-handler.h"
#include "register/files.h"

#include <stdio.h>

#define BEGIN "# begin seccomp-guard"
#define END "# end seccomp-guard\n"
#define BASE "{{ template \"base\" . }}\n"
#define DEFAULT "default-runtime"

struct rancher {
	const char *config;    /* "/etc/rancher/k3s/config.yaml" */
	const char *data;      /* "/var/lib/rancher/k3s" */
	const char *generated; /* what containerd reads */
	const char *template;  /* what that is made from */
	const char *cri;
	struct span config_text, template_text;
};

/* ---- config.yaml, by lines ---- */

/* The line "KEY: VALUE" at the outermost level, with its end; p == NULL: none. */
static struct span find_line(struct span text, const char *key, struct span *ret_value)
{
	while (text.n > 0) {
		const char *newline = memchr(text.p, '\n', text.n);
		struct span line = {text.p, newline != NULL ? (size_t)(newline - text.p) : text.n};
		struct span value = line;

		if (span_has_prefix(value, span_of(key)) && value.n > strlen(key) &&
		    value.p[strlen(key)] == ':') {
			value = span_skip(value, strlen(key) + 1);
			while (value.n > 0 && strchr(" \t\"'", value.p[0]) != NULL)
				value = span_skip(value, 1);
			while (value.n > 0 && strchr(" \t\r\"'", value.p[value.n - 1]) != NULL)
				value.n--;
			*ret_value = value;
			line.n += newline != NULL;
			return line;
		}
		text = span_skip(text, line.n + (newline != NULL));
	}
	return (struct span){0};
}

/* The text with that default; NULL: with none. A file that nothing is left of is none. */
static int with_default(struct registration *r, const struct rancher *k, const char *name,
			struct span *ret_text, struct error *err)
{
	const struct span text = k->config_text;
	struct strbuf out = {.arena = r->keep};
	struct span value, line = find_line(text, DEFAULT, &value);
	const size_t before = line.p != NULL ? (size_t)(line.p - text.p) : text.n;

	strbuf_add(&out, (struct span){text.p, before});
	if (name != NULL)
		strbuf_printf(&out, "%s" DEFAULT ": %s\n",
			      before > 0 && text.p[before - 1] != '\n' ? "\n" : "", name);
	strbuf_add(&out, span_skip(text, before + line.n));
	if (strbuf_end(&out, ret_text, err) < 0)
		return -1;
	if (ret_text->n == 0)
		*ret_text = (struct span){0};
	return 0;
}

/* ---- what there is ---- */

static int find_files(struct registration *r, struct rancher *k, struct error *err)
{
	struct span dir;

	*k = (struct rancher){0};
	k->config = register_printf(r, "/etc/rancher/%s/config.yaml", r->engine->name);
	if (k->config == NULL || register_read(r, k->config, &k->config_text, err) < 0)
		return k->config == NULL ? error_set(err, "out of memory") : -1;
	k->data = find_line(k->config_text, "data-dir", &dir).p != NULL && dir.n > 0
			  ? arena_strdup(r->keep, dir)
			  : register_printf(r, "/var/lib/rancher/%s", r->engine->name);
	k->generated = register_printf(r, "%s/agent/etc/containerd/config.toml", k->data);
	return k->generated != NULL ? 0 : error_set(err, "out of memory");
}

static int look_around(struct registration *r, struct rancher *k, struct error *err)
{
	struct span version;

	if (find_files(r, k, err) < 0 || register_read(r, k->generated, &r->effective, err) < 0)
		return -1;
	if (r->effective.p == NULL)
		return error_set(err, "%s is not there: start %s once first", k->generated,
				 r->engine->name);
	if (toml_find(r->effective, TOML_PATH("version"), r->keep, &version, err) < 0)
		return error_prefix(err, "%s", k->generated);
	k->cri = version.p != NULL ? containerd_cri(version) : NULL;
	if (k->cri == NULL)
		return error_set(err, "%s: version %.*s is not known; 2, 3 and 4 are", k->generated,
				 SPAN_ARG(version));
	k->template = register_printf(r, "%s/agent/etc/containerd/config%s.toml.tmpl", k->data,
				      strcmp(k->cri, CONTAINERD_NEW_CRI) == 0 ? "-v3" : "");
	if (k->template == NULL)
		return error_set(err, "out of memory");
	return register_read(r, k->template, &k->template_text, err);
}

/* Where the default is said as well: what wins there would not be ours. */
static int check_others(struct registration *r, const struct rancher *k, struct error *err)
{
	const char *const patterns[] = {
		register_printf(r, "/etc/rancher/%s/config.yaml.d/*.yaml", r->engine->name),
		register_printf(r, "/etc/systemd/system/%s*.service", r->engine->name),
		register_printf(r, "/etc/systemd/system/%s*.service.d/*.conf", r->engine->name),
	};
	const struct span text = k->template_text;
	struct strbuf places = {.arena = r->keep};
	struct span where;

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		if (patterns[i] == NULL)
			return error_set(err, "out of memory");
		if (register_grep(
			    r, &(struct register_search){patterns[i], DEFAULT, register_add_place},
			    &places, err) < 0)
			return -1;
	}
	if (text.n > 0 && memmem(text.p, text.n, "default_runtime_name", 20) != NULL &&
	    memmem(text.p, text.n, ".NodeConfig.DefaultRuntime", 26) == NULL)
		register_add_place(r, k->template, &places);
	if (strbuf_end(&places, &where, err) < 0)
		return -1;
	return where.n == 0 ? 0
			    : error_set(err,
					"the default runtime is said in %s: what it says has to "
					"move to %s first (" DEFAULT "), or register with "
					"--no-default",
					where.p, k->config);
}

/* The runtime that they bring along is before the system's in their containerd's PATH. */
static const char *bundled(struct registration *r, const struct rancher *k)
{
	const char *const paths[] = {register_printf(r, "%s/data/current/bin/runc", k->data),
				     register_printf(r, "%s/bin/runc", k->data)};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		if (paths[i] != NULL && files_exist(r->options.root, paths[i]))
			return paths[i];
	}
	return "runc";
}

/* ---- the plans ---- */

static int plan_template(struct registration *r, const struct rancher *k,
			 const struct containerd_handler *h, struct error *err)
{
	struct containerd_form form = {.name = REGISTER_NAME, .binary = register_wrapper(r)};
	struct strbuf out = {.arena = r->keep};
	const struct span text = k->template_text;
	struct span after;

	form.base_spec = h->base_spec.n > 0 ? arena_strdup(r->keep, h->base_spec) : NULL;
	form.annotations = containerd_annotations(r, h->annotations);
	strbuf_add(&out, text.n > 0 ? text : SPAN(BASE));
	if (text.n > 0 && text.p[text.n - 1] != '\n')
		strbuf_add(&out, SPAN("\n"));
	strbuf_printf(&out, BEGIN ": made by \"seccomp-guard register %s\"", r->engine->name);
	containerd_add_handler(&out, k->cri, h, &form);
	strbuf_add(&out, SPAN(END));
	if (strbuf_end(&out, &after, err) < 0)
		return -1;
	return register_plan(r, k->template, text, after, err);
}

static int enter(struct registration *r, struct error *err)
{
	struct register_state now;
	struct containerd_handler h;
	struct rancher k;
	struct span config;

	if (look_around(r, &k, err) < 0 || containerd_look(r, k.cri, "runc", &now, err) < 0)
		return -1;
	if (strcmp(now.handler, REGISTER_NAME) == 0 ||
	    (k.template_text.n > 0 &&
	     memmem(k.template_text.p, k.template_text.n, REGISTER_NAME, strlen(REGISTER_NAME))))
		return error_set(err,
				 "\"" REGISTER_NAME "\" is in %s or %s already, and was not "
				 "registered by this command",
				 k.template, k.generated);
	if (!r->options.keep_default && check_others(r, &k, err) < 0)
		return -1;
	r->old_default = now.handler;
	if (containerd_read_handler(r, k.cri, now.handler, &h, err) < 0 ||
	    register_wrap(r, strcmp(now.program, "runc") == 0 ? bundled(r, &k) : now.program, err) <
		    0 ||
	    plan_template(r, &k, &h, err) < 0)
		return -1;
	if (r->options.keep_default)
		return 0;
	return with_default(r, &k, REGISTER_NAME, &config, err) < 0
		       ? -1
		       : register_plan(r, k.config, k.config_text, config, err);
}

/* The default as it was, if it is ours; "runc" needs no words. */
static int set_default(struct registration *r, bool ours, struct error *err)
{
	const char *name = ours                                  ? REGISTER_NAME
			   : strcmp(r->old_default, "runc") == 0 ? NULL
								 : r->old_default;
	struct span value, after;
	struct rancher k;
	bool is_ours;

	if (find_files(r, &k, err) < 0)
		return -1;
	is_ours = find_line(k.config_text, DEFAULT, &value).p != NULL &&
		  span_eq(value, SPAN(REGISTER_NAME));
	if (is_ours == ours)
		return 0;
	if (ours && (look_around(r, &k, err) < 0 || check_others(r, &k, err) < 0))
		return -1;
	if (with_default(r, &k, name, &after, err) < 0)
		return -1;
	return register_plan(r, k.config, k.config_text, after, err);
}

static int remove_ours(struct registration *r, struct error *err)
{
	const char *begin, *end;
	struct strbuf out = {.arena = r->keep};
	struct rancher k;
	struct span after;

	if (set_default(r, false, err) < 0 || look_around(r, &k, err) < 0)
		return -1;
	if (k.template_text.n == 0)
		return 0;
	begin = memmem(k.template_text.p, k.template_text.n, BEGIN, strlen(BEGIN));
	end = memmem(k.template_text.p, k.template_text.n, END, strlen(END));
	if (begin == NULL || end == NULL || end < begin)
		return 0;
	strbuf_add(&out, (struct span){k.template_text.p, (size_t)(begin - k.template_text.p)});
	strbuf_add(&out,
		   span_skip(k.template_text, (size_t)(end - k.template_text.p) + strlen(END)));
	if (strbuf_end(&out, &after, err) < 0)
		return -1;
	return register_plan(r, k.template, k.template_text, after, err);
}

/* ---- asking ---- */

/* There is nobody to ask before the next start: what was written is there, or is gone. */
static int verify(struct registration *r, bool registered, struct error *err)
{
	struct rancher k;
	bool has;

	if (look_around(r, &k, err) < 0)
		return -1;
	has = k.template_text.n > 0 &&
	      memmem(k.template_text.p, k.template_text.n, BEGIN, strlen(BEGIN)) != NULL;
	return has == registered ? 0
				 : error_set(err, "%s has %s handler \"" REGISTER_NAME "\"",
					     k.template, has ? "still the" : "no");
}

static int look(struct registration *r, struct register_state *ret_state, struct error *err)
{
	struct rancher k;

	if (look_around(r, &k, err) < 0)
		return -1;
	return containerd_look(r, k.cri, "runc", ret_state, err);
}

static int users(struct registration *r, struct strbuf *lines, struct error *err)
{
	return containerd_users(r, "/run/k3s/containerd", lines, err);
}

/* Unpacked by each version below it; the system's containerd is not there. */
static int programs(struct registration *r, const char **ret_dir, struct error *err)
{
	struct rancher k;

	if (find_files(r, &k, err) < 0)
		return -1;
	*ret_dir = register_printf(r, "%s/data", k.data);
	return *ret_dir != NULL ? 0 : error_set(err, "out of memory");
}

#define REFUSES                                                                                    \
	{                                                                                          \
		[REGISTER_HOOK] =                                                                  \
			"it writes the handler \"runc\" itself, without a place for hooks",        \
		[REGISTER_NRI] = "it writes containerd's configuration itself"                     \
	}
#define PASSES_BY "a pod whose RuntimeClass names another handler"

const struct register_engine register_k3s = {
	.name = "k3s",
	.program = "k3s",
	.applies =
		"k3s reads it when it is restarted: systemctl restart k3s, on an agent k3s-agent",
	.restart = (const char *const[]){"sh", "-c",
					 "systemctl restart k3s-agent 2>/dev/null || "
					 "systemctl restart k3s",
					 NULL},
	.passes_by = PASSES_BY,
	.asks_features = true,
	.try = REGISTER_TRY_POD,
	.refuses = REFUSES,
	.enter = enter,
	.set_default = set_default,
	.remove = remove_ours,
	.verify = verify,
	.look = look,
	.programs = programs,
	.users = users,
};

const struct register_engine register_rke2 = {
	.name = "rke2",
	.program = "rke2",
	.applies = "RKE2 reads it when it is restarted: systemctl restart rke2-server, on an agent "
		   "rke2-agent",
	.restart = (const char *const[]){"sh", "-c",
					 "systemctl restart rke2-agent 2>/dev/null || "
					 "systemctl restart rke2-server",
					 NULL},
	.passes_by = PASSES_BY,
	.asks_features = true,
	.try = REGISTER_TRY_POD,
	.refuses = REFUSES,
	.enter = enter,
	.set_default = set_default,
	.remove = remove_ours,
	.verify = verify,
	.look = look,
	.programs = programs,
	.users = users,
};
