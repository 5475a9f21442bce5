/* SPDX-License-Identifier: Apache-2.0 */
/* From the models of a profile, one for each ABI, to a decision graph. Pure. */
#include "program/graph.h"
#include "oci/seccomp-rule.h"
#include "program/search.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

/* On x86 the numbers of x32, and whatever else has that bit or the one above. */
#define X32_BIT UINT32_C(0x40000000)

/* Instructions for a condition: both halves, and whether the upper one is greater. */
#define TESTS_PER_CONDITION 3

struct compiler {
	const struct program_request *request;
	struct arena *arena;
	const int16_t *calls; /* model_calls() */
	struct graph graph;
	size_t n_abis;
	struct model *models[ABIS]; /* the first n_abis of them */
	graph_node bad_arch;
};

/* ---- values ---- */

uint32_t program_value(struct model_verdict v)
{
	static const uint32_t values[OCI_ACTIONS] = {
		[OCI_ACT_KILL] = SECCOMP_RET_KILL_THREAD,
		[OCI_ACT_KILL_PROCESS] = SECCOMP_RET_KILL_PROCESS,
		[OCI_ACT_KILL_THREAD] = SECCOMP_RET_KILL_THREAD,
		[OCI_ACT_TRAP] = SECCOMP_RET_TRAP,
		[OCI_ACT_ERRNO] = SECCOMP_RET_ERRNO,
		[OCI_ACT_TRACE] = SECCOMP_RET_TRACE,
		[OCI_ACT_ALLOW] = SECCOMP_RET_ALLOW,
		[OCI_ACT_LOG] = SECCOMP_RET_LOG,
		[OCI_ACT_NOTIFY] = SECCOMP_RET_USER_NOTIF,
	};

	return values[v.action] | (v.number & SECCOMP_RET_DATA);
}

/*
 * WAIT_KILLABLE_RECV is about listeners and refused by the kernel without one; crun then loads
 * without flags, runc does not pass it on.
 */
unsigned int program_flags(const struct seccomp_profile *profile)
{
	static const unsigned int values[OCI_FLAGS] = {
		[OCI_FLAG_TSYNC] = SECCOMP_FILTER_FLAG_TSYNC,
		[OCI_FLAG_LOG] = SECCOMP_FILTER_FLAG_LOG,
		[OCI_FLAG_SPEC_ALLOW] = SECCOMP_FILTER_FLAG_SPEC_ALLOW,
	};
	unsigned int flags = 0;

	if (!profile->has_flags)
		return SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	for (int i = 0; i < OCI_FLAGS; i++)
		if (profile->flags & 1U << i)
			flags |= values[i];
	return flags;
}

/* ---- the arguments of one call ---- */

/* Where the two halves of an argument are. */
struct halves {
	uint8_t low, high;
};

/* What is known about each word of struct seccomp_data. */
struct facts {
	struct graph_known word[sizeof(struct seccomp_data) / 4];
};

static const struct graph_known nothing = {.high = UINT32_MAX};

/* A condition on the way from one rule of a call to the next. */
struct step {
	struct graph *graph;
	enum abi abi;
	const struct argspace_condition *condition;
	bool narrow; /* the upper half is not looked at */
	struct halves at;
	graph_node rest;     /* where it goes on when the rule does not hold */
	struct facts before; /* from the conditions before it, which hold */
};

/* `rest`, past every test that is decided by what is known. */
static graph_node skip_decided(const struct step *s, const struct facts *facts)
{
	graph_node node = s->rest;

	for (;;) {
		const struct graph_test *t = &s->graph->nodes[node];
		int decided;

		if (t->kind == GRAPH_RETURN)
			return node;
		decided = graph_decided(&facts->word[t->word / 4], t);
		if (decided < 0)
			return node;
		node = decided ? t->yes : t->no;
	}
}

/* For a way that leads to the rest of the rules, by what is known then. */
#define GRAPH_REST UINT16_MAX

static graph_node decide_half(const struct step *s, struct graph_test test,
			      const struct facts *before)
{
	graph_node *const ways[] = {&test.no, &test.yes};

	for (int holds = 0; holds < 2; holds++) {
		struct facts facts = *before;

		if (*ways[holds] != GRAPH_REST)
			continue;
		graph_learn(&facts.word[test.word / 4], &test, holds);
		*ways[holds] = skip_decided(s, &facts);
	}
	return graph_decide(s->graph, test);
}

/* (argument & mask) == value, in halves. */
static struct graph_test low_test(const struct step *s)
{
	return (struct graph_test){.kind = GRAPH_EQUAL,
				   .word = s->at.low,
				   .mask = (uint32_t)s->condition->mask,
				   .value = (uint32_t)s->condition->value};
}

static struct graph_test high_test(const struct step *s)
{
	return (struct graph_test){.kind = GRAPH_EQUAL,
				   .word = s->at.high,
				   .mask = (uint32_t)(s->condition->mask >> 32),
				   .value = (uint32_t)(s->condition->value >> 32)};
}

/* (argument & mask) == value: `yes`, else `no`. */
static graph_node decide_equal(const struct step *s, graph_node yes, graph_node no)
{
	struct graph_test low = low_test(s), high = high_test(s);
	struct facts facts = s->before;

	low.yes = yes;
	low.no = high.no = no;
	if (s->narrow)
		return decide_half(s, low, &facts);
	graph_learn(&facts.word[high.word / 4], &high, true);
	high.yes = decide_half(s, low, &facts);
	return decide_half(s, high, &s->before);
}

/* argument >= value, or > value with `above`: `yes`, else `no`. */
static graph_node decide_order(const struct step *s, bool above, graph_node yes, graph_node no)
{
	struct graph_test low = low_test(s), equal = high_test(s), greater = equal;
	struct facts facts = s->before;
	int decided;

	low.kind = above ? GRAPH_ABOVE : GRAPH_NOT_BELOW;
	greater.kind = GRAPH_ABOVE;
	low.yes = greater.yes = yes;
	low.no = greater.no = no;
	if (s->narrow)
		return decide_half(s, low, &facts);
	graph_learn(&facts.word[equal.word / 4], &equal, true);
	equal.yes = decide_half(s, low, &facts);
	facts = s->before;
	graph_learn(&facts.word[equal.word / 4], &equal, false);
	/* What is not zero is greater, for instance. */
	decided = graph_decided(&facts.word[equal.word / 4], &greater);
	equal.no = decided < 0 ? decide_half(s, greater, &facts) : decided ? yes : no;
	return decide_half(s, equal, &s->before);
}

static graph_node decide_condition(const struct step *s, graph_node holds)
{
	switch (s->condition->op) {
	case OCI_CMP_NE:
		return decide_equal(s, GRAPH_REST, holds);
	case OCI_CMP_LT:
		return decide_order(s, false, GRAPH_REST, holds);
	case OCI_CMP_LE:
		return decide_order(s, true, GRAPH_REST, holds);
	case OCI_CMP_GE:
		return decide_order(s, false, holds, GRAPH_REST);
	case OCI_CMP_GT:
		return decide_order(s, true, holds, GRAPH_REST);
	default:
		return decide_equal(s, holds, GRAPH_REST);
	}
}

/* Offsets in struct seccomp_data of an ABI's byte order. */
static struct halves halves_of(enum abi abi, uint32_t index)
{
	uint8_t first = (uint8_t)(offsetof(struct seccomp_data, args) + 8 * index);
	bool little = !abi_is_big_endian(abi);

	return (struct halves){.low = (uint8_t)(first + (little ? 0 : 4)),
			       .high = (uint8_t)(first + (little ? 4 : 0))};
}

/* What the first `n` conditions of a rule say when they hold; of inequalities nothing. */
static void learn_conditions(struct step *s, const struct model_rule *rule, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(s->before.word); i++)
		s->before.word[i] = nothing;
	for (size_t i = 0; i <= n; i++) {
		struct graph_test low, high;

		s->condition = &rule->conditions[i];
		s->at = halves_of(s->abi, s->condition->index);
		if (i == n ||
		    (s->condition->op != OCI_CMP_EQ && s->condition->op != OCI_CMP_MASKED_EQ))
			continue;
		low = low_test(s);
		high = high_test(s);
		graph_learn(&s->before.word[low.word / 4], &low, true);
		if (!s->narrow)
			graph_learn(&s->before.word[high.word / 4], &high, true);
	}
}

/* The rules of a call; the default where none of them holds. */
static graph_node decide_rules(struct compiler *c, const struct model *model,
			       const struct model_rule *const *rules, size_t n)
{
	struct step s = {
		.graph = &c->graph, .abi = model->abi, .narrow = abi_infos[model->abi].narrow};
	graph_node node = graph_return(&c->graph, program_value(model->default_verdict));

	while (n-- > 0) {
		s.rest = node;
		node = graph_return(&c->graph, program_value(rules[n]->verdict));
		for (size_t i = rules[n]->n_conditions; i-- > 0;) {
			learn_conditions(&s, rules[n], i);
			node = decide_condition(&s, node);
		}
	}
	return node;
}

/* What is decided about a call. -1: the arena is exhausted. */
static int decide_call(struct compiler *c, const struct model *model,
		       const struct model_rule *first, graph_node *ret_node)
{
	const struct model_rule **rules;
	size_t n = 0, i = 0;

	if (first->n_conditions == 0) {
		*ret_node = graph_return(&c->graph, program_value(first->verdict));
		return 0;
	}
	for (const struct model_rule *r = first; r != NULL; r = r->next)
		n++;
	rules = arena_alloc(c->arena, n * sizeof(*rules));
	if (rules == NULL)
		return -1;
	for (const struct model_rule *r = first; r != NULL; r = r->next)
		rules[i++] = r;
	*ret_node = decide_rules(c, model, rules, n);
	return 0;
}

/* ---- the numbers of one ABI ---- */

/* Numbers of Linux are dense; beyond are only the private ones of arm. */
#define DENSE 1024

/* The calls of an ABI that have rules, by rising number. */
struct by_number {
	size_t n;
	struct {
		uint32_t number;
		int call;
	} calls[SYSCALL_COUNT];
};

static void insert_call(struct by_number *all, uint32_t number, int call)
{
	size_t i = all->n++;

	for (; i > 0 && all->calls[i - 1].number > number; i--)
		all->calls[i] = all->calls[i - 1];
	all->calls[i].number = number;
	all->calls[i].call = call;
}

static void sort_calls(const struct model *model, struct by_number *ret)
{
	const int32_t *numbers = abi_numbers[abi_infos[model->abi].table];
	int16_t dense[DENSE];

	memset(dense, -1, sizeof(dense));
	for (int call = 0; call < SYSCALL_COUNT; call++)
		if (model->calls[call] != NULL && numbers[call] >= 0 && numbers[call] < DENSE)
			dense[numbers[call]] = (int16_t)call;
	ret->n = 0;
	for (int i = 0; i < DENSE; i++)
		if (dense[i] >= 0)
			insert_call(ret, (uint32_t)(abi_infos[model->abi].base + i), dense[i]);
	for (int call = 0; call < SYSCALL_COUNT; call++)
		if (model->calls[call] != NULL && numbers[call] >= DENSE)
			insert_call(ret, (uint32_t)(abi_infos[model->abi].base + numbers[call]),
				    call);
}

/* Numbers from `first` on, up to those of the next ABI that shares them. */
static int add_numbers(struct compiler *c, const struct model *model, uint32_t first,
		       struct search *search)
{
	bool s390 = model->abi == ABI_S390 || model->abi == ABI_S390X;
	graph_node otherwise = graph_return(&c->graph, program_value(model->default_verdict));
	graph_node enosys = graph_return(&c->graph, SECCOMP_RET_ERRNO | MODEL_STUB_ERRNO);
	const struct model_rule *last = NULL;
	struct by_number all;
	graph_node node = otherwise;

	sort_calls(model, &all);
	search_from(search, first, otherwise);
	/* See stub_answers() of the model. */
	if (model->stub && s390) {
		search_from(search, 0, enosys);
		search_from(search, 1, otherwise);
	}
	for (size_t i = 0; i < all.n; i++) {
		if (model->stub && s390 && all.calls[i].number == 0)
			continue;
		/* Most calls share one rule, which has no conditions. */
		if (model->calls[all.calls[i].call] != last &&
		    decide_call(c, model, model->calls[all.calls[i].call], &node) < 0)
			return -1;
		last = model->calls[all.calls[i].call];
		search_from(search, all.calls[i].number, node);
		search_from(search, all.calls[i].number + 1, otherwise);
	}
	if (model->stub)
		search_from(search, (uint32_t)model->highest + 1, enosys);
	return 0;
}

static const struct model *find_model(const struct compiler *c, enum abi abi)
{
	for (size_t i = 0; i < c->n_abis; i++)
		if (c->models[i]->abi == abi)
			return c->models[i];
	return NULL;
}

/*
 * x86_64 and x32 have one AUDIT_ARCH. libseccomp tells them apart at bit 30 of the number, compared
 * as a number; runc's stub looks at the bit alone. Where x32 is not covered, libseccomp lets the
 * number -1 through to the default, with which a tracer skips a call.
 */
static int add_x86_numbers(struct compiler *c, struct search *search)
{
	const struct model *x86_64 = find_model(c, ABI_X86_64), *x32 = find_model(c, ABI_X32);
	graph_node enosys = graph_return(&c->graph, SECCOMP_RET_ERRNO | MODEL_STUB_ERRNO);
	graph_node otherwise;

	if (x86_64 == NULL)
		search_from(search, 0, c->bad_arch);
	else if (add_numbers(c, x86_64, 0, search) < 0)
		return -1;
	if (x32 != NULL)
		return add_numbers(c, x32, X32_BIT, search);
	search_from(search, X32_BIT, c->bad_arch);
	if (x86_64->stub) {
		search_from(search, 2 * X32_BIT, enosys);
		search_from(search, 3 * X32_BIT, c->bad_arch);
	}
	otherwise = graph_return(&c->graph, program_value(x86_64->default_verdict));
	search_from(search, UINT32_MAX, otherwise);
	return 0;
}

/* ---- all of it ---- */

/* Is it the first of the ABIs with its AUDIT_ARCH? */
static bool is_first(const struct compiler *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (abi_infos[c->models[k]->abi].audit == abi_infos[c->models[i]->abi].audit)
			return false;
	return true;
}

static int decide_arch(struct compiler *c, size_t i, graph_node otherwise, graph_node *ret_node)
{
	uint32_t audit = abi_infos[c->models[i]->abi].audit;
	struct graph_test test = {.kind = GRAPH_EQUAL,
				  .word = offsetof(struct seccomp_data, arch),
				  .no = otherwise,
				  .mask = UINT32_MAX,
				  .value = audit};
	struct search search;

	if (search_init(&search, c->arena) < 0 ||
	    (audit == abi_infos[ABI_X86_64].audit ? add_x86_numbers(c, &search)
						  : add_numbers(c, c->models[i], 0, &search)) < 0)
		return -1;
	test.yes = search_decide(&search, &c->graph);
	*ret_node = graph_decide(&c->graph, test);
	return 0;
}

static size_t count_tests(const struct compiler *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_abis; i++)
		for (int call = 0; call < SYSCALL_COUNT; call++)
			for (const struct model_rule *r = c->models[i]->calls[call]; r != NULL;
			     r = r->next)
				n += r->n_conditions * TESTS_PER_CONDITION + 1;
	return n;
}

static int add_abi(struct compiler *c, enum abi abi, struct error *err)
{
	struct model_request request = {c->request->profile, abi, c->request->native,
					c->request->runtime, c->calls};

	if (find_model(c, abi) != NULL)
		return 0;
	if (abi_is_big_endian(abi) != abi_is_big_endian(c->request->native))
		return error_set(err, "architecture %s: its byte order is not that of %s",
				 abi_infos[abi].oci, abi_infos[c->request->native].name);
	c->models[c->n_abis] = arena_alloc(c->arena, sizeof(struct model));
	if (c->models[c->n_abis] == NULL)
		return error_set(err, "the profile is too large");
	return model_build(&request, c->arena, c->models[c->n_abis++], err);
}

static int add_abis(struct compiler *c, struct error *err)
{
	enum abi abi;

	c->calls = model_calls(c->request->profile, c->arena);
	if (c->calls == NULL)
		return error_set(err, "the profile is too large");
	if (add_abi(c, c->request->native, err) < 0)
		return -1;
	for (const struct seccomp_arch *a = c->request->profile->archs; a != NULL; a = a->next) {
		if (abi_from_oci(a->name, &abi) < 0)
			return error_set(err, "architecture %.*s: no filter is made for it",
					 SPAN_ARG(a->name));
		if (add_abi(c, abi, err) < 0)
			return -1;
	}
	return 0;
}

/* Building a model takes the square of the conditions on one call. */
#define MAX_CONDITIONS BPF_MAXINSNS

static size_t conditions_of(const struct seccomp_rule *rule)
{
	const size_t each = seccomp_args_count(rule->args);
	size_t n = 0;

	for (const struct seccomp_name *name = rule->names; name != NULL; name = name->next)
		n += each;
	return n;
}

size_t program_conditions(const struct seccomp_profile *profile)
{
	size_t n = 0;

	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		n += conditions_of(rule);
	return n;
}

static int check_conditions(const struct seccomp_profile *profile, struct error *err)
{
	size_t n = 0;

	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next) {
		n += conditions_of(rule);
		if (n > MAX_CONDITIONS)
			return error_at(err, rule->pos,
					"the profile has more than %d conditions on system calls",
					MAX_CONDITIONS);
	}
	return 0;
}

static int check_actions(const struct seccomp_profile *profile, struct error *err)
{
	static const char why[] =
		"SCMP_ACT_NOTIFY needs a listener, which live injection cannot give";

	if (profile->empty)
		return error_set(err, "an empty linux.seccomp makes no filter");
	if (profile->default_action == OCI_ACT_NOTIFY)
		return error_set(err, "%s", why);
	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		if (rule->action == OCI_ACT_NOTIFY)
			return error_at(err, rule->pos, "%s", why);
	return 0;
}

static int compile(struct compiler *c, struct program *ret_program, struct error *err)
{
	const struct model_verdict kill = {.action = OCI_ACT_KILL_THREAD};
	graph_node root;

	if (add_abis(c, err) < 0)
		return -1;
	if (graph_init(&c->graph,
		       64 + SEARCH_TESTS_PER_CALL * SYSCALL_COUNT * c->n_abis + count_tests(c),
		       c->arena) < 0)
		return error_set(err, GRAPH_TOO_LARGE);
	root = c->bad_arch = graph_return(&c->graph, program_value(kill));
	for (size_t i = c->n_abis; i-- > 0;)
		if (is_first(c, i) && decide_arch(c, i, root, &root) < 0)
			return error_set(err, GRAPH_TOO_LARGE);
	if (graph_emit(&c->graph, root, c->arena, ret_program, err) < 0)
		return -1;
	ret_program->flags = program_flags(c->request->profile);
	return 0;
}

int program_compile(const struct program_request *request, struct arena *scratch,
		    struct program *ret_program, struct error *err)
{
	size_t used = scratch->used;
	struct compiler *c;
	int r;

	if (check_actions(request->profile, err) < 0 || check_conditions(request->profile, err) < 0)
		return -1;
	c = arena_alloc(scratch, sizeof(*c));
	if (c == NULL)
		return error_set(err, GRAPH_TOO_LARGE);
	memset(c, 0, sizeof(*c));
	c->request = request;
	c->arena = scratch;
	r = compile(c, ret_program, err);
	scratch->used = used;
	return r;
}
