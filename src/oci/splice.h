/* SPDX-License-Identifier: Apache-2.0 */
/* Putting a new linux.seccomp into the text of a configuration: every other byte stays as it was.
 */
#ifndef SECCOMP_GUARD_OCI_SPLICE_H
#define SECCOMP_GUARD_OCI_SPLICE_H

#include "oci/config.h"

#include <sys/uio.h>

/* Pieces around the profile's own: text before, opening, closing, text behind. */
#define SPLICE_EXTRA_PIECES 4

/*
 * Write to `out` (room for n_profile + SPLICE_EXTRA_PIECES) the pieces of config->text with
 * `profile` as the value of linux.seccomp: in place of the old value, null included, or as the
 * first member of `linux`, which must be there. Points into config->text, the profile and static
 * storage. Returns the number of pieces.
 */
size_t splice_seccomp(const struct ociconfig *config, const struct iovec *profile, size_t n_profile,
		      struct iovec *out);

#endif
