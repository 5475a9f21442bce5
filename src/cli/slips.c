/* SPDX-License-Identifier: Apache-2.0 */
/* By asking lint, and leaving out what it finds beyond that. */
#include "cli/slips.h"

#include "lint/lint.h"
#include "yaml/read.h"

#include <stdio.h>

struct search {
	struct lint lint;
	struct profilefile_request request;
	void (*tell)(void *ctx, const char *slip);
	void *ctx;
};

static int look(void *ctx, struct tree *root, struct error *err)
{
	struct search *s = ctx;

	(void)err;
	lint_profile(&s->lint, root, &s->request);
	return 0;
}

static void found(void *ctx, const struct lint_finding *finding)
{
	const struct search *s = ctx;
	const struct lint_rule *rule = finding->rule;
	char text[sizeof(((struct error *)0)->text) + 48];

	if (rule != &lint_rules[LINT_UNKNOWN_KEY] && rule != &lint_rules[LINT_UNKNOWN_WORD])
		return;
	snprintf(text, sizeof(text), "%zu:%zu: %s", finding->line, finding->column, finding->text);
	s->tell(s->ctx, text);
}

void cli_slips(struct span text, const struct profile_target *target, struct enforce_memory *memory,
	       void (*tell)(void *ctx, const char *slip), void *ctx)
{
	const struct enforce_memory at_start = *memory;
	struct search s = {.request = {.text = text,
				       .target = target,
				       .keep = &memory->keep,
				       .scratch = &memory->scratch},
			   .tell = tell,
			   .ctx = ctx};
	const struct lint_how how = {.tell = found, .ctx = &s};
	struct lint_counts counts = {0};
	struct yaml_place place;
	struct error ignored;

	if (lint_begin(&s.lint, &how, &counts, text, &memory->keep, &ignored) == 0)
		yaml_read(text, &memory->scratch, look, &s, &place, &ignored);
	*memory = at_start;
}
