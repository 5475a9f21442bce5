/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules of a policy: for which workloads it says something else, and until when. Pure: the time is
 * a parameter. The first rule that matches counts, alone.
 */
#ifndef SECCOMP_GUARD_POLICY_POLICY_RULES_H
#define SECCOMP_GUARD_POLICY_POLICY_RULES_H

#include "oci/identity.h"
#include "policy/policy.h"

/* What a rule can ask about as text. */
enum rule_key { RULE_NAMESPACE, RULE_POD, RULE_CONTAINER, RULE_IMAGE, RULE_ENGINE, RULE_KEYS };

/* An annotation that must be there, with a value that matches. */
struct rule_annotation {
	const char *key;
	const char *pattern;
	struct rule_annotation *next;
};

/* Everything that is given must match; an empty one matches every workload. */
struct rule_match {
	const struct policy_glob
		*text[RULE_KEYS]; /* one of the patterns must match; NULL: not asked */
	const struct rule_annotation *annotations, *labels;
	bool asks_sandbox, sandbox;
};

struct policy_rule {
	const char *name;
	const char *file;   /* that it stands in; NULL: not known */
	const char *reason; /* for people; NULL: not given */
	const char *owner;
	const char *until; /* as it was written, "2027-03-31"; NULL: for ever */
	int64_t until_day; /* the last day on which it applies, in days since 1970-01-01 UTC */
	struct rule_match match;
	unsigned int given; /* bits: which of `settings` replace the policy's (policy-internal.h) */
	struct policy settings;
	const struct policy_rule *next;
};

/* A rule whose end is nearer than this is worth a warning. */
#define RULE_WARN_DAYS 14

/* What the rules say about one workload. */
struct rule_choice {
	const struct policy_rule *rule;    /* the one that counts; NULL: none */
	const struct policy_rule *expired; /* the first that would have counted, but for its date */
	bool ending;                       /* `rule` ends within RULE_WARN_DAYS */
	bool clock_unset; /* the clock cannot be right, so rules with a date do not apply */
};

enum rule_outcome {
	RULE_MATCHES,
	RULE_EXPIRED, /* it would match, but for its date */
	RULE_DIFFERS,
};

/* What rules are matched with. */
struct workload {
	const struct identity *identity;
	const struct ociconfig *config; /* for its annotations */
	int64_t now;                    /* seconds since 1970-01-01 UTC */
};

/* Does `rule` match? For RULE_DIFFERS *ret_key is what differs: a key of "match". */
enum rule_outcome policy_rule_try(const struct policy_rule *rule, const struct workload *workload,
				  const char **ret_key);

/* Does a rule ask for what only the engine's own files tell of a container outside Kubernetes? */
bool policy_asks_names(const struct policy *policy);

/*
 * The policy for one workload: `policy` with the settings of the first rule that matches. A
 * workload of which nothing can be believed (identity->conflict) matches no rule; see
 * policy_strictest().
 */
void policy_for(const struct policy *policy, const struct workload *workload,
		struct policy *ret_policy, struct rule_choice *ret_choice);

/* Put the settings of a rule in the place of the policy's. */
void policy_apply_rule(const struct policy_rule *rule, struct policy *policy);

/*
 * For a workload that could be anybody's: of each setting the strictest that the policy has for
 * anyone. No annotation is followed and nothing is exempt.
 */
void policy_strictest(const struct policy *policy, struct policy *ret_policy);

#endif
