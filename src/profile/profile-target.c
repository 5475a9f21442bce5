/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of a profile file that depends on the host and the container: architectures, archMap,
 * includes, excludes (moby/profiles, seccomp/seccomp_linux.go, setupSeccomp()).
 */
#include "base/number.h"
#include "oci/capability.h"
#include "profile/profile-internal.h"
#include "syscall/abi.h"

/*
 * What includes.arches and excludes.arches call an architecture whose name there is not that of
 * `uname -m`. Docker and Podman differ in the last two.
 */
static const struct {
	enum profile_arch arch;
	const char *token;
} tokens[] = {
	{PROFILE_ARCH_X86_64, "amd64"},
	{PROFILE_ARCH_AARCH64, "arm64"},
	{PROFILE_ARCH_MIPSEL64N32, "mips3l64n32"},
	{PROFILE_ARCH_MIPSEL64N32, "mipsel64n32"},
	{PROFILE_ARCH_LOONGARCH64, "loongarch64"},
	{PROFILE_ARCH_LOONGARCH64, "loong64"},
};

/* Architectures that libseccomp knows and no host here is of. */
static const char *const big_endian[] = {"SCMP_ARCH_M68K", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64",
					 "SCMP_ARCH_SHEB"};

/* What `architectures` and archMap call the host; NULL where it is not known. */
static const char *native_name(const struct file_reader *r)
{
	enum abi abi;

	return abi_of_arch(r->target->arch, &abi) < 0 ? NULL : abi_infos[abi].oci;
}

static bool is_token(enum profile_arch arch, struct span token)
{
	bool listed = false;

	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
		if (tokens[i].arch != arch)
			continue;
		listed = true;
		if (span_eq(token, span_of(tokens[i].token)))
			return true;
	}
	return !listed && arch != PROFILE_ARCH_UNKNOWN &&
	       span_eq(token, span_of(profile_arch_name(arch)));
}

/* ---- architectures, archMap ---- */

static bool is_big_endian(struct span arch)
{
	enum abi abi;

	if (abi_from_oci(arch, &abi) == 0)
		return abi_is_big_endian(abi);
	for (size_t i = 0; i < ARRAY_SIZE(big_endian); i++)
		if (span_eq(arch, span_of(big_endian[i])))
			return true;
	return false;
}

/* libseccomp puts no two byte orders into one filter. */
static int check_byte_order(const struct file_reader *r, struct span arch, struct error *err)
{
	const char *native = native_name(r);

	if (native == NULL || is_big_endian(arch) == is_big_endian(span_of(native)))
		return 0;
	return error_set(err, "%.*s has not the byte order of this host, %s", SPAN_ARG(arch),
			 native);
}

static int add_arch(void *ctx, const struct json_value *value, struct error *err)
{
	return ociseccomp_add_arch(ctx, value, err) < 0 ? -1
							: check_byte_order(ctx, value->str, err);
}

static int not_both_archs(const struct file_reader *r, struct error *err)
{
	if (!r->has_archs || !r->has_map)
		return 0;
	return error_set(err, "\"architectures\" and \"archMap\" exclude each other");
}

int profilefile_end_archs(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;

	r->has_archs = !value->empty;
	return not_both_archs(r, err);
}

static int begin_mapping(void *ctx, struct error *err)
{
	struct file_reader *r = ctx;

	(void)err;
	r->map_archs = NULL;
	r->map_tail = &r->map_archs;
	return 0;
}

static const char *known_arch(struct span name, struct error *err)
{
	const char *arch = oci_arch_known(name);
	char shown[SPAN_SHOWN];

	if (arch == NULL)
		error_set(err, "unknown architecture \"%s\"",
			  text_printable(name, shown, sizeof(shown)));
	return arch;
}

static int set_map_arch(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;

	r->map_arch = known_arch(value->str, err);
	return r->map_arch == NULL ? -1 : 0;
}

static int add_sub_arch(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;
	struct seccomp_arch *node = arena_alloc(r->oci.arena, sizeof(*node));
	const char *arch = known_arch(value->str, err);

	if (arch == NULL)
		return -1;
	if (node == NULL)
		return profilefile_too_large(err);
	*node = (struct seccomp_arch){.name = span_of(arch)};
	*r->map_tail = node;
	r->map_tail = &node->next;
	return 0;
}

/* The first entry for the host counts: itself, then what else it runs. */
static int end_mapping(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;
	const char *native = native_name(r);
	struct seccomp_arch *own;

	(void)value;
	if (r->mapped || native == NULL || strcmp(r->map_arch, native) != 0)
		return 0;
	own = arena_alloc(r->oci.arena, sizeof(*own));
	if (own == NULL)
		return profilefile_too_large(err);
	*own = (struct seccomp_arch){.name = span_of(native), .next = r->map_archs};
	for (const struct seccomp_arch *arch = own; arch != NULL; arch = arch->next)
		if (check_byte_order(r, arch->name, err) < 0)
			return -1;
	*r->oci.arch_tail = own;
	r->oci.arch_tail = r->map_archs != NULL ? r->map_tail : &own->next;
	r->mapped = true;
	return 0;
}

int profilefile_end_map(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;

	r->has_map = !value->empty;
	return not_both_archs(r, err);
}

/* ---- includes, excludes ---- */

static int begin_filter(void *ctx, struct error *err)
{
	(void)err;
	((struct file_reader *)ctx)->filter = (struct target_filter){.every_cap = true};
	return 0;
}

/* Compared literally, as the engines do: a name that does not exist is held by nobody. */
static int add_cap(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;
	int number = capability_from_name(value->str);
	bool held = number >= 0 && !r->target->caps_absent && (r->target->caps >> number & 1) != 0;

	(void)err;
	r->filter.has_caps = r->by_caps = true;
	r->filter.some_cap |= held;
	r->filter.every_cap &= held;
	return 0;
}

static int add_token(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;

	(void)err;
	r->filter.has_arches = true;
	r->filter.arch_listed |= is_token(r->target->arch, value->str);
	return 0;
}

/* Docker takes "" for 0.0, which every kernel has reached, and refuses "0.0" itself. */
static int set_min_kernel(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;
	const char *dot = value->str.n > 0 ? memchr(value->str.p, '.', value->str.n) : NULL;
	size_t n = dot != NULL ? (size_t)(dot - value->str.p) : value->str.n;
	uint64_t major = 0, minor = 0;
	char shown[SPAN_SHOWN];

	if (value->str.n > 0 &&
	    (!number_parse((struct span){value->str.p, n}, 10, UINT8_MAX, &major) ||
	     !number_parse(span_skip(value->str, n + 1), 10, UINT8_MAX, &minor) ||
	     (major == 0 && minor == 0)))
		return error_set(err, "must be a kernel version like \"4.8\", not \"%s\"",
				 text_printable(value->str, shown, sizeof(shown)));
	r->filter.has_kernel = true;
	r->filter.kernel_reached = r->target->kernel >= PROFILE_KERNEL(major, minor);
	return 0;
}

int profilefile_set_includes(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;

	(void)value;
	(void)err;
	r->includes = r->filter;
	return 0;
}

int profilefile_set_excludes(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;

	(void)value;
	(void)err;
	r->excludes = r->filter;
	return 0;
}

bool profilefile_rule_holds(const struct file_reader *r)
{
	const struct target_filter *in = &r->includes, *out = &r->excludes;

	if ((out->has_caps && out->some_cap) || (out->has_arches && out->arch_listed) ||
	    (out->has_kernel && out->kernel_reached))
		return false;
	return (!in->has_caps || in->every_cap) && (!in->has_arches || in->arch_listed) &&
	       (!in->has_kernel || in->kernel_reached);
}

static const struct json_field sub_element[] = {
	{"subArchitectures", JSON_WANT_STRING, .set = add_sub_arch}};
static const struct json_schema sub_schema = {JSON_LIST, "subArchitectures", sub_element, 1};
static const struct json_field mapping_fields[] = {
	{"architecture", JSON_WANT_STRING, .required = true, .set = set_map_arch},
	{"subArchitectures", JSON_WANT_ARRAY, .child = &sub_schema},
};
static const struct json_schema mapping_schema = {
	JSON_STRUCT, "archMap", mapping_fields, ARRAY_SIZE(mapping_fields), .begin = begin_mapping};
static const struct json_field map_element[] = {
	{"archMap", JSON_WANT_OBJECT, .child = &mapping_schema, .set = end_mapping}};
const struct json_schema profilefile_map_schema = {JSON_LIST, "archMap", map_element, 1};

static const struct json_field arch_element[] = {
	{"architectures", JSON_WANT_STRING, .set = add_arch}};
const struct json_schema profilefile_archs_schema = {JSON_LIST, "architectures", arch_element, 1};

static const struct json_field cap_element[] = {{"caps", JSON_WANT_STRING, .set = add_cap}};
static const struct json_schema caps_schema = {JSON_LIST, "caps", cap_element, 1};
static const struct json_field token_element[] = {{"arches", JSON_WANT_STRING, .set = add_token}};
static const struct json_schema tokens_schema = {JSON_LIST, "arches", token_element, 1};
static const struct json_field filter_fields[] = {
	{"caps", JSON_WANT_ARRAY, .child = &caps_schema},
	{"arches", JSON_WANT_ARRAY, .child = &tokens_schema},
	{"minKernel", JSON_WANT_STRING, .set = set_min_kernel},
};
const struct json_schema profilefile_filter_schema = {
	JSON_STRUCT, "conditions", filter_fields, ARRAY_SIZE(filter_fields), .begin = begin_filter};
