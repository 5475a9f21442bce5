/* SPDX-License-Identifier: Apache-2.0 */
#include "node/confined.h"

#include "base/json-scan.h"
#include "base/jsonout.h"
#include "node/fileio.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#define LINE_SIZE 4096
#define FILE_SIZE (1U << 20)

static int open_dir(const char *root, bool make)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/run/seccomp-guard", root);
	if (make)
		(void)mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/run/seccomp-guard/confined", root);
	if (make)
		(void)mkdir(path, 0755);
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int confined_lock(const char *root, struct error *err)
{
	int fd = open_dir(root, true);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (fd >= 0 && errno == EWOULDBLOCK) {
		close(fd);
		return error_set(err, "another confine runs");
	}
	error_system(err, errno);
	if (fd >= 0)
		close(fd);
	return error_prefix(err, "%s/run/seccomp-guard/confined", root);
}

int confined_add(const char *root, const struct container *container, const struct confined *c,
		 struct error *err)
{
	CLEANUP_FD int dirfd = open_dir(root, true);
	CLEANUP_FD int fd = -1;
	char line[LINE_SIZE + 1];
	struct jsonout out;

	if (dirfd >= 0)
		fd = openat(dirfd, container->id,
			    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0) {
		error_system(err, errno);
		return error_prefix(err, "%s/run/seccomp-guard/confined", root);
	}
	jsonout_begin(&out, line, LINE_SIZE);
	jsonout_uint(&out, "pid", (uint64_t)container->init->pid);
	jsonout_uint(&out, "start", container->init->start);
	jsonout_string(&out, "time", span_of(c->time));
	jsonout_string(&out, "profile", span_of(c->profile));
	jsonout_string(&out, "tighten", span_of(c->tighten));
	jsonout_string(&out, "program_sha256", span_of(c->sha256));
	jsonout_string(&out, "exec", span_of(c->exec));
	jsonout_bool(&out, "complete", c->complete);
	jsonout_end(&out);
	line[out.used] = '\n';
	if (file_write_all(fd, (struct span){line, out.used + 1}) < 0)
		return error_system(err, errno);
	return 0;
}

/* ---- reading ---- */

struct reader {
	struct confined confined;
	uint64_t pid, start;
	struct arena *keep;
};

static int keep(struct reader *r, const struct json_value *value, const char **ret,
		struct error *err)
{
	*ret = arena_strdup(r->keep, value->str);
	return *ret != NULL ? 0 : error_set(err, "too large");
}

#define SET_STRING(member)                                                                         \
	static int set_##member(void *ctx, const struct json_value *value, struct error *err)      \
	{                                                                                          \
		struct reader *r = ctx;                                                            \
                                                                                                   \
		return keep(r, value, &r->confined.member, err);                                   \
	}
SET_STRING(time)
SET_STRING(profile)
SET_STRING(tighten)
SET_STRING(sha256)
SET_STRING(exec)

static int set_pid(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct reader *)ctx)->pid = value->num;
	return 0;
}

static int set_start(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct reader *)ctx)->start = value->num;
	return 0;
}

static int set_complete(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct reader *)ctx)->confined.complete = value->boolean;
	return 0;
}

static const struct json_field fields[] = {
	{"pid", JSON_WANT_UINT64, .set = set_pid},
	{"start", JSON_WANT_UINT64, .set = set_start},
	{"time", JSON_WANT_STRING, .set = set_time},
	{"profile", JSON_WANT_STRING, .set = set_profile},
	{"tighten", JSON_WANT_STRING, .set = set_tighten},
	{"program_sha256", JSON_WANT_STRING, .set = set_sha256},
	{"exec", JSON_WANT_STRING, .set = set_exec},
	{"complete", JSON_WANT_BOOL, .set = set_complete},
};
static const struct json_schema schema = {JSON_STRUCT, "confined", fields, ARRAY_SIZE(fields)};

struct confined *confined_read(const char *root, const struct container *container,
			       struct arena *keep, struct arena *scratch)
{
	CLEANUP_FD int dirfd = open_dir(root, false);
	CLEANUP_FD int fd = -1;
	static const struct json_form form = {.root = &schema, .own = true};
	struct confined *list = NULL, **end = &list;
	struct span text;
	struct error err;
	struct stat st;

	fd = dirfd < 0 ? -1 : file_open_regular(dirfd, container->id, &st, &err);
	if (fd < 0 ||
	    file_read_regular((struct file_open){fd, &st}, FILE_SIZE, keep, &text, &err) < 0)
		return NULL;
	while (text.n > 0) {
		const char *newline = memchr(text.p, '\n', text.n);
		struct span line = {text.p, newline != NULL ? (size_t)(newline - text.p) : text.n};
		struct reader r = {.keep = keep, .confined = {"", "", "", "", "", false, NULL}};

		text = span_skip(text, line.n + 1);
		/* Another container may have had the name before. */
		if (json_scan(line, &form, scratch, &r, &err) < 0 ||
		    r.pid != (uint64_t)container->init->pid || r.start != container->init->start)
			continue;
		*end = arena_alloc(keep, sizeof(**end));
		if (*end == NULL)
			return list;
		**end = r.confined;
		end = &(*end)->next;
	}
	return list;
}

void confined_clean(const char *root, const struct container *list)
{
	int fd = open_dir(root, false);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	if (dir == NULL) {
		cleanup_fd(&fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		const struct container *c = list;

		while (c != NULL && strcmp(c->id, entry->d_name) != 0)
			c = c->next;
		if (c == NULL && entry->d_name[0] != '.')
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	}
	closedir(dir);
}
