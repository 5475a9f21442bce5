/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of enforcing share. */
#ifndef SECCOMP_GUARD_POLICY_ENFORCE_INTERNAL_H
#define SECCOMP_GUARD_POLICY_ENFORCE_INTERNAL_H

#include "policy/enforce.h"

#define NO_ROOM "the configuration is too large to hold another profile"

/* A profile to inject: ready-made text, or a value that is rendered at the end. */
struct chosen {
	bool by_caps;     /* it depends on the container's capabilities */
	struct span text; /* p == NULL: `value` */
	struct seccomp_profile value;
};

/* What `enforce` works with. */
struct work {
	const struct policy *policy;
	const struct enforce_host *host;
	struct enforce_memory *memory;
	struct verdict *verdict;
	struct ociconfig config;
	bool logs;                              /* the flag for it can be put in, */
	bool (*takes_log)(const char *runtime); /* or this has to be asked; NULL: it has not */
	bool nri; /* what is injected is set by an engine for an NRI plugin */
	/* The profile that the policy names, once it was asked for: read and resolved once. */
	struct {
		bool asked;
		int result;       /* 0, or -1: as `err` says */
		const char *path; /* of the file; NULL: built in */
		struct chosen profile;
		struct error err;
	} named;
	struct {
		const char *path; /* the decision's; NULL: nothing has been read yet */
		bool confined;
		struct span text;
	} loaded;
};

/* Why a decision refuses, for people: into v->why. */
void enforce_explain_refusal(const struct ociconfig *config, struct verdict *v);

/* Why a profile that leaves calls to a listener is not taken. Returns -1. */
int enforce_explain_listener(const struct seccomp_profile *profile, struct error *err);

/* The decision, into the verdict. */
void enforce_decide(struct work *w);

/* The profile to inject, as text and value in the verdict, or none: the verdict then says why. */
int enforce_find_profile(struct work *w, struct error *err);

/* The verdict's profile with ENFORCE_MARK. */
int enforce_mark(const struct work *w, struct span *ret, struct error *err);

/* Make the verdict's output of the configuration and the profile. *ret_why is set where it fails.
 */
int enforce_inject(const struct work *w, enum reason *ret_why, struct error *err);

/* The configuration's own profile has its program beside it, which would stay and count, whatever
 * profile takes its place. */
void enforce_refuse_program(struct verdict *v);

#endif
