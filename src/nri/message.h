/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages between an engine and an NRI plugin (nri pkg/api/api.proto, and ttrpc's
 * request.proto), those fields of them that are needed. Texts point into the message.
 */
#ifndef SECCOMP_GUARD_NRI_MESSAGE_H
#define SECCOMP_GUARD_NRI_MESSAGE_H

#include "nri/protobuf.h"
#include "oci/config.h"

/* Bits of what a plugin subscribes: 1 << (Event - 1). */
#define NRI_CREATE_CONTAINER 0x8U
#define NRI_VALIDATE_ADJUSTMENT 0x2000U

/* The codes of gRPC that are used. */
enum nri_code {
	NRI_OK = 0,
	NRI_FAILED_PRECONDITION = 9,
	NRI_UNIMPLEMENTED = 12,
};

/* ---- ttrpc ---- */

struct nri_request {
	struct span service;
	struct span method;
	struct span payload;
};

int nri_read_request(struct span data, struct nri_request *ret_request, struct error *err);
void nri_put_request(struct pb_out *out, const struct nri_request *request);

/* A response: a payload, or with another code than NRI_OK a text, which is UTF-8. */
int nri_read_response(struct span data, enum nri_code *ret_code, struct span *ret_text,
		      struct error *err);
void nri_put_response(struct pb_out *out, enum nri_code code, struct span payload_or_text);

/* ---- registering ---- */

struct nri_configure {
	struct span engine;      /* "containerd", "cri-o" */
	struct span version;     /* "v2.3.4", "1.37.0" */
	uint64_t timeout_ms;     /* of a request; 0: not told, as before NRI 0.8 */
	struct span nri_version; /* empty before NRI 0.12 */
};

void nri_put_register(struct pb_out *out, struct span name, struct span index);
int nri_read_configure(struct span payload, struct nri_configure *ret, struct error *err);
void nri_put_configured(struct pb_out *out, unsigned int events);

/* Does the engine say that more of what it has will follow? */
int nri_read_synchronize(struct span payload, bool *ret_more, struct error *err);
void nri_put_synchronized(struct pb_out *out, bool more);

/* ---- a container ---- */

/* SecurityProfile.profile_type, and that there is none. */
enum nri_profile_type {
	NRI_PROFILE_DEFAULT,
	NRI_PROFILE_UNCONFINED,
	NRI_PROFILE_LOCALHOST,
	NRI_PROFILE_UNSET,
};

/* A container that is about to be created. */
struct nri_container {
	struct span pod;
	struct span name_space;
	struct span handler; /* the pod's runtime handler; empty: the engine's default */
	struct span id;
	struct span name;
	/* What of its configuration is told: annotations, devices, mounts, the profile. */
	struct ociconfig config;
	enum nri_profile_type profile_type; /* what was asked for */
	bool has_hook;                      /* one of its hooks is the program `hook` */
	const char *hook;                   /* set by the caller before reading; absolute */
};

/* The structures live in `keep`. */
int nri_read_create(struct span payload, struct arena *keep, struct nri_container *container,
		    struct error *err);

/* What is done to a container. */
struct nri_adjustment {
	const char *hook;                      /* NULL: no hooks are added */
	const char *policy_path;               /* what the hook is told; NULL: nothing */
	const struct seccomp_profile *profile; /* NULL: the profile is left alone */
};

void nri_put_created(struct pb_out *out, const struct nri_adjustment *adjustment);

/* ---- the adjustments of all plugins ---- */

struct nri_validation {
	/* As it was before any adjustment; its has_hook tells of all together. */
	struct nri_container container;
	bool has_profile; /* some plugin sets one */
	struct seccomp_profile profile;
	struct span owner; /* which; empty: not told */
};

/* `ret->container.hook` as above. */
int nri_read_validate(struct span payload, struct arena *keep, struct nri_validation *validation,
		      struct error *err);
/* `reason` empty: accepted. */
void nri_put_validated(struct pb_out *out, struct span reason);

#endif
