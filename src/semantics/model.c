/* SPDX-License-Identifier: Apache-2.0 */
/* From a profile to its model. Pure; memory comes from the caller. */
#include "semantics/model.h"

#include "oci/seccomp-rule.h"

/* ---- adding what a rule says about a call ---- */

struct builder {
	struct model *model;
	struct arena *arena;
	const struct seccomp_rule *rule;
	struct model_rule new;    /* what is added */
	struct model_rule *plain; /* of this rule, without conditions: shared by all its calls */
	const int16_t *calls;     /* of the names of this rule; NULL: not known */
	bool narrow;
	size_t max_conditions;
	/* Of the rules on a call, how many and where the next one goes. */
	size_t n_rules[SYSCALL_COUNT];
	struct model_rule **end[SYSCALL_COUNT];
	uint8_t by_call[SYSCALL_COUNT]; /* which element of oci_multiplexed, plus one; 0: none */
};

/*
 * One has the conditions of the other, and perhaps more behind them: in libseccomp's tree of
 * conditions they are one way. The longer rule that comes second has no effect, the shorter one
 * takes over, and is refused (EEXIST) if it says something else.
 */
static bool one_way(const struct model_rule *a, const struct model_rule *b)
{
	for (size_t i = 0; i < a->n_conditions && i < b->n_conditions; i++)
		if (!argspace_condition_eq(&a->conditions[i], &b->conditions[i]))
			return false;
	return true;
}

/* Hold the new rule against those on the call. *ret_counts: it has an effect beside them. */
static int compare(struct builder *b, int call, bool *ret_counts, struct error *err)
{
	struct model_rule *const *at = &b->model->calls[call];

	*ret_counts = true;
	for (; *at != NULL; at = &(*at)->next) {
		if (!one_way(*at, &b->new))
			continue;
		if ((*at)->n_conditions < b->new.n_conditions) {
			if (model_verdict_eq((*at)->verdict, b->new.verdict)) {
				*ret_counts = false;
				return 0;
			}
			b->new.behind = true;
			continue;
		}
		if (model_verdict_eq((*at)->verdict, b->new.verdict))
			continue;
		return error_at(
			err, b->rule->pos,
			"syscalls[%zu] and syscalls[%zu] say two things of %.*s under the same "
			"conditions, on %s: runtimes refuse the profile",
			(*at)->written->index, b->rule->index, SPAN_ARG(syscall_name(call)),
			abi_infos[b->model->abi].name);
	}
	return 0;
}

static int add_model_rule(struct builder *b, int call, struct error *err)
{
	struct model_rule **first = &b->model->calls[call], *copy;
	bool counts = true;

	b->new.behind = false;
	if (*first != NULL && (*first)->n_conditions == 0)
		return 0;
	if (b->new.n_conditions == 0)
		*first = NULL;
	if (*first == NULL) {
		b->n_rules[call] = 0;
		b->end[call] = first;
	}
	if (b->n_rules[call] <= MODEL_MOST_RULES && compare(b, call, &counts, err) < 0)
		return -1;
	if (!counts)
		return 0;
	copy = b->new.n_conditions == 0 ? b->plain : NULL;
	if (copy == NULL) {
		copy = arena_alloc(b->arena, sizeof(*copy));
		if (copy == NULL)
			return error_at(err, b->rule->pos, "too many rules to look at");
		*copy = b->new;
	}
	if (b->new.n_conditions == 0)
		b->plain = copy;
	*b->end[call] = copy;
	b->end[call] = &copy->next;
	b->n_rules[call]++;
	return 0;
}

/* Find what is in oci_multiplexed once, and not by name for each rule. */
static void find_multiplexed(struct builder *b)
{
	if (!abi_infos[b->model->abi].multiplexed)
		return;
	for (size_t i = 0; i < OCI_MULTIPLEXED; i++)
		b->by_call[syscall_index(span_of(oci_multiplexed[i].call))] = (uint8_t)(i + 1);
}

/* The same rule on socketcall(2) or ipc(2), if the ABI has them and `call` is one of what they do.
 */
static int add_multiplexed(struct builder *b, int call, struct error *err)
{
	const struct model_rule direct = b->new;
	struct argspace_condition first = {
		.index = 0, .op = OCI_CMP_EQ, .mask = b->narrow ? UINT32_MAX : UINT64_MAX};
	size_t i = b->by_call[call];
	int r;

	if (i == 0)
		return 0;
	first.value = oci_multiplexed[i - 1].number;
	b->new.n_conditions = 0;
	b->new.conditions[b->new.n_conditions++] = first;
	for (i = 0; i < direct.n_conditions; i++)
		if (direct.conditions[i].index != 0)
			b->new.conditions[b->new.n_conditions++] = direct.conditions[i];
	r = add_model_rule(b, syscall_index(span_of(oci_multiplexed[b->by_call[call] - 1].by)),
			   err);
	b->new = direct;
	return r;
}

/*
 * What the rule says about each of its calls; nothing, if it says what the default says. Names in
 * such rules count for the stub too (runc, patchbpf, findLastSyscalls()), but not those of calls
 * that socketcall(2) or ipc(2) do: libseccomp has other numbers for them, below zero.
 */
static int add_names(struct builder *b, bool is_default, struct error *err)
{
	size_t i = 0;

	for (const struct seccomp_name *n = b->rule->names; n != NULL; n = n->next, i++) {
		int call = b->calls != NULL ? b->calls[i] : syscall_index(n->name);
		int64_t number;

		if (call < 0)
			continue;
		number = abi_number(b->model->abi, call);
		if (number > b->model->highest && b->by_call[call] == 0)
			b->model->highest = number;
		if (is_default)
			continue;
		if (add_multiplexed(b, call, err) < 0)
			return -1;
		if (number >= 0 && add_model_rule(b, call, err) < 0)
			return -1;
	}
	return 0;
}

/* Put `arg` into b->new.conditions, in order; a condition that every value meets is none. */
static void add_condition(struct builder *b, const struct seccomp_arg *arg)
{
	struct argspace_condition c = argspace_condition(arg, b->narrow);
	size_t i = b->new.n_conditions;

	if (c.op == OCI_CMP_MASKED_EQ && c.mask == 0)
		return;
	for (; i > 0 && b->new.conditions[i - 1].index > c.index; i--)
		b->new.conditions[i] = b->new.conditions[i - 1];
	b->new.conditions[i] = c;
	b->new.n_conditions++;
}

static int add_rule(struct builder *b, struct error *err)
{
	const struct seccomp_rule *rule = b->rule;
	bool alternatives = seccomp_args_alternate(rule->args);
	size_t n = 0;

	if (seccomp_rule_is_default(b->model->profile, rule))
		return add_names(b, true, err);
	b->plain = NULL;
	b->new = (struct model_rule){.written = rule};
	b->new.verdict.action = oci_action_effective(rule->action);
	b->new.verdict.number = seccomp_errno(rule->action, rule->has_errno, rule->errno_ret);
	for (const struct seccomp_arg *arg = rule->args; arg != NULL && n < b->max_conditions;
	     arg = arg->next, n++) {
		if (alternatives)
			b->new.n_conditions = 0;
		add_condition(b, arg);
		if (alternatives && add_names(b, false, err) < 0)
			return -1;
	}
	return alternatives ? 0 : add_names(b, false, err);
}

static bool covers(const struct model_request *request)
{
	enum abi abi;

	if (request->abi == request->native)
		return true;
	for (const struct seccomp_arch *a = request->profile->archs; a != NULL; a = a->next)
		if (abi_from_oci(a->name, &abi) == 0 && abi == request->abi)
			return true;
	return false;
}

static size_t count_names(const struct seccomp_rule *rule)
{
	size_t n = 0;

	for (const struct seccomp_name *name = rule->names; name != NULL; name = name->next)
		n++;
	return n;
}

const int16_t *model_calls(const struct seccomp_profile *profile, struct arena *arena)
{
	size_t n = 0;
	int16_t *calls;

	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		n += count_names(rule);
	calls = arena_alloc(arena, n * sizeof(*calls));
	n = 0;
	for (const struct seccomp_rule *rule = profile->rules; calls != NULL && rule != NULL;
	     rule = rule->next)
		for (const struct seccomp_name *name = rule->names; name != NULL; name = name->next)
			calls[n++] = (int16_t)syscall_index(name->name);
	return calls;
}

int model_build(const struct model_request *request, struct arena *arena, struct model *ret_model,
		struct error *err)
{
	const struct seccomp_profile *p = request->profile;
	struct model model = {
		.profile = p, .abi = request->abi, .covered = covers(request), .highest = -1};
	struct builder b = {
		.model = &model,
		.arena = arena,
		.narrow = abi_infos[request->abi].narrow,
		.max_conditions = request->runtime == MODEL_CRUN ? OCI_CRUN_CONDITIONS : SIZE_MAX,
	};

	model.default_verdict.action = oci_action_effective(p->default_action);
	model.default_verdict.number =
		seccomp_errno(p->default_action, p->has_default_errno, p->default_errno);
	find_multiplexed(&b);
	b.calls = request->calls;
	for (b.rule = p->rules; b.rule != NULL && model.covered; b.rule = b.rule->next) {
		if (add_rule(&b, err) < 0)
			return -1;
		if (b.calls != NULL)
			b.calls += count_names(b.rule);
	}
	model.stub =
		request->runtime == MODEL_RUNC && model.highest > 0 && seccomp_has_runc_stub(p);
	model_find_doubt(&model);
	*ret_model = model;
	return 0;
}
