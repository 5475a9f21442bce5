/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include "reference.h"

static const char *const finding_names[FINDINGS] = {
	[FINDING_ABSENT] = "absent",     [FINDING_UNCONFINED] = "unconfined", [FINDING_WEAK] = "weak",
	[FINDING_CONFINED] = "confined", [FINDING_FOREIGN] = "foreign",       [FINDING_INVALID] = "invalid",
};

const char *finding_name(enum finding finding)
{
	return finding_names[finding];
}

/*
 * What is not worth the time of a container's start. Real profiles have some ten conditions and take a few hundred steps
 * for a call; building a model takes the square of the conditions on one call.
 */
#define MAX_STEPS 1000000UL
#define MAX_CONDITIONS 1024

struct judge {
	const struct seccomp_profile *profile;
	const struct seccomp_profile *also;
	uint32_t abis; /* that the filter is for, as bits */
	struct arena *scratch;
	struct syscall_set let_through; /* by a rule, for some arguments perhaps */
};

/* ---- where the filter holds ---- */

/*
 * The ABIs in `architectures`, and the host's own, which libseccomp always adds. On a host that is not known it could be
 * any.
 */
static uint32_t abis_of(const struct seccomp_profile *profile, enum profile_arch arch)
{
	enum abi abi;
	uint32_t abis;

	if (abi_of_arch(arch, &abi) < 0)
		return (UINT32_C(1) << ABIS) - 1;
	abis = UINT32_C(1) << abi;
	for (const struct seccomp_arch *a = profile->archs; a != NULL; a = a->next)
		if (abi_from_oci(a->name, &abi) == 0)
			abis |= UINT32_C(1) << abi;
	return abis;
}

/* Leave out the names whose id, the index of the call, is not in `calls`. */
static void keep_calls(struct seccomp_profile *profile, const struct syscall_set *calls)
{
	for (struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		for (struct seccomp_name **n = &rule->names; *n != NULL;)
			if (syscall_set_has(calls, (int)(*n)->id))
				n = &(*n)->next;
			else
				*n = (*n)->next;
}

static bool has_too_many_conditions(const struct seccomp_profile *profile)
{
	size_t n = 0;

	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		for (const struct seccomp_arg *arg = rule->args; arg != NULL; arg = arg->next)
			n++;
	return n > MAX_CONDITIONS;
}

/*
 * crun drops conditions of an entry: one that denies then denies less, which matters where the default lets through. One
 * that lets through does so in full with runc.
 */
static int build(const struct judge *j, const struct seccomp_profile *profile, enum abi abi,
		 struct model *ret_model)
{
	const struct model_request request = {
		.profile = profile,
		.abi = abi,
		.native = abi,
		.runtime = seccomp_action_permits(profile->default_action) ? MODEL_CRUN : MODEL_PROFILE,
	};
	struct error ignored;

	return model_build(&request, j->scratch, ret_model, &ignored);
}

/* ---- the rules, name by name; each name is looked up once ---- */

/*
 * Copy the names of `rule` that are known and not in `settled` to *tail, as a rule of their own, and say in their id which
 * call they are. On the way j->let_through is completed. -1: out of memory.
 */
static int narrow_rule(struct judge *j, const struct seccomp_rule *rule, const struct syscall_set *settled,
		       struct seccomp_rule ***tail)
{
	bool permits = seccomp_action_permits(rule->action);
	struct seccomp_name *names = NULL, **name_tail = &names;
	struct seccomp_rule *copy;

	for (const struct seccomp_name *n = rule->names; n != NULL; n = n->next) {
		int call = syscall_index(n->name);

		if (call >= 0 && permits)
			syscall_set_add(&j->let_through, call);
		if (call < 0 || syscall_set_has(settled, call))
			continue;
		*name_tail = arena_alloc(j->scratch, sizeof(**name_tail));
		if (*name_tail == NULL)
			return -1;
		**name_tail = (struct seccomp_name){.name = n->name, .id = (uint32_t)call};
		name_tail = &(*name_tail)->next;
	}
	if (names == NULL)
		return 0;
	copy = arena_alloc(j->scratch, sizeof(*copy));
	if (copy == NULL)
		return -1;
	*copy = *rule;
	copy->names = names;
	copy->next = NULL;
	**tail = copy;
	*tail = &copy->next;
	return 0;
}

/* The profile without what it says about calls of `settled`. */
static int narrow(struct judge *j, const struct syscall_set *settled, struct seccomp_profile *ret_profile)
{
	struct seccomp_profile profile = *j->profile;
	struct seccomp_rule **tail = &profile.rules;

	profile.rules = NULL;
	for (const struct seccomp_rule *rule = j->profile->rules; rule != NULL; rule = rule->next)
		if (narrow_rule(j, rule, settled, &tail) < 0)
			return -1;
	*ret_profile = profile;
	return 0;
}

/* ---- does it restrict anything? ---- */

static void note_denial(void *ctx, const struct model_leaf *leaf)
{
	*(bool *)ctx |= !seccomp_action_permits(leaf->answer[0].verdict.action);
}

static bool denies_call(const struct model *model, int call)
{
	bool denies = false;
	const struct model_walk walk = {
		.models = {model},
		.number = abi_number(model->abi, call),
		.visit = note_denial,
		.ctx = &denies,
		.max_steps = MAX_STEPS,
	};
	struct error ignored;

	if (walk.number < 0 || model->calls[call] == NULL)
		return false;
	return model_walk(&walk, &ignored) == 0 && denies;
}

/* Where the default denies: is there a call that no rule lets through? In nearly all profiles that settles it. */
static bool leaves_some_denied(const struct judge *j)
{
	if (seccomp_action_permits(j->profile->default_action))
		return false;
	for (int abi = 0; abi < ABIS; abi++)
		for (int call = 0; call < SYSCALL_COUNT && (j->abis >> abi & 1) != 0; call++)
			if (!syscall_set_has(&j->let_through, call) && abi_number((enum abi)abi, call) >= 0)
				return true;
	return false;
}

/* Where it cannot be told, or the runtimes refuse the profile, the answer is yes: what is weak is told apart later. */
static bool restricts(const struct judge *j)
{
	if (leaves_some_denied(j) || has_too_many_conditions(j->profile))
		return true;
	for (int abi = 0; abi < ABIS; abi++) {
		struct model model;

		if ((j->abis >> abi & 1) == 0)
			continue;
		if (build(j, j->profile, (enum abi)abi, &model) < 0)
			return true;
		for (int call = 0; call < SYSCALL_COUNT; call++)
			if (denies_call(&model, call))
				return true;
	}
	return false;
}

bool judge_restricts(const struct seccomp_profile *profile, enum profile_arch arch, struct arena *scratch)
{
	struct judge j = {.profile = profile, .abis = abis_of(profile, arch), .scratch = scratch};
	const struct syscall_set none = {0};
	struct seccomp_profile same;
	size_t used = scratch->used;
	bool answer = !profile->empty && (narrow(&j, &none, &same) < 0 || restricts(&j));

	scratch->used = used;
	return answer;
}

/* ---- what does it let through that RuntimeDefault denies? ---- */

static void note_excess(void *ctx, const struct model_leaf *leaf)
{
	*(bool *)ctx |= seccomp_action_permits(leaf->answer[0].verdict.action) &&
			!seccomp_action_permits(leaf->answer[1].verdict.action);
}

static bool exceeds(const struct model *mine, const struct model *theirs, int call)
{
	bool found = false;
	const struct model_walk walk = {
		.models = {mine, theirs},
		.number = abi_number(mine->abi, call),
		.visit = note_excess,
		.ctx = &found,
		.max_steps = MAX_STEPS,
	};
	struct error ignored;

	return model_walk(&walk, &ignored) < 0 || found;
}

/* Compare the calls of request->open, which all exist on the ABI. -1: it cannot be told. */
static int add_excess(const struct judge *j, const struct seccomp_profile *narrowed,
		      const struct reference_request *request, struct syscall_set *beyond)
{
	struct model mine, reference, also;
	bool has_also = j->also != NULL && build(j, j->also, request->abi, &also) == 0;

	if (build(j, narrowed, request->abi, &mine) < 0 ||
	    reference_model(request, j->scratch, &reference) < 0)
		return -1;
	for (int call = syscall_set_next(request->open, 0); call >= 0;
	     call = syscall_set_next(request->open, call + 1))
		if (exceeds(&mine, &reference, call) && !(has_also && !exceeds(&mine, &also, call)))
			syscall_set_add(beyond, call);
	return 0;
}

/*
 * Those of `open` that go beyond. What differs between ABIs is whether they have a call and how wide arguments are, so
 * each call is looked at once for each width. (A rule on a call that socketcall(2) does is one on that too, but socketcall
 * and ipc are let through by every flavor, so they are never open.)
 */
static void find_excess(const struct judge *j, const struct judge_request *request,
			const struct seccomp_profile *narrowed, const struct syscall_set *open,
			struct syscall_set *beyond)
{
	struct syscall_set done[2] = {0};

	for (int abi = 0; abi < ABIS; abi++) {
		struct syscall_set *seen = &done[abi_infos[abi].narrow], here = {0};
		const struct reference_request one = {request->flavor, request->target, (enum abi)abi, &here};

		if ((j->abis >> abi & 1) == 0)
			continue;
		for (int call = syscall_set_next(open, 0); call >= 0; call = syscall_set_next(open, call + 1))
			if (!syscall_set_has(seen, call) && abi_number((enum abi)abi, call) >= 0)
				syscall_set_add(&here, call);
		if (syscall_set_count(&here) == 0)
			continue;
		syscall_set_add_all(seen, &here);
		if (add_excess(j, narrowed, &one, beyond) < 0)
			syscall_set_add_all(beyond, &here);
	}
}

static struct syscall_set every_call(void)
{
	struct syscall_set all = {0};

	for (int call = 0; call < SYSCALL_COUNT; call++)
		syscall_set_add(&all, call);
	return all;
}

/*
 * The calls by which others are done, too: without the rules on them those on sockets look as if they contradicted each
 * other (model.h).
 */
static struct syscall_set multiplexing_calls(void)
{
	struct syscall_set calls = {0};

	syscall_set_add(&calls, syscall_index(SPAN("socketcall")));
	syscall_set_add(&calls, syscall_index(SPAN("ipc")));
	return calls;
}

static enum finding judge(struct judge *j, const struct judge_request *request, struct syscall_set *beyond)
{
	bool default_permits = seccomp_action_permits(j->profile->default_action);
	struct syscall_set reference, settled, open, kept = multiplexing_calls();
	struct seccomp_profile narrowed;

	reference_calls(request->flavor, request->target, &reference);
	settled = reference;
	syscall_set_remove_all(&settled, &kept);
	if (narrow(j, &settled, &narrowed) < 0) {
		*beyond = every_call();
		return FINDING_WEAK;
	}
	if (!restricts(j))
		return FINDING_UNCONFINED;
	open = default_permits ? every_call() : j->let_through;
	syscall_set_remove_all(&open, &reference);
	syscall_set_add_all(&kept, &open);
	keep_calls(&narrowed, &kept);
	if (has_too_many_conditions(&narrowed))
		*beyond = open;
	else
		find_excess(j, request, &narrowed, &open, beyond);
	if (syscall_set_count(beyond) > 0)
		return FINDING_WEAK;
	return default_permits && (j->also == NULL || !seccomp_action_permits(j->also->default_action))
		       ? FINDING_WEAK
		       : FINDING_CONFINED;
}

enum finding judge_profile(const struct judge_request *request, struct syscall_set *ret_beyond)
{
	struct judge j = {
		.profile = request->profile,
		.also = request->also,
		.abis = abis_of(request->profile, request->target->arch),
		.scratch = request->scratch,
	};
	struct syscall_set beyond = {0};
	size_t used = request->scratch->used;
	enum finding finding = request->profile->empty ? FINDING_ABSENT : judge(&j, request, &beyond);

	request->scratch->used = used;
	*ret_beyond = beyond;
	return finding;
}
