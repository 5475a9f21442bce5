/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard policy check: is this policy one that containers can be started with? And policy
 * explain. */
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

static int check(int argc, char **argv)
{
	struct subject s = {.json = argc > 1 && strcmp(argv[1], "--json") == 0};
	struct enforce_memory memory;
	struct policy policy;
	struct error err;
	size_t n = 0;
	bool reached = true;

	if (argc != 2 + s.json)
		return cli_error("policy check: which file? Try seccomp-guard policy --help");
	host_memory(&memory);
	s.path = argv[argc - 1];
	if (host_policy_read(s.path, &memory, &policy, &err) < 0)
		return cli_error("%s", err.text);
	for (const struct policy_rule *rule = policy.rules; rule != NULL; rule = rule->next, n++) {
		warn_about(&s, rule, reached);
		reached = reached && (rule->until != NULL || !matches_all(&rule->match));
	}
	print_summary(&s, &policy, n);
	return CLI_OK;
}

static int run(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} subcommands[] = {{"check", check}, {"explain", cli_explain}};
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "--help") == 0) {
		cli_help(&cli_policy);
		return CLI_OK;
	}
	for (size_t i = 0; i < ARRAY_SIZE(subcommands); i++)
		if (strcmp(name, subcommands[i].name) == 0)
			return subcommands[i].run(argc - 1, argv + 1);
	return cli_error("policy: say \"policy check FILE\" or \"policy explain PATH\"");
}

const struct cli_command cli_policy = {
	"policy",
	run,
	"validate a policy, or explain what it means for a container",
	"check [--json] FILE | explain [OPTION...] PATH...",
	"check reads a policy as the wrapper and the hook would, ownership and mode\n"
	"included, and warns of rules that are hardly meant so. FILE may be a directory\n"
	"with policy.json and policy.d in it.\n"
	"\n"
	"explain tells which rule counts for a container, which do not and why, and what\n"
	"follows. PATH is what \"seccomp-guard check\" takes.\n"
	"\n"
	"  --policy FILE  the policy [" SYSCONFDIR "/seccomp-guard/policy.json]\n"
	"  --json         check: a line for each warning and one for the policy; explain:\n"
	"                 a line for each rule and one for the verdict\n"
	"\n"
	"Exit status: check: 0 valid, 2 not: no container would start; explain: 0 nothing\n"
	"to do, 1 something would be injected or refused, 2 error.\n",
};
