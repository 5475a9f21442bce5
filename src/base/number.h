/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text, and a hash for tables in memory. */
#ifndef SECCOMP_GUARD_BASE_NUMBER_H
#define SECCOMP_GUARD_BASE_NUMBER_H

#include "base/base.h"

/*
 * Take the digits of `base` (10 or 16, of either case) at the beginning of *rest, which is moved
 * behind them. False, and nothing is changed, where there are none or the number is above `max`.
 */
bool number_take(struct span *rest, unsigned int base, uint64_t max, uint64_t *ret_value);

/* All of `text` is such a number. */
bool number_parse(struct span text, unsigned int base, uint64_t max, uint64_t *ret_value);

/* `bytes` as 2 * n lower-case hexadecimal digits and a NUL. */
void number_hex(const void *bytes, size_t n, char *out);

/* FNV-1a, 64 bits; the first `hash` is HASH_START. Not for what an attacker must not collide. */
#define HASH_START UINT64_C(14695981039346656037)
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t n);

#endif
