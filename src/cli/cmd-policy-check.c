/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp-guard policy check: is this policy one that containers can be started with? Of what it
 * names (profiles, logs, counters, sockets) too, and what in it is hardly meant.
 */
#include "cli/cli.h"
#include "cli/lint-profile.h"

#include "base/jsonout.h"
#include "filter/filter.h"
#include "node/metrics.h"
#include "node/record-sinks.h"
#include "policy/policy-review.h"
#include "profile/profile-file.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

struct check {
	const struct cli_args *args;
	const char *path; /* for people */
	struct enforce_host host;
	struct profile_target target; /* a container of this machine, with Docker's capabilities */
	struct enforce_memory memory;
	struct policy policy;
	bool problem; /* something would keep containers from starting, or records from being kept
		       */
};

/* ---- telling ---- */

/*
 * A problem, or a warning. `rule` NULL: of the policy as a whole; then `text` says of what, else it
 * goes on after the rule's name.
 */
static void tell(struct check *c, bool problem, const struct policy_rule *rule, const char *text)
{
	const char *kind = problem ? "problem" : "warning";
	char shown[2 * JSONOUT_MAX_STRING], line[4 * JSONOUT_MAX_STRING];
	struct jsonout out;

	c->problem |= problem;
	if (c->args->json) {
		jsonout_begin(&out, line, sizeof(line));
		jsonout_string(&out, "path", span_of(c->path));
		if (rule != NULL)
			jsonout_string(&out, "rule", span_of(rule->name));
		jsonout_string(&out, kind, span_of(text));
		jsonout_end(&out);
		printf("%s\n", out.p);
		return;
	}
	printf("%s: %s: ", text_printable(span_of(c->path), shown, sizeof(shown)), kind);
	if (rule != NULL)
		printf("rule \"%s\" ", text_printable(span_of(rule->name), shown, sizeof(shown)));
	printf("%s\n", text_printable(span_of(text), shown, sizeof(shown)));
}

static void remark(void *ctx, const struct policy_rule *rule, const char *text)
{
	tell(ctx, false, rule, text);
}

static void problem(void *ctx, const struct policy_rule *rule, const char *text)
{
	tell(ctx, true, rule, text);
}

/* ---- profile files ---- */

/* Whose profile it is, for messages and for what goes with it. */
struct user {
	const struct policy_rule *rule;      /* NULL: the policy itself */
	const struct policy_glob *listeners; /* that hold with it */
	const char *engine;                  /* whose own file it is; NULL: nobody's */
	const char *path;
};

static void tell_profile(struct check *c, bool problem, const struct user *user, const char *text)
{
	char line[JSONOUT_MAX_STRING], path[ENFORCE_PATH_SIZE];

	snprintf(line, sizeof(line), "%s%s%s \"%s\": %s", user->rule != NULL ? "has " : "",
		 user->engine != NULL ? user->engine : "",
		 user->engine != NULL ? "'s own profile" : "profile",
		 enforce_profile_path(c->policy.localhost_root, user->path, path), text);
	tell(c, problem, user->rule, line);
}

/* Read it as enforcing would; -1 when that fails. */
static int read_profile(struct check *c, const struct user *user, struct profilefile *ret_file,
			struct span *ret_text, struct error *err)
{
	struct profilefile_request request = {
		.target = &c->target, .keep = &c->memory.keep, .scratch = &c->memory.scratch};
	const struct enforce_file file = {c->policy.localhost_root, user->path, false};
	char path[ENFORCE_PATH_SIZE];

	if (c->host.load_profile(&file, &c->memory.keep, &request.text, err) < 0)
		return -1;
	*ret_text = request.text;
	if (profilefile_resolve(&request, ret_file, err) == 0)
		return 0;
	return host_error_in(enforce_profile_path(c->policy.localhost_root, user->path, path),
			     request.text, err);
}

struct linted {
	struct check *check;
	const struct user *user;
};

static void tell_linted(void *ctx, const struct lint_finding *f)
{
	const struct linted *l = ctx;
	const enum lint_rule_id rule = (enum lint_rule_id)(f->rule - lint_rules);
	char text[1200];

	/* What an engine's own default is like otherwise is no matter of the policy. */
	if (l->user->engine != NULL && rule != LINT_NO_START && rule != LINT_HARD_START)
		return;
	snprintf(text, sizeof(text), "%zu:%zu: %s [%s]", f->line, f->column, f->text, f->rule->id);
	tell_profile(l->check, f->rule->severity == LINT_ERROR, l->user, text);
}

static void check_meaning(struct check *c, const struct user *user,
			  const struct seccomp_profile *profile, struct span text)
{
	struct program_request request = {.profile = profile, .runtime = MODEL_RUNC};
	const bool known = abi_of_arch(c->host.arch, &request.native) == 0;
	const struct cli_doubts doubts = cli_doubts_about(profile, false, &c->memory.keep);
	struct linted linted = {c, user};
	const struct cli_lint_profile lint = {.text = text,
					      .target = &c->target,
					      .keep = &c->memory.keep,
					      .tell = tell_linted,
					      .ctx = &linted};
	char names[1200], version[FILTER_VERSION_SIZE];
	struct error err;

	if (!policy_knows_listener(user->listeners, profile))
		tell_profile(
			c, true, user,
			"leaves calls to an agent at a socket that \"listeners\" does not name");
	else if (known && !profile->has_listener && filter_check(&request, &err) < 0)
		tell_profile(c, true, user, err.text);
	if (doubts.unknown.n > 0) {
		snprintf(names, sizeof(names), "libseccomp %s does not know: %.*s",
			 filter_library_version(version), (int)doubts.unknown.n, doubts.unknown.p);
		tell_profile(c, false, user, names);
	}
	cli_lint_profile(&lint);
}

static void check_profile(struct check *c, const struct user *user)
{
	const struct enforce_memory at_start = c->memory;
	struct profilefile file;
	struct span text;
	struct error err;

	/* The message names the file. */
	if (read_profile(c, user, &file, &text, &err) < 0)
		tell(c, true, user->rule,
		     (error_prefix(&err, user->rule != NULL ? "names a profile" : "profile"),
		      err.text));
	else if (!file.restricts)
		tell_profile(c, true, user, "restricts nothing: containers are refused");
	else
		check_meaning(c, user, &file.profile, text);
	c->memory = at_start;
}

/* "engine": the files of those engines whose configuration is here. */
static void check_engine_profiles(struct check *c, const struct user *of)
{
	for (int engine = ENGINE_UNKNOWN + 1; engine < ENGINES; engine++) {
		const struct enforce_memory at_start = c->memory;
		struct user user = *of;
		struct error err;

		user.engine = engine_name((enum engine)engine);
		user.path = NULL;
		if (c->host.engine_profile((enum engine)engine, &c->memory, &user.path, &err) < 0)
			tell(c, true, user.rule, err.text);
		else if (user.path != NULL)
			check_profile(c, &user);
		c->memory = at_start;
	}
}

static void check_settings(struct check *c, const struct policy_rule *rule)
{
	struct policy own = c->policy;
	struct user user = {.rule = rule};

	if (rule != NULL)
		policy_apply_rule(rule, &own);
	user.listeners = own.listeners;
	user.path = own.profile;
	/* A rule that leaves the policy's profile as it is needs no second word about it. */
	if (rule != NULL && own.profile == c->policy.profile && own.engine == c->policy.engine)
		return;
	if (own.unconfined)
		return;
	if (own.engine)
		check_engine_profiles(c, &user);
	else if (own.profile != NULL)
		check_profile(c, &user);
}

/* ---- what else is named ---- */

static void check_listeners(struct check *c, const struct policy_rule *rule,
			    const struct policy_glob *listeners)
{
	for (const struct policy_glob *g = listeners; g != NULL; g = g->next) {
		char text[PATH_MAX + 64];
		struct stat st;

		if (stat(g->pattern, &st) == 0 && S_ISSOCK(st.st_mode))
			continue;
		snprintf(text, sizeof(text), "%slisteners: there is no socket %s now",
			 rule != NULL ? "has " : "", g->pattern);
		tell(c, false, rule, text);
	}
}

static void check_places(struct check *c)
{
	const char *off = host_switched_off();
	struct error err;

	if (record_check(&c->policy, &err) < 0)
		tell(c, c->policy.log == LOG_TO_FILE, NULL,
		     (error_prefix(&err, "log: no record can be written"), err.text));
	if (c->policy.metrics != NULL && metrics_check(c->policy.metrics, &err) < 0)
		tell(c, true, NULL,
		     (error_prefix(&err, "metrics: nothing can be counted"), err.text));
	check_listeners(c, NULL, c->policy.listeners);
	for (const struct policy_rule *rule = c->policy.rules; rule != NULL; rule = rule->next)
		check_listeners(c, rule, rule->settings.listeners);
	if (off != NULL)
		tell(c, false, NULL, off);
}

/* ---- files that are not read ---- */

/* A profile may lie beside the policy that names it. */
static bool is_named(const struct policy *policy, const char *path)
{
	bool named = policy->profile != NULL && strcmp(policy->profile, path) == 0;

	for (const struct policy_rule *rule = policy->rules; rule != NULL && !named;
	     rule = rule->next)
		named = rule->settings.profile != NULL && strcmp(rule->settings.profile, path) == 0;
	return named;
}

static void tell_unread(void *ctx, const char *path, const char *why)
{
	struct check *c = ctx;
	char text[JSONOUT_MAX_STRING];

	if (is_named(&c->policy, path))
		return;
	snprintf(text, sizeof(text), "%s is not read: %s", path, why);
	tell(c, false, NULL, text);
}

/* ---- the command ---- */

/* For policy.json the directory that it is in, if policy.d is there as well: where it is installed
 * both are read. `out` has room for PATH_MAX bytes. */
static const char *whole_of(const char *path, char *out)
{
	char more[PATH_MAX + sizeof("/policy.d")], copy[PATH_MAX];
	const char *slash = strrchr(path, '/');
	struct stat st;

	if (strcmp(slash != NULL ? slash + 1 : path, "policy.json") != 0 ||
	    strlen(path) >= PATH_MAX)
		return path;
	strcpy(out, dirname(strcpy(copy, path)));
	snprintf(more, sizeof(more), "%s/policy.d", out);
	return stat(more, &st) == 0 && S_ISDIR(st.st_mode) ? out : path;
}

static void print_summary(const struct check *c)
{
	char files[4096], shown[1024], line[8192];
	struct jsonout out;
	size_t n = 0;

	for (const struct policy_rule *rule = c->policy.rules; rule != NULL; rule = rule->next)
		n++;
	host_policy_files(&c->policy, files, sizeof(files));
	if (!c->args->json) {
		printf("%s: mode %s, %zu rule%s; %s%s\n",
		       text_printable(span_of(c->path), shown, sizeof(shown)),
		       policy_mode_name(c->policy.mode), n, n == 1 ? "" : "s",
		       files[0] != '\0' ? "read: " : "no file, so the defaults hold", files);
		return;
	}
	jsonout_begin(&out, line, sizeof(line));
	jsonout_string(&out, "path", span_of(c->path));
	jsonout_string(&out, "mode", span_of(policy_mode_name(c->policy.mode)));
	jsonout_uint(&out, "rules", n);
	jsonout_words(&out, "policy_files", span_of(files));
	jsonout_end(&out);
	printf("%s\n", out.p);
}

static int check(struct check *c, const char *path)
{
	struct stat st;
	struct error err;

	c->path = path != NULL ? path : host_policy_directory;
	if (cli_target(c->args, &c->host, &c->target, &err) < 0 ||
	    host_policy_read(path, &c->memory, &c->policy, &err) < 0)
		return cli_error(c->args, "%s", err.text);
	if (stat(c->path, &st) == 0 && S_ISDIR(st.st_mode) &&
	    host_policy_unread(c->path, &c->memory, tell_unread, c, &err) < 0)
		return cli_error(c->args, "%s", err.text);
	policy_review(&c->policy, c->host.now, remark, c);
	check_settings(c, NULL);
	for (const struct policy_rule *rule = c->policy.rules; rule != NULL; rule = rule->next)
		check_settings(c, rule);
	policy_review_restrictions(&c->policy, &c->target, &c->memory,
				   (struct policy_reviewer){problem, c});
	check_places(c);
	print_summary(c);
	return c->problem ? CLI_NO : CLI_OK;
}

static int run(const struct cli_args *args)
{
	static struct check c;
	char whole[PATH_MAX];
	const char *path;

	c.args = args;
	host_memory(&c.memory);
	if (cli_policy_path(args, &path) < 0)
		return CLI_ERROR;
	return check(&c, path != NULL ? whole_of(path, whole) : NULL);
}

static const struct cli_use uses[] = {{CLI_POLICY, NULL}};

const struct cli_command cli_policy_check = {
	.name = "policy check",
	.run = run,
	.summary = "tell whether containers can be started with a policy",
	.arguments = "[FILE]",
	.min_arguments = 0,
	.max_arguments = 1,
	.no_dash = CLI_POLICY_NO_DASH,
	.takes = "takes one file",
	.about =
		"Read a policy as every start of a container does, owners and modes included, and\n"
		"look at what it names: profiles, where records and counters go, sockets. Warn\n"
		"of rules that are hardly meant so, and of files that are not read. FILE is a\n"
		"policy, or a directory with policy.json and policy.d; without it, what --policy\n"
		"says.\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "one JSON object on a line for each problem or warning\n"
		"and one for the policy; errors, too",
	.exit_status = "0 valid, 1 valid, but what it names cannot be used, 2 not\n"
		       "valid: no container would start.",
};
