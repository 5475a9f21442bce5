/* SPDX-License-Identifier: Apache-2.0 */
/* Where the engines' own configurations name a seccomp profile. */
#include "node/host-internal.h"

#include "node/fileio.h"
#include "node/safe-path.h"
#include "base/json-scan.h"
#include "base/jsontext.h"
#include "base/toml.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

/* A distribution's file, comments included, has some 50 kB. */
#define CONFIG_MAX_SIZE (1U << 20)
#define MAX_DIRECTORIES 8 /* nested */
#define MAX_KEYS 5

/* What is looked for, and what has been found so far. */
struct search {
	struct enforce_memory *memory;
	const char *const *keys;    /* MAX_KEYS of them: the keys of the tables, then of the value;
				       NULL after the last */
	const char *const *handler; /* the same for the value of one handler, where "*" matches any;
				       NULL: there is none */
	const char *value;          /* the last one that was read; NULL: none */
	const char *place;          /* where that is: "FILE:LINE:COLUMN" */
	struct span text;           /* the file that is being read */
	size_t pos;                 /* of the value in `text` */
	bool in_this_file;
};

/* ---- one value ---- */

static int take(struct search *s, struct span value, size_t pos, struct error *err)
{
	if (s->in_this_file)
		return error_set(err, "the seccomp profile is written twice");
	if (memchr(value.p, '\0', value.n) != NULL)
		return error_set(err, "the path of the seccomp profile contains a NUL");
	s->value = arena_strdup(&s->memory->keep, value);
	if (s->value == NULL)
		return error_set(err, "too large");
	s->pos = pos;
	s->in_this_file = true;
	return 0;
}

/*
 * Only after the last file is it known whether the value can be used. Keep its place for the
 * message.
 */
static int keep_place(struct search *s, const char *path, struct error *err)
{
	char place[PATH_MAX + 48];
	size_t line, column;

	text_position(s->text, s->pos, &line, &column);
	snprintf(place, sizeof(place), "%s:%zu:%zu", path, line, column);
	s->place = arena_strdup(&s->memory->keep, span_of(place));
	return s->place == NULL ? error_set(err, "too large") : 0;
}

/* Go's decoders accept a key in any case if no key fits exactly. */
enum match { MATCH_NONE, MATCH_FOLDED, MATCH_EXACT };

static enum match match_keys(const char *const *keys, const struct span *path, size_t n)
{
	enum match match = MATCH_EXACT;

	if (n > MAX_KEYS)
		return MATCH_NONE;
	for (size_t i = 0; i < n; i++) {
		if (keys[i] == NULL || (keys[i][0] != '*' && !json_key_folds_to(path[i], keys[i])))
			return MATCH_NONE;
		if (keys[i][0] != '*' && !span_eq(path[i], span_of(keys[i])))
			match = MATCH_FOLDED;
	}
	return n == MAX_KEYS || keys[n] == NULL ? match : MATCH_NONE;
}

static int visit(void *ctx, const struct span *path, size_t n, const struct toml_value *value,
		 struct error *err)
{
	struct search *s = ctx;
	enum match match = match_keys(s->keys, path, n);
	char shown[SPAN_SHOWN];

	if (s->handler != NULL && match_keys(s->handler, path, n) != MATCH_NONE && value->str.n > 0)
		return error_set(
			err,
			"handler \"%s\" has a seccomp_profile of its own, and a container does not "
			"tell "
			"which handler is its: name the file in the policy instead of \"engine\"",
			text_printable(path[3], shown, sizeof(shown)));
	if (match == MATCH_NONE)
		return 0;
	if (match == MATCH_FOLDED)
		return error_set(err, "key \"%s\" is not written as the engine documents it",
				 text_printable(path[n - 1], shown, sizeof(shown)));
	if (!value->is_string)
		return error_set(err, "the path of the seccomp profile must be a string");
	return take(s, value->str, value->pos, err);
}

static int read_toml(struct search *s, struct error *err)
{
	return toml_scan(s->text, &s->memory->keep, visit, s, err);
}

static int set_profile(void *ctx, const struct json_value *value, struct error *err)
{
	struct search *s = ctx;

	return take(s, value->str, (size_t)(value->raw.p - s->text.p), err);
}

/*
 * dockerd accepts a file that is empty, or that begins with a byte order mark
 * (daemon/config/config.go).
 */
static int read_daemon_json(struct search *s, struct error *err)
{
	static const struct span mark = SPAN("\xef\xbb\xbf");
	static const struct json_field fields[] = {
		{"seccomp-profile", JSON_WANT_STRING, .set = set_profile}};
	static const struct json_schema schema = {JSON_STRUCT, "daemon.json", fields,
						  ARRAY_SIZE(fields)};
	static const struct json_form form = {.root = &schema};
	size_t n = 0;

	if (span_has_prefix(s->text, mark))
		s->text = span_skip(s->text, mark.n);
	while (n < s->text.n && strchr(" \t\r\n", s->text.p[n]) != NULL && s->text.p[n] != '\0')
		n++;
	if (n == s->text.n)
		return 0;
	return json_scan(s->text, &form, &s->memory->scratch, s, err);
}

/* ---- files and directories ---- */

typedef int reader(struct search *s, struct error *err);

static int read_open(struct search *s, int fd, const char *path, reader *read_text,
		     struct error *err)
{
	struct stat st;

	err->has_pos = false;
	s->text = (struct span){0};
	s->in_this_file = false;
	if (fstat(fd, &st) < 0)
		error_system(err, errno);
	else if (!S_ISREG(st.st_mode))
		error_set(err, "is not a regular file");
	else if (safe_status(&st, err) == 0 && safe_path(path, err) == 0 &&
		 file_read_regular((struct file_open){fd, &st}, CONFIG_MAX_SIZE, &s->memory->keep,
				   &s->text, err) == 0 &&
		 read_text(s, err) == 0 && (!s->in_this_file || keep_place(s, path, err) == 0))
		return 0;
	return host_error_in(path, s->text, err);
}

/* Nothing is there. Believe that only if nobody else could have removed it. */
static int nothing_at(const char *path, struct error *err)
{
	if (errno != ENOENT)
		error_system(err, errno);
	else if (safe_path(path, err) == 0 || err->code == ENOENT)
		return 0;
	return error_prefix(err, "%s", path);
}

/* A missing file says nothing. Engines follow symbolic links. */
static int read_file(struct search *s, const char *path, reader *read_text, struct error *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? nothing_at(path, err) : read_open(s, fd, path, read_text, err);
}

static bool is_conf(const char *name)
{
	size_t n = strlen(name);

	return n >= strlen(".conf") && strcmp(name + n - strlen(".conf"), ".conf") == 0;
}

static bool is_entry(const char *name)
{
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* List a directory, sorted by name. The list is empty when there is no such directory. */
static int list_directory(struct search *s, const char *path, bool (*wanted)(const char *name),
			  struct file_name **ret_list, struct error *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0) {
		*ret_list = NULL;
		return nothing_at(path, err);
	}
	if (fstat(fd, &st) < 0)
		error_system(err, errno);
	else if (safe_status(&st, err) == 0 && safe_path(path, err) == 0 &&
		 file_list(fd, wanted, &s->memory->keep, ret_list, err) == 0)
		return 0;
	return error_prefix(err, "%s", path);
}

/* The type of the file itself, not of what a link points to; 0: it is gone. */
static mode_t type_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? st.st_mode & S_IFMT : 0;
}

static int join_path(char *path, const char *dir, const char *name, struct error *err)
{
	if (snprintf(path, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX)
		return error_set(err, "%s: the path of a file is too long", dir);
	return 0;
}

/*
 * Read the files of a directory. With `depth`, read subdirectories too, each where its name comes
 * in the order.
 */
static int read_directory(struct search *s, const char *dir, unsigned int depth, struct error *err)
{
	struct file_name *list;

	if (list_directory(s, dir, depth > 0 ? is_entry : is_conf, &list, err) < 0)
		return -1;
	for (; list != NULL; list = list->next) {
		char path[PATH_MAX];
		int r;

		if (join_path(path, dir, list->name, err) < 0)
			return -1;
		if (type_of(path) != S_IFDIR)
			r = read_file(s, path, read_toml, err);
		else if (depth == 1)
			r = error_set(err, "%s: more than %d directories in each other", path,
				      MAX_DIRECTORIES);
		else
			r = depth > 0 ? read_directory(s, path, depth - 1, err) : 0;
		if (r < 0)
			return -1;
	}
	return 0;
}

/* ---- the engines ---- */

/*
 * Podman before 6 (containers-common, pkg/config/new.go): each file adds to what earlier files say,
 * or replaces it.
 */
static int podman_5(struct search *s, struct error *err)
{
	if (read_file(s, "/usr/share/containers/containers.conf", read_toml, err) < 0 ||
	    read_file(s, "/etc/containers/containers.conf", read_toml, err) < 0)
		return -1;
	return read_directory(s, "/etc/containers/containers.conf.d", 0, err);
}

/*
 * The files of all these directories, in the order of their names. If a name is in several
 * directories, the last directory counts.
 */
static const char *const podman_6_dirs[] = {
	"/usr/share/containers/containers.conf.d",
	"/usr/share/containers/containers.rootful.conf.d",
	"/etc/containers/containers.conf.d",
	"/etc/containers/containers.rootful.conf.d",
};

#define N_DIRS ARRAY_SIZE(podman_6_dirs)

/*
 * Take the first name off the lists. *ret_path is the file that counts for it, or "" when that is
 * no regular file.
 */
static int podman_6_next(struct file_name *lists[N_DIRS], char *ret_path, struct error *err)
{
	const char *first = NULL;
	char path[PATH_MAX];

	for (size_t i = 0; i < N_DIRS; i++)
		if (lists[i] != NULL && (first == NULL || strcmp(lists[i]->name, first) < 0))
			first = lists[i]->name;
	ret_path[0] = '\0';
	for (size_t i = 0; i < N_DIRS; i++) {
		if (lists[i] == NULL || strcmp(lists[i]->name, first) != 0)
			continue;
		if (join_path(path, podman_6_dirs[i], first, err) < 0)
			return -1;
		if (type_of(path) == S_IFREG)
			strcpy(ret_path, path);
		lists[i] = lists[i]->next;
	}
	return first != NULL;
}

/*
 * Podman from 6 on (container-libs, storage/pkg/configfile/parse.go): only the first main file that
 * exists counts.
 */
static int podman_6(struct search *s, struct error *err)
{
	static const char admins[] = "/etc/containers/containers.conf";
	struct file_name *lists[N_DIRS];
	char path[PATH_MAX];
	int r;

	bool missing = access(admins, F_OK) < 0 && errno == ENOENT;

	if (read_file(s, missing ? "/usr/share/containers/containers.conf" : admins, read_toml,
		      err) < 0)
		return -1;
	for (size_t i = 0; i < N_DIRS; i++)
		if (list_directory(s, podman_6_dirs[i], is_conf, &lists[i], err) < 0)
			return -1;
	while ((r = podman_6_next(lists, path, err)) > 0)
		if (path[0] != '\0' && read_file(s, path, read_toml, err) < 0)
			return -1;
	return r;
}

static bool is_empty(const char *value)
{
	return value == NULL || value[0] == '\0';
}

/*
 * The files that Podman takes when no containers.conf names one (libpod/util.go,
 * DefaultSeccompPath()). The value "unconfined" means no profile.
 */
static int podman_usual(struct search *s, struct error *err)
{
	static const char *const usual[] = {"/etc/containers/seccomp.json",
					    "/usr/share/containers/seccomp.json"};

	if (!is_empty(s->value)) {
		if (strcmp(s->value, "unconfined") == 0)
			s->value = NULL;
		return 0;
	}
	s->value = s->place = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(usual) && s->value == NULL; i++) {
		if (access(usual[i], F_OK) == 0)
			s->value = usual[i];
		else if (nothing_at(usual[i], err) < 0)
			return -1;
	}
	return 0;
}

/* Read as both would, because a configuration does not tell which Podman made it. */
static int podman(struct search *s, struct error *err)
{
	struct search later = *s;

	if (podman_5(s, err) < 0 || podman_6(&later, err) < 0 || podman_usual(s, err) < 0 ||
	    podman_usual(&later, err) < 0)
		return -1;
	if (s->value == later.value ||
	    (s->value != NULL && later.value != NULL && strcmp(s->value, later.value) == 0))
		return 0;
	return error_set(
		err,
		"%s counts only %s Podman 6, which takes other files: name the file in the policy "
		"instead of \"engine\"",
		s->place != NULL ? s->place : later.place, s->place != NULL ? "before" : "from");
}

static int crio(struct search *s, struct error *err)
{
	if (read_file(s, "/etc/crio/crio.conf", read_toml, err) < 0)
		return -1;
	return read_directory(s, "/etc/crio/crio.conf.d", MAX_DIRECTORIES, err);
}

static int docker(struct search *s, struct error *err)
{
	return read_file(s, "/etc/docker/daemon.json", read_daemon_json, err);
}

static const char *const podman_keys[MAX_KEYS] = {"containers", "seccomp_profile"};
static const char *const crio_keys[MAX_KEYS] = {"crio", "runtime", "seccomp_profile"};
static const char *const crio_handler[MAX_KEYS] = {"crio", "runtime", "runtimes", "*",
						   "seccomp_profile"};

static const struct {
	int (*find)(struct search *s, struct error *err); /* NULL: it takes none from a file */
	const char *const *keys;
	const char *const *handler;
	const char *no_file[2]; /* values that are no path: the engine's own profile, or none */
	bool may_be_missing;    /* the engine then takes its own */
} engines[ENGINES] = {
	[ENGINE_PODMAN] = {podman, podman_keys, NULL, {NULL}, false},
	[ENGINE_CRIO] = {crio, crio_keys, crio_handler, {NULL}, true},
	[ENGINE_DOCKER] = {docker, NULL, NULL, {"builtin", "unconfined"}, false},
	[ENGINE_BUILDAH] = {podman, podman_keys, NULL, {NULL}, false},
};

static bool is_no_file(const char *value, const char *const words[2])
{
	bool found = is_empty(value);

	for (size_t i = 0; i < 2 && !found && words[i] != NULL; i++)
		found = strcmp(value, words[i]) == 0;
	return found;
}

/* Find the profile and check that it can be used. s->value NULL: there is none. */
static int find_profile(enum engine engine, struct search *s, struct error *err)
{
	char shown[SPAN_SHOWN];

	if (engines[engine].find(s, err) < 0)
		return -1;
	if (is_no_file(s->value, engines[engine].no_file))
		s->value = NULL;
	else if (s->value[0] != '/')
		return error_set(err, "%s: \"%s\" is no absolute path", s->place,
				 text_printable(span_of(s->value), shown, sizeof(shown)));
	else if (engines[engine].may_be_missing && access(s->value, F_OK) < 0 && errno == ENOENT) {
		if (nothing_at(s->value, err) < 0)
			return -1;
		s->value = NULL;
	}
	return 0;
}

int host_engine_profile(enum engine engine, struct enforce_memory *memory, const char **ret_path,
			struct error *err)
{
	struct search s = {.memory = memory};

	if (engines[engine].find == NULL) {
		*ret_path = NULL;
		return 0;
	}
	s.keys = engines[engine].keys;
	s.handler = engines[engine].handler;
	if (find_profile(engine, &s, err) < 0) {
		/*
		 * The message has the place. It is not one in the configuration of the container.
		 */
		err->has_pos = false;
		return error_prefix(err, "cannot tell the seccomp profile of %s",
				    engine_name(engine));
	}
	*ret_path = s.value;
	return 0;
}
