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
	[LINT_REFUSED_BY_LEVEL] =
		{"refused-by-level", LINT_ERROR,
		 "A pod that the Pod Security level of its namespace refuses.",
		 "ask for RuntimeDefault or Localhost in it, or change the label of "
		 "the namespace"},
	[LINT_DUPLICATE_KEY] = {"duplicate-key", LINT_ERROR,
				"A key that decides, twice in one object.", "leave one of them"},
	[LINT_ENGINE_UNCONFINED] =
		{"engine-unconfined", LINT_ERROR,
		 "An engine is told to run a container without a filter.",
		 "leave the option out, so that the engine's own profile holds, or "
		 "name a profile"},
	[LINT_ENGINE_PRIVILEGED] =
		{"engine-privileged", LINT_ERROR,
		 "An engine is told to run a container privileged, without a "
		 "filter.",
		 "leave \"privileged\" out, and add the capabilities and devices "
		 "that are needed"},
	[LINT_ENGINE_PROFILE] = {"engine-profile", LINT_WARNING,
				 "A compose file names a profile that is not there.",
				 "put it there: without it the container is not started"},
	[LINT_INVALID_POLICY] = {"invalid-policy", LINT_ERROR,
				 "A policy that cannot be read: no container would start.",
				 "correct it: see seccomp-guard-policy(5)"},
	[LINT_POLICY_TIGHTEN] =
		{"policy-tighten", LINT_ERROR,
		 "Restrictions of a policy that cannot be laid over the profile of an "
		 "engine.",
		 "restrict one argument by one condition, or the call as a whole"},
	[LINT_POLICY_DOUBT] = {"policy-doubt", LINT_WARNING,
			       "A rule of a policy that is hardly meant so.",
			       "correct or remove the rule: see seccomp-guard-policy(5)"},
	[LINT_INVALID_CONFIG] = {"invalid-config", LINT_ERROR,
				 "A configuration that runtimes refuse, or read differently.",
				 "correct what is named"},
	[LINT_CONFIG_UNCONFINED] =
		{"config-unconfined", LINT_ERROR,
		 "A configuration with which a container runs without a filter.",
		 "put a profile in as linux.seccomp, as seccomp-guard apply does"},
	[LINT_CONFIG_FOREIGN] = {"config-foreign", LINT_ERROR,
				 "A filter that is decided on outside of linux.seccomp.",
				 "leave the annotation or the listener out, and put the profile in "
				 "as linux.seccomp"},
	[LINT_CONFIG_WEAK] = {"config-weak", LINT_WARNING,
			      "A profile that lets through what the engine's own denies.",
			      "use the engine's own, or deny what is named"},
	[LINT_INVALID_PROFILE] = {"invalid-profile", LINT_ERROR,
				  "A profile that a runtime refuses, or that two read differently.",
				  "correct it: see seccomp-guard-profile(5)"},
	[LINT_NO_START] = {"no-start", LINT_ERROR, "No container starts with the profile.",
			   "allow what is named"},
	[LINT_HARD_START] = {"hard-start", LINT_WARNING,
			     "Some containers do not start with the profile.",
			     "allow what is named, or set noNewPrivileges "
			     "(allowPrivilegeEscalation: false) where that is enough"},
	[LINT_C_LIBRARY] = {"c-library", LINT_WARNING,
			    "Programs of a C library do not start with the profile.",
			    "allow what is named, unless no program is linked in this way"},
	[LINT_RESTRICTS_NOTHING] = {"restricts-nothing", LINT_WARNING,
				    "A profile under which every call runs.",
				    "deny something, or take it for recording only"},
	[LINT_CLONE3] = {"clone3", LINT_WARNING, "A profile that answers clone3 with EPERM.",
			 "answer it with ENOSYS: \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38"},
	[LINT_NEVER_COUNTS] =
		{"never-counts", LINT_WARNING,
		 "A rule that never counts, as another holds in its place.",
		 "a rule without conditions holds over those with conditions, and the "
		 "first of several; leave one of them out"},
	[LINT_REDUNDANT] = {"redundant-rule", LINT_NOTE, "A rule that says nothing new.",
			    "leave it out, unless it is there for people"},
	[LINT_NEWER_CALL] = {"newer-call", LINT_WARNING,
			     "A call is denied that C libraries make in the place of one that is "
			     "let through.",
			     "allow it as the older one is, or answer it with ENOSYS where they "
			     "go back for that"},
	[LINT_NEWER_TRIED] = {"newer-call-tried", LINT_NOTE,
			      "Calls are denied that newer programs try.",
			      "answer what is newer than the profile with ENOSYS: "
			      "\"defaultErrnoRet\": 38"},
	[LINT_DANGEROUS_CALL] = {"dangerous-call", LINT_WARNING,
				 "A dangerous call is let through, which RuntimeDefault denies.",
				 "deny it, unless the program needs it"},
	[LINT_ALLOWS_BY_DEFAULT] = {"allows-by-default", LINT_WARNING,
				    "Calls are let through that the profile does not name.",
				    "begin with RuntimeDefault, and deny by default: see "
				    "seccomp-guard profile"},
	[LINT_BEYOND_DEFAULT] = {"beyond-default", LINT_NOTE,
				 "Calls are let through that RuntimeDefault denies.",
				 "deny what the program does not need"},
	[LINT_NO_ARCHITECTURES] = {"no-architectures", LINT_WARNING,
				   "A profile without architectures.",
				   "name them: \"architectures\": [\"SCMP_ARCH_X86_64\", ...]"},
	[LINT_FLAGS] = {"flags", LINT_WARNING, "A profile that old runtimes refuse.",
			"leave \"flags\" out where they are SECCOMP_FILTER_FLAG_SPEC_ALLOW, which "
			"runtimes set without"},
	[LINT_UNKNOWN_CALL] = {"unknown-call", LINT_WARNING, "A system call that there is not.",
			       "write it as the kernel does, in small letters and without blanks"},
	[LINT_UNKNOWN_KEY] = {"unknown-key", LINT_WARNING,
			      "A key that looks like another one, and is not read.",
			      "write it as the runtime-spec does"},
	[LINT_UNKNOWN_WORD] = {"unknown-word", LINT_WARNING, "A condition that holds nowhere.",
			       "use CAP_ and the capability's name, and Go's names of "
			       "architectures"},
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
