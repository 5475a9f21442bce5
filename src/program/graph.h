/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A filter program as a graph of decisions. Nodes are made from the leaves up and shared: the same
 * decision about the same words is one node, wherever it is used.
 */
#ifndef SECCOMP_GUARD_PROGRAM_GRAPH_H
#define SECCOMP_GUARD_PROGRAM_GRAPH_H

#include "program/program.h"

/* A node; what it leads to has smaller numbers. */
typedef uint16_t graph_node;

enum graph_kind {
	GRAPH_RETURN,    /* value */
	GRAPH_EQUAL,     /* (word & mask) == value */
	GRAPH_ABOVE,     /* word > value */
	GRAPH_NOT_BELOW, /* word >= value */
	GRAPH_ANY_BIT,   /* (word & value) != 0 */
};

struct graph_test {
	uint8_t kind;
	uint8_t word; /* offset in struct seccomp_data */
	graph_node yes, no;
	uint32_t mask; /* of GRAPH_EQUAL */
	uint32_t value;
};

struct graph {
	struct graph_test *nodes;
	graph_node *slots; /* by hash, plus one; 0: none */
	size_t n, max, n_slots;
	bool full; /* more than `max` nodes were asked for: what came after that is nothing */
};

/* Why there is no program where memory does not suffice for one. */
#define GRAPH_TOO_LARGE                                                                            \
	"the profile has too many conditions: they do not fit into memory; write fewer rules "     \
	"with conditions"

/* Room for `max` nodes. -1: not in this arena. */
int graph_init(struct graph *graph, size_t max, struct arena *arena);

graph_node graph_return(struct graph *graph, uint32_t value);

/*
 * The node that decides `test`; no new one where both ways lead to the same place, or where the
 * answer does not depend on the word.
 */
graph_node graph_decide(struct graph *graph, struct graph_test test);

/* What is known about a word at some place in the graph. All zero but high: nothing. */
struct graph_known {
	uint32_t low, high;   /* both are in */
	uint32_t mask, value; /* (word & mask) == value */
	bool has_not;         /* (word & not_mask) != not_value */
	uint32_t not_mask, not_value;
};

/* *known and that `test` holds, or does not. */
void graph_learn(struct graph_known *known, const struct graph_test *test, bool holds);

/* 1 or 0 when what is known about the word decides the test, else -1. */
int graph_decided(const struct graph_known *known, const struct graph_test *test);

/* The instructions for `root`. -1: more than BPF_MAXINSNS. `scratch` is working memory. */
int graph_emit(const struct graph *graph, graph_node root, struct arena *scratch,
	       struct program *ret_program, struct error *err);

#endif
