/* SPDX-License-Identifier: Apache-2.0 */
/* What restrictions consist of, for tighten.c. */
#ifndef SECCOMP_GUARD_PROFILE_TIGHTEN_INTERNAL_H
#define SECCOMP_GUARD_PROFILE_TIGHTEN_INTERNAL_H

#include "profile/region.h"
#include "profile/tighten.h"

/* What a restricted call answers. Constant, so that two profiles never differ in it alone (crun's
 * cache ignores it). */
uint32_t tighten_errno(struct span call);

/* What is restricted of one call: a region of its arguments. */
struct tighten_ban {
	struct span call;
	struct conjunction where;
	struct tighten_ban *next;
};

/*
 * Is what is banned of `call` denied by `profile`, in whatever libseccomp may make of it on the
 * ABIs of request->arch? Also "no" when that cannot be told.
 */
bool tighten_holds(const struct seccomp_profile *profile, const struct tighten_request *request,
		   const struct tighten_ban *bans, struct span call);

/* All bans of all calls, in the request's scratch memory. -1: it is exhausted. */
int tighten_bans(const struct tighten_request *request, struct region *work,
		 const struct tighten_ban **ret_first);

#endif
