/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Docker and Podman are told about a container's filter by options, as compose files and
 * quadlets have them. Without any they use their own profile.
 */
#include "lint/lint-internal.h"

/* "seccomp=X", and of old "seccomp:X" (docker/compose pkg/compose/create.go, parseSecurityOpts;
 * podman pkg/specgenutil/specgen.go). */
bool lint_security_opt(struct span option, struct span *ret_profile)
{
	static const struct span keys[] = {{"seccomp=", 8}, {"seccomp:", 8}};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (span_has_prefix(option, keys[i])) {
			*ret_profile = span_skip(option, keys[i].n);
			return true;
		}
	return false;
}

static void check_file(struct lint *lint, const struct lint_options *o)
{
	char path[512];

	/* Variables are not known here. */
	if (lint->how->file_exists == NULL || !o->beside || o->profile.n >= sizeof(path) ||
	    o->profile.n == 0 || memchr(o->profile.p, '$', o->profile.n) != NULL ||
	    memchr(o->profile.p, '\0', o->profile.n) != NULL || o->profile.p[0] == '~' ||
	    span_eq(o->profile, SPAN("builtin")))
		return;
	memcpy(path, o->profile.p, o->profile.n);
	path[o->profile.n] = '\0';
	if (!lint->how->file_exists(lint->how->ctx, path))
		lint_tell(lint, LINT_ENGINE_PROFILE, &o->profile_at, o->whole,
			  "%s: there is no profile \"%s\" beside this file", o->who, path);
}

bool lint_options_check(struct lint *lint, const struct lint_options *o)
{
	const struct span unconfined = SPAN("unconfined");

	if (o->privileged)
		lint_tell(lint, LINT_ENGINE_PRIVILEGED, &o->privileged_at, o->whole,
			  "%s: privileged, so it runs without a filter", o->who);
	else if (!o->has_profile)
		return false;
	else if (span_eq(o->profile, unconfined))
		return lint_tell(lint, LINT_ENGINE_UNCONFINED, &o->profile_at, o->whole,
				 "%s: without a filter", o->who);
	else if (memchr(o->profile.p, '$', o->profile.n) != NULL &&
		 memmem(o->profile.p, o->profile.n, unconfined.p, unconfined.n) != NULL)
		lint_tell(lint, LINT_ENGINE_UNCONFINED, &o->profile_at, o->whole,
			  "%s: without a filter, unless the variable says otherwise", o->who);
	else
		check_file(lint, o);
	return false;
}
