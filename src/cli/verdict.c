/* SPDX-License-Identifier: Apache-2.0 */
/* Judging what people name on the command line (bundles, configurations and what crictl inspect
 * prints), and telling the verdict. */
#include "cli/cli.h"

#include "base/jsonout.h"
#include "cli/document.h"
#include "filter/filter.h"
#include "node/bundle.h"
#include "node/fileio.h"
#include "node/record.h"
#include "semantics/warnings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <limits.h>
#include <sys/stat.h>

/* ---- one path ---- */

static bool is_directory(const char *path)
{
	struct stat st;

	return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

void cli_judge_text(struct cli_judge *j, const char *path, struct span text, struct span config,
		    struct verdict *v)
{
	enforce(config, &j->policy, &j->host, &j->memory, v);
	v->why.pos += (size_t)(config.p - text.p);
	host_locate(path, text, v);
}

/* A bundle is opened as the wrapper opens it, so that what makes the wrapper refuse shows here. */
static void judge_bundle(struct cli_judge *j, const char *path, struct span *ret_config,
			 struct verdict *v)
{
	CLEANUP_BUNDLE struct bundle bundle = BUNDLE_NONE;

	*v = (struct verdict){0};
	*ret_config = (struct span){0};
	if (bundle_open(path, NULL, &j->memory.keep, &bundle, &v->why) < 0)
		decide_invalid(&j->policy, &v->decision);
	else
		cli_judge_text(j, bundle.path, bundle.text, *ret_config = bundle.text, v);
}

int cli_policy_path(const struct cli_args *args, const char **ret_path)
{
	const char *named = args->value[CLI_POLICY];

	if (named != NULL && args->n > 0) {
		cli_error(args, "%s: --policy and a file exclude each other", args->command->name);
		return -1;
	}
	*ret_path = named != NULL ? named : args->argument[0];
	return 0;
}

int cli_judge_begin(struct cli_judge *judge, const char *policy_path, struct error *err)
{
	host_memory(&judge->memory);
	if (host_init(&judge->host, err) < 0)
		return -1;
	return host_policy(policy_path, &judge->memory, &judge->policy, err);
}

/* What podman inspect prints names the configuration, which is opened as any in a bundle: where it
 * cannot be, `err` says what it was to be, and why it is not. */
static int judge_podman(struct cli_judge *j, const struct document *document,
			struct span *ret_config, struct verdict *v, struct error *err)
{
	CLEANUP_BUNDLE struct bundle bundle = BUNDLE_NONE;
	char dir[sizeof(document->place)];
	struct error why;

	document_check_config(document, err);
	if (!document->place_is_config)
		return -1;
	snprintf(dir, sizeof(dir), "%s", document->place);
	*strrchr(dir, '/') = '\0';
	if (bundle_open(dir, NULL, &j->memory.keep, &bundle, &why) < 0) {
		const struct error what = *err;

		return error_set(err, "%s, which is not followed: %s", what.text, why.text);
	}
	cli_judge_text(j, bundle.path, bundle.text, *ret_config = bundle.text, v);
	return 0;
}

int cli_judge_path(struct cli_judge *j, const char *path, struct span *ret_config,
		   struct verdict *ret_verdict, struct error *err)
{
	struct document document;
	struct span text;

	if (is_directory(path)) {
		judge_bundle(j, path, ret_config, ret_verdict);
		return 0;
	}
	if (cli_read(path, OCICONFIG_MAX_SIZE, &j->memory.keep, &text, err) < 0)
		return cli_unread(path, "containers that run are told of by status", err);
	document_of(text, &j->memory.scratch, &document);
	if (document.kind == DOCUMENT_PODMAN) {
		if (judge_podman(j, &document, ret_config, ret_verdict, err) < 0)
			return error_prefix(err, "%s", path);
		return 0;
	}
	if (document_check_config(&document, err) < 0)
		return error_prefix(err, "%s", path);
	cli_judge_text(j, path, text, *ret_config = document.config, ret_verdict);
	return 0;
}

/* ---- telling ---- */

/* In a line of text; --json has all. */
#define UNKNOWN_SHOWN 6

/* Enough for the names of all system calls. */
#define WEAK_SIZE (SYSCALL_COUNT * (SYSCALL_MAX_NAME + 2))

static void print_json(const char *path, const struct verdict *v, const struct cli_doubts *doubts)
{
	const struct decision *d = &v->decision;
	char buffer[RECORD_MAX_SIZE + 3 * WEAK_SIZE], weak[WEAK_SIZE], profile[PATH_MAX];
	char warnings[WARNINGS_TEXT_SIZE];
	struct jsonout out;

	jsonout_begin(&out, buffer, sizeof(buffer));
	jsonout_string(&out, "path", span_of(path));
	jsonout_string(&out, "finding", span_of(finding_name(d->finding)));
	jsonout_string(&out, "action", span_of(action_name(d->action)));
	jsonout_string(&out, "reason", span_of(reason_name(d->reason)));
	jsonout_string(&out, "mode", span_of(policy_mode_name(d->mode)));
	jsonout_bool(&out, "privileged", d->privileged);
	if (decision_is_weak(d)) {
		syscall_set_names(&d->excess, SYSCALL_COUNT, " ", weak, sizeof(weak));
		jsonout_words(&out, "weak_syscalls", span_of(weak));
		jsonout_uint(&out, "weak_syscalls_total", syscall_set_count(&d->excess));
	}
	if (doubts->unknown.n > 0)
		jsonout_words(&out, "unknown_syscalls", doubts->unknown);
	if (doubts->more)
		jsonout_bool(&out, "unknown_syscalls_more", true);
	if (doubts->startup != NULL)
		jsonout_string(&out, "startup", span_of(doubts->startup));
	if (v->warnings != 0)
		jsonout_words(&out, "warnings", span_of(warnings_text(v->warnings, warnings)));
	if (d->rules.rule != NULL)
		jsonout_string(&out, "rule", span_of(d->rules.rule->name));
	if (d->rules.expired != NULL)
		jsonout_string(&out, "expired_rule", span_of(d->rules.expired->name));
	if (v->profile.p != NULL) {
		jsonout_string(&out, "profile",
			       span_of(decision_profile(d, profile, sizeof(profile))));
		if (decision_has_flavor(d))
			jsonout_string(&out, "flavor", span_of(profile_flavor_name(d->flavor)));
		jsonout_string(&out, "profile_sha256", span_of(v->profile_sha256));
	}
	if (v->identity.engine != ENGINE_UNKNOWN)
		jsonout_string(&out, "engine", span_of(engine_name(v->identity.engine)));
	if (v->identity.name_space.n > 0)
		jsonout_string(&out, "namespace", v->identity.name_space);
	if (v->identity.pod.n > 0)
		jsonout_string(&out, "pod", v->identity.pod);
	if (v->identity.container.n > 0)
		jsonout_string(&out, "container", v->identity.container);
	if (v->why.text[0] != '\0')
		jsonout_string(&out, "why", span_of(v->why.text));
	jsonout_end(&out);
	printf("%s\n", out.p);
}

/* Does the reason have all names already? */
static bool is_told(const struct verdict *v)
{
	bool by_weak = v->decision.reason != REASON_IDENTITY &&
		       v->decision.reason != REASON_ANNOTATION_INVALID;

	return action_refuses(v->decision.action) && by_weak &&
	       syscall_set_count(&v->decision.excess) <= DECIDE_WEAKNESS_NAMES;
}

static void print_weak(const struct decision *d)
{
	char weak[WEAK_SIZE];

	syscall_set_names(&d->excess, SYSCALL_COUNT, " ", weak, sizeof(weak));
	printf("; %slets through what RuntimeDefault of %s denies: %s",
	       d->weak_choice ? "what its annotation names " : "", profile_flavor_name(d->flavor),
	       weak[0] != '\0' ? weak : "every call that it does not name");
}

/* The first few. */
static void print_unknown(const struct cli_doubts *doubts)
{
	const struct span words = doubts->unknown;
	char version[FILTER_VERSION_SIZE];
	size_t n = 1, shown = words.n;

	if (words.n == 0) {
		printf("; the profile could not be read again for names that libseccomp does not "
		       "know");
		return;
	}
	for (size_t i = 0; i < words.n; i++) {
		if (words.p[i] != ' ')
			continue;
		if (n++ == UNKNOWN_SHOWN)
			shown = i;
	}
	printf("; libseccomp %s does not know: %.*s", filter_library_version(version), (int)shown,
	       words.p);
	if (n > UNKNOWN_SHOWN)
		printf(" and %s%zu more", doubts->more ? "at least " : "", n - UNKNOWN_SHOWN);
}

void cli_print_verdict(const char *path, const struct verdict *v, const struct cli_doubts *doubts,
		       bool json)
{
	const struct decision *d = &v->decision;
	char shown[1024], profile[PATH_MAX];

	if (json) {
		print_json(path, v, doubts);
		return;
	}
	printf("%s: %s, %s (%s)", text_printable(span_of(path), shown, sizeof(shown)),
	       finding_name(d->finding), action_name(d->action), reason_name(d->reason));
	if (d->rules.rule != NULL)
		printf(", rule \"%s\"",
		       text_printable(span_of(d->rules.rule->name), shown, sizeof(shown)));
	if (v->profile.p != NULL && !decision_has_flavor(d))
		printf(", profile %s",
		       text_printable(span_of(decision_profile(d, profile, sizeof(profile))), shown,
				      sizeof(shown)));
	else if (v->profile.p != NULL)
		printf(", profile runtime/default of %s", profile_flavor_name(d->flavor));
	if (v->why.text[0] != '\0')
		printf(": %s", text_printable(span_of(v->why.text), shown, sizeof(shown)));
	if (decision_is_weak(d) && !is_told(v))
		print_weak(d);
	if (doubts->unknown.n > 0 || doubts->more)
		print_unknown(doubts);
	if (doubts->startup != NULL)
		printf("; %s", doubts->startup);
	printf("\n");
}
