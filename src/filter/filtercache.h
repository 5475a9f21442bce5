/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of the filter cache, STATE_DIR/cache: 0700 and owned by the effective user, as
 * STATE_DIR is. An entry is named by its key and carries a checksum; it is used only if it is a
 * regular file of that user that nobody else can open. Whatever is not so is passed over and, where
 * possible, replaced.
 */
#ifndef SECCOMP_GUARD_FILTER_FILTERCACHE_H
#define SECCOMP_GUARD_FILTER_FILTERCACHE_H

#include "filter/filter-blob.h"
#include "base/sha256.h"

#include <linux/filter.h>

/* A program with where it comes from. Large: keep it in static storage. */
struct filter_entry {
	unsigned char key[SHA256_SIZE];    /* over everything that decides about the program */
	unsigned char digest[SHA256_SIZE]; /* of all else in the entry, instructions in use only */
	struct filter_blob blob;
	struct sock_filter insns[BPF_MAXINSNS];
};

/*
 * The entry for `key`, which must not lie in *ret_entry, checked. false: there is none that may be
 * used, and *ret_entry holds anything.
 */
bool filter_cache_load(const char *state_dir, const unsigned char key[SHA256_SIZE],
		       struct filter_entry *ret_entry);

/* Put `entry`, complete but for its digest, into the cache, if there is or can be a trustworthy
 * one. */
void filter_cache_store(const char *state_dir, struct filter_entry *entry);

#endif
