/* SPDX-License-Identifier: Apache-2.0 */
/* What profile and learn share: --allow and --deny, and the profile that they change. */
#ifndef SECCOMP_GUARD_CLI_EDITS_H
#define SECCOMP_GUARD_CLI_EDITS_H

#include "cli/source.h"
#include "profile/profile-edit.h"
#include "profile/profile-file.h"

/* A list of edits, each about another call. All zero is the empty one; it does not move. */
struct cli_edits {
	size_t n;
	struct profile_edit edit[SYSCALL_COUNT];
};

/* The edit about a call, or NULL. */
const struct profile_edit *cli_edits_find(const struct cli_edits *edits, struct span call);

/* Add one; `call` is a name of the table in syscall.h, and `why` lives as long as the list. One
 * that is there already with the same meaning stays as it is; with the other one it is an error. */
int cli_edits_add(struct cli_edits *edits, const struct profile_edit *edit, struct error *err);

/* Names, or numbers on `own`, separated by commas: of --allow, or of --deny. NULL is none. */
int cli_edits_read(struct cli_edits *edits, const char *list, bool allow, enum abi own,
		   struct error *err);

/* The first of the list, NULL where it is empty. */
static inline const struct profile_edit *cli_edits_first(const struct cli_edits *edits)
{
	return edits->n > 0 ? &edits->edit[0] : NULL;
}

#endif
