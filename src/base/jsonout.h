/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing one flat JSON object into a fixed buffer: records and --json output. Never fails, never
 * allocates. A text that is too long is cut, a member for which there is no room is left out, and
 * the object then ends in "truncated": true.
 */
#ifndef SECCOMP_GUARD_BASE_JSONOUT_H
#define SECCOMP_GUARD_BASE_JSONOUT_H

#include "base/base.h"

/* No string takes more bytes than this between its quotes; one that is cut ends in "...". Counted
 * as it is written, because escaping makes six bytes of one. */
#define JSONOUT_MAX_STRING 1024

/* The least size of a buffer. */
#define JSONOUT_MIN_SIZE 32

struct jsonout {
	char *p;
	size_t size;
	size_t used;
	bool full;      /* the member that is being written does not fit */
	bool truncated; /* something was cut or left out */
};

/* Members come out in the order of the calls, separated as JSON wants it. */
void jsonout_begin(struct jsonout *out, char *buffer, size_t size);
void jsonout_string(struct jsonout *out, const char *key, struct span value);
/* The words of `value`, which are separated by single spaces, as an array of strings. */
void jsonout_words(struct jsonout *out, const char *key, struct span value);
void jsonout_uint(struct jsonout *out, const char *key, uint64_t value);
void jsonout_bool(struct jsonout *out, const char *key, bool value);
/* `value` is JSON already, and however long. */
void jsonout_raw(struct jsonout *out, const char *key, struct span value);
/* Close the object; the text is out->p, out->used bytes, NUL-terminated. */
void jsonout_end(struct jsonout *out);

#endif
