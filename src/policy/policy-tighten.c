/* SPDX-License-Identifier: Apache-2.0 */
/* Reading "tighten": names of restrictions, and objects that say which calls under which
 * conditions. */
#include "policy/policy-internal.h"
#include "syscall/syscall.h"

struct custom_reader {
	struct policy_reader *policy;
	struct tighten_custom *custom;
	const struct seccomp_name **name_tail;
	const struct seccomp_arg **arg_tail;
	struct seccomp_arg arg;
};

static int too_large(struct error *err)
{
	return error_set(err, "the policy is too large");
}

/* ---- one restriction of the user's own ---- */

static int begin_custom(void *ctx, struct error *err)
{
	struct custom_reader *c = ctx;

	c->custom = arena_alloc(c->policy->keep, sizeof(*c->custom));
	if (c->custom == NULL)
		return too_large(err);
	*c->custom = (struct tighten_custom){0};
	c->name_tail = &c->custom->names;
	c->arg_tail = &c->custom->args;
	return 0;
}

static int add_name(void *ctx, const struct json_value *value, struct error *err)
{
	struct custom_reader *c = ctx;
	struct seccomp_name *name = arena_alloc(c->policy->keep, sizeof(*name));
	const char *copy;

	if (name == NULL)
		return too_large(err);
	if (!syscall_known(value->str))
		return syscall_unknown(value->str, err);
	if (policy_keep(c->policy, value->str, &copy, err) < 0)
		return -1;
	*name = (struct seccomp_name){.name = span_of(copy)};
	*c->name_tail = name;
	c->name_tail = (const struct seccomp_name **)&name->next;
	return 0;
}

static int end_names(void *ctx, const struct json_value *value, struct error *err)
{
	(void)ctx;
	return value->empty ? error_set(err, "must not be empty") : 0;
}

static int begin_arg(void *ctx, struct error *err)
{
	(void)err;
	((struct custom_reader *)ctx)->arg = (struct seccomp_arg){0};
	return 0;
}

static int set_index(void *ctx, const struct json_value *value, struct error *err)
{
	struct custom_reader *c = ctx;

	if (value->num >= OCI_MAX_ARGS)
		return error_set(err, "a syscall has arguments 0 to 5");
	for (const struct seccomp_arg *arg = c->custom->args; arg != NULL; arg = arg->next)
		if (arg->index == value->num)
			return error_set(err,
					 "a second condition on argument %u; conditions must all "
					 "hold, so write "
					 "another restriction for an alternative",
					 arg->index);
	c->arg.index = (uint32_t)value->num;
	return 0;
}

static int set_value(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct custom_reader *)ctx)->arg.value = value->num;
	return 0;
}

static int set_value_two(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct custom_reader *)ctx)->arg.value_two = value->num;
	return 0;
}

static int set_op(void *ctx, const struct json_value *value, struct error *err)
{
	char shown[SPAN_SHOWN];

	for (int op = 0; op < OCI_CMPS; op++) {
		if (span_eq(value->str, span_of(oci_cmp_name((enum oci_cmp)op)))) {
			((struct custom_reader *)ctx)->arg.op = (enum oci_cmp)op;
			return 0;
		}
	}
	return error_set(err, "unknown operator \"%s\"",
			 text_printable(value->str, shown, sizeof(shown)));
}

static int add_arg(void *ctx, const struct json_value *value, struct error *err)
{
	struct custom_reader *c = ctx;
	struct seccomp_arg *arg = arena_alloc(c->policy->keep, sizeof(*arg));

	(void)value;
	if (arg == NULL)
		return too_large(err);
	*arg = c->arg;
	if (arg->op == OCI_CMP_MASKED_EQ && (arg->value_two & ~arg->value) != 0)
		return error_set(err,
				 "\"valueTwo\" has bits outside of the mask, which is \"value\"");
	*c->arg_tail = arg;
	c->arg_tail = (const struct seccomp_arg **)&arg->next;
	return 0;
}

static const struct json_field names_element[] = {{"names", JSON_WANT_STRING, .set = add_name}};
static const struct json_schema names_schema = {JSON_LIST, "names", names_element, 1};
static const struct json_field arg_fields[] = {
	{"index", JSON_WANT_UINT32, .required = true, .set = set_index},
	{"value", JSON_WANT_UINT64, .required = true, .set = set_value},
	{"valueTwo", JSON_WANT_UINT64, .set = set_value_two},
	{"op", JSON_WANT_STRING, .required = true, .set = set_op},
};
static const struct json_schema arg_schema = {JSON_STRUCT,    "args",
					      arg_fields,     ARRAY_SIZE(arg_fields),
					      .closed = true, .begin = begin_arg};
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

static int add_custom(struct policy_reader *r, struct span text, struct error *err)
{
	static const struct json_options options = {.comments = true};
	struct custom_reader c = {.policy = r};
	struct tighten *tighten = &r->target->tighten;

	/* The outer scan has taken its memory; this one's is given back before that goes on. */
	if (json_scan(text, &custom_schema, &options, r->scratch, &c, err) < 0) {
		err->pos += err->has_pos ? (size_t)(text.p - r->text.p) : 0;
		return -1;
	}
	*r->custom_tail = c.custom;
	r->custom_tail = &c.custom->next;
	if (tighten->n_custom++ == 0)
		tighten->custom = c.custom;
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
		return add_custom(r, value->raw, err);
	if (value->type != JSON_STRING)
		return error_set(err,
				 "must be the name of a restriction, or an object with \"names\"");
	if (tighten_from_name(value->str, &name, err) < 0)
		return -1;
	r->target->tighten.named |= 1U << name;
	return 0;
}

static const struct json_field tighten_element[] = {
	{"tighten", JSON_WANT_ANY, .set = add_restriction, .null_too = true}};
const struct json_schema policy_tighten_schema = {JSON_LIST, "tighten", tighten_element, 1,
						  .begin = begin_tighten};
