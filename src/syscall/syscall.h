/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System call names, of all architectures together. Numbers are libseccomp's business; this table
 * says which names exist, and gives each a dense index for bit sets. Generated from
 * src/flavor/profiles/syscalls.list.
 */
#ifndef SECCOMP_GUARD_SYSCALL_SYSCALL_H
#define SECCOMP_GUARD_SYSCALL_SYSCALL_H

#include "base/base.h"

#define SYSCALL_COUNT 508
#define SYSCALL_MAX_NAME 28 /* bytes in the longest name */

/* The names in byte order, one behind the other: name i is from offset i to offset i + 1. */
extern const char syscall_names[];
extern const uint16_t syscall_offsets[SYSCALL_COUNT + 1];

/* Where a name is, plus one, by its hash and the slots behind that; 0: nowhere. */
#define SYSCALL_SLOTS 2048
extern const uint16_t syscall_slots[SYSCALL_SLOTS];

/* 0 to SYSCALL_COUNT-1 in byte order of the names, or -1. Not stable across releases. */
int syscall_index(struct span name);

/* Name of an index. */
struct span syscall_name(int index);

static inline bool syscall_known(struct span name)
{
	return syscall_index(name) >= 0;
}

/* Without what C and strace have in front of a name or a number: SYS_clone3, __NR_clone3,
 * syscall_0x1b7. */
struct span syscall_bare(struct span text);

/* What to say when `name` is none: an error that names one that is near, if any. Returns -1. */
int syscall_unknown(struct span name, struct error *err);

/* A set of system calls, by index. All zero is the empty set. */
#define SYSCALL_WORDS ((SYSCALL_COUNT + 63) / 64)
struct syscall_set {
	uint64_t word[SYSCALL_WORDS];
};

static inline bool syscall_set_has(const struct syscall_set *set, int index)
{
	return (set->word[index / 64] >> index % 64 & 1) != 0;
}

static inline void syscall_set_add(struct syscall_set *set, int index)
{
	set->word[index / 64] |= UINT64_C(1) << index % 64;
}

static inline void syscall_set_add_all(struct syscall_set *set, const struct syscall_set *other)
{
	for (size_t i = 0; i < SYSCALL_WORDS; i++)
		set->word[i] |= other->word[i];
}

static inline void syscall_set_remove_all(struct syscall_set *set, const struct syscall_set *other)
{
	for (size_t i = 0; i < SYSCALL_WORDS; i++)
		set->word[i] &= ~other->word[i];
}

/* The first member that is not below `from`, 0 to SYSCALL_COUNT; -1: there is none. */
int syscall_set_next(const struct syscall_set *set, int from);

/*
 * The names in a set, in byte order, at most `most` of them and as many as fit, with `separator`
 * between. The text is NUL-terminated. Returns how many of the set are left out.
 */
size_t syscall_set_names(const struct syscall_set *set, size_t most, const char *separator,
			 char *out, size_t size);

static inline size_t syscall_set_count(const struct syscall_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < SYSCALL_WORDS; i++)
		n += (size_t)__builtin_popcountll(set->word[i]);
	return n;
}

#endif
