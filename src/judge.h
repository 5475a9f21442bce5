/* SPDX-License-Identifier: Apache-2.0 */
/* What a linux.seccomp object amounts to, by meaning: "confined" is not a question about a key being there.
 */
#ifndef SECCOMP_GUARD_JUDGE_H
#define SECCOMP_GUARD_JUDGE_H

#include "ociseccomp.h"

enum finding {
	FINDING_ABSENT,     /* nothing that a runtime turns into a filter */
	FINDING_UNCONFINED, /* a filter under which every syscall runs, be it by a list of all there are */
	FINDING_WEAK,       /* lets syscalls through by default and restricts some */
	FINDING_CONFINED,   /* anything stricter */
	FINDING_FOREIGN,    /* a filter from outside linux.seccomp */
	FINDING_INVALID,    /* the configuration cannot be read without guessing */
	FINDINGS
};

const char *finding_name(enum finding finding);

/*
 * The finding for a profile that was read: FINDING_ABSENT, _UNCONFINED, _WEAK or _CONFINED. A rule counts
 * only if it can take effect: it names a syscall that exists in the profile's architectures, its conditions
 * can be true, and no earlier rule without conditions has decided that syscall (libseccomp keeps the first of
 * those, and lets one replace conditional rules).
 */
enum finding judge_profile(const struct seccomp_profile *profile);

#endif
