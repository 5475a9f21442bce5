/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that nobody should let a container make because a log has them: what they reach lies
 * outside of the container, or is where the kernel has been broken before. RuntimeDefault gives
 * them with a capability, for some arguments, or not at all.
 */
#ifndef SECCOMP_GUARD_SEMANTICS_DANGER_H
#define SECCOMP_GUARD_SEMANTICS_DANGER_H

#include "base/base.h"

/* How many. */
#define DANGERS 53

/* Why, in words behind "because it"; NULL: it is none of them. */
const char *danger_of(struct span call);

#endif
