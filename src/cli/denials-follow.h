/* SPDX-License-Identifier: Apache-2.0 */
/* Denials as the kernel reports them. */
#ifndef SECCOMP_GUARD_CLI_DENIALS_FOLLOW_H
#define SECCOMP_GUARD_CLI_DENIALS_FOLLOW_H

#include "cli/denials-print.h"

/*
 * Tell each kind of denial when it is first seen and when its count has doubled, until SIGINT,
 * SIGTERM or the reader of standard output goes away; at the end all whose count has grown since.
 * AUDITLOG_NEVER: records cannot be read here at all. -1: another error.
 */
int denials_follow(struct denials_form *form, struct error *err);

#endif
