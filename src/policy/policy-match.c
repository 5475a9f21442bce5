/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-internal.h"

#define SECONDS_PER_DAY 86400

/* 2020-01-01 in days since 1970-01-01. */
#define FIRST_CREDIBLE_DAY 18262

static const char *const key_names[RULE_KEYS] = {
	[RULE_NAMESPACE] = "namespace", [RULE_POD] = "pod",       [RULE_CONTAINER] = "container",
	[RULE_IMAGE] = "image",         [RULE_ENGINE] = "engine",
};

static bool any_matches(const struct policy_glob *globs, struct span text)
{
	for (const struct policy_glob *g = globs; g != NULL; g = g->next)
		if (policy_glob_matches(g->pattern, text))
			return true;
	return globs == NULL;
}

static bool annotations_match(const struct rule_annotation *wanted,
			      const struct oci_annotation *annotations)
{
	for (; wanted != NULL; wanted = wanted->next) {
		struct span value = oci_annotation_value(annotations, span_of(wanted->key));

		if (value.p == NULL || !policy_glob_matches(wanted->pattern, value))
			return false;
	}
	return true;
}

/* The first key of "match" that this workload does not meet; NULL: it meets all. */
static const char *differing_key(const struct rule_match *match, const struct workload *workload)
{
	const struct identity *identity = workload->identity;
	const struct span text[RULE_KEYS] = {
		[RULE_NAMESPACE] = identity->name_space,
		[RULE_POD] = identity->pod,
		[RULE_CONTAINER] = identity->container,
		[RULE_IMAGE] = identity->image,
		[RULE_ENGINE] = span_of(engine_name(identity->engine)),
	};

	for (size_t i = 0; i < RULE_KEYS; i++)
		if (!any_matches(match->text[i], text[i]))
			return key_names[i];
	if (match->asks_sandbox && match->sandbox != identity->sandbox)
		return "sandbox";
	if (!annotations_match(match->annotations, workload->config->annotations))
		return "annotation";
	return annotations_match(match->labels, identity->labels) ? NULL : "label";
}

/* Before 2020 a clock has not been set; dates cannot be compared with it. */
static bool clock_unset(int64_t now)
{
	return now < FIRST_CREDIBLE_DAY * SECONDS_PER_DAY;
}

enum rule_outcome policy_rule_try(const struct policy_rule *rule, const struct workload *workload,
				  const char **ret_key)
{
	const char *key = differing_key(&rule->match, workload);

	if (key != NULL) {
		*ret_key = key;
		return RULE_DIFFERS;
	}
	if (rule->until != NULL &&
	    (clock_unset(workload->now) || workload->now / SECONDS_PER_DAY > rule->until_day))
		return RULE_EXPIRED;
	return RULE_MATCHES;
}

bool policy_asks_names(const struct policy *policy)
{
	for (const struct policy_rule *rule = policy->rules; rule != NULL; rule = rule->next)
		if (rule->match.text[RULE_CONTAINER] != NULL ||
		    rule->match.text[RULE_IMAGE] != NULL || rule->match.labels != NULL)
			return true;
	return false;
}

/* ---- the policy for one workload ---- */

void policy_apply_rule(const struct policy_rule *rule, struct policy *policy)
{
	const struct policy *s = &rule->settings;
	const unsigned int given = rule->given;

	if (given & 1U << SETTING_MODE)
		policy->mode = s->mode;
	if (given & 1U << SETTING_PROFILE) {
		policy->profile = s->profile;
		policy->engine = s->engine;
		policy->unconfined = s->unconfined;
	}
	if (given & 1U << SETTING_FLAVOR)
		policy->flavor = s->flavor;
	if (given & 1U << SETTING_WEAK)
		policy->weak = s->weak;
	if (given & 1U << SETTING_PRIVILEGED)
		policy->privileged = s->privileged;
	if (given & 1U << SETTING_HOOK)
		policy->hook = s->hook;
	if (given & 1U << SETTING_RESTORE)
		policy->restore = s->restore;
	if (given & 1U << SETTING_DENIALS)
		policy->denials = s->denials;
	if (given & 1U << SETTING_FILTER)
		policy->filter = s->filter;
	if (given & 1U << SETTING_LISTENERS)
		policy->listeners = s->listeners;
	if (given & 1U << SETTING_ANNOTATIONS) {
		policy->honor_annotations = s->honor_annotations;
		policy->honor_namespaces = s->honor_namespaces;
	}
	if (given & 1U << SETTING_TIGHTEN)
		policy->tighten = s->tighten;
}

void policy_for(const struct policy *policy, const struct workload *workload,
		struct policy *ret_policy, struct rule_choice *ret_choice)
{
	struct rule_choice choice = {0};
	const char *key;

	*ret_policy = *policy;
	for (const struct policy_rule *rule = policy->rules; rule != NULL && choice.rule == NULL;
	     rule = rule->next) {
		enum rule_outcome outcome = policy_rule_try(rule, workload, &key);

		if (outcome == RULE_MATCHES)
			choice.rule = rule;
		else if (outcome == RULE_EXPIRED && choice.expired == NULL)
			choice.expired = rule;
	}
	if (choice.rule != NULL) {
		policy_apply_rule(choice.rule, ret_policy);
		choice.ending =
			choice.rule->until != NULL &&
			choice.rule->until_day - workload->now / SECONDS_PER_DAY <= RULE_WARN_DAYS;
	}
	choice.clock_unset = choice.expired != NULL && clock_unset(workload->now);
	*ret_choice = choice;
}

#define RAISE(to, from)                                                                            \
	do {                                                                                       \
		if ((to) < (from))                                                                 \
			(to) = (from);                                                             \
	} while (0)

void policy_strictest(const struct policy *policy, struct policy *ret_policy)
{
	*ret_policy = *policy;
	for (const struct policy_rule *rule = policy->rules; rule != NULL; rule = rule->next) {
		struct policy with = *policy;

		policy_apply_rule(rule, &with);
		RAISE(ret_policy->mode, with.mode);
		RAISE(ret_policy->weak, with.weak);
		RAISE(ret_policy->privileged, with.privileged);
		RAISE(ret_policy->hook, with.hook);
		RAISE(ret_policy->restore, with.restore);
		RAISE(ret_policy->denials, with.denials);
		ret_policy->tighten.named |= with.tighten.named;
	}
	ret_policy->honor_annotations = false;
	ret_policy->listeners = NULL;
	ret_policy->tighten.custom = policy->customs;
	ret_policy->tighten.n_custom = policy->customs != NULL ? SIZE_MAX : 0;
}
