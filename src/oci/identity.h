/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose container is it: engine, namespace, pod, container and image, from what engines write into
 * the configuration. Only that is believed which the author of a pod cannot have written;
 * identity.c names the sources.
 */
#ifndef SECCOMP_GUARD_OCI_IDENTITY_H
#define SECCOMP_GUARD_OCI_IDENTITY_H

#include "oci/config.h"
#include "oci/engine.h"

struct identity {
	/* The identifier of 64 digits that the cgroup's path ends in, or what the caller knows. */
	struct span id;
	enum engine engine;
	struct span name_space;
	struct span pod;
	struct span container; /* empty for a sandbox */
	struct span image;     /* empty for a sandbox */
	/* Of the engine's own record of the container, not of the configuration; Docker's. */
	const struct oci_annotation *labels;
	bool sandbox; /* the pod's pause container */
	/*
	 * The annotation that contradicts another; NULL: none. Then nothing is believed, and what
	 * the rest of this holds, that on which all agree, is for records only.
	 */
	const char *conflict;
};

/* Points into *config. */
void identity_of(const struct ociconfig *config, struct identity *ret_identity);

/*
 * The workload as sentences call it: "container web (shop/web-0)", "the pod's sandbox
 * (shop/web-0)", "container 16de5a03636e" by its identifier, or "container" where nothing is known.
 * `out` has IDENTITY_NAME_SIZE bytes. Returns out.
 */
#define IDENTITY_NAME_SIZE 512
const char *identity_name(const struct identity *identity, char *out);

#endif
