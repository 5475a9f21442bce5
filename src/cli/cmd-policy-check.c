/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard policy check: is this policy one that containers can be started with? */
#include "cli/cli.h"

#include "base/jsonout.h"

#include <stdio.h>
#include <time.h>

/* ---- what is valid and hardly meant ---- */

static bool matches_all(const struct rule_match *match)
{
	for (size_t i = 0; i < RULE_KEYS; i++)
		if (match->text[i] != NULL)
			return false;
	return !match->asks_sandbox && match->annotations == NULL;
}

struct subject {
	const char *path;
	bool json;
};

static void warn(const struct subject *s, const struct policy_rule *rule, const char *what,
		 const char *more)
{
	char shown[1024], line[4096];
	struct jsonout out;

	if (s->json) {
		snprintf(shown, sizeof(shown), "%s%s", what, more);
		jsonout_begin(&out, line, sizeof(line));
		jsonout_string(&out, "path", span_of(s->path));
		jsonout_string(&out, "rule", span_of(rule->name));
		jsonout_string(&out, "warning", span_of(shown));
		jsonout_end(&out);
		printf("%s\n", out.p);
		return;
	}
	printf("%s: warning: rule \"", text_printable(span_of(s->path), shown, sizeof(shown)));
	printf("%s\" %s%s\n", text_printable(span_of(rule->name), shown, sizeof(shown)), what,
	       more);
}

static void warn_about(const struct subject *s, const struct policy_rule *rule, bool reached)
{
	const int64_t days = rule->until_day - (int64_t)time(NULL) / 86400;
	const bool dated = rule->until != NULL;

	if (!reached)
		warn(s, rule, "is never reached: one before it matches everything", "");
	if (dated && days < 0)
		warn(s, rule, "expired on ", rule->until);
	else if (dated && days <= RULE_WARN_DAYS)
		warn(s, rule, "expires on ", rule->until);
	if (!rule->settings.unconfined)
		return;
	if (!dated)
		warn(s, rule, "exempts for ever: it has no \"until\"", "");
	if (rule->reason == NULL || rule->owner == NULL)
		warn(s, rule, "exempts and does not say ",
		     rule->reason == NULL ? "why (\"reason\")" : "for whom (\"owner\")");
}

/* ---- the subcommands ---- */

static void print_summary(const struct subject *s, const struct policy *policy, size_t n_rules)
{
	char shown[512], line[2048];
	struct jsonout out;

	if (!s->json) {
		printf("%s: mode %s, %zu rule%s\n",
		       text_printable(span_of(s->path), shown, sizeof(shown)),
		       policy_mode_name(policy->mode), n_rules, n_rules == 1 ? "" : "s");
		return;
	}
	jsonout_begin(&out, line, sizeof(line));
	jsonout_string(&out, "path", span_of(s->path));
	jsonout_string(&out, "mode", span_of(policy_mode_name(policy->mode)));
	jsonout_uint(&out, "rules", n_rules);
	jsonout_end(&out);
	printf("%s\n", out.p);
}

static int run(const struct cli_args *args)
{
	struct subject s = {.path = args->argument[0], .json = args->json};
	struct enforce_memory memory;
	struct policy policy;
	struct error err;
	size_t n = 0;
	bool reached = true;

	host_memory(&memory);
	if (host_policy_read(s.path, &memory, &policy, &err) < 0)
		return cli_error(args, "%s", err.text);
	for (const struct policy_rule *rule = policy.rules; rule != NULL; rule = rule->next, n++) {
		warn_about(&s, rule, reached);
		reached = reached && (rule->until != NULL || !matches_all(&rule->match));
	}
	print_summary(&s, &policy, n);
	return CLI_OK;
}

const struct cli_command cli_policy_check = {
	.name = "policy check",
	.run = run,
	.summary = "tell whether containers can be started with a policy",
	.arguments = "FILE",
	.min_arguments = 1,
	.max_arguments = 1,
	.takes = "takes one file",
	.about = "Read a policy as the wrapper and the hook would, ownership and mode included,\n"
		 "and warn of rules that are hardly meant so. FILE may be a directory with\n"
		 "policy.json and policy.d in it.\n",
	.json = "one JSON object on a line for each warning and one for\n"
		"the policy; errors, too",
	.exit_status = "0 valid, 2 not: no container would start.",
};
