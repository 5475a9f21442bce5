/* SPDX-License-Identifier: Apache-2.0 */
#include "node/exec-filter.h"

#include "node/bundle.h"
#include "oci/runc-seccomp.h"

#include <stdio.h>

static int open_state(const struct container *container, const char *name, struct arena *arena,
		      struct bundle *ret_state, struct error *err)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", container->state, name) >= sizeof(path))
		return error_set(err, "%s: the path is too long", container->state);
	return bundle_open(NULL, path, arena, ret_state, err);
}

static int set_for_runc(const struct container *container, const struct exec_filter *filter,
			struct arena *arena, struct error *err)
{
	CLEANUP_BUNDLE struct bundle state = BUNDLE_NONE, again = BUNDLE_NONE;
	struct span text;

	if (open_state(container, "state.json", arena, &state, err) < 0)
		return -1;
	if (runc_state_set_seccomp(state.text, filter->profile, arena, &text, err) < 0)
		return error_prefix(err, "%s", state.path);
	if (bundle_replace(&state, text, NULL, err) < 0 ||
	    open_state(container, "state.json", arena, &again, err) < 0)
		return -1;
	if (!span_eq(again.text, text))
		return error_set(err, "%s: runc has written it at the same time; try again",
				 state.path);
	return 0;
}

/* The file may be one that crun shares with its cache (by a hard link, from 1.10 on): it is
 * replaced, never written to. */
static int set_for_crun(const struct container *container, const struct exec_filter *filter,
			struct arena *arena, struct error *err)
{
	CLEANUP_BUNDLE struct bundle status = BUNDLE_NONE;
	const struct program *program = filter->program;

	if (open_state(container, "status", arena, &status, err) < 0)
		return -1;
	return bundle_write_beside(&status, "seccomp.bpf",
				   (struct span){(const char *)program->insns,
						 program->n_insns * sizeof(program->insns[0])},
				   err);
}

int exec_filter_set(const struct container *container, const struct exec_filter *filter,
		    struct arena *scratch, struct error *err)
{
	size_t used = scratch->used;
	int rc;

	if (container->state == NULL)
		return error_set(err, "no runtime in a usual place knows it");
	rc = (strcmp(container->runtime, "crun") == 0 ? set_for_crun : set_for_runc)(
		container, filter, scratch, err);
	scratch->used = used;
	return rc;
}
