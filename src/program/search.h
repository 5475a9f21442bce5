/* SPDX-License-Identifier: Apache-2.0 */
/* System call numbers as ranges with one decision each, and the search for the range. */
#ifndef SECCOMP_GUARD_PROGRAM_SEARCH_H
#define SECCOMP_GUARD_PROGRAM_SEARCH_H

#include "program/graph.h"

/* Nodes for a call at most: where it begins, where it ends, and to search among exceptions. */
#define SEARCH_TESTS_PER_CALL 3

/* Every 32-bit number from `first` up to the next range's has the decision `node`. */
struct search_range {
	uint32_t first;
	graph_node node;
	uint16_t n_single; /* numbers in it that have another decision: single[0 to n_single - 1] */
	const struct search_range *single;
};

struct search {
	struct search_range *ranges;
	size_t n;
};

/* Room for two ABIs that share an AUDIT_ARCH. -1: not in this arena. */
int search_init(struct search *search, struct arena *arena);

/* From `first` on it is `node`. To be called with rising numbers, for 0 first. */
void search_from(struct search *search, uint32_t first, graph_node node);

/* The node that finds the range of a number; changes *search. */
graph_node search_decide(struct search *search, struct graph *graph);

#endif
