/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard register, unregister: an engine's configuration, and back. */
#include "cli/cli.h"

#include "base/jsonout.h"
#include "node/command.h"
#include "register/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What the dumps of two versions of one configuration take, many times over. */
#define KEEP_SIZE (64U << 20)
#define SCRATCH_SIZE (32U << 20)

/* What a probe container showed. */
struct proof {
	enum probe_result result;
	const char *text; /* NULL: none was thought of */
};

static void tell_json(const struct registration *r, const struct proof *proof)
{
	char line[64 * 1024];
	struct jsonout out;

	jsonout_begin(&out, line, sizeof(line));
	jsonout_string(&out, "engine", span_of(r->engine->name));
	if (r->runtime != NULL)
		jsonout_string(&out, "runtime", span_of(r->runtime));
	if (r->target != NULL)
		jsonout_string(&out, "target", span_of(r->target));
	if (r->old_default != NULL)
		jsonout_string(&out, "default_before", span_of(r->old_default));
	jsonout_uint(&out, "files", r->n_files);
	jsonout_bool(&out, "dry_run", r->options.dry_run);
	jsonout_string(&out, "applies", span_of(r->engine->applies));
	if (proof->text != NULL) {
		jsonout_string(&out, "probe", span_of(probe_result_name(proof->result)));
		jsonout_string(&out, "probe_text", span_of(proof->text));
	}
	jsonout_end(&out);
	printf("%s\n", out.p);
}

/* The files are as they were asked for, and the engine does not know yet. Returns the exit status.
 */
static int not_read(const struct cli_args *args, const struct registration *r,
		    const struct error *err)
{
	cli_error(args, "%s: its files are changed, and it has yet to read them: %s",
		  r->engine->name, err->text);
	return CLI_NO;
}

/* The plugin is there before an engine that requires it reads so, and goes after it. */
static int restart(const struct cli_args *args, struct registration *r, bool enter)
{
	static const char *const start[] = {"systemctl", "enable", "--now", REGISTER_NRI_UNIT,
					    NULL};
	static const char *const stop[] = {"systemctl", "disable", "--now", REGISTER_NRI_UNIT,
					   NULL};
	const bool nri = r->form == REGISTER_NRI;
	const char *const *const commands[] = {
		nri && enter ? start : NULL,
		!nri || r->n_files > 0 ? r->engine->restart : NULL,
		nri && !enter && !register_nri_is_used(r) ? stop : NULL,
	};
	struct error err;
	struct span out;

	if (args->value[CLI_RESTART] == NULL || r->options.dry_run)
		return CLI_OK;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i] != NULL && register_ask(r, commands[i], &out, &err) < 0)
			return not_read(args, r, &err);
	return CLI_OK;
}

/* What follows on the change: the engine reads it, and shows what its containers get. */
static int follow(const struct cli_args *args, struct registration *r, bool enter)
{
	struct proof proof = {PROBE_NONE, NULL};
	struct error err;
	struct span notes;
	char shown[2048];
	int status;

	if (!r->options.dry_run && r->options.root[0] == '\0')
		probe_remove_left(r);
	if (strbuf_end(&r->notes, &notes, &err) < 0)
		return cli_error(args, "%s: %s", r->engine->name, err.text);
	if (!args->json)
		printf("%.*s", (int)notes.n, notes.p);
	status = restart(args, r, enter);
	if (enter && status == CLI_OK && !r->options.dry_run)
		proof.result = probe_registration(r, args->value[CLI_RESTART] != NULL, &proof.text);
	if (args->json)
		tell_json(r, &proof);
	else if (proof.text != NULL)
		printf("%s: %s\n", r->engine->name,
		       text_printable(span_of(proof.text), shown, sizeof(shown)));
	return proof.result == PROBE_UNCONFINED || proof.result == PROBE_REFUSED ? CLI_NO : status;
}

static int one_engine(const struct cli_args *args, const struct register_engine *engine, bool enter)
{
	static char keep_memory[KEEP_SIZE], scratch_memory[SCRATCH_SIZE];
	struct arena keep = {keep_memory, sizeof(keep_memory), 0};
	struct arena scratch = {scratch_memory, sizeof(scratch_memory), 0};
	struct registration r = {.engine = engine, .keep = &keep, .scratch = &scratch};
	struct error err;

	r.options.root = args->value[CLI_ROOT] != NULL ? args->value[CLI_ROOT] : "";
	if (strcmp(r.options.root, "/") == 0)
		r.options.root = "";
	r.options.form = args->value[CLI_NRI] != NULL    ? REGISTER_NRI
			 : args->value[CLI_HOOK] != NULL ? REGISTER_HOOK
							 : REGISTER_RUNTIME;
	r.options.fail_open = args->value[CLI_FAIL_OPEN] != NULL;
	r.options.keep_default = args->value[CLI_NO_DEFAULT] != NULL;
	r.options.dry_run = args->value[CLI_DRY_RUN] != NULL;
	r.options.when_unused = args->value[CLI_WHEN_UNUSED] != NULL;
	r.notes.arena = &keep;
	if ((enter ? register_enter(&r, &err) : register_leave(&r, &err)) < 0) {
		if (!args->json && r.notes.n > 0)
			fprintf(stderr, "%.*s", (int)r.notes.n, r.notes.p);
		return cli_error(args, "%s: %s", engine->name, err.text);
	}
	return follow(args, &r, enter);
}

/* All that are installed, or, to go back, registered. Returns the worst exit status. */
static int all_engines(const struct cli_args *args, bool enter)
{
	static char memory[1U << 16];
	const char *root = args->value[CLI_ROOT] != NULL ? args->value[CLI_ROOT] : "";
	int worst = CLI_OK, n = 0;

	for (size_t i = 0; register_engines[i] != NULL; i++) {
		struct arena arena = {memory, sizeof(memory), 0};
		const struct register_engine *engine = register_engines[i];
		int status;

		if (enter ? !register_installed(engine, root, &arena)
			  : !register_is_recorded(engine, root))
			continue;
		n++;
		status = one_engine(args, engine, enter);
		worst = status > worst ? status : worst;
	}
	if (n == 0 && !enter && !args->json)
		printf("no engine is registered\n");
	return n > 0 || !enter ? worst
			       : cli_error(args, "no engine is installed: looked for containerd, "
						 "crio, dockerd, podman, k3s and rke2");
}

static int run(const struct cli_args *args, bool enter)
{
	int worst = CLI_OK;
	struct error err;

	if (args->value[CLI_HOOK] != NULL && args->value[CLI_NRI] != NULL)
		return cli_error(args, "register: --hook and --nri exclude each other");
	if (args->value[CLI_FAIL_OPEN] != NULL && args->value[CLI_NRI] == NULL)
		return cli_error(args, "register: --fail-open goes with --nri");
	if (args->value[CLI_NO_DEFAULT] != NULL && args->value[CLI_NRI] != NULL)
		return cli_error(args,
				 "register: --nri changes no default: leave out --no-default");
	if ((args->value[CLI_ALL] != NULL) == (args->n > 0))
		return cli_error(args, "%s: name engines, or --all", args->command->name);
	if (geteuid() != 0 && args->value[CLI_ROOT] == NULL && args->value[CLI_DRY_RUN] == NULL)
		return cli_error(
			args,
			"%s: needs root: it changes configurations of engines; --dry-run shows how",
			args->command->name);
	if (args->value[CLI_ALL] != NULL)
		return all_engines(args, enter);
	for (size_t i = 0; i < args->n; i++) {
		const struct register_engine *engine = register_engine(args->argument[i], &err);
		int status = engine != NULL ? one_engine(args, engine, enter)
					    : cli_error(args, "%s", err.text);

		worst = status > worst ? status : worst;
	}
	return worst;
}

static int run_register(const struct cli_args *args)
{
	return run(args, true);
}

static int run_unregister(const struct cli_args *args)
{
	return run(args, false);
}

static const struct cli_use register_uses[] = {
	{CLI_ALL, "all engines that are installed"},
	{CLI_DRY_RUN, "only print what would change, as diff -u"},
	{CLI_HOOK, NULL},
	{CLI_NRI, NULL},
	{CLI_FAIL_OPEN, NULL},
	{CLI_NO_DEFAULT, NULL},
	{CLI_RESTART, NULL},
	{CLI_ROOT, NULL}};

const struct cli_command cli_register = {
	.name = "register",
	.run = run_register,
	.summary = "put seccomp-guard between engines and their runtime",
	.arguments = "ENGINE...",
	.min_arguments = 0,
	.max_arguments = SIZE_MAX,
	.takes = "takes engines",
	.about = "Change the configuration of an engine (containerd, crio, docker, podman, k3s,\n"
		 "rke2), so that it starts containers through seccomp-guard with the runtime that\n"
		 "it has now. Where there is no policy, one is made that only records (mode\n"
		 "audit). What the engine's own tool does not accept is undone. One that is\n"
		 "registered already stays so, and its default is seccomp-guard again.\n"
		 "At the end one container that asks for no filter shows what it gets, where the\n"
		 "engine can start it and has read its configuration.\n",
	.uses = register_uses,
	.n_uses = ARRAY_SIZE(register_uses),
	.json = "one object for each engine",
	.exit_status = "0 registered, 1 registered, and the container was not as the\n"
		       "policy says, or --restart failed, 2 error: nothing is changed.\n",
};

static const struct cli_use unregister_uses[] = {
	{CLI_ALL, "all engines that are registered"},
	{CLI_DRY_RUN, "only print what would change, as diff -u"},
	{CLI_RESTART, NULL},
	{CLI_ROOT, NULL},
	{CLI_WHEN_UNUSED, NULL}};

const struct cli_command cli_unregister = {
	.name = "unregister",
	.run = run_unregister,
	.summary = "take it away again, the default first",
	.arguments = "ENGINE...",
	.min_arguments = 0,
	.max_arguments = SIZE_MAX,
	.takes = "takes engines",
	.about = "First the engine's default goes back to what it was, and the containers that\n"
		 "still go through seccomp-guard are listed: they need it to be stopped. With\n"
		 "--when-unused the rest goes, where the engine has read that and no container\n"
		 "needs it; files that nothing else changed are then byte for byte what they "
		 "were.\n",
	.uses = unregister_uses,
	.n_uses = ARRAY_SIZE(unregister_uses),
	.json = "one object for each engine",
	.exit_status = "0 done or nothing to do, 1 done, and --restart failed, 2 error.\n",
};
