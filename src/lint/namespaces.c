/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pods and the namespaces that they are for, wherever in the set of files each stands: a pod that
 * the level of its namespace refuses is never there (Pod Security Standards, "Seccomp" and
 * "Privileged Containers").
 */
#include "lint/lint-internal.h"

#include <stdio.h>

enum level { LEVEL_NONE, LEVEL_BASELINE, LEVEL_RESTRICTED };

static const char *const level_names[] = {
	[LEVEL_NONE] = "", [LEVEL_BASELINE] = "baseline", [LEVEL_RESTRICTED] = "restricted"};

struct lint_namespace {
	struct span name;
	enum level level;
	const char *path;
	size_t line;
	struct lint_namespace *next;
};

/* A pod, or what makes pods, that some level refuses. */
struct lint_set_pod {
	struct span name_space;
	const char *who, *path;
	size_t line, column;
	unsigned int refusals;
	bool has_reason;
	struct span reason; /* of the comment that suppresses it */
	struct lint_set_pod *next;
};

static struct lint_namespace **bucket_of(struct lint_set *set, struct span name)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < name.n; i++)
		hash = (hash ^ (unsigned char)name.p[i]) * 16777619U;
	return &set->namespaces[hash % LINT_SET_BUCKETS];
}

static struct span copy_of(struct arena *arena, struct span text)
{
	return (struct span){arena_strdup(arena, text), text.n};
}

void lint_set_namespace(struct lint *lint, const struct tree *root, struct span name,
			struct span level)
{
	struct lint_set *set = lint->how->set;
	struct lint_namespace *n, **bucket;

	if (set == NULL || name.n == 0)
		return;
	n = arena_alloc(set->arena, sizeof(*n));
	if (n == NULL) {
		set->full = true;
		return;
	}
	*n = (struct lint_namespace){.name = copy_of(set->arena, name),
				     .path = arena_strdup(set->arena, span_of(lint->how->path)),
				     .line = root->line};
	if (span_eq(level, SPAN("baseline")))
		n->level = LEVEL_BASELINE;
	else if (span_eq(level, SPAN("restricted")))
		n->level = LEVEL_RESTRICTED;
	if (n->name.p == NULL || n->path == NULL) {
		set->full = true;
		return;
	}
	bucket = bucket_of(set, n->name);
	n->next = *bucket;
	*bucket = n;
}

void lint_set_pod(struct lint *lint, const char *who, unsigned int refusals)
{
	struct lint_set *set = lint->how->set;
	const struct lint_suppression *suppression;
	struct lint_set_pod *pod;

	if (set == NULL || refusals == 0 || lint->name_space.n == 0)
		return;
	suppression = lint_suppressed(lint, LINT_REFUSED_BY_LEVEL, lint->object->line);
	pod = arena_alloc(set->arena, sizeof(*pod));
	if (pod == NULL) {
		set->full = true;
		return;
	}
	*pod = (struct lint_set_pod){.name_space = copy_of(set->arena, lint->name_space),
				     .who = arena_strdup(set->arena, span_of(who)),
				     .path = arena_strdup(set->arena, span_of(lint->how->path)),
				     .line = lint->object->line,
				     .column = lint->object->column,
				     .refusals = refusals,
				     .has_reason = suppression != NULL};
	if (suppression != NULL)
		pod->reason = copy_of(set->arena, suppression->reason);
	if (pod->name_space.p == NULL || pod->who == NULL || pod->path == NULL) {
		set->full = true;
		return;
	}
	*set->end = pod;
	set->end = &pod->next;
}

/* The most lenient of the namespaces of that name: an overlay may have another level than what it
 * lies over, and which of them is used is not known. NULL: there is none. */
static const struct lint_namespace *find(struct lint_set *set, struct span name)
{
	const struct lint_namespace *found = NULL;

	for (const struct lint_namespace *n = *bucket_of(set, name); n != NULL; n = n->next)
		if (span_eq(n->name, name) && (found == NULL || n->level < found->level))
			found = n;
	return found;
}

static const char *why(unsigned int refusals)
{
	if ((refusals & LINT_IS_PRIVILEGED) != 0)
		return "a container is privileged";
	if ((refusals & LINT_SAYS_UNCONFINED) != 0)
		return "Unconfined is written in it";
	return "a container asks for no profile";
}

static void tell(struct lint_set *set, const struct lint_how *how, const struct lint_set_pod *pod)
{
	const struct lint_namespace *n = find(set, pod->name_space);
	unsigned int refused = pod->refusals;
	char text[900];
	struct lint_finding finding = {.rule = &lint_rules[LINT_REFUSED_BY_LEVEL],
				       .path = pod->path,
				       .line = pod->line,
				       .column = pod->column,
				       .text = text};

	if (n == NULL || n->level == LEVEL_NONE)
		return;
	if (n->level == LEVEL_BASELINE)
		refused &= ~(unsigned int)LINT_LACKS_PROFILE;
	if (refused == 0)
		return;
	snprintf(text, sizeof(text),
		 "%s: %s, so that the level %s of namespace \"%.*s\" (%s:%zu) refuses the pod",
		 pod->who, why(refused), level_names[n->level], SPAN_ARG(n->name), n->path,
		 n->line);
	if (pod->has_reason) {
		finding.reason = pod->reason;
		how->counts->suppressed++;
		if (!how->suppressed_too)
			return;
	} else {
		how->counts->found[finding.rule->severity]++;
	}
	how->tell(how->ctx, &finding);
}

void lint_set_begin(struct lint_set *set, struct arena *arena)
{
	*set = (struct lint_set){.arena = arena};
	set->end = &set->pods;
}

int lint_set_end(struct lint_set *set, const struct lint_how *how, struct error *err)
{
	for (const struct lint_set_pod *pod = set->pods; pod != NULL; pod = pod->next)
		tell(set, how, pod);
	if (set->full)
		return error_set(err,
				 "too many pods and namespaces to hold all against each other");
	return 0;
}
