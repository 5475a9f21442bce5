/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ready filter program for a profile, without libseccomp in this process: from the cache under /run, or made by
 * seccomp-guard-compile and put there. Compiling costs 12 to 19 ms, more than everything else that a hook does.
 */
#ifndef SECCOMP_GUARD_FILTERLOAD_H
#define SECCOMP_GUARD_FILTERLOAD_H

#include "filter.h"

#include <sys/uio.h>

#define FILTER_CACHE_STATE_DIR "/run/seccomp-guard"

/*
 * What seccomp-guard-compile writes to its standard output, followed by the instructions; the cache holds the same.
 * All in the machine's own byte order. The library's identity makes a cache entry void when libseccomp is replaced.
 */
#define FILTER_BLOB_MAGIC "sgfilt1"

struct filter_blob {
	char magic[8];
	uint32_t size; /* of this structure */
	uint32_t flags;
	uint32_t n_insns;
	char library_version[20];
	char library[256]; /* path; empty: not known, do not cache */
	uint64_t library_dev, library_ino, library_size, library_mtime_ns;
};

/* Fill in the four numbers from the file at blob->library. -1 when there is none. */
int filter_blob_identify(struct filter_blob *blob);

struct filter_request {
	const struct iovec *profile; /* the linux.seccomp object, in pieces */
	size_t n_pieces;
	enum filter_style style;
	const char *compiler;  /* NULL: the installed seccomp-guard-compile */
	const char *state_dir; /* NULL: FILTER_CACHE_STATE_DIR */
};

/*
 * The cache is STATE_DIR/cache, 0700 and owned by the effective user, as STATE_DIR is. An entry is named by the
 * SHA-256 of the profile's bytes and all else that goes in, carries a checksum, and is used only if it is a regular
 * file of that user that nobody else can open. Whatever is not so is passed over and, where possible, replaced; a
 * cache that cannot be used costs time and nothing else.
 */
int filter_get(const struct filter_request *request, struct filter *ret_filter, struct error *err);

#endif
