/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader for linux.seccomp. What is refused here is what one of the runtimes would refuse or read
 * differently: runc libcontainer/seccomp/config.go (exact strings), crun src/libcrun/seccomp.c,
 * runtime-spec schema/defs-linux.json (the enumerations).
 */
#include "oci/seccomp.h"

static const char *const action_names[OCI_ACTIONS] = {
	[OCI_ACT_KILL] = "SCMP_ACT_KILL",
	[OCI_ACT_KILL_PROCESS] = "SCMP_ACT_KILL_PROCESS",
	[OCI_ACT_KILL_THREAD] = "SCMP_ACT_KILL_THREAD",
	[OCI_ACT_TRAP] = "SCMP_ACT_TRAP",
	[OCI_ACT_ERRNO] = "SCMP_ACT_ERRNO",
	[OCI_ACT_TRACE] = "SCMP_ACT_TRACE",
	[OCI_ACT_ALLOW] = "SCMP_ACT_ALLOW",
	[OCI_ACT_LOG] = "SCMP_ACT_LOG",
	[OCI_ACT_NOTIFY] = "SCMP_ACT_NOTIFY",
};

static const char *const op_names[OCI_CMPS] = {
	[OCI_CMP_NE] = "SCMP_CMP_NE",
	[OCI_CMP_LT] = "SCMP_CMP_LT",
	[OCI_CMP_LE] = "SCMP_CMP_LE",
	[OCI_CMP_EQ] = "SCMP_CMP_EQ",
	[OCI_CMP_GE] = "SCMP_CMP_GE",
	[OCI_CMP_GT] = "SCMP_CMP_GT",
	[OCI_CMP_MASKED_EQ] = "SCMP_CMP_MASKED_EQ",
};

static const char *const flag_names[OCI_FLAGS] = {
	[OCI_FLAG_TSYNC] = "SECCOMP_FILTER_FLAG_TSYNC",
	[OCI_FLAG_LOG] = "SECCOMP_FILTER_FLAG_LOG",
	[OCI_FLAG_SPEC_ALLOW] = "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
	[OCI_FLAG_WAIT_KILLABLE_RECV] = "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
};

static const char *const arch_names[] = {
	"SCMP_ARCH_AARCH64",     "SCMP_ARCH_ARM",    "SCMP_ARCH_LOONGARCH64",
	"SCMP_ARCH_M68K",        "SCMP_ARCH_MIPS",   "SCMP_ARCH_MIPS64",
	"SCMP_ARCH_MIPS64N32",   "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64",
	"SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64",
	"SCMP_ARCH_PPC",         "SCMP_ARCH_PPC64",  "SCMP_ARCH_PPC64LE",
	"SCMP_ARCH_RISCV64",     "SCMP_ARCH_S390",   "SCMP_ARCH_S390X",
	"SCMP_ARCH_SH",          "SCMP_ARCH_SHEB",   "SCMP_ARCH_X32",
	"SCMP_ARCH_X86",         "SCMP_ARCH_X86_64",
};

/* Index of `name` in `names`, or -1. */
static int find_name(const char *const names[], size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(name, span_of(names[i])))
			return (int)i;
	return -1;
}

/* The same, with a message that says what kind of word it is. */
static int known_name(const char *const names[], size_t n, const struct json_value *value,
		      const char *kind, struct error *err)
{
	char shown[SPAN_SHOWN];
	int i = find_name(names, n, value->str);

	if (i < 0)
		error_set(err, "unknown %s \"%s\"", kind,
			  text_printable(value->str, shown, sizeof(shown)));
	return i;
}

const char *oci_action_name(enum oci_action action)
{
	return action_names[action];
}

const char *oci_cmp_name(enum oci_cmp op)
{
	return op_names[op];
}

const char *oci_flag_name(enum oci_flag flag)
{
	return flag_names[flag];
}

const char *oci_arch_known(struct span name)
{
	int i = find_name(arch_names, ARRAY_SIZE(arch_names), name);

	return i < 0 ? NULL : arch_names[i];
}

static int out_of_memory(struct error *err)
{
	return error_set(err, "the profile is too large");
}

/* The string's text, in the scanned text where it has no escapes, else copied. */
static int keep_string(struct seccomp_reader *r, const struct json_value *value, struct span *ret,
		       struct error *err)
{
	char *copy;

	if (value->str.n + 2 == value->raw.n) {
		*ret = (struct span){value->raw.p + 1, value->str.n};
		return 0;
	}
	copy = arena_strdup(r->arena, value->str);
	if (copy == NULL)
		return out_of_memory(err);
	*ret = (struct span){copy, value->str.n};
	return 0;
}

/* ---- args ---- */

int ociseccomp_begin_arg(void *ctx, struct error *err)
{
	struct seccomp_reader *r = ctx;

	(void)err;
	r->arg = (struct seccomp_arg){0};
	return 0;
}

int ociseccomp_set_arg_index(void *ctx, const struct json_value *value, struct error *err)
{
	struct seccomp_reader *r = ctx;

	if (value->num >= OCI_MAX_ARGS)
		return error_set(err, "a syscall has arguments 0 to 5");
	r->arg.index = (uint32_t)value->num;
	return 0;
}

int ociseccomp_set_arg_value(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct seccomp_reader *)ctx)->arg.value = value->num;
	return 0;
}

int ociseccomp_set_arg_value_two(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct seccomp_reader *)ctx)->arg.value_two = value->num;
	return 0;
}

int ociseccomp_set_arg_op(void *ctx, const struct json_value *value, struct error *err)
{
	int i = known_name(op_names, ARRAY_SIZE(op_names), value, "operator", err);

	if (i < 0)
		return -1;
	((struct seccomp_reader *)ctx)->arg.op = (enum oci_cmp)i;
	return 0;
}

int ociseccomp_add_arg(void *ctx, const struct json_value *value, struct error *err)
{
	struct seccomp_reader *r = ctx;
	struct seccomp_arg *node = arena_alloc(r->arena, sizeof(*node));

	(void)value;
	if (node == NULL)
		return out_of_memory(err);
	*node = r->arg;
	*r->arg_tail = node;
	r->arg_tail = &node->next;
	return 0;
}

/* A missing `index` or `value` is 0 for both runtimes. */
static const struct json_field arg_fields[] = {
	{"index", JSON_WANT_UINT32, .set = ociseccomp_set_arg_index},
	{"value", JSON_WANT_UINT64, .set = ociseccomp_set_arg_value},
	{"valueTwo", JSON_WANT_UINT64, .set = ociseccomp_set_arg_value_two},
	{"op", JSON_WANT_STRING, .required = true, .set = ociseccomp_set_arg_op},
};
static const struct json_schema arg_schema = {
	JSON_STRUCT, "args", arg_fields, ARRAY_SIZE(arg_fields), .begin = ociseccomp_begin_arg};
static const struct json_field args_element[] = {
	{"args", JSON_WANT_OBJECT, .child = &arg_schema, .set = ociseccomp_add_arg}};
const struct json_schema ociseccomp_args_schema = {JSON_LIST, "args", args_element, 1};

/* ---- syscalls ---- */

int ociseccomp_begin_rule(void *ctx, struct error *err)
{
	struct seccomp_reader *r = ctx;

	(void)err;
	r->rule = (struct seccomp_rule){0};
	r->name_tail = &r->rule.names;
	r->arg_tail = &r->rule.args;
	return 0;
}

int ociseccomp_add_name(void *ctx, const struct json_value *value, struct error *err)
{
	struct seccomp_reader *r = ctx;
	struct seccomp_name *node = arena_alloc(r->arena, sizeof(*node));

	if (value->str.n == 0)
		return error_set(err, "an empty syscall name");
	if (node == NULL)
		return out_of_memory(err);
	*node = (struct seccomp_name){0};
	if (keep_string(r, value, &node->name, err) < 0)
		return -1;
	*r->name_tail = node;
	r->name_tail = &node->next;
	return 0;
}

int ociseccomp_set_action(void *ctx, const struct json_value *value, struct error *err)
{
	int i = known_name(action_names, ARRAY_SIZE(action_names), value, "action", err);

	if (i < 0)
		return -1;
	((struct seccomp_reader *)ctx)->rule.action = (enum oci_action)i;
	return 0;
}

int ociseccomp_set_errno(void *ctx, const struct json_value *value, struct error *err)
{
	struct seccomp_reader *r = ctx;

	(void)err;
	r->rule.has_errno = true;
	r->rule.errno_ret = (uint32_t)value->num;
	return 0;
}

int ociseccomp_add_rule(void *ctx, const struct json_value *value, struct error *err)
{
	struct seccomp_reader *r = ctx;
	struct seccomp_rule *rule = arena_alloc(r->arena, sizeof(*rule));

	if (rule == NULL)
		return out_of_memory(err);
	*rule = r->rule;
	rule->pos = (size_t)(value->raw.p - r->text.p);
	rule->index = r->n_rules++;
	*r->rule_tail = rule;
	r->rule_tail = &rule->next;
	return 0;
}

static const struct json_field names_element[] = {
	{"names", JSON_WANT_STRING, .set = ociseccomp_add_name}};
const struct json_schema ociseccomp_names_schema = {JSON_LIST, "names", names_element, 1};
static const struct json_field rule_fields[] = {
	{"names", JSON_WANT_ARRAY, .required = true, .child = &ociseccomp_names_schema},
	{"action", JSON_WANT_STRING, .required = true, .set = ociseccomp_set_action},
	{"errnoRet", JSON_WANT_UINT32, .set = ociseccomp_set_errno},
	{"args", JSON_WANT_ARRAY, .child = &ociseccomp_args_schema},
};
static const struct json_schema rule_schema = {JSON_STRUCT, "syscalls", rule_fields,
					       ARRAY_SIZE(rule_fields),
					       .begin = ociseccomp_begin_rule};
static const struct json_field rules_element[] = {
	{"syscalls", JSON_WANT_OBJECT, .child = &rule_schema, .set = ociseccomp_add_rule}};
static const struct json_schema rules_schema = {JSON_LIST, "syscalls", rules_element, 1};

/* ---- the object itself ---- */

int ociseccomp_begin_profile(void *ctx, struct error *err)
{
	struct seccomp_reader *r = ctx;

	(void)err;
	r->profile = (struct seccomp_profile){0};
	r->rule_tail = &r->profile.rules;
	r->arch_tail = &r->profile.archs;
	r->n_rules = 0;
	r->has_default = false;
	return 0;
}

int ociseccomp_set_default_action(void *ctx, const struct json_value *value, struct error *err)
{
	struct seccomp_reader *r = ctx;
	int i;

	if (value->str.n == 0)
		return 0; /* as if it were missing, says runc (specconv, SetupSeccomp) */
	i = known_name(action_names, ARRAY_SIZE(action_names), value, "action", err);
	if (i < 0)
		return -1;
	r->has_default = true;
	r->profile.default_action = (enum oci_action)i;
	return 0;
}

int ociseccomp_set_default_errno(void *ctx, const struct json_value *value, struct error *err)
{
	struct seccomp_reader *r = ctx;

	(void)err;
	r->profile.has_default_errno = true;
	r->profile.default_errno = (uint32_t)value->num;
	return 0;
}

int ociseccomp_add_arch(void *ctx, const struct json_value *value, struct error *err)
{
	struct seccomp_reader *r = ctx;
	struct seccomp_arch *node = arena_alloc(r->arena, sizeof(*node));
	int i = known_name(arch_names, ARRAY_SIZE(arch_names), value, "architecture", err);

	if (i < 0)
		return -1;
	if (node == NULL)
		return out_of_memory(err);
	*node = (struct seccomp_arch){span_of(arch_names[i]), NULL};
	*r->arch_tail = node;
	r->arch_tail = &node->next;
	return 0;
}

int ociseccomp_add_flag(void *ctx, const struct json_value *value, struct error *err)
{
	int i = known_name(flag_names, ARRAY_SIZE(flag_names), value, "flag", err);

	if (i < 0)
		return -1;
	((struct seccomp_reader *)ctx)->profile.flags |= 1U << i;
	return 0;
}

int ociseccomp_set_flags(void *ctx, const struct json_value *value, struct error *err)
{
	(void)value;
	(void)err;
	((struct seccomp_reader *)ctx)->profile.has_flags = true;
	return 0;
}

int ociseccomp_set_listener(void *ctx, const struct json_value *value, struct error *err)
{
	struct seccomp_reader *r = ctx;

	r->profile.has_listener = value->str.n > 0;
	return keep_string(r, value, &r->profile.listener_path, err);
}

int ociseccomp_set_metadata(void *ctx, const struct json_value *value, struct error *err)
{
	struct seccomp_reader *r = ctx;

	return keep_string(r, value, &r->profile.listener_metadata, err);
}

static const struct json_field arch_element[] = {
	{"architectures", JSON_WANT_STRING, .set = ociseccomp_add_arch}};
static const struct json_schema archs_schema = {JSON_LIST, "architectures", arch_element, 1};
static const struct json_field flag_element[] = {
	{"flags", JSON_WANT_STRING, .set = ociseccomp_add_flag}};
const struct json_schema ociseccomp_flags_schema = {JSON_LIST, "flags", flag_element, 1};
static const struct json_field profile_fields[] = {
	{"defaultAction", JSON_WANT_STRING, .set = ociseccomp_set_default_action},
	{"defaultErrnoRet", JSON_WANT_UINT32, .set = ociseccomp_set_default_errno},
	{"architectures", JSON_WANT_ARRAY, .child = &archs_schema},
	{"flags", JSON_WANT_ARRAY, .child = &ociseccomp_flags_schema, .set = ociseccomp_set_flags},
	{"listenerPath", JSON_WANT_STRING, .set = ociseccomp_set_listener},
	{"listenerMetadata", JSON_WANT_STRING, .set = ociseccomp_set_metadata},
	{"syscalls", JSON_WANT_ARRAY, .child = &rules_schema},
};

const struct json_schema ociseccomp_schema = {JSON_STRUCT, "linux.seccomp", profile_fields,
					      ARRAY_SIZE(profile_fields),
					      .begin = ociseccomp_begin_profile};

int ociseccomp_finish(struct seccomp_reader *reader, struct error *err)
{
	if (reader->has_default)
		return 0;
	if (reader->profile.rules != NULL)
		return error_set(err, "has syscalls but no defaultAction");
	reader->profile.empty = true;
	return 0;
}

int ociseccomp_read(struct span text, struct arena *keep, struct arena *scratch,
		    struct seccomp_profile *ret_profile, struct error *err)
{
	static const struct json_form form = {.root = &ociseccomp_schema};
	struct seccomp_reader reader = {.arena = keep, .text = text};

	if (json_scan(text, &form, scratch, &reader, err) < 0 ||
	    ociseccomp_finish(&reader, err) < 0)
		return -1;
	*ret_profile = reader.profile;
	return 0;
}
