/* SPDX-License-Identifier: Apache-2.0 */
/* What a refusal says to people. */
#include "policy/enforce-internal.h"

int enforce_explain_listener(const struct seccomp_profile *profile, struct error *err)
{
	char shown[SPAN_SHOWN];

	if (!profile->has_listener)
		return error_set(err, "SCMP_ACT_NOTIFY needs a \"listenerPath\": as it is, runc "
				      "does not start the container, and under crun it would be "
				      "unconfined");
	return error_set(err,
			 "SCMP_ACT_NOTIFY leaves system calls to whoever listens at \"%s\", which "
			 "the policy does not name in \"listeners\"",
			 text_printable(profile->listener_path, shown, sizeof(shown)));
}

void enforce_explain_refusal(const struct ociconfig *config, struct verdict *v)
{
	static const char *const has[FINDINGS] = {
		[FINDING_ABSENT] = "no",
		[FINDING_UNCONFINED] = "an unconfined",
		[FINDING_WEAK] = "a weak",
	};
	const struct decision *d = &v->decision;
	char shown[SPAN_SHOWN], weakness[DECIDE_WEAKNESS_SIZE];

	if (d->reason == REASON_IDENTITY)
		error_set(&v->why,
			  "annotation \"%s\" contradicts others about whose container this is, so "
			  "no rule of "
			  "the policy can be followed",
			  v->identity.conflict);
	else if (d->reason == REASON_ANNOTATION_INVALID)
		error_set(&v->why,
			  "annotation \"%s\" must be runtime/default, localhost/PATH or "
			  "unconfined, not \"%s\"",
			  d->annotation->key.p,
			  text_printable(d->annotation->value, shown, sizeof(shown)));
	else if (d->reason == REASON_RESTORE)
		error_set(
			&v->why,
			"a checkpoint brings its own seccomp filters, which are not judged; to let "
			"this container be restored, say \"restore\": \"allow\" in the policy or "
			"in a rule for it");
	else if (d->finding == FINDING_FOREIGN && ociconfig_foreign_filter(config) == NULL)
		enforce_explain_listener(&config->profile, &v->why);
	else if (d->finding == FINDING_FOREIGN)
		error_set(&v->why,
			  "annotation \"%s\" makes crun take a filter from outside linux.seccomp, "
			  "which "
			  "cannot be judged",
			  ociconfig_foreign_filter(config));
	else
		error_set(
			&v->why,
			"%s has %s seccomp profile%s, and the policy says \"%s\": "
			"\"%s\"%s%s",
			v->identity.sandbox ? "the pod's sandbox" : "the container",
			has[d->finding], d->reason == REASON_PRIVILEGED ? " and is privileged" : "",
			d->reason == REASON_PRIVILEGED ? "privileged"
			: d->mode == MODE_DENY         ? "mode"
						       : "weak",
			d->reason != REASON_PRIVILEGED && d->mode == MODE_DENY ? "deny" : "refuse",
			decision_is_weak(d) ? "; " : "",
			decision_is_weak(d) ? decide_weakness(d, weakness, sizeof(weakness)) : "");
}
