/* SPDX-License-Identifier: Apache-2.0 */
/* LinuxSeccomp: the linux.seccomp object by other field names. What the reader of that object takes
 * or refuses holds here, too, and by the same code. */
#include "nri/message-internal.h"

#include "oci/seccomp-rule.h"

/* ---- reading ---- */

/* A string or a number, as the reader of JSON would hand it on. */
static int set(struct seccomp_reader *r,
	       int (*setter)(void *ctx, const struct json_value *value, struct error *err),
	       const struct pb_field *f, struct error *err)
{
	const struct json_value value = {.str = f->bytes, .num = f->value, .raw = r->text};

	return setter(r, &value, err);
}

/* Optional numbers are messages with one field, which is left out where it is 0. */
static int optional_field(void *ctx, const struct pb_field *f, struct error *err)
{
	(void)err;
	if (pb_is_number(f, 1))
		*(uint64_t *)ctx = f->value;
	return 0;
}

static int set_optional(struct seccomp_reader *r,
			int (*setter)(void *ctx, const struct json_value *value, struct error *err),
			const struct pb_field *f, struct error *err)
{
	struct pb_field number = {.bytes = {"", 0}};

	if (nri_read(f->bytes, optional_field, &number.value, err) < 0)
		return -1;
	number.value &= UINT32_MAX;
	return set(r, setter, &number, err);
}

static int arg_field(void *ctx, const struct pb_field *f, struct error *err)
{
	if (pb_is_number(f, 1))
		return set(ctx, ociseccomp_set_arg_index, f, err);
	if (pb_is_number(f, 2))
		return set(ctx, ociseccomp_set_arg_value, f, err);
	if (pb_is_number(f, 3))
		return set(ctx, ociseccomp_set_arg_value_two, f, err);
	if (pb_is_bytes(f, 4))
		return set(ctx, ociseccomp_set_arg_op, f, err);
	return 0;
}

static int rule_field(void *ctx, const struct pb_field *f, struct error *err)
{
	if (pb_is_bytes(f, 1))
		return set(ctx, ociseccomp_add_name, f, err);
	if (pb_is_bytes(f, 2))
		return set(ctx, ociseccomp_set_action, f, err);
	if (pb_is_bytes(f, 3))
		return set_optional(ctx, ociseccomp_set_errno, f, err);
	if (!pb_is_bytes(f, 4))
		return 0;
	if (ociseccomp_begin_arg(ctx, err) < 0 || nri_read(f->bytes, arg_field, ctx, err) < 0)
		return -1;
	return set(ctx, ociseccomp_add_arg, f, err);
}

static int profile_field(void *ctx, const struct pb_field *f, struct error *err)
{
	if (pb_is_bytes(f, 1))
		return set(ctx, ociseccomp_set_default_action, f, err);
	if (pb_is_bytes(f, 2))
		return set_optional(ctx, ociseccomp_set_default_errno, f, err);
	if (pb_is_bytes(f, 3))
		return set(ctx, ociseccomp_add_arch, f, err);
	if (pb_is_bytes(f, 4))
		return ociseccomp_add_flag(ctx, &(struct json_value){.str = f->bytes}, err) < 0
			       ? -1
			       : set(ctx, ociseccomp_set_flags, f, err);
	if (pb_is_bytes(f, 5))
		return set(ctx, ociseccomp_set_listener, f, err);
	if (pb_is_bytes(f, 6))
		return set(ctx, ociseccomp_set_metadata, f, err);
	if (!pb_is_bytes(f, 7))
		return 0;
	if (ociseccomp_begin_rule(ctx, err) < 0 || nri_read(f->bytes, rule_field, ctx, err) < 0)
		return -1;
	return set(ctx, ociseccomp_add_rule, f, err);
}

int nri_read_profile(struct span message, struct arena *keep, struct seccomp_profile *ret_profile,
		     struct error *err)
{
	/* Strings lie in the message, which outlives the profile, but have no quotes around them by
	 * which the reader knows that; it copies them. */
	struct seccomp_reader reader = {.arena = keep, .text = {message.p, 0}};

	if (ociseccomp_begin_profile(&reader, err) < 0 ||
	    nri_read(message, profile_field, &reader, err) < 0 ||
	    ociseccomp_finish(&reader, err) < 0)
		return -1;
	*ret_profile = reader.profile;
	return 0;
}

/* ---- writing ---- */

static void put_optional(struct pb_out *out, uint32_t field, uint32_t value)
{
	const size_t optional = pb_begin(out, field);

	pb_put_number(out, 1, value);
	pb_end(out, optional);
}

static void put_arg(struct pb_out *out, const struct seccomp_arg *a)
{
	const size_t arg = pb_begin(out, 4);

	pb_put_number(out, 1, a->index);
	pb_put_number(out, 2, a->value);
	pb_put_number(out, 3, a->value_two);
	pb_put_bytes(out, 4, span_of(oci_cmp_name(a->op)));
	pb_end(out, arg);
}

static void put_rule(struct pb_out *out, const struct seccomp_rule *r)
{
	const size_t rule = pb_begin(out, 7);

	for (const struct seccomp_name *name = r->names; name != NULL; name = name->next)
		pb_put_bytes(out, 1, name->name);
	pb_put_bytes(out, 2, span_of(oci_action_name(r->action)));
	if (r->has_errno && oci_action_takes_errno(r->action))
		put_optional(out, 3, r->errno_ret);
	for (const struct seccomp_arg *arg = r->args; arg != NULL; arg = arg->next)
		put_arg(out, arg);
	pb_end(out, rule);
}

void nri_put_profile(struct pb_out *out, uint32_t field, const struct seccomp_profile *profile)
{
	const size_t begun = pb_begin(out, field);

	pb_put_bytes(out, 1, span_of(oci_action_name(profile->default_action)));
	if (profile->has_default_errno && oci_action_takes_errno(profile->default_action))
		put_optional(out, 2, profile->default_errno);
	for (const struct seccomp_arch *arch = profile->archs; arch != NULL; arch = arch->next)
		pb_put_bytes(out, 3, arch->name);
	for (int flag = 0; flag < OCI_FLAGS; flag++)
		if ((profile->flags & 1U << flag) != 0)
			pb_put_bytes(out, 4, span_of(oci_flag_name((enum oci_flag)flag)));
	if (profile->has_listener)
		pb_put_bytes(out, 5, profile->listener_path);
	if (profile->listener_metadata.n > 0)
		pb_put_bytes(out, 6, profile->listener_metadata);
	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		put_rule(out, rule);
	pb_end(out, begun);
}
