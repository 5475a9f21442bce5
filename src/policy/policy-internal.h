/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the policy's reader share: policy.c (settings), policy-rules.c (rules) and
 * policy-tighten.c (restrictions). */
#ifndef SECCOMP_GUARD_POLICY_POLICY_INTERNAL_H
#define SECCOMP_GUARD_POLICY_POLICY_INTERNAL_H

#include "base/json-scan.h"
#include "oci/seccomp.h"
#include "policy/policy-rules.h"

/* The settings that a rule may change too, as bits of policy_rule.given. */
enum policy_setting {
	SETTING_MODE,
	SETTING_PROFILE,
	SETTING_FLAVOR,
	SETTING_WEAK,
	SETTING_PRIVILEGED,
	SETTING_HOOK,
	SETTING_RESTORE,
	SETTING_DENIALS,
	SETTING_FILTER,
	SETTING_LISTENERS,
	SETTING_ANNOTATIONS,
	SETTING_TIGHTEN,
};

/* The context of every callback. */
struct policy_reader {
	struct seccomp_reader oci; /* first: the callbacks of oci/seccomp.c know only this one */
	struct policy policy;
	struct policy *target;    /* what settings are written to: `policy`, or those of `rule` */
	struct policy_rule *rule; /* the one that is being read; NULL: none */
	const struct policy_rule *rules; /* of this text */
	const struct policy_rule **rule_tail;
	const struct rule_annotation **annotations; /* of the rule, or its labels */
	struct rule_annotation **annotation_tail;
	const struct policy_glob **glob_tail;
	const struct tighten_custom **custom_tail;
	struct tighten_custom *custom; /* the restriction that is being read */
	struct arena *keep;
	bool has_log_path;
};

/* A copy of `text` that lives as long as the policy. */
int policy_keep(struct policy_reader *r, struct span text, const char **ret, struct error *err);

/* Begin a list of globs at *list; each policy_add_glob() then adds one. */
void policy_begin_globs(struct policy_reader *r, const struct policy_glob **list);
int policy_add_glob(void *ctx, const struct json_value *value, struct error *err);

/* The setters of the settings that rules may change, and the descriptions of those that are no
 * words.
 */
int policy_set_mode(void *ctx, const struct json_value *value, struct error *err);
int policy_set_profile(void *ctx, const struct json_value *value, struct error *err);
int policy_set_flavor(void *ctx, const struct json_value *value, struct error *err);
int policy_set_weak(void *ctx, const struct json_value *value, struct error *err);
int policy_set_privileged(void *ctx, const struct json_value *value, struct error *err);
int policy_set_hook(void *ctx, const struct json_value *value, struct error *err);
int policy_set_restore(void *ctx, const struct json_value *value, struct error *err);
int policy_set_denials(void *ctx, const struct json_value *value, struct error *err);
int policy_set_filter(void *ctx, const struct json_value *value, struct error *err);
extern const struct json_schema policy_annotations_schema, policy_listeners_schema;

/* Note that the rule that is being read, if any, has a say in `setting`. */
void policy_given(struct policy_reader *r, enum policy_setting setting);

/* The description of "tighten". */
extern const struct json_schema policy_tighten_schema;

/* The description of "rules". */
extern const struct json_schema policy_rules_schema;

#endif
