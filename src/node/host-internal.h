/* SPDX-License-Identifier: Apache-2.0 */
/* What host.c takes from engine-profile.c. */
#ifndef SECCOMP_GUARD_NODE_HOST_INTERNAL_H
#define SECCOMP_GUARD_NODE_HOST_INTERNAL_H

#include "node/host.h"

/*
 * enforce_host.engine_profile: the file that the engine's own configuration names as its default
 * profile.
 *
 * Podman (libpod, DefaultSeccompPath()): `seccomp_profile` in [containers] of the containers.conf
 * files, the last one that has it; else /etc/containers/seccomp.json, else
 * /usr/share/containers/seccomp.json. Podman 6 reads other files than earlier versions; where that
 * makes a difference, it is an error.
 *
 * CRI-O (pkg/config/config.go): `seccomp_profile` in [crio.runtime] of /etc/crio/crio.conf and of
 * every file below crio.conf.d, the last one that has it; CRI-O's own profile when that file is
 * missing. From 1.34 on a handler can have its own, and a container does not say which handler it
 * has, so that is an error.
 *
 * Docker (daemon/config/config_linux.go): "seccomp-profile" in /etc/docker/daemon.json.
 *
 * The command line of a daemon, variables like CONTAINERS_CONF, and files in the home directory of
 * a rootless user are not seen. A configuration that cannot be read, that has two readings, or that
 * others could change, is an error.
 */
int host_engine_profile(enum engine engine, struct enforce_memory *memory, const char **ret_path,
			struct error *err);

/*
 * enforce_host.secret: 32 bytes from /run/seccomp-guard/secret, made at random by the first that
 * asks. None for anybody but root, whose containers are nobody else's, and where it cannot be made.
 */
struct span host_secret(struct arena *keep);

/*
 * enforce_host.engine_names, for containers outside Kubernetes:
 *  - Docker (daemon/container.go): config.v2.json in the directory that the container's
 *    /etc/hostname and /etc/resolv.conf come from, if that is called by the identifier in the
 *    cgroup. Name, image, labels;
 *  - podman (containers/storage containers.go): containers.json, or volatile-containers.json, in
 *    the directories that its files come from. Name and image; labels are in a database.
 */
void host_engine_names(const struct ociconfig *config, struct enforce_memory *memory,
		       struct identity *identity);

#endif
