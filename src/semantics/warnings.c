/* SPDX-License-Identifier: Apache-2.0 */
#include "semantics/warnings.h"

#include "semantics/startup.h"

#include <stdio.h>

#define EPERM_NUMBER 1 /* of Linux, on all architectures */

static const char *const names[WARNINGS] = {
	[WARNING_NO_START] = "no-start",
	[WARNING_HARD_START] = "hard-start",
	[WARNING_C_LIBRARY] = "c-library",
	[WARNING_CLONE3] = "clone3",
	[WARNING_NO_ARCHITECTURES] = "no-architectures",
	[WARNING_FLAGS] = "flags",
	[WARNING_UNKNOWN_CALL] = "unknown-call",
};

const char *warning_name(enum warning warning)
{
	return names[warning];
}

const char *warnings_text(unsigned int warnings, char out[WARNINGS_TEXT_SIZE])
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < WARNINGS; i++)
		if ((warnings >> i & 1) != 0)
			n += (size_t)snprintf(out + n, WARNINGS_TEXT_SIZE - n, "%s%s",
					      n > 0 ? " " : "", names[i]);
	return out;
}

static bool answers_eperm(enum oci_action action, bool has_errno, uint32_t number)
{
	return action == OCI_ACT_ERRNO && seccomp_errno(action, has_errno, number) == EPERM_NUMBER;
}

bool warning_clone3(const struct seccomp_profile *p, const struct seccomp_rule **ret_rule)
{
	for (const struct seccomp_rule *rule = p->rules; rule != NULL; rule = rule->next)
		for (const struct seccomp_name *n = rule->names; n != NULL; n = n->next) {
			if (!span_eq(n->name, SPAN("clone3")))
				continue;
			*ret_rule = rule;
			return answers_eperm(rule->action, rule->has_errno, rule->errno_ret);
		}
	*ret_rule = NULL;
	return answers_eperm(p->default_action, p->has_default_errno, p->default_errno);
}

/* All calls of Linux are written in these. */
static bool could_be_call(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!((name.p[i] >= 'a' && name.p[i] <= 'z') || name.p[i] == '_' ||
		      (name.p[i] >= '0' && name.p[i] <= '9')))
			return false;
	return true;
}

/* `calls` are those of the names, by model_calls(). */
static bool names_no_call(const struct warnings_request *request, const int16_t *calls)
{
	for (const struct seccomp_rule *rule = request->profile->rules; rule != NULL;
	     rule = rule->next)
		for (const struct seccomp_name *n = rule->names; n != NULL; n = n->next)
			if (*calls++ < 0 && !could_be_call(n->name) &&
			    (request->mark.n == 0 || !span_has_prefix(n->name, request->mark)))
				return true;
	return false;
}

/*
 * runc before 1.1.15 then has no answer of its own to newer calls. On other ABIs containerd's
 * RuntimeDefault has none either, and nobody can do anything about it.
 */
static bool lacks_architectures(const struct warnings_request *request)
{
	return request->profile->archs == NULL && seccomp_has_runc_stub(request->profile) &&
	       (request->native == ABI_X86_64 || request->native == ABI_AARCH64 ||
		request->native == ABI_S390X);
}

static unsigned int of_startup(const struct warnings_request *request, const int16_t *calls)
{
	const struct model_request model = {.profile = request->profile,
					    .abi = request->native,
					    .native = request->native,
					    .calls = calls};
	struct startup startup;
	unsigned int found = 0;

	startup_check_at_once(&model, &startup);
	if (request->no_new_privileges)
		startup_with_no_privs(&startup);
	if (startup.no_execve)
		return 1U << WARNING_NO_START;
	if (!request->live && startup_lacks(&startup, false))
		found |= 1U << WARNING_HARD_START;
	if (startup_lacks(&startup, true))
		found |= 1U << WARNING_C_LIBRARY;
	return found;
}

unsigned int warnings_of(const struct warnings_request *request)
{
	const struct seccomp_profile *p = request->profile;
	const size_t used = request->scratch->used;
	const int16_t *calls = model_calls(p, request->scratch);
	const struct seccomp_rule *ignored;
	unsigned int found = 0;

	if (calls != NULL) {
		found = of_startup(request, calls);
		if (warning_clone3(p, &ignored))
			found |= 1U << WARNING_CLONE3;
		if (lacks_architectures(request) && !request->live)
			found |= 1U << WARNING_NO_ARCHITECTURES;
		if (p->flags != 0 && !request->live)
			found |= 1U << WARNING_FLAGS;
		if (names_no_call(request, calls))
			found |= 1U << WARNING_UNKNOWN_CALL;
	}
	request->scratch->used = used;
	return found;
}
