/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/tighten-internal.h"
#include "syscall/abi.h"

#include <errno.h>

struct job {
	struct seccomp_profile *profile;
	const struct tighten_request *request;
	const struct tighten_ban *bans;
	struct region *banned, *parts, *spare;
	struct seccomp_rule *added, **added_tail; /* behind the profile's own */
	bool changed;
};

static int too_large(struct error *err)
{
	return error_set(err, "the profile is too large to be tightened");
}

/* ---- what the profile says ---- */

/* May a call run under `action`? A tracer or listener may let it. Complaining is for what is
 * allowed for certain. */
static bool lets_through(const struct job *j, enum oci_action action)
{
	if (j->request->complain)
		return action == OCI_ACT_ALLOW;
	return oci_action_permits(action) || action == OCI_ACT_NOTIFY || action == OCI_ACT_TRACE;
}

static bool names_call(const struct seccomp_rule *rule, struct span call)
{
	for (const struct seccomp_name *name = rule->names; name != NULL; name = name->next)
		if (span_eq(name->name, call))
			return true;
	return false;
}

/* The rule without conditions that decides about `call`; NULL: none does. */
static const struct seccomp_rule *plain_rule(const struct job *j, struct span call)
{
	for (const struct seccomp_rule *rule = j->profile->rules; rule != NULL; rule = rule->next)
		if (rule->args == NULL && names_call(rule, call) &&
		    !seccomp_rule_is_default(j->profile, rule))
			return rule;
	return NULL;
}

/* Does this rule, which names the call, count for it? */
static bool counts(const struct job *j, const struct seccomp_rule *rule,
		   const struct seccomp_rule *plain)
{
	return plain != NULL ? rule == plain : !seccomp_rule_is_default(j->profile, rule);
}

/* Is there an argument for which `call` may run? */
static bool may_run(const struct job *j, struct span call)
{
	const struct seccomp_rule *plain = plain_rule(j, call);

	if (plain != NULL)
		return lets_through(j, plain->action);
	for (const struct seccomp_rule *rule = j->profile->rules; rule != NULL; rule = rule->next)
		if (lets_through(j, rule->action) && counts(j, rule, NULL) &&
		    names_call(rule, call))
			return true;
	return lets_through(j, j->profile->default_action);
}

/* Take what the profile denies of `call` by rules with conditions out of j->parts. */
static void cut_denials(struct job *j, struct span call, const struct seccomp_rule *plain)
{
	for (const struct seccomp_rule *rule = j->profile->rules; rule != NULL; rule = rule->next) {
		const struct seccomp_arg *cursor = NULL;
		struct conjunction where;

		if (lets_through(j, rule->action) || !counts(j, rule, plain) ||
		    !names_call(rule, call))
			continue;
		while (conjunction_next(rule, &cursor, &where))
			region_cut(&j->parts, &j->spare, &where);
	}
}

static bool touches(const struct seccomp_rule *rule, const struct region *banned)
{
	const struct seccomp_arg *cursor = NULL;
	struct conjunction where;

	while (conjunction_next(rule, &cursor, &where))
		for (size_t i = 0; i < banned->n; i++)
			if (!conjunction_disjoint(&where, &banned->part[i]))
				return true;
	return false;
}

static void set_region(struct region *to, const struct region *from)
{
	to->n = from->n;
	to->full = from->full;
	memcpy(to->part, from->part, from->n * sizeof(*from->part));
}

/* Does the profile let through what is banned of `call`? */
static bool lets_banned_through(struct job *j, struct span call, const struct seccomp_rule *plain)
{
	for (const struct seccomp_rule *rule = j->profile->rules; rule != NULL; rule = rule->next)
		if (lets_through(j, rule->action) && names_call(rule, call) &&
		    counts(j, rule, plain) && touches(rule, j->banned))
			return true;
	if (plain != NULL || !lets_through(j, j->profile->default_action))
		return false;
	set_region(j->parts, j->banned);
	cut_denials(j, call, plain);
	return j->parts->n > 0 || j->parts->full;
}

/* ---- new rules ---- */

/* What a restricted call answers, as a rule without names. */
static struct seccomp_rule ban_verdict(const struct job *j, struct span call)
{
	if (j->request->complain && !span_eq(call, SPAN("clone3")))
		return (struct seccomp_rule){.action = OCI_ACT_LOG};
	return (struct seccomp_rule){
		.action = OCI_ACT_ERRNO, .has_errno = true, .errno_ret = tighten_errno(call)};
}

/* Is `part` one of the rule's conjunctions, as it is? */
static bool is_own(const struct seccomp_rule *rule, const struct conjunction *part)
{
	const struct seccomp_arg *cursor = NULL;
	struct conjunction where;

	while (conjunction_next(rule, &cursor, &where))
		if (conjunction_equal(&where, part))
			return true;
	return false;
}

/* The added rule with this verdict and these conditions, made if need be. */
static struct seccomp_rule *rule_for(struct job *j, const struct seccomp_rule *verdict,
				     const struct conjunction *where)
{
	struct seccomp_rule *rule;

	for (rule = j->added; rule != NULL; rule = rule->next)
		if (rule->action == verdict->action && rule->has_errno == verdict->has_errno &&
		    rule->errno_ret == verdict->errno_ret && is_own(rule, where))
			return rule;
	rule = arena_alloc(j->request->keep, sizeof(*rule));
	if (rule == NULL)
		return NULL;
	*rule = *verdict;
	rule->names = NULL;
	rule->next = NULL;
	if (conjunction_list(where, j->request->keep, &rule->args) < 0)
		return NULL;
	*j->added_tail = rule;
	j->added_tail = &rule->next;
	return rule;
}

static int add_name(struct job *j, struct seccomp_rule *rule, struct span call)
{
	struct seccomp_name **tail = &rule->names;

	for (; *tail != NULL; tail = &(*tail)->next)
		if (span_eq((*tail)->name, call))
			return 0;
	*tail = arena_alloc(j->request->keep, sizeof(**tail));
	if (*tail == NULL)
		return -1;
	**tail = (struct seccomp_name){.name = call};
	return 0;
}

/* A rule for each of j->parts. */
static int add_parts(struct job *j, const struct seccomp_rule *verdict, struct span call)
{
	for (size_t i = 0; i < j->parts->n; i++) {
		struct seccomp_rule *rule = rule_for(j, verdict, &j->parts->part[i]);

		if (rule == NULL || add_name(j, rule, call) < 0)
			return -1;
	}
	return 0;
}

static void remove_name(struct seccomp_rule *rule, struct span call)
{
	for (struct seccomp_name **link = &rule->names; *link != NULL;) {
		if (span_eq((*link)->name, call))
			*link = (*link)->next;
		else
			link = &(*link)->next;
	}
}

/* ---- one call ---- */

/*
 * Each rule on a call is held against each that denies, and there are as many as fit into a
 * config.json. Real profiles have some ten conditions on a call.
 */
#define MAX_CONDITIONS 256

static int check_conditions(const struct job *j, struct span call, struct error *err)
{
	size_t n = 0;

	for (const struct seccomp_rule *rule = j->profile->rules; rule != NULL; rule = rule->next)
		if (rule->args != NULL && names_call(rule, call))
			n += seccomp_args_count(rule->args);
	return n > MAX_CONDITIONS
		       ? error_set(err,
				   "the profile has %zu conditions on %.*s, of which at most %d "
				   "can be tightened",
				   n, SPAN_ARG(call), MAX_CONDITIONS)
		       : 0;
}

static int too_many_parts(struct span call, struct error *err)
{
	return error_set(err,
			 "what a restriction leaves of %.*s takes more than %d rules; where the "
			 "kernel takes "
			 "an int, say SCMP_CMP_MASKED_EQ with the mask 4294967295",
			 SPAN_ARG(call), REGION_MAX);
}

static bool needs_wide(const struct conjunction *part)
{
	for (size_t i = 0; i < OCI_MAX_ARGS; i++) {
		const struct seccomp_arg *arg = &part->arg[i];

		if ((part->used >> i & 1) != 0 &&
		    (arg->op == OCI_CMP_MASKED_EQ ? arg->value_two : arg->value) > UINT32_MAX)
			return true;
	}
	return false;
}

/*
 * Of 32-bit ABIs libseccomp compares the lower half of each value: a part that is about bits above
 * would hold there for what others say. So of what a rule was cut into, such parts are left out,
 * and what they are about falls to the default.
 */
static void drop_wide(struct region *parts, const struct seccomp_rule *rule)
{
	size_t n = 0;

	for (size_t i = 0; i < parts->n; i++)
		if (!needs_wide(&parts->part[i]) || is_own(rule, &parts->part[i]))
			parts->part[n++] = parts->part[i];
	parts->n = n;
}

/* What `rule` lets through of what is banned gets the verdict, unless that is the default. */
static int add_denied(struct job *j, const struct seccomp_rule *rule,
		      const struct seccomp_rule *plain, struct span call, struct error *err)
{
	const struct seccomp_rule verdict = ban_verdict(j, call);
	const struct seccomp_arg *cursor = NULL;
	struct conjunction where;

	if (seccomp_rule_is_default(j->profile, &verdict))
		return 0;
	j->parts->n = 0;
	j->parts->full = false;
	while (conjunction_next(rule, &cursor, &where))
		for (size_t i = 0; i < j->banned->n; i++)
			if (!conjunction_disjoint(&where, &j->banned->part[i]))
				region_add_intersection(&where, &j->banned->part[i], j->parts);
	cut_denials(j, call, plain);
	if (j->parts->full)
		return too_many_parts(call, err);
	drop_wide(j->parts, rule);
	return add_parts(j, &verdict, call) < 0 ? too_large(err) : 0;
}

/* Replace a rule that lets `call` through, for this call, by what is left of it. */
static int replace_rule(struct job *j, struct seccomp_rule *rule, const struct seccomp_rule *plain,
			struct span call, struct error *err)
{
	const struct seccomp_arg *cursor = NULL;
	struct conjunction where;

	j->parts->n = 0;
	j->parts->full = false;
	while (conjunction_next(rule, &cursor, &where))
		region_add(j->parts, &where);
	for (size_t i = 0; i < j->banned->n; i++)
		region_cut(&j->parts, &j->spare, &j->banned->part[i]);
	cut_denials(j, call, plain);
	if (j->parts->full)
		return too_many_parts(call, err);
	drop_wide(j->parts, rule);
	if (add_parts(j, rule, call) < 0)
		return too_large(err);
	return add_denied(j, rule, plain, call, err);
}

/* Where the default lets calls through, what is banned has to be said. */
static int deny_by_rule(struct job *j, struct span call, struct error *err)
{
	const struct seccomp_rule verdict = ban_verdict(j, call);

	set_region(j->parts, j->banned);
	cut_denials(j, call, NULL);
	if (j->parts->full)
		return too_many_parts(call, err);
	return add_parts(j, &verdict, call) < 0 ? too_large(err) : 0;
}

static bool is_named(const struct job *j, struct span call)
{
	for (const struct seccomp_rule *rule = j->profile->rules; rule != NULL; rule = rule->next)
		if (names_call(rule, call))
			return true;
	for (const struct seccomp_rule *rule = j->added; rule != NULL; rule = rule->next)
		if (names_call(rule, call))
			return true;
	return false;
}

/*
 * A call that no rule names any more keeps its name in one that says what the default says: runc
 * answers ENOSYS above the highest call that a profile names, and that limit is not to move.
 */
static int keep_name(struct job *j, struct span call, struct error *err)
{
	static const struct conjunction always;
	const struct seccomp_rule verdict = ban_verdict(j, call);

	if (is_named(j, call) || !seccomp_rule_is_default(j->profile, &verdict))
		return 0;
	j->parts->n = 0;
	region_add(j->parts, &always);
	return add_parts(j, &verdict, call) < 0 ? too_large(err) : 0;
}

/*
 * libseccomp says LOG or ALLOW for socketcall(2) whenever that is said for socket(2), and cannot
 * say both. Unless a rule without conditions decides about socketcall(2), every socket(2) is
 * logged, whatever its family.
 */
static bool must_log_all(const struct job *j, struct span call)
{
	const char *multiplexer = oci_multiplexer(call);

	return j->request->complain && multiplexer != NULL &&
	       j->profile->default_action != OCI_ACT_ALLOW &&
	       j->profile->default_action != OCI_ACT_LOG &&
	       plain_rule(j, span_of(multiplexer)) == NULL;
}

static void collect_bans(struct job *j, struct span call)
{
	static const struct conjunction always;

	j->banned->n = 0;
	j->banned->full = false;
	for (const struct tighten_ban *ban = j->bans; ban != NULL; ban = ban->next)
		if (span_eq(ban->call, call))
			region_add(j->banned, &ban->where);
	if (j->banned->full || must_log_all(j, call)) {
		j->banned->n = 1;
		j->banned->part[0] = always;
	}
}

static int restrict_call(struct job *j, struct span call, struct error *err)
{
	const struct seccomp_rule *plain = plain_rule(j, call);
	struct seccomp_rule *rule;

	if (check_conditions(j, call, err) < 0)
		return -1;
	if (!lets_banned_through(j, call, plain))
		return 0;
	j->changed = true;
	for (rule = j->profile->rules; rule != NULL; rule = rule->next)
		if (names_call(rule, call) && counts(j, rule, plain) &&
		    lets_through(j, rule->action) && replace_rule(j, rule, plain, call, err) < 0)
			return -1;
	if (plain == NULL && lets_through(j, j->profile->default_action) &&
	    deny_by_rule(j, call, err) < 0)
		return -1;
	/* Rules that did not count until now must not begin to. */
	for (rule = j->profile->rules; rule != NULL; rule = rule->next)
		if ((plain != NULL && rule != plain &&
		     !seccomp_rule_is_default(j->profile, rule)) ||
		    (counts(j, rule, plain) && lets_through(j, rule->action)))
			remove_name(rule, call);
	return keep_name(j, call, err);
}

/* ---- calls by number ---- */

/*
 * socketcall(2) and ipc(2) hide from a filter what they are called for. libseccomp lets through
 * with socket(2), for some arguments, socketcall(SYS_SOCKET) for all: only a rule without
 * conditions, which it does not leave out because it says what the default says, keeps that from
 * happening.
 */
static int deny_multiplexer(struct job *j, struct span call, struct error *err)
{
	struct seccomp_rule *rule = arena_alloc(j->request->keep, sizeof(*rule));

	if (rule == NULL)
		return too_large(err);
	*rule = (struct seccomp_rule){
		.action = OCI_ACT_ERRNO, .has_errno = true, .errno_ret = ENOSYS};
	if (seccomp_rule_is_default(j->profile, rule))
		rule->errno_ret = EPERM;
	if (add_name(j, rule, call) < 0)
		return too_large(err);
	for (struct seccomp_rule *old = j->profile->rules; old != NULL; old = old->next)
		remove_name(old, call);
	/* In front: rules on socket(2) with other verdicts would contradict each other there. */
	rule->next = j->profile->rules;
	j->profile->rules = rule;
	j->changed = true;
	return 0;
}

/* Is one of the restricted calls still to be had through `multiplexer`? */
static bool is_needed(const struct job *j, const char *multiplexer)
{
	const struct seccomp_rule *plain = plain_rule(j, span_of(multiplexer));

	if (plain != NULL && !lets_through(j, plain->action))
		return false;
	for (const struct tighten_ban *ban = j->bans; ban != NULL; ban = ban->next) {
		const char *by = oci_multiplexer(ban->call);

		if (by != NULL && strcmp(by, multiplexer) == 0 &&
		    (may_run(j, span_of(multiplexer)) || may_run(j, ban->call)))
			return true;
	}
	return false;
}

static int restrict_multiplexers(struct job *j, struct error *err)
{
	static const char *const multiplexers[] = {"socketcall", "ipc"};

	for (size_t i = 0; i < ARRAY_SIZE(multiplexers) && !j->request->complain; i++)
		if (is_needed(j, multiplexers[i]) &&
		    deny_multiplexer(j, span_of(multiplexers[i]), err) < 0)
			return -1;
	return 0;
}

/* ---- all of it ---- */

static bool is_first(const struct job *j, const struct tighten_ban *ban)
{
	const struct tighten_ban *other = j->bans;

	while (!span_eq(other->call, ban->call))
		other = other->next;
	return other == ban;
}

/*
 * All of a call, whatever the profile says of it: no rule of libseccomp's making is left that could
 * decide otherwise.
 */
static int deny_whole(struct job *j, struct span call, struct error *err)
{
	struct seccomp_rule *rule = arena_alloc(j->request->keep, sizeof(*rule)), **tail;

	if (rule == NULL)
		return too_large(err);
	*rule = ban_verdict(j, call);
	if (add_name(j, rule, call) < 0)
		return too_large(err);
	for (tail = &j->profile->rules; *tail != NULL; tail = &(*tail)->next)
		remove_name(*tail, call);
	*tail = rule;
	j->changed = true;
	if (j->request->ret_whole != NULL)
		*j->request->ret_whole = call;
	return 0;
}

/* Leave what is banned of `call` to a default that denies: fewer rules, of which libseccomp may
 * make what they say, for another errno. */
static void leave_to_default(struct job *j, struct span call)
{
	if (lets_through(j, j->profile->default_action))
		return;
	for (struct seccomp_rule *rule = j->added; rule != NULL; rule = rule->next)
		if (rule->args != NULL && !lets_through(j, rule->action))
			remove_name(rule, call);
}

static int check_call(struct job *j, struct span call, struct error *err)
{
	if (tighten_holds(j->profile, j->request, j->bans, call))
		return 0;
	leave_to_default(j, call);
	return tighten_holds(j->profile, j->request, j->bans, call) ? 0 : deny_whole(j, call, err);
}

/* Where a profile complains nothing is denied. */
static int check_result(struct job *j, struct error *err)
{
	for (const struct tighten_ban *ban = j->bans; ban != NULL && !j->request->complain;
	     ban = ban->next)
		if (is_first(j, ban) && check_call(j, ban->call, err) < 0)
			return -1;
	return 0;
}

/*
 * Leave the host's own ABI alone in the list. It is put there if it was not: every runtime adds it,
 * but runc's stub of some versions is only for those that are listed. A profile without a list is
 * for that ABI anyway.
 */
static int restrict_abis(struct job *j, struct error *err)
{
	struct seccomp_arch *first = j->profile->archs;
	enum abi native;

	if ((j->request->tighten.named >> TIGHTEN_FOREIGN_ABI & 1) == 0 || first == NULL ||
	    j->request->complain)
		return 0;
	if (abi_of_arch(j->request->arch, &native) < 0)
		return error_set(err, "foreign-abi: this host's own ABI is not known");
	if (first->next == NULL && span_eq(first->name, span_of(abi_infos[native].oci)))
		return 0;
	j->profile->archs = arena_alloc(j->request->keep, sizeof(*first));
	if (j->profile->archs == NULL)
		return too_large(err);
	*j->profile->archs = (struct seccomp_arch){.name = span_of(abi_infos[native].oci)};
	j->changed = true;
	return 0;
}

static int tighten(struct job *j, struct error *err)
{
	struct seccomp_rule **tail = &j->profile->rules;

	if (restrict_abis(j, err) < 0)
		return -1;
	if (j->banned == NULL || j->parts == NULL || j->spare == NULL ||
	    tighten_bans(j->request, j->parts, &j->bans) < 0)
		return too_large(err);
	for (const struct tighten_ban *ban = j->bans; ban != NULL; ban = ban->next) {
		if (!is_first(j, ban))
			continue;
		collect_bans(j, ban->call);
		if (restrict_call(j, ban->call, err) < 0)
			return -1;
	}
	while (*tail != NULL)
		tail = &(*tail)->next;
	*tail = j->added;
	return restrict_multiplexers(j, err) < 0 ? -1 : check_result(j, err);
}

int tighten_apply(struct seccomp_profile *profile, const struct tighten_request *request,
		  bool *ret_changed, struct error *err)
{
	struct arena *scratch = request->scratch;
	size_t used = scratch->used;
	struct job j = {
		.profile = profile,
		.request = request,
		.banned = arena_alloc(scratch, sizeof(*j.banned)),
		.parts = arena_alloc(scratch, sizeof(*j.parts)),
		.spare = arena_alloc(scratch, sizeof(*j.spare)),
	};
	int r;

	j.added_tail = &j.added;
	r = tighten(&j, err);
	scratch->used = used;
	if (r == 0)
		*ret_changed = j.changed;
	return r;
}
