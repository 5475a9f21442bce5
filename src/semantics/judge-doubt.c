/* SPDX-License-Identifier: Apache-2.0 */
/* What libseccomp may make of rules that overlap: models that err on one side. */
#include "semantics/judge-internal.h"

/* How far a rule lets a call through. */
enum rank { RANK_DENIES, RANK_BY_PROCESS, RANK_PERMITS, RANKS };

static enum rank rank_of(const struct model *model, const struct model_rule *rule)
{
	if (oci_action_permits(rule->verdict.action))
		return RANK_PERMITS;
	return judge_permits(model->profile, rule->verdict.action) ? RANK_BY_PROCESS : RANK_DENIES;
}

/*
 * All that may come out of rules that libseccomp may get wrong in any way: their verdicts and the
 * default, for arguments that nobody can tell. So it is one of those that let through (`most`), or
 * that do not, for every argument, and the default where there is none.
 */
static struct model_rule *any_of(const struct model *model, struct model_rule *rules, bool most)
{
	for (struct model_rule *r = rules; r != NULL; r = r->next) {
		enum rank rank = rank_of(model, r);

		if (rank == (most ? RANK_DENIES : RANK_PERMITS))
			continue;
		/* What a tracer or listener decides may come out as either. */
		if (rank == RANK_BY_PROCESS)
			r->verdict =
				(struct model_verdict){most ? OCI_ACT_ALLOW : OCI_ACT_ERRNO, 0};
		r->n_conditions = 0;
		r->next = NULL;
		return r;
	}
	return NULL;
}

/* By rank, the highest first or the lowest: the first that holds counts. */
static struct model_rule *by_rank(const struct model *model, struct model_rule *rules, bool most)
{
	struct model_rule *lists[RANKS] = {NULL}, **tails[RANKS], *all = NULL;

	for (size_t i = 0; i < RANKS; i++)
		tails[i] = &lists[i];
	for (struct model_rule *r = rules; r != NULL; r = r->next) {
		enum rank rank = rank_of(model, r);

		*tails[rank] = r;
		tails[rank] = &r->next;
	}
	for (size_t i = 0; i < RANKS; i++) {
		enum rank rank = (enum rank)(most ? i : RANKS - 1 - i);

		*tails[rank] = all;
		all = lists[rank];
	}
	return all;
}

static void favor(struct model *model, bool most)
{
	for (int call = 0; call < SYSCALL_COUNT; call++) {
		struct model_rule *rules = model->calls[call];

		if (rules == NULL || rules->next == NULL)
			continue;
		model->calls[call] = syscall_set_has(&model->doubtful, call)
					     ? any_of(model, rules, most)
					     : by_rank(model, rules, most);
	}
}

void judge_at_most(struct model *model)
{
	favor(model, true);
}

void judge_at_least(struct model *model)
{
	favor(model, false);
}

int judge_model(const struct judge *j, const struct seccomp_profile *profile, enum abi abi,
		enum model_runtime runtime, struct model *ret_model)
{
	const struct model_request request = {
		.profile = profile, .abi = abi, .native = abi, .runtime = runtime};
	struct error ignored;

	return model_build(&request, j->scratch, ret_model, &ignored);
}
