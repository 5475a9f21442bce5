/* SPDX-License-Identifier: Apache-2.0 */
/* Putting a new linux.seccomp into the text of a configuration: every other byte stays as it was.
 */
#ifndef SECCOMP_GUARD_OCI_SPLICE_H
#define SECCOMP_GUARD_OCI_SPLICE_H

#include "oci/config.h"

/*
 * Write config->text into `arena` with `profile` as the value of linux.seccomp: in place of the old
 * value, null included, or as the first member of `linux`, which must be there. -1: the arena is
 * exhausted.
 */
int splice_seccomp(const struct ociconfig *config, struct span profile, struct arena *arena,
		   struct span *ret_text);

#endif
