/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a restriction hold in what libseccomp makes of a profile? Asked of the rewritten profile, as
 * the rest of a rule may be said in rules that libseccomp compiles to something else, and so may be
 * what the profile denied by itself (semantics/model-doubt.c). Pure.
 */
#include "profile/tighten-internal.h"

#include "oci/seccomp-rule.h"
#include "semantics/model.h"

/* In steps of model_walk(). What the flavors are cut into takes some thousand. */
#define BUDGET 200000UL

/* What is asked. */
struct question {
	const struct tighten_request *request;
	const struct tighten_ban *bans;
	struct span call;
	int index;                    /* of the call's name */
	struct seccomp_profile rules; /* what the profile says of it, and of what hides it */
};

static struct seccomp_name *matching_names(const struct question *q,
					   const struct seccomp_rule *rule)
{
	const char *multiplexer = oci_multiplexer(q->call);
	struct seccomp_name *names = NULL, **tail = &names;

	for (const struct seccomp_name *n = rule->names; n != NULL; n = n->next) {
		if (!span_eq(n->name, q->call) &&
		    (multiplexer == NULL || !span_eq(n->name, span_of(multiplexer))))
			continue;
		*tail = arena_alloc(q->request->scratch, sizeof(**tail));
		if (*tail == NULL)
			return NULL;
		**tail = *n;
		(*tail)->next = NULL;
		tail = &(*tail)->next;
	}
	return names;
}

/* -1: out of memory. Nothing is left to a listener that must not be let through. */
static int take_rules(struct question *q, const struct seccomp_profile *profile)
{
	struct seccomp_rule **tail = &q->rules.rules;

	q->rules = *profile;
	q->rules.rules = NULL;
	q->rules.has_listener = false;
	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next) {
		struct seccomp_name *names = matching_names(q, rule);

		if (names == NULL)
			continue;
		*tail = arena_alloc(q->request->scratch, sizeof(**tail));
		if (*tail == NULL)
			return -1;
		**tail = *rule;
		(*tail)->names = names;
		(*tail)->next = NULL;
		tail = &(*tail)->next;
	}
	return 0;
}

static bool note_leak(void *ctx, const struct model_leaf *leaf)
{
	enum oci_action mine = leaf->answer[0].verdict.action;
	bool *leaks = ctx;

	*leaks = oci_action_permits(mine) || mine == OCI_ACT_TRACE || mine == OCI_ACT_NOTIFY;
	return !*leaks;
}

/* Does `model` let through nothing of what one ban is about? */
static bool denies(const struct model *model, int64_t number, const struct conjunction *where,
		   unsigned long *budget)
{
	struct argspace space[OCI_MAX_ARGS];
	struct argspace_not nodes[OCI_MAX_ARGS];
	bool narrow = abi_infos[model->abi].narrow, leaks = false;
	const struct model_walk walk = {
		.models = {model},
		.number = number,
		.space = space,
		.visit = note_leak,
		.ctx = &leaks,
		.budget = budget,
	};
	struct error ignored;

	for (size_t i = 0; i < OCI_MAX_ARGS; i++) {
		struct argspace_condition c = argspace_condition(&where->arg[i], narrow);
		uint64_t ignored_value;

		space[i] = argspace_all(narrow);
		if ((where->used >> i & 1) == 0)
			continue;
		argspace_restrict(&space[i], &c, true, &nodes[i]);
		if (argspace_find(&space[i], budget, &ignored_value) == 0)
			return true;
	}
	return model_walk(&walk, &ignored) == 0 && !leaks;
}

static bool holds_on(const struct question *q, enum abi abi, enum model_runtime runtime)
{
	const struct model_request request = {&q->rules, abi, abi, runtime};
	const int64_t number = abi_number(abi, q->index);
	unsigned long budget = BUDGET;
	struct model model;
	struct error ignored;
	bool holds;

	if (number < 0)
		return true;
	holds = model_build(&request, q->request->scratch, &model, &ignored) == 0;
	if (holds)
		model_at_most(&model);
	for (const struct tighten_ban *ban = q->bans; ban != NULL && holds; ban = ban->next)
		holds = !span_eq(ban->call, q->call) ||
			denies(&model, number, &ban->where, &budget);
	return holds;
}

/* Of more, building a model takes long: a rule is looked for among those before it. */
#define MAX_CONDITIONS 2048

/* Of all rules together; *ret_drops: has one more than crun takes? */
static size_t count_conditions(const struct seccomp_profile *profile, bool *ret_drops)
{
	size_t all = 0;

	*ret_drops = false;
	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next) {
		size_t n = seccomp_args_count(rule->args);

		all += n;
		*ret_drops = *ret_drops || n > OCI_CRUN_CONDITIONS;
	}
	return all;
}

bool tighten_holds(const struct seccomp_profile *profile, const struct tighten_request *request,
		   const struct tighten_ban *bans, struct span call)
{
	struct question q = {request, bans, call, syscall_index(call), {0}};
	size_t used = request->scratch->used;
	bool holds = q.index >= 0 && take_rules(&q, profile) == 0, crun = false;

	holds = holds && count_conditions(&q.rules, &crun) <= MAX_CONDITIONS;
	for (int abi = 0; abi < ABIS && holds; abi++) {
		if (request->arch != PROFILE_ARCH_UNKNOWN && abi_infos[abi].native != request->arch)
			continue;
		holds = holds_on(&q, (enum abi)abi, MODEL_PROFILE) &&
			(!crun || holds_on(&q, (enum abi)abi, MODEL_CRUN));
	}
	request->scratch->used = used;
	return holds;
}
