/* SPDX-License-Identifier: Apache-2.0 */
/* Telling what a text is that somebody gives for a configuration or a profile, and what to give
 * instead if it is neither. */
#ifndef SECCOMP_GUARD_CLI_DOCUMENT_H
#define SECCOMP_GUARD_CLI_DOCUMENT_H

#include "base/base.h"

enum document_kind {
	DOCUMENT_UNKNOWN, /* it may be a broken one of the others */
	DOCUMENT_CONFIG,
	DOCUMENT_PROFILE,
	DOCUMENT_PODMAN,   /* podman inspect */
	DOCUMENT_DOCKER,   /* docker inspect */
	DOCUMENT_STATE,    /* runc state, crun state */
	DOCUMENT_MANIFEST, /* of Kubernetes, JSON or YAML */
	DOCUMENT_IMAGE,    /* manifest of an image */
	DOCUMENT_POLICY,
	DOCUMENT_KINDS,
};

struct document {
	enum document_kind kind;
	bool is_json; /* an object or a list of them; comments are allowed */
	/* Of DOCUMENT_CONFIG: in what crictl inspect printed the configuration that is part of it,
	 * else the whole text. */
	struct span config;
	/* Where the container's configuration is, as far as the text says: of podman a file, of a
	 * state the bundle, of docker the identifier. Escaped for a terminal. */
	char place[256];
	bool place_is_config; /* of podman: it is one container, and `place` the whole path of a
				 config.json, as it is */
};

/* `arena` is given back. */
void document_of(struct span text, struct arena *arena, struct document *ret_document);

/*
 * The error for a document that is no configuration: "is what podman inspect prints, which has no
 * configuration: give the file ...". 0 for DOCUMENT_CONFIG, and for DOCUMENT_UNKNOWN, about which
 * reading it tells more.
 */
int document_check_config(const struct document *document, struct error *err);

/* The same for one that is no profile. */
int document_check_profile(const struct document *document, struct error *err);

#endif
