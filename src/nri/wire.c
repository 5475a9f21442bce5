/* SPDX-License-Identifier: Apache-2.0 */
#include "nri/wire.h"

static uint32_t read_be32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

static void write_be32(char *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (char)(value >> (24 - 8 * i) & 255);
}

/* ---- in ---- */

/* Move up to `wanted` bytes from *rest behind the `*n` that are at `to`. */
static size_t move(struct span *rest, size_t wanted, char *to, size_t *n)
{
	const size_t moved = wanted < rest->n ? wanted : rest->n;

	if (moved > 0)
		memcpy(to + *n, rest->p, moved);
	*n += moved;
	*rest = span_skip(*rest, moved);
	return moved;
}

/* The header of the next frame. Returns 1 when it is whole, else 0; -1: it is none. */
static int take_header(struct nri_inbox *in, struct span *rest, struct error *err)
{
	size_t length;

	move(rest, NRI_FRAME_HEADER - in->n_header, in->header, &in->n_header);
	if (in->n_header < NRI_FRAME_HEADER)
		return 0;
	in->n_header = 0;
	in->connection = read_be32(in->header);
	length = read_be32(in->header + 4);
	if (length > TTRPC_HEADER + TTRPC_MAX_DATA)
		return error_set(err,
				 "a frame of %zu bytes, and no message of NRI is that long: what "
				 "is connected is no NRI",
				 length);
	in->left = length;
	return 1;
}

/* Bytes of a frame to the message of its connection. Returns as nri_take(). */
static int take_piece(struct nri_inbox *in, struct span *rest, struct ttrpc_message *ret_message,
		      struct error *err)
{
	const size_t i = in->connection - 1;
	char *p = in->buffer[i];
	size_t wanted = TTRPC_HEADER, length;

	if (in->n[i] >= TTRPC_HEADER)
		wanted += read_be32(p);
	wanted -= in->n[i];
	in->left -= move(rest, wanted < in->left ? wanted : in->left, p, &in->n[i]);
	if (in->n[i] < TTRPC_HEADER)
		return 0;
	length = read_be32(p);
	if (length > TTRPC_MAX_DATA)
		return error_set(err, "a message of %zu bytes, and ttrpc allows %u", length,
				 TTRPC_MAX_DATA);
	if (in->n[i] < TTRPC_HEADER + length)
		return 0;
	*ret_message = (struct ttrpc_message){
		.connection = (enum nri_connection)in->connection,
		.stream = read_be32(p + 4),
		.type = (unsigned char)p[8],
		.data = {p + TTRPC_HEADER, length},
	};
	in->done = in->connection;
	return 1;
}

/* Of a connection that is none of ours. */
static void skip(struct nri_inbox *in, struct span *rest)
{
	const size_t n = in->left < rest->n ? in->left : rest->n;

	*rest = span_skip(*rest, n);
	in->left -= n;
}

int nri_take(struct nri_inbox *in, struct span *rest, struct ttrpc_message *ret_message,
	     struct error *err)
{
	int r;

	if (in->done != 0)
		in->n[in->done - 1] = 0;
	in->done = 0;
	while (rest->n > 0) {
		if (in->left == 0) {
			r = take_header(in, rest, err);
			if (r < 0)
				return -1;
		} else if (in->connection == 0 || in->connection > NRI_CONNECTIONS) {
			skip(in, rest);
		} else {
			r = take_piece(in, rest, ret_message, err);
			if (r != 0)
				return r;
		}
	}
	return 0;
}

/* ---- out ---- */

static void put(struct pb_out *out, struct span bytes)
{
	if (out->full || bytes.n > out->size - out->n) {
		out->full = true;
		return;
	}
	if (bytes.n > 0)
		memcpy(out->p + out->n, bytes.p, bytes.n);
	out->n += bytes.n;
}

/* The frame holds `head` and as much of *data as there is room for. */
static void put_frame(struct pb_out *out, enum nri_connection connection, struct span head,
		      struct span *data)
{
	const size_t room = NRI_FRAME_MAX - head.n, n = data->n < room ? data->n : room;
	char header[NRI_FRAME_HEADER];

	write_be32(header, (uint32_t)connection);
	write_be32(header + 4, (uint32_t)(head.n + n));
	put(out, (struct span){header, sizeof(header)});
	put(out, head);
	put(out, (struct span){data->p, n});
	*data = span_skip(*data, n);
}

void nri_put_message(struct pb_out *out, const struct ttrpc_message *message)
{
	char header[TTRPC_HEADER] = {0};
	struct span head = {header, sizeof(header)}, data = message->data;

	write_be32(header, (uint32_t)data.n);
	write_be32(header + 4, message->stream);
	header[8] = (char)message->type;
	do {
		put_frame(out, message->connection, head, &data);
		head.n = 0;
	} while (data.n > 0);
}
