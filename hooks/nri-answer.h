/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What seccomp-guard-nri answers when a container is created. Each answer is made in a process of
 * its own, which has a deadline: whatever happens to it, the engine gets an answer before it loses
 * patience (2 s), which would let the container start as it is, and the plugin goes on.
 */
#ifndef SECCOMP_GUARD_NRI_ANSWER_H
#define SECCOMP_GUARD_NRI_ANSWER_H

#include "nri/engine.h"

/* Of runtime handlers that are left alone. */
#define NRI_MAX_SKIPPED 16

struct nri_plugin {
	const char *policy_path; /* NULL: the installed one */
	const char *hook;        /* seccomp-guard-hook, absolute */
	const char *name;        /* as required_plugins has it: "90-seccomp-guard" */
	const char *skipped[NRI_MAX_SKIPPED];
	size_t n_skipped;
	struct nri_engine engine;
	unsigned int deadline_ms;
};

struct nri_answer {
	enum nri_code code;
	struct span text; /* the payload, or with a code the reason */
};

/* To CreateContainer and ValidateContainerAdjustment. `ret` is valid until the next call. */
void nri_answer_create(const struct nri_plugin *plugin, struct span payload,
		       struct nri_answer *ret);
void nri_answer_validate(const struct nri_plugin *plugin, struct span payload,
			 struct nri_answer *ret);

#endif
