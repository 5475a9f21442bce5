/* SPDX-License-Identifier: Apache-2.0 */
/* Error numbers by name, as profile files write them (containers-common, pkg/seccomp: "errno",
 * "defaultErrno"). */
#ifndef SECCOMP_GUARD_BASE_ERRNONAME_H
#define SECCOMP_GUARD_BASE_ERRNONAME_H

#include "base/base.h"

/* The number of "EPERM" and so on where this program runs, or -1. */
int errno_from_name(struct span name);

/* "EPERM" and so on, or NULL. */
const char *errno_name(int number);

#endif
