/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restrictions, random ones and those that have a name, laid over random rules that overlap and
 * over RuntimeDefault: in the program that libseccomp makes of the result no way lets through what
 * is restricted.
 */
#include "overlap.h"

#include "model-program.h"
#include "program/paths.h"

#include <inttypes.h>
#include <linux/seccomp.h>

#define MAX_INSNS 1024
#define STEPS 300000UL

struct attempt {
	struct overlap overlap;
	struct seccomp_profile before, after;
	struct tighten_custom customs[2];
	struct seccomp_name name;
	struct seccomp_arg args[2][OCI_MAX_ARGS];
	struct tighten_request request;
	struct span whole;
};

/* RuntimeDefault of a flavor, without what it says of calls that are not asked about. */
static void take_flavor(struct attempt *a, enum profile_flavor flavor,
			struct enforce_memory *memory)
{
	static const struct profile_target target = {.arch = PROFILE_ARCH_X86_64,
						     .kernel = PROFILE_KERNEL(6, 1)};
	static char kept[PROFILE_FLAVORS][1U << 18];
	static struct span texts[PROFILE_FLAVORS];
	struct arena arena = {kept[flavor], sizeof(kept[flavor]), 0};
	struct seccomp_rule **link;
	struct error err;

	if (texts[flavor].p == NULL)
		HOLDS(profile_resolve(flavor, &target, &arena, &texts[flavor]) == 0);
	HOLDS(ociseccomp_read(texts[flavor], &memory->keep, &memory->scratch, &a->before, &err) ==
	      0);
	for (link = &a->before.rules; *link != NULL;) {
		struct seccomp_name **name = &(*link)->names;

		while (*name != NULL)
			if (syscall_index((*name)->name) == a->overlap.call ||
			    span_eq((*name)->name, SPAN("socketcall")))
				name = &(*name)->next;
			else
				*name = (*name)->next;
		if ((*link)->names != NULL)
			link = &(*link)->next;
		else
			*link = (*link)->next;
	}
	*link = &a->overlap.filler;
}

/* Each on the call that the rules are about, with conditions like theirs. */
static void take_restrictions(struct attempt *a, struct overlap_bytes *b)
{
	unsigned int n = 1 + overlap_next(b, 2);

	b->n_ops = 10;
	b->n_args = 3;
	for (size_t i = 0; i < OVERLAP_VALUES; i++)
		b->values[i] = overlap_value(b);
	a->name = (struct seccomp_name){.name = syscall_name(a->overlap.call)};
	for (unsigned int i = 0; i < n; i++) {
		struct seccomp_rule rule = {0};

		overlap_args(b, &rule, a->args[i]);
		/* The policy takes no argument twice. */
		for (struct seccomp_arg *arg = rule.args; arg != NULL; arg = arg->next)
			while (arg->next != NULL && arg->next->index <= arg->index)
				arg->next = arg->next->next;
		a->customs[i] = (struct tighten_custom){&a->name, rule.args,
							i + 1 < n ? &a->customs[i + 1] : NULL};
	}
	a->request.tighten = (struct tighten){
		.named = overlap_next(b, 4) == 0 ? overlap_next(b, 1U << TIGHTEN_NAMES) : 0,
		.custom = a->customs,
		.n_custom = n,
	};
}

/* ---- what is restricted of the call, as a program of its own ---- */

static void add_ban(struct model *model, int call, struct model_rule *rule)
{
	rule->next = model->calls[call];
	model->calls[call] = rule;
}

static struct model_rule *model_of_bans(const struct attempt *a, struct model *model,
					struct model_rule *rules)
{
	static const uint64_t new_user = 0x10000000;
	const struct tighten *t = &a->request.tighten;
	bool narrow = abi_infos[model->abi].narrow;
	struct span name = a->name.name;

	for (size_t i = 0; i < t->n_custom; i++) {
		*rules = (struct model_rule){.verdict = {OCI_ACT_ERRNO, 0}};
		for (const struct seccomp_arg *arg = a->customs[i].args; arg != NULL;
		     arg = arg->next)
			rules->conditions[rules->n_conditions++] = argspace_condition(arg, narrow);
		add_ban(model, a->overlap.call, rules++);
	}
	if (t->named >> TIGHTEN_USERNS & 1 &&
	    (span_eq(name, SPAN("clone")) || span_eq(name, SPAN("unshare")))) {
		*rules = (struct model_rule){
			.verdict = {OCI_ACT_ERRNO, 0},
			.n_conditions = 1,
			.conditions = {{0, OCI_CMP_MASKED_EQ, new_user, new_user}},
		};
		add_ban(model, a->overlap.call, rules++);
	}
	for (int i = TIGHTEN_AF_ALG; i <= TIGHTEN_AF_VSOCK; i++) {
		if ((t->named >> i & 1) == 0 || !span_eq(name, SPAN("socket")))
			continue;
		*rules = (struct model_rule){
			.verdict = {OCI_ACT_ERRNO, 0},
			.n_conditions = 1,
			.conditions = {{0, OCI_CMP_MASKED_EQ, UINT32_MAX,
					i == TIGHTEN_AF_ALG ? 38 : 40}},
		};
		add_ban(model, a->overlap.call, rules++);
	}
	return rules;
}

struct comparison {
	const struct attempt *attempt;
	enum abi abi;
};

static bool compare(void *ctx, const struct paths_leaf *leaf)
{
	const struct comparison *c = ctx;
	uint32_t action = leaf->value[0] & SECCOMP_RET_ACTION_FULL;

	if (leaf->value[1] == SECCOMP_RET_ALLOW ||
	    (action != SECCOMP_RET_ALLOW && action != SECCOMP_RET_LOG &&
	     action != SECCOMP_RET_TRACE))
		return true;
	overlap_print(&c->attempt->before);
	overlap_print(&c->attempt->after);
	fprintf(stderr, "%.*s(%#x%08x, %#x%08x, %#x%08x) on %s is restricted, and returns %#x\n",
		SPAN_ARG(c->attempt->name.name), leaf->example[5], leaf->example[4],
		leaf->example[7], leaf->example[6], leaf->example[9], leaf->example[8],
		abi_infos[c->abi].name, leaf->value[0]);
	abort();
}

static void look(const struct attempt *a, enum abi abi, const struct program *program,
		 struct arena *scratch)
{
	static struct sock_filter insns[MAX_INSNS];
	struct model_rule rules[8];
	struct model model = {.abi = abi, .covered = true, .default_verdict = {OCI_ACT_ALLOW, 0}};
	struct comparison c = {a, abi};
	unsigned long budget = STEPS;
	struct argspace words[PATHS_WORDS];
	struct paths_walk walk = {
		.words = words, .visit = compare, .ctx = &c, .scratch = scratch, .budget = &budget};
	struct error err;

	HOLDS(model_of_bans(a, &model, rules) <= rules + ARRAY_SIZE(rules));
	walk.codes[0] = (struct paths_code){program->insns, program->n_insns};
	walk.codes[1] = (struct paths_code){
		insns, model_program(&model, a->overlap.call, insns, MAX_INSNS)};
	HOLDS(walk.codes[1].n > 0);
	paths_of_call(abi_infos[abi].audit, (uint32_t)abi_number(abi, a->overlap.call), words);
	if (paths_walk(&walk, &err) < 0)
		HOLDS(strstr(err.text, "too many ways") != NULL);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct program program;
	struct enforce_memory memory = fuzz_memory(0);
	struct overlap_bytes b = {.p = data, .n = size};
	struct attempt a = {0};
	unsigned int base = overlap_next(&b, 2 * PROFILE_FLAVORS);
	struct error err;
	bool changed;

	a.request = (struct tighten_request){.arch = PROFILE_ARCH_X86_64,
					     .keep = &memory.keep,
					     .scratch = &memory.scratch,
					     .ret_whole = &a.whole};
	b = overlap_read(b, &a.overlap);
	a.before = a.overlap.profile;
	if (base < PROFILE_FLAVORS)
		take_flavor(&a, (enum profile_flavor)base, &memory);
	take_restrictions(&a, &b);
	a.after = a.before;
	if (tighten_apply(&a.after, &a.request, &changed, &err) < 0 ||
	    overlap_compile(&a.after, &memory, &program) < 0)
		return 0;
	for (enum abi abi = ABI_X86_64; abi <= ABI_X32; abi++)
		if (abi_number(abi, a.overlap.call) >= 0)
			look(&a, abi, &program, &memory.scratch);
	return 0;
}
