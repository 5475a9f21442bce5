/* SPDX-License-Identifier: Apache-2.0 */
/* What an engine knows of a container: its name, its image, its labels. */
#include "base/json-scan.h"
#include "node/fileio.h"
#include "node/host-internal.h"
#include "node/safe-path.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

/* One container of Docker takes some kilobytes, and so do ten of podman. */
#define NAMES_MAX_SIZE (1U << 20)
#define MAX_LABELS 1024

#define ID_DIGITS 64

struct reader {
	struct arena *keep;
	struct arena *scratch;
	struct span id; /* of the container that is looked for */
	struct span found_id, name, image;
	const struct oci_annotation *labels;
	struct oci_annotation **label_tail;
	struct span label_key;
	size_t n_labels;
	bool done; /* podman: the container has been read */
};

static int keep_text(struct reader *r, struct span text, struct span *ret, struct error *err)
{
	const char *copy = arena_strdup(r->keep, text);

	if (copy == NULL)
		return error_set(err, "too large");
	*ret = (struct span){copy, text.n};
	return 0;
}

/* The text of a file that only root, and the caller, can have written; it lives in `scratch`. */
static int read_trusted(const char *path, struct arena *scratch, struct span *ret_text)
{
	struct error ignored;
	struct stat st;
	CLEANUP_FD int fd = file_open_regular(AT_FDCWD, path, &st, &ignored);

	if (fd < 0 || safe_status(&st, &ignored) < 0 || safe_parents(path, &ignored) < 0)
		return -1;
	return file_read_regular((struct file_open){fd, &st}, NAMES_MAX_SIZE, scratch, ret_text,
				 &ignored);
}

/* ---- Docker ---- */

static int set_id(void *ctx, const struct json_value *value, struct error *err)
{
	return keep_text(ctx, value->str, &((struct reader *)ctx)->found_id, err);
}

/* "/happy_einstein" */
static int set_name(void *ctx, const struct json_value *value, struct error *err)
{
	bool slash = value->str.n > 0 && value->str.p[0] == '/';

	return keep_text(ctx, span_skip(value->str, slash), &((struct reader *)ctx)->name, err);
}

static int set_image(void *ctx, const struct json_value *value, struct error *err)
{
	return keep_text(ctx, value->str, &((struct reader *)ctx)->image, err);
}

static int label_key(void *ctx, struct span key, struct error *err)
{
	return keep_text(ctx, key, &((struct reader *)ctx)->label_key, err);
}

static int label_value(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;
	struct oci_annotation *label = arena_alloc(r->keep, sizeof(*label));

	if (label == NULL || r->n_labels++ == MAX_LABELS)
		return error_set(err, "too many labels");
	*label = (struct oci_annotation){.key = r->label_key};
	*r->label_tail = label;
	r->label_tail = &label->next;
	return keep_text(r, value->str, &label->value, err);
}

static const struct json_field labels_value[] = {{"value", JSON_WANT_STRING, .set = label_value}};
static const struct json_schema labels_schema = {JSON_MAP, "Labels", labels_value, 1,
						 .key = label_key};
static const struct json_field config_fields[] = {
	{"Image", JSON_WANT_STRING, .set = set_image},
	{"Labels", JSON_WANT_OBJECT, .child = &labels_schema},
};
static const struct json_schema config_schema = {JSON_STRUCT, "Config", config_fields,
						 ARRAY_SIZE(config_fields)};
static const struct json_field docker_fields[] = {
	{"ID", JSON_WANT_STRING, .set = set_id},
	{"Name", JSON_WANT_STRING, .set = set_name},
	{"Config", JSON_WANT_OBJECT, .child = &config_schema},
};
static const struct json_schema docker_schema = {JSON_STRUCT, "config.v2.json", docker_fields,
						 ARRAY_SIZE(docker_fields)};

/* `path` without "/NAME" at its end; p == NULL if that is not its end. */
static struct span without(struct span path, const char *name)
{
	size_t n = strlen(name);

	if (path.n <= n || memcmp(path.p + path.n - n, name, n) != 0)
		return (struct span){0};
	return (struct span){path.p, path.n - n};
}

static bool is_in_directory_of(struct span path, struct span id)
{
	return path.n > id.n && path.p[path.n - id.n - 1] == '/' &&
	       span_eq(span_skip(path, path.n - id.n), id);
}

static void from_docker(const struct ociconfig *config, struct reader *r)
{
	static const struct json_form form = {.root = &docker_schema};
	struct span dir = without(config->own_files[OWN_HOSTNAME], "/hostname");
	struct span same = without(config->own_files[OWN_RESOLV_CONF], "/resolv.conf");
	char path[PATH_MAX];
	struct span text;
	struct error ignored;

	/* Whoever starts containers can mount other files there, but does not choose the cgroup. */
	if (r->id.n == 0 || !span_eq(dir, same) || !is_in_directory_of(dir, r->id) ||
	    dir.n + sizeof("/config.v2.json") > sizeof(path))
		return;
	snprintf(path, sizeof(path), "%.*s/config.v2.json", (int)dir.n, dir.p);
	if (read_trusted(path, r->scratch, &text) == 0 &&
	    json_scan(text, &form, r->scratch, r, &ignored) == 0)
		r->done = span_eq(r->found_id, r->id);
}

/* ---- podman ---- */

static int begin_container(void *ctx, struct error *err)
{
	struct reader *r = ctx;

	(void)err;
	if (!r->done)
		r->found_id = r->name = r->image = (struct span){0};
	return 0;
}

static int add_name(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;

	return r->done || r->name.p != NULL ? 0 : keep_text(r, value->str, &r->name, err);
}

static int set_podman_id(void *ctx, const struct json_value *value, struct error *err)
{
	return ((struct reader *)ctx)->done ? 0 : set_id(ctx, value, err);
}

/* JSON in a string. Of all containers but one it need not be read. */
static int set_metadata(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;

	return r->done ? 0 : keep_text(r, value->str, &r->image, err);
}

static int end_container(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;

	(void)value;
	(void)err;
	r->done = r->done || span_eq(r->found_id, r->id);
	return 0;
}

static const struct json_field names_element[] = {{"names", JSON_WANT_STRING, .set = add_name}};
static const struct json_schema names_schema = {JSON_LIST, "names", names_element, 1};
static const struct json_field container_fields[] = {
	{"id", JSON_WANT_STRING, .set = set_podman_id},
	{"names", JSON_WANT_ARRAY, .child = &names_schema},
	{"metadata", JSON_WANT_STRING, .set = set_metadata},
};
static const struct json_schema container_schema = {JSON_STRUCT, "container", container_fields,
						    ARRAY_SIZE(container_fields),
						    .begin = begin_container};
static const struct json_field containers_element[] = {
	{"containers", JSON_WANT_OBJECT, .child = &container_schema, .set = end_container}};
static const struct json_schema containers_schema = {JSON_LIST, "containers", containers_element,
						     1};
static const struct json_field podman_fields[] = {
	{"containers", JSON_WANT_ARRAY, .child = &containers_schema}};
static const struct json_schema podman_schema = {JSON_STRUCT, "containers.json", podman_fields, 1};

static const struct json_field metadata_fields[] = {
	{"image-name", JSON_WANT_STRING, .set = set_image}};
static const struct json_schema metadata_schema = {JSON_STRUCT, "metadata", metadata_fields, 1};

/* The file is an array, and the reader wants an object. */
static int as_object(struct arena *scratch, struct span *text)
{
	const struct span head = SPAN("{\"containers\":");
	char *p = arena_alloc(scratch, head.n + text->n + 1);

	if (p == NULL)
		return -1;
	memcpy(p, head.p, head.n);
	memcpy(p + head.n, text->p, text->n);
	p[head.n + text->n] = '}';
	*text = (struct span){p, head.n + text->n + 1};
	return 0;
}

static void read_containers(struct span dir, const char *name, struct reader *r)
{
	static const struct json_form containers = {.root = &podman_schema};
	static const struct json_form image = {.root = &metadata_schema};
	char path[PATH_MAX];
	struct span text, metadata;
	struct error ignored;

	if (r->done || dir.n + strlen(name) + 2 > sizeof(path))
		return;
	snprintf(path, sizeof(path), "%.*s/%s", (int)dir.n, dir.p, name);
	if (read_trusted(path, r->scratch, &text) < 0 || as_object(r->scratch, &text) < 0 ||
	    json_scan(text, &containers, r->scratch, r, &ignored) < 0)
		r->done = false;
	if (!r->done)
		return;
	metadata = r->image;
	r->image = (struct span){0};
	if (metadata.n > 0)
		(void)!json_scan(metadata, &image, r->scratch, r, &ignored);
}

/* ".../overlay-containers/ID/userdata/shm": below graphroot; .containerenv: below runroot. */
static void from_podman(const struct ociconfig *config, struct reader *r)
{
	const struct span places[] = {
		without(config->own_files[OWN_SHM], "/userdata/shm"),
		without(config->own_files[OWN_CONTAINERENV], "/userdata/.containerenv"),
	};

	/* Without a cgroup of its own, as without root, it is where its file comes from. */
	if (r->id.n == 0 && places[1].n > ID_DIGITS) {
		r->id = span_skip(places[1], places[1].n - ID_DIGITS);
		if (strspn(r->id.p, "0123456789abcdef") != ID_DIGITS)
			r->id = (struct span){0};
	}
	for (size_t i = 0; r->id.n > 0 && i < ARRAY_SIZE(places); i++) {
		struct span dir = places[i];

		if (!is_in_directory_of(dir, r->id))
			continue;
		dir.n -= r->id.n + 1;
		read_containers(dir, "containers.json", r);
		read_containers(dir, "volatile-containers.json", r);
	}
}

void host_engine_names(const struct ociconfig *config, struct enforce_memory *memory,
		       struct identity *identity)
{
	struct reader r = {.keep = &memory->keep, .scratch = &memory->scratch, .id = identity->id};
	const size_t used = memory->scratch.used;

	if (identity->conflict != NULL)
		return;
	r.label_tail = (struct oci_annotation **)(uintptr_t)&r.labels;
	if (identity->engine == ENGINE_DOCKER)
		from_docker(config, &r);
	else if (identity->engine == ENGINE_PODMAN)
		from_podman(config, &r);
	memory->scratch.used = used;
	identity->id = r.id;
	if (!r.done)
		return;
	identity->container = r.name;
	identity->image = r.image;
	identity->labels = r.labels;
}
