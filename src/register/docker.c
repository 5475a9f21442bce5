/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Docker: a runtime in daemon.json. dockerd does not start when a key is both there and among its
 * flags, so the unit and the running daemon are looked at first. The default goes back to its name
 * in words: a daemon that is told nothing keeps the one it has.
 */
#include "register/register.h"

#include "base/json-edit.h"
#include "register/daemon.h"
#include "register/files.h"
#include "register/unit.h"

#include <stdio.h>
#include <time.h>

#define MAIN "/etc/docker/daemon.json"

/* ---- flags ---- */

/* A flag of dockerd that says what daemon.json is to say. */
static const char *const flags[] = {"--default-runtime", "--add-runtime", "--config-file"};

/* Does the dockerd that runs on this system have the flag? Its number to ret_pid. What its unit
 * takes from elsewhere is seen there alone. */
static bool is_running_with(const char *flag, pid_t *ret_pid)
{
	const size_t n = strlen(flag);
	char args[16384];
	bool found = false;

	*ret_pid = daemon_find("dockerd", args, sizeof(args));
	for (size_t i = 0; *ret_pid > 0 && i < sizeof(args) - 1 && args[i] != '\0';
	     i += strlen(args + i) + 1)
		found = found || (strncmp(args + i, flag, n) == 0 &&
				  (args[i + n] == '\0' || args[i + n] == '='));
	return found;
}

/* Where dockerd's flags are written, or seen: its unit, Debian's defaults, the running daemon. */
static int check_flags(struct registration *r, struct error *err)
{
	static const char *const defaults[] = {"/etc/default/docker", "/etc/sysconfig/docker"};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		struct strbuf lines = {.arena = r->keep};
		struct span where;
		pid_t pid;

		if (unit_grep(r, "docker.service", flags[i], &lines, err) < 0)
			return -1;
		for (size_t k = 0; k < ARRAY_SIZE(defaults); k++)
			if (register_grep(r,
					  &(struct register_search){defaults[k], flags[i],
								    register_add_place},
					  &lines, err) < 0)
				return -1;
		if (strbuf_end(&lines, &where, err) < 0)
			return -1;
		if (where.n > 0)
			return error_set(err,
					 "dockerd is given %s in %s: what it says has to move to "
					 "%s first, or dockerd does not start",
					 flags[i], where.p, MAIN);
		if (r->options.root[0] == '\0' && is_running_with(flags[i], &pid))
			return error_set(err,
					 "dockerd (process %d) runs with %s: what it says has to "
					 "move to %s first, and dockerd to be restarted",
					 (int)pid, flags[i], MAIN);
	}
	return 0;
}

/* ---- what there is ---- */

struct docker {
	struct span before, text; /* the file, and an object in any case */
	const char *default_runtime;
	const char *path; /* of that runtime */
	struct span args; /* its runtimeArgs, raw */
};

static int look_around(struct registration *r, struct docker *d, struct error *err)
{
	struct span raw, str, type;

	*d = (struct docker){.default_runtime = "runc", .path = "runc"};
	if (register_read(r, MAIN, &d->before, err) < 0)
		return -1;
	d->text = d->before.n > 0 ? d->before : SPAN("{}\n");
	if (json_find(d->text, JSON_PATH("default-runtime"), r->keep, &raw, err) < 0 ||
	    json_find_string(d->text, JSON_PATH("default-runtime"), r->keep, &str, err) < 0)
		return error_prefix(err, MAIN);
	if (raw.p == NULL)
		return 0;
	d->default_runtime = arena_strdup(r->keep, str);
	if (d->default_runtime == NULL || str.p == NULL)
		return error_set(err, "%s: \"default-runtime\" is not a name", MAIN);
	if (json_find_string(d->text, JSON_PATH("runtimes", d->default_runtime, "path"), r->keep,
			     &str, err) < 0 ||
	    json_find(d->text, JSON_PATH("runtimes", d->default_runtime, "runtimeArgs"), r->keep,
		      &d->args, err) < 0 ||
	    json_find(d->text, JSON_PATH("runtimes", d->default_runtime, "runtimeType"), r->keep,
		      &type, err) < 0)
		return error_prefix(err, MAIN);
	if (type.p != NULL)
		return error_set(err,
				 "Docker's default runtime \"%s\" is a shim of its own "
				 "(runtimeType), which has no runc or crun that could be wrapped",
				 d->default_runtime);
	if (str.n > 0)
		d->path = arena_strdup(r->keep, str);
	return d->path != NULL ? 0 : error_set(err, "out of memory");
}

/* ---- the plans ---- */

static int enter_runtime(struct registration *r, struct docker *d, struct error *err)
{
	struct span text = d->text;
	const char *entry;

	if (strcmp(d->default_runtime, REGISTER_NAME) == 0)
		return error_set(err,
				 "Docker's default runtime is \"" REGISTER_NAME "\" already, and "
				 "was not registered by this command");
	r->old_default = d->default_runtime;
	if (check_flags(r, err) < 0 || register_wrap(r, d->path, err) < 0)
		return -1;
	entry = d->args.n > 0 ? register_printf(r, "{ \"path\": \"%s\", \"runtimeArgs\": %.*s }",
						register_wrapper(r), (int)d->args.n, d->args.p)
			      : register_printf(r, "{ \"path\": \"%s\" }", register_wrapper(r));
	if (entry == NULL)
		return error_set(err, "out of memory");
	if (json_edit_set(&text, JSON_PATH("runtimes", REGISTER_NAME), entry, r->keep, err) < 0 ||
	    (!r->options.keep_default && json_edit_set(&text, JSON_PATH("default-runtime"),
						       "\"" REGISTER_NAME "\"", r->keep, err) < 0))
		return error_prefix(err, MAIN);
	return register_plan(r, MAIN, d->before, text, err);
}

static int enter(struct registration *r, struct error *err)
{
	struct docker d;

	if (look_around(r, &d, err) < 0)
		return -1;
	return enter_runtime(r, &d, err);
}

/* The default becomes ours, or what it was if it is ours. */
static int change_default(struct registration *r, const struct docker *d, bool ours,
			  struct span *text, struct error *err)
{
	const char *literal = register_printf(r, "\"%s\"", ours ? REGISTER_NAME : r->old_default);

	if (literal == NULL)
		return error_set(err, "out of memory");
	if ((strcmp(d->default_runtime, REGISTER_NAME) == 0) == ours)
		return 0;
	return json_edit_set(text, JSON_PATH("default-runtime"), literal, r->keep, err);
}

static int set_default(struct registration *r, bool ours, struct error *err)
{
	struct docker d;
	struct span text;

	if (look_around(r, &d, err) < 0)
		return -1;
	text = d.text;
	if (change_default(r, &d, ours, &text, err) < 0)
		return error_prefix(err, MAIN);
	return register_plan(r, MAIN, d.before, text, err);
}

static int remove_ours(struct registration *r, struct error *err)
{
	struct docker d;
	struct span text;

	if (look_around(r, &d, err) < 0)
		return -1;
	text = d.text;
	if (change_default(r, &d, false, &text, err) < 0 ||
	    json_edit_unset(&text, JSON_PATH("runtimes", REGISTER_NAME), r->keep, err) < 0)
		return error_prefix(err, MAIN);
	return register_plan(r, MAIN, d.before, text, err);
}

/* ---- asking ---- */

/* dockerd --validate is there from 23 on, and accepts paths that are wrong: those were looked at.
 */
static int verify(struct registration *r, bool registered, struct error *err)
{
	static const char *const help[] = {"dockerd", "--help", NULL};
	static const char *const validate[] = {"dockerd", "--validate", "--config-file", MAIN,
					       NULL};
	struct span out, text, raw;

	if (register_read(r, MAIN, &text, err) < 0 || register_ask(r, help, &out, err) < 0)
		return -1;
	if (text.n == 0)
		return 0;
	if (json_find(text, JSON_PATH("runtimes", REGISTER_NAME), r->keep, &raw, err) < 0)
		return error_prefix(err, MAIN);
	if ((raw.p != NULL) != registered)
		return error_set(err, "%s has %s runtime \"" REGISTER_NAME "\"", MAIN,
				 registered ? "no" : "still the");
	if (memmem(out.p, out.n, "--validate", 10) == NULL)
		return 0;
	return register_ask(r, validate, &out, err);
}

struct others {
	struct strbuf names;
	const char *handler; /* that is no other */
};

static int note_other(void *ctx, struct span key, struct span raw, struct error *err)
{
	struct others *o = ctx;

	(void)raw;
	(void)err;
	if (!span_eq(key, span_of(o->handler)) && !span_eq(key, SPAN(REGISTER_NAME)))
		strbuf_printf(&o->names, ", %.*s", SPAN_ARG(key));
	return 0;
}

static int look(struct registration *r, struct register_state *ret_state, struct error *err)
{
	struct others o = {.names.arena = r->keep};
	struct span raw, names;
	struct docker d;

	*ret_state = (struct register_state){.others = ""};
	if (look_around(r, &d, err) < 0 ||
	    json_find(d.text, JSON_PATH("runtimes"), r->keep, &raw, err) < 0)
		return -1;
	ret_state->handler = o.handler = d.default_runtime;
	ret_state->program = d.path;
	if (strcmp(o.handler, "runc") != 0)
		strbuf_printf(&o.names, ", runc");
	if ((raw.p != NULL && json_members(raw, r->keep, note_other, &o, err) < 0) ||
	    strbuf_end(&o.names, &names, err) < 0)
		return -1;
	if (names.n > 0)
		ret_state->others = names.p + 2;
	return 0;
}

/* ROOT/containers/ID/hostconfig.json; the name is in config.v2.json beside it. */
static void add_user(struct registration *r, const char *path, struct strbuf *lines)
{
	struct arena once = *r->scratch;
	const size_t n = (size_t)(strrchr(path, '/') - path);
	const char *beside = register_printf(r, "%.*s/config.v2.json", (int)n, path);
	const char *id = path + n;
	struct span text, name = {0};
	struct error ignored;

	if (beside != NULL && register_read(r, beside, &text, &ignored) == 0 && text.n > 0)
		json_find_string(text, JSON_PATH("Name"), &once, &name, &ignored);
	while (id > path && id[-1] != '/')
		id--;
	strbuf_printf(lines, "  docker: %.12s %.*s\n", id, SPAN_ARG(name));
}

static int users(struct registration *r, struct strbuf *lines, struct error *err)
{
	struct span text, dir;
	const char *pattern;

	if (register_read(r, MAIN, &text, err) < 0 ||
	    json_find_string(text.n > 0 ? text : SPAN("{}"), JSON_PATH("data-root"), r->keep, &dir,
			     err) < 0)
		return -1;
	pattern = register_printf(r, "%.*s/containers/*/hostconfig.json",
				  SPAN_ARG(dir.n > 0 ? dir : SPAN("/var/lib/docker")));
	if (pattern == NULL)
		return error_set(err, "out of memory");
	return register_grep(
		r,
		&(struct register_search){pattern, "\"Runtime\":\"" REGISTER_NAME "\"", add_user},
		lines, err);
}

/* A reload does not change what its command line says. */
static int in_force(struct registration *r, struct span *ret_default, const char **ret_mend,
		    struct error *err)
{
	static const char *const argv[] = {"docker", "info", "--format", "{{.DefaultRuntime}}",
					   NULL};
	pid_t pid;

	*ret_mend = is_running_with("--default-runtime", &pid)
			    ? "take --default-runtime out of dockerd's command line, and: "
			      "systemctl restart docker"
			    : "systemctl reload docker";
	if (register_ask(r, argv, ret_default, err) < 0)
		return -1;
	while (ret_default->n > 0 && ret_default->p[ret_default->n - 1] == '\n')
		ret_default->n--;
	return ret_default->n > 0 ? 0 : error_set(err, "docker info says no default");
}

/* ---- the probe ---- */

/* How long dockerd may take for a signal. */
#define READ_MS 10000

static bool knows_us(struct registration *r, struct error *err)
{
	const char *const argv[] = {
		"docker", "info", "--format",
		r->options.keep_default ? "{{json .Runtimes}}" : "{{json .DefaultRuntime}}", NULL};
	/* Without a daemon this says so, where info ends in an error of its template. */
	const char *const daemon[] = {"docker", "version", "--format", "{{.Server.Version}}", NULL};
	struct span out;

	return register_ask(r, daemon, &out, err) == 0 && register_ask(r, argv, &out, err) == 0 &&
	       memmem(out.p, out.n, "\"" REGISTER_NAME "\"", strlen("\"" REGISTER_NAME "\"")) !=
		       NULL;
}

static int wait_for_daemon(struct registration *r, bool restarted, struct error *err)
{
	const struct timespec pause = {.tv_nsec = 100 * 1000000};

	for (int ms = 0;; ms += 100) {
		err->text[0] = '\0';
		if (knows_us(r, err))
			return 0;
		if (!restarted || ms >= READ_MS)
			break;
		nanosleep(&pause, NULL);
	}
	return err->text[0] != '\0' ? -1 : error_set(err, "dockerd has not read " MAIN " yet");
}

static int unprobe(struct registration *r, const char *name, struct error *err)
{
	const char *const rm[] = {"docker", "rm", "--force", name, NULL};
	const char *const rmi[] = {"docker", "rmi", "--force", name, NULL};
	const char *const images[] = {"docker", "images", "--quiet", name, NULL};
	struct command_result ignored;
	struct span out;

	if (register_try(r, rm, &ignored, err) < 0 || register_try(r, rmi, &ignored, err) < 0 ||
	    register_ask(r, images, &out, err) < 0)
		return -1;
	return out.n == 0 ? 0 : error_set(err, "the image is still there");
}

/* From an image with that one file, which goes again. */
static int probe(struct registration *r, struct register_probe *p, struct error *err)
{
	const char *tar = register_printf(r, "%s.tar", p->dir);
	const char *const pack[] = {"tar", "-C", p->dir, "-cf", tar, &REGISTER_PROBE[1], NULL};
	const char *const import[] = {"docker", "import", tar, p->name, NULL};
	const char *run[] = {"docker",
			     "run",
			     "--runtime=" REGISTER_NAME,
			     "--rm",
			     "--name",
			     p->name,
			     "--network=none",
			     "--security-opt=seccomp=unconfined",
			     p->name,
			     REGISTER_PROBE,
			     NULL};
	const bool named = r->options.keep_default;
	struct error gone;
	struct span out;
	int failed;

	p->engine = ENGINE_DOCKER;
	if (tar == NULL)
		return error_set(err, "out of memory");
	if (wait_for_daemon(r, p->restarted, err) < 0)
		return -1;
	if (!named) {
		run[1] = "docker";
		run[2] = "run";
	}
	failed = register_ask(r, pack, &out, err) < 0 || register_ask(r, import, &out, err) < 0 ||
				 register_try(r, run + !named, &p->result, err) < 0
			 ? -1
			 : 0;
	files_remove("", tar, &gone);
	(void)unprobe(r, p->name, &gone);
	return failed;
}

const struct register_engine register_docker = {
	.name = "docker",
	.program = "dockerd",
	.applies = "dockerd reads it at SIGHUP: systemctl reload docker",
	.restart = (const char *const[]){"systemctl", "reload", "docker", NULL},
	.daemon = "dockerd",
	.reads = MAIN,
	.refuses = {[REGISTER_HOOK] = "Docker has no way to add hooks",
		    [REGISTER_NRI] = "Docker has no NRI"},
	.passes_by = "\"docker run --runtime runc\", and the steps of \"docker build\", which "
		     "BuildKit starts itself with a profile of its own",
	.asks_features = true,
	.try = "docker run --rm --security-opt seccomp=unconfined busybox grep Seccomp: "
	       "/proc/self/status",
	.enter = enter,
	.set_default = set_default,
	.remove = remove_ours,
	.verify = verify,
	.look = look,
	.probe = probe,
	.unprobe = unprobe,
	.in_force = in_force,
	.users = users,
};
