/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-review.h"

#include "profile/profile-file.h"

#include <stdio.h>

#define SECONDS_PER_DAY 86400
#define REMARK_SIZE 512

/* ---- is one pattern inside another? ---- */

/*
 * The two-pointer form of policy_glob_matches(), with the characters of `narrow` in the place of a
 * text: its star can only be swallowed by a star, its question mark by a star or a question mark.
 */
bool policy_glob_covers(const char *wide, const char *narrow)
{
	const char *star = NULL, *star_at = narrow;

	while (*narrow != '\0') {
		bool same = *wide == '?' ? *narrow != '*' : *wide == *narrow && *narrow != '*';

		if (*wide == '*') {
			star = ++wide;
			star_at = narrow;
		} else if (same) {
			wide++;
			narrow++;
		} else if (star != NULL) {
			wide = star;
			narrow = ++star_at;
		} else {
			return false;
		}
	}
	while (*wide == '*')
		wide++;
	return *wide == '\0';
}

static bool one_covers(const struct policy_glob *wide, const char *narrow)
{
	for (; wide != NULL; wide = wide->next)
		if (policy_glob_covers(wide->pattern, narrow))
			return true;
	return false;
}

/* ---- shadowed rules ---- */

/* `narrow` NULL: the key is not asked, so that every text matches. */
static bool texts_cover(const struct policy_glob *wide, const struct policy_glob *narrow)
{
	if (wide == NULL || one_covers(wide, "*"))
		return true;
	for (const struct policy_glob *g = narrow; g != NULL; g = g->next)
		if (!one_covers(wide, g->pattern))
			return false;
	return narrow != NULL;
}

static bool annotations_cover(const struct rule_annotation *wide,
			      const struct rule_annotation *narrow)
{
	for (; wide != NULL; wide = wide->next) {
		const struct rule_annotation *n = narrow;

		while (n != NULL && strcmp(n->key, wide->key) != 0)
			n = n->next;
		if (n == NULL || !policy_glob_covers(wide->pattern, n->pattern))
			return false;
	}
	return true;
}

/* Does `wide` match every workload that `narrow` matches? */
static bool match_covers(const struct rule_match *wide, const struct rule_match *narrow)
{
	for (size_t i = 0; i < RULE_KEYS; i++)
		if (!texts_cover(wide->text[i], narrow->text[i]))
			return false;
	if (wide->asks_sandbox && (!narrow->asks_sandbox || wide->sandbox != narrow->sandbox))
		return false;
	return annotations_cover(wide->annotations, narrow->annotations);
}

static const struct policy_rule *shadow_of(const struct policy *policy,
					   const struct policy_rule *rule)
{
	const struct policy_rule *r = policy->rules;

	while (r != rule && (r->until != NULL || !match_covers(&r->match, &rule->match)))
		r = r->next;
	return r != rule ? r : NULL;
}

/* ---- rules that match nothing ---- */

/* The names of namespaces and pods are DNS labels or subdomains (Kubernetes, "Object Names and
 * IDs"). */
static bool is_kubernetes_pattern(const char *pattern)
{
	return pattern[strspn(pattern, "abcdefghijklmnopqrstuvwxyz0123456789-.*?")] == '\0';
}

/* Is what an engine does not tell, which is empty, matched by none of the patterns? */
static bool needs_some(const struct policy_glob *globs)
{
	for (const struct policy_glob *g = globs; g != NULL; g = g->next)
		if (policy_glob_matches(g->pattern, (struct span){"", 0}))
			return false;
	return globs != NULL;
}

/* Why no workload can match, as the end of a sentence; NULL: some may. */
static const char *never(const struct rule_match *match, char *out)
{
	bool possible = match->text[RULE_NAMESPACE] == NULL;
	char shown[SPAN_SHOWN];

	if (match->asks_sandbox && match->sandbox &&
	    (needs_some(match->text[RULE_CONTAINER]) || needs_some(match->text[RULE_IMAGE])))
		return "can never match: a sandbox has no container name and no image";
	for (const struct policy_glob *g = match->text[RULE_NAMESPACE]; g != NULL; g = g->next) {
		possible |= is_kubernetes_pattern(g->pattern);
		if (!is_kubernetes_pattern(g->pattern))
			text_printable(span_of(g->pattern), shown, sizeof(shown));
	}
	if (possible)
		return NULL;
	snprintf(out, REMARK_SIZE,
		 "can never match: no namespace is named like \"%s\" (lower-case letters, digits, "
		 "\"-\" "
		 "and \".\"; patterns have \"*\" and \"?\")",
		 shown);
	return out;
}

/* ---- all remarks ---- */

struct review {
	const struct policy *policy;
	int64_t day;
	policy_remark *remark;
	void *ctx;
};

static void review_reach(const struct review *r, const struct policy_rule *rule)
{
	const struct policy_rule *shadow = shadow_of(r->policy, rule);
	char text[REMARK_SIZE], shown[SPAN_SHOWN];
	const char *why = never(&rule->match, text);

	if (why != NULL) {
		r->remark(r->ctx, rule, why);
	} else if (shadow != NULL) {
		snprintf(text, sizeof(text),
			 "is never reached: rule \"%s\" before it matches all that it matches",
			 text_printable(span_of(shadow->name), shown, sizeof(shown)));
		r->remark(r->ctx, rule, text);
	}
}

static void review_end(const struct review *r, const struct policy_rule *rule)
{
	int64_t days = rule->until_day - r->day;
	char text[64];

	if (rule->until == NULL || days > RULE_WARN_DAYS)
		return;
	snprintf(text, sizeof(text), "%s on %s", days < 0 ? "expired" : "expires", rule->until);
	r->remark(r->ctx, rule, text);
}

static void review_exemption(const struct review *r, const struct policy_rule *rule)
{
	if (!rule->settings.unconfined)
		return;
	if (rule->until == NULL)
		r->remark(r->ctx, rule, "exempts for ever: it has no \"until\"");
	if (rule->reason == NULL)
		r->remark(r->ctx, rule, "exempts and does not say why (\"reason\")");
	if (rule->owner == NULL)
		r->remark(r->ctx, rule, "exempts and does not say for whom (\"owner\")");
}

void policy_review(const struct policy *policy, int64_t now, policy_remark *remark, void *ctx)
{
	const struct review r = {policy, now / SECONDS_PER_DAY, remark, ctx};

	for (const struct policy_rule *rule = policy->rules; rule != NULL; rule = rule->next) {
		review_reach(&r, rule);
		review_end(&r, rule);
		review_exemption(&r, rule);
	}
}

/* ---- restrictions ---- */

struct restrictions {
	const struct policy_rule *rule; /* NULL: the policy itself */
	struct tighten tighten;
	const struct profile_target *target;
	struct policy_reviewer reviewer;
};

/* Can they be laid over this flavor for such capabilities, and be left with more than a call that
 * is denied as a whole? */
static bool fit(const struct restrictions *r, enum profile_flavor flavor, uint64_t caps,
		struct enforce_memory memory)
{
	struct profile_target target = *r->target;
	struct span whole = {0};
	const struct profilefile_request request = {
		.target = &target,
		.keep = &memory.keep,
		.scratch = &memory.scratch,
		.tighten = r->tighten,
		.ret_whole = &whole,
	};
	struct profilefile file;
	char text[2 * REMARK_SIZE];
	struct error err;
	int status;

	target.caps = caps;
	status = profilefile_builtin(flavor, &request, &file, &err);
	if (status == 0 && whole.p == NULL)
		return true;
	if (status < 0)
		snprintf(text, sizeof(text), "%stighten, over RuntimeDefault of %s: %s",
			 r->rule != NULL ? "has " : "", profile_flavor_name(flavor), err.text);
	else
		snprintf(text, sizeof(text),
			 "%stighten: over RuntimeDefault of %s all of %.*s would be denied, as "
			 "libseccomp makes something else of the rules that are left; restrict it "
			 "by one condition with SCMP_CMP_EQ or SCMP_CMP_MASKED_EQ, or leave out "
			 "\"args\" to deny all of it",
			 r->rule != NULL ? "has " : "", profile_flavor_name(flavor),
			 SPAN_ARG(whole));
	r->reviewer.remark(r->reviewer.ctx, r->rule, text);
	return false;
}

/* Of the policy, or of a rule that has others. */
static void review_restrictions(const struct policy *policy, struct restrictions *r,
				const struct enforce_memory *memory)
{
	static const uint64_t caps[] = {0, UINT64_MAX};
	struct policy own = *policy;

	if (r->rule != NULL)
		policy_apply_rule(r->rule, &own);
	if (own.tighten.n_custom == 0 ||
	    (r->rule != NULL && own.tighten.custom == policy->tighten.custom &&
	     own.flavor == policy->flavor))
		return;
	r->tighten = own.tighten;
	for (int flavor = 0; flavor < PROFILE_FLAVORS; flavor++)
		for (size_t i = 0; i < ARRAY_SIZE(caps); i++)
			if ((own.flavor == POLICY_FLAVOR_AUTO || own.flavor == flavor) &&
			    !fit(r, (enum profile_flavor)flavor, caps[i], *memory))
				return;
}

void policy_review_restrictions(const struct policy *policy, const struct profile_target *target,
				const struct enforce_memory *memory,
				struct policy_reviewer reviewer)
{
	struct restrictions r = {.target = target, .reviewer = reviewer};

	review_restrictions(policy, &r, memory);
	for (r.rule = policy->rules; r.rule != NULL; r.rule = r.rule->next)
		review_restrictions(policy, &r, memory);
}
