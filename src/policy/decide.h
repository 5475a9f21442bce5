/* SPDX-License-Identifier: Apache-2.0 */
/* The decision: facts and policy in, action out. The same for all entry points. */
#ifndef SECCOMP_GUARD_POLICY_DECIDE_H
#define SECCOMP_GUARD_POLICY_DECIDE_H

#include "oci/identity.h"
#include "semantics/judge.h"
#include "oci/config.h"
#include "policy/policy-rules.h"

enum action {
	ACTION_KEEP,
	ACTION_INJECT,
	ACTION_REFUSE,
	ACTION_EXEMPT,
	ACTION_WOULD_INJECT,
	ACTION_WOULD_REFUSE,
	ACTIONS
};

/* Why: a stable word for records and scripts. Without another reason it is the finding that
 * decided. */
enum reason {
	REASON_ABSENT,
	REASON_UNCONFINED,
	REASON_WEAK,
	REASON_CONFINED,
	REASON_FOREIGN,
	REASON_INVALID,
	REASON_ANNOTATION,             /* the opt-out was honored */
	REASON_ANNOTATION_NOT_HONORED, /* an annotation was there and the policy does not follow it
					*/
	REASON_ANNOTATION_INVALID,     /* it says something that is no profile */
	REASON_RULE,                   /* a rule of the policy exempts it */
	REASON_IDENTITY,               /* its annotations contradict each other about whose it is */
	REASON_DISABLED,               /* the kill switch is on */
	REASON_PRIVILEGED,
	REASON_RESTORE, /* a checkpoint comes with the filters that it had */
	REASON_TIGHTEN, /* its profile lets through what the policy restricts */
	REASON_PROFILE, /* the profile to inject cannot be used */
	REASON_WRITE,   /* the new configuration could not be made or written */
	REASON_HOOK, /* only a hook is there to confine it, and the policy says that it refuses */
	REASON_HOOK_MISSING, /* the program that was to be its hook is not there */
	REASON_LIVE,         /* its init could not be confined live */
	REASON_UNFILTERED,   /* it runs without the filter that it should have */
	REASON_POLICY,       /* the policy cannot be read */
	REASON_RUNTIME,      /* there is no runtime to start it with */
	REASONS
};

struct decision {
	enum finding finding;
	/* FINDING_WEAK: what it lets through and RuntimeDefault of `flavor` would deny, see
	 * judge.h */
	struct syscall_set excess;
	bool weak_choice; /* `excess` is of the profile that an annotation has chosen instead */
	enum action action;
	enum reason reason;
	enum policy_mode mode;
	enum policy_hook hook;
	enum policy_weak weak;
	enum policy_denials denials;
	enum policy_filter filter;
	const struct policy_glob *listeners; /* that a profile may leave calls to */
	bool privileged;
	struct tighten tighten; /* what is laid over the profile */
	/* The profile that the policy names: the built-in `flavor` if neither is set. */
	struct {
		const char *path;
		bool of_engine;
	} named_profile;
	bool overlay; /* that profile is the configuration's own; when it is tight already, it is
			 kept as it is */
	/* What would be injected. `profile_path` NULL: the built-in `flavor`; else absolute or
	 * below localhostRoot. */
	const char *profile_path;
	bool profile_of_engine; /* with `profile_path` NULL: the engine's own file, if there is one
				 */
	bool profile_confined;  /* the path comes from an annotation, and stays below localhostRoot
				 */
	enum profile_flavor flavor;
	const struct oci_annotation *annotation; /* the one for this container; NULL: none */
	bool annotation_honored;
	const char *policy_file; /* for messages; NULL: there is none, and the defaults hold */
	const char *disabled;    /* why everything passes; NULL: it does not */
	struct rule_choice rules;
};

/* Where and when a decision is made. */
struct decide_context {
	enum profile_arch arch;
	uint32_t kernel; /* PROFILE_KERNEL() */
	int64_t now;     /* seconds since 1970-01-01 UTC, for the dates of rules */
	/*
	 * The profile that the policy names (decision->named_profile): what it lets through is not
	 * weak. Asked at most once, for a profile that is weak by RuntimeDefault. NULL: none. The
	 * function may be NULL.
	 */
	const struct seccomp_profile *(*named_profile)(void *ctx, const struct decision *decision);
	void *ctx;
	struct arena *scratch; /* given back */
	bool restores; /* the container comes from a checkpoint: the configuration has no say in its
			  filters */
};

/* Decide on a configuration that could be read. Cannot fail. */
void decide(const struct ociconfig *config, const struct identity *identity,
	    const struct policy *policy, const struct decide_context *site,
	    struct decision *ret_decision);

/*
 * Decide on one that could not: FINDING_INVALID, refused but in audit. It could be anybody's, so
 * the mode is the strictest that the policy has for anyone.
 */
void decide_invalid(const struct policy *policy, struct decision *ret_decision);

/* Something else than the container is why it cannot be judged or started: refused in every mode.
 */
void decide_unjudged(const struct policy *policy, enum reason reason,
		     struct decision *ret_decision);

/* The action was to inject and that failed for `reason`: refused but in audit. */
void decide_failed(struct decision *decision, enum reason reason);

/*
 * The profile that an annotation has chosen is weak: what the mode and `weak` in the policy say of
 * a container's own holds for it, too. Then the policy's profile is to be injected instead, the
 * container is refused, or it is left at that. `excess`: what it lets through, see judge.h.
 */
void decide_weak_choice(struct decision *decision, const struct syscall_set *excess);

/* The container keeps a filter that comes from elsewhere, whatever is injected: refused but in
 * audit. */
void decide_foreign(struct decision *decision);

/* There was nothing to tighten: the container keeps its profile. */
void decide_keep(struct decision *decision);

/* Does the container start with the configuration as it is? */
static inline bool action_keeps(enum action action)
{
	return action != ACTION_INJECT && action != ACTION_REFUSE;
}

static inline bool action_refuses(enum action action)
{
	return action == ACTION_REFUSE || action == ACTION_WOULD_REFUSE;
}

/*
 * What records call the profile, which is what the policy and annotations call it:
 * "runtime/default", "localhost/x.json" or an absolute path; or "own" for the container's with
 * restrictions over it. `out` (`size` bytes) is for a text that has to be made.
 */
const char *decision_profile(const struct decision *decision, char *out, size_t size);

/* Is it a built-in flavor's? */
static inline bool decision_has_flavor(const struct decision *decision)
{
	return !decision->overlay && decision->profile_path == NULL;
}

/*
 * What is weak in words: "it lets through keyctl, mount, ptrace and 12 more, which RuntimeDefault
 * of moby denies". Returns out.
 */
#define DECIDE_WEAKNESS_SIZE 420
#define DECIDE_WEAKNESS_NAMES 6 /* so many are told */
const char *decide_weakness(const struct decision *decision, char *out, size_t size);

/* Is there a profile that is weak, the container's own or the one chosen for it? */
static inline bool decision_is_weak(const struct decision *decision)
{
	return decision->finding == FINDING_WEAK || decision->weak_choice;
}

const char *action_name(enum action action);
const char *reason_name(enum reason reason);

#endif
