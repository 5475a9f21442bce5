/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/advice.h"

#include <stdio.h>

/* One thing to do for each reason to refuse; NULL: the reason says it itself. */
static const char *const deeds[REASONS] = {
	[REASON_ABSENT] = "give it one: seccompProfile of type RuntimeDefault in Kubernetes, no "
			  "seccomp=unconfined elsewhere",
	[REASON_UNCONFINED] = "give it another one: seccompProfile of type RuntimeDefault in "
			      "Kubernetes, no profile that allows everything elsewhere",
	[REASON_WEAK] = "take these calls out of the profile, or use RuntimeDefault",
	[REASON_FOREIGN] = "take that out of the container's configuration",
	[REASON_INVALID] = "correct what wrote it",
	[REASON_ANNOTATION_NOT_HONORED] = "give it a profile: its annotation is not followed here",
	[REASON_IDENTITY] = "remove that annotation",
	[REASON_PRIVILEGED] = "run it without privileged, or have a rule exempt it",
	[REASON_PROFILE] = "put a valid profile there, or choose another one",
	[REASON_WRITE] = "see to it that the configuration can be replaced where it is",
	[REASON_HOOK] = "start it through seccomp-guard-runtime, or say \"hook\": \"live\"",
	[REASON_HOOK_MISSING] = "install seccomp-guard-hook there, or say where it is by --hook",
	[REASON_LIVE] = "start it through seccomp-guard-runtime, which needs no running process",
	[REASON_UNFILTERED] = "register seccomp-guard-runtime, or the hook at createRuntime too",
	[REASON_POLICY] = "correct it until \"seccomp-guard policy check\" has nothing to say",
	[REASON_RUNTIME] = "see seccomp-guard-runtime(8) for where the runtime is looked for",
};

/* The policy has no part in these. */
static bool is_beside_policy(enum reason reason)
{
	return reason == REASON_POLICY || reason == REASON_RUNTIME || reason == REASON_HOOK_MISSING;
}

static const char *file_of(const struct decision *d)
{
	return d->rules.rule != NULL ? d->rules.rule->file : d->policy_file;
}

const char *advice(const struct decision *d, char *out)
{
	const char *deed = deeds[d->reason], *file = file_of(d);
	char shown[SPAN_SHOWN], name[SPAN_SHOWN];
	size_t n;

	out[0] = '\0';
	if (!action_refuses(d->action))
		return out;
	n = (size_t)snprintf(out, ADVICE_SIZE, "%s%s", deed != NULL ? "; " : "",
			     deed != NULL ? deed : "");
	if (is_beside_policy(d->reason))
		return out;
	if (file != NULL)
		n += (size_t)snprintf(out + n, ADVICE_SIZE - n, " (policy %s",
				      text_printable(span_of(file), shown, sizeof(shown)));
	else
		n += (size_t)snprintf(out + n, ADVICE_SIZE - n, " (no policy file, defaults");
	if (d->rules.rule != NULL)
		n += (size_t)snprintf(
			out + n, ADVICE_SIZE - n, ", rule \"%s\"",
			text_printable(span_of(d->rules.rule->name), name, sizeof(name)));
	snprintf(out + n, ADVICE_SIZE - n, ")");
	return out;
}
