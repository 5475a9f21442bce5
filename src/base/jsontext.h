/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about JSON text that need no parser: which bytes, which keys, which numbers all readers
 * take alike, and what a writer escapes. */
#ifndef SECCOMP_GUARD_BASE_JSONTEXT_H
#define SECCOMP_GUARD_BASE_JSONTEXT_H

#include "base/base.h"

/*
 * Check that `text` is well-formed UTF-8 without control characters other than tab, LF and CR,
 * which are white space in JSON. The error carries the offset of the first byte that is not.
 */
int json_check_bytes(struct span text, struct error *err);

/*
 * Do some readers take `key` for `name`, although it differs? Go folds case (encoding/json,
 * foldName: ASCII, U+017F to s, U+212A to k), and C readers stop at an embedded NUL.
 */
bool json_key_folds_to(struct span key, const char *name);

/*
 * How to write the first character of `rest`, which is not empty, in a string: what RFC 8259,
 * section 7 wants escaped, and every other control character too (U+007F to U+009F), because a
 * terminal obeys those. A byte that is not UTF-8 becomes U+FFFD. Puts the text into `out` and its
 * length into *ret_n, 0 when the character can be written as it is. Returns the character's width
 * in `rest`, in bytes.
 */
#define JSON_ESCAPE_SIZE 8
size_t json_escape(struct span rest, char out[JSON_ESCAPE_SIZE], size_t *ret_n);

#endif
