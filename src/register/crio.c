/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRI-O: a file of our own in crio.conf.d. `crio config` prints what CRI-O makes of all its files;
 * values that are its defaults are there as comments.
 */
#include "register/drop-in.h"

#include <stdio.h>

#define DROP_IN "/etc/crio/crio.conf.d/50-seccomp-guard.conf"

static int ask_config(struct registration *r, struct span *ret_text, struct error *err)
{
	static const char *const argv[] = {"crio", "config", NULL};

	return register_ask(r, argv, ret_text, err);
}

/* What is behind "# KEY = " at the beginning of a line; p == NULL: no such line. */
static struct span commented(struct span text, const char *key)
{
	while (text.n > 0) {
		const char *newline = memchr(text.p, '\n', text.n);
		struct span line = {text.p, newline != NULL ? (size_t)(newline - text.p) : text.n};
		struct span rest = line;

		while (rest.n > 0 && (rest.p[0] == '#' || rest.p[0] == ' '))
			rest = span_skip(rest, 1);
		if (rest.n < line.n && span_has_prefix(rest, span_of(key)) &&
		    span_has_prefix(span_skip(rest, strlen(key)), SPAN(" = ")))
			return span_skip(rest, strlen(key) + 3);
		text = span_skip(text, line.n + 1);
	}
	return (struct span){0};
}

/* The value at `path`, raw, whether it is a default or not: no key is in two tables. */
static int find_at(struct registration *r, struct span config, struct toml_path path,
		   struct span *ret_raw, struct error *err)
{
	if (toml_find(config, path, r->keep, ret_raw, err) < 0)
		return error_prefix(err, "crio config");
	if (ret_raw->p == NULL)
		*ret_raw = commented(config, path.keys[path.n - 1]);
	return 0;
}

static int find_value(struct registration *r, struct span config, const char *key,
		      struct span *ret_raw, struct error *err)
{
	return find_at(r, config, TOML_PATH("crio", "runtime", key), ret_raw, err);
}

static struct span unquoted(struct span raw)
{
	return raw.n >= 2 && raw.p[0] == '"' ? (struct span){raw.p + 1, raw.n - 2} : raw;
}

/* ---- the handler ---- */

struct handler {
	struct span text;
	struct toml_path path;
	struct strbuf lines; /* all but the runtime's own path */
	struct span runtime_path, type;
};

static int take(void *ctx, const struct span *path, size_t n, const struct toml_value *value,
		struct error *err)
{
	struct handler *h = ctx;
	const struct span raw = {h->text.p + value->pos, value->end - value->pos};

	(void)err;
	if (!toml_path_begins(path, n, h->path) || n != h->path.n + 1)
		return 0;
	if (span_eq(path[n - 1], SPAN("runtime_path"))) {
		h->runtime_path = value->str;
		return 0;
	}
	if (span_eq(path[n - 1], SPAN("runtime_type")))
		h->type = value->str;
	strbuf_printf(&h->lines, "%.*s = ", SPAN_ARG(path[n - 1]));
	strbuf_add(&h->lines, raw);
	strbuf_add(&h->lines, SPAN("\n"));
	return 0;
}

/* A line of a table that is a comment, as TOML; p == NULL: the table has ended. */
static struct span uncommented(struct span line)
{
	size_t n = 0;

	if (line.n == 0)
		return SPAN("");
	if (line.p[0] != '#')
		return (struct span){0};
	line = span_skip(line, line.n > 1 && line.p[1] == ' ' ? 2 : 1);
	while (n < line.n && (line.p[n] == '_' || (line.p[n] >= 'a' && line.p[n] <= 'z')))
		n++;
	if (line.n == 0 || strchr("\t\"]", line.p[0]) != NULL ||
	    (n > 0 && span_has_prefix(span_skip(line, n), SPAN(" = "))))
		return line;
	return (struct span){0};
}

/* The table of the default runtime, which is a comment where nobody has changed any of them. */
static int find_table(struct registration *r, struct span config, struct span *ret_text,
		      struct error *err)
{
	const char *header = register_printf(r, "# [crio.runtime.runtimes.%s]", r->old_default);
	struct strbuf out = {.arena = r->keep};
	bool inside = false;

	while (config.n > 0 && header != NULL) {
		const char *newline = memchr(config.p, '\n', config.n);
		struct span line = {config.p,
				    newline != NULL ? (size_t)(newline - config.p) : config.n};
		struct span text = inside ? uncommented(line) : (struct span){0};

		if (inside && text.p == NULL)
			break;
		if (!inside && span_eq(line, span_of(header))) {
			inside = true;
			text = span_skip(line, 2);
		}
		if (inside) {
			strbuf_add(&out, text);
			strbuf_add(&out, SPAN("\n"));
		}
		config = span_skip(config, line.n + (newline != NULL));
	}
	return strbuf_end(&out, ret_text, err);
}

static int read_handler(struct registration *r, struct handler *h, struct error *err)
{
	const char *const keys[] = {"crio", "runtime", "runtimes", r->old_default};
	bool has;

	*h = (struct handler){.text = r->effective, .path = {keys, ARRAY_SIZE(keys)}};
	h->lines.arena = r->keep;
	if (toml_has_table(r->effective, h->path, r->keep, &has, err) < 0)
		return error_prefix(err, "crio config");
	if (!has && find_table(r, r->effective, &h->text, err) < 0)
		return -1;
	if (toml_scan(h->text, r->keep, take, h, err) < 0)
		return error_prefix(err, "crio config");
	h->path = (struct toml_path){0};
	if (h->type.n > 0 && !span_eq(h->type, SPAN("oci")))
		return error_set(err,
				 "CRI-O's default runtime \"%s\" is of type \"%.*s\", which has no "
				 "runc or crun that could be wrapped",
				 r->old_default, SPAN_ARG(h->type));
	return 0;
}

/* ---- the plans ---- */

/* The array hooks_dir; its default is printed on several lines, of which one is at hand. */
static int find_hooks(struct registration *r, struct span *ret_dirs, struct error *err)
{
	if (find_value(r, r->effective, "hooks_dir", ret_dirs, err) < 0)
		return -1;
	if (ret_dirs->n < 2 || ret_dirs->p[ret_dirs->n - 1] != ']')
		*ret_dirs = SPAN("[\"/usr/share/containers/oci/hooks.d\"]");
	return 0;
}

static int plan_hooks(struct registration *r, struct error *err)
{
	struct strbuf out = {.arena = r->keep};
	const char *list;
	struct span dirs;

	if (find_hooks(r, &dirs, err) < 0 ||
	    register_plan_hooks(r, DROP_IN_HOOKS_DIR, true, err) < 0)
		return -1;
	list = drop_in_append(r, dirs, DROP_IN_HOOKS_DIR);
	if (list == NULL)
		return error_set(err, "out of memory");
	strbuf_printf(&out,
		      "# Made by \"seccomp-guard register crio --hook\".\n[crio.runtime]\n"
		      "hooks_dir = %s\n",
		      list);
	return drop_in_write(r, DROP_IN, &out, err);
}

#define VALIDATOR "crio", "nri", "default_validator"

static bool requires_nri(struct registration *r, struct span config)
{
	struct span enable, required;
	struct error ignored;

	return find_at(r, config, TOML_PATH(VALIDATOR, "nri_enable_default_validator"), &enable,
		       &ignored) == 0 &&
	       find_at(r, config, TOML_PATH(VALIDATOR, "nri_validator_required_plugins"), &required,
		       &ignored) == 0 &&
	       span_eq(enable, SPAN("true")) && register_nri_lists(required);
}

/* What the validator is to say; a list in one file replaces those of the files before it. */
static int add_required(struct registration *r, struct strbuf *out, struct error *err)
{
	struct span enable, required;
	const char *plugins;

	if (find_at(r, r->effective, TOML_PATH(VALIDATOR, "nri_enable_default_validator"), &enable,
		    err) < 0 ||
	    find_at(r, r->effective, TOML_PATH(VALIDATOR, "nri_validator_required_plugins"),
		    &required, err) < 0)
		return -1;
	if (enable.p == NULL)
		return error_set(err,
				 "this CRI-O cannot require a plugin, 1.34 and newer can: what "
				 "starts while the plugin is away would not be confined. Say "
				 "--fail-open too if that is good enough");
	plugins = register_nri_list(r, required, true);
	if (plugins == NULL)
		return error_set(err, "out of memory");
	strbuf_printf(out,
		      "\n[crio.nri.default_validator]\nnri_enable_default_validator = true\n"
		      "nri_validator_required_plugins = %s\n",
		      plugins);
	return 0;
}

static int plan_nri(struct registration *r, struct error *err)
{
	struct strbuf out = {.arena = r->keep};
	struct span enable;

	if (find_at(r, r->effective, TOML_PATH("crio", "nri", "enable_nri"), &enable, err) < 0)
		return -1;
	if (enable.p == NULL)
		return error_set(err,
				 "this CRI-O has no NRI, which came with 1.26: leave out --nri");
	/* Nothing has to change. */
	if (r->options.fail_open && span_eq(enable, SPAN("true")))
		return 0;
	strbuf_printf(&out, "# Made by \"seccomp-guard register crio --nri\".\n[crio.nri]\n"
			    "enable_nri = true\n");
	if (!r->options.fail_open && add_required(r, &out, err) < 0)
		return -1;
	return drop_in_write(r, DROP_IN, &out, err);
}

static int plan_runtime(struct registration *r, struct error *err)
{
	struct strbuf out = {.arena = r->keep};
	struct handler h;

	if (read_handler(r, &h, err) < 0 ||
	    register_wrap(r,
			  h.runtime_path.n > 0 ? arena_strdup(r->keep, h.runtime_path)
					       : r->old_default,
			  err) < 0)
		return -1;
	strbuf_printf(&out, "# Made by \"seccomp-guard register crio\"; \"seccomp-guard unregister "
			    "crio\" takes it away.\n[crio.runtime]\n");
	if (!r->options.keep_default)
		strbuf_printf(&out, "default_runtime = \"" REGISTER_NAME "\"\n");
	strbuf_printf(&out, "\n[crio.runtime.runtimes." REGISTER_NAME "]\nruntime_path = \"%s\"\n",
		      register_wrapper(r));
	strbuf_add(&out, (struct span){h.lines.p, h.lines.n});
	return drop_in_write(r, DROP_IN, &out, err);
}

static int (*const plan_form[REGISTER_FORMS])(struct registration *r, struct error *err) = {
	[REGISTER_RUNTIME] = plan_runtime,
	[REGISTER_HOOK] = plan_hooks,
	[REGISTER_NRI] = plan_nri,
};

static int enter(struct registration *r, struct error *err)
{
	struct span raw;

	if (ask_config(r, &r->effective, err) < 0 ||
	    find_value(r, r->effective, "default_runtime", &raw, err) < 0 ||
	    drop_in_check(r, DROP_IN, err) < 0)
		return -1;
	r->old_default = raw.p != NULL ? arena_strdup(r->keep, unquoted(raw)) : NULL;
	if (r->old_default == NULL)
		return error_set(err, "\"crio config\" does not say which runtime is the default");
	return plan_form[r->form](r, err);
}

static int set_default(struct registration *r, bool ours, struct error *err)
{
	return drop_in_set_default(r, DROP_IN, TOML_PATH("crio", "runtime", "default_runtime"),
				   ours, err);
}

static int remove_ours(struct registration *r, struct error *err)
{
	return drop_in_remove(r, DROP_IN, err);
}

/* ---- asking ---- */

static int verify(struct registration *r, bool registered, struct error *err)
{
	struct span config, raw, drop_in;
	bool has, ours, wanted;

	if (ask_config(r, &config, err) < 0 ||
	    find_value(r, config, "default_runtime", &raw, err) < 0 ||
	    register_read(r, DROP_IN, &drop_in, err) < 0 ||
	    toml_has_table(config, TOML_PATH("crio", "runtime", "runtimes", REGISTER_NAME), r->keep,
			   &has, err) < 0)
		return -1;
	ours = span_eq(unquoted(raw), SPAN(REGISTER_NAME));
	wanted = drop_in.n > 0 && memmem(drop_in.p, drop_in.n, "\ndefault_runtime", 16) != NULL;
	if (r->runtime != NULL && has != registered)
		return error_set(err, "its configuration has %s runtime \"" REGISTER_NAME "\"",
				 has ? "still the" : "no");
	if (wanted != ours)
		return error_set(err,
				 "its default runtime is \"%.*s\": another file in "
				 "/etc/crio/crio.conf.d says so",
				 SPAN_ARG(unquoted(raw)));
	if (r->form != REGISTER_NRI)
		return 0;
	wanted = registered && !r->options.fail_open;
	if (requires_nri(r, config) != wanted)
		return error_set(err, "its configuration %s the plugin " REGISTER_NRI_PLUGIN,
				 wanted ? "does not require" : "still requires");
	return 0;
}

static int look(struct registration *r, struct register_state *ret_state, struct error *err)
{
	struct span raw, dirs;
	struct handler h;

	*ret_state = (struct register_state){.others = ""};
	if (ask_config(r, &r->effective, err) < 0 ||
	    find_value(r, r->effective, "default_runtime", &raw, err) < 0 ||
	    find_hooks(r, &dirs, err) < 0)
		return -1;
	r->old_default = raw.p != NULL ? arena_strdup(r->keep, unquoted(raw)) : NULL;
	if (r->old_default == NULL)
		return error_set(err, "\"crio config\" does not say which runtime is the default");
	if (read_handler(r, &h, err) < 0)
		return -1;
	ret_state->handler = r->old_default;
	ret_state->program =
		h.runtime_path.n > 0 ? arena_strdup(r->keep, h.runtime_path) : r->old_default;
	ret_state->hooked = register_finds_hooks(r, dirs);
	ret_state->requires_nri = requires_nri(r, r->effective);
	return 0;
}

/* .../overlay-containers/ID/userdata/config.json */
static void add_user(struct registration *r, const char *path, struct strbuf *lines)
{
	const char *id = strstr(path, "overlay-containers/");

	(void)r;
	strbuf_printf(lines, "  crio: %.12s\n", id != NULL ? id + 19 : path);
}

static int users(struct registration *r, struct strbuf *lines, struct error *err)
{
	return register_grep(
		r,
		&(struct register_search){
			"/var/lib/containers/storage/overlay-containers/*/userdata/config.json",
			"\"io.kubernetes.cri-o.RuntimeHandler\":\"" REGISTER_NAME "\"", add_user},
		lines, err);
}

const struct register_engine register_crio = {
	.name = "crio",
	.program = "crio",
	.applies = "CRI-O reads it when it is restarted, not at a reload: systemctl restart crio",
	.restart = (const char *const[]){"systemctl", "restart", "crio", NULL},
	.daemon = "crio",
	.reads = DROP_IN,
	.passes_by = "a pod whose RuntimeClass names another runtime",
	.asks_features = true,
	.try = REGISTER_TRY_POD,
	.enter = enter,
	.set_default = set_default,
	.remove = remove_ours,
	.verify = verify,
	.look = look,
	.users = users,
};
