/* SPDX-License-Identifier: Apache-2.0 */
#include "nri-serve.h"

#include "node/fileio.h"
#include "nri/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <syslog.h>

#define PLUGIN_SERVICE SPAN("nri.pkg.api.v1alpha1.Plugin")
#define RUNTIME_SERVICE SPAN("nri.pkg.api.v1alpha1.Runtime")

/* Engines give a plugin 5 s to register, and themselves less to answer. */
#define REGISTER_TIMEOUT_MS 10000

/* An engine that does not read for so long waits for nothing. */
#define SEND_TIMEOUT_S 2

/* Half of what an engine waits for an answer unless it tells otherwise. */
#define REQUEST_TIMEOUT_MS 2000

/* What was read for a large message is given back from this size on. */
#define KEPT_SIZE (256U << 10)

enum stage { STAGE_REGISTERING, STAGE_CONFIGURED, STAGE_SYNCHRONIZED };

struct connection {
	struct nri_service *service;
	int fd;
	enum stage stage;
	bool validates; /* NRI_VALIDATE_ADJUSTMENT was subscribed */
	struct nri_inbox inbox;
	char *output; /* OUTPUT_SIZE bytes */
};

/* The longest message in frames. */
#define OUTPUT_SIZE NRI_MESSAGE_SIZE((size_t)TTRPC_MAX_DATA)
#define BUFFER_SIZE (TTRPC_HEADER + TTRPC_MAX_DATA)

/* ---- memory ---- */

/* Costs nothing until it is used, and is there once. */
static char *reserve(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int get_memory(struct connection *c, struct error *err)
{
	static char *output, *buffer[NRI_CONNECTIONS];

	if (output == NULL)
		output = reserve(OUTPUT_SIZE);
	c->output = output;
	for (size_t i = 0; i < NRI_CONNECTIONS; i++) {
		if (buffer[i] == NULL)
			buffer[i] = reserve(BUFFER_SIZE);
		if (buffer[i] == NULL)
			c->output = NULL;
		c->inbox.buffer[i] = buffer[i];
	}
	return c->output != NULL ? 0 : error_system(err, ENOMEM);
}

/* A node's pods are told in one go, and never again that much. */
static void give_back(char *p, size_t used, size_t size)
{
	if (used > KEPT_SIZE)
		madvise(p, size, MADV_DONTNEED);
}

/* ---- sending ---- */

static int send_message(struct connection *c, const struct ttrpc_message *message,
			struct error *err)
{
	struct pb_out out = {c->output, OUTPUT_SIZE, 0, false};
	size_t sent = 0;

	nri_put_message(&out, message);
	while (sent < out.n) {
		const ssize_t n = send(c->fd, out.p + sent, out.n - sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			error_system(err, errno);
			return error_prefix(err, "cannot answer");
		}
		sent += (size_t)n;
	}
	give_back(out.p, out.n, OUTPUT_SIZE);
	return 0;
}

static int respond(struct connection *c, const struct ttrpc_message *to,
		   const struct nri_answer *answer, struct error *err)
{
	static char data[TTRPC_MAX_DATA];
	struct pb_out out = {data, sizeof(data), 0, false};
	struct ttrpc_message message = {to->connection, to->stream, TTRPC_RESPONSE, {0}};

	nri_put_response(&out, answer->code, answer->text);
	if (out.full) {
		out.full = false;
		out.n = 0;
		nri_put_response(&out, NRI_FAILED_PRECONDITION,
				 SPAN("seccomp-guard: the answer is larger than ttrpc allows"));
	}
	message.data = (struct span){data, out.n};
	return send_message(c, &message, err);
}

static int send_register(struct connection *c, struct error *err)
{
	const struct nri_service *s = c->service;
	char payload[512], data[1024];
	struct pb_out inner = {payload, sizeof(payload), 0, false},
		      out = {data, sizeof(data), 0, false};
	struct nri_request request = {RUNTIME_SERVICE, SPAN("RegisterPlugin"), {0}};
	struct ttrpc_message message = {NRI_TO_ENGINE, 1, TTRPC_REQUEST, {0}};

	nri_put_register(&inner, span_of(s->name), span_of(s->index));
	request.payload = (struct span){payload, inner.n};
	nri_put_request(&out, &request);
	message.data = (struct span){data, out.n};
	return inner.full || out.full ? error_set(err, "the plugin's name is too long")
				      : send_message(c, &message, err);
}

/* ---- what the engine asks ---- */

static void say(const struct connection *c, int priority, const char *format, ...)
	PRINTF_LIKE(3, 4);
static void say(const struct connection *c, int priority, const char *format, ...)
{
	char message[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	c->service->say(c->service->ctx, priority, message);
}

static void say_engine(const struct connection *c, const struct nri_configure *configure)
{
	char engine[64], version[64];

	text_printable(configure->engine, engine, sizeof(engine));
	text_printable(configure->version, version, sizeof(version));
	say(c, LOG_INFO, "registered with %s %s as %s", engine, version, c->service->plugin->name);
	if (c->validates)
		return;
	say(c, LOG_WARNING,
	    "%s %s has an NRI before 0.10 or does not tell its version: containers are confined by "
	    "hooks, and one that is created while this plugin fails starts without them; "
	    "containerd 2.2 and CRI-O 1.34 can refuse it (docs/nri.md)",
	    engine, version);
}

static int configure(struct connection *c, const struct ttrpc_message *message, struct span payload,
		     struct error *err)
{
	struct nri_plugin *plugin = c->service->plugin;
	struct nri_configure told;
	char text[16];
	struct pb_out out = {text, sizeof(text), 0, false};
	unsigned int events = NRI_CREATE_CONTAINER;
	uint64_t timeout;

	if (nri_read_configure(payload, &told, err) < 0)
		return -1;
	nri_engine_of(&told, &plugin->engine);
	timeout = told.timeout_ms > 0 && told.timeout_ms < REQUEST_TIMEOUT_MS ? told.timeout_ms
									      : REQUEST_TIMEOUT_MS;
	plugin->deadline_ms = (unsigned int)timeout / 2;
	c->validates = plugin->engine.validates && !c->service->refused;
	if (c->validates)
		events |= NRI_VALIDATE_ADJUSTMENT;
	nri_put_configured(&out, events);
	c->stage = STAGE_CONFIGURED;
	if (respond(c, message, &(struct nri_answer){NRI_OK, {text, out.n}}, err) < 0)
		return -1;
	say_engine(c, &told);
	return 0;
}

static int synchronize(struct connection *c, const struct ttrpc_message *message,
		       struct span payload, struct error *err)
{
	char text[16];
	struct pb_out out = {text, sizeof(text), 0, false};
	bool more;

	if (nri_read_synchronize(payload, &more, err) < 0)
		return -1;
	nri_put_synchronized(&out, more);
	c->stage = STAGE_SYNCHRONIZED;
	c->service->registered = true;
	return respond(c, message, &(struct nri_answer){NRI_OK, {text, out.n}}, err);
}

static int create(struct connection *c, const struct ttrpc_message *message, struct span payload,
		  struct error *err)
{
	struct nri_answer answer;

	nri_answer_create(c->service->plugin, payload, &answer);
	return respond(c, message, &answer, err);
}

/* A validator says no in its answer; an error is a validator that has failed. */
static void reject(struct nri_answer *answer)
{
	static char text[4096];
	struct pb_out out = {text, sizeof(text), 0, false};

	nri_put_validated(&out, answer->text);
	*answer = (struct nri_answer){NRI_OK, {text, out.n}};
}

static int validate(struct connection *c, const struct ttrpc_message *message, struct span payload,
		    struct error *err)
{
	struct nri_answer answer;

	nri_answer_validate(c->service->plugin, payload, &answer);
	if (answer.code == NRI_FAILED_PRECONDITION)
		reject(&answer);
	return respond(c, message, &answer, err);
}

/* The engine is about to end; it closes the connection then. */
static int acknowledge(struct connection *c, const struct ttrpc_message *message,
		       struct span payload, struct error *err)
{
	(void)payload;
	return respond(c, message, &(struct nri_answer){NRI_OK, {"", 0}}, err);
}

static const struct {
	const char *method;
	int (*answer)(struct connection *c, const struct ttrpc_message *message,
		      struct span payload, struct error *err);
} methods[] = {
	{"CreateContainer", create}, {"ValidateContainerAdjustment", validate},
	{"Configure", configure},    {"Synchronize", synchronize},
	{"Shutdown", acknowledge},
};

static int answer_request(struct connection *c, const struct ttrpc_message *message,
			  struct error *err)
{
	struct nri_request request;

	if (nri_read_request(message->data, &request, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (span_eq(request.service, PLUGIN_SERVICE) &&
		    span_eq(request.method, span_of(methods[i].method)))
			return methods[i].answer(c, message, request.payload, err);
	return respond(c, message,
		       &(struct nri_answer){NRI_UNIMPLEMENTED,
					    SPAN("seccomp-guard: this method is not served")},
		       err);
}

/* The answer to our registration: nothing, or why not. */
static int registered(const struct ttrpc_message *message, struct error *err)
{
	char shown[256];
	enum nri_code code;
	struct span text;

	if (nri_read_response(message->data, &code, &text, err) < 0)
		return -1;
	if (code == NRI_OK)
		return 0;
	return error_set(err, "the engine does not register the plugin: %s",
			 text_printable(text, shown, sizeof(shown)));
}

static int handle(struct connection *c, const struct ttrpc_message *message, struct error *err)
{
	if (message->connection == NRI_TO_PLUGIN && message->type == TTRPC_REQUEST)
		return answer_request(c, message, err);
	if (message->connection == NRI_TO_ENGINE && message->type == TTRPC_RESPONSE)
		return registered(message, err);
	return 0;
}

/* ---- the connection ---- */

/* Wait for something to read. Before the engine has spoken it has a limited time for it. */
static int await(const struct connection *c, struct error *err)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	int n;

	do
		n = poll(&p, 1, c->stage == STAGE_REGISTERING ? REGISTER_TIMEOUT_MS : -1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_system(err, errno);
	return n > 0 ? 0 : error_set(err, "the engine does not answer; is its NRI disabled?");
}

static int receive(struct connection *c, struct error *err)
{
	static char input[64U << 10];
	struct ttrpc_message message;
	struct span rest;
	ssize_t n;
	int r;

	if (await(c, err) < 0)
		return -1;
	n = recv(c->fd, input, sizeof(input), 0);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n < 0)
		return error_system(err, errno);
	if (n == 0)
		return error_set(err, "the engine has closed the connection");
	rest = (struct span){input, (size_t)n};
	while ((r = nri_take(&c->inbox, &rest, &message, err)) > 0) {
		if (handle(c, &message, err) < 0)
			return -1;
		give_back(c->inbox.buffer[message.connection - 1], message.data.n, BUFFER_SIZE);
	}
	return r;
}

void nri_serve(struct nri_service *service, int fd, struct error *err)
{
	const struct timeval limit = {.tv_sec = SEND_TIMEOUT_S};
	struct connection c = {.service = service, .fd = fd};

	service->registered = false;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (get_memory(&c, err) < 0 || send_register(&c, err) < 0)
		return;
	while (receive(&c, err) == 0)
		;
	/* What an engine does that knows fewer events than were subscribed. The one that comes
	 * after a restart may know more. */
	if (c.stage == STAGE_CONFIGURED && c.validates)
		service->refused = true;
	else if (c.stage == STAGE_SYNCHRONIZED)
		service->refused = false;
}
