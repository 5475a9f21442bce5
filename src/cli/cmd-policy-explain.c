/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard policy explain: which rule counts for a container, which do not and why, and what
 * follows. */
#include "cli/cli.h"

#include "base/jsonout.h"
#include "node/record.h"

#include <stdio.h>

struct explain {
	const struct cli_args *args;
	struct cli_judge judge;
};

/* The policy as it is for this workload. */
static struct policy settings_for(const struct policy *policy, const struct ociconfig *config,
				  const struct identity *id, int64_t now)
{
	const struct workload workload = {id, config, now};
	struct rule_choice ignored;
	struct policy own;

	if (id->conflict != NULL)
		policy_strictest(policy, &own);
	else
		policy_for(policy, &workload, &own, &ignored);
	return own;
}

/* What became of one rule. */
struct outcome {
	const char *word; /* matches, differs, expired, not-reached, not-believed */
	const char *key;  /* differs: the key of "match" */
	struct span value;
};

static struct span value_of(const struct identity *id, const char *key)
{
	const struct {
		const char *key;
		struct span value;
	} values[] = {
		{"namespace", id->name_space},
		{"pod", id->pod},
		{"container", id->container},
		{"image", id->image},
		{"engine", span_of(engine_name(id->engine))},
		{"sandbox", id->sandbox ? SPAN("true") : SPAN("false")},
	};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (strcmp(values[i].key, key) == 0)
			return values[i].value;
	return (struct span){0};
}

static struct outcome try_rule(const struct policy_rule *rule, const struct ociconfig *config,
			       const struct identity *id, const struct rule_choice *choice,
			       int64_t now)
{
	const struct workload workload = {id, config, now};
	struct outcome o = {.word = "differs"};

	if (id->conflict != NULL)
		return (struct outcome){.word = "not-believed"};
	switch (policy_rule_try(rule, &workload, &o.key)) {
	case RULE_MATCHES:
		return (struct outcome){.word = rule == choice->rule ? "matches" : "not-reached"};
	case RULE_EXPIRED:
		return (struct outcome){.word = "expired"};
	default:
		o.value = value_of(id, o.key);
		return o;
	}
}

/* ---- as text ---- */

static void show(const char *label, struct span value, bool *first)
{
	char shown[512];

	if (value.n == 0)
		return;
	printf("%s%s %s", *first ? "" : ", ", label, text_printable(value, shown, sizeof(shown)));
	*first = false;
}

static void print_workload(const struct identity *id)
{
	bool first = true;

	printf("  workload: ");
	if (id->conflict != NULL) {
		printf("not believed, as annotation \"%s\" contradicts others: no rule applies, "
		       "and the "
		       "strictest "
		       "of each setting does\n",
		       id->conflict);
		return;
	}
	show("engine", span_of(engine_name(id->engine)), &first);
	show("namespace", id->name_space, &first);
	show("pod", id->pod, &first);
	show("container", id->container, &first);
	show("image", id->image, &first);
	if (id->sandbox)
		show("the pod's", SPAN("sandbox"), &first);
	printf("%s\n", first ? "nothing is known" : "");
}

static void print_rule(const struct policy_rule *rule, const struct outcome *o)
{
	char name[256], value[512];

	printf("  rule \"%s\": ", text_printable(span_of(rule->name), name, sizeof(name)));
	if (o->key != NULL && o->value.n > 0)
		printf("does not match, as %s is \"%s\"", o->key,
		       text_printable(o->value, value, sizeof(value)));
	else if (o->key != NULL)
		printf("does not match, by %s", o->key);
	else
		printf("%s", strcmp(o->word, "not-reached") == 0
				     ? "would match, but one before it does"
				     : o->word);
	if (rule->until != NULL)
		printf(" (until %s)", rule->until);
	printf("\n");
}

static void print_annotation(const struct decision *d)
{
	char key[256], value[512];

	if (d->annotation == NULL)
		return;
	printf("  annotation \"%s\": \"%s\", %s\n",
	       text_printable(d->annotation->key, key, sizeof(key)),
	       text_printable(d->annotation->value, value, sizeof(value)),
	       d->annotation_honored ? "followed" : "not followed");
}

static void print_tighten(const struct tighten *tighten)
{
	const struct tighten_custom *custom = tighten->custom;
	const char *joint = "";
	size_t n = 0;

	if (tighten_is_empty(tighten))
		return;
	printf("  tighten: ");
	for (int i = 0; i < TIGHTEN_NAMES; i++) {
		if ((tighten->named >> i & 1) == 0)
			continue;
		printf("%s%s", joint, tighten_name((enum tighten_name)i));
		joint = ", ";
	}
	for (; custom != NULL && n < tighten->n_custom; custom = custom->next, n++) {
		printf("%s%.*s%s", joint, SPAN_ARG(custom->names->name),
		       custom->names->next != NULL ? "..." : "");
		joint = ", ";
	}
	printf("\n");
}

static void print_listeners(const struct policy_glob *listeners)
{
	char shown[512];

	for (const struct policy_glob *g = listeners; g != NULL; g = g->next)
		printf("%s%s%s", g == listeners ? "  listeners: " : ", ",
		       text_printable(span_of(g->pattern), shown, sizeof(shown)),
		       g->next == NULL ? "\n" : "");
}

static void print_settings(const struct policy *p, const struct identity *id)
{
	const char *profile = p->unconfined        ? "unconfined"
			      : p->profile != NULL ? p->profile
			      : p->engine          ? "engine"
						   : "runtime/default";
	char shown[512];

	printf("  settings: mode %s, profile %s, weak %s, privileged %s, hook %s, restore %s, "
	       "annotations %s\n",
	       policy_mode_name(p->mode), text_printable(span_of(profile), shown, sizeof(shown)),
	       policy_weak_name(p->weak), policy_privileged_name(p->privileged),
	       policy_hook_name(p->hook), policy_restore_name(p->restore),
	       policy_honors_annotations(p, id->name_space) ? "followed" : "not followed");
	if (p->denials == DENIALS_LOG)
		printf("  denials: logged by the kernel, where who loads the filter takes the "
		       "flag for it\n");
	if (p->nri != NRI_AUTO)
		printf("  nri: %s\n", policy_nri_name(p->nri));
	if (p->filter == FILTER_READY)
		printf("  filter: ready-made, where the wrapper injects and the runtime is crun\n");
	print_tighten(&p->tighten);
	print_listeners(p->listeners);
}

/* ---- as JSON: a line for each rule, then the verdict ---- */

static void print_rule_json(const char *path, const struct policy_rule *rule,
			    const struct outcome *o)
{
	char buffer[RECORD_MAX_SIZE];
	struct jsonout out;

	jsonout_begin(&out, buffer, sizeof(buffer));
	jsonout_string(&out, "path", span_of(path));
	jsonout_string(&out, "rule", span_of(rule->name));
	jsonout_string(&out, "outcome", span_of(o->word));
	if (o->key != NULL)
		jsonout_string(&out, "key", span_of(o->key));
	if (o->key != NULL)
		jsonout_string(&out, "value", o->value);
	if (rule->until != NULL)
		jsonout_string(&out, "until", span_of(rule->until));
	jsonout_end(&out);
	printf("%s\n", out.p);
}

/* ---- one path ---- */

static void print_files(const struct explain *e, const char *path)
{
	char files[4096], line[2 * sizeof(files)];
	struct jsonout out;

	host_policy_files(&e->judge.policy, files, sizeof(files));
	if (!e->args->json) {
		printf("  policy: %s\n",
		       files[0] != '\0' ? files : "no file, so the defaults hold");
		return;
	}
	jsonout_begin(&out, line, sizeof(line));
	jsonout_string(&out, "path", span_of(path));
	jsonout_words(&out, "policy_files", span_of(files));
	jsonout_end(&out);
	printf("%s\n", out.p);
}

static void explain_rules(struct explain *e, const char *path, const struct ociconfig *config,
			  const struct verdict *v)
{
	if (!e->args->json)
		print_workload(&v->identity);
	for (const struct policy_rule *rule = e->judge.policy.rules; rule != NULL;
	     rule = rule->next) {
		struct outcome o =
			try_rule(rule, config, &v->identity, &v->decision.rules, e->judge.host.now);

		if (e->args->json)
			print_rule_json(path, rule, &o);
		else
			print_rule(rule, &o);
	}
	if (!e->args->json) {
		struct policy own =
			settings_for(&e->judge.policy, config, &v->identity, e->judge.host.now);

		print_settings(&own, &v->identity);
		print_annotation(&v->decision);
	}
}

static int explain_path(void *ctx, const char *path)
{
	struct explain *e = ctx;
	struct enforce_memory *memory = &e->judge.memory, at_start = *memory;
	struct ociconfig config;
	struct span text;
	struct verdict v;
	struct error err;

	if (cli_judge_path(&e->judge, path, &text, &v, &err) < 0)
		return cli_error(e->args, "%s", err.text);
	if (!e->args->json)
		cli_print_verdict(path, &v, &(struct cli_doubts){0}, false);
	print_files(e, path);
	/* What cannot be read has no workload and no rules. */
	if (text.p != NULL &&
	    ociconfig_read(text, &memory->keep, &memory->scratch, &config, &err) == 0)
		explain_rules(e, path, &config, &v);
	if (e->args->json)
		cli_print_verdict(path, &v, &(struct cli_doubts){0}, true);
	*memory = at_start;
	return v.decision.action == ACTION_KEEP || v.decision.action == ACTION_EXEMPT ? CLI_OK
										      : CLI_NO;
}

static int run(const struct cli_args *args)
{
	static struct explain e;
	struct error err;

	e.args = args;
	if (cli_judge_begin(&e.judge, args->value[CLI_POLICY], &err) < 0)
		return cli_error(args, "%s", err.text);
	return cli_each_argument(args, explain_path, &e);
}

static const struct cli_use uses[] = {{CLI_POLICY, NULL}};

const struct cli_command cli_policy_explain = {
	.name = "policy explain",
	.run = run,
	.summary = "tell which rule counts for a container, and why",
	.arguments = "PATH...",
	.min_arguments = 1,
	.max_arguments = SIZE_MAX,
	.files = SIZE_MAX,
	.takes = "takes bundles or configurations",
	.about = "Tell which rule of the policy counts for a container, which do not and why, and\n"
		 "what follows. PATH is what \"seccomp-guard check\" takes.\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "one JSON object on a line for each rule and one for the\n"
		"verdict; errors, too",
	.exit_status = "0 nothing to do, 1 something would be injected or refused,\n2 error.",
};
