/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/lint.h"

/* docs/seccomp-guard-lint.1 has the same list. */
const struct lint_rule lint_rules[LINT_RULES] = {
	[LINT_NO_PROFILE] = {"no-profile", LINT_ERROR,
			     "Neither the container nor its pod asks for a seccomp profile.",
			     "set securityContext.seccompProfile.type to RuntimeDefault, of the "
			     "pod or of the container"},
	[LINT_UNCONFINED] = {"unconfined", LINT_ERROR, "The container asks for no seccomp filter.",
			     "use RuntimeDefault, or Localhost with a profile of its own"},
	[LINT_PRIVILEGED] = {"privileged", LINT_ERROR,
			     "A privileged container runs without a seccomp filter.",
			     "leave out \"privileged\", and add the capabilities and devices that "
			     "are needed"},
	[LINT_LOCALHOST_PATH] = {"localhost-path", LINT_ERROR,
				 "Localhost without a path, or with one that the API server "
				 "refuses.",
				 "set localhostProfile to a path below the kubelet's directory "
				 "\"seccomp\", without \"..\""},
	[LINT_LOCALHOST_MISSING] =
		{"localhost-missing", LINT_ERROR, "The file of a Localhost profile is not there.",
		 "put the profile on every node that the pod can run on: without "
		 "it the container is not started"},
	[LINT_STRAY_PROFILE] = {"stray-profile", LINT_ERROR,
				"localhostProfile with another type than Localhost.",
				"set the type to Localhost, or leave out localhostProfile"},
	[LINT_UNKNOWN_TYPE] = {"unknown-type", LINT_ERROR,
			       "A seccompProfile of no type that Kubernetes knows.",
			       "use RuntimeDefault, Localhost or Unconfined, in this spelling"},
	[LINT_LEGACY_ANNOTATION] = {"legacy-annotation", LINT_WARNING,
				    "An annotation of old that Kubernetes does not read.",
				    "use securityContext.seccompProfile, and leave out the "
				    "annotation"},
	[LINT_NAMESPACE_LEVEL] = {"namespace-level", LINT_NOTE,
				  "A namespace that lets containers without a profile in.",
				  "set the label pod-security.kubernetes.io/enforce to restricted"},
	[LINT_UNKNOWN_LEVEL] = {"unknown-level", LINT_ERROR,
				"A Pod Security level that there is not.",
				"use privileged, baseline or restricted"},
	[LINT_DUPLICATE_KEY] = {"duplicate-key", LINT_ERROR,
				"A key that decides, twice in one object.", "leave one of them"},
	[LINT_BAD_SUPPRESSION] = {"bad-suppression", LINT_WARNING,
				  "A comment that is to suppress findings and does not.",
				  "write: # seccomp-guard: ignore RULE reason"},
	[LINT_UNUSED_SUPPRESSION] = {"unused-suppression", LINT_NOTE,
				     "A comment that suppresses no finding.",
				     "leave it out, or put it on the line of the finding or on the "
				     "one above"},
	[LINT_KICS] = {"f377b83e-bd07-4f48-a591-60c82b14a78b", LINT_WARNING,
		       "KICS: Seccomp Profile Is Not Configured.",
		       "set securityContext.seccompProfile.type to RuntimeDefault or Localhost"},
};

const char *lint_severity_name(enum lint_severity severity)
{
	static const char *const names[LINT_SEVERITIES] = {
		[LINT_NOTE] = "note", [LINT_WARNING] = "warning", [LINT_ERROR] = "error"};

	return names[severity];
}
