/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the filter cache. Used by filterload.c only; where it lives and what is trusted: filterload.h. */
#ifndef SECCOMP_GUARD_FILTERCACHE_H
#define SECCOMP_GUARD_FILTERCACHE_H

#include "filterload.h"
#include "sha256.h"

/* A program with where it comes from. Large. */
struct filter_entry {
	unsigned char key[SHA256_SIZE];
	unsigned char digest[SHA256_SIZE]; /* of all else in the entry, instructions in use only */
	struct filter_blob blob;
	struct sock_filter insns[BPF_MAXINSNS];
};

/* Everything that decides about the program goes into the key. */
void filter_cache_key(const struct filter_request *request, unsigned char ret_key[SHA256_SIZE]);

/* Is `blob`, read from `n` bytes with its instructions, well-formed? */
bool filter_blob_valid(const struct filter_blob *blob, size_t n);

/* The entry for `key`, checked. false: there is none that may be used. */
bool filter_cache_load(const char *state_dir, const unsigned char key[SHA256_SIZE],
		       struct filter_entry *ret_entry);

/* Put `entry`, complete but for its digest, into the cache, if there is or can be a trustworthy one. */
void filter_cache_store(const char *state_dir, struct filter_entry *entry);

#endif
