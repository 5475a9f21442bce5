/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A compiled filter as bytes: what seccomp-guard-compile writes to its standard output and the
 * cache keeps. The structure is followed by the instructions, all in the machine's own byte order.
 */
#ifndef SECCOMP_GUARD_FILTER_FILTER_BLOB_H
#define SECCOMP_GUARD_FILTER_FILTER_BLOB_H

#include "base/base.h"

#define FILTER_BLOB_MAGIC "sgfilt1"

struct filter_blob {
	char magic[8];
	uint32_t size; /* of this structure */
	uint32_t flags;
	uint32_t n_insns;
	char library_version[20];
	/* Which libseccomp made the program; it is void when the file at this path is another one.
	 */
	char library[256]; /* "": not known, not to be kept */
	uint64_t library_dev, library_ino, library_size, library_mtime_ns;
};

/* Is `blob`, read from `n` bytes together with its instructions, well-formed? */
bool filter_blob_valid(const struct filter_blob *blob, size_t n);

/* Fill in the four numbers from the file at blob->library. -1 when there is none. */
int filter_blob_identify(struct filter_blob *blob);

#endif
