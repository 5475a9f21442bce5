/* SPDX-License-Identifier: Apache-2.0 */
#include "semantics/judge.h"

#include "oci/seccomp-rule.h"

static const char *const finding_names[FINDINGS] = {
	[FINDING_ABSENT] = "absent",   [FINDING_UNCONFINED] = "unconfined",
	[FINDING_WEAK] = "weak",       [FINDING_CONFINED] = "confined",
	[FINDING_FOREIGN] = "foreign", [FINDING_INVALID] = "invalid",
};

const char *finding_name(enum finding finding)
{
	return finding_names[finding];
}

/*
 * What the conditions of a profile may cost, in steps of model_walk(): some ten milliseconds. The
 * engines' own take a few thousand.
 */
#define BUDGET 2000000UL

struct judge {
	const struct seccomp_profile *profile;
	const struct seccomp_profile *accepted;
	uint32_t accepted_abis; /* that it is for; on others it kills, and accepts nothing */
	uint32_t abis;          /* that the filter is for, as bits */
	struct arena *scratch;
	unsigned long budget;           /* what is left of the work that may be done (model_walk) */
	struct syscall_set let_through; /* by a rule, for some arguments perhaps */
};

static struct judge begin(const struct seccomp_profile *profile, enum profile_arch arch,
			  struct arena *scratch)
{
	struct judge j = {.profile = profile, .scratch = scratch, .budget = BUDGET};
	enum abi own, abi;

	/* The host is not known, so its filter could be for any ABI. */
	if (abi_of_arch(arch, &own) < 0) {
		j.abis = (UINT32_C(1) << ABIS) - 1;
		return j;
	}
	/* libseccomp always adds the host's own ABI. ABIs that the host cannot run do not matter.
	 */
	j.abis = UINT32_C(1) << own;
	for (const struct seccomp_arch *a = profile->archs; a != NULL; a = a->next)
		if (abi_from_oci(a->name, &abi) == 0 && abi_infos[abi].native == arch)
			j.abis |= UINT32_C(1) << abi;
	return j;
}

/* `profile` on `abi` under `runtime`. -1: the runtimes refuse it, or out of memory. */
static int build(const struct judge *j, const struct seccomp_profile *profile, enum abi abi,
		 enum model_runtime runtime, struct model *ret_model)
{
	const struct model_request request = {
		.profile = profile, .abi = abi, .native = abi, .runtime = runtime};
	struct error ignored;

	return model_build(&request, j->scratch, ret_model, &ignored);
}

/* ---- a profile cut down to what a judgment needs: each name is looked up once ---- */

/* Building a model takes the square of the conditions on one call. Real profiles have some ten. */
#define MAX_CONDITIONS 2048

/* Copy what is needed of `rule` to *tail. */
static int reduce_rule(struct judge *j, const struct seccomp_rule *rule,
		       const struct syscall_set *known, struct seccomp_rule ***tail)
{
	bool permits = model_permits(j->profile, rule->action);
	struct seccomp_name *names = NULL, **name_tail = &names;
	struct syscall_set skip = *known;
	struct seccomp_rule *copy;

	for (const struct seccomp_name *n = rule->names; n != NULL; n = n->next) {
		int call = syscall_index(n->name);

		if (call >= 0 && permits)
			syscall_set_add(&j->let_through, call);
		if (call < 0 || syscall_set_has(&skip, call))
			continue;
		syscall_set_add(&skip, call);
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

/*
 * The profile without what it says about calls of `known`, and without names that are not known
 * or stand twice in a rule; the id of a name is its index. On the way j->let_through is completed.
 * It lives in j->scratch; -1 when that is exhausted.
 */
static int reduce(struct judge *j, const struct syscall_set *known,
		  struct seccomp_profile *ret_profile)
{
	struct seccomp_profile profile = *j->profile;
	struct seccomp_rule *rules = NULL, **tail = &rules;

	for (const struct seccomp_rule *rule = j->profile->rules; rule != NULL; rule = rule->next)
		if (reduce_rule(j, rule, known, &tail) < 0)
			return -1;
	profile.rules = rules;
	*ret_profile = profile;
	return 0;
}

/* Keep only what a reduced profile says about `calls`. */
static void keep_calls(struct seccomp_profile *profile, const struct syscall_set *calls)
{
	for (struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		for (struct seccomp_name **n = &rule->names; *n != NULL;)
			if (syscall_set_has(calls, (int)(*n)->id))
				n = &(*n)->next;
			else
				*n = (*n)->next;
}

static size_t count_names(const struct seccomp_rule *rule)
{
	size_t n = 0;

	for (const struct seccomp_name *name = rule->names; name != NULL; name = name->next)
		n++;
	return n;
}

/*
 * Where there are more conditions than the time of a container's start is worth, leave them out of
 * a reduced profile: what lets through under conditions does so always, what denies under
 * conditions never.
 */
static void bound_conditions(struct seccomp_profile *profile)
{
	size_t n = 0;

	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		n += count_names(rule) * seccomp_args_count(rule->args);
	for (struct seccomp_rule *rule = profile->rules; rule != NULL && n > MAX_CONDITIONS;
	     rule = rule->next) {
		if (rule->args == NULL)
			continue;
		rule->args = NULL;
		if (!model_permits(profile, rule->action))
			rule->names = NULL;
	}
}

/* Does crun take less of some entry than runc? */
static bool runtimes_differ(const struct seccomp_profile *profile)
{
	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		if (seccomp_args_count(rule->args) > OCI_CRUN_CONDITIONS)
			return true;
	return false;
}

/* ---- does it restrict anything? ---- */

struct finding_of_walk {
	const struct seccomp_profile *profile,
		*reference; /* NULL: RuntimeDefault, which has neither TRACE nor NOTIFY */
	bool found;
};

static bool note_denial(void *ctx, const struct model_leaf *leaf)
{
	struct finding_of_walk *f = ctx;

	f->found = !model_permits(f->profile, leaf->answer[0].verdict.action);
	return !f->found;
}

/* A call with too many conditions to look at counts as not denied. */
static bool denies_call(struct judge *j, const struct model *model, int call)
{
	struct finding_of_walk denial = {model->profile, NULL, false};
	const struct model_walk walk = {
		.models = {model},
		.number = abi_number(model->abi, call),
		.visit = note_denial,
		.ctx = &denial,
		.budget = &j->budget,
	};
	struct error ignored;

	if (walk.number < 0 || model->calls[call] == NULL)
		return false;
	model_walk(&walk, &ignored);
	return denial.found;
}

/* The quick answer: the default denies, and there is a call that no rule lets through. Nearly every
 * profile is like that. */
static bool leaves_some_denied(const struct judge *j)
{
	if (model_permits(j->profile, j->profile->default_action))
		return false;
	for (int abi = 0; abi < ABIS; abi++)
		for (int call = 0; call < SYSCALL_COUNT && (j->abis >> abi & 1) != 0; call++)
			if (!syscall_set_has(&j->let_through, call) &&
			    abi_number((enum abi)abi, call) >= 0)
				return true;
	return false;
}

/*
 * For certain. libseccomp does not find every conflict between rules, so that one for which the
 * runtimes should refuse the profile is no denial.
 */
static bool restricts_under(struct judge *j, const struct seccomp_profile *profile,
			    enum model_runtime runtime)
{
	for (int abi = 0; abi < ABIS; abi++) {
		size_t used = j->scratch->used;
		struct model model;
		bool denies;

		if ((j->abis >> abi & 1) == 0)
			continue;
		denies = false;
		if (build(j, profile, (enum abi)abi, runtime, &model) == 0) {
			model_at_most(&model);
			for (int call = 0; call < SYSCALL_COUNT && !denies; call++)
				denies = denies_call(j, &model, call);
		}
		j->scratch->used = used;
		if (denies)
			return true;
	}
	return false;
}

static bool restricts(struct judge *j)
{
	const struct syscall_set none = {0};
	struct seccomp_profile profile;

	if (leaves_some_denied(j))
		return true;
	if (reduce(j, &none, &profile) < 0)
		return false;
	bound_conditions(&profile);
	return restricts_under(j, &profile, MODEL_PROFILE) &&
	       (!runtimes_differ(&profile) || restricts_under(j, &profile, MODEL_CRUN));
}

static struct syscall_set every_call(void)
{
	struct syscall_set all = {0};

	for (int call = 0; call < SYSCALL_COUNT; call++)
		syscall_set_add(&all, call);
	return all;
}

bool judge_restricts(const struct seccomp_profile *profile, enum profile_arch arch,
		     struct arena *scratch)
{
	struct judge j = begin(profile, arch, scratch);
	const struct syscall_set all = every_call();
	struct seccomp_profile nothing;
	size_t used = scratch->used;
	bool answer;

	answer = !profile->empty && reduce(&j, &all, &nothing) == 0 && restricts(&j);
	scratch->used = used;
	return answer;
}

/* ---- what does it let through that RuntimeDefault denies? ---- */

/*
 * `mine` lets a process have the call run, be it by a tracer or listener that the process can be
 * itself, and `theirs` does not. It is no excess if theirs leaves it to the same kind of helper.
 */
static bool is_excess(const struct finding_of_walk *f, enum oci_action mine, enum oci_action theirs)
{
	return model_permits(f->profile, mine) && !oci_action_permits(theirs) &&
	       !(mine == theirs && model_permits(f->reference, theirs));
}

static bool note_excess(void *ctx, const struct model_leaf *leaf)
{
	struct finding_of_walk *f = ctx;

	f->found = is_excess(f, leaf->answer[0].verdict.action, leaf->answer[1].verdict.action);
	return !f->found;
}

static bool exceeds(struct judge *j, const struct model *mine, const struct model *theirs, int call)
{
	struct finding_of_walk excess = {mine->profile, theirs->profile, false};
	const struct model_walk walk = {
		.models = {mine, theirs},
		.number = abi_number(mine->abi, call),
		.visit = note_excess,
		.ctx = &excess,
		.budget = &j->budget,
	};
	struct error ignored;

	return model_walk(&walk, &ignored) < 0 || excess.found;
}

/* A profile of which a part is looked at, and what it is compared with. */
struct comparison {
	const struct seccomp_profile *reduced;
	enum model_runtime runtime;
	struct reference_request reference; /* .open: calls that exist on the ABI */
};

/* Of `open`, those on which both have the same rules: libseccomp makes the same of them, whatever
 * it makes. */
static struct syscall_set same_rules(const struct model *mine, const struct model *accepted,
				     const struct syscall_set *open)
{
	struct syscall_set same = {0};

	for (int call = syscall_set_next(open, 0); call >= 0;
	     call = syscall_set_next(open, call + 1))
		if (mine->profile->has_listener == accepted->profile->has_listener &&
		    model_same_rules(mine, accepted, call))
			syscall_set_add(&same, call);
	return same;
}

/* -1: it cannot be told, or the runtimes refuse the profile; then what it lets through is not
 * known. */
static int add_excess(struct judge *j, const struct comparison *c, struct syscall_set *excess)
{
	const struct syscall_set *open = c->reference.open;
	struct model mine, reference, accepted;
	struct syscall_set same = {0};
	bool has_accepted = (j->accepted_abis >> c->reference.abi & 1) != 0 &&
			    build(j, j->accepted, c->reference.abi, c->runtime, &accepted) == 0;

	if (build(j, c->reduced, c->reference.abi, c->runtime, &mine) < 0 ||
	    reference_model(&c->reference, j->scratch, &reference) < 0)
		return -1;
	if (has_accepted) {
		same = same_rules(&mine, &accepted, open);
		model_at_least(&accepted);
	}
	model_at_most(&mine);
	for (int call = syscall_set_next(open, 0); call >= 0;
	     call = syscall_set_next(open, call + 1))
		if (!syscall_set_has(&same, call) && exceeds(j, &mine, &reference, call) &&
		    (!has_accepted || exceeds(j, &mine, &accepted, call)))
			syscall_set_add(excess, call);
	return 0;
}

/*
 * Those of `open` that go excess. What differs between ABIs is whether they have a call, how wide
 * arguments are, and whether the accepted profile covers them, so each call is looked at once for
 * each of that. (A rule on a call that socketcall(2) does is one on that too, but socketcall and
 * ipc are let through by every flavor, so they are never open.)
 */
static void find_excess(struct judge *j, const struct comparison *all,
			const struct syscall_set *open, struct syscall_set *excess)
{
	struct syscall_set done[2][2] = {0};

	for (int abi = 0; abi < ABIS; abi++) {
		struct syscall_set
			*seen = &done[abi_infos[abi].narrow][j->accepted_abis >> abi & 1],
			here = {0};
		struct comparison one = *all;
		size_t used = j->scratch->used;

		if ((j->abis >> abi & 1) == 0)
			continue;
		for (int call = syscall_set_next(open, 0); call >= 0;
		     call = syscall_set_next(open, call + 1))
			if (!syscall_set_has(seen, call) && abi_number((enum abi)abi, call) >= 0)
				syscall_set_add(&here, call);
		if (syscall_set_count(&here) == 0)
			continue;
		syscall_set_add_all(seen, &here);
		one.reference.abi = (enum abi)abi;
		one.reference.open = &here;
		if (add_excess(j, &one, excess) < 0)
			syscall_set_add_all(excess, &here);
		j->scratch->used = used;
	}
}

/*
 * The calls by which others are done, too: without the rules on them those on sockets look as if
 * they contradicted each other (model.h).
 */
static struct syscall_set multiplexing_calls(void)
{
	struct syscall_set calls = {0};

	syscall_set_add(&calls, syscall_index(SPAN("socketcall")));
	syscall_set_add(&calls, syscall_index(SPAN("ipc")));
	return calls;
}

/* Does it let through by default, on some ABI, what neither RuntimeDefault nor the accepted profile
 * does? */
static bool default_is_excess(const struct judge *j)
{
	bool has_accepted = j->accepted != NULL && (j->abis & ~j->accepted_abis) == 0;
	const struct finding_of_walk f = {j->profile, has_accepted ? j->accepted : NULL, false};

	return is_excess(&f, j->profile->default_action,
			 has_accepted ? j->accepted->default_action : OCI_ACT_ERRNO);
}

static enum finding judge(struct judge *j, const struct judge_request *request,
			  struct syscall_set *excess)
{
	struct syscall_set reference, known, open, kept = multiplexing_calls();
	struct seccomp_profile reduced;
	struct comparison c = {&reduced, MODEL_PROFILE, {&request->reference, ABIS, NULL}};

	reference_calls(&request->reference, &reference);
	known = reference;
	syscall_set_remove_all(&known, &kept);
	if (reduce(j, &known, &reduced) < 0) {
		*excess = every_call();
		return FINDING_WEAK;
	}
	if (!restricts(j))
		return FINDING_UNCONFINED;
	open = model_permits(j->profile, j->profile->default_action) ? every_call()
								     : j->let_through;
	syscall_set_remove_all(&open, &reference);
	syscall_set_add_all(&kept, &open);
	keep_calls(&reduced, &kept);
	bound_conditions(&reduced);
	find_excess(j, &c, &open, excess);
	c.runtime = MODEL_CRUN;
	if (runtimes_differ(&reduced) || (j->accepted != NULL && runtimes_differ(j->accepted)))
		find_excess(j, &c, &open, excess);
	if (syscall_set_count(excess) > 0)
		return FINDING_WEAK;
	return default_is_excess(j) ? FINDING_WEAK : FINDING_CONFINED;
}

enum finding judge_profile(const struct judge_request *request, struct syscall_set *ret_excess)
{
	struct judge j = begin(request->profile, request->reference.target->arch, request->scratch);
	struct syscall_set excess = {0};
	size_t used = request->scratch->used;
	enum finding finding = FINDING_ABSENT;

	j.accepted = request->accepted;
	if (j.accepted != NULL)
		j.accepted_abis =
			begin(j.accepted, request->reference.target->arch, request->scratch).abis;
	if (!request->profile->empty)
		finding = judge(&j, request, &excess);
	request->scratch->used = used;
	*ret_excess = excess;
	return finding;
}
