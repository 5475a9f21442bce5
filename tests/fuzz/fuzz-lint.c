/* SPDX-License-Identifier: Apache-2.0 */
/* Each kind of file: read to its end or refused, and each finding is at a place in it. */
#include "lint/lint.h"
#include "yaml/read.h"

#include "fuzz.h"

struct job {
	struct lint lint;
	struct span text;
	struct enforce_memory memory;
	size_t lines;
};

static void see(void *ctx, const struct lint_finding *f)
{
	const struct job *job = ctx;

	HOLDS(f->line >= 1 && f->line <= job->lines && f->column >= 1);
	HOLDS(f->text[0] != '\0' && f->rule->mend[0] != '\0');
}

static bool odd_length(void *ctx, const char *path)
{
	(void)ctx;
	HOLDS(path[0] != '\0' && path[0] != '/');
	return strlen(path) % 2 == 1;
}

static bool even_length(void *ctx, const char *path)
{
	(void)ctx;
	HOLDS(path[0] != '\0');
	return strlen(path) % 2 == 0;
}

static const struct profile_target target = {.arch = PROFILE_ARCH_X86_64,
					     .kernel = PROFILE_KERNEL(6, 1)};
static const struct enforce_host host = {
	.arch = PROFILE_ARCH_X86_64, .kernel = PROFILE_KERNEL(6, 1), .now = 1800000000};

/* As each kind of document that is a tree, whatever it is. */
static int lint_tree(void *ctx, struct tree *root, struct error *err)
{
	struct job *job = ctx;
	const struct lint_request whole = {job->text, &host, &target, &job->memory};
	const struct profilefile_request request = {.text = job->text,
						    .target = &target,
						    .keep = &job->memory.keep,
						    .scratch = &job->memory.scratch};

	lint_config(&job->lint, root, &whole);
	lint_profile(&job->lint, root, &request);
	return lint_document(&job->lint, root, err);
}

static int look(void *ctx, struct tree *root, struct error *err)
{
	(void)ctx;
	(void)root;
	(void)err;
	return 0;
}

/* What mends it leaves it what it was: as good YAML as before. */
static void apply(struct job *job, struct arena *trees)
{
	struct yaml_place place;
	struct span after;
	struct error err;

	if (lint_apply(&job->lint, &job->memory.keep, &after, &err) < 0 ||
	    span_eq(after, job->text))
		return;
	HOLDS(yaml_read(after, trees, &(struct yaml_taker){.document = look}, &place, &err) == 0 ||
	      strstr(err.text, "in each other") != NULL);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct job job = {.text = {(const char *)data, size}, .memory = fuzz_memory(0)};
	struct arena trees = fuzz_memory(1).keep, later = fuzz_memory(1).scratch;
	struct lint_set set;
	struct lint_counts counts = {0};
	struct lint_how how = {.tell = see, .ctx = &job, .profile_exists = odd_length, .fix = true};
	struct yaml_place place;
	struct error err = {.text = ""};

	/* YAML has more ends of lines than this one: CR, NEL, LS and PS. */
	job.lines = size + 1;
	how.kics = size % 8 == 0;
	how.file_exists = even_length;
	how.path = "f";
	how.counts = &counts;
	how.set = &set;
	lint_set_begin(&set, &later);
	if (lint_begin(&job.lint, &how, job.text, &job.memory.keep, &err) == 0) {
		lint_quadlet(&job.lint);
		lint_policy(&job.lint,
			    &(struct lint_request){job.text, &host, &target, &job.memory});
	}
	if (err.text[0] == '\0' &&
	    yaml_read(job.text, &trees, &(struct yaml_taker){.document = lint_tree, .ctx = &job},
		      &place, &err) == 0) {
		lint_end(&job.lint);
		HOLDS(lint_set_end(&set, &how, &err) == 0);
		apply(&job, &trees);
	} else {
		HOLDS(err.text[0] != '\0');
	}
	return 0;
}
