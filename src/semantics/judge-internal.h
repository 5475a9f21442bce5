/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of judge share. */
#ifndef SECCOMP_GUARD_SEMANTICS_JUDGE_INTERNAL_H
#define SECCOMP_GUARD_SEMANTICS_JUDGE_INTERNAL_H

#include "oci/seccomp-rule.h"
#include "semantics/judge.h"
#include "semantics/model.h"

struct judge {
	const struct seccomp_profile *profile;
	const struct seccomp_profile *accepted;
	uint32_t accepted_abis; /* that it is for; on others it kills, and accepts nothing */
	uint32_t abis;          /* that the filter is for, as bits */
	struct arena *scratch;
	unsigned long budget;           /* what is left of the work that may be done (model_walk) */
	struct syscall_set let_through; /* by a rule, for some arguments perhaps */
};

/* `profile` on `abi` under `runtime`. -1: the runtimes refuse it, or out of memory. */
int judge_model(const struct judge *j, const struct seccomp_profile *profile, enum abi abi,
		enum model_runtime runtime, struct model *ret_model);

/*
 * Where rules overlap and libseccomp decides between them, or loses conditions or rules: make of a
 * model all that may be let through, or what is let through in any case.
 */
void judge_at_most(struct model *model);
void judge_at_least(struct model *model);

/*
 * Can a process under the filter have the call run? A tracer can let it run, and where ptrace(2) is
 * allowed a process can be the tracer of its child; a listener can, and where the runtime gives the
 * filter none (crun) a process can be that (seccomp(2), SECCOMP_USER_NOTIF_FLAG_CONTINUE).
 */
static inline bool judge_permits(const struct seccomp_profile *profile, enum oci_action action)
{
	return oci_action_permits(action) || action == OCI_ACT_TRACE ||
	       (action == OCI_ACT_NOTIFY && !profile->has_listener);
}

#endif
