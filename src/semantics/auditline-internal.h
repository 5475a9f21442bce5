/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files that read a line. */
#ifndef SECCOMP_GUARD_SEMANTICS_AUDITLINE_INTERNAL_H
#define SECCOMP_GUARD_SEMANTICS_AUDITLINE_INTERNAL_H

#include "semantics/auditline.h"

/* Is it a line of strace on a call that failed with EPERM or ENOSYS, or on SIGSYS by a filter? */
bool auditline_is_strace(struct span text);

/* Read one, into a line whose other members are as for nothing. */
int auditline_read_strace(struct span text, struct auditline *line, struct error *err);

#endif
