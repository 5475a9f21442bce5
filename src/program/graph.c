/* SPDX-License-Identifier: Apache-2.0 */
/* Decision graphs, and the instructions for them. Pure. */
#include "program/graph.h"

/* A conditional jump reaches that far; further on, an instruction of its own has to help. */
#define MAX_JUMP 255

int graph_init(struct graph *g, size_t max, struct arena *arena)
{
	*g = (struct graph){.max = max < UINT16_MAX ? max : UINT16_MAX, .n_slots = 64};
	while (g->n_slots < 2 * g->max)
		g->n_slots *= 2;
	g->nodes = arena_alloc(arena, g->max * sizeof(*g->nodes));
	g->slots = arena_alloc(arena, g->n_slots * sizeof(*g->slots));
	if (g->nodes == NULL || g->slots == NULL)
		return -1;
	memset(g->slots, 0, g->n_slots * sizeof(*g->slots));
	return 0;
}

static bool same(const struct graph_test *a, const struct graph_test *b)
{
	return a->kind == b->kind && a->word == b->word && a->yes == b->yes && a->no == b->no &&
	       a->mask == b->mask && a->value == b->value;
}

static graph_node add(struct graph *g, struct graph_test test)
{
	uint32_t hash = test.kind | (uint32_t)test.word << 8;
	size_t slot;

	hash = (hash * 31 + test.value) * 2654435769U;
	hash = (hash ^ test.mask ^ ((uint32_t)test.yes << 16 | test.no)) * 2654435769U;
	for (slot = (hash >> 12) & (g->n_slots - 1); g->slots[slot] != 0;
	     slot = (slot + 1) & (g->n_slots - 1))
		if (same(&g->nodes[g->slots[slot] - 1], &test))
			return (graph_node)(g->slots[slot] - 1);
	if (g->n == g->max) {
		g->full = true;
		return 0;
	}
	g->nodes[g->n++] = test;
	g->slots[slot] = (graph_node)g->n;
	return (graph_node)(g->n - 1);
}

graph_node graph_return(struct graph *g, uint32_t value)
{
	return add(g, (struct graph_test){.kind = GRAPH_RETURN, .value = value});
}

static const struct graph_known nothing = {.high = UINT32_MAX};

/* (word & mask) == value, where one instruction says it and keeps the word. */
static void simplify(struct graph_test *t)
{
	bool one_bit = t->mask != 0 && (t->mask & (t->mask - 1)) == 0;
	graph_node swapped = t->yes;

	if (t->kind != GRAPH_EQUAL || t->mask == UINT32_MAX || (t->value != 0 && !one_bit))
		return;
	t->kind = GRAPH_ANY_BIT;
	if (t->value == 0) {
		t->yes = t->no;
		t->no = swapped;
	}
	t->value = t->mask;
}

graph_node graph_decide(struct graph *g, struct graph_test test)
{
	int decided = graph_decided(&nothing, &test);

	if (decided >= 0 || test.yes == test.no)
		return decided != 0 ? test.yes : test.no;
	simplify(&test);
	if (test.kind != GRAPH_EQUAL)
		test.mask = 0;
	return add(g, test);
}

/* ---- what is known ---- */

static void know_range(struct graph_known *k, uint32_t low, uint32_t high)
{
	k->low = low > k->low ? low : k->low;
	k->high = high < k->high ? high : k->high;
}

static void know_bits(struct graph_known *k, uint32_t mask, uint32_t value)
{
	k->mask |= mask;
	k->value |= value;
	if (mask == UINT32_MAX)
		know_range(k, value, value);
}

static void know_not(struct graph_known *k, uint32_t mask, uint32_t value)
{
	k->has_not = true;
	k->not_mask = mask;
	k->not_value = value;
	if (mask == UINT32_MAX && value == k->low)
		k->low++;
	else if (mask == UINT32_MAX && value == k->high)
		k->high--;
}

void graph_learn(struct graph_known *k, const struct graph_test *t, bool holds)
{
	switch (t->kind) {
	case GRAPH_EQUAL:
		if (holds)
			know_bits(k, t->mask, t->value);
		else
			know_not(k, t->mask, t->value);
		break;
	case GRAPH_ABOVE:
		if (holds)
			know_range(k, t->value + 1, UINT32_MAX);
		else
			know_range(k, 0, t->value);
		break;
	case GRAPH_NOT_BELOW:
		if (holds)
			know_range(k, t->value, UINT32_MAX);
		else
			know_range(k, 0, t->value - 1);
		break;
	default:
		if (holds)
			know_not(k, t->value, 0);
		else
			know_bits(k, t->value, 0);
	}
}

static int decided_equal(const struct graph_known *k, uint32_t mask, uint32_t value)
{
	if ((value & ~mask) != 0 || ((k->value ^ value) & k->mask & mask) != 0 ||
	    (k->has_not && k->not_mask == mask && k->not_value == value))
		return 0;
	if ((mask & ~k->mask) == 0)
		return 1;
	return mask == UINT32_MAX && (value < k->low || value > k->high) ? 0 : -1;
}

int graph_decided(const struct graph_known *k, const struct graph_test *t)
{
	int none;

	switch (t->kind) {
	case GRAPH_EQUAL:
		return decided_equal(k, t->mask, t->value);
	case GRAPH_ABOVE:
		return k->low > t->value ? 1 : k->high <= t->value ? 0 : -1;
	case GRAPH_NOT_BELOW:
		return k->low >= t->value ? 1 : k->high < t->value ? 0 : -1;
	default:
		none = (k->value & t->value) != 0 ? 0 : decided_equal(k, t->value, 0);
		return none < 0 ? -1 : !none;
	}
}

/* ---- instructions ---- */

/*
 * Jumps lead forward only, so the program is written from its end: nodes by rising number, each
 * behind what it leads to. Places count from the end.
 */
struct place {
	bool used, loads; /* is reached; is reached with another word at hand than its own */
	unsigned short test, load;
};

struct emitter {
	const struct graph *graph;
	struct place *places;
	struct program *program;
	size_t n;
};

static void put(struct emitter *e, unsigned short code, uint32_t k)
{
	if (e->n < BPF_MAXINSNS)
		e->program->insns[BPF_MAXINSNS - 1 - e->n] =
			(struct sock_filter){.code = code, .k = k};
	e->n++;
}

/* Does the step from `from` to `to` need the word of `to` loaded? */
static bool must_load(const struct graph_test *from, const struct graph_test *to)
{
	bool kept = from->kind != GRAPH_EQUAL || from->mask == UINT32_MAX;

	return to->kind != GRAPH_RETURN && (!kept || from->word != to->word);
}

/* Every node that `root` leads to, from there down. */
static void find_used(struct emitter *e, graph_node root)
{
	const struct graph_test *nodes = e->graph->nodes;

	e->places[root] = (struct place){.used = true, .loads = true};
	for (size_t i = (size_t)root + 1; i-- > 0;) {
		const struct graph_test *t = &nodes[i];

		if (!e->places[i].used || t->kind == GRAPH_RETURN)
			continue;
		e->places[t->yes].used = e->places[t->no].used = true;
		e->places[t->yes].loads |= must_load(t, &nodes[t->yes]);
		e->places[t->no].loads |= must_load(t, &nodes[t->no]);
	}
}

/* Where a jump from `from` to `to` lands. */
static unsigned short *landing(const struct emitter *e, const struct graph_test *from,
			       graph_node to)
{
	struct place *place = &e->places[to];

	return must_load(from, &e->graph->nodes[to]) ? &place->load : &place->test;
}

/*
 * See to it that the next instruction but `between` can jump to `to`: with the return once more, or
 * a jump of any length, where it is too far.
 */
static void come_near(struct emitter *e, const struct graph_test *from, graph_node to,
		      size_t between)
{
	unsigned short *at = landing(e, from, to);

	if (e->n + between - *at - 1 <= MAX_JUMP)
		return;
	if (e->graph->nodes[to].kind == GRAPH_RETURN)
		put(e, BPF_RET | BPF_K, e->graph->nodes[to].value);
	else
		put(e, BPF_JMP | BPF_JA, (uint32_t)(e->n - *at - 1));
	*at = (unsigned short)(e->n - 1);
}

static void put_test(struct emitter *e, const struct graph_test *t)
{
	static const unsigned short jumps[] = {
		[GRAPH_EQUAL] = BPF_JMP | BPF_JEQ | BPF_K,
		[GRAPH_ABOVE] = BPF_JMP | BPF_JGT | BPF_K,
		[GRAPH_NOT_BELOW] = BPF_JMP | BPF_JGE | BPF_K,
		[GRAPH_ANY_BIT] = BPF_JMP | BPF_JSET | BPF_K,
	};
	size_t yes, no;

	come_near(e, t, t->yes, 1);
	come_near(e, t, t->no, 0);
	yes = e->n - *landing(e, t, t->yes) - 1;
	no = e->n - *landing(e, t, t->no) - 1;
	put(e, jumps[t->kind], t->value);
	if (e->n > BPF_MAXINSNS)
		return;
	e->program->insns[BPF_MAXINSNS - e->n].jt = (unsigned char)yes;
	e->program->insns[BPF_MAXINSNS - e->n].jf = (unsigned char)no;
	if (t->kind == GRAPH_EQUAL && t->mask != UINT32_MAX)
		put(e, BPF_ALU | BPF_AND | BPF_K, t->mask);
}

static void put_node(struct emitter *e, size_t node)
{
	const struct graph_test *t = &e->graph->nodes[node];
	struct place *place = &e->places[node];

	if (t->kind == GRAPH_RETURN)
		put(e, BPF_RET | BPF_K, t->value);
	else
		put_test(e, t);
	place->test = (unsigned short)(e->n - 1);
	if (t->kind != GRAPH_RETURN && place->loads) {
		put(e, BPF_LD | BPF_W | BPF_ABS, t->word);
		place->load = (unsigned short)(e->n - 1);
	}
}

int graph_emit(const struct graph *graph, graph_node root, struct arena *scratch,
	       struct program *program, struct error *err)
{
	struct emitter e = {.graph = graph, .program = program};

	e.places = arena_alloc(scratch, ((size_t)root + 1) * sizeof(*e.places));
	if (e.places == NULL)
		return error_set(err, GRAPH_TOO_LARGE);
	memset(e.places, 0, ((size_t)root + 1) * sizeof(*e.places));
	find_used(&e, root);
	for (size_t i = 0; i <= root && e.n <= BPF_MAXINSNS; i++)
		if (e.places[i].used)
			put_node(&e, i);
	if (graph->full || e.n > BPF_MAXINSNS)
		return error_set(
			err,
			"the profile takes more than the %d instructions that a filter can "
			"have; write fewer rules with conditions",
			BPF_MAXINSNS);
	memmove(program->insns, program->insns + BPF_MAXINSNS - e.n,
		e.n * sizeof(program->insns[0]));
	program->n_insns = (unsigned short)e.n;
	return 0;
}
