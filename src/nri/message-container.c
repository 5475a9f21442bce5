/* SPDX-License-Identifier: Apache-2.0 */
/* PodSandbox and Container: what an engine tells of a container that is about to be created, and
 * what all plugins together do to it. */
#include "nri/message.h"

#include "nri/message-internal.h"

/* Of enum Field in api.proto. */
#define FIELD_SECCOMP_POLICY 32

struct reader {
	struct arena *keep;
	struct nri_container *container;
	struct oci_annotation **annotation_tail;
	size_t n_annotations;
	struct oci_device_rule device;
	unsigned int open_devices; /* see oci_devices_add() */
	struct {
		struct span destination, type;
		bool writable;
	} mount;
	struct nri_validation *validation; /* NULL: an adjustment is not read */
	struct span key, owner;            /* of the map entry that is being read */
	uint64_t field;
};

/* ---- the pod ---- */

static int pod_field(void *ctx, const struct pb_field *f, struct error *err)
{
	struct nri_container *container = ((struct reader *)ctx)->container;

	(void)err;
	if (pb_is_bytes(f, 2))
		container->pod = f->bytes;
	else if (pb_is_bytes(f, 4))
		container->name_space = f->bytes;
	else if (pb_is_bytes(f, 7))
		container->handler = f->bytes;
	return 0;
}

/* ---- annotations ---- */

/* A value that is empty is left out. */
static int entry_field(void *ctx, const struct pb_field *f, struct error *err)
{
	struct oci_annotation *annotation = ctx;

	(void)err;
	if (pb_is_bytes(f, 1))
		annotation->key = f->bytes;
	else if (pb_is_bytes(f, 2))
		annotation->value = f->bytes;
	return 0;
}

/* Profiles' paths are read from values as C strings. */
static int keep_text(struct reader *r, struct span *text, struct error *err)
{
	const char *copy = arena_strdup(r->keep, *text);

	if (copy == NULL)
		return nri_no_room(err);
	if (memchr(copy, '\0', text->n) != NULL)
		return error_set(err, "an annotation with a NUL in it");
	text->p = copy;
	return 0;
}

static int add_annotation(struct reader *r, struct span message, struct error *err)
{
	struct oci_annotation *annotation = arena_alloc(r->keep, sizeof(*annotation));

	if (annotation == NULL)
		return nri_no_room(err);
	if (r->n_annotations++ == OCICONFIG_MAX_ANNOTATIONS)
		return error_set(err, "more than %d annotations", OCICONFIG_MAX_ANNOTATIONS);
	*annotation = (struct oci_annotation){{"", 0}, {"", 0}, NULL, NULL};
	if (nri_read(message, entry_field, annotation, err) < 0 ||
	    keep_text(r, &annotation->key, err) < 0 || keep_text(r, &annotation->value, err) < 0)
		return -1;
	*r->annotation_tail = annotation;
	r->annotation_tail = &annotation->next;
	return 0;
}

/* ---- mounts ---- */

static int mount_field(void *ctx, const struct pb_field *f, struct error *err)
{
	struct reader *r = ctx;

	(void)err;
	if (pb_is_bytes(f, 1))
		r->mount.destination = f->bytes;
	else if (pb_is_bytes(f, 2))
		r->mount.type = f->bytes;
	else if (pb_is_bytes(f, 4) && span_eq(f->bytes, SPAN("ro")))
		r->mount.writable = false;
	return 0;
}

static int add_mount(struct reader *r, struct span message, struct error *err)
{
	r->mount.destination = r->mount.type = (struct span){0};
	r->mount.writable = true;
	if (nri_read(message, mount_field, r, err) < 0)
		return -1;
	if (span_eq(r->mount.destination, SPAN("/sys")))
		r->container->config.writable_sysfs =
			r->mount.writable && span_eq(r->mount.type, SPAN("sysfs"));
	return 0;
}

/* ---- hooks ---- */

static int hook_field(void *ctx, const struct pb_field *f, struct error *err)
{
	struct nri_container *container = ((struct reader *)ctx)->container;

	(void)err;
	if (pb_is_bytes(f, 1) && span_eq(f->bytes, span_of(container->hook)))
		container->has_hook = true;
	return 0;
}

/* The hooks of all stages are told alike. */
static int hooks_field(void *ctx, const struct pb_field *f, struct error *err)
{
	return f->type == PB_BYTES ? nri_read(f->bytes, hook_field, ctx, err) : 0;
}

/* ---- linux ---- */

static int device_number_field(void *ctx, const struct pb_field *f, struct error *err)
{
	(void)err;
	/* All devices are -1. */
	if (pb_is_number(f, 1) && f->value != UINT64_MAX)
		((struct reader *)ctx)->device.numbered = true;
	return 0;
}

static int device_field(void *ctx, const struct pb_field *f, struct error *err)
{
	struct oci_device_rule *device = &((struct reader *)ctx)->device;

	if (pb_is_number(f, 1))
		device->allow = f->value != 0;
	else if (pb_is_bytes(f, 2))
		device->kinds = oci_device_kinds(f->bytes);
	else if (pb_is_bytes(f, 5))
		device->full = oci_device_access_is_full(f->bytes);
	else if (pb_is_bytes(f, 3) || pb_is_bytes(f, 4)) {
		/* A number that is there and 0 is left out of the message around it. */
		if (f->bytes.n == 0)
			device->numbered = true;
		return nri_read(f->bytes, device_number_field, ctx, err);
	}
	return 0;
}

static int resources_field(void *ctx, const struct pb_field *f, struct error *err)
{
	struct reader *r = ctx;

	if (!pb_is_bytes(f, 7))
		return 0;
	r->device = (struct oci_device_rule){.kinds = OCI_DEVICE_BOTH};
	if (nri_read(f->bytes, device_field, r, err) < 0)
		return -1;
	r->container->config.all_devices = oci_devices_add(&r->open_devices, &r->device);
	return 0;
}

static int profile_type_field(void *ctx, const struct pb_field *f, struct error *err)
{
	(void)err;
	if (pb_is_number(f, 1))
		*(enum nri_profile_type *)ctx = f->value == NRI_PROFILE_UNCONFINED
							? NRI_PROFILE_UNCONFINED
							: NRI_PROFILE_LOCALHOST;
	return 0;
}

static int linux_field(void *ctx, const struct pb_field *f, struct error *err)
{
	struct reader *r = ctx;
	struct ociconfig *config = &r->container->config;

	if (pb_is_bytes(f, 3))
		return nri_read(f->bytes, resources_field, r, err);
	if (pb_is_bytes(f, 5))
		config->cgroups_path = f->bytes;
	if (pb_is_bytes(f, 7)) {
		/* Its first type is 0 and is not written. */
		r->container->profile_type = NRI_PROFILE_DEFAULT;
		return nri_read(f->bytes, profile_type_field, &r->container->profile_type, err);
	}
	if (!pb_is_bytes(f, 8))
		return 0;
	config->has_profile = true;
	if (nri_read_profile(f->bytes, r->keep, &config->profile, err) < 0)
		return error_prefix(err, "linux.seccomp");
	return 0;
}

/* ---- the container ---- */

static int container_field(void *ctx, const struct pb_field *f, struct error *err)
{
	struct reader *r = ctx;

	if (f->type != PB_BYTES)
		return 0;
	switch (f->number) {
	case 1:
		r->container->id = f->bytes;
		break;
	case 3:
		r->container->name = f->bytes;
		break;
	case 6:
		return add_annotation(r, f->bytes, err);
	case 9:
		return add_mount(r, f->bytes, err);
	case 10:
		return nri_read(f->bytes, hooks_field, r, err);
	case 11:
		return nri_read(f->bytes, linux_field, r, err);
	default:
		break;
	}
	return 0;
}

static int create_field(void *ctx, const struct pb_field *f, struct error *err)
{
	if (pb_is_bytes(f, 1))
		return nri_read(f->bytes, pod_field, ctx, err);
	if (pb_is_bytes(f, 2))
		return nri_read(f->bytes, container_field, ctx, err);
	return 0;
}

static void begin(struct reader *r, struct arena *keep, struct nri_container *container)
{
	*container =
		(struct nri_container){.hook = container->hook, .profile_type = NRI_PROFILE_UNSET};
	*r = (struct reader){.keep = keep, .container = container};
	r->annotation_tail = &container->config.annotations;
}

int nri_read_create(struct span payload, struct arena *keep, struct nri_container *container,
		    struct error *err)
{
	struct reader r;

	begin(&r, keep, container);
	return nri_read(payload, create_field, &r, err);
}

/* ---- what all plugins do to it ---- */

static int linux_adjust_field(void *ctx, const struct pb_field *f, struct error *err)
{
	struct reader *r = ctx;

	if (!pb_is_bytes(f, 6))
		return 0;
	r->validation->has_profile = true;
	if (nri_read_profile(f->bytes, r->keep, &r->validation->profile, err) < 0)
		return error_prefix(err, "linux.seccomp");
	return 0;
}

static int adjust_field(void *ctx, const struct pb_field *f, struct error *err)
{
	if (pb_is_bytes(f, 5))
		return nri_read(f->bytes, hooks_field, ctx, err);
	if (pb_is_bytes(f, 6))
		return nri_read(f->bytes, linux_adjust_field, ctx, err);
	return 0;
}

/* map<int32, string>: which plugin has set which field. */
static int simple_owner_field(void *ctx, const struct pb_field *f, struct error *err)
{
	struct reader *r = ctx;

	(void)err;
	if (pb_is_number(f, 1))
		r->field = f->value;
	else if (pb_is_bytes(f, 2))
		r->owner = f->bytes;
	return 0;
}

static int field_owners_field(void *ctx, const struct pb_field *f, struct error *err)
{
	struct reader *r = ctx;

	if (!pb_is_bytes(f, 1))
		return 0;
	r->field = 0;
	r->owner = (struct span){"", 0};
	if (nri_read(f->bytes, simple_owner_field, r, err) < 0)
		return -1;
	if (r->field == FIELD_SECCOMP_POLICY)
		r->validation->owner = r->owner;
	return 0;
}

/* map<string, FieldOwners> by container; updates of other containers have no seccomp. */
static int container_owners_field(void *ctx, const struct pb_field *f, struct error *err)
{
	return pb_is_bytes(f, 2) ? nri_read(f->bytes, field_owners_field, ctx, err) : 0;
}

static int owners_field(void *ctx, const struct pb_field *f, struct error *err)
{
	return pb_is_bytes(f, 1) ? nri_read(f->bytes, container_owners_field, ctx, err) : 0;
}

static int validate_field(void *ctx, const struct pb_field *f, struct error *err)
{
	if (pb_is_bytes(f, 3))
		return nri_read(f->bytes, adjust_field, ctx, err);
	if (pb_is_bytes(f, 5))
		return nri_read(f->bytes, owners_field, ctx, err);
	return create_field(ctx, f, err);
}

int nri_read_validate(struct span payload, struct arena *keep, struct nri_validation *validation,
		      struct error *err)
{
	struct nri_container container = {.hook = validation->container.hook};
	struct reader r;

	*validation = (struct nri_validation){.container = container};
	begin(&r, keep, &validation->container);
	r.validation = validation;
	return nri_read(payload, validate_field, &r, err);
}
