/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader for profile files. Which rules hold for a container: moby/profiles
 * seccomp/seccomp_linux.go, setupSeccomp(). Docker and Podman differ in two things, and both are
 * served: only Docker knows minKernel, only Podman knows errors by name. A file is valid or not
 * whatever the container: rules that are left out are checked as well.
 */
#include "base/number.h"
#include "base/errnoname.h"
#include "profile/profile-internal.h"

/* libseccomp refuses an errno from here on (src/db.c, db_action_valid()). */
#define MAX_ERRNO 4095

/* ---- errno ---- */

/* "EPERM" or "1"; an empty text is no error, for Podman. */
static int read_errno(const struct file_reader *r, const struct json_value *value,
		      struct errno_field *ret_field, struct error *err)
{
	char shown[SPAN_SHOWN];
	uint64_t number = 0;
	int named;

	if (value->str.n == 0)
		return 0;
	named = errno_from_name(value->str);
	if (named < 0 && !number_parse(value->str, 10, UINT16_MAX, &number))
		return error_set(err, "unknown error \"%s\"",
				 text_printable(value->str, shown, sizeof(shown)));
	*ret_field = (struct errno_field){true, named >= 0 ? (uint32_t)named : (uint32_t)number,
					  profilefile_pos(r, value)};
	return 0;
}

static int set_errno_name(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;

	return read_errno(r, value, &r->rule_errno, err);
}

static int set_default_errno_name(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;

	return read_errno(r, value, &r->default_errno, err);
}

static int set_errno(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;

	if (!r->rule_errno.has_name)
		r->rule_errno.pos = profilefile_pos(r, value);
	return ociseccomp_set_errno(ctx, value, err);
}

static int set_default_errno(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;

	if (!r->default_errno.has_name)
		r->default_errno.pos = profilefile_pos(r, value);
	return ociseccomp_set_default_errno(ctx, value, err);
}

/*
 * Settle the number that `action` carries in *errno_ret, if any. Beside an action that takes none
 * it is dropped: runc ignores it and crun would refuse the whole profile.
 */
static int settle_errno(enum oci_action action, const struct errno_field *field, bool *has_errno,
			uint32_t *errno_ret, struct error *err)
{
	if (field->has_name) {
		*has_errno = true;
		*errno_ret = field->by_name;
	}
	if (!oci_action_takes_errno(action))
		*has_errno = false;
	if (!*has_errno)
		return 0;
	*errno_ret = seccomp_errno(action, true, *errno_ret);
	if (action == OCI_ACT_ERRNO && *errno_ret >= MAX_ERRNO)
		return error_at(err, field->pos, "%u is no error number, which end at %d",
				*errno_ret, MAX_ERRNO - 1);
	return 0;
}

/* ---- rules ---- */

static int begin_rule(void *ctx, struct error *err)
{
	struct file_reader *r = ctx;

	r->includes = r->excludes = (struct target_filter){0};
	r->has_name = r->has_names = false;
	r->rule_errno = (struct errno_field){0};
	return ociseccomp_begin_rule(ctx, err);
}

static int set_name(void *ctx, const struct json_value *value, struct error *err)
{
	if (value->str.n == 0)
		return 0;
	((struct file_reader *)ctx)->has_name = true;
	return ociseccomp_add_name(ctx, value, err);
}

static int end_names(void *ctx, const struct json_value *value, struct error *err)
{
	(void)value;
	(void)err;
	((struct file_reader *)ctx)->has_names = true;
	return 0;
}

static int check_names(const struct file_reader *r, struct error *err)
{
	const struct seccomp_rule *rule = &r->oci.rule;

	if (!r->has_name && !r->has_names)
		return error_set(err, "required key \"names\" is missing");
	if (r->has_name && rule->names->next != NULL)
		return error_set(err, "\"name\" and \"names\" exclude each other");
	if (rule->action != OCI_ACT_NOTIFY)
		return 0;
	for (const struct seccomp_name *n = rule->names; n != NULL; n = n->next)
		if (span_eq(n->name, SPAN("write")))
			return error_set(err, "SCMP_ACT_NOTIFY cannot be used for write: runc "
					      "hands over the listener "
					      "with it");
	return 0;
}

/*
 * What libseccomp makes of masks: bits of the datum outside of the mask do not count, and an empty
 * mask is no condition (src/db.c, _db_node_mask_fixup() and _db_rule_gen_64()). So they are not
 * written.
 */
static void settle_masks(struct seccomp_rule *rule)
{
	bool alternatives = seccomp_args_alternate(rule->args);

	for (struct seccomp_arg **link = &rule->args; *link != NULL;) {
		struct seccomp_arg *arg = *link;

		if (arg->op != OCI_CMP_MASKED_EQ || arg->value != 0) {
			arg->value_two =
				arg->op == OCI_CMP_MASKED_EQ ? arg->value_two & arg->value : 0;
			link = &arg->next;
		} else if (alternatives) {
			rule->args = NULL;
			return;
		} else {
			*link = arg->next;
		}
	}
}

/*
 * crun drops all conditions behind the sixth. Where there are more, one argument at least occurs
 * twice, and then each condition is a rule of its own to both runtimes: so it can be one in the
 * text.
 */
static int split_rule(struct file_reader *r, const struct json_value *value, struct error *err)
{
	const struct seccomp_arg *arg = r->oci.rule.args;
	size_t index = r->oci.n_rules;

	for (; arg != NULL; arg = arg->next) {
		struct seccomp_arg *one = arena_alloc(r->oci.arena, sizeof(*one));

		if (one == NULL)
			return profilefile_too_large(err);
		*one = *arg;
		one->next = NULL;
		r->oci.rule.args = one;
		r->oci.n_rules = index;
		if (ociseccomp_add_rule(r, value, err) < 0)
			return -1;
	}
	return 0;
}

static int add_rule(struct file_reader *r, const struct json_value *value, struct error *err)
{
	size_t n = 0;

	for (const struct seccomp_arg *arg = r->oci.rule.args; arg != NULL; arg = arg->next)
		n++;
	return n > OCI_CRUN_CONDITIONS ? split_rule(r, value, err)
				       : ociseccomp_add_rule(r, value, err);
}

static int note_notify(struct file_reader *r, const struct json_value *value, struct error *err)
{
	struct seccomp_rule *rule;

	if (r->notify != NULL || r->oci.rule.action != OCI_ACT_NOTIFY)
		return 0;
	rule = arena_alloc(r->oci.arena, sizeof(*rule));
	if (rule == NULL)
		return profilefile_too_large(err);
	*rule = r->oci.rule;
	rule->pos = profilefile_pos(r, value);
	rule->index = r->oci.n_rules;
	r->notify = rule;
	return 0;
}

static int end_rule(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;
	struct seccomp_rule *rule = &r->oci.rule;

	if (check_names(r, err) < 0 || note_notify(r, value, err) < 0)
		return -1;
	if (settle_errno(rule->action, &r->rule_errno, &rule->has_errno, &rule->errno_ret, err) < 0)
		return error_prefix(err, "errnoRet");
	settle_masks(rule);
	if (profilefile_rule_holds(r))
		return add_rule(r, value, err);
	r->oci.n_rules++;
	return 0;
}

/* ---- the file ---- */

static int set_default_action(void *ctx, const struct json_value *value, struct error *err)
{
	struct file_reader *r = ctx;

	if (ociseccomp_set_default_action(ctx, value, err) < 0)
		return -1;
	if (r->oci.has_default && r->oci.profile.default_action == OCI_ACT_NOTIFY)
		return error_set(err, "SCMP_ACT_NOTIFY cannot be the default: not even the "
				      "listener could be handed over");
	return 0;
}

static int set_listener(void *ctx, const struct json_value *value, struct error *err)
{
	((struct file_reader *)ctx)->listener_pos = profilefile_pos(ctx, value);
	return ociseccomp_set_listener(ctx, value, err);
}

static const struct json_field rule_fields[] = {
	{"names", JSON_WANT_ARRAY, .child = &ociseccomp_names_schema, .set = end_names},
	{"name", JSON_WANT_STRING, .set = set_name},
	{"action", JSON_WANT_STRING, .required = true, .set = ociseccomp_set_action},
	{"errnoRet", JSON_WANT_UINT32, .set = set_errno},
	{"errno", JSON_WANT_STRING, .set = set_errno_name},
	{"args", JSON_WANT_ARRAY, .child = &ociseccomp_args_schema},
	{"includes", JSON_WANT_OBJECT, .child = &profilefile_filter_schema,
	 .set = profilefile_set_includes},
	{"excludes", JSON_WANT_OBJECT, .child = &profilefile_filter_schema,
	 .set = profilefile_set_excludes},
};
static const struct json_schema rule_schema = {JSON_STRUCT, "syscalls", rule_fields,
					       ARRAY_SIZE(rule_fields), .begin = begin_rule};
static const struct json_field rules_element[] = {
	{"syscalls", JSON_WANT_OBJECT, .child = &rule_schema, .set = end_rule}};
static const struct json_schema rules_schema = {JSON_LIST, "syscalls", rules_element, 1};

static const struct json_field file_fields[] = {
	{"defaultAction", JSON_WANT_STRING, .set = set_default_action},
	{"defaultErrnoRet", JSON_WANT_UINT32, .set = set_default_errno},
	{"defaultErrno", JSON_WANT_STRING, .set = set_default_errno_name},
	{"architectures", JSON_WANT_ARRAY, .child = &profilefile_archs_schema,
	 .set = profilefile_end_archs},
	{"archMap", JSON_WANT_ARRAY, .child = &profilefile_map_schema, .set = profilefile_end_map},
	{"flags", JSON_WANT_ARRAY, .child = &ociseccomp_flags_schema, .set = ociseccomp_set_flags},
	{"listenerPath", JSON_WANT_STRING, .set = set_listener},
	{"listenerMetadata", JSON_WANT_STRING, .set = ociseccomp_set_metadata},
	{"syscalls", JSON_WANT_ARRAY, .child = &rules_schema},
};
static const struct json_schema file_schema = {JSON_STRUCT, "profile", file_fields,
					       ARRAY_SIZE(file_fields),
					       .begin = ociseccomp_begin_profile};

/* runc wants a listener for SCMP_ACT_NOTIFY, crun takes no relative path to one. */
static int check_listener(const struct file_reader *r, struct error *err)
{
	if (r->notify == NULL)
		return 0;
	if (!r->oci.profile.has_listener)
		return error_at(err, r->notify->pos,
				"syscalls[%zu]: SCMP_ACT_NOTIFY needs a \"listenerPath\"",
				r->notify->index);
	if (r->oci.profile.listener_path.p[0] != '/')
		return error_at(err, r->listener_pos, "listenerPath: must be absolute");
	return 0;
}

int profilefile_read(const struct profilefile_request *request, struct profilefile *ret_file,
		     struct error *err)
{
	/* Of engines: runtimes see what those make of it, or we. */
	static const struct json_form form = {.root = &file_schema, .fold = true};
	struct file_reader r = {
		.oci = {.arena = request->keep, .text = request->text},
		.target = request->target,
	};
	struct seccomp_profile *profile = &r.oci.profile;

	if (json_scan(request->text, &form, request->scratch, &r, err) < 0)
		return -1;
	if (!r.oci.has_default)
		return error_at(err, 0, "\"defaultAction\" is missing");
	if (settle_errno(profile->default_action, &r.default_errno, &profile->has_default_errno,
			 &profile->default_errno, err) < 0)
		return error_prefix(err, "defaultErrnoRet");
	if (check_listener(&r, err) < 0)
		return -1;
	*ret_file = (struct profilefile){.by_caps = r.by_caps, .profile = *profile};
	return 0;
}
