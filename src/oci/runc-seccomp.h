/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile as runc keeps it in a container's state.json, under config.seccomp
 * (libcontainer/configs/config.go, type Seccomp; the numbers are Go's iota there). What is executed
 * in the container later gets that profile, whatever config.json says.
 */
#ifndef SECCOMP_GUARD_OCI_RUNC_SECCOMP_H
#define SECCOMP_GUARD_OCI_RUNC_SECCOMP_H

#include "oci/seccomp.h"

/*
 * Write `profile` in that form, NUL-terminated, into `arena`. `flags` is written always, as runc
 * from 1.2 on does; runc before that does not know the key and skips it. Fails for a profile that
 * is empty or needs a listener, and when the arena is exhausted.
 */
int runc_seccomp_write(const struct seccomp_profile *profile, struct arena *arena,
		       struct span *ret_text, struct error *err);

/*
 * `state`, the text of a state.json, with `profile` as the one for what is executed later; every
 * other byte stays. `arena` holds the result and working memory.
 */
int runc_state_set_seccomp(struct span state, const struct seccomp_profile *profile,
			   struct arena *arena, struct span *ret_text, struct error *err);

#endif
