/* SPDX-License-Identifier: Apache-2.0 */
/* Compose files: compose-spec, 05-services.md. */
#include "lint/lint-internal.h"

#include <stdio.h>

bool lint_is_compose(struct lint *lint, const struct tree *root)
{
	const struct tree *services = lint_get(lint, root, "services");

	if (services == NULL || services->type != TREE_MAPPING || services->first == NULL ||
	    lint_get(lint, root, "kind") != NULL)
		return false;
	/* A service has one of these; others may come from elsewhere, by "extends". */
	for (const struct tree_entry *e = services->first; e != NULL; e = e->next)
		if (lint_get(lint, e->value, "image") != NULL ||
		    lint_get(lint, e->value, "build") != NULL ||
		    lint_get(lint, e->value, "security_opt") != NULL ||
		    lint_get(lint, e->value, "privileged") != NULL)
			return true;
	return false;
}

static bool is_windows(struct lint *lint, const struct tree *service)
{
	return span_has_prefix(lint_text(lint_get(lint, service, "platform")), SPAN("windows")) ||
	       span_eq(lint_text(lint_get(lint, service, "isolation")), SPAN("hyperv")) ||
	       span_eq(lint_text(lint_get(lint, service, "isolation")), SPAN("process"));
}

/* Of several options the last counts: the daemon takes them one after the other. */
static void read_options(struct lint *lint, const struct tree *service, struct lint_options *o)
{
	const struct tree *privileged = lint_get(lint, service, "privileged");
	const struct tree *list = lint_get(lint, service, "security_opt");

	if (lint_is_true(privileged)) {
		o->privileged = true;
		o->privileged_at = *privileged;
	}
	if (list == NULL || list->type != TREE_SEQUENCE)
		return;
	for (const struct tree_entry *e = list->first; e != NULL && lint_goes_on(lint); e = e->next)
		if (lint_security_opt(lint_text(e->value), &o->profile)) {
			o->has_profile = true;
			o->profile_at = *e->value;
		}
}

void lint_compose(struct lint *lint, const struct tree *root)
{
	const struct tree *services = lint_get(lint, root, "services");

	lint->how->counts->objects++;
	for (const struct tree_entry *e = services->first; e != NULL && lint_goes_on(lint);
	     e = e->next) {
		struct lint_options options = {.whole = e->key, .beside = true};

		if (e->value->type != TREE_MAPPING)
			continue;
		if (is_windows(lint, e->value)) {
			lint->how->counts->windows++;
			continue;
		}
		lint->how->counts->containers++;
		snprintf(options.who, sizeof(options.who), "service \"%.*s\"",
			 SPAN_ARG(e->key->text));
		read_options(lint, e->value, &options);
		if (lint_options_check(lint, &options))
			lint_fix_security_opt(lint, e->value);
	}
}
