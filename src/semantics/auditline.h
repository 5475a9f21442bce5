/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel writes when a filter kills, or logs, a system call (Linux kernel/auditsc.c,
 * audit_seccomp()): as it is in audit.log, in the kernel's own log, or with names as ausearch -i
 * prints it.
 */
#ifndef SECCOMP_GUARD_SEMANTICS_AUDITLINE_H
#define SECCOMP_GUARD_SEMANTICS_AUDITLINE_H

#include "syscall/abi.h"
#include "oci/seccomp.h"

struct auditline {
	enum abi abi;
	int64_t number;
	bool has_code;
	uint32_t code; /* what the filter returned: SECCOMP_RET_* */
};

/* Does the text say that it is such a line? */
bool auditline_is(struct span text);

/* Read it; fails when it lacks arch= or syscall=, or has one that is not known. */
int auditline_read(struct span text, struct auditline *ret_line, struct error *err);

/* The action of SECCOMP_RET_* value `code`. */
enum oci_action auditline_action(uint32_t code);

#endif
