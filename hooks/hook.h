/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of seccomp-guard-hook share. */
#ifndef SECCOMP_GUARD_HOOKS_HOOK_H
#define SECCOMP_GUARD_HOOKS_HOOK_H

#include "node/host.h"
#include "oci/state.h"

#include <time.h>

struct hook {
	const char *policy_path;
	const char *stage; /* from --stage, or told by the state; NULL: not known */
	struct policy policy;
	struct enforce_memory memory;
	struct timespec start; /* CLOCK_MONOTONIC */
};

/* Say "seccomp-guard: message" on stderr, without waiting for a reader; returns EXIT_FAILURE. */
int hook_fail(const char *message);

/* Record a verdict. `state`: the one it is about; NULL: the filter form. */
void hook_record(const struct hook *hook, const struct verdict *verdict,
		 const struct ocistate *state);

/* Is there anything to do at this stage of a runtime's? */
bool hook_has_stage(const char *stage);

/* A runtime's hook, with a state on stdin: do what its stage asks for. Returns the exit status. */
int hook_state(struct hook *hook, const struct ocistate *state);

#endif
