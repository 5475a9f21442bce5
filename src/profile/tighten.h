/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restrictions that are laid over a profile: it no longer lets through what they name, and nothing
 * else changes.
 *
 * ABIs other than the host's own are taken off the list, and libseccomp then kills what calls by
 * them.
 *
 * Rules that allow are rewritten so that they no longer cover what is restricted. A rule that
 * denies beside them would have no effect: an allowing rule without conditions makes libseccomp
 * drop all others silently (src/db.c, db_rule_add()), and among rules that overlap the shape of its
 * tree decides. What the profile denies it still denies, by its own action. Where it leaves a call
 * to a tracer or a listener, the restriction comes first.
 *
 * The result is held against what libseccomp makes of it. Where that is in doubt, because of what
 * the profile says of the call or of what is left of that, the whole call is denied.
 */
#ifndef SECCOMP_GUARD_PROFILE_TIGHTEN_H
#define SECCOMP_GUARD_PROFILE_TIGHTEN_H

#include "flavor/flavor.h"
#include "oci/seccomp.h"

/* Restrictions that have a name: bits of tighten.named. */
enum tighten_name {
	TIGHTEN_AF_ALG,
	TIGHTEN_AF_VSOCK,
	TIGHTEN_USERNS,
	TIGHTEN_IO_URING,
	TIGHTEN_KEYCTL,
	TIGHTEN_BPF,
	TIGHTEN_PTRACE,
	TIGHTEN_FOREIGN_ABI, /* no calls, but every ABI other than the host's own */
	TIGHTEN_NAMES
};

/* One that somebody has written: these calls where all conditions hold. An argument occurs once at
 * most. */
struct tighten_custom {
	const struct seccomp_name *names;
	const struct seccomp_arg *args;
	const struct tighten_custom *next;
};

struct tighten {
	unsigned int named; /* bits by enum tighten_name */
	const struct tighten_custom *custom;
	size_t n_custom; /* at most so many from `custom` on, so that lists can share a chain */
};

struct tighten_request {
	struct tighten tighten;
	enum profile_arch arch; /* of the host */
	/*
	 * What was allowed and no longer is becomes SCMP_ACT_LOG instead of an error, but for
	 * clone3, which answers ENOSYS as it will when it is meant. socketcall(2) is left alone:
	 * libseccomp could not tell one family from another there; and so are foreign ABIs, for
	 * which a filter has no answer but death.
	 */
	bool complain;
	struct arena *keep;    /* for what is new in the profile */
	struct arena *scratch; /* given back */
	/* A call of which all is denied, because what libseccomp makes of its rules is not known;
	 * not set when there is none. NULL: nobody wants to know. */
	struct span *ret_whole;
};

static inline bool tighten_is_empty(const struct tighten *tighten)
{
	return tighten->named == 0 && tighten->n_custom == 0;
}

/* "af-alg" and so on; -1 with a message that lists them for anything else. */
int tighten_from_name(struct span name, enum tighten_name *ret_name, struct error *err);
const char *tighten_name(enum tighten_name name);

/* Names that are separated by commas; what *ret_tighten has already, stays. */
int tighten_from_list(const char *list, struct tighten *ret_tighten, struct error *err);

/*
 * Rewrite *profile. *ret_changed: whether there was anything to do; if not, *profile is as it was.
 * Fails when the arena is exhausted or when what remains of a rule cannot be said in as many rules
 * as are worth it; *profile is then not to be used.
 */
int tighten_apply(struct seccomp_profile *profile, const struct tighten_request *request,
		  bool *ret_changed, struct error *err);

#endif
