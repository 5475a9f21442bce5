/* SPDX-License-Identifier: Apache-2.0 */
/* Whose container is it: engine, namespace, pod, container and image, from what engines write into
 * annotations. */
#ifndef SECCOMP_GUARD_IDENTITY_H
#define SECCOMP_GUARD_IDENTITY_H

#include "ociconfig.h"

struct identity {
	const char *engine; /* "containerd", "cri-o", "podman"; NULL: not known (docker leaves no trace) */
	struct span name_space;
	struct span pod;
	struct span container;
	struct span image;
	bool sandbox;  /* the pod's pause container */
	bool conflict; /* keys of two engines: the author of the pod has added some, and nothing is believed
			*/
};

/* Points into *config. */
void identity_of(const struct ociconfig *config, struct identity *ret_identity);

#endif
