/* SPDX-License-Identifier: Apache-2.0 */
/* Putting a new linux.seccomp into the text of a configuration: every other byte stays as it was.
 */
#ifndef SECCOMP_GUARD_OCI_SPLICE_H
#define SECCOMP_GUARD_OCI_SPLICE_H

#include "oci/config.h"

struct splice {
	struct span profile;
	struct span program; /* for OCI_PROGRAM_ANNOTATION, base64; p == NULL: none */
};

/*
 * Write config->text into `arena` with new->profile as the value of linux.seccomp: in place of the
 * old value, null included, or as the first member of `linux`, which must be there. The annotation
 * for the program, which must not be there, becomes the first one. -1: the arena is exhausted.
 */
int splice_seccomp(const struct ociconfig *config, const struct splice *new, struct arena *arena,
		   struct span *ret_text);

#endif
