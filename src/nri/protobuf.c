/* SPDX-License-Identifier: Apache-2.0 */
#include "nri/protobuf.h"

/* A number of 64 bits in groups of seven. */
#define VARINT_MAX 10

/* ---- reading ---- */

static int malformed(struct error *err)
{
	return error_set(err, "the message is no Protocol Buffers message, or is cut off");
}

static bool take_number(struct span *rest, uint64_t *ret)
{
	uint64_t value = 0;

	for (size_t i = 0; i < rest->n && i < VARINT_MAX; i++) {
		const unsigned char byte = (unsigned char)rest->p[i];

		value |= (uint64_t)(byte & 127) << 7 * i;
		if (byte < 128) {
			*rest = span_skip(*rest, i + 1);
			*ret = value;
			return true;
		}
	}
	return false;
}

static bool take_bytes(struct span *rest, uint64_t n, struct span *ret)
{
	if (n > rest->n)
		return false;
	*ret = (struct span){rest->p, (size_t)n};
	*rest = span_skip(*rest, (size_t)n);
	return true;
}

int pb_next(struct span *rest, struct pb_field *ret_field, struct error *err)
{
	struct pb_field field = {0};
	uint64_t key, n;
	bool taken;

	if (rest->n == 0)
		return 0;
	/* A field's number has 29 bits, and is not 0. */
	if (!take_number(rest, &key) || key >> 3 == 0 || key >> 32 != 0)
		return malformed(err);
	field.number = (uint32_t)(key >> 3);
	field.type = (enum pb_type)(key & 7);
	if (field.type == PB_NUMBER)
		taken = take_number(rest, &field.value);
	else if (field.type == PB_BYTES)
		taken = take_number(rest, &n) && take_bytes(rest, n, &field.bytes);
	else if (field.type == PB_FIXED64)
		taken = take_bytes(rest, 8, &field.bytes);
	else
		taken = field.type == PB_FIXED32 && take_bytes(rest, 4, &field.bytes);
	if (!taken)
		return malformed(err);
	*ret_field = field;
	return 1;
}

/* ---- writing ---- */

static void put(struct pb_out *out, const void *bytes, size_t n)
{
	if (out->full || n > out->size - out->n) {
		out->full = true;
		return;
	}
	if (n > 0)
		memcpy(out->p + out->n, bytes, n);
	out->n += n;
}

static size_t spell(uint64_t value, unsigned char bytes[VARINT_MAX])
{
	size_t n = 0;

	for (; value >= 128; value >>= 7)
		bytes[n++] = (unsigned char)(value & 127) | 128;
	bytes[n++] = (unsigned char)value;
	return n;
}

static void put_varint(struct pb_out *out, uint64_t value)
{
	unsigned char bytes[VARINT_MAX];

	put(out, bytes, spell(value, bytes));
}

static void put_key(struct pb_out *out, uint32_t field, enum pb_type type)
{
	put_varint(out, (uint64_t)field << 3 | (uint64_t)type);
}

void pb_put_number(struct pb_out *out, uint32_t field, uint64_t value)
{
	put_key(out, field, PB_NUMBER);
	put_varint(out, value);
}

void pb_put_bytes(struct pb_out *out, uint32_t field, struct span bytes)
{
	put_key(out, field, PB_BYTES);
	put_varint(out, bytes.n);
	put(out, bytes.p, bytes.n);
}

size_t pb_begin(struct pb_out *out, uint32_t field)
{
	put_key(out, field, PB_BYTES);
	return out->n;
}

/* The length stands in front, and is known now. */
void pb_end(struct pb_out *out, size_t begun)
{
	unsigned char bytes[VARINT_MAX];
	const size_t inside = out->n - begun, n = spell(inside, bytes);

	put(out, bytes, n);
	if (out->full)
		return;
	memmove(out->p + begun + n, out->p + begun, inside);
	memcpy(out->p + begun, bytes, n);
}
