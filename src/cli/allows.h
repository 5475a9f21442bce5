/* SPDX-License-Identifier: Apache-2.0 */
/* What explain and denials share: what would have to be given to a container so that its profile
 * lets a call through. */
#ifndef SECCOMP_GUARD_CLI_ALLOWS_H
#define SECCOMP_GUARD_CLI_ALLOWS_H

#include "cli/source.h"
#include "semantics/auditline.h"

enum allows_verdict {
	ALLOWS_ALL,  /* whatever the arguments that are open */
	ALLOWS_SOME, /* it depends on them */
	ALLOWS_NONE,
};

#define ALLOWS_CASES_SIZE 256

struct allows {
	enum allows_verdict verdict;
	struct model_verdict
		denied; /* with what, unless all is let through; where it differs, once */
	/* ALLOWS_SOME: for which arguments it is let through, as far as there is room, else "..."
	 * at the end: "a0 & 0x7e020000 == 0", "a0 == 0 or a0 == 8". */
	char cases[ALLOWS_CASES_SIZE];
	/* Where rules let the call through for some values of one argument, and the default denies
	 * the others: that argument. -1: it is not so. */
	int decided_by;
	bool complains; /* what is let through, or some of it, is logged */
	uint64_t caps;  /* each of them alone would have the whole let through; 0: none would */
	/* The installed libseccomp has no name for it: whatever rule there is, the runtime leaves
	 * it out. */
	bool unknown_here;
};

/* The models that are needed, made when they are. All zero but for the first three at first. */
struct allows_finder {
	struct cli_source *source;
	const struct profile_target *target; /* `arch` is that of the ABI asked about */
	struct enforce_memory *memory;       /* the models stay in it */
	struct allows_models *models[ABIS];
};

struct allows_call {
	enum abi abi;
	int64_t number;
	uint64_t args[OCI_MAX_ARGS];
	unsigned int has_args; /* bits; the others are open */
};

int allows_find(struct allows_finder *finder, const struct allows_call *call,
		struct allows *ret_allows, struct error *err);

/* Was what `line` says not the profile's doing? It lets the call through, or denies it in another
 * way. */
bool allows_by_another(const struct allows *allows, const struct auditline *line);

/* "CAP_BPF or CAP_SYS_ADMIN"; returns out. */
#define ALLOWS_CAPS_SIZE 1024
const char *allows_caps_text(uint64_t caps, const char *separator, char out[ALLOWS_CAPS_SIZE]);

#endif
