/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies of ours, by their text alone: what policy check says but for what a policy names
 * (profiles, sockets, where records go), which is the node's, and who owns the file.
 */
#include "lint/lint-internal.h"

#include "policy/policy-review.h"

struct job {
	struct lint *lint;
	const struct lint_request *request;
	const struct policy *policy;
	enum lint_rule_id rule; /* what a remark is */
};

/* Where a rule stands: its first key's value. Of the policy as a whole there are only remarks on
 * its restrictions. */
static struct tree place_of(const struct job *job, const struct policy_rule *rule)
{
	const struct span *origin = rule != NULL ? rule->settings.origin : job->policy->origin;
	const struct span text = job->request->text;
	struct tree place = {.line = 1, .column = 1};
	const char *first = NULL;

	for (size_t i = 0; i < POLICY_MAX_KEYS; i++) {
		const char *p = origin[i].p;

		if (p != NULL && (rule != NULL || strcmp(policy_key(i), "tighten") == 0) &&
		    (first == NULL || p < first))
			first = p;
	}
	if (first != NULL)
		lint_position(job->lint, text, (size_t)(first - text.p), &place);
	return place;
}

static void remark(void *ctx, const struct policy_rule *rule, const char *text)
{
	const struct job *job = ctx;
	const struct tree place = place_of(job, rule);

	if (rule != NULL)
		lint_tell(job->lint, job->rule, &place, NULL, "rule \"%s\" %s", rule->name, text);
	else
		lint_tell(job->lint, job->rule, &place, NULL, "%s", text);
}

void lint_policy(struct lint *lint, const struct lint_request *request)
{
	struct enforce_memory memory = *request->memory;
	struct tree place = {.line = 1, .column = 1};
	struct policy policy;
	struct job job = {lint, request, &policy, LINT_POLICY_DOUBT};
	struct error err;

	lint->how->counts->policies++;
	policy_defaults(&policy);
	if (policy_read(request->text, &memory.keep, &memory.scratch, &policy, &err) < 0) {
		if (err.has_pos)
			lint_position(lint, request->text, err.pos, &place);
		lint_tell(lint, LINT_INVALID_POLICY, &place, NULL, "%s", err.text);
		return;
	}
	policy_review(&policy, request->host->now, remark, &job);
	job.rule = LINT_POLICY_TIGHTEN;
	policy_review_restrictions(&policy, request->target, &memory,
				   (struct policy_reviewer){remark, &job});
}
