/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about JSON text that need no parser: which bytes, which keys, which numbers all readers
 * take alike. */
#ifndef SECCOMP_GUARD_BASE_JSONTEXT_H
#define SECCOMP_GUARD_BASE_JSONTEXT_H

#include "base/base.h"

/*
 * Well-formed UTF-8 throughout, and no control characters but tab, LF and CR, which JSON takes for
 * white space. -1 with the offset of the first byte that is not so.
 */
int json_check_bytes(struct span text, struct error *err);

/*
 * Would some reader take `key`, which is not `name`, for it? Go folds case (encoding/json,
 * foldName: ASCII, U+017F to s, U+212A to k); C readers stop at an embedded NUL.
 */
bool json_key_folds_to(struct span key, const char *name);

/* Plain decimal digits, at most `max`: no sign, fraction, exponent; a leading zero is not JSON. */
bool json_parse_uint(struct span digits, uint64_t max, uint64_t *ret_value);

#endif
