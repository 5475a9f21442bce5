/* SPDX-License-Identifier: Apache-2.0 */
#include "nri/message.h"

#include "nri/message-internal.h"

/* ---- messages in general ---- */

int nri_read(struct span message, nri_field_reader *reader, void *ctx, struct error *err)
{
	struct pb_field field;
	int r;

	while ((r = pb_next(&message, &field, err)) > 0)
		if (reader(ctx, &field, err) < 0)
			return -1;
	return r;
}

int nri_no_room(struct error *err)
{
	return error_set(err, "what the engine tells of the container is too large");
}

/* ---- ttrpc ---- */

static int request_field(void *ctx, const struct pb_field *f, struct error *err)
{
	struct nri_request *request = ctx;

	(void)err;
	if (pb_is_bytes(f, 1))
		request->service = f->bytes;
	else if (pb_is_bytes(f, 2))
		request->method = f->bytes;
	else if (pb_is_bytes(f, 3))
		request->payload = f->bytes;
	return 0;
}

int nri_read_request(struct span data, struct nri_request *ret_request, struct error *err)
{
	struct nri_request request = {0};

	if (nri_read(data, request_field, &request, err) < 0)
		return -1;
	*ret_request = request;
	return 0;
}

void nri_put_request(struct pb_out *out, const struct nri_request *request)
{
	pb_put_bytes(out, 1, request->service);
	pb_put_bytes(out, 2, request->method);
	pb_put_bytes(out, 3, request->payload);
}

struct response {
	uint64_t code;
	struct span text, payload;
};

static int status_field(void *ctx, const struct pb_field *f, struct error *err)
{
	struct response *response = ctx;

	(void)err;
	if (pb_is_number(f, 1))
		response->code = f->value;
	else if (pb_is_bytes(f, 2))
		response->text = f->bytes;
	return 0;
}

static int response_field(void *ctx, const struct pb_field *f, struct error *err)
{
	struct response *response = ctx;

	if (pb_is_bytes(f, 1))
		return nri_read(f->bytes, status_field, response, err);
	if (pb_is_bytes(f, 2))
		response->payload = f->bytes;
	return 0;
}

int nri_read_response(struct span data, enum nri_code *ret_code, struct span *ret_text,
		      struct error *err)
{
	struct response response = {0};

	if (nri_read(data, response_field, &response, err) < 0)
		return -1;
	*ret_code = (enum nri_code)response.code;
	*ret_text = response.code == NRI_OK ? response.payload : response.text;
	return 0;
}

void nri_put_response(struct pb_out *out, enum nri_code code, struct span payload_or_text)
{
	size_t status;

	if (code == NRI_OK) {
		pb_put_bytes(out, 2, payload_or_text);
		return;
	}
	status = pb_begin(out, 1);
	pb_put_number(out, 1, (uint64_t)code);
	pb_put_bytes(out, 2, payload_or_text);
	pb_end(out, status);
}

/* ---- registering ---- */

void nri_put_register(struct pb_out *out, struct span name, struct span index)
{
	pb_put_bytes(out, 1, name);
	pb_put_bytes(out, 2, index);
}

static int configure_field(void *ctx, const struct pb_field *f, struct error *err)
{
	struct nri_configure *configure = ctx;

	(void)err;
	if (pb_is_bytes(f, 2))
		configure->engine = f->bytes;
	else if (pb_is_bytes(f, 3))
		configure->version = f->bytes;
	else if (pb_is_number(f, 5))
		configure->timeout_ms = f->value;
	else if (pb_is_bytes(f, 6))
		configure->nri_version = f->bytes;
	return 0;
}

int nri_read_configure(struct span payload, struct nri_configure *ret, struct error *err)
{
	struct nri_configure configure = {0};

	if (nri_read(payload, configure_field, &configure, err) < 0)
		return -1;
	*ret = configure;
	return 0;
}

void nri_put_configured(struct pb_out *out, unsigned int events)
{
	pb_put_number(out, 2, events);
}

static int synchronize_field(void *ctx, const struct pb_field *f, struct error *err)
{
	(void)err;
	if (pb_is_number(f, 3))
		*(bool *)ctx = f->value != 0;
	return 0;
}

int nri_read_synchronize(struct span payload, bool *ret_more, struct error *err)
{
	bool more = false;

	if (nri_read(payload, synchronize_field, &more, err) < 0)
		return -1;
	*ret_more = more;
	return 0;
}

/* As long as more is to come nothing may be asked for; nothing is asked for at the end either. */
void nri_put_synchronized(struct pb_out *out, bool more)
{
	if (more)
		pb_put_number(out, 2, 1);
}

/* ---- adjusting ---- */

static void put_hook(struct pb_out *out, uint32_t field, const struct nri_adjustment *adjustment,
		     const char *stage)
{
	const size_t hook = pb_begin(out, field);

	pb_put_bytes(out, 1, span_of(adjustment->hook));
	pb_put_bytes(out, 2, SPAN("seccomp-guard-hook"));
	pb_put_bytes(out, 2, SPAN("--stage"));
	pb_put_bytes(out, 2, span_of(stage));
	if (adjustment->policy_path != NULL) {
		pb_put_bytes(out, 2, SPAN("--policy"));
		pb_put_bytes(out, 2, span_of(adjustment->policy_path));
	}
	pb_put_bytes(out, 3, SPAN("PATH=/usr/sbin:/usr/bin:/sbin:/bin"));
	pb_end(out, hook);
}

void nri_put_created(struct pb_out *out, const struct nri_adjustment *adjustment)
{
	size_t adjust, part;

	if (adjustment->hook == NULL && adjustment->profile == NULL)
		return;
	adjust = pb_begin(out, 1);
	if (adjustment->hook != NULL) {
		part = pb_begin(out, 5);
		put_hook(out, 2, adjustment, "createRuntime");
		put_hook(out, 5, adjustment, "poststart");
		pb_end(out, part);
	}
	if (adjustment->profile != NULL) {
		part = pb_begin(out, 6);
		nri_put_profile(out, 6, adjustment->profile);
		pb_end(out, part);
	}
	pb_end(out, adjust);
}

void nri_put_validated(struct pb_out *out, struct span reason)
{
	if (reason.n == 0)
		return;
	pb_put_number(out, 1, 1);
	pb_put_bytes(out, 2, reason);
}
