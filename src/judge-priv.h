/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of judge share. */
#ifndef SECCOMP_GUARD_JUDGE_PRIV_H
#define SECCOMP_GUARD_JUDGE_PRIV_H

#include "judge.h"
#include "model.h"

struct judge {
	const struct seccomp_profile *profile;
	const struct seccomp_profile *also;
	uint32_t abis; /* that the filter is for, as bits */
	struct arena *scratch;
	unsigned long budget;           /* what is left of the work that may be done (model_walk) */
	struct syscall_set let_through; /* by a rule, for some arguments perhaps */
};

/*
 * The profile without what it says about calls of `settled`, and without names that are not known or stand twice in a rule;
 * the id of a name is its index. On the way j->let_through is completed. It lives in j->scratch; -1 when that is exhausted.
 */
int judge_narrow(struct judge *j, const struct syscall_set *settled, struct seccomp_profile *ret_profile);

/* Of a narrowed profile leave what it says about `calls`. */
void judge_keep_calls(struct seccomp_profile *profile, const struct syscall_set *calls);

/*
 * Where there are more conditions than the time of a container's start is worth, leave them out of a narrowed profile: what
 * lets through under conditions does so always, what denies under conditions never.
 */
void judge_bound_conditions(struct seccomp_profile *profile);

/* Does crun take less of some entry than runc? */
bool judge_runtimes_differ(const struct seccomp_profile *profile);

/*
 * What `profile` lets through on `abi` under `runtime`, at the most: where rules overlap and libseccomp decides, what lets
 * through counts. -1: the runtimes refuse it, or out of memory.
 */
int judge_model(const struct judge *j, const struct seccomp_profile *profile, enum abi abi,
		enum model_runtime runtime, struct model *ret_model);

#endif
