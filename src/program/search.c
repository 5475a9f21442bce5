/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The search over numbers: with few instructions, since most of a program is this, and balanced.
 * Pure.
 */
#include "program/search.h"

#include <linux/seccomp.h>

/* Of two ABIs: each call is a range, and what is behind it. */
#define MAX_RANGES (2 * 2 * SYSCALL_COUNT + 16)

/* So many single numbers are asked for one by one; of more, one half is searched. */
#define MAX_CHAIN 4

int search_init(struct search *search, struct arena *arena)
{
	search->n = 0;
	search->ranges = arena_alloc(arena, 2 * MAX_RANGES * sizeof(*search->ranges));
	return search->ranges == NULL ? -1 : 0;
}

void search_from(struct search *search, uint32_t first, graph_node node)
{
	if (search->n > 0 && search->ranges[search->n - 1].first == first)
		search->n--;
	if (search->n == 0 || search->ranges[search->n - 1].node != node)
		search->ranges[search->n++] = (struct search_range){.first = first, .node = node};
}

/* How many single numbers follow range `i` until it goes on as before, or 0. */
static size_t singles_behind(const struct search *s, size_t i)
{
	size_t k;

	for (k = 1; i + k + 1 < s->n && k <= MAX_CHAIN; k++) {
		if (s->ranges[i + k + 1].first - s->ranges[i + k].first != 1)
			return 0;
		if (s->ranges[i + k + 1].node == s->ranges[i].node)
			return k;
	}
	return 0;
}

/*
 * A number by itself between two ranges with the same decision costs one comparison as an exception
 * to a range, and two as a range: gather them. `single` has room for as many as there are ranges.
 */
static void gather_singles(struct search *s, struct search_range *single)
{
	size_t from = 0, to = 0;

	while (from < s->n) {
		struct search_range range = s->ranges[from];
		size_t k;

		range.single = single;
		while ((k = singles_behind(s, from)) > 0) {
			memcpy(single, &s->ranges[from + 1], k * sizeof(*single));
			single += k;
			range.n_single = (uint16_t)(range.n_single + k);
			from += k + 1;
		}
		s->ranges[to++] = range;
		from++;
	}
	s->n = to;
}

static struct graph_test number_test(enum graph_kind kind, uint32_t value)
{
	return (struct graph_test){.kind = (uint8_t)kind,
				   .word = offsetof(struct seccomp_data, nr),
				   .mask = UINT32_MAX,
				   .value = value};
}

static graph_node decide_singles(struct graph *graph, const struct search_range *single, size_t n,
				 graph_node otherwise)
{
	struct graph_test test;
	graph_node node = otherwise;

	if (n > MAX_CHAIN) {
		test = number_test(GRAPH_NOT_BELOW, single[n / 2].first);
		test.yes = decide_singles(graph, single + n / 2, n - n / 2, otherwise);
		test.no = decide_singles(graph, single, n / 2, otherwise);
		return graph_decide(graph, test);
	}
	while (n-- > 0) {
		test = number_test(GRAPH_EQUAL, single[n].first);
		test.yes = single[n].node;
		test.no = node;
		node = graph_decide(graph, test);
	}
	return node;
}

/* Where to cut `n` ranges in two, so that both halves take about as many comparisons. */
static size_t middle(const struct search_range *ranges, size_t n)
{
	size_t all = 0, before = 0, i;

	for (i = 0; i < n; i++)
		all += 1U + ranges[i].n_single;
	for (i = 0; i + 1 < n && 2 * before < all; i++)
		before += 1U + ranges[i].n_single;
	/* The last one crossed the middle: is it nearer without? */
	if (i > 1 && 2 * before > all &&
	    2 * before - all > all - 2 * (before - 1U - ranges[i - 1].n_single))
		i--;
	return i;
}

static graph_node decide_ranges(struct graph *graph, const struct search_range *ranges, size_t n)
{
	struct graph_test test;
	size_t cut;

	if (n == 1)
		return decide_singles(graph, ranges->single, ranges->n_single, ranges->node);
	cut = middle(ranges, n);
	test = number_test(GRAPH_NOT_BELOW, ranges[cut].first);
	test.yes = decide_ranges(graph, ranges + cut, n - cut);
	test.no = decide_ranges(graph, ranges, cut);
	return graph_decide(graph, test);
}

graph_node search_decide(struct search *search, struct graph *graph)
{
	gather_singles(search, search->ranges + MAX_RANGES);
	return decide_ranges(graph, search->ranges, search->n);
}
