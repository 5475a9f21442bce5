/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What RuntimeDefault lets through: what a profile that is `weak` is compared with. Generated from
 * the rules of the built-in flavors (src/flavor/profiles/), with what no container's own profile is
 * blamed for:
 *  - what the engine's default let through in an earlier release, for that is RuntimeDefault on a
 * node that has it;
 *  - calls that are newer than any that the flavor names: nobody has decided on them yet, and the
 * engine's next release lets most of them through. It is by this that runc answers ENOSYS
 * (libcontainer/seccomp/patchbpf). Its rules are taken to hold on every ABI, also on one that the
 * flavor does not list for the host. Pure.
 */
#ifndef SECCOMP_GUARD_SEMANTICS_REFERENCE_H
#define SECCOMP_GUARD_SEMANTICS_REFERENCE_H

#include "semantics/model.h"

/* Whose RuntimeDefault, and for which container. */
struct reference {
	enum profile_flavor flavor;
	const struct profile_target *target;
	bool sandbox; /* it is a pod's pause container: CRI-O gives those another profile, which
			 lets more through */
};

/* *ret_calls are those that are let through whatever the arguments. */
void reference_calls(const struct reference *reference, struct syscall_set *ret_calls);

/*
 * What it says to the calls of `open`, none of which reference_calls() has: as a model that says
 * ERRNO to all that is not let through, and nothing about other calls. It lives in `arena`; -1 when
 * that is exhausted.
 */
struct reference_request {
	const struct reference *reference;
	enum abi abi;
	const struct syscall_set *open;
};
int reference_model(const struct reference_request *request, struct arena *arena,
		    struct model *ret_model);

#endif
