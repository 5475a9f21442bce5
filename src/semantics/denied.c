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

static bool look_at_leaf(void *ctx, const struct model_leaf *leaf)
{
	/* By how much is left to who makes the call. */
	static const int mildness[DENIED_ANSWERS] = {
		[DENIED_ENOSYS] = 2, [DENIED_EPERM] = 1, [DENIED_KILL] = 0};
	const struct model_verdict *verdict = &leaf->answer[0].verdict;
	struct leaves *l = ctx;

	/* What a listener answers nobody knows. */
	if (oci_action_permits(verdict->action) || verdict->action == OCI_ACT_NOTIFY) {
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
