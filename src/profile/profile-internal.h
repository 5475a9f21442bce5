/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of profilefile_resolve(), one file each. */
#ifndef SECCOMP_GUARD_PROFILE_PROFILE_INTERNAL_H
#define SECCOMP_GUARD_PROFILE_PROFILE_INTERNAL_H

#include "profile/region-conjunction.h"
#include "profile/profile-file.h"

/* Read the text and leave out the rules that do not hold for the target. What each entry by itself
 * can be wrong in. */
int profilefile_read(const struct profilefile_request *request, struct seccomp_profile *ret_profile,
		     struct error *err);

/*
 * Give each system call of `profile` a number of its own, from 0, in its names' `id`; names that
 * this program does not know are as good as others, a newer libseccomp may know them. *ret_n: how
 * many there are.
 */
int profilefile_number_calls(struct seccomp_profile *profile, struct arena *scratch, size_t *ret_n,
			     struct error *err);

/* What rules can be wrong in together. Wants numbered calls. */
int profilefile_check(const struct seccomp_profile *profile, size_t n_calls, struct arena *scratch,
		      struct error *err);

/* Turn denials into SCMP_ACT_LOG, as profilefile.h says. New rules live in `keep`. Wants numbered
 * calls. */
int profilefile_complain(struct seccomp_profile *profile, size_t n_calls, struct arena *keep,
			 struct arena *scratch, struct error *err);

/* Put rules into an order that libseccomp can take, where theirs is not. Numbers the calls by
 * itself. */
int profilefile_order(struct seccomp_profile *profile, struct arena *keep, struct arena *scratch,
		      struct error *err);

static inline int profilefile_too_large(struct error *err)
{
	return error_set(err, "the profile is too large");
}

#endif
