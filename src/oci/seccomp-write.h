/* SPDX-License-Identifier: Apache-2.0 */
/* A linux.seccomp object as text: the way back from oci/seccomp. */
#ifndef SECCOMP_GUARD_OCI_SECCOMP_WRITE_H
#define SECCOMP_GUARD_OCI_SECCOMP_WRITE_H

#include "oci/seccomp.h"

/*
 * Write `profile` as compact JSON into `arena`: one spelling for each meaning, so that the bytes do
 * not depend on how the profile was written. Keys in the order of runtime-spec's Go structures; a
 * number beside an action that takes none is left out (crun refuses it, runc ignores it), as are
 * rules without names. Fails when the arena is exhausted.
 */
int seccomp_write(const struct seccomp_profile *profile, struct arena *arena, struct span *ret_text,
		  struct error *err);

#endif
