/* SPDX-License-Identifier: Apache-2.0 */
#include "semantics/denied.h"

#include "oci/seccomp-rule.h"

/* Of all walks together: a fiftieth of what one may take by itself. */
#define BUDGET 20000000

struct leaves {
	bool permitted;
	enum denied_answer answer; /* the mildest */
};

static enum denied_answer answer_of(const struct model_verdict *verdict)
{
	if (verdict->action == OCI_ACT_TRACE ||
	    (verdict->action == OCI_ACT_ERRNO && verdict->number == MODEL_STUB_ERRNO))
		return DENIED_ENOSYS;
	return verdict->action == OCI_ACT_ERRNO ? DENIED_EPERM : DENIED_KILL;
}

/* By how much is left to who makes the call. */
static const int mildness[DENIED_ANSWERS] = {
	[DENIED_ENOSYS] = 2, [DENIED_EPERM] = 1, [DENIED_KILL] = 0};

/* What a listener answers nobody knows. */
static bool may_pass(enum oci_action action)
{
	return oci_action_permits(action) || action == OCI_ACT_NOTIFY;
}

static bool look_at_leaf(void *ctx, const struct model_leaf *leaf)
{
	const struct model_verdict *verdict = &leaf->answer[0].verdict;
	struct leaves *l = ctx;

	if (may_pass(verdict->action)) {
		l->permitted = true;
		return false;
	}
	if (mildness[answer_of(verdict)] > mildness[l->answer])
		l->answer = answer_of(verdict);
	return true;
}

/* A call of which it cannot be told is not denied. */
static void find_denied(const struct model *model, int call, unsigned long *budget,
			struct denied_calls *denials)
{
	struct leaves leaves = {.answer = DENIED_KILL};
	const struct model_walk walk = {.models = {model, NULL},
					.number = abi_number(model->abi, call),
					.visit = look_at_leaf,
					.ctx = &leaves,
					.budget = budget};
	struct error ignored;

	if (walk.number < 0 || model_walk(&walk, &ignored) < 0 || leaves.permitted)
		return;
	syscall_set_add(&denials->by[leaves.answer], call);
	syscall_set_add(&denials->any, call);
}

int denied_find(const struct model_request *request, const struct syscall_set *calls,
		struct arena *scratch, struct denied_calls *ret_denials, struct error *err)
{
	const size_t used = scratch->used;
	struct model *model = arena_alloc(scratch, sizeof(*model));
	unsigned long budget = BUDGET;
	int r = model != NULL ? model_build(request, scratch, model, err)
			      : error_set(err, "out of memory");

	*ret_denials = (struct denied_calls){0};
	for (int call = 0; r == 0 && (call = syscall_set_next(calls, call)) >= 0; call++)
		find_denied(model, call, &budget, ret_denials);
	scratch->used = used;
	return r;
}

/* ---- at once ---- */

struct at_once {
	const struct model_request *request;
	struct model_verdict by_default;
	struct syscall_set settled;                  /* by a rule without conditions, */
	struct syscall_set denied[DENIED_ANSWERS];   /* and denied by it */
	struct syscall_set passed;                   /* let through by rules with conditions, */
	struct syscall_set answered[DENIED_ANSWERS]; /* or denied by them */
	int64_t highest;                             /* as in struct model */
};

/* libseccomp has other numbers for what socketcall(2) and ipc(2) do. */
static void count_number(struct at_once *a, int call)
{
	const enum abi abi = a->request->abi;
	const int64_t number = abi_number(abi, call);

	if (number > a->highest &&
	    (!abi_infos[abi].multiplexed || oci_multiplexer(syscall_name(call)) == NULL))
		a->highest = number;
}

static void look_at_rule(struct at_once *a, const struct seccomp_rule *rule, int call)
{
	const struct model_verdict verdict = {
		oci_action_effective(rule->action),
		seccomp_errno(rule->action, rule->has_errno, rule->errno_ret)};
	const bool passes = may_pass(rule->action);

	if (syscall_set_has(&a->settled, call))
		return;
	if (rule->args == NULL) {
		syscall_set_add(&a->settled, call);
		if (!passes)
			syscall_set_add(&a->denied[answer_of(&verdict)], call);
	} else {
		syscall_set_add(passes ? &a->passed : &a->answered[answer_of(&verdict)], call);
	}
}

static bool stub_answers(const struct at_once *a, int64_t number)
{
	return a->request->runtime == MODEL_RUNC && a->highest > 0 &&
	       seccomp_has_runc_stub(a->request->profile) &&
	       model_is_beyond(a->request->abi, a->highest, number);
}

/* Is the call denied, and how? runc's stub stands in front of the rules. What falls to the default
 * may have a milder answer for some arguments. */
static bool look_at_call(const struct at_once *a, int call, enum denied_answer *ret_answer)
{
	const bool settled = syscall_set_has(&a->settled, call);
	const int64_t number = abi_number(a->request->abi, call);

	*ret_answer = stub_answers(a, number) ? DENIED_ENOSYS : answer_of(&a->by_default);
	if (number < 0 || stub_answers(a, number))
		return number >= 0;
	for (int i = 0; i < DENIED_ANSWERS; i++) {
		if (settled && syscall_set_has(&a->denied[i], call)) {
			*ret_answer = (enum denied_answer)i;
			return true;
		}
		if (syscall_set_has(&a->answered[i], call) && mildness[i] > mildness[*ret_answer])
			*ret_answer = (enum denied_answer)i;
	}
	return !settled && !syscall_set_has(&a->passed, call) && !may_pass(a->by_default.action);
}

void denied_at_once(const struct model_request *request, const struct syscall_set *calls,
		    struct denied_calls *ret_denied)
{
	const struct seccomp_profile *p = request->profile;
	const int16_t *known = request->calls;
	struct at_once a = {.request = request, .highest = -1};

	a.by_default.action = oci_action_effective(p->default_action);
	a.by_default.number =
		seccomp_errno(p->default_action, p->has_default_errno, p->default_errno);
	for (const struct seccomp_rule *rule = p->rules; rule != NULL; rule = rule->next) {
		const bool is_default = seccomp_rule_is_default(p, rule);

		for (const struct seccomp_name *n = rule->names; n != NULL; n = n->next) {
			const int call = known != NULL ? *known++ : syscall_index(n->name);

			if (call < 0)
				continue;
			count_number(&a, call);
			if (!is_default && syscall_set_has(calls, call))
				look_at_rule(&a, rule, call);
		}
	}
	*ret_denied = (struct denied_calls){0};
	for (int call = 0; (call = syscall_set_next(calls, call)) >= 0; call++) {
		enum denied_answer answer;

		if (!look_at_call(&a, call, &answer))
			continue;
		syscall_set_add(&ret_denied->by[answer], call);
		syscall_set_add(&ret_denied->any, call);
	}
}
