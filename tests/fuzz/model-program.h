/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a model says to one call, as a program by the book: each rule in turn, each condition with
 * loads of its own. To be compared with what others make of the same rules.
 */
#ifndef SECCOMP_GUARD_TEST_MODEL_PROGRAM_H
#define SECCOMP_GUARD_TEST_MODEL_PROGRAM_H

#include "program/program.h"

struct model_writer {
	struct sock_filter *insns;
	size_t n, max;
};

static inline void model_put(struct model_writer *w, uint16_t code, uint32_t k, uint8_t yes,
			     uint8_t no)
{
	if (w->n < w->max)
		w->insns[w->n] = (struct sock_filter){code, yes, no, k};
	w->n++;
}

/* Little-endian, as x86_64 is: the low half of an argument is first. */
static inline void model_put_load(struct model_writer *w, uint32_t index, bool high)
{
	model_put(w, BPF_LD | BPF_W | BPF_ABS, 16 + 8 * index + (high ? 4 : 0), 0, 0);
}

/*
 * The instruction behind it is reached where the condition does not hold, and the one after that
 * where it does. What is the opposite of another operator has the two exits changed.
 */
static inline void model_put_condition(struct model_writer *w, const struct argspace_condition *c,
				       bool narrow)
{
	uint32_t vh = (uint32_t)(c->value >> 32), vl = (uint32_t)c->value;
	uint32_t mh = (uint32_t)(c->mask >> 32), ml = (uint32_t)c->mask;
	bool equality = c->op == OCI_CMP_EQ || c->op == OCI_CMP_MASKED_EQ || c->op == OCI_CMP_NE;
	bool opposite = c->op == OCI_CMP_NE || c->op == OCI_CMP_LT || c->op == OCI_CMP_LE;
	bool inclusive = c->op == OCI_CMP_GE || c->op == OCI_CMP_LT;
	uint16_t last = equality ? BPF_JEQ : inclusive ? BPF_JGE : BPF_JGT;

	if (!narrow) {
		model_put_load(w, c->index, true);
		if (equality)
			model_put(w, BPF_ALU | BPF_AND | BPF_K, mh, 0, 0);
		else
			model_put(w, BPF_JMP | BPF_JGT | BPF_K, vh, opposite ? 4 : 5, 0);
		model_put(w, BPF_JMP | BPF_JEQ | BPF_K, vh, 0, opposite ? 4 : 3);
	}
	model_put_load(w, c->index, false);
	model_put(w, BPF_ALU | BPF_AND | BPF_K, equality ? ml : UINT32_MAX, 0, 0);
	model_put(w, BPF_JMP | last | BPF_K, vl, opposite ? 0 : 1, opposite ? 1 : 0);
}

/* Returns its length; 0 when it would have more than `max` instructions. */
static inline size_t model_program(const struct model *model, int call, struct sock_filter *insns,
				   size_t max)
{
	struct model_writer w = {insns, 0, max};
	bool narrow = abi_infos[model->abi].narrow;

	for (const struct model_rule *r = model->calls[call]; r != NULL; r = r->next) {
		size_t jumps[OCI_MAX_ARGS];

		for (size_t i = 0; i < r->n_conditions; i++) {
			model_put_condition(&w, &r->conditions[i], narrow);
			jumps[i] = w.n;
			model_put(&w, BPF_JMP | BPF_JA, 0, 0, 0);
		}
		model_put(&w, BPF_RET | BPF_K, program_value(r->verdict), 0, 0);
		for (size_t i = 0; i < r->n_conditions && w.n <= max; i++)
			insns[jumps[i]].k = (uint32_t)(w.n - jumps[i] - 1);
	}
	model_put(&w, BPF_RET | BPF_K, program_value(model->default_verdict), 0, 0);
	return w.n <= max ? w.n : 0;
}

#endif
