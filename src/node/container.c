/* SPDX-License-Identifier: Apache-2.0 */
#include "node/container.h"

#include "node/fileio.h"
#include "oci/config.h"
#include "oci/runtime-state.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/*
 * Where the engines have their runtimes keep state: CRI-O and Podman leave runc and crun their own
 * defaults, containerd's shim gives --root /run/containerd/runc/NAMESPACE whatever the runtime is,
 * and dockerd /run/docker/runtime-NAME/moby. Without root the same is below XDG_RUNTIME_DIR.
 */
static const char *const places[] = {
	"/run/runc/*",
	"/run/crun/*",
	"/run/containerd/runc/*/*",
	"/run/docker/runtime-*/*/*",
	"/run/user/*/runc/*",
	"/run/user/*/crun/*",
	"/run/user/*/docker/runtime-*/*/*",
};

/* What a runtime names its file, and how it is called. */
static const struct {
	const char *file;
	const char *runtime;
} files[] = {{"state.json", "runc"}, {"status", "crun"}};

/* The result, while it is put together. */
struct finder {
	const struct container_search *search;
	struct process *processes; /* that are nobody's yet */
	struct container *list, **end;
};

static void tell(const struct container_search *search, const char *path, const struct error *why)
{
	struct error err = *why;

	error_prefix(&err, "%s", path);
	search->tell(search->ctx, err.text);
}

/* ---- control groups ---- */

/* A line of /proc/PID/cgroup, or the part of it up to where a container's own group ends. Members
 * have it, with "/" or a newline behind it. */
static bool is_below(const struct process *process, struct span group)
{
	struct span rest = process->cgroup;

	for (;;) {
		const char *found = rest.n > 0 ? memmem(rest.p, rest.n, group.p, group.n) : NULL;

		if (found == NULL)
			return false;
		rest = span_skip(rest, (size_t)(found - rest.p) + group.n);
		if (rest.n > 0 && (rest.p[0] == '/' || rest.p[0] == '\n'))
			return true;
	}
}

/*
 * How long the part of `line` ("\n8:pids:/docker/ID/sub") is that the state's `path` names. runc
 * writes the mount point before it: /sys/fs/cgroup, under version 1 with a directory for the
 * controller. 0: it names something else.
 */
static size_t named_part(struct span line, const char *path)
{
	static const char mount[] = "/sys/fs/cgroup";
	const char *colon = memrchr(line.p, ':', line.n);
	size_t before = colon != NULL ? (size_t)(colon - line.p) + 1 : line.n;
	struct span group = span_skip(line, before);

	if (strncmp(path, mount, strlen(mount)) == 0)
		path += strlen(mount);
	for (int i = 0; i < 2 && path != NULL && path[0] == '/'; i++) {
		size_t n = strlen(path);

		if (n > 1 && span_has_prefix(group, span_of(path)) &&
		    (group.n == n || group.p[n] == '/'))
			return before + n;
		path = strchr(path + 1, '/');
	}
	return 0;
}

/* How long the part of `line` is that ends in the name of a group which is `id`, or for an
 * identifier of an engine ends in it, but for ".scope". */
static size_t identified_part(struct span line, struct span id)
{
	for (size_t at = 0; at < line.n;) {
		const char *slash = memchr(line.p + at, '/', line.n - at);
		size_t start, end;
		struct span name;

		if (slash == NULL)
			return 0;
		start = (size_t)(slash - line.p) + 1;
		slash = memchr(line.p + start, '/', line.n - start);
		end = slash != NULL ? (size_t)(slash - line.p) : line.n;
		name = (struct span){line.p + start, end - start};
		if (name.n > 6 && memcmp(name.p + name.n - 6, ".scope", 6) == 0)
			name.n -= 6;
		if (span_eq(name, id) || (id.n >= 32 && name.n > id.n &&
					  memcmp(name.p + name.n - id.n, id.p, id.n) == 0))
			return end;
		at = end;
	}
	return 0;
}

/* The group of the container's own, as is_below() takes it; absent: it has none. */
static struct span own_group(const struct process *init, const struct runtime_state *state,
			     struct span id)
{
	struct span rest = init->cgroup;

	while (rest.n > 1) {
		const char *end = memchr(rest.p + 1, '\n', rest.n - 1);
		struct span line = {rest.p, end != NULL ? (size_t)(end - rest.p) : rest.n};
		size_t n = 0;

		for (struct runtime_cgroup *c = state->cgroups; n == 0 && c != NULL; c = c->next)
			n = named_part(line, c->path);
		if (n == 0)
			n = identified_part(line, id);
		if (n > 0)
			return (struct span){line.p, n};
		rest = span_skip(rest, line.n);
	}
	return (struct span){0};
}

/* ---- members ---- */

/* The namespace of a process, as a number; 0: it cannot be read. */
static ino_t namespace_of(pid_t pid, const char *name)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, name);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* Is `process` the container's, and by how long a name of a group? 0: it is not. */
static size_t membership(const struct container *container, const struct process *process)
{
	if (container->group.p != NULL)
		return is_below(process, container->group) ? container->group.n : 0;
	return container->pid_namespace != 0 &&
	       container->pid_namespace == namespace_of(process->pid, "pid");
}

static void append(struct container *container, struct process *process)
{
	struct process **end = &container->processes;

	while (*end != NULL)
		end = &(*end)->next;
	process->next = NULL;
	*end = process;
}

/* Move each process to the container whose it is. Of groups within each other the inner one counts:
 * who writes a state cannot take away what is another's. */
static void assign_members(struct finder *f)
{
	struct process **at = &f->processes;

	while (*at != NULL) {
		struct process *p = *at;
		struct container *best = NULL;
		size_t best_length = 0;

		for (struct container *c = f->list; c != NULL; c = c->next) {
			size_t n = membership(c, p);

			if (n > best_length) {
				best = c;
				best_length = n;
			}
		}
		if (best == NULL) {
			at = &p->next;
			continue;
		}
		*at = p->next;
		if (!p->zombie)
			append(best, p);
	}
}

/* Take process `pid` from the finder's list; NULL: it is not there. */
static struct process *take_process(struct finder *f, pid_t pid)
{
	struct process **at = &f->processes, *found;

	while (*at != NULL && (*at)->pid != pid)
		at = &(*at)->next;
	found = *at;
	if (found != NULL)
		*at = found->next;
	return found;
}

static void put_back(struct finder *f, struct process *process)
{
	process->next = f->processes;
	f->processes = process;
}

static int add(struct finder *f, const struct container *found, struct error *err)
{
	struct container *container = arena_alloc(f->search->keep, sizeof(*container));

	if (container != NULL) {
		*container = *found;
		container->id = arena_strdup(f->search->keep, span_of(found->id));
	}
	if (container == NULL || container->id == NULL)
		return error_set(err, "there are too many containers");
	append(container, container->init);
	*f->end = container;
	f->end = &container->next;
	return 0;
}

/* ---- what runtimes know ---- */

/* A state that a user wrote may name any process: only what is in a user namespace can be a
 * container of his. */
static bool may_own(const struct stat *st, pid_t pid)
{
	return st->st_uid == 0 || geteuid() != 0 ||
	       namespace_of(pid, "user") != namespace_of(getpid(), "user");
}

/* The container whose runtime has the directory `dir` for it. */
static int add_known(struct finder *f, const char *dir, size_t kind, struct error *err)
{
	const struct container_search *search = f->search;
	struct container container = {.id = strrchr(dir, '/') + 1, .runtime = files[kind].runtime};
	CLEANUP_FD int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	CLEANUP_FD int fd = -1;
	struct runtime_state state;
	struct span text;
	struct error why;
	struct stat st;
	size_t used = search->scratch->used;
	int rc;

	fd = dirfd < 0 ? -1 : file_open_regular(dirfd, files[kind].file, &st, &why);
	/* It may have been deleted in the meantime. */
	if (fd < 0 && dirfd >= 0 && why.code != ENOENT)
		tell(search, dir, &why);
	if (fd < 0)
		return 0;
	rc = file_read_regular((struct file_open){fd, &st}, RUNTIME_STATE_MAX_SIZE, search->scratch,
			       &text, &why);
	if (rc == 0)
		rc = runtime_state_read(text, search->keep, search->scratch, &state, &why);
	search->scratch->used = used;
	if (rc < 0) {
		tell(search, dir, &why);
		return 0;
	}
	container.init = take_process(f, (pid_t)state.pid);
	if (container.init == NULL)
		return 0;
	if (container.init->start != state.start || container.init->zombie ||
	    !may_own(&st, container.init->pid)) {
		put_back(f, container.init);
		return 0;
	}
	/* Created and not started: its init is still the runtime's, and nobody else's either. */
	if (faccessat(dirfd, "exec.fifo", F_OK, 0) == 0)
		return 0;
	container.state = arena_strdup(search->keep, span_of(dir));
	if (container.state == NULL)
		return error_set(err, "there are too many containers");
	container.bundle = state.bundle;
	container.group = own_group(container.init, &state, span_of(container.id));
	container.pid_namespace = namespace_of((pid_t)state.pid, "pid");
	if (container.pid_namespace == namespace_of(getpid(), "pid"))
		container.pid_namespace = 0;
	return add(f, &container, err);
}

/* A directory of a place that may not be read has containers of somebody else's, root's for who is
 * not root. Other users' are nobody's business. */
static void look_at_access(struct finder *f, const char *place)
{
	char dir[PATH_MAX];
	struct error why;

	snprintf(dir, sizeof(dir), "%s%.*s", f->search->root, (int)strcspn(place, "*"), place);
	*strrchr(dir, '/') = '\0';
	if (access(dir, R_OK | X_OK) == 0 || errno != EACCES)
		return;
	error_system(&why, errno);
	tell(f->search, dir, &why);
}

static int add_place(struct finder *f, const char *place, struct error *err)
{
	char pattern[PATH_MAX];
	glob_t found = {0};
	int rc = 0;

	for (size_t kind = 0; kind < ARRAY_SIZE(files); kind++) {
		snprintf(pattern, sizeof(pattern), "%s%s/%s", f->search->root, place,
			 files[kind].file);
		if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
			for (size_t i = 0; rc == 0 && i < found.gl_pathc; i++) {
				*strrchr(found.gl_pathv[i], '/') = '\0';
				rc = add_known(f, found.gl_pathv[i], kind, err);
			}
		globfree(&found);
	}
	return rc;
}

/* ---- what only the control groups tell ---- */

/* How engines call a container's group, with systemd's driver and cgroupfs'. */
static const struct {
	const char *before; /* the identifier */
	enum engine engine;
} group_names[] = {
	{"/cri-containerd-", ENGINE_CONTAINERD},
	{"/crio-", ENGINE_CRIO},
	{"/libpod-", ENGINE_PODMAN},
	{"/docker-", ENGINE_DOCKER},
	{"/docker/", ENGINE_DOCKER},
	{"/", ENGINE_UNKNOWN},
};

#define ID_DIGITS 64

/* The identifier that a group is named after; absent: none. */
static struct span find_id(struct span cgroup, enum engine *ret_engine)
{
	size_t digits = 0;

	for (size_t i = 0; i < cgroup.n; i++) {
		struct span id;

		digits = strchr("0123456789abcdef", cgroup.p[i]) != NULL ? digits + 1 : 0;
		if (digits != ID_DIGITS || i + 1 == cgroup.n ||
		    strchr("/.\n", cgroup.p[i + 1]) == NULL)
			continue;
		id = (struct span){cgroup.p + i + 1 - ID_DIGITS, ID_DIGITS};
		for (size_t k = 0; k < ARRAY_SIZE(group_names); k++) {
			size_t n = strlen(group_names[k].before);

			if ((size_t)(id.p - cgroup.p) < n ||
			    memcmp(id.p - n, group_names[k].before, n) != 0)
				continue;
			*ret_engine = group_names[k].engine;
			return id;
		}
	}
	return (struct span){0};
}

static struct container *find_group(struct container *list, struct span id)
{
	while (list != NULL && !(list->runtime == NULL && span_eq(span_of(list->id), id)))
		list = list->next;
	return list;
}

/* By what is left. A container that has ended meanwhile is in no state, and its processes are gone.
 */
static int add_unknown(struct finder *f, struct error *err)
{
	struct process *p, *next;

	for (p = f->processes; p != NULL; p = next) {
		struct container container = {.init = p};
		char name[ID_DIGITS + 1];
		struct span id = find_id(p->cgroup, &container.engine);
		struct container *known = find_group(f->list, id);

		next = p->next;
		if (id.p == NULL || p->zombie || !process_refresh(p))
			continue;
		if (known != NULL) {
			append(known, p);
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", ID_DIGITS, id.p);
		container.id = name;
		if (add(f, &container, err) < 0)
			return -1;
	}
	return 0;
}

int container_list(const struct container_search *search, struct container **ret_list,
		   struct error *err)
{
	struct finder f = {.search = search};

	f.end = &f.list;
	/* Processes first: what is started later is then in neither. */
	if (process_list(search->keep, &f.processes, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		look_at_access(&f, places[i]);
		if (add_place(&f, places[i], err) < 0)
			return -1;
	}
	assign_members(&f);
	if (add_unknown(&f, err) < 0)
		return -1;
	*ret_list = f.list;
	return 0;
}

int container_refresh(const struct container_search *search, struct container *list,
		      struct error *err)
{
	struct finder f = {.search = search, .list = list};

	if (process_list(search->keep, &f.processes, err) < 0)
		return -1;
	for (struct container *c = list; c != NULL; c = c->next) {
		struct process *init = take_process(&f, c->init->pid);

		c->processes = NULL;
		if (init == NULL)
			continue;
		if (init->start != c->init->start) {
			put_back(&f, init);
			continue;
		}
		c->init = init;
		if (!init->zombie)
			append(c, init);
	}
	assign_members(&f);
	/* Those of which nothing but the name of the group is known. */
	for (struct process *p = f.processes, *next; p != NULL; p = next) {
		enum engine ignored;
		struct span id = find_id(p->cgroup, &ignored);
		struct container *known = find_group(list, id);

		next = p->next;
		if (known != NULL && !p->zombie)
			append(known, p);
	}
	return 0;
}

int container_read_config(const struct container *container, const struct container_search *search,
			  char ret_path[PATH_MAX], struct span *ret_text, struct error *err)
{
	CLEANUP_FD int fd = -1;
	struct stat st;

	if (container->bundle == NULL)
		return error_set(err, "no runtime in a usual place knows it");
	snprintf(ret_path, PATH_MAX, "%s%s/config.json", search->root, container->bundle);
	fd = file_open_regular(AT_FDCWD, ret_path, &st, err);
	if (fd < 0 || file_read_regular((struct file_open){fd, &st}, OCICONFIG_MAX_SIZE,
					search->keep, ret_text, err) < 0)
		return error_prefix(err, "%s", ret_path);
	return 0;
}
