/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ready filter program for a profile, without libseccomp in this process: from the cache under
 * /run, or made by seccomp-guard-compile and put there. Compiling costs 12 to 19 ms, more than
 * everything else that a hook does.
 */
#ifndef SECCOMP_GUARD_FILTER_FILTERLOAD_H
#define SECCOMP_GUARD_FILTER_FILTERLOAD_H

#include "filter/filter.h"

#define FILTER_CACHE_STATE_DIR "/run/seccomp-guard"

struct filter_request {
	struct span profile; /* the linux.seccomp object */
	enum filter_style style;
	const char *compiler;  /* NULL: the installed seccomp-guard-compile */
	const char *state_dir; /* NULL: FILTER_CACHE_STATE_DIR */
};

/* A cache that cannot be used (see filtercache.h) costs time and nothing else. */
int filter_get(const struct filter_request *request, struct filter *ret_filter, struct error *err);

#endif
