/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container engines that this program tells apart, by the names that policies and records use.
 * What else is known of each is in tables by this number, each in its layer: how a configuration
 * shows it in oci/identity.c, whose RuntimeDefault it has in policy/decide.c, where its own profile
 * comes from in node/engine-profile.c, and where the names of its containers do in
 * node/engine-names.c.
 */
#ifndef SECCOMP_GUARD_OCI_ENGINE_H
#define SECCOMP_GUARD_OCI_ENGINE_H

enum engine {
	ENGINE_UNKNOWN,
	ENGINE_CONTAINERD,
	ENGINE_CRIO,
	ENGINE_PODMAN,
	ENGINE_DOCKER,
	ENGINE_BUILDAH, /* and podman build */
	ENGINES
};

/* "containerd", "cri-o", "podman", "docker", "buildah"; NULL for ENGINE_UNKNOWN. */
const char *engine_name(enum engine engine);

#endif
