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
	const struct policy_file **file_tail;
};

static int failed_at(const char *path, struct error *err)
{
	/* As an engine without privileges finds it. */
	if (err->code == EACCES)
		error_set(err, "this user cannot read it; give it mode 644, and its directory 755");
	return host_error_in(path, (struct span){0}, err);
}

/* ---- one file ---- */

static int add_file(struct reading *r, const char *path, struct span text, struct error *err)
{
	struct policy_file *file = arena_alloc(&r->memory->keep, sizeof(*file));
	const char *copy = arena_strdup(&r->memory->keep, span_of(path));

	if (file == NULL || copy == NULL)
		return error_set(err, "the policy is too large");
	*file = (struct policy_file){copy, text, NULL};
	*r->file_tail = file;
	r->file_tail = &file->next;
	return 0;
}

static int read_open_file(struct reading *r, int fd, const struct stat *st, const char *path,
			  struct error *err)
{
	struct span text;

	if (safe_status(st, err) < 0 ||
	    file_read_regular((struct file_open){fd, st}, POLICY_MAX_SIZE, &r->memory->keep, &text,
			      err) < 0)
		return failed_at(path, err);
	r->size += text.n;
	if (r->size > POLICY_MAX_SIZE) {
		error_set(err, "the policy's files together are larger than the limit of %u bytes",
			  POLICY_MAX_SIZE);
		return failed_at(path, err);
	}
	r->policy.file = arena_strdup(&r->memory->keep, span_of(path));
	if (policy_read(text, &r->memory->keep, &r->memory->scratch, &r->policy, err) < 0)
		return host_error_in(path, text, err);
	return add_file(r, path, text, err);
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
	if (r->policy.files != NULL)
		return 0;
	error_set(err, "holds neither " POLICY_FILE " nor a file in " POLICY_MORE);
	return failed_at(path, err);
}

int host_policy_read(const char *path, struct enforce_memory *memory, struct policy *ret_policy,
		     struct error *err)
{
	struct reading r = {.memory = memory};

	policy_defaults(&r.policy);
	r.file_tail = &r.policy.files;
	if ((path != NULL ? read_named(&r, path, err) : read_usual(&r, err)) < 0)
		return -1;
	*ret_policy = r.policy;
	return 0;
}

/* ---- what was read ---- */

const char *host_policy_files(const struct policy *policy, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (const struct policy_file *f = policy->files; f != NULL; f = f->next) {
		/* Room for each byte escaped, a space before, and what says that there are more. */
		if (used + 1 + 4 * strlen(f->path) + sizeof(" ...") > size) {
			memcpy(out + used, used > 0 ? " ..." : "...", used > 0 ? 5 : 4);
			break;
		}
		used += (size_t)snprintf(out + used, size - used, "%s", used > 0 ? " " : "");
		for (const char *p = f->path; *p != '\0'; p++)
			used += (size_t)snprintf(out + used, size - used,
						 *p > ' ' && *p < 0x7f && *p != '\\' ? "%c"
										     : "\\x%02x",
						 (unsigned char)*p);
	}
	return out;
}

const char host_policy_directory[] = POLICY_DIR;

static bool is_visible(const char *name)
{
	return name[0] != '.';
}

/* policy.json.sample, which is installed, is meant to be read by people. */
static bool may_be_meant(const char *name)
{
	const char *dot = strrchr(name, '.');

	return is_visible(name) && (dot == NULL || strcmp(dot, ".sample") != 0);
}

static bool is_policy_but_hidden(const char *name)
{
	return name[0] == '.' && is_policy_name(name + 1);
}

static bool is_unread(const char *name)
{
	return is_policy_but_hidden(name) || (is_visible(name) && !is_policy_name(name));
}

/* Files that are not read, of those in `dir` that are `wanted`. No such directory is none. */
static int list_unread(const char *dir, bool (*wanted)(const char *name),
		       struct enforce_memory *memory, struct file_name **ret_list,
		       struct error *err)
{
	CLEANUP_FD int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*ret_list = NULL;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		error_system(err, errno);
	else if (file_list(fd, wanted, &memory->keep, ret_list, err) == 0)
		return 0;
	return failed_at(dir, err);
}

int host_policy_unread(const char *dir, struct enforce_memory *memory,
		       void (*tell)(void *ctx, const char *path, const char *why), void *ctx,
		       struct error *err)
{
	char more[PATH_MAX], path[2 * PATH_MAX];
	struct file_name *list;
	struct stat st;

	if (list_unread(dir, may_be_meant, memory, &list, err) < 0)
		return -1;
	for (; list != NULL; list = list->next) {
		snprintf(path, sizeof(path), "%s/%s", dir, list->name);
		if (strcmp(list->name, POLICY_FILE) != 0 && lstat(path, &st) == 0 &&
		    !S_ISDIR(st.st_mode))
			tell(ctx, path,
			     "only " POLICY_FILE " and files in " POLICY_MORE " are read");
	}
	if (snprintf(more, sizeof(more), "%s/" POLICY_MORE, dir) >= (int)sizeof(more))
		return error_set(err, "the path of the policy is longer than %d bytes", PATH_MAX);
	if (list_unread(more, is_unread, memory, &list, err) < 0)
		return -1;
	for (; list != NULL; list = list->next) {
		snprintf(path, sizeof(path), "%s/%s", more, list->name);
		tell(ctx, path,
		     is_visible(list->name) ? "its name does not end in .json"
					    : "its name begins with a dot");
	}
	return 0;
}

const struct policy_file *host_policy_file_of(const struct policy *policy, struct span part)
{
	const struct policy_file *f = policy->files;

	while (f != NULL && (part.p < f->text.p || part.p >= f->text.p + f->text.n))
		f = f->next;
	return f;
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

const char *host_switched_off(void)
{
	return is_switched_off() ? "everything passes, as " SWITCH_PATH " exists" : NULL;
}

int host_policy(const char *path, struct enforce_memory *memory, struct policy *ret_policy,
		struct error *err)
{
	const char *off = host_switched_off();
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
