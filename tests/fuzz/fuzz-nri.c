/* SPDX-License-Identifier: Apache-2.0 */
/* What an engine sends to the NRI plugin: however it is cut, it is read as the same messages, and
 * what was read and is written again is the same. */
#include "nri/engine.h"
#include "nri/message-internal.h"
#include "nri/wire.h"

#include "fuzz.h"

static char buffers[3][TTRPC_HEADER + TTRPC_MAX_DATA];

/* The hash of a message, so that two readings can be compared. */
static uint64_t add(uint64_t hash, const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(1099511628211);
	return hash;
}

static void write_again(const struct ttrpc_message *message)
{
	static char framed[NRI_MESSAGE_SIZE((size_t)TTRPC_MAX_DATA)];
	static char again[2][TTRPC_HEADER + TTRPC_MAX_DATA];
	struct pb_out out = {framed, sizeof(framed), 0, false};
	struct nri_inbox inbox = {.buffer = {again[0], again[1]}};
	struct ttrpc_message copy;
	struct error err;
	struct span rest;

	nri_put_message(&out, message);
	HOLDS(!out.full);
	rest = (struct span){framed, out.n};
	HOLDS(nri_take(&inbox, &rest, &copy, &err) == 1);
	HOLDS(copy.connection == message->connection && copy.stream == message->stream &&
	      copy.type == message->type && span_eq(copy.data, message->data) && rest.n == 0);
}

static void profile_again(const struct seccomp_profile *profile)
{
	struct enforce_memory memory = fuzz_memory(1);
	static char bytes[1 << 20];
	struct pb_out out = {bytes, sizeof(bytes), 0, false};
	struct seccomp_profile again, was = *profile;
	struct pb_field field;
	struct error err;
	struct span rest;

	if (profile->empty)
		return;
	nri_put_profile(&out, 8, profile);
	HOLDS(!out.full);
	rest = (struct span){bytes, out.n};
	HOLDS(pb_next(&rest, &field, &err) == 1 && pb_is_bytes(&field, 8) && rest.n == 0);
	HOLDS(nri_read_profile(field.bytes, &memory.keep, &again, &err) == 0);
	/* A list of flags that is empty is none there. */
	was.has_flags = was.flags != 0;
	/* As is a number beside an action that takes none. */
	was.has_default_errno = was.has_default_errno && oci_action_takes_errno(was.default_action);
	for (struct seccomp_rule *r = was.rules; r != NULL; r = r->next)
		r->has_errno = r->has_errno && oci_action_takes_errno(r->action);
	HOLDS(ociseccomp_same(&was, &again));
}

/* As a payload of any kind. */
static void read_payload(struct span payload)
{
	struct enforce_memory memory = fuzz_memory(0);
	struct nri_container container = {.hook = "/hook"};
	struct nri_validation validation = {.container = {.hook = "/hook"}};
	struct nri_configure configure;
	struct nri_engine engine;
	struct error err = {.text = ""};
	bool more;

	nri_read_synchronize(payload, &more, &err);
	if (nri_read_configure(payload, &configure, &err) == 0) {
		nri_engine_of(&configure, &engine);
		HOLDS(!engine.adjusts_seccomp || engine.validates);
		HOLDS(engine.sight == NRI_SEES_NOTHING || engine.adjusts_seccomp);
	}
	if (nri_read_create(payload, &memory.keep, &container, &err) == 0 &&
	    container.config.has_profile)
		profile_again(&container.config.profile);
	if (nri_read_validate(payload, &memory.keep, &validation, &err) == 0 &&
	    validation.has_profile)
		profile_again(&validation.profile);
}

static void read_request(struct span data)
{
	struct nri_request request;
	struct error err = {.text = ""};

	if (nri_read_request(data, &request, &err) < 0)
		HOLDS(err.text[0] != '\0');
	else
		read_payload(request.payload);
}

/* Read in pieces of `piece` bytes; returns what was read as one number. */
static uint64_t read_all(struct span text, size_t piece, bool look)
{
	struct nri_inbox inbox = {.buffer = {buffers[0], buffers[1]}};
	struct ttrpc_message m;
	struct error err;
	uint64_t hash = UINT64_C(14695981039346656037);
	int r = 0;

	while (text.n > 0 && r >= 0) {
		struct span rest = {text.p, text.n < piece ? text.n : piece};

		text = span_skip(text, rest.n);
		while ((r = nri_take(&inbox, &rest, &m, &err)) > 0) {
			hash = add(hash, &m.connection, sizeof(m.connection));
			hash = add(hash, &m.stream, sizeof(m.stream));
			hash = add(hash, &m.type, sizeof(m.type));
			hash = add(hash, m.data.p, m.data.n);
			if (look) {
				write_again(&m);
				read_request(m.data);
			}
		}
	}
	return add(hash, &r, sizeof(r));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const struct span text = {(const char *)data, size};
	const uint64_t whole = read_all(text, SIZE_MAX, true);

	HOLDS(read_all(text, 1, false) == whole);
	HOLDS(read_all(text, 11, false) == whole);
	/* And as what stands in a message, where no frame has to be met. */
	read_payload(text);
	return 0;
}
