/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the NRI plugin has an engine do to a container. Pure.
 *
 * Two ways. Hooks: seccomp-guard-hook judges the container's configuration, with all its facts, and
 * confines it live. Policy: the engine sets the container's profile, so that what is executed later
 * has it, too. But NRI tells neither the capabilities nor whether a container is privileged, and
 * not each engine tells what profile it has already. So a profile is set only where it is known to
 * be right, or to be a part of what is right, with the hook for the rest:
 *
 *  - What does not depend on capabilities (a profile file without conditions on them, restrictions
 *    over the container's own profile) is what the container would get anyway.
 *  - Of RuntimeDefault the part that holds for every set of capabilities: what no RuntimeDefault
 *    lets through. The hook adds what is denied for these capabilities.
 *  - With "nri": "policy" in the policy file: RuntimeDefault for the capabilities that the engine
 *    gives by default. A container that was given more has less than RuntimeDefault for it then.
 *
 * What could be privileged, or has a profile that is not told, or that the engine could not set, is
 * the hook's matter.
 */
#ifndef SECCOMP_GUARD_NRI_JUDGE_H
#define SECCOMP_GUARD_NRI_JUDGE_H

#include "nri/engine.h"
#include "policy/enforce.h"

struct nri_judgement {
	bool hooks;                            /* the hook is to judge the container */
	const struct seccomp_profile *profile; /* to set; NULL: none */
	bool refused;
	/* There is a verdict, and nobody but the plugin records it. */
	bool records;
	struct verdict verdict;
};

/* What is judged, and what by. */
struct nri_case {
	const struct nri_container *container;
	const struct nri_engine *engine;
	const struct policy *policy;
	const struct enforce_host *host;
};

/* The judgement points into the case and into `memory`. */
void nri_judge(const struct nri_case *of, struct enforce_memory *memory,
	       struct nri_judgement *ret_judgement);

#endif
