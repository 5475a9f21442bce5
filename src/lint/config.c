/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configurations of the runtime-spec: what `check` finds with a policy that says nothing, and the
 * profile in it as a profile.
 */
#include "lint/lint-internal.h"

static void tell_finding(struct lint *lint, const struct verdict *v, const struct tree *at)
{
	char weakness[DECIDE_WEAKNESS_SIZE];

	switch (v->decision.finding) {
	case FINDING_ABSENT:
		lint_tell(lint, LINT_CONFIG_UNCONFINED, at, NULL,
			  "no linux.seccomp: the container runs without a filter%s",
			  v->decision.privileged ? " (it is privileged)" : "");
		break;
	case FINDING_UNCONFINED:
		lint_tell(lint, LINT_CONFIG_UNCONFINED, at, NULL,
			  "every call runs under linux.seccomp");
		break;
	case FINDING_WEAK:
		lint_tell(lint, LINT_CONFIG_WEAK, at, NULL, "linux.seccomp: %s",
			  decide_weakness(&v->decision, weakness, sizeof(weakness)));
		break;
	case FINDING_FOREIGN:
		lint_tell(lint, LINT_CONFIG_FOREIGN, at, NULL, "%s", v->why.text);
		break;
	default:
		break;
	}
}

/* For the capabilities that the configuration gives. */
static void check_profile(struct lint *lint, struct tree *profile, const struct ociconfig *config,
			  const struct lint_request *request)
{
	struct enforce_memory memory = *request->memory;
	struct profile_target target = *request->target;
	const struct profilefile_request inner = {.text = config->seccomp,
						  .target = &target,
						  .keep = &memory.keep,
						  .scratch = &memory.scratch};

	target.caps = config->bounding;
	lint_profile(lint, profile, &inner);
}

void lint_config(struct lint *lint, struct tree *root, const struct lint_request *request)
{
	struct enforce_memory memory = *request->memory;
	struct tree *inspected = lint_path(lint, root, "info.runtimeSpec");
	struct tree *config_at = inspected != NULL ? inspected : root;
	struct tree *profile = lint_path(lint, config_at, "linux.seccomp");
	struct tree place = *config_at;
	struct ociconfig config;
	struct policy policy;
	struct verdict v;
	struct error err;

	lint->how->counts->containers++;
	if (ociconfig_read(request->text, &memory.keep, &memory.scratch, &config, &err) < 0) {
		if (err.has_pos)
			lint_position(lint, request->text, err.pos, &place);
		lint_tell(lint, LINT_INVALID_CONFIG, &place, NULL, "%s", err.text);
		return;
	}
	policy_defaults(&policy);
	policy.mode = MODE_DENY;
	enforce(request->text, &policy, request->host, &memory, &v);
	tell_finding(lint, &v, profile != NULL ? profile : config_at);
	if (config.has_profile && profile != NULL)
		check_profile(lint, profile, &config, request);
}
