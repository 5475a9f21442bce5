/* SPDX-License-Identifier: Apache-2.0 */
/* What explain and diff share: finding the profile that a word on the command line names, and
 * putting verdicts and regions into words. */
#ifndef SECCOMP_GUARD_CLI_SOURCE_H
#define SECCOMP_GUARD_CLI_SOURCE_H

#include "cli/cli.h"
#include "base/errnoname.h"
#include "semantics/model.h"

struct cli_source {
	const char *name; /* as it was given */
	bool is_flavor;
	bool is_config;
	enum profile_flavor flavor;
	struct span text; /* of a file */
	bool has_caps;    /* a configuration: its bounding set */
	uint64_t caps;
	struct seccomp_profile
		profile; /* of a configuration at once, of others after cli_source_resolve() */
};

/* Find out what `name` is, and read it into `memory`. Messages name it. */
int cli_source_open(const char *name, struct enforce_memory *memory, struct cli_source *ret_source,
		    struct error *err);

/* Resolve a flavor or a profile file for a container like `target`. A configuration already has its
 * profile. */
int cli_source_resolve(struct cli_source *source, const struct profile_target *target,
		       struct enforce_memory *memory, struct error *err);

struct cli_abi {
	enum abi abi;
	enum abi native; /* of the host */
	enum model_runtime runtime;
};

/* Build the model of the resolved profile for an ABI. Without a profile every call is allowed. */
int cli_source_model(const struct cli_source *source, const struct cli_abi *abi,
		     struct arena *arena, struct model *ret_model, struct error *err);

/* "ALLOW", "ERRNO(EPERM)"; returns out. */
#define CLI_VERDICT_SIZE 48
const char *cli_verdict_text(struct model_verdict verdict, char *out);

/* A region as conditions that all hold: "a0 >= 41", "a2 & 0xff != 9". No part: whatever the
 * arguments. */
#define CLI_REGION_MAX 64
struct cli_region {
	size_t n; /* patterns behind the last part are left out */
	char part[CLI_REGION_MAX][64];
};
void cli_region_text(const struct argspace space[OCI_MAX_ARGS], enum abi abi,
		     struct cli_region *ret_region);

#endif
