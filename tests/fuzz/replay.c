/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for libFuzzer: gives a harness every file of its corpus, tests/fuzz/corpus/NAME in the
 * source tree (or the files named on the command line), and simple mutations of each.
 * Deterministic. Speaks TAP.
 */
#include "fuzz.h"

#include <dirent.h>
#include <limits.h>

#define MAX_FILE (1U << 20)
#define MUTATIONS 300

static uint32_t random_state = 1;

static uint32_t next_random(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state >> 8;
}

/* An exact copy on the heap, so that a sanitizer sees a read past the end. */
static void run(const unsigned char *data, size_t size)
{
	unsigned char *copy = malloc(size ? size : 1);

	HOLDS(copy != NULL);
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

/* Bytes changed, cut out, doubled, and the end cut off. */
static void run_mutations(const unsigned char *data, size_t size)
{
	static const char interesting[] = "\"{}[],:\\ \n\t0123456789nulltruefalse\xff\xc0\x80\x01";
	static unsigned char work[MAX_FILE + 64];

	for (int i = 0; i < MUTATIONS && size > 0; i++) {
		size_t n = size, at = next_random() % size, length = 1 + next_random() % 16;

		memcpy(work, data, size);
		switch (next_random() % 4) {
		case 0:
			work[at] = (unsigned char)
				interesting[next_random() % (sizeof(interesting) - 1)];
			break;
		case 1:
			length = length < size - at ? length : size - at;
			memmove(work + at, work + at + length, size - at - length);
			n = size - length;
			break;
		case 2:
			length = length < size - at ? length : size - at;
			memmove(work + at + length, work + at, size - at);
			n = size + length;
			break;
		default:
			n = at;
		}
		run(work, n);
	}
}

static void replay(const char *path, int number)
{
	static unsigned char data[MAX_FILE];
	FILE *f = fopen(path, "rb");
	size_t size;

	HOLDS(f != NULL);
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	run(data, size);
	run_mutations(data, size);
	printf("ok %d - %s\n", number, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
	fflush(stdout);
}

static int only_files(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int replay_corpus(const char *program)
{
	const char *top = getenv("top_srcdir"), *name = strrchr(program, '/');
	struct dirent **entries;
	char path[PATH_MAX];
	int n;

	name = name ? name + 1 : program;
	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", top ? top : ".", name);
	n = scandir(path, &entries, only_files, alphasort);
	if (n <= 0) {
		printf("Bail out! no corpus in %s\n", path);
		return 1;
	}
	printf("1..%d\n", n);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s/%s", top ? top : ".", name,
			 entries[i]->d_name);
		replay(path, i + 1);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 1)
		return replay_corpus(argv[0]);
	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++)
		replay(argv[i], i);
	return 0;
}
