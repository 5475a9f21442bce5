/* SPDX-License-Identifier: Apache-2.0 */
/* Reading "tighten": names of restrictions, and objects that say which calls under which
 * conditions. */
#include "policy/policy-internal.h"
#include "syscall/syscall.h"

static int too_large(struct error *err)
{
	return error_set(err, "the policy is too large");
}

/* ---- one restriction of the user's own ---- */

static int begin_custom(void *ctx, struct error *err)
{
	struct policy_reader *r = ctx;

	r->custom = arena_alloc(r->keep, sizeof(*r->custom));
	if (r->custom == NULL)
		return too_large(err);
	*r->custom = (struct tighten_custom){0};
	return ociseccomp_begin_rule(ctx, err);
}

/* Names are copied: the text of a policy does not live as long as the policy. */
static int add_name(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	struct seccomp_name *name = arena_alloc(r->keep, sizeof(*name));
	const char *copy;

	if (name == NULL)
		return too_large(err);
	if (!syscall_known(value->str))
		return syscall_unknown(value->str, err);
	if (policy_keep(r, value->str, &copy, err) < 0)
		return -1;
	*name = (struct seccomp_name){.name = span_of(copy)};
	*r->oci.name_tail = name;
	r->oci.name_tail = &name->next;
	return 0;
}

static int end_names(void *ctx, const struct json_value *value, struct error *err)
{
	(void)ctx;
	return value->empty ? error_set(err, "must not be empty") : 0;
}

static int set_index(void *ctx, const struct json_value *value, struct error *err)
{
	const struct policy_reader *r = ctx;

	for (const struct seccomp_arg *arg = r->oci.rule.args; arg != NULL; arg = arg->next)
		if (arg->index == value->num)
			return error_set(err,
					 "a second condition on argument %u; conditions must all "
					 "hold, so write another restriction for an alternative",
					 arg->index);
	return ociseccomp_set_arg_index(ctx, value, err);
}

static int add_arg(void *ctx, const struct json_value *value, struct error *err)
{
	const struct seccomp_arg *arg = &((const struct policy_reader *)ctx)->oci.arg;

	if (arg->op == OCI_CMP_MASKED_EQ && (arg->value_two & ~arg->value) != 0)
		return error_set(err,
				 "\"valueTwo\" has bits outside of the mask, which is \"value\"");
	return ociseccomp_add_arg(ctx, value, err);
}

static const struct json_field names_element[] = {{"names", JSON_WANT_STRING, .set = add_name}};
static const struct json_schema names_schema = {JSON_LIST, "names", names_element, 1};
static const struct json_field arg_fields[] = {
	{"index", JSON_WANT_UINT32, .required = true, .set = set_index},
	{"value", JSON_WANT_UINT64, .required = true, .set = ociseccomp_set_arg_value},
	{"valueTwo", JSON_WANT_UINT64, .set = ociseccomp_set_arg_value_two},
	{"op", JSON_WANT_STRING, .required = true, .set = ociseccomp_set_arg_op},
};
static const struct json_schema arg_schema = {JSON_STRUCT,    "args",
					      arg_fields,     ARRAY_SIZE(arg_fields),
					      .closed = true, .begin = ociseccomp_begin_arg};
static const struct json_field args_element[] = {
	{"args", JSON_WANT_OBJECT, .child = &arg_schema, .set = add_arg}};
static const struct json_schema args_schema = {JSON_LIST, "args", args_element, 1};
static const struct json_field custom_fields[] = {
	{"names", JSON_WANT_ARRAY, .required = true, .child = &names_schema, .set = end_names},
	{"args", JSON_WANT_ARRAY, .child = &args_schema},
};
static const struct json_schema custom_schema = {JSON_STRUCT,    "restriction",
						 custom_fields,  ARRAY_SIZE(custom_fields),
						 .closed = true, .begin = begin_custom};

/* ---- the list ---- */

static int add_custom(struct policy_reader *r)
{
	struct tighten *tighten = &r->target->tighten;

	r->custom->names = r->oci.rule.names;
	r->custom->args = r->oci.rule.args;
	*r->custom_tail = r->custom;
	r->custom_tail = &r->custom->next;
	if (tighten->n_custom++ == 0)
		tighten->custom = r->custom;
	return 0;
}

static int begin_tighten(void *ctx, struct error *err)
{
	struct policy_reader *r = ctx;

	(void)err;
	policy_given(r, SETTING_TIGHTEN);
	r->target->tighten = (struct tighten){0};
	return 0;
}

static int add_restriction(void *ctx, const struct json_value *value, struct error *err)
{
	struct policy_reader *r = ctx;
	enum tighten_name name;

	if (value->type == JSON_OBJECT)
		return add_custom(r);
	if (value->type != JSON_STRING)
		return error_set(err,
				 "must be the name of a restriction, or an object with \"names\"");
	if (tighten_from_name(value->str, &name, err) < 0)
		return -1;
	r->target->tighten.named |= 1U << name;
	return 0;
}

static const struct json_field tighten_element[] = {
	{"tighten", JSON_WANT_ANY, .child = &custom_schema, .set = add_restriction}};
const struct json_schema policy_tighten_schema = {JSON_LIST, "tighten", tighten_element, 1,
						  .begin = begin_tighten};
