/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing what a profile file says to single calls. The text is edited, not written anew: its
 * conditions on the container, its comments and its layout stay, in Docker's form and in OCI's.
 *
 * A call that is allowed is taken out of every rule that names it, whatever that says and whomever
 * it holds for, and gets a rule of its own at the end; or, for values of an argument, stays in them
 * and gets a rule for each value. One that is denied is taken out of the rules
 * that let it through, for some arguments or some containers; what answers ENOSYS goes on doing so.
 * Where the default lets calls through, it gets a rule with EPERM in the place of all others. So no
 * two rules disagree about it afterwards, of which libseccomp would keep one.
 */
#ifndef SECCOMP_GUARD_PROFILE_PROFILE_EDIT_H
#define SECCOMP_GUARD_PROFILE_PROFILE_EDIT_H

#include "oci/seccomp-write.h"

struct profile_edit {
	struct seccomp_comment call; /* its name, and why; call.next is that of `next`, or NULL */
	/* Else deny. With call.values for these only, beside what the profile lets through; then no
	 * rule may deny the call, the default does. */
	bool allow;
	const struct profile_edit *next;
};

/*
 * Change *text, which profilefile_resolve() takes, by the list `edits`, in which no call occurs
 * twice. The new text lives in `keep`; `scratch` is given back. On failure *text is the old one,
 * and the error carries an offset in it.
 */
int profile_edit(struct span *text, const struct profile_edit *edits, struct arena *keep,
		 struct arena *scratch, struct error *err);

#endif
