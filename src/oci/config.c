/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/config.h"

#include "base/json-scan.h"
#include "base/number.h"
#include "oci/capability.h"

/* An engine writes some 30 annotations. */
#define ANNOTATION_BUCKETS 64

/* The mount that is being read. */
struct mount {
	bool on_sys, sysfs, writable;
	enum oci_own_file own; /* OWN_FILES: none of them */
	struct span source;
};

struct reader {
	struct seccomp_reader
		seccomp; /* first: ociseccomp_schema's callbacks take the context for it */
	struct arena *keep;
	struct ociconfig config;
	struct oci_annotation **annotation_tail;
	struct span annotation_key;
	size_t n_annotations;
	struct oci_annotation
		*bucket[ANNOTATION_BUCKETS]; /* by hash of the key, to find one written twice */
	struct oci_device_rule device;
	unsigned int open_devices; /* see oci_devices_add() */
	struct mount mount;
};

/* ---- annotations ---- */

/*
 * By the end of a key, where those of one origin differ. Keys made to collide cost at most
 * OCICONFIG_MAX_ANNOTATIONS squared comparisons.
 */
static struct oci_annotation **bucket_of(struct reader *r, struct span key)
{
	struct span end = span_skip(key, key.n > 8 ? key.n - 8 : 0);

	return &r->bucket[hash_bytes(HASH_START, end.p, end.n) % ANNOTATION_BUCKETS];
}

static int annotation_key(void *ctx, struct span key, struct error *err)
{
	struct reader *r = ctx;
	char *copy;

	/* If one is written twice, runc takes the last and crun before 1.28 the first. */
	for (const struct oci_annotation *a = *bucket_of(r, key); a != NULL; a = a->same_bucket)
		if (span_eq(a->key, key))
			return error_set(err,
					 "annotation \"%.*s\" is written twice, and runtimes "
					 "differ in which "
					 "one counts",
					 SPAN_ARG(key));
	if (r->n_annotations++ == OCICONFIG_MAX_ANNOTATIONS)
		return error_set(err, "more than %d annotations", OCICONFIG_MAX_ANNOTATIONS);
	copy = arena_strdup(r->keep, key);
	if (copy == NULL)
		return error_set(err, "too many annotations");
	r->annotation_key = (struct span){copy, key.n};
	return 0;
}

static int annotation_value(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;
	struct oci_annotation *a = arena_alloc(r->keep, sizeof(*a));
	char *copy = a != NULL ? arena_strdup(r->keep, value->str) : NULL;
	struct oci_annotation **bucket;

	if (copy == NULL)
		return error_set(err, "too many annotations");
	bucket = bucket_of(r, r->annotation_key);
	*a = (struct oci_annotation){r->annotation_key, {copy, value->str.n}, NULL, *bucket};
	*bucket = a;
	*r->annotation_tail = a;
	r->annotation_tail = &a->next;
	return 0;
}

/* ---- the fields ---- */

static int add_capability(void *ctx, const struct json_value *value, struct error *err)
{
	int number = capability_from_name(value->str);

	(void)err;
	if (number >= 0)
		((struct reader *)ctx)->config.bounding |= UINT64_C(1) << number;
	return 0;
}

/* Of another type, runtimes refuse it. */
static int set_no_new_privileges(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct reader *)ctx)->config.no_new_privileges =
		value->type == JSON_BOOL && value->boolean;
	return 0;
}

static int add_masked_path(void *ctx, const struct json_value *value, struct error *err)
{
	(void)value;
	(void)err;
	((struct reader *)ctx)->config.n_masked_paths++;
	return 0;
}

static int set_cgroups_path(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;
	const char *copy = arena_strdup(r->keep, value->str);

	if (copy == NULL)
		return error_set(err, "linux.cgroupsPath is too long");
	r->config.cgroups_path = (struct span){copy, value->str.n};
	return 0;
}

/* ---- device rules ---- */

unsigned int oci_device_kinds(struct span type)
{
	if (span_eq(type, SPAN("c")) || span_eq(type, SPAN("u")))
		return OCI_DEVICE_CHAR;
	if (span_eq(type, SPAN("b")))
		return OCI_DEVICE_BLOCK;
	return type.n == 0 || span_eq(type, SPAN("a")) ? OCI_DEVICE_BOTH : 0;
}

bool oci_device_access_is_full(struct span access)
{
	return access.n > 0 && memchr(access.p, 'r', access.n) != NULL &&
	       memchr(access.p, 'w', access.n) != NULL && memchr(access.p, 'm', access.n) != NULL;
}

/* A narrow rule that allows adds nothing to what all may be done with; one that denies takes
 * something away. */
bool oci_devices_add(unsigned int *open, const struct oci_device_rule *rule)
{
	if (!rule->allow)
		*open &= ~rule->kinds;
	else if (rule->full && !rule->numbered)
		*open |= rule->kinds;
	return *open == OCI_DEVICE_BOTH;
}

static int begin_device(void *ctx, struct error *err)
{
	(void)err;
	((struct reader *)ctx)->device = (struct oci_device_rule){.kinds = OCI_DEVICE_BOTH};
	return 0;
}

static int set_device_allow(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct reader *)ctx)->device.allow = value->boolean;
	return 0;
}

static int set_device_type(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct reader *)ctx)->device.kinds = oci_device_kinds(value->str);
	return 0;
}

/* -1 means all; anything else, whatever its form, is one or none. */
static int set_device_number(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	if (!span_eq(value->raw, SPAN("-1")))
		((struct reader *)ctx)->device.numbered = true;
	return 0;
}

static int set_device_access(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct reader *)ctx)->device.full = oci_device_access_is_full(value->str);
	return 0;
}

static int add_device(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;

	(void)value;
	(void)err;
	r->config.all_devices = oci_devices_add(&r->open_devices, &r->device);
	return 0;
}

/* ---- mounts ---- */

static int begin_mount(void *ctx, struct error *err)
{
	(void)err;
	((struct reader *)ctx)->mount = (struct mount){.writable = true, .own = OWN_FILES};
	return 0;
}

static int set_mount_destination(void *ctx, const struct json_value *value, struct error *err)
{
	static const char *const own[OWN_FILES] = {
		[OWN_HOSTNAME] = "/etc/hostname",
		[OWN_RESOLV_CONF] = "/etc/resolv.conf",
		[OWN_CONTAINERENV] = "/run/.containerenv",
		[OWN_SHM] = "/dev/shm",
	};
	struct mount *mount = &((struct reader *)ctx)->mount;
	int i = 0;

	(void)err;
	mount->on_sys = span_eq(value->str, SPAN("/sys"));
	while (i < OWN_FILES && !span_eq(value->str, span_of(own[i])))
		i++;
	mount->own = (enum oci_own_file)i;
	return 0;
}

static int keep_string(struct reader *r, const struct json_value *value, struct span *ret,
		       struct error *err)
{
	const char *copy = arena_strdup(r->keep, value->str);

	if (copy == NULL)
		return error_set(err, "too large");
	*ret = (struct span){copy, value->str.n};
	return 0;
}

static int set_mount_source(void *ctx, const struct json_value *value, struct error *err)
{
	return keep_string(ctx, value, &((struct reader *)ctx)->mount.source, err);
}

static int set_root_path(void *ctx, const struct json_value *value, struct error *err)
{
	return keep_string(ctx, value, &((struct reader *)ctx)->config.root_path, err);
}

static int set_mount_type(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct reader *)ctx)->mount.sysfs = span_eq(value->str, SPAN("sysfs"));
	return 0;
}

static int add_mount_option(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	if (span_eq(value->str, SPAN("ro")))
		((struct reader *)ctx)->mount.writable = false;
	return 0;
}

static int add_mount(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;

	(void)value;
	(void)err;
	if (r->mount.on_sys)
		r->config.writable_sysfs = r->mount.sysfs && r->mount.writable;
	if (r->mount.own < OWN_FILES)
		r->config.own_files[r->mount.own] = r->mount.source;
	return 0;
}

static int set_seccomp(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;

	r->config.seccomp = value->raw;
	if (value->type == JSON_NULL)
		return 0;
	r->config.has_profile = true;
	return ociseccomp_finish(&r->seccomp, err);
}

static int set_linux(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;

	if (value->type == JSON_NULL)
		return error_set(err,
				 "null: runc would run without namespaces, and crun not at all");
	r->config.linux_ = value->raw;
	r->config.linux_is_empty = value->empty;
	return 0;
}

static int set_annotations(void *ctx, const struct json_value *value, struct error *err)
{
	struct reader *r = ctx;

	(void)err;
	r->config.annotations_text = value->raw;
	r->config.annotations_are_empty = value->type == JSON_NULL || value->empty;
	return 0;
}

/* The two kinds of document that hooks are given are told apart by this. */
static int refuse_state(void *ctx, const struct json_value *value, struct error *err)
{
	(void)ctx;
	(void)value;
	return error_set(err, "this is an OCI state, not a configuration");
}

/* ---- the tables, from the inside out ---- */

static const struct json_field device_fields[] = {
	{"allow", JSON_WANT_BOOL, .set = set_device_allow},
	{"type", JSON_WANT_STRING, .set = set_device_type},
	{"major", JSON_WANT_ANY, .set = set_device_number},
	{"minor", JSON_WANT_ANY, .set = set_device_number},
	{"access", JSON_WANT_STRING, .set = set_device_access},
};
static const struct json_schema device_schema = {JSON_STRUCT, "devices", device_fields,
						 ARRAY_SIZE(device_fields), .begin = begin_device};
static const struct json_field devices_element[] = {
	{"devices", JSON_WANT_OBJECT, .child = &device_schema, .set = add_device}};
static const struct json_schema devices_schema = {JSON_LIST, "devices", devices_element, 1};
static const struct json_field resources_fields[] = {
	{"devices", JSON_WANT_ARRAY, .child = &devices_schema}};
static const struct json_schema resources_schema = {JSON_STRUCT, "resources", resources_fields, 1};
static const struct json_field masked_element[] = {
	{"maskedPaths", JSON_WANT_STRING, .set = add_masked_path}};
static const struct json_schema masked_schema = {JSON_LIST, "maskedPaths", masked_element, 1};
static const struct json_field linux_fields[] = {
	{"seccomp", JSON_WANT_OBJECT, .child = &ociseccomp_schema, .set = set_seccomp,
	 .null_too = true},
	{"cgroupsPath", JSON_WANT_STRING, .set = set_cgroups_path},
	{"maskedPaths", JSON_WANT_ARRAY, .child = &masked_schema},
	{"resources", JSON_WANT_OBJECT, .child = &resources_schema},
};
static const struct json_schema linux_schema = {JSON_STRUCT, "linux", linux_fields,
						ARRAY_SIZE(linux_fields)};
static const struct json_field bounding_element[] = {
	{"bounding", JSON_WANT_STRING, .set = add_capability}};
static const struct json_schema bounding_schema = {JSON_LIST, "bounding", bounding_element, 1};
static const struct json_field capabilities_fields[] = {
	{"bounding", JSON_WANT_ARRAY, .child = &bounding_schema}};
static const struct json_schema capabilities_schema = {JSON_STRUCT, "capabilities",
						       capabilities_fields, 1};
static const struct json_field process_fields[] = {
	{"capabilities", JSON_WANT_OBJECT, .child = &capabilities_schema},
	{"noNewPrivileges", JSON_WANT_ANY, .set = set_no_new_privileges},
};
static const struct json_schema process_schema = {JSON_STRUCT, "process", process_fields,
						  ARRAY_SIZE(process_fields)};
static const struct json_field annotations_value[] = {
	{"value", JSON_WANT_STRING, .set = annotation_value}};
static const struct json_schema annotations_schema = {JSON_MAP, "annotations", annotations_value, 1,
						      .key = annotation_key};
static const struct json_field option_element[] = {
	{"options", JSON_WANT_STRING, .set = add_mount_option}};
static const struct json_schema options_schema = {JSON_LIST, "options", option_element, 1};
static const struct json_field mount_fields[] = {
	{"destination", JSON_WANT_STRING, .set = set_mount_destination},
	{"type", JSON_WANT_STRING, .set = set_mount_type},
	{"source", JSON_WANT_STRING, .set = set_mount_source},
	{"options", JSON_WANT_ARRAY, .child = &options_schema},
};
static const struct json_schema mount_schema = {JSON_STRUCT, "mounts", mount_fields,
						ARRAY_SIZE(mount_fields), .begin = begin_mount};
static const struct json_field mounts_element[] = {
	{"mounts", JSON_WANT_OBJECT, .child = &mount_schema, .set = add_mount}};
static const struct json_schema mounts_schema = {JSON_LIST, "mounts", mounts_element, 1};
static const struct json_field root_directory_fields[] = {
	{"path", JSON_WANT_STRING, .set = set_root_path}};
static const struct json_schema root_directory_schema = {JSON_STRUCT, "root", root_directory_fields,
							 1};
static const struct json_field root_fields[] = {
	{"root", JSON_WANT_OBJECT, .child = &root_directory_schema},
	{"ociVersion", JSON_WANT_STRING, .required = true},
	{"process", JSON_WANT_OBJECT, .child = &process_schema},
	{"mounts", JSON_WANT_ARRAY, .child = &mounts_schema},
	{"annotations", JSON_WANT_OBJECT, .child = &annotations_schema, .set = set_annotations,
	 .null_too = true},
	{"linux", JSON_WANT_OBJECT, .child = &linux_schema, .set = set_linux, .null_too = true},
	{"status", JSON_WANT_ANY, .set = refuse_state, .null_too = true},
	{"pid", JSON_WANT_ANY, .set = refuse_state, .null_too = true},
};
static const struct json_schema root_schema = {JSON_STRUCT, "config.json", root_fields,
					       ARRAY_SIZE(root_fields)};

int ociconfig_read(struct span text, struct arena *keep, struct arena *scratch,
		   struct ociconfig *ret_config, struct error *err)
{
	static const struct json_form form = {.root = &root_schema};
	struct reader r = {
		.seccomp = {.arena = keep, .text = text},
		.keep = keep,
		.config = {.text = text},
	};

	r.annotation_tail = &r.config.annotations;
	if (text.n > OCICONFIG_MAX_SIZE)
		return error_set(err, "larger than the limit of %u bytes", OCICONFIG_MAX_SIZE);
	if (json_scan(text, &form, scratch, &r, err) < 0)
		return -1;
	r.config.profile = r.seccomp.profile;
	*ret_config = r.config;
	return 0;
}

struct span oci_annotation_value(const struct oci_annotation *list, struct span key)
{
	for (const struct oci_annotation *a = list; a != NULL; a = a->next)
		if (span_eq(a->key, key))
			return a->value;
	return (struct span){0};
}

struct span ociconfig_annotation(const struct ociconfig *config, struct span key)
{
	return oci_annotation_value(config->annotations, key);
}

const char *ociconfig_foreign_filter(const struct ociconfig *config)
{
	static const char *const keys[] = {
		OCI_PROGRAM_ANNOTATION,
		"run.oci.seccomp.plugins",
		"run.oci.seccomp.receiver",
	};

	for (size_t i = config->program_known ? 1 : 0; i < ARRAY_SIZE(keys); i++)
		if (ociconfig_annotation(config, span_of(keys[i])).p != NULL)
			return keys[i];
	return NULL;
}

bool ociconfig_fails_on_unknown_calls(const struct ociconfig *config)
{
	struct span value =
		ociconfig_annotation(config, SPAN("run.oci.seccomp_fail_unknown_syscall"));

	return value.p != NULL && !span_eq(value, SPAN("0"));
}

bool ociconfig_is_privileged(const struct ociconfig *config)
{
	/* 37 is what an engine gives where kernel and engine are old, 41 all there are (design
	 * facts, observed). */
	const int fewest = 37;
	const uint64_t needed = UINT64_C(1) << capability_from_name(SPAN("CAP_SYS_ADMIN")) |
				UINT64_C(1) << capability_from_name(SPAN("CAP_SYS_MODULE"));
	struct span podman = ociconfig_annotation(config, SPAN("io.podman.annotations.privileged"));
	bool says_so = podman.p != NULL && span_eq(podman, SPAN("TRUE"));

	if (podman.p != NULL && !says_so)
		return false;
	if (config->n_masked_paths > 0 || __builtin_popcountll(config->bounding) < fewest ||
	    (config->bounding & needed) != needed)
		return false;
	return config->all_devices || config->writable_sysfs || says_so;
}
