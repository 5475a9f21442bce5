/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the policy, and the kill switch. */
#include "node/host-internal.h"

#include "node/fileio.h"
#include "node/safe-path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#define POLICY_DIR SYSCONFDIR "/seccomp-guard"
#define POLICY_FILE "policy.json"
#define POLICY_MORE "policy.d"

#define SWITCH_DIR "/run/seccomp-guard"
#define SWITCH_PATH SWITCH_DIR "/disable"

struct reading {
	struct enforce_memory *memory;
	struct policy policy;
	size_t size; /* of all files so far */
	bool found;  /* at least one */
};

static int failed_at(const char *path, struct error *err)
{
	return host_error_in(path, (struct span){0}, err);
}

/* ---- one file ---- */

static int read_open_file(struct reading *r, int fd, const struct stat *st, const char *path,
			  struct error *err)
{
	struct span text;

	if (safe_status(st, err) < 0 ||
	    file_read_regular(fd, st, POLICY_MAX_SIZE, &r->memory->keep, &text, err) < 0)
		return failed_at(path, err);
	r->size += text.n;
	if (r->size > POLICY_MAX_SIZE) {
		error_set(err, "the policy's files together are larger than the limit of %u bytes",
			  POLICY_MAX_SIZE);
		return failed_at(path, err);
	}
	if (policy_read(text, &r->memory->keep, &r->memory->scratch, &r->policy, err) < 0)
		return host_error_in(path, text, err);
	r->found = true;
	return 0;
}

/*
 * Read `name` in `dirfd`, which messages call `path`. It may be missing, also because it was just
 * removed.
 */
static int read_file(struct reading *r, int dirfd, const char *name, const char *path,
		     struct error *err)
{
	struct stat st;
	CLEANUP_FD int fd = file_open_regular(dirfd, name, &st, err);

	if (fd < 0)
		return err->code == ENOENT ? 0 : failed_at(path, err);
	return read_open_file(r, fd, &st, path, err);
}

/* ---- policy.d ---- */

static bool is_policy_name(const char *name)
{
	const struct span suffix = SPAN(".json");
	size_t n = strlen(name);

	return name[0] != '.' && n > suffix.n && strcmp(name + n - suffix.n, suffix.p) == 0;
}

static int open_more(const char *path, struct error *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_system(err, errno);
	return safe_status(&st, err) < 0 ? -1 : take_fd(&fd);
}

static int read_more(struct reading *r, const char *dir, struct error *err)
{
	char path[PATH_MAX + NAME_MAX + 2];
	struct file_name *list = NULL;
	int n = snprintf(path, sizeof(path), "%s/" POLICY_MORE, dir);
	CLEANUP_FD int fd = open_more(path, err);

	if (fd < 0 && err->code == ENOENT)
		return 0;
	if (fd < 0 || file_list(fd, is_policy_name, &r->memory->keep, &list, err) < 0)
		return failed_at(path, err);
	for (const struct file_name *entry = list; entry != NULL; entry = entry->next) {
		snprintf(path + n, sizeof(path) - (size_t)n, "/%s", entry->name);
		if (read_file(r, fd, entry->name, path, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- all of them ---- */

static int read_directory(struct reading *r, const char *dir, struct error *err)
{
	char path[PATH_MAX + sizeof(POLICY_FILE) + 1];

	if (strlen(dir) >= PATH_MAX)
		return error_set(err, "the path of the policy is longer than %d bytes", PATH_MAX);
	snprintf(path, sizeof(path), "%s/" POLICY_FILE, dir);
	if (read_file(r, AT_FDCWD, path, path, err) < 0)
		return -1;
	return read_more(r, dir, err);
}

static int read_usual(struct reading *r, struct error *err)
{
	struct stat st;

	if (safe_directory(POLICY_DIR, &st, err) < 0)
		return err->code == ENOENT ? 0 : -1;
	return read_directory(r, POLICY_DIR, err);
}

static int read_named(struct reading *r, const char *path, struct error *err)
{
	struct stat st;
	CLEANUP_FD int fd = file_open_regular(AT_FDCWD, path, &st, err);

	if (fd >= 0)
		return safe_parents(path, err) < 0 ? -1 : read_open_file(r, fd, &st, path, err);
	if (err->code != 0 || !S_ISDIR(st.st_mode))
		return failed_at(path, err);
	if (safe_directory(path, &st, err) < 0 || read_directory(r, path, err) < 0)
		return -1;
	if (r->found)
		return 0;
	error_set(err, "holds neither " POLICY_FILE " nor a file in " POLICY_MORE);
	return failed_at(path, err);
}

int host_policy_read(const char *path, struct enforce_memory *memory, struct policy *ret_policy,
		     struct error *err)
{
	struct reading r = {.memory = memory};

	policy_defaults(&r.policy);
	if ((path != NULL ? read_named(&r, path, err) : read_usual(&r, err)) < 0)
		return -1;
	*ret_policy = r.policy;
	return 0;
}

/* ---- the kill switch ---- */

/*
 * The switch counts only if root or the caller owns it and nobody else can write to its directory.
 * Its content and mode are ignored.
 */
static bool is_switched_off(void)
{
	struct stat st;
	struct error ignored;

	if (lstat(SWITCH_PATH, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	st.st_mode &= ~(mode_t)022;
	return safe_status(&st, &ignored) == 0 && safe_directory(SWITCH_DIR, &st, &ignored) == 0;
}

int host_policy(const char *path, struct enforce_memory *memory, struct policy *ret_policy,
		struct error *err)
{
	const char *off = is_switched_off() ? "everything passes, as " SWITCH_PATH " exists" : NULL;
	struct policy policy;

	if (host_policy_read(path, memory, &policy, err) < 0) {
		if (off == NULL)
			return -1;
		policy_defaults(&policy);
		error_prefix(err, "%s, even with a broken policy", off);
		off = arena_strdup(&memory->keep, span_of(err->text));
		if (off == NULL)
			return -1;
	}
	policy.disabled = off;
	*ret_policy = policy;
	return 0;
}
