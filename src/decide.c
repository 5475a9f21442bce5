/* SPDX-License-Identifier: Apache-2.0 */
#include "decide.h"

static const char *const action_names[ACTIONS] = {
	[ACTION_KEEP] = "keep",
	[ACTION_INJECT] = "inject",
	[ACTION_REFUSE] = "refuse",
	[ACTION_EXEMPT] = "exempt",
	[ACTION_WOULD_INJECT] = "would-inject",
	[ACTION_WOULD_REFUSE] = "would-refuse",
};

static const char *const reason_names[REASONS] = {
	[REASON_ABSENT] = "absent",
	[REASON_UNCONFINED] = "unconfined",
	[REASON_WEAK] = "weak",
	[REASON_CONFINED] = "confined",
	[REASON_FOREIGN] = "foreign",
	[REASON_INVALID] = "invalid",
	[REASON_ANNOTATION] = "annotation",
	[REASON_ANNOTATION_NOT_HONORED] = "annotation-not-honored",
	[REASON_ANNOTATION_INVALID] = "annotation-invalid",
	[REASON_PRIVILEGED] = "privileged",
	[REASON_PROFILE] = "profile",
	[REASON_WRITE] = "write",
};

/* The decision table of the design. Weak under enforce is by policy.weak. */
static const enum action table[MODES][FINDINGS] = {
	[MODE_AUDIT] = {ACTION_WOULD_INJECT, ACTION_WOULD_INJECT, ACTION_KEEP, ACTION_KEEP,
			ACTION_WOULD_REFUSE, ACTION_WOULD_REFUSE},
	[MODE_COMPLAIN] = {ACTION_INJECT, ACTION_INJECT, ACTION_KEEP, ACTION_KEEP, ACTION_REFUSE,
			   ACTION_REFUSE},
	[MODE_ENFORCE] = {ACTION_INJECT, ACTION_INJECT, ACTION_KEEP, ACTION_KEEP, ACTION_REFUSE,
			  ACTION_REFUSE},
	[MODE_DENY] = {ACTION_REFUSE, ACTION_REFUSE, ACTION_REFUSE, ACTION_KEEP, ACTION_REFUSE,
		       ACTION_REFUSE},
};

static const enum action weak_enforced[WEAKS] = {
	[WEAK_KEEP] = ACTION_KEEP,
	[WEAK_REPLACE] = ACTION_INJECT,
	[WEAK_REFUSE] = ACTION_REFUSE,
};

/* The flavor that an engine's RuntimeDefault is; docker, ctr and unknown engines follow moby. */
static const struct {
	const char *engine;
	enum profile_flavor flavor;
} engine_flavors[] = {
	{"containerd", PROFILE_CONTAINERD},
	{"cri-o", PROFILE_CRIO},
	{"podman", PROFILE_CONTAINERS},
};

const char *action_name(enum action action)
{
	return action_names[action];
}

const char *reason_name(enum reason reason)
{
	return reason_names[reason];
}

static enum profile_flavor flavor_for(const struct policy *policy, const struct identity *identity)
{
	if (policy->flavor != POLICY_FLAVOR_AUTO)
		return (enum profile_flavor)policy->flavor;
	for (size_t i = 0; identity->engine != NULL && i < ARRAY_SIZE(engine_flavors); i++)
		if (strcmp(identity->engine, engine_flavors[i].engine) == 0)
			return engine_flavors[i].flavor;
	return PROFILE_MOBY;
}

static void refuse(struct decision *d, enum reason reason)
{
	d->action = d->mode == MODE_AUDIT ? ACTION_WOULD_REFUSE : ACTION_REFUSE;
	d->reason = reason;
}

/* The annotation for this container, the container's own before the pod's; NULL if there is none. */
static const struct oci_annotation *profile_annotation(const struct ociconfig *config,
						       const struct identity *identity)
{
	const struct span pod_key = SPAN("seccomp-guard/profile"),
			  container_key = SPAN("seccomp-guard/profile.");
	const struct oci_annotation *pod = NULL;

	for (const struct oci_annotation *a = config->annotations; a != NULL; a = a->next) {
		if (span_eq(a->key, pod_key))
			pod = a;
		else if (identity->container.n > 0 && span_has_prefix(a->key, container_key) &&
			 span_eq(span_skip(a->key, container_key.n), identity->container))
			return a;
	}
	return pod;
}

/* Apply the annotation to a decision that is not to keep. Returns true when it has settled the matter. */
static bool apply_annotation(const struct identity *identity, const struct policy *policy, struct decision *d)
{
	const struct oci_annotation *annotation = d->annotation;
	const struct span localhost = SPAN("localhost/");

	if (annotation == NULL)
		return false;
	if (identity->conflict || !policy_honors_annotations(policy, identity->name_space)) {
		d->reason = REASON_ANNOTATION_NOT_HONORED;
		return false;
	}
	if (span_eq(annotation->value, SPAN("unconfined"))) {
		d->action = ACTION_EXEMPT;
		d->reason = REASON_ANNOTATION;
		return true;
	}
	if (span_eq(annotation->value, SPAN("runtime/default"))) {
		d->profile_path = NULL;
		return false;
	}
	if (span_has_prefix(annotation->value, localhost) && annotation->value.n > localhost.n) {
		d->profile_confined = true;
		d->profile_path = span_skip(annotation->value, localhost.n).p;
		return false;
	}
	refuse(d, REASON_ANNOTATION_INVALID);
	return true;
}

/* Returns true when being privileged has settled the matter. */
static bool apply_privileged(const struct policy *policy, struct decision *d)
{
	if (!d->privileged || policy->privileged == PRIVILEGED_ENFORCE)
		return false;
	if (policy->privileged == PRIVILEGED_REFUSE) {
		refuse(d, REASON_PRIVILEGED);
		return true;
	}
	d->action = ACTION_EXEMPT;
	d->reason = REASON_PRIVILEGED;
	return true;
}

static enum finding find(const struct ociconfig *config)
{
	if (ociconfig_foreign_filter(config) != NULL)
		return FINDING_FOREIGN;
	return config->has_profile ? judge_profile(&config->profile) : FINDING_ABSENT;
}

void decide(const struct ociconfig *config, const struct identity *identity, const struct policy *policy,
	    struct decision *ret_decision)
{
	struct decision d = {
		.mode = policy->mode,
		.profile_path = policy->profile,
		.flavor = flavor_for(policy, identity),
		.privileged = ociconfig_is_privileged(config),
		.annotation = profile_annotation(config, identity),
	};

	d.finding = find(config);
	d.reason = (enum reason)d.finding;
	d.action = table[d.mode][d.finding];
	if (d.mode == MODE_ENFORCE && d.finding == FINDING_WEAK)
		d.action = weak_enforced[policy->weak];
	if (d.action != ACTION_KEEP && !apply_annotation(identity, policy, &d))
		apply_privileged(policy, &d);
	*ret_decision = d;
}

void decide_invalid(const struct policy *policy, struct decision *ret_decision)
{
	*ret_decision = (struct decision){
		.finding = FINDING_INVALID,
		.action = table[policy->mode][FINDING_INVALID],
		.reason = REASON_INVALID,
		.mode = policy->mode,
	};
}

void decide_failed(struct decision *decision, enum reason reason)
{
	refuse(decision, reason);
}
