/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System call names, of all architectures together. Numbers are libseccomp's business; this table says which
 * names exist, and gives each a dense index for bit sets. Generated from src/profiles/syscalls.list.
 */
#ifndef SECCOMP_GUARD_SYSCALL_H
#define SECCOMP_GUARD_SYSCALL_H

#include "base.h"

#define SYSCALL_COUNT 508

/* The names in byte order, one behind the other: name i is from offset i to offset i + 1. */
extern const char syscall_names[];
extern const uint16_t syscall_offsets[SYSCALL_COUNT + 1];

/* 0 to SYSCALL_COUNT-1 in byte order of the names, or -1. Not stable across releases. */
int syscall_index(struct span name);

/* Name of an index. */
struct span syscall_name(int index);

static inline bool syscall_known(struct span name)
{
	return syscall_index(name) >= 0;
}

#endif
