/* SPDX-License-Identifier: Apache-2.0 */
/* Telling what a filter program is that a process has loaded, by what it means. */
#ifndef SECCOMP_GUARD_CLI_RECOGNIZE_H
#define SECCOMP_GUARD_CLI_RECOGNIZE_H

#include "policy/enforce.h"
#include "program/paths.h"

enum recognized {
	RECOGNIZED_OWN,    /* something else, such as a program's own */
	RECOGNIZED_CONFIG, /* as the configuration says */
	RECOGNIZED_POLICY, /* as the policy would have it */
};

/* What a container's filters may be. */
struct recognize_case {
	const struct ociconfig *config;
	struct span profile;        /* what the policy would put in; absent: nothing */
	enum profile_flavor flavor; /* whose RuntimeDefault it is measured by */
	enum profile_arch arch;
	uint32_t kernel;
	enum model_runtime runtime;
	/* Steps that comparing may take, counted down: a few nanoseconds each. A RuntimeDefault is
	 * recognized in less than a million, and several are tried. */
	unsigned long *budget;
};

#define RECOGNIZE_TEXT_SIZE 400

struct recognition {
	enum recognized what;
	bool is_comparable; /* the configuration has a profile, and it can be made a program */
	/* "as its configuration says, RuntimeDefault of moby (2026-06-30)"; "own, lets through ..."
	 */
	char text[RECOGNIZE_TEXT_SIZE];
};

/*
 * Recognize `code`. A program means the same as a profile when it returns the same for every call
 * and argument; calls younger than Linux 5.17, which the runtime's libseccomp may not know and then
 * leaves out, may be denied beside that. Memory comes from `memory` and is given back. Of a program
 * that cannot be followed that is said.
 */
void recognize(const struct recognize_case *job, const struct paths_code *code,
	       struct enforce_memory *memory, struct recognition *ret_recognition);

#endif
