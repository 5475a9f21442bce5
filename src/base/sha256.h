/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 as in FIPS 180-4, for naming a profile by its bytes in records. Pure; cannot fail. */
#ifndef SECCOMP_GUARD_BASE_SHA256_H
#define SECCOMP_GUARD_BASE_SHA256_H

#include "base/base.h"

#define SHA256_SIZE 32
#define SHA256_HEX_SIZE (2 * SHA256_SIZE + 1)

struct sha256 {
	uint32_t state[8];
	uint64_t length; /* bytes so far */
	unsigned char block[64];
};

void sha256_init(struct sha256 *hash);
void sha256_update(struct sha256 *hash, struct span bytes);

/* Ends the hash: *hash has to be initialized again before its next use. */
void sha256_final(struct sha256 *hash, unsigned char ret_digest[SHA256_SIZE]);

/* The digest of `bytes` as lower-case hexadecimal digits with a NUL behind them. */
void sha256_hex(struct span bytes, char ret_hex[SHA256_HEX_SIZE]);

#endif
