/* SPDX-License-Identifier: Apache-2.0 */
/* A policy file: read whole or not at all, and whatever it says, deciding by it is sound. */
#include "fuzz.h"

static const char bare[] =
	"{\"ociVersion\":\"1.0.2\",\"linux\":{},\"annotations\":{\"seccomp-guard/profile\":"
	"\"unconfined\",\"io.kubernetes.cri.sandbox-namespace\":\"n\"}}";

static void decide_by(const struct policy *policy)
{
	struct enforce_memory memory = fuzz_memory(1);
	struct verdict verdict;

	HOLDS(policy->localhost_root != NULL);
	HOLDS(policy->log != LOG_TO_FILE || policy->log_path != NULL);
	HOLDS(policy->profile == NULL || policy->profile[0] != '\0');
	HOLDS(policy_mode_name(policy->mode) != NULL);
	enforce(SPAN(bare), policy, &fuzz_host, &memory, &verdict);
	HOLDS(verdict.decision.action != ACTION_KEEP);
	HOLDS(verdict.decision.action != ACTION_EXEMPT ||
	      policy_honors_annotations(policy, verdict.identity.name_space));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct enforce_memory memory = fuzz_memory(0);
	struct span text = {(const char *)data, size};
	struct policy policy, defaults;
	struct error err;

	policy_defaults(&policy);
	defaults = policy;
	if (policy_read(text, &memory.keep, &memory.scratch, &policy, &err) < 0) {
		HOLDS(err.text[0] != '\0' && (!err.has_pos || err.pos <= size));
		HOLDS(memcmp(&policy, &defaults, sizeof(policy)) == 0);
		return 0;
	}
	decide_by(&policy);
	return 0;
}
