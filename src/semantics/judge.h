/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a linux.seccomp object amounts to, by meaning: "confined" is not a question about a key
 * being there. Asked are the ABIs that the filter is for, with the rules as runc, crun and
 * libseccomp make a filter of them (model.h).
 */
#ifndef SECCOMP_GUARD_SEMANTICS_JUDGE_H
#define SECCOMP_GUARD_SEMANTICS_JUDGE_H

#include "semantics/reference.h"

enum finding {
	FINDING_ABSENT,     /* nothing that a runtime turns into a filter */
	FINDING_UNCONFINED, /* a filter under which every syscall runs, be it by a list of all there
			       are */
	FINDING_WEAK,       /* restricts some, and lets through what RuntimeDefault denies */
	FINDING_CONFINED,   /* anything stricter */
	FINDING_FOREIGN,    /* a filter from outside linux.seccomp */
	FINDING_INVALID,    /* the configuration cannot be read without guessing */
	FINDINGS
};

const char *finding_name(enum finding finding);

struct judge_request {
	const struct seccomp_profile *profile;
	struct reference reference; /* whose RuntimeDefault it is compared with */
	/* What this lets through is no excess either; NULL: there is none. */
	const struct seccomp_profile *accepted;
	struct arena *scratch; /* given back */
};

/*
 * The finding for a profile that was read: FINDING_ABSENT, _UNCONFINED, _WEAK or _CONFINED. For
 * FINDING_WEAK *ret_excess are the calls that it lets through, for some arguments on some ABI, and
 * RuntimeDefault does not; else it is empty. A profile that lets everything through by default is
 * weak whatever its rules say, as it lets calls through that nobody knows yet; unless `accepted`
 * does.
 *
 * ALLOW and LOG let a call through, and so do TRACE, and NOTIFY without a listener, as a process in
 * the container can take the part of a tracer or listener. In doubt a call is let through: where
 * rules overlap and libseccomp decides between them, or loses conditions; where crun drops some;
 * and what has too many conditions to look at, or needs more memory than `scratch` has. The work is
 * bounded, whatever the profile; that `accepted` is, its author has to see to.
 */
enum finding judge_profile(const struct judge_request *request, struct syscall_set *ret_excess);

/* Does `profile` keep any call from running on a host of this architecture? */
bool judge_restricts(const struct seccomp_profile *profile, enum profile_arch arch,
		     struct arena *scratch);

#endif
