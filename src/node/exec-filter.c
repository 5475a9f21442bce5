/* SPDX-License-Identifier: Apache-2.0 */
#include "node/exec-filter.h"

#include "base/json-edit.h"
#include "node/bundle.h"
#include "node/fileio.h"
#include "oci/runc-seccomp.h"
#include "oci/runtime-state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

static bool is_for_crun(const struct container *container)
{
	return container->runtime != NULL && strcmp(container->runtime, "crun") == 0;
}

static int look(const struct container *container, struct arena *arena, bool *ret_has,
		struct error *err)
{
	CLEANUP_FD int dirfd =
		open(container->state, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	CLEANUP_FD int fd = -1;
	struct span text, seccomp;
	struct stat st;

	if (dirfd < 0)
		return error_system(err, errno);
	fd = file_open_regular(dirfd, is_for_crun(container) ? "seccomp.bpf" : "state.json", &st,
			       err);
	if (is_for_crun(container)) {
		/* crun makes the file for a container that has a profile, and else none. */
		*ret_has = fd >= 0 && st.st_size > 0;
		return fd >= 0 || err->code == ENOENT ? 0 : -1;
	}
	if (fd < 0 ||
	    file_read_regular((struct file_open){fd, &st}, RUNTIME_STATE_MAX_SIZE, arena, &text,
			      err) < 0 ||
	    json_find(text, JSON_PATH("config", "seccomp"), arena, &seccomp, err) < 0)
		return -1;
	*ret_has = seccomp.p != NULL && seccomp.p[0] == '{';
	return 0;
}

int exec_filter_look(const struct container *container, struct arena *scratch, bool *ret_has,
		     struct error *err)
{
	size_t used = scratch->used;
	int rc;

	if (container->state == NULL)
		return error_set(err, "no runtime in a usual place knows it");
	rc = look(container, scratch, ret_has, err);
	scratch->used = used;
	return rc < 0 ? error_prefix(err, "%s", container->state) : 0;
}

static int open_state(const struct container *container, const char *name, struct arena *arena,
		      struct bundle *ret_state, struct error *err)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", container->state, name) >= sizeof(path))
		return error_set(err, "%s: the path is too long", container->state);
	return bundle_open(NULL, path, arena, ret_state, err);
}

struct profile_edit {
	const struct seccomp_profile *profile;
	struct arena *arena;
};

static int put_profile(void *ctx, struct span old, struct span *ret_text, struct error *err)
{
	const struct profile_edit *e = ctx;

	return runc_state_set_seccomp(old, e->profile, e->arena, ret_text, err);
}

static int set_for_runc(const struct container *container, const struct exec_filter *filter,
			struct arena *arena, struct error *err)
{
	CLEANUP_BUNDLE struct bundle state = BUNDLE_NONE;
	struct profile_edit edit = {filter->profile, arena};

	if (open_state(container, "state.json", arena, &state, err) < 0)
		return -1;
	return bundle_edit(&state, &(struct bundle_edit){put_profile, &edit}, arena, err);
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
	rc = (is_for_crun(container) ? set_for_crun : set_for_runc)(container, filter, scratch,
								    err);
	scratch->used = used;
	return rc;
}

int exec_filter_confirm(const struct container *container, const struct exec_filter *filter,
			struct arena *scratch, struct error *err)
{
	return is_for_crun(container) ? 0 : exec_filter_set(container, filter, scratch, err);
}
