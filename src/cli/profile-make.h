/* SPDX-License-Identifier: Apache-2.0 */
/* What profile and learn share: a profile with changes, checked and printed. */
#ifndef SECCOMP_GUARD_CLI_PROFILE_MAKE_H
#define SECCOMP_GUARD_CLI_PROFILE_MAKE_H

#include "cli/edits.h"
#include "cli/profile-print.h"

struct profile_make {
	const struct cli_args *args; /* for warnings */
	const char *name;            /* of the profile, for messages */
	bool is_file;                /* else a flavor */
	struct span text;            /* of either, as profile_file() has it */
	enum profile_arch host_arch;
	struct profile_target target;
	struct tighten tighten;
	const struct cli_edits *edits;
	struct profile_form form; /* but for the comments, which are those of the edits */
};

/* Change it, resolve it, warn of what is valid and hardly meant, and print it. */
int profile_make(const struct profile_make *make, struct enforce_memory *memory, struct error *err);

#endif
