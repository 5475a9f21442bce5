/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a model about one call, and about all of its arguments. Pure. */
#include "semantics/model.h"

/* Far more than any real profile needs: a call with some thousand conditions stops here, within a
 * second. */
#define MAX_STEPS 100000000UL
#define CONDITION_STEPS 100 /* as many patterns can be looked at in the time */
#define MAX_DEPTH 4096

static bool rule_holds(const struct model_rule *rule, const uint64_t args[OCI_MAX_ARGS])
{
	for (size_t i = 0; i < rule->n_conditions; i++)
		if (!argspace_holds(&rule->conditions[i], args[rule->conditions[i].index]))
			return false;
	return true;
}

static const struct model_rule *first_rule(const struct model *model, int call)
{
	return !model->covered || call < 0 ? NULL : model->calls[call];
}

static bool stub_answers(const struct model *model, int64_t number)
{
	return model->stub && model_is_beyond(model->abi, model->highest, number);
}

/* `call`: abi_call() of the number, which takes a search. */
static struct model_answer evaluate(const struct model *model, int64_t number, int call,
				    const uint64_t args[OCI_MAX_ARGS])
{
	struct model_answer answer = {.verdict = {.action = OCI_ACT_KILL_THREAD},
				      .source = MODEL_BY_ABI};

	if (!model->covered)
		return answer;
	if (stub_answers(model, number)) {
		answer.verdict = (struct model_verdict){OCI_ACT_ERRNO, MODEL_STUB_ERRNO};
		answer.source = MODEL_BY_STUB;
		return answer;
	}
	answer.verdict = model->default_verdict;
	answer.source = MODEL_BY_DEFAULT;
	answer.doubtful = call >= 0 && syscall_set_has(&model->doubtful, call);
	for (const struct model_rule *r = first_rule(model, call); r != NULL; r = r->next) {
		if (!rule_holds(r, args))
			continue;
		answer.doubtful = answer.doubtful || r->excepted;
		if (answer.rule == NULL) {
			answer.verdict = r->verdict;
			answer.source = MODEL_BY_RULE;
			answer.rule = r;
		} else if (!model_verdict_eq(r->verdict, answer.verdict)) {
			answer.contested = true;
		}
	}
	return answer;
}

bool model_same_rules(const struct model *a, const struct model *b, int call)
{
	const struct model_rule *x = a->calls[call], *y = b->calls[call];

	for (; x != NULL && y != NULL; x = x->next, y = y->next) {
		if (!model_verdict_eq(x->verdict, y->verdict) || x->n_conditions != y->n_conditions)
			return false;
		for (size_t i = 0; i < x->n_conditions; i++)
			if (!argspace_condition_eq(&x->conditions[i], &y->conditions[i]))
				return false;
	}
	return x == y && model_verdict_eq(a->default_verdict, b->default_verdict);
}

struct model_answer model_evaluate(const struct model *model, int64_t number,
				   const uint64_t args[OCI_MAX_ARGS])
{
	return evaluate(model, number, abi_call(model->abi, number), args);
}

/* ---- every argument ---- */

struct walker {
	const struct model_walk *walk;
	int call; /* of the number, or -1 */
	struct argspace space[OCI_MAX_ARGS];
	unsigned long steps;      /* that are left */
	unsigned long leaf_steps; /* what asking every rule at a leaf takes */
	unsigned int depth;
};

static bool charge(struct walker *w, unsigned long steps)
{
	if (w->steps < steps)
		return false;
	w->steps -= steps;
	return true;
}

/* These return 0 to go on, 1 when the visitor has seen enough, -1 when there is too much to look
 * at. */
static int walk_model(struct walker *w, int which);
static int walk_rules(struct walker *w, int which, const struct model_rule *rule);

static int walk_conditions(struct walker *w, int which, const struct model_rule *rule, size_t i)
{
	const struct argspace_condition *c;
	struct argspace_not nodes[2];
	struct argspace before, *space;
	uint64_t ignored;
	int r = 0;

	if (i == rule->n_conditions)
		return walk_model(w, which + 1);
	if (!charge(w, CONDITION_STEPS))
		return -1;
	c = &rule->conditions[i];
	space = &w->space[c->index];
	if (space->low == space->high)
		return argspace_holds(c, space->low) ? walk_conditions(w, which, rule, i + 1)
						     : walk_rules(w, which, rule->next);
	before = *space;
	for (int holds = 1; holds >= 0 && r == 0; holds--) {
		int left;

		argspace_restrict(space, c, holds, &nodes[holds]);
		left = argspace_find(space, &w->steps, &ignored);
		if (left < 0)
			return -1;
		if (left > 0)
			r = holds ? walk_conditions(w, which, rule, i + 1)
				  : walk_rules(w, which, rule->next);
		*space = before;
	}
	return r;
}

static int walk_rules(struct walker *w, int which, const struct model_rule *rule)
{
	int r;

	if (rule == NULL)
		return walk_model(w, which + 1);
	if (w->depth == MAX_DEPTH)
		return -1;
	w->depth++;
	r = walk_conditions(w, which, rule, 0);
	w->depth--;
	return r;
}

/* The region that is left when every model has been asked. Each argument's space is known not to be
 * empty. */
static int visit(struct walker *w)
{
	struct model_leaf leaf = {.space = w->space};

	if (!charge(w, w->leaf_steps))
		return -1;
	for (size_t i = 0; i < OCI_MAX_ARGS; i++)
		if (argspace_find(&w->space[i], &w->steps, &leaf.example[i]) <= 0)
			return -1;
	for (size_t i = 0; i < 2 && w->walk->models[i] != NULL; i++)
		leaf.answer[i] =
			evaluate(w->walk->models[i], w->walk->number, w->call, leaf.example);
	return w->walk->visit(w->walk->ctx, &leaf) ? 0 : 1;
}

static int walk_model(struct walker *w, int which)
{
	const struct model *model = which < 2 ? w->walk->models[which] : NULL;

	if (model == NULL)
		return visit(w);
	if (stub_answers(model, w->walk->number))
		return walk_model(w, which + 1);
	return walk_rules(w, which, first_rule(model, w->call));
}

static unsigned long count_rules(const struct walker *w)
{
	unsigned long n = 0;

	for (size_t i = 0; i < 2 && w->walk->models[i] != NULL; i++)
		for (const struct model_rule *r = first_rule(w->walk->models[i], w->call);
		     r != NULL; r = r->next)
			n++;
	return n;
}

int model_walk(const struct model_walk *walk, struct error *err)
{
	struct walker w = {
		.walk = walk,
		.call = abi_call(walk->models[0]->abi, walk->number),
		.steps = walk->budget != NULL ? *walk->budget : MAX_STEPS,
	};
	bool narrow = abi_infos[walk->models[0]->abi].narrow;
	int r;

	w.leaf_steps = CONDITION_STEPS + count_rules(&w);
	for (size_t i = 0; i < OCI_MAX_ARGS; i++)
		w.space[i] = walk->space != NULL ? walk->space[i] : argspace_all(narrow);
	r = walk_model(&w, 0);
	if (walk->budget != NULL)
		*walk->budget = r < 0 ? 0 : w.steps;
	return r < 0 ? error_set(err, "system call %lld has too many conditions to look at",
				 (long long)walk->number)
		     : 0;
}
