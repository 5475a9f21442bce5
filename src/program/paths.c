/* SPDX-License-Identifier: Apache-2.0 */
/* Walking through filter programs. Pure. */
#include "program/paths.h"

#include <linux/seccomp.h>

#define MAX_STEPS 1000000000UL
#define MAX_DEPTH 4096

/* What a register or a cell of memory holds. */
struct value {
	bool loaded; /* (word & number), else number */
	uint8_t word;
	uint32_t number;
};

struct machine {
	struct value a, x, cells[BPF_MEMWORDS];
};

/* The values of a word at which a comparison can change its answer, in order. */
struct cuts {
	uint32_t *at;
	size_t n;
};

struct walker {
	const struct paths_walk *walk;
	struct argspace words[PATHS_WORDS];
	struct cuts cuts[2]; /* of the number and of the architecture */
	bool cut[2];         /* the range of that word is between two of them */
	uint32_t value[2];
	unsigned long steps; /* that are left */
	unsigned int depth;
	struct error *err;
};

void paths_all(struct argspace ret_words[PATHS_WORDS])
{
	for (size_t i = 0; i < PATHS_WORDS; i++)
		ret_words[i] = argspace_all(true);
}

void paths_of_call(uint32_t audit_arch, uint32_t number, struct argspace ret_words[PATHS_WORDS])
{
	paths_all(ret_words);
	ret_words[PATHS_WORD_ARCH].low = ret_words[PATHS_WORD_ARCH].high = audit_arch;
	ret_words[PATHS_WORD_NR].low = ret_words[PATHS_WORD_NR].high = number;
}

/* ---- where comparisons of the number and the architecture change their answer ---- */

static void add_cut(struct cuts *cuts, uint64_t at)
{
	if (at <= UINT32_MAX)
		cuts->at[cuts->n++] = (uint32_t)at;
}

static void sort_cuts(struct cuts *cuts)
{
	size_t kept = 0;

	for (size_t gap = cuts->n / 2; gap > 0; gap /= 2) {
		for (size_t i = gap; i < cuts->n; i++) {
			uint32_t at = cuts->at[i];
			size_t k = i;

			for (; k >= gap && cuts->at[k - gap] > at; k -= gap)
				cuts->at[k] = cuts->at[k - gap];
			cuts->at[k] = at;
		}
	}
	for (size_t i = 0; i < cuts->n; i++)
		if (kept == 0 || cuts->at[kept - 1] != cuts->at[i])
			cuts->at[kept++] = cuts->at[i];
	cuts->n = kept;
}

/* Which words may be in the accumulator before each instruction: bit by word. */
static void flow(const struct paths_code *code, size_t i, uint16_t *words)
{
	const struct sock_filter *insn = &code->insns[i];
	size_t next[2] = {i + 1, i + 1};
	uint16_t after = words[i];

	if (insn->code == (BPF_LD | BPF_W | BPF_ABS))
		after = (uint16_t)(1U << (insn->k / 4 % PATHS_WORDS));
	if (BPF_CLASS(insn->code) == BPF_JMP) {
		bool always = BPF_OP(insn->code) == BPF_JA;

		next[0] += always ? insn->k : insn->jt;
		next[1] += always ? insn->k : insn->jf;
	}
	for (size_t k = 0; k < 2; k++)
		if (next[k] < code->n)
			words[next[k]] |= after;
}

static void find_cuts(struct walker *w, const struct paths_code *code, uint16_t *words)
{
	memset(words, 0, code->n * sizeof(*words));
	for (size_t i = 0; i < code->n; i++) {
		const struct sock_filter *insn = &code->insns[i];
		unsigned int op = BPF_OP(insn->code);

		flow(code, i, words);
		if (BPF_CLASS(insn->code) != BPF_JMP || BPF_SRC(insn->code) != BPF_K ||
		    (op != BPF_JEQ && op != BPF_JGT && op != BPF_JGE))
			continue;
		for (size_t word = 0; word < 2; word++) {
			if ((words[i] >> word & 1) == 0)
				continue;
			if (op != BPF_JGT)
				add_cut(&w->cuts[word], insn->k);
			if (op != BPF_JGE)
				add_cut(&w->cuts[word], (uint64_t)insn->k + 1);
		}
	}
}

static int init_cuts(struct walker *w)
{
	const struct paths_code *codes = w->walk->codes;
	struct arena *scratch = w->walk->scratch;
	size_t n = codes[0].n + codes[1].n;
	uint16_t *words = arena_alloc(scratch, n * sizeof(*words));

	for (size_t i = 0; i < 2; i++)
		w->cuts[i].at = arena_alloc(scratch, 2 * n * sizeof(uint32_t));
	if (words == NULL || w->cuts[0].at == NULL || w->cuts[1].at == NULL)
		return error_set(w->err, "not enough memory to read the filter");
	for (size_t i = 0; i < 2; i++)
		find_cuts(w, &codes[i], words);
	for (size_t i = 0; i < 2; i++)
		sort_cuts(&w->cuts[i]);
	return 0;
}

/* ---- running ---- */

/* These return 0 to go on, 1 when the visitor has seen enough, -1 on an error. */
static int run(struct walker *w, int which, size_t pc, struct machine *m);

static int lost(const struct walker *w, size_t pc)
{
	return error_set(w->err, "instruction %zu of the filter cannot be followed", pc);
}

static int visit(struct walker *w)
{
	struct paths_leaf leaf = {.words = w->words, .value = {w->value[0], w->value[1]}};

	for (size_t i = 0; i < PATHS_WORDS; i++) {
		uint64_t example;

		if (argspace_find(&w->words[i], &w->steps, &example) <= 0)
			return error_set(w->err, "the filter has too many ways to look at");
		leaf.example[i] = (uint32_t)example;
	}
	return w->walk->visit(w->walk->ctx, &leaf) ? 0 : 1;
}

static int returned(struct walker *w, int which, uint32_t value)
{
	w->value[which] = value;
	if (which == 0 && w->walk->codes[1].n > 0)
		return run(w, 1, 0, &(struct machine){0});
	return visit(w);
}

/* The condition of a jump on (word & mask); -1: no jump that the kernel knows. */
static int condition_of(const struct sock_filter *insn, uint32_t mask, uint32_t k,
			struct argspace_condition *ret)
{
	*ret = (struct argspace_condition){.op = OCI_CMP_MASKED_EQ, .mask = mask, .value = k};
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return 0;
	case BPF_JSET:
		ret->op = OCI_CMP_NE;
		ret->mask = mask & k;
		ret->value = 0;
		return 0;
	case BPF_JGT:
		ret->op = OCI_CMP_GT;
		return 0;
	case BPF_JGE:
		ret->op = OCI_CMP_GE;
		return 0;
	default:
		return -1;
	}
}

/* 1, 0, or -1: it depends. */
static int decided(const struct argspace *space, const struct argspace_condition *c)
{
	if (space->low == space->high)
		return argspace_holds(c, space->low);
	switch (c->op) {
	case OCI_CMP_GT:
		return space->low > c->value ? 1 : space->high <= c->value ? 0 : -1;
	case OCI_CMP_GE:
		return space->low >= c->value ? 1 : space->high < c->value ? 0 : -1;
	case OCI_CMP_NE:
		return c->mask == 0 ? 0 : -1;
	default:
		if ((c->value & ~c->mask) != 0)
			return 0;
		if (c->mask == 0)
			return 1;
		return c->mask == UINT32_MAX && (c->value < space->low || c->value > space->high)
			       ? 0
			       : -1;
	}
}

/* Go on at `pc` once for each range of the number or the architecture. */
static int run_ranges(struct walker *w, int which, size_t pc, const struct machine *m, uint8_t word)
{
	const struct cuts *cuts = &w->cuts[word];
	const struct argspace before = w->words[word];
	int r = 0;

	w->cut[word] = true;
	for (size_t i = 0; i <= cuts->n && r == 0; i++) {
		struct argspace *space = &w->words[word];
		uint64_t first = i == 0 ? 0 : cuts->at[i - 1], last = UINT32_MAX, ignored;
		struct machine copy = *m;

		if (i < cuts->n && cuts->at[i] == 0)
			continue;
		if (i < cuts->n)
			last = cuts->at[i] - 1;
		*space = before;
		space->low = first > space->low ? first : space->low;
		space->high = last < space->high ? last : space->high;
		if (space->low <= space->high && argspace_find(space, &w->steps, &ignored) != 0)
			r = run(w, which, pc, &copy);
	}
	w->words[word] = before;
	w->cut[word] = false;
	return r;
}

/* Both ways from a jump that depends on the word. */
static int run_both(struct walker *w, int which, size_t pc, const struct machine *m,
		    const struct argspace_condition *c)
{
	const struct sock_filter *insn = &w->walk->codes[which].insns[pc];
	const struct argspace before = w->words[c->index];
	struct argspace_not nodes[2];
	int r = 0;

	if (w->depth == MAX_DEPTH)
		return error_set(w->err, "the filter has too many ways to look at");
	w->depth++;
	for (int holds = 1; holds >= 0 && r == 0; holds--) {
		struct argspace *space = &w->words[c->index];
		struct machine copy = *m;
		uint64_t ignored;
		int left;

		argspace_restrict(space, c, holds, &nodes[holds]);
		left = argspace_find(space, &w->steps, &ignored);
		if (left < 0)
			r = error_set(w->err, "the filter has too many ways to look at");
		else if (left > 0)
			r = run(w, which, pc + 1 + (holds ? insn->jt : insn->jf), &copy);
		*space = before;
	}
	w->depth--;
	return r;
}

/*
 * A comparison of order of what an earlier test has masked: libseccomp writes them where it has
 * lost track of what is loaded. Of the bits from one on, down from the highest: as long as they are
 * as in k the next one decides, and what is as k to its end is equal.
 */
static int run_masked(struct walker *w, int which, size_t pc, const struct machine *m, uint32_t k)
{
	const struct sock_filter *insn = &w->walk->codes[which].insns[pc];
	const struct argspace before = w->words[m->a.word];
	int r = 0;

	for (int i = 31; i >= -1 && r == 0; i--) {
		uint32_t bit = i < 0 ? 0 : UINT32_C(1) << i;
		uint32_t mask = m->a.number & (i < 0 ? UINT32_MAX : ~(bit - 1));
		uint32_t value = (k & (i < 0 ? UINT32_MAX : ~(bit - 1))) ^ bit;
		bool above = i < 0 ? BPF_OP(insn->code) == BPF_JGE : (value & bit) != 0;
		const struct argspace_condition c = {0, OCI_CMP_MASKED_EQ, mask, value};
		struct argspace *space = &w->words[m->a.word];
		struct argspace_not node;
		struct machine copy = *m;
		uint64_t ignored;
		int left = 0;

		if ((value & ~mask) == 0) {
			argspace_restrict(space, &c, true, &node);
			left = argspace_find(space, &w->steps, &ignored);
		}
		if (left < 0)
			r = error_set(w->err, "the filter has too many ways to look at");
		else if (left > 0)
			r = run(w, which, pc + 1 + (above ? insn->jt : insn->jf), &copy);
		*space = before;
	}
	return r;
}

/* A conditional jump. Returns 2 with the next instruction in *pc, or what the others return. */
static int jump(struct walker *w, int which, size_t *pc, const struct machine *m)
{
	const struct sock_filter *insn = &w->walk->codes[which].insns[*pc];
	uint32_t k = BPF_SRC(insn->code) == BPF_X ? m->x.number : insn->k;
	struct argspace number = {.low = m->a.number, .high = m->a.number};
	uint32_t mask = m->a.loaded ? m->a.number : UINT32_MAX;
	struct argspace_condition c;
	int holds;

	if ((BPF_SRC(insn->code) == BPF_X && m->x.loaded) || condition_of(insn, mask, k, &c) < 0)
		return lost(w, *pc);
	c.index = m->a.word;
	if (m->a.loaded && mask != UINT32_MAX && c.op != OCI_CMP_MASKED_EQ && c.op != OCI_CMP_NE)
		return run_masked(w, which, *pc, m, k);
	holds = decided(m->a.loaded ? &w->words[c.index] : &number, &c);
	if (holds < 0 && c.index < 2 && !w->cut[c.index])
		return run_ranges(w, which, *pc, m, (uint8_t)c.index);
	if (holds < 0)
		return run_both(w, which, *pc, m, &c);
	*pc += holds ? insn->jt : insn->jf;
	return 2;
}

static int compute(struct value *a, const struct sock_filter *insn, const struct value *x)
{
	uint32_t k = BPF_SRC(insn->code) == BPF_X ? x->number : insn->k;
	unsigned int op = BPF_OP(insn->code);

	if ((BPF_SRC(insn->code) == BPF_X && x->loaded) || (a->loaded && op != BPF_AND))
		return -1;
	switch (op) {
	case BPF_AND: /* of what is loaded, `number` is the mask */
		a->number &= k;
		return 0;
	case BPF_ADD:
		a->number += k;
		return 0;
	case BPF_SUB:
		a->number -= k;
		return 0;
	case BPF_OR:
		a->number |= k;
		return 0;
	case BPF_XOR:
		a->number ^= k;
		return 0;
	case BPF_NEG:
		a->number = 0U - a->number;
		return 0;
	default:
		return -1;
	}
}

/* Everything but jumps and returns. -1: cannot be followed. */
static int step(struct machine *m, const struct sock_filter *insn)
{
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		if (insn->k % 4 != 0 || insn->k / 4 >= PATHS_WORDS)
			return -1;
		m->a = (struct value){true, (uint8_t)(insn->k / 4), UINT32_MAX};
		return 0;
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LD | BPF_IMM:
		m->a = (struct value){.number = BPF_MODE(insn->code) == BPF_LEN
							? sizeof(struct seccomp_data)
							: insn->k};
		return 0;
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_IMM:
		m->x = (struct value){.number = BPF_MODE(insn->code) == BPF_LEN
							? sizeof(struct seccomp_data)
							: insn->k};
		return 0;
	case BPF_MISC | BPF_TAX:
		m->x = m->a;
		return 0;
	case BPF_MISC | BPF_TXA:
		m->a = m->x;
		return 0;
	default:
		break;
	}
	if (BPF_CLASS(insn->code) == BPF_ALU)
		return compute(&m->a, insn, &m->x);
	if (insn->k >= BPF_MEMWORDS)
		return -1;
	switch (insn->code) {
	case BPF_LD | BPF_MEM:
		m->a = m->cells[insn->k];
		return 0;
	case BPF_LDX | BPF_MEM:
		m->x = m->cells[insn->k];
		return 0;
	case BPF_ST:
		m->cells[insn->k] = m->a;
		return 0;
	case BPF_STX:
		m->cells[insn->k] = m->x;
		return 0;
	default:
		return -1;
	}
}

static int run(struct walker *w, int which, size_t pc, struct machine *m)
{
	const struct paths_code *code = &w->walk->codes[which];

	for (; pc < code->n; pc++) {
		const struct sock_filter *insn = &code->insns[pc];
		int r;

		if (w->steps-- == 0) {
			w->steps = 0;
			return error_set(w->err, "the filter has too many ways to look at");
		}
		if (insn->code == (BPF_RET | BPF_K))
			return returned(w, which, insn->k);
		if (insn->code == (BPF_RET | BPF_A))
			return m->a.loaded ? lost(w, pc) : returned(w, which, m->a.number);
		if (insn->code == (BPF_JMP | BPF_JA)) {
			/* The kernel lets no jump leave the program. */
			pc = insn->k < code->n ? pc + insn->k : code->n;
			continue;
		}
		if (BPF_CLASS(insn->code) != BPF_JMP) {
			if (step(m, insn) < 0)
				return lost(w, pc);
			continue;
		}
		r = jump(w, which, &pc, m);
		if (r != 2)
			return r;
	}
	return error_set(w->err, "the filter has a way that does not end with a return");
}

int paths_walk(const struct paths_walk *walk, struct error *err)
{
	size_t used = walk->scratch->used;
	struct walker w = {
		.walk = walk,
		.steps = walk->budget != NULL ? *walk->budget : MAX_STEPS,
		.err = err,
	};
	int r;

	paths_all(w.words);
	if (walk->words != NULL)
		memcpy(w.words, walk->words, sizeof(w.words));
	r = init_cuts(&w);
	if (r == 0)
		r = run(&w, 0, 0, &(struct machine){0});
	walk->scratch->used = used;
	if (walk->budget != NULL)
		*walk->budget = w.steps;
	return r < 0 ? -1 : 0;
}
