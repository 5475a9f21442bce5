/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings about files that have not reached a node: manifests of Kubernetes, compose files,
 * quadlets, profiles, policies and configurations. Pure; the caller reads files (yaml/read.h makes
 * trees of them) and prints.
 *
 * For each file: lint_begin(), one of lint_document() for each document, lint_quadlet(),
 * lint_profile(), lint_policy() and lint_config(), and lint_end().
 */
#ifndef SECCOMP_GUARD_LINT_LINT_H
#define SECCOMP_GUARD_LINT_LINT_H

#include "lint/tree.h"
#include "policy/enforce.h"
#include "profile/profile-file.h"

enum lint_severity {
	LINT_NOTE, /* to know; it alone makes no file wrong */
	LINT_WARNING,
	LINT_ERROR,
	LINT_SEVERITIES,
};

enum lint_rule_id {
	LINT_NO_PROFILE,
	LINT_UNCONFINED,
	LINT_PRIVILEGED,
	LINT_LOCALHOST_PATH,
	LINT_LOCALHOST_MISSING,
	LINT_STRAY_PROFILE,
	LINT_UNKNOWN_TYPE,
	LINT_LEGACY_ANNOTATION,
	LINT_NAMESPACE_LEVEL,
	LINT_UNKNOWN_LEVEL,
	LINT_REFUSED_BY_LEVEL,
	LINT_DUPLICATE_KEY,
	LINT_ENGINE_UNCONFINED,
	LINT_ENGINE_PRIVILEGED,
	LINT_ENGINE_PROFILE,
	LINT_INVALID_POLICY,
	LINT_POLICY_TIGHTEN,
	LINT_POLICY_DOUBT,
	LINT_INVALID_CONFIG,
	LINT_CONFIG_UNCONFINED,
	LINT_CONFIG_FOREIGN,
	LINT_CONFIG_WEAK,
	LINT_INVALID_PROFILE,
	LINT_NO_START,
	LINT_HARD_START,
	LINT_C_LIBRARY,
	LINT_RESTRICTS_NOTHING,
	LINT_CLONE3,
	LINT_NEVER_COUNTS,
	LINT_REDUNDANT,
	LINT_NEWER_CALL,
	LINT_NEWER_TRIED,
	LINT_DANGEROUS_CALL,
	LINT_ALLOWS_BY_DEFAULT,
	LINT_BEYOND_DEFAULT,
	LINT_NO_ARCHITECTURES,
	LINT_FLAGS,
	LINT_UNKNOWN_CALL,
	LINT_UNKNOWN_KEY,
	LINT_UNKNOWN_WORD,
	LINT_BAD_SUPPRESSION,
	LINT_UNUSED_SUPPRESSION,
	LINT_KICS,
	LINT_RULES,
};

struct lint_rule {
	const char *id;
	enum lint_severity severity;
	const char *text; /* what the rule is about, a sentence */
	const char *mend; /* what to do, a sentence */
};

extern const struct lint_rule lint_rules[LINT_RULES];

const char *lint_severity_name(enum lint_severity severity);

struct lint_finding {
	const struct lint_rule *rule;
	const char *path;    /* NULL: the file at hand */
	size_t line, column; /* both from 1 */
	const char *text;    /* what is wrong with what; not escaped */
	struct span reason;  /* of the comment that suppresses it; p == NULL: none does */
};

struct lint_counts {
	size_t objects;    /* of Kubernetes that have containers, or are a namespace; compose files,
			      quadlets */
	size_t containers; /* that have been judged */
	size_t profiles;   /* seccomp profiles */
	size_t policies;   /* of ours */
	size_t windows;    /* containers that have not: there is no seccomp */
	size_t ignored;    /* documents of other kinds */
	size_t suppressed; /* findings */
	size_t found[LINT_SEVERITIES];
};

struct lint_namespace;
struct lint_set_pod;

#define LINT_SET_BUCKETS 1024

/* What documents of different files have to do with each other: pods with their namespaces. Its
 * members are lint/'s own. */
struct lint_set {
	struct arena *arena;
	struct lint_namespace *namespaces[LINT_SET_BUCKETS];
	struct lint_set_pod *pods, **end;
	bool full; /* something did not fit */
};

/* What is the same for all files. */
struct lint_how {
	/* Only what KICS' query f377b83e-bd07-4f48-a591-60c82b14a78b reports. */
	bool kics;
	/* Whose RuntimeDefault profiles are compared with; 0 is Docker's. */
	enum profile_flavor flavor;
	/* Is there such a Localhost profile on the nodes? NULL: not known. */
	bool (*profile_exists)(void *ctx, const char *path);
	/* Is there such a file, if its path begins where the file at hand is? NULL: not known. */
	bool (*file_exists)(void *ctx, const char *path);
	void (*tell)(void *ctx, const struct lint_finding *finding);
	struct lint_counts *counts; /* added to */
	bool fix;                   /* remember what mends the text, for lint_apply() */
	struct lint_set *set;       /* NULL: each file by itself */
	const char *path;           /* of the file at hand, for what is told of it later */
	bool suppressed_too;        /* tell of suppressed findings as well */
	void *ctx;
};

struct lint_suppression;
struct lint_edit;

/* The state for one file; its members are lint/'s own. */
struct lint {
	const struct lint_how *how;
	struct span text; /* the file's */
	struct arena *keep;
	struct lint_suppression *suppressions;
	size_t n_suppressions;
	struct lint_edit *edits;
	/* Of the object at hand. */
	const struct tree *object;
	struct span name_space;
	size_t steps;  /* entries that were looked at in this document */
	size_t merges; /* merge keys that are being followed */
};

/*
 * Begin with a file: `text` is looked through for comments that suppress findings, which are kept
 * in `keep`.
 */
int lint_begin(struct lint *lint, const struct lint_how *how, struct span text, struct arena *keep,
	       struct error *err);

/* A scalar of the file, before its document: what it says is no comment. */
void lint_scalar(struct lint *lint, const struct tree *scalar);

/* A manifest, a compose file, or anything else. Fails for a document that has a walk of hours in
 * few lines. */
int lint_document(struct lint *lint, struct tree *root, struct error *err);

/*
 * A seccomp profile, in JSON, whose tree is `root` and whose text is request->text, the file's or a
 * part of it. It is resolved for request->target, a container of the machine at hand.
 */
void lint_profile(struct lint *lint, struct tree *root, const struct profilefile_request *request);

/* Is the text a unit of systemd, and no YAML? Quadlets are such units. */
bool lint_is_unit(struct span text);

/* A quadlet, or another unit, which is ignored. */
void lint_quadlet(struct lint *lint);

/* What is judged as on a node; the memory is given back. */
struct lint_request {
	struct span text; /* the file's, or a part of it */
	const struct enforce_host *host;
	const struct profile_target *target; /* a container there */
	const struct enforce_memory *memory;
};

/* A policy of ours, by its text alone. */
void lint_policy(struct lint *lint, const struct lint_request *request);

/*
 * A configuration of the runtime-spec. `root` is the tree of the file; request->text is the
 * configuration, the whole file or what crictl inspect has as .info.runtimeSpec.
 */
void lint_config(struct lint *lint, struct tree *root, const struct lint_request *request);

/*
 * The text of the file with all changes that mend a finding for certain; in `arena`. Without any it
 * is the same text.
 */
int lint_apply(struct lint *lint, struct arena *arena, struct span *ret_text, struct error *err);

/* Before all files that belong together. What is remembered of them lives in `arena`. */
void lint_set_begin(struct lint_set *set, struct arena *arena);

/* Behind the last one: tells what its documents have to do with each other. Fails when not all
 * could be remembered. */
int lint_set_end(struct lint_set *set, const struct lint_how *how, struct error *err);

/* At the end of a file: which comments suppressed nothing. */
void lint_end(struct lint *lint);

#endif
