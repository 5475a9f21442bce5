/* SPDX-License-Identifier: Apache-2.0 */
/* Capability names and numbers (capabilities(7)), as a table: the hot path does not load libcap. */
#ifndef SECCOMP_GUARD_OCI_CAPABILITY_H
#define SECCOMP_GUARD_OCI_CAPABILITY_H

#include "base/base.h"

#define CAPABILITY_COUNT 41
#define CAPABILITY_ALL ((UINT64_C(1) << CAPABILITY_COUNT) - 1)

/* The number of "CAP_..." (exact spelling, as the engines compare), or -1. */
int capability_from_name(struct span name);

/* "CAP_..." of number 0 to CAPABILITY_COUNT-1. */
const char *capability_name(int number);

#endif
