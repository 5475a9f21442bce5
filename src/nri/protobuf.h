/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protocol Buffers on the wire (protobuf.dev, "Encoding"), as far as the messages of NRI need it:
 * fields one behind the other, numbers and bytes. No generated code: see docs/nri.md for what that
 * would cost.
 */
#ifndef SECCOMP_GUARD_NRI_PROTOBUF_H
#define SECCOMP_GUARD_NRI_PROTOBUF_H

#include "base/base.h"

enum pb_type { PB_NUMBER = 0, PB_FIXED64 = 1, PB_BYTES = 2, PB_FIXED32 = 5 };

struct pb_field {
	uint32_t number;
	enum pb_type type;
	uint64_t value;    /* PB_NUMBER; a fixed number is passed over */
	struct span bytes; /* PB_BYTES: a string or a message within; never p == NULL */
};

/*
 * Take the next field of a message from *rest. Returns 1, 0 at the end of the message, or -1 when
 * the bytes are none.
 */
int pb_next(struct span *rest, struct pb_field *ret_field, struct error *err);

/* Is it field `number`, of the type that the message's description says? */
static inline bool pb_is_number(const struct pb_field *field, uint32_t number)
{
	return field->number == number && field->type == PB_NUMBER;
}

static inline bool pb_is_bytes(const struct pb_field *field, uint32_t number)
{
	return field->number == number && field->type == PB_BYTES;
}

/* A message that is being written to memory of the caller's. What does not fit sets `full`. */
struct pb_out {
	char *p;
	size_t size;
	size_t n;
	bool full;
};

void pb_put_number(struct pb_out *out, uint32_t field, uint64_t value);
void pb_put_bytes(struct pb_out *out, uint32_t field, struct span bytes);

/* A message within: what is put between pb_begin() and pb_end() with its result is in it. */
size_t pb_begin(struct pb_out *out, uint32_t field);
void pb_end(struct pb_out *out, size_t begun);

#endif
