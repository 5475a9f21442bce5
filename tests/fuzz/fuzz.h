/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the harnesses share. Each harness is one LLVMFuzzerTestOneInput; libFuzzer drives it, or
 * replay.c, which `make check` uses. A property that does not hold aborts, in any build.
 */
#ifndef SECCOMP_GUARD_FUZZ_H
#define SECCOMP_GUARD_FUZZ_H

#include "policy/enforce.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#define HOLDS(property)                                                                            \
	do {                                                                                       \
		if (!(property)) {                                                                 \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,          \
				#property);                                                        \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* Fresh memory for one verdict out of static storage; a second call with the same `slot` takes it
 * back. */
static inline struct enforce_memory fuzz_memory(int slot)
{
	static char keep[2][4U << 20], scratch[2][4U << 20];

	return (struct enforce_memory){{keep[slot], sizeof(keep[slot]), 0},
				       {scratch[slot], sizeof(scratch[slot]), 0}};
}

/* A host without profile files. */
static inline int fuzz_no_profile(const struct enforce_file *file, struct arena *keep,
				  struct span *ret_text, struct error *err)
{
	(void)keep;
	(void)ret_text;
	return error_set(err, "no %s/%s%s", file->root, file->path, file->confine ? "" : "!");
}

static const struct enforce_host fuzz_host = {.arch = PROFILE_ARCH_X86_64,
					      .kernel = PROFILE_KERNEL(6, 1),
					      .now = 1780000000,
					      .load_profile = fuzz_no_profile};

#endif
