/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands around a message of NRI on its socket, both ways.
 *
 * Outermost: several connections over one socket, in frames (nri pkg/net/multiplex/mux.go): the
 * connection's number and the length, 32 bits each, big-endian, and so many bytes. On
 * NRI_TO_PLUGIN the engine asks and the plugin answers, on NRI_TO_ENGINE the plugin asks. Within a
 * connection: messages of ttrpc (its PROTOCOL.md), which a frame may cut anywhere: length and
 * stream, 32 bits each, big-endian, the type and flags, a byte each, and the data.
 */
#ifndef SECCOMP_GUARD_NRI_WIRE_H
#define SECCOMP_GUARD_NRI_WIRE_H

#include "nri/protobuf.h"

enum nri_connection { NRI_TO_PLUGIN = 1, NRI_TO_ENGINE = 2 };
#define NRI_CONNECTIONS 2

enum ttrpc_type { TTRPC_REQUEST = 1, TTRPC_RESPONSE = 2 };

/* ttrpc's own limit (channel.go, messageLengthMax), and its header. */
#define TTRPC_MAX_DATA (4U << 20)
#define TTRPC_HEADER 10

/*
 * The engine reads a frame into a buffer of 4096 bytes and closes the connection over a longer one
 * (multiplex/mux.go Read() answers ENOMEM).
 */
#define NRI_FRAME_HEADER 8
#define NRI_FRAME_MAX 4096

/* How much nri_put_message() makes of `n` bytes of data. */
#define NRI_MESSAGE_SIZE(n)                                                                        \
	((n) + TTRPC_HEADER + (((n) + TTRPC_HEADER) / NRI_FRAME_MAX + 1) * NRI_FRAME_HEADER)

struct ttrpc_message {
	enum nri_connection connection;
	uint32_t stream;
	unsigned int type; /* enum ttrpc_type, or another, which is to be passed over */
	struct span data;
};

/* What has come in and is no whole message yet. */
struct nri_inbox {
	/* TTRPC_HEADER + TTRPC_MAX_DATA bytes each, of the caller's. */
	char *buffer[NRI_CONNECTIONS];
	size_t n[NRI_CONNECTIONS];
	char header[NRI_FRAME_HEADER];
	size_t n_header;
	uint32_t connection; /* of the frame that is being read */
	size_t left;         /* of that frame */
	unsigned int done;   /* the connection whose message was returned last; 0: none */
};

/*
 * Take bytes from *rest until a message is whole. Returns 1 with the message, which is valid until
 * the next call; 0 when all bytes are taken and more are needed; -1 when they are no NRI, after
 * which there is nothing to do but to close the socket. Frames of other connections are passed
 * over.
 */
int nri_take(struct nri_inbox *in, struct span *rest, struct ttrpc_message *ret_message,
	     struct error *err);

/* Write a message in frames to `out`. */
void nri_put_message(struct pb_out *out, const struct ttrpc_message *message);

#endif
