/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration from the container's side of the fence: whatever the bytes are, the verdict is
 * sound, and what is injected is there afterwards and nothing else has changed.
 */
#include "fuzz.h"

static const struct policy policies[] = {
	{.mode = MODE_ENFORCE,
	 .flavor = POLICY_FLAVOR_AUTO,
	 .honor_annotations = true,
	 .localhost_root = "/l"},
	{.mode = MODE_ENFORCE,
	 .flavor = PROFILE_CRIO,
	 .weak = WEAK_REPLACE,
	 .privileged = PRIVILEGED_ENFORCE,
	 .localhost_root = "/l"},
	{.mode = MODE_COMPLAIN,
	 .flavor = PROFILE_MOBY,
	 .weak = WEAK_REFUSE,
	 .localhost_root = "/l"},
	{.mode = MODE_AUDIT, .flavor = PROFILE_CONTAINERD, .localhost_root = "/l"},
	{.mode = MODE_DENY,
	 .flavor = PROFILE_CONTAINERS,
	 .privileged = PRIVILEGED_REFUSE,
	 .honor_annotations = true,
	 .localhost_root = "/l"},
};

static size_t common_prefix(struct span a, struct span b)
{
	size_t n = 0;

	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	return n;
}

static size_t common_suffix(struct span a, struct span b)
{
	size_t n = 0;

	while (n < a.n && n < b.n && a.p[a.n - 1 - n] == b.p[b.n - 1 - n])
		n++;
	return n;
}

/* The output reads back with the profile in it, and holds every byte of the input but the old
 * value. */
static void check_output(struct span input, const struct verdict *verdict)
{
	struct enforce_memory memory = fuzz_memory(1);
	struct ociconfig before, after;
	struct error err;
	size_t kept;

	HOLDS(ociconfig_read(input, &memory.keep, &memory.scratch, &before, &err) == 0);
	HOLDS(ociconfig_read(verdict->output, &memory.keep, &memory.scratch, &after, &err) == 0);
	HOLDS(after.has_profile && span_eq(after.seccomp, verdict->profile));
	kept = input.n - before.seccomp.n;
	HOLDS(common_prefix(input, verdict->output) + common_suffix(input, verdict->output) >=
	      kept);
	HOLDS(before.bounding == after.bounding && before.n_masked_paths == after.n_masked_paths);
}

/* The same policy again has nothing left to do. */
static void check_second_pass(const struct verdict *verdict, const struct policy *policy)
{
	struct enforce_memory memory = fuzz_memory(1);
	struct verdict second;

	enforce(verdict->output, policy, &fuzz_host, &memory, &second);
	if (policy->mode == MODE_COMPLAIN && second.decision.action == ACTION_INJECT)
		HOLDS(span_eq(second.output, verdict->output));
	else
		HOLDS(second.decision.action == ACTION_KEEP);
}

static void check_verdict(struct span input, const struct policy *policy)
{
	struct enforce_memory memory = fuzz_memory(0);
	struct verdict verdict;
	const struct decision *d = &verdict.decision;

	enforce(input, policy, &fuzz_host, &memory, &verdict);
	HOLDS(d->action < ACTIONS && d->finding < FINDINGS && d->reason < REASONS);
	HOLDS((d->action == ACTION_INJECT) == (verdict.output.p != NULL));
	HOLDS(d->finding != FINDING_INVALID || d->action == ACTION_REFUSE ||
	      policy->mode == MODE_AUDIT);
	HOLDS(d->finding != FINDING_FOREIGN || d->action == ACTION_REFUSE ||
	      d->action == ACTION_EXEMPT || policy->mode == MODE_AUDIT);
	HOLDS(policy->mode != MODE_AUDIT || action_keeps(d->action));
	HOLDS(d->finding == FINDING_WEAK || syscall_set_count(&d->excess) == 0);
	if (d->finding == FINDING_ABSENT || d->finding == FINDING_UNCONFINED)
		HOLDS(d->action != ACTION_KEEP || policy->mode == MODE_AUDIT);
	HOLDS(d->action != ACTION_REFUSE || verdict.why.text[0] != '\0');
	if (d->action != ACTION_INJECT)
		return;
	check_output(input, &verdict);
	check_second_pass(&verdict, policy);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct span input = {(const char *)data, size};

	for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
		check_verdict(input, &policies[i]);
	return 0;
}
