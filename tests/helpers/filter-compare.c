/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do two seccomp filters give the same verdict for everything? usage: filter-compare A B   (struct
 * sock_filter)
 *
 * Every way of both is gone through at once, for all data. Exit status 0 and a count, or 1 and the
 * first data on which they differ.
 */
#include "program/paths.h"

#include <stdio.h>

static struct program programs[2];
static char memory[1 << 20];

static int load(const char *path, struct program *program)
{
	FILE *file = fopen(path, "re");
	size_t n;

	if (file == NULL)
		return -1;
	n = fread(program->insns, sizeof(program->insns[0]), BPF_MAXINSNS, file);
	program->n_insns = (unsigned short)n;
	fclose(file);
	return n > 0 ? 0 : -1;
}

static bool compare(void *ctx, const struct paths_leaf *leaf)
{
	unsigned long *ways = ctx;

	(*ways)++;
	if (leaf->value[0] == leaf->value[1])
		return true;
	printf("differ: %x and %x for", leaf->value[0], leaf->value[1]);
	for (size_t i = 0; i < PATHS_WORDS; i++)
		printf(" %x", leaf->example[i]);
	printf("\n");
	*ways = 0;
	return false;
}

int main(int argc, char **argv)
{
	struct arena scratch = {memory, sizeof(memory), 0};
	unsigned long ways = 0;
	struct paths_walk walk = {.visit = compare, .ctx = &ways, .scratch = &scratch};
	struct error err;

	for (int i = 0; i < 2; i++) {
		if (argc != 3 || load(argv[1 + i], &programs[i]) < 0) {
			fprintf(stderr, "usage: filter-compare A B\n");
			return 2;
		}
		walk.codes[i] = (struct paths_code){programs[i].insns, programs[i].n_insns};
	}
	if (paths_walk(&walk, &err) < 0) {
		fprintf(stderr, "filter-compare: %s\n", err.text);
		return 2;
	}
	if (ways == 0)
		return 1;
	printf("%u and %u instructions, the same in %lu ways\n", programs[0].n_insns,
	       programs[1].n_insns, ways);
	return 0;
}
