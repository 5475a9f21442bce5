/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of lint/ share. */
#ifndef SECCOMP_GUARD_LINT_INTERNAL_H
#define SECCOMP_GUARD_LINT_INTERNAL_H

#include "lint/lint.h"

/* A comment "# seccomp-guard: ignore RULE[,RULE...] reason"; in policies it begins with "//". */
struct lint_suppression {
	size_t line, column;
	size_t at;        /* offset in the text */
	size_t holds_for; /* the line of which findings are suppressed */
	struct span rules;
	struct span reason;
	bool used;
};

/* ---- trees: lint.c ---- */

/* Counts an element of a list that is looked at; false: so many were repeated by aliases that it
 * has to end, with an error of lint_document(). */
bool lint_goes_on(struct lint *lint);

/* The value of the last `key` in a mapping, with merge keys ("<<"); NULL where `tree` is NULL or
 * no mapping, or has no such key. */
struct tree *lint_get(struct lint *lint, const struct tree *tree, const char *key);

/* The entry of `key` that is written in the mapping itself; NULL: none. */
const struct tree_entry *lint_entry(struct lint *lint, const struct tree *tree, const char *key);

/* lint_get() along `path`, keys that are separated by dots. */
struct tree *lint_path(struct lint *lint, const struct tree *tree, const char *path);

/* The text of a scalar that is not null; p == NULL: it is none. */
struct span lint_text(const struct tree *tree);

/* A boolean as the readers of Kubernetes take it (YAML 1.1), and also in quotes: the API server
 * refuses that, and nobody means anything else by it. */
bool lint_is_true(const struct tree *tree);

bool lint_is_null(const struct tree *tree);

/* ---- lines: lint.c ---- */

/* Between words of a line; the end of one that ends in CR LF, too. */
bool lint_is_blank(char c);

/* Without blanks around it. */
struct span lint_trimmed(struct span line);

/* ---- findings: lint.c ---- */

/*
 * Tell of a finding at `at`, unless it is suppressed there or where `whole` begins, the object that
 * it is about (NULL: there is none). Returns whether it is not.
 */
bool lint_tell(struct lint *lint, enum lint_rule_id rule, const struct tree *at,
	       const struct tree *whole, const char *format, ...) PRINTF_LIKE(5, 6);

/* The same at a line. */
void lint_tell_at(struct lint *lint, enum lint_rule_id rule, size_t line, size_t column,
		  const char *text);

/* Put into `place` where offset `pos` of `part` is, a part of the file's text. */
void lint_position(const struct lint *lint, struct span part, size_t pos, struct tree *place);

/* ---- suppress.c ---- */

int lint_suppress_read(struct lint *lint, struct span text, struct arena *keep, struct error *err);

/* The comment that suppresses findings of `rule` on this line, which counts as used; NULL: none. */
const struct lint_suppression *lint_suppressed(struct lint *lint, enum lint_rule_id rule,
					       size_t line);

/* ---- namespaces.c ---- */

/* Why levels of the Pod Security Standards refuse a pod, as bits. */
enum {
	LINT_LACKS_PROFILE = 1,   /* a container: restricted */
	LINT_SAYS_UNCONFINED = 2, /* the pod or a container, whichever holds: baseline, too */
	LINT_IS_PRIVILEGED = 4,   /* a container: baseline, too */
};

/* The pods of lint->object. */
void lint_set_pod(struct lint *lint, const char *who, unsigned int refusals);

/* `level`: p == NULL: it has none. */
void lint_set_namespace(struct lint *lint, const struct tree *root, struct span name,
			struct span level);

/* ---- fix.c: changes for lint_apply(), none where the text does not allow a certain one ---- */

/* `type`: the scalar that is no RuntimeDefault. */
void lint_fix_type(struct lint *lint, const struct tree *type);

/* `owner`: the spec of a pod, or a container, in which a seccompProfile is missing. */
void lint_fix_absent(struct lint *lint, const struct tree *owner);

/* Take out of a compose file what says seccomp=unconfined for a service. Not where an option among
 * them gives a profile. */
void lint_fix_security_opt(struct lint *lint, const struct tree *service);

/* Take `part` out, which is in the file's text. */
void lint_fix_remove(struct lint *lint, struct span part);

/* The line of the text in which `at` is, with its end. */
struct span lint_fix_line(const struct lint *lint, const char *at);

/* ---- kinds of documents: each is counted, and judged or ignored ---- */

/* A manifest, or anything else. */
void lint_kubernetes(struct lint *lint, struct tree *root);

/* What an engine is told about a container by options. */
struct lint_options {
	char who[320];
	const struct tree *whole; /* where a comment about the container may stand */
	bool privileged;
	struct tree privileged_at;
	bool has_profile;
	struct span profile;
	struct tree profile_at;
	bool beside; /* the profile is a file whose path begins where the file at hand is */
};

/* Is the option "seccomp=PROFILE"? */
bool lint_security_opt(struct span option, struct span *ret_profile);

/* Returns whether a word alone makes it run without a filter, and no comment says that it is meant
 * so: it runs with the engine's profile where that is taken out. */
bool lint_options_check(struct lint *lint, const struct lint_options *options);

bool lint_is_compose(struct lint *lint, const struct tree *root);

void lint_compose(struct lint *lint, const struct tree *root);

/* What KICS' query reports of a document, and nothing else. */
void lint_kics(struct lint *lint, struct tree *root);

#endif
