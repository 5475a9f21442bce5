/* SPDX-License-Identifier: Apache-2.0 */
/* Writing one flat JSON object into a fixed buffer: records and --json output. Never fails, never
 * allocates.
 */
#ifndef SECCOMP_GUARD_BASE_JSONOUT_H
#define SECCOMP_GUARD_BASE_JSONOUT_H

#include "base/base.h"

/* A longer string is cut there and ends in "...". */
#define JSONOUT_MAX_STRING 1024

struct jsonout {
	char *p;
	size_t size;
	size_t used;
	bool full; /* a member did not fit and was left out, whole */
};

/* Members come out in the order of the calls, separated as JSON wants it. */
void jsonout_begin(struct jsonout *out, char *buffer, size_t size);
void jsonout_string(struct jsonout *out, const char *key, struct span value);
/* The words of `value`, which are separated by single spaces, as an array of strings. */
void jsonout_words(struct jsonout *out, const char *key, struct span value);
void jsonout_uint(struct jsonout *out, const char *key, uint64_t value);
void jsonout_bool(struct jsonout *out, const char *key, bool value);
/* Closes the object; the text is out->p, out->used bytes, NUL-terminated. */
void jsonout_end(struct jsonout *out);

#endif
