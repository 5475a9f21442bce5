/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers and writers of messages share. */
#ifndef SECCOMP_GUARD_NRI_MESSAGE_INTERNAL_H
#define SECCOMP_GUARD_NRI_MESSAGE_INTERNAL_H

#include "nri/protobuf.h"
#include "oci/seccomp.h"

/* Called with each field of a message, in the order of its bytes. */
typedef int nri_field_reader(void *ctx, const struct pb_field *field, struct error *err);

int nri_read(struct span message, nri_field_reader *reader, void *ctx, struct error *err);

int nri_no_room(struct error *err);

/* LinuxSeccomp, the linux.seccomp object of the runtime-spec. The profile lives in `keep`. */
int nri_read_profile(struct span message, struct arena *keep, struct seccomp_profile *ret_profile,
		     struct error *err);
void nri_put_profile(struct pb_out *out, uint32_t field, const struct seccomp_profile *profile);

#endif
