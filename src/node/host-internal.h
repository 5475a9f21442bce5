/* SPDX-License-Identifier: Apache-2.0 */
/* What host.c takes from engine-profile.c. */
#ifndef SECCOMP_GUARD_NODE_HOST_INTERNAL_H
#define SECCOMP_GUARD_NODE_HOST_INTERNAL_H

#include "node/host.h"

/*
 * enforce_host.engine_profile: where the engine's own configuration says that its default profile
 * is.
 *  - podman (libpod DefaultSeccompPath()): `seccomp_profile` under [containers] in the
 * containers.conf files, the last that says it; else /etc/containers/seccomp.json, else
 * /usr/share/containers/seccomp.json. Which files are read changed with Podman 6, so where that
 * makes a difference it is an error;
 *  - CRI-O (pkg/config/config.go): `seccomp_profile` under [crio.runtime] in /etc/crio/crio.conf
 * and in every file below crio.conf.d, the last that says it; its own when that file is missing.
 * From 1.34 a handler can have one of its own, and a container does not say which handler is its:
 * that is an error here;
 *  - Docker (daemon/config/config_linux.go): "seccomp-profile" in /etc/docker/daemon.json.
 * Not seen are a daemon's command line, variables like CONTAINERS_CONF, and what an engine without
 * privileges reads in a home directory. A configuration that cannot be read, or could be read in
 * two ways, or that others could change, is an error.
 */
int host_engine_profile(enum engine engine, struct enforce_memory *memory, const char **ret_path,
			struct error *err);

#endif
