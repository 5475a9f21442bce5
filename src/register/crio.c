/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRI-O: a file of our own in crio.conf.d. `crio config` prints what CRI-O makes of all its files;
 * values that are its defaults are there as comments.
 */
#include "register/drop-in.h"

#include "base/json-edit.h"

#include <stdio.h>

#define RUNTIME_HANDLER "io.kubernetes.cri-o.RuntimeHandler"

#define DROP_IN "/etc/crio/crio.conf.d/50-seccomp-guard.conf"

static int ask_config(struct registration *r, struct span *ret_text, struct error *err)
{
	static const char *const argv[] = {"crio", "config", NULL};

	return register_ask(r, argv, ret_text, err);
}

static struct span first_line(struct span text)
{
	const char *newline = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;

	return newline != NULL ? (struct span){text.p, (size_t)(newline - text.p)} : text;
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

/* What is behind "# KEY = " in a line; p == NULL: it is another one. */
static struct span behind_key(struct span line, const char *key)
{
	struct span rest = line;

	while (rest.n > 0 && (rest.p[0] == '#' || rest.p[0] == ' '))
		rest = span_skip(rest, 1);
	if (rest.n < line.n && span_has_prefix(rest, span_of(key)) &&
	    span_has_prefix(span_skip(rest, strlen(key)), SPAN(" = ")))
		return span_skip(rest, strlen(key) + 3);
	return (struct span){0};
}

/* The value of `key` in a comment; an array goes on over lines, each a comment. p == NULL: none. */
static int find_commented(struct registration *r, struct span text, const char *key,
			  struct span *ret_raw, struct error *err)
{
	struct strbuf out = {.arena = r->keep};
	bool inside = false;

	*ret_raw = (struct span){0};
	while (text.n > 0) {
		const struct span line = first_line(text);
		const struct span part = inside ? uncommented(line) : behind_key(line, key);

		text = span_skip(text, line.n + 1);
		if (part.p == NULL && inside)
			break;
		if (part.p == NULL)
			continue;
		/* On one line. */
		if (inside && out.n > 1 && part.n > 1)
			strbuf_add(&out, SPAN(" "));
		strbuf_add(&out, part.n > 0 && part.p[0] == '\t' ? span_skip(part, 1) : part);
		if (inside ? span_eq(part, SPAN("]")) : !span_eq(part, SPAN("[")))
			return strbuf_end(&out, ret_raw, err);
		inside = true;
	}
	return 0;
}

/*
 * The value at `path`, raw, whether it is a comment or not: no key is in two tables. What is set is
 * no comment, but for the whole table of NRI's validator, which `crio config` of 1.34 to 1.37
 * always prints as one (pkg/config/template.go has the default's own word for whether it is set).
 */
static int find_at(struct registration *r, struct span config, struct toml_path path,
		   struct span *ret_raw, struct error *err)
{
	if (toml_find(config, path, r->keep, ret_raw, err) < 0)
		return error_prefix(err, "crio config");
	if (ret_raw->p != NULL)
		return 0;
	return find_commented(r, config, path.keys[path.n - 1], ret_raw, err);
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

/* Is the key in one of the lines that begin with it? */
static bool has_line(const struct strbuf *lines, struct span key)
{
	struct span text = {lines->p, lines->n};

	while (text.n > 0) {
		const struct span line = first_line(text);

		if (span_has_prefix(line, key) &&
		    span_has_prefix(span_skip(line, key.n), SPAN(" = ")))
			return true;
		text = span_skip(text, line.n + 1);
	}
	return false;
}

static int take(void *ctx, const struct span *path, size_t n, const struct toml_value *value,
		struct error *err)
{
	struct handler *h = ctx;
	const struct span raw = {h->text.p + value->pos, value->end - value->pos};

	(void)err;
	if (!toml_path_begins(path, n, h->path) || n != h->path.n + 1)
		return 0;
	if (has_line(&h->lines, path[n - 1]))
		return 0;
	if (span_eq(path[n - 1], SPAN("runtime_path"))) {
		if (h->runtime_path.p == NULL)
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

/* For register_grep(): the last file that has the table. */
static void keep_last(struct registration *r, const char *path, struct strbuf *last)
{
	struct span text;
	struct error ignored;
	bool has;

	if (register_read(r, path, &text, &ignored) < 0 ||
	    toml_has_table(text, TOML_PATH("crio", "runtime", "runtimes", r->old_default), r->keep,
			   &has, &ignored) < 0 ||
	    !has)
		return;
	last->n = 0;
	strbuf_printf(last, "%s", path);
}

/*
 * `crio config` leaves out some keys of a handler, as seccomp_profile and no_sync_log. They are in
 * the file; the table of a later file replaces that of an earlier one as a whole.
 */
static int take_unprinted(struct registration *r, struct handler *h, struct error *err)
{
	static const char *const files[] = {"/etc/crio/crio.conf", "/etc/crio/crio.conf.d/*"};
	struct strbuf last = {.arena = r->keep};
	struct span path;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (register_grep(r, &(struct register_search){files[i], r->old_default, keep_last},
				  &last, err) < 0)
			return -1;
	if (last.n == 0)
		return 0;
	if (strbuf_end(&last, &path, err) < 0 || register_read(r, path.p, &h->text, err) < 0)
		return -1;
	return toml_scan(h->text, r->keep, take, h, err) < 0 ? error_prefix(err, "%s", path.p) : 0;
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
	if (take_unprinted(r, h, err) < 0)
		return -1;
	h->path = (struct toml_path){0};
	if (h->type.n > 0 && !span_eq(h->type, SPAN("oci")))
		return error_set(err,
				 "CRI-O's default runtime \"%s\" is of type \"%.*s\", which has no "
				 "runc or crun that could be wrapped",
				 r->old_default, SPAN_ARG(h->type));
	return 0;
}

/* ---- the plans ---- */

static int find_hooks(struct registration *r, struct span *ret_dirs, struct error *err)
{
	if (find_value(r, r->effective, "hooks_dir", ret_dirs, err) < 0)
		return -1;
	if (ret_dirs->p == NULL)
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

/*
 * ROOT/DRIVER-containers/ID/userdata/config.json: of a pod's sandbox, which names the handler that
 * its RuntimeClass names, and "" for the default, whatever that is by then.
 */
static void add_user(struct registration *r, const char *path, struct strbuf *lines)
{
	const char *id = strstr(path, "-containers/");
	const struct arena before = *r->keep;
	struct span text, handler;
	struct error ignored;
	const bool ours = register_read(r, path, &text, &ignored) == 0 &&
			  json_find_string(text, JSON_PATH("annotations", RUNTIME_HANDLER), r->keep,
					   &handler, &ignored) == 0 &&
			  span_eq(handler, SPAN(REGISTER_NAME));

	*r->keep = before;
	if (ours)
		strbuf_printf(lines, "  crio: %.12s\n",
			      id != NULL ? id + strlen("-containers/") : path);
}

static int users(struct registration *r, struct strbuf *lines, struct error *err)
{
	struct span config, root = SPAN("/var/lib/containers/storage");
	struct error ignored;
	const char *pattern;

	/* What cannot be asked has to be stopped all the same, and that is where it mostly is. */
	if (ask_config(r, &config, &ignored) == 0 &&
	    find_at(r, config, TOML_PATH("crio", "root"), &config, &ignored) == 0 && config.n > 2)
		root = unquoted(config);
	pattern = register_printf(r, "%.*s/*-containers/*/userdata/config.json", SPAN_ARG(root));
	if (pattern == NULL)
		return error_set(err, "out of memory");
	return register_grep(
		r, &(struct register_search){pattern, "\"" RUNTIME_HANDLER "\"", add_user}, lines,
		err);
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
