/* SPDX-License-Identifier: Apache-2.0 */
/* Which calls a profile denies whatever their arguments, and how. Pure. */
#ifndef SECCOMP_GUARD_SEMANTICS_DENIED_H
#define SECCOMP_GUARD_SEMANTICS_DENIED_H

#include "semantics/model.h"

/* What who makes the call sees of it. */
enum denied_answer {
	DENIED_EPERM,  /* or any other error that nobody takes for "not there" */
	DENIED_ENOSYS, /* callers fall back, where they can */
	DENIED_KILL,   /* it ends, or gets a signal */
	DENIED_ANSWERS,
};

/* Where it depends on the arguments, a call is with the mildest answer: ENOSYS, then EPERM. */
struct denied_calls {
	struct syscall_set by[DENIED_ANSWERS];
	struct syscall_set any;
};

/*
 * Of `calls`, which exist on request->abi. A call is not denied where that cannot be told, nor
 * where it is left to a listener. Fails where the model does.
 */
int denied_find(const struct model_request *request, const struct syscall_set *calls,
		struct arena *scratch, struct denied_calls *ret_denied, struct error *err);

/*
 * The same in one pass over the profile, without a model and without memory, for who has no time.
 * Rules without conditions and the default are exact. A call that a rule with conditions may let
 * through is not denied, whatever these are. request->abi is the host's own, and `calls` are others
 * than socketcall(2) and ipc(2), about which rules on what they do say something, too.
 */
void denied_at_once(const struct model_request *request, const struct syscall_set *calls,
		    struct denied_calls *ret_denied);

#endif
