/* SPDX-License-Identifier: Apache-2.0 */
/* The engines' own configurations, as far as they name a seccomp profile. */
#include "host-priv.h"

#include "fileio.h"
#include "jsonspan.h"
#include "jsontext.h"
#include "toml.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

/* Those of a distribution, comments and all, have some 50 kB. */
#define CONFIG_MAX_SIZE (1U << 20)
#define MAX_DIRECTORIES 8 /* one in the other */
#define MAX_KEYS 5

/* What is looked for, and what was found so far. */
struct search {
	struct enforce_memory *memory;
	const char *const *keys;    /* MAX_KEYS of them: of tables, then of the value; NULL behind the last */
	const char *const *handler; /* the same for a handler's own, "*" being any; NULL: there is none */
	const char *value;          /* the last that was written; NULL: none */
	bool in_this_file;
};

/* ---- one value ---- */

static int take(struct search *s, struct span text, struct error *err)
{
	if (s->in_this_file)
		return error_set(err, "the seccomp profile is written twice");
	if (memchr(text.p, '\0', text.n) != NULL)
		return error_set(err, "the path of the seccomp profile contains a NUL");
	s->value = arena_strdup(&s->memory->keep, text);
	if (s->value == NULL)
		return error_set(err, "too large");
	s->in_this_file = true;
	return 0;
}

/* Go's decoders take a key in any case, if there is none that fits exactly. */
enum match { MATCH_NONE, MATCH_FOLDED, MATCH_EXACT };

static enum match match_keys(const char *const *keys, const struct span *path, size_t n)
{
	enum match match = MATCH_EXACT;

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
			"handler \"%s\" has a seccomp_profile of its own, and a container does not tell "
			"which handler is its: name the file in the policy instead of \"engine\"",
			text_printable(path[3], shown, sizeof(shown)));
	if (match == MATCH_NONE)
		return 0;
	if (match == MATCH_FOLDED)
		return error_set(err, "key \"%s\" is not written as the engine documents it",
				 text_printable(path[n - 1], shown, sizeof(shown)));
	if (!value->is_string)
		return error_set(err, "the path of the seccomp profile must be a string");
	return take(s, value->str, err);
}

static int read_toml(struct search *s, struct span text, struct error *err)
{
	return toml_scan(text, &s->memory->keep, visit, s, err);
}

static int set_profile(void *ctx, const struct json_value *value, struct error *err)
{
	return take(ctx, value->str, err);
}

static int read_daemon_json(struct search *s, struct span text, struct error *err)
{
	static const struct json_field fields[] = {{"seccomp-profile", JSON_WANT_STRING, .set = set_profile}};
	static const struct json_schema schema = {JSON_STRUCT, "daemon.json", fields, ARRAY_SIZE(fields)};
	static const struct json_options options = {0};

	return json_scan(text, &schema, &options, &s->memory->scratch, s, err);
}

/* ---- files and directories ---- */

typedef int reader(struct search *s, struct span text, struct error *err);

static int read_open(struct search *s, int fd, const char *path, reader *read_text, struct error *err)
{
	struct span text = {0};
	struct stat st;

	err->has_pos = false;
	if (fstat(fd, &st) < 0)
		error_set(err, "%s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		error_set(err, "is not a regular file");
	else if (file_check_owner(&st, err) == 0 && host_check_parent(path, err) == 0 &&
		 file_read_regular(fd, &st, CONFIG_MAX_SIZE, &s->memory->keep, &text, err) == 0) {
		s->in_this_file = false;
		if (read_text(s, text, err) == 0)
			return 0;
	}
	return host_error_in(path, text, err);
}

/* A file that is not there says nothing. Engines follow symbolic links. */
static int read_file(struct search *s, const char *path, reader *read_text, struct error *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd >= 0)
		return read_open(s, fd, path, read_text, err);
	return error_set(err, "%s: %s", path, strerror(errno));
}

static bool is_conf(const char *name)
{
	size_t n = strlen(name);

	return n > strlen(".conf") && strcmp(name + n - strlen(".conf"), ".conf") == 0;
}

static bool is_entry(const char *name)
{
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* Sorted; *ret_list is empty when there is no such directory. */
static int list_directory(struct search *s, const char *path, bool (*wanted)(const char *name),
			  struct file_name **ret_list, struct error *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*ret_list = NULL;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	if (host_check_directory(path, err) < 0 || file_list(fd, wanted, &s->memory->keep, ret_list, err) < 0)
		return error_prefix(err, "%s", path);
	return 0;
}

/* Is it a directory itself, and not a link to one? */
static bool is_directory(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The files of a directory, with `depth` those of the directories in it where they come in the order of names. */
static int read_directory(struct search *s, const char *dir, unsigned int depth, struct error *err)
{
	struct file_name *list;

	if (list_directory(s, dir, depth > 0 ? is_entry : is_conf, &list, err) < 0)
		return -1;
	for (; list != NULL; list = list->next) {
		char path[PATH_MAX];
		int r;

		if (snprintf(path, sizeof(path), "%s/%s", dir, list->name) >= (int)sizeof(path))
			return error_set(err, "%s: the path of a file is too long", dir);
		if (!is_directory(path))
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

static int podman(struct search *s, struct error *err)
{
	static const char *const usual[] = {"/etc/containers/seccomp.json",
					    "/usr/share/containers/seccomp.json"};

	if (read_file(s, "/usr/share/containers/containers.conf", read_toml, err) < 0 ||
	    read_file(s, "/etc/containers/containers.conf", read_toml, err) < 0 ||
	    read_directory(s, "/etc/containers/containers.conf.d", 0, err) < 0)
		return -1;
	/* What cannot be looked at is taken to be there, and refused later. */
	for (size_t i = 0; i < ARRAY_SIZE(usual) && (s->value == NULL || s->value[0] == '\0'); i++)
		if (access(usual[i], F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR))
			s->value = usual[i];
	return 0;
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
static const char *const crio_handler[MAX_KEYS] = {"crio", "runtime", "runtimes", "*", "seccomp_profile"};

static const struct {
	const char *name;
	int (*find)(struct search *s, struct error *err);
	const char *const *keys;
	const char *const *handler;
	const char *no_file[2]; /* what else than a path it may be: the engine's own, or none */
} engines[] = {
	{"podman", podman, podman_keys, NULL, {"unconfined"}},
	{"cri-o", crio, crio_keys, crio_handler, {NULL}},
	{"docker", docker, NULL, NULL, {"builtin", "unconfined"}},
};

static bool is_no_file(const char *value, const char *const words[2])
{
	bool found = value == NULL || value[0] == '\0';

	for (size_t i = 0; i < 2 && !found && words[i] != NULL; i++)
		found = strcmp(value, words[i]) == 0;
	return found;
}

int host_engine_profile(const char *engine, struct enforce_memory *memory, const char **ret_path,
			struct error *err)
{
	struct search s = {.memory = memory};
	size_t i = 0;

	while (i < ARRAY_SIZE(engines) && strcmp(engine, engines[i].name) != 0)
		i++;
	*ret_path = NULL;
	if (i == ARRAY_SIZE(engines))
		return 0;
	s.keys = engines[i].keys;
	s.handler = engines[i].handler;
	if (engines[i].find(&s, err) < 0) {
		/* The place is in the message; it is none in the container's configuration. */
		err->has_pos = false;
		return error_prefix(err, "cannot tell the seccomp profile of %s", engine);
	}
	if (is_no_file(s.value, engines[i].no_file))
		return 0;
	if (s.value[0] != '/')
		return error_set(err, "the seccomp profile of %s is \"%s\", which is no absolute path",
				 engine, s.value);
	*ret_path = s.value;
	return 0;
}
