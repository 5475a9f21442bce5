/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments by the names that people and strace have for them: flags of new namespaces, address
 * families. Pure. */
#ifndef SECCOMP_GUARD_SEMANTICS_ARGNAME_H
#define SECCOMP_GUARD_SEMANTICS_ARGNAME_H

#include "base/base.h"

/* The value of "CLONE_NEWUSER|SIGCHLD", "AF_ALG", "0x40", "-1" or "NULL"; false when one of
 * the parts is none that is known. */
bool argname_value(struct span text, uint64_t *ret_value);

#endif
