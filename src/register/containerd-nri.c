/* SPDX-License-Identifier: Apache-2.0 */
#include "register/containerd-nri.h"

#include "base/toml-edit.h"

#define PLUGIN "io.containerd.nri.v1.nri"
#define VALIDATOR "plugins", PLUGIN, "default_validator"

static int find(struct registration *r, struct span dump, struct toml_path path,
		struct span *ret_raw, struct error *err)
{
	return toml_find(dump, path, r->keep, ret_raw, err) < 0
		       ? error_prefix(err, "containerd config dump")
		       : 0;
}

/* Switched on, with a socket that the plugin can connect to. */
static int switch_on(struct registration *r, struct span *text, struct error *err)
{
	struct span disable, closed, socket;
	bool has;

	if (toml_has_table(r->effective, TOML_PATH("plugins", PLUGIN), r->keep, &has, err) < 0 ||
	    find(r, r->effective, TOML_PATH("plugins", PLUGIN, "disable"), &disable, err) < 0 ||
	    find(r, r->effective, TOML_PATH("plugins", PLUGIN, "disable_connections"), &closed,
		 err) < 0)
		return -1;
	if (!has)
		return error_set(err, "this containerd has no NRI, which came with 1.7: leave out "
				      "--nri");
	if (span_eq(closed, SPAN("true")))
		return error_set(err, "its NRI takes no connections: set disable_connections of "
				      "[plugins.\"" PLUGIN "\"] to false first");
	if (toml_find_string(r->effective, TOML_PATH("plugins", PLUGIN, "socket_path"), r->keep,
			     &socket, err) < 0)
		return -1;
	/* /var/run is /run. */
	if (socket.n > 0 && !span_eq(socket, SPAN("/run/nri/nri.sock")) &&
	    !span_eq(socket, SPAN("/var/run/nri/nri.sock")))
		strbuf_printf(&r->notes,
			      "Its NRI is at %.*s: tell the plugin by --socket in its unit "
			      "(systemctl edit " REGISTER_NRI_UNIT ")\n",
			      SPAN_ARG(socket));
	return span_eq(disable, SPAN("true"))
		       ? toml_edit_set(text, TOML_PATH("plugins", PLUGIN, "disable"), "false",
				       r->keep, err)
		       : 0;
}

static int require(struct registration *r, struct span *text, struct error *err)
{
	const char *plugins;
	struct span required;
	bool has;

	if (toml_has_table(r->effective, TOML_PATH(VALIDATOR), r->keep, &has, err) < 0 ||
	    find(r, r->effective, TOML_PATH(VALIDATOR, "required_plugins"), &required, err) < 0)
		return -1;
	if (!has)
		return error_set(err,
				 "this containerd cannot require a plugin, 2.2 and newer can: what "
				 "starts while the plugin is away would not be confined. Say "
				 "--fail-open too if that is good enough");
	plugins = register_nri_list(r, required, true);
	if (plugins == NULL)
		return error_set(err, "out of memory");
	return toml_edit_set(text, TOML_PATH(VALIDATOR, "enable"), "true", r->keep, err) < 0 ||
			       toml_edit_set(text, TOML_PATH(VALIDATOR, "required_plugins"),
					     plugins, r->keep, err) < 0
		       ? -1
		       : 0;
}

/* The validator stays switched on for others that are required. */
static int release(struct registration *r, struct span *text, struct error *err)
{
	const char *plugins;
	struct span required;

	if (toml_find(*text, TOML_PATH(VALIDATOR, "required_plugins"), r->keep, &required, err) < 0)
		return -1;
	plugins = register_nri_list(r, required, false);
	if (plugins == NULL)
		return error_set(err, "out of memory");
	if (required.p == NULL)
		return 0;
	if (strcmp(plugins, "[]") != 0)
		return toml_edit_set(text, TOML_PATH(VALIDATOR, "required_plugins"), plugins,
				     r->keep, err);
	return toml_edit_unset(text, TOML_PATH(VALIDATOR, "required_plugins"), r->keep, err) < 0 ||
			       toml_edit_unset(text, TOML_PATH(VALIDATOR, "enable"), r->keep, err) <
				       0
		       ? -1
		       : 0;
}

int containerd_nri_set(struct registration *r, bool present, struct span *text, struct error *err)
{
	if (!present)
		return release(r, text, err);
	if (switch_on(r, text, err) < 0)
		return -1;
	return r->options.fail_open ? 0 : require(r, text, err);
}

bool containerd_nri_requires(struct registration *r, struct span dump)
{
	struct span enable, required;
	struct error ignored;

	return find(r, dump, TOML_PATH(VALIDATOR, "enable"), &enable, &ignored) == 0 &&
	       find(r, dump, TOML_PATH(VALIDATOR, "required_plugins"), &required, &ignored) == 0 &&
	       span_eq(enable, SPAN("true")) && register_nri_lists(required);
}

int containerd_nri_verify(struct registration *r, struct span dump, bool registered,
			  struct error *err)
{
	const bool wanted = registered && !r->options.fail_open;
	struct span disable;

	if (find(r, dump, TOML_PATH("plugins", PLUGIN, "disable"), &disable, err) < 0)
		return -1;
	if (registered && !span_eq(disable, SPAN("false")))
		return error_set(err, "its effective configuration has NRI switched off");
	if (containerd_nri_requires(r, dump) != wanted)
		return error_set(err,
				 "its effective configuration %s the plugin " REGISTER_NRI_PLUGIN,
				 wanted ? "does not require" : "still requires");
	return 0;
}

bool containerd_nri_is_ours(const struct span *path, size_t n)
{
	return toml_path_begins(path, n, TOML_PATH("plugins", PLUGIN, "disable")) ||
	       toml_path_begins(path, n, TOML_PATH(VALIDATOR, "enable")) ||
	       toml_path_begins(path, n, TOML_PATH(VALIDATOR, "required_plugins"));
}
