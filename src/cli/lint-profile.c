/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lint-profile.h"

#include "yaml/read.h"

#include <sys/mman.h>

/* A profile file has at most a megabyte; memory is used as far as trees need it. */
#define TREES_SIZE (192U << 20)

struct job {
	const struct cli_lint_profile *profile;
	struct arena trees;
	struct lint lint;
};

static void tell(void *ctx, const struct lint_finding *finding)
{
	const struct job *job = ctx;

	if (finding->rule->severity > LINT_NOTE)
		job->profile->tell(job->profile->ctx, finding);
}

static int look(void *ctx, struct tree *root, struct error *err)
{
	struct job *job = ctx;
	const struct profilefile_request request = {.text = job->profile->text,
						    .target = job->profile->target,
						    .keep = job->profile->keep,
						    .scratch = &job->trees};

	(void)err;
	lint_profile(&job->lint, root, &request);
	return 0;
}

void cli_lint_profile(const struct cli_lint_profile *profile)
{
	const struct arena at_start = *profile->keep;
	void *p = mmap(NULL, TREES_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct job job = {.profile = profile, .trees = {p, TREES_SIZE, 0}};
	struct lint_counts counts = {0};
	const struct lint_how how = {.tell = tell, .counts = &counts, .ctx = &job};
	struct yaml_place place;
	struct error ignored;

	if (p == MAP_FAILED)
		return;
	if (lint_begin(&job.lint, &how, profile->text, profile->keep, &ignored) == 0 &&
	    yaml_read(profile->text, &job.trees,
		      &(struct yaml_taker){.document = look, .ctx = &job}, &place, &ignored) == 0)
		lint_end(&job.lint);
	munmap(p, TREES_SIZE);
	*profile->keep = at_start;
}
