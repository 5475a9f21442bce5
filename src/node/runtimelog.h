/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's own error log (--log, --log-format), in which engines look for the reason of a
 * failure. */
#ifndef SECCOMP_GUARD_NODE_RUNTIMELOG_H
#define SECCOMP_GUARD_NODE_RUNTIMELOG_H

#include "oci/runargs.h"

/*
 * Append one record of level error with "seccomp-guard: `message`" to the file that `args` names,
 * in its format, as runc would (logrus). containerd shows its user the last such record, podman
 * reads the file as a single JSON object: so this is called once, on refusal, and never for
 * anything else. Nothing happens without --log. Returns 0, or -1 with errno, which there is nobody
 * left to tell.
 */
int runtimelog_error(const struct runargs *args, enum runargs_family family, const char *message);

#endif
