/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading filter programs: every way through one or two of them, for all values of struct
 * seccomp_data at once. So two programs are compared, or one is asked what it does with a call,
 * exactly and never by samples. Any program that the kernel takes can be given; of one that
 * computes with what it has loaded, other than by masks, it is said that it cannot be followed.
 */
#ifndef SECCOMP_GUARD_PROGRAM_PATHS_H
#define SECCOMP_GUARD_PROGRAM_PATHS_H

#include "program/program.h"
#include "semantics/argspace.h"

/* struct seccomp_data in words of 32 bits; what is in them depends on the byte order. */
#define PATHS_WORDS 16
#define PATHS_WORD_NR 0
#define PATHS_WORD_ARCH 1

/* Instructions, in the byte order of this machine. */
struct paths_code {
	const struct sock_filter *insns;
	size_t n;
};

/* Data that each program returns one value for. */
struct paths_leaf {
	const struct argspace *words;  /* PATHS_WORDS of them */
	uint32_t example[PATHS_WORDS]; /* in it */
	uint32_t value[2];             /* what each program returns */
};

/* Returns whether to go on. */
typedef bool paths_visit(void *ctx, const struct paths_leaf *leaf);

struct paths_walk {
	struct paths_code codes[2];   /* the second may be empty: n == 0 */
	const struct argspace *words; /* PATHS_WORDS of them; NULL: all data */
	paths_visit *visit;
	void *ctx;
	struct arena *scratch;
	unsigned long *budget; /* steps, counted down; NULL: what takes some seconds */
};

/*
 * Visit the leaves: together they are all data, and no two have one in common. Fails with the
 * instruction that cannot be followed, or when there is too much to look at.
 */
int paths_walk(const struct paths_walk *walk, struct error *err);

/* Every value of every word, to be narrowed before a walk. */
void paths_all(struct argspace ret_words[PATHS_WORDS]);

/* One system call: the AUDIT_ARCH and the number. */
void paths_of_call(uint32_t audit_arch, uint32_t number, struct argspace ret_words[PATHS_WORDS]);

#endif
