/* SPDX-License-Identifier: Apache-2.0 */
/* A connection of seccomp-guard-nri to an engine, from registering to its end. */
#ifndef SECCOMP_GUARD_NRI_SERVE_H
#define SECCOMP_GUARD_NRI_SERVE_H

#include "nri-answer.h"

struct nri_service {
	struct nri_plugin *plugin;
	const char *name, *index;                                  /* what is registered */
	void (*say)(void *ctx, int priority, const char *message); /* syslog(3)'s priorities */
	void *ctx;
	bool refused;    /* the engine has turned NRI_VALIDATE_ADJUSTMENT away: do without */
	bool registered; /* the last connection came so far */
};

/*
 * Serve until the engine closes the connection, or does what is no NRI: then `err` says why the
 * connection is over. The descriptor stays the caller's.
 */
void nri_serve(struct nri_service *service, int fd, struct error *err);

#endif
