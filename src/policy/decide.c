/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/decide.h"

#include "oci/seccomp-rule.h"

#include <stdio.h>

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
	[REASON_RULE] = "rule",
	[REASON_IDENTITY] = "identity",
	[REASON_DISABLED] = "disabled",
	[REASON_PRIVILEGED] = "privileged",
	[REASON_RESTORE] = "restore",
	[REASON_TIGHTEN] = "tighten",
	[REASON_PROFILE] = "profile",
	[REASON_WRITE] = "write",
	[REASON_HOOK] = "hook",
	[REASON_HOOK_MISSING] = "hook-missing",
	[REASON_LIVE] = "live",
	[REASON_UNFILTERED] = "not-confined",
	[REASON_POLICY] = "policy",
	[REASON_RUNTIME] = "runtime",
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
static const enum profile_flavor engine_flavors[ENGINES] = {
	[ENGINE_UNKNOWN] = PROFILE_MOBY, [ENGINE_CONTAINERD] = PROFILE_CONTAINERD,
	[ENGINE_CRIO] = PROFILE_CRIO,    [ENGINE_PODMAN] = PROFILE_CONTAINERS,
	[ENGINE_DOCKER] = PROFILE_MOBY,  [ENGINE_BUILDAH] = PROFILE_CONTAINERS,
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
	return engine_flavors[identity->engine];
}

static void refuse(struct decision *d, enum reason reason)
{
	d->action = d->mode == MODE_AUDIT ? ACTION_WOULD_REFUSE : ACTION_REFUSE;
	d->reason = reason;
}

/* ---- annotations ---- */

/*
 * What an annotation asks for. Kubernetes' legacy keys are of less weight: they are without effect
 * in Kubernetes since 1.27, and PodSecurityPolicy wrote them onto whole pods, so they choose a
 * profile where one is injected anyway, and opt nobody out.
 */
enum wish {
	WISH_NONE, /* nothing that is followed */
	WISH_DEFAULT,
	WISH_FILE,
	WISH_UNCONFINED,
	WISH_INVALID,
};

/* Where a wish may be written, the strongest first. */
static const struct annotation_place {
	const char *key; /* with `by_container`, what stands before the container's name */
	bool by_container;
	bool legacy;
} places[] = {
	{"seccomp-guard/profile.", true, false},
	{"seccomp-guard/profile", false, false},
	{"container.seccomp.security.alpha.kubernetes.io/", true, true},
	{"seccomp.security.alpha.kubernetes.io/pod", false, true},
};

static bool is_at(const struct annotation_place *place, struct span key, struct span container)
{
	const struct span prefix = span_of(place->key);

	if (!place->by_container)
		return span_eq(key, prefix);
	return container.n > 0 && span_has_prefix(key, prefix) &&
	       span_eq(span_skip(key, prefix.n), container);
}

/* The strongest annotation for this container; NULL if there is none. */
static const struct oci_annotation *profile_annotation(const struct ociconfig *config,
						       const struct identity *identity,
						       bool *ret_legacy)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		for (const struct oci_annotation *a = config->annotations; a != NULL; a = a->next) {
			if (!is_at(&places[i], a->key, identity->container))
				continue;
			*ret_legacy = places[i].legacy;
			return a;
		}
	}
	return NULL;
}

static enum wish wish_of(struct span value, bool legacy)
{
	const struct span localhost = SPAN("localhost/");

	if (span_has_prefix(value, localhost) && value.n > localhost.n)
		return WISH_FILE;
	if (span_eq(value, SPAN("runtime/default")) ||
	    (legacy && span_eq(value, SPAN("docker/default"))))
		return WISH_DEFAULT;
	if (legacy)
		return WISH_NONE;
	return span_eq(value, SPAN("unconfined")) ? WISH_UNCONFINED : WISH_INVALID;
}

static void choose_profile(struct decision *d, enum wish wish)
{
	d->profile_path = NULL;
	d->profile_of_engine = false;
	if (wish != WISH_FILE)
		return;
	d->profile_confined = true;
	d->profile_path = span_skip(d->annotation->value, strlen("localhost/")).p;
}

/* ---- what settles a decision that is not to keep, in this order ---- */

struct wished {
	enum wish wish;
	bool legacy;
};

static struct wished read_annotation(const struct ociconfig *config,
				     const struct identity *identity, const struct policy *policy,
				     struct decision *d)
{
	struct wished w = {WISH_NONE, false};

	d->annotation = profile_annotation(config, identity, &w.legacy);
	if (d->annotation == NULL || !policy_honors_annotations(policy, identity->name_space))
		return w;
	w.wish = wish_of(d->annotation->value, w.legacy);
	d->annotation_honored = w.wish != WISH_NONE;
	return w;
}

/* Returns true if the annotation decides by itself. */
static bool apply_annotation(struct wished w, struct decision *d)
{
	if (w.wish != WISH_INVALID && w.wish != WISH_UNCONFINED)
		return false;
	if (w.wish == WISH_INVALID) {
		refuse(d, REASON_ANNOTATION_INVALID);
		return true;
	}
	d->action = ACTION_EXEMPT;
	d->reason = REASON_ANNOTATION;
	return true;
}

/* A rule exempts the workload. A container that asks for a profile by our own annotation still gets
 * it. */
static bool apply_exemption(const struct policy *policy, struct wished w, struct decision *d)
{
	if (!policy->unconfined || (w.wish != WISH_NONE && !w.legacy))
		return false;
	d->action = ACTION_EXEMPT;
	d->reason = REASON_RULE;
	return true;
}

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

static void settle(const struct policy *policy, struct wished w, struct decision *d)
{
	if (d->annotation != NULL && !d->annotation_honored && d->finding != FINDING_FOREIGN)
		d->reason = REASON_ANNOTATION_NOT_HONORED;
	if (apply_annotation(w, d) || apply_exemption(policy, w, d) || apply_privileged(policy, d))
		return;
	if (w.wish != WISH_NONE)
		choose_profile(d, w.wish);
}

/*
 * A container that keeps a profile of its own: with restrictions laid over it, unless it may run
 * without any profile.
 */
static void apply_tighten(const struct policy *policy, struct wished w, struct decision *d)
{
	bool exempt = policy->unconfined || w.wish == WISH_UNCONFINED ||
		      (d->privileged && policy->privileged == PRIVILEGED_EXEMPT);

	if (d->action != ACTION_KEEP || tighten_is_empty(&policy->tighten) || exempt)
		return;
	d->action = d->mode == MODE_AUDIT ? ACTION_WOULD_INJECT : ACTION_INJECT;
	d->reason = REASON_TIGHTEN;
	d->overlay = true;
}

/* ---- the decision ---- */

/*
 * A pod's sandbox runs the engine's pause image. It can lack a profile when every container of the
 * pod has one: containerd gives it what is said for the whole pod. So it is not refused for lacking
 * one, in no mode, but gets one.
 */
static enum action action_for(const struct decision *d, enum finding finding, bool sandbox)
{
	bool lacks = finding == FINDING_ABSENT || finding == FINDING_UNCONFINED;

	if (d->mode == MODE_DENY && sandbox && lacks)
		return ACTION_INJECT;
	if (d->mode == MODE_ENFORCE && finding == FINDING_WEAK)
		return weak_enforced[d->weak];
	return table[d->mode][finding];
}

/*
 * What a sandbox gets is RuntimeDefault, live where only a hook is there: a profile that was
 * written for the containers could be too narrow for it, or missing.
 */
static void choose_for_sandbox(struct decision *d)
{
	d->profile_path = NULL;
	d->profile_of_engine = d->profile_confined = false;
	d->hook = HOOK_LIVE;
}

/* The kill switch: whatever would not be kept is exempt. */
static void apply_switch(const struct policy *policy, struct decision *d)
{
	if (policy->disabled == NULL)
		return;
	if (d->action != ACTION_KEEP)
		d->action = ACTION_EXEMPT;
	d->reason = REASON_DISABLED;
	d->disabled = policy->disabled;
}

/* Sets d->finding and d->excess; what the policy says is in *d already. */
static void find(const struct ociconfig *config, const struct identity *identity,
		 const struct decide_context *context, struct decision *d)
{
	const struct profile_target target = {
		.arch = context->arch, .kernel = context->kernel, .caps = config->bounding};
	struct judge_request request = {
		.profile = &config->profile,
		.reference = {d->flavor, &target, identity->sandbox},
		.scratch = context->scratch,
	};

	d->finding = FINDING_FOREIGN;
	if (context->restores || ociconfig_foreign_filter(config) != NULL)
		return;
	if (config->has_profile && !policy_knows_listener(d->listeners, &config->profile))
		return;
	d->finding = FINDING_ABSENT;
	if (config->has_profile)
		d->finding = judge_profile(&request, &d->excess);
	/*
	 * runc does not start such a container, nor does crun where the path is empty; where there
	 * is none crun does, and nothing holds it. What was meant for an agent is not replaced.
	 */
	if (d->finding == FINDING_UNCONFINED && !config->profile.has_listener &&
	    seccomp_notifies(&config->profile))
		d->finding = FINDING_FOREIGN;
	if (d->finding != FINDING_WEAK || context->named_profile == NULL)
		return;
	request.accepted = context->named_profile(context->ctx, d);
	if (request.accepted != NULL)
		d->finding = judge_profile(&request, &d->excess);
}

/*
 * A restored container has the filters of its image, whatever config.json says. Nothing is injected
 * then, in no mode, and nothing is logged in place of a denial.
 */
static void decide_restore(const struct policy *policy, struct decision *d)
{
	d->reason = REASON_RESTORE;
	if (policy->restore == RESTORE_ALLOW)
		d->action = ACTION_EXEMPT;
	else if (d->mode == MODE_AUDIT || d->mode == MODE_COMPLAIN)
		d->action = ACTION_WOULD_REFUSE;
	else
		d->action = ACTION_REFUSE;
}

void decide(const struct ociconfig *config, const struct identity *identity,
	    const struct policy *policy, const struct decide_context *context,
	    struct decision *ret_decision)
{
	struct decision d = {.privileged = ociconfig_is_privileged(config),
			     .policy_file = policy->file};
	const struct workload workload = {identity, config, context->now};
	struct policy own;
	struct wished wished;

	if (identity->conflict != NULL)
		policy_strictest(policy, &own);
	else
		policy_for(policy, &workload, &own, &d.rules);
	d.mode = own.mode;
	d.hook = own.hook;
	d.named_profile.path = d.profile_path = own.profile;
	d.named_profile.of_engine = d.profile_of_engine = own.engine;
	d.flavor = flavor_for(&own, identity);
	d.tighten = own.tighten;
	d.weak = own.weak;
	d.denials = own.denials;
	d.filter = own.filter;
	d.listeners = own.listeners;
	find(config, identity, context, &d);
	d.reason = (enum reason)d.finding;
	d.action = action_for(&d, d.finding, identity->sandbox);
	if (context->restores)
		decide_restore(&own, &d);
	wished = read_annotation(config, identity, &own, &d);
	if (d.action != ACTION_KEEP && identity->conflict != NULL)
		refuse(&d, REASON_IDENTITY);
	else if (d.action != ACTION_KEEP)
		settle(&own, wished, &d);
	else if (policy->disabled == NULL)
		apply_tighten(&own, wished, &d);
	if (identity->sandbox)
		choose_for_sandbox(&d);
	apply_switch(policy, &d);
	*ret_decision = d;
}

const char *decide_weakness(const struct decision *decision, char *out, size_t size)
{
	char names[DECIDE_WEAKNESS_NAMES * (SYSCALL_MAX_NAME + 2)], more[32] = "";
	char subject[128] = "it", key[64];
	size_t left = syscall_set_names(&decision->excess, DECIDE_WEAKNESS_NAMES, ", ", names,
					sizeof(names));

	if (decision->weak_choice)
		snprintf(subject, sizeof(subject), "the profile that annotation \"%s\" names",
			 text_printable(decision->annotation->key, key, sizeof(key)));
	if (left > 0)
		snprintf(more, sizeof(more), " and %zu more", left);
	if (names[0] != '\0')
		snprintf(out, size, "%s lets through %s%s, which RuntimeDefault of %s denies",
			 subject, names, more, profile_flavor_name(decision->flavor));
	else
		snprintf(out, size, "%s lets through every call that it does not name", subject);
	return out;
}

void decide_invalid(const struct policy *policy, struct decision *ret_decision)
{
	struct policy strictest;
	struct decision d = {
		.finding = FINDING_INVALID, .reason = REASON_INVALID, .policy_file = policy->file};

	policy_strictest(policy, &strictest);
	d.mode = strictest.mode;
	d.hook = strictest.hook;
	d.action = table[d.mode][FINDING_INVALID];
	apply_switch(policy, &d);
	*ret_decision = d;
}

void decide_unjudged(const struct policy *policy, enum reason reason, struct decision *ret_decision)
{
	*ret_decision = (struct decision){.finding = FINDING_INVALID,
					  .action = ACTION_REFUSE,
					  .reason = reason,
					  .mode = policy->mode,
					  .policy_file = policy->file};
}

void decide_failed(struct decision *decision, enum reason reason)
{
	refuse(decision, reason);
}

void decide_foreign(struct decision *decision)
{
	decision->finding = FINDING_FOREIGN;
	decision->overlay = false;
	refuse(decision, REASON_FOREIGN);
}

void decide_weak_choice(struct decision *decision, const struct syscall_set *excess)
{
	enum action action = action_for(decision, FINDING_WEAK, false);

	decision->weak_choice = true;
	decision->excess = *excess;
	if (action == ACTION_REFUSE) {
		refuse(decision, REASON_WEAK);
	} else if (action == ACTION_INJECT) {
		decision->profile_path = decision->named_profile.path;
		decision->profile_of_engine = decision->named_profile.of_engine;
		decision->profile_confined = false;
		decision->reason = REASON_WEAK;
	}
}

const char *decision_profile(const struct decision *decision, char *out, size_t size)
{
	if (decision->overlay)
		return "own";
	if (decision->profile_path == NULL)
		return "runtime/default";
	if (decision->profile_path[0] == '/')
		return decision->profile_path;
	snprintf(out, size, "localhost/%s", decision->profile_path);
	return out;
}

void decide_keep(struct decision *decision)
{
	decision->action = ACTION_KEEP;
	decision->reason = (enum reason)decision->finding;
	decision->overlay = false;
}
