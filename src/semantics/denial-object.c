/* SPDX-License-Identifier: Apache-2.0 */
#include "semantics/denial-object.h"

#include "base/date.h"
#include "base/errnoname.h"
#include "base/json-scan.h"

/* So many digits of an identifier are what engines show of it. */
#define SHORT_ID 12

struct object_reader {
	struct denial_object object;
	struct arena *arena;
	struct span arch, action, errno_name, first, last, exe, comm;
};

/* ---- reading ---- */

static int keep_text(struct object_reader *r, const struct json_value *value, struct span *ret_text,
		     struct error *err)
{
	const char *copy = arena_strdup(r->arena, value->str);

	if (copy == NULL)
		return error_set(err, "the object is too large");
	*ret_text = (struct span){copy, value->str.n};
	return 0;
}

#define SET_TEXT(name, member)                                                                     \
	static int name(void *ctx, const struct json_value *value, struct error *err)              \
	{                                                                                          \
		struct object_reader *r = ctx;                                                     \
                                                                                                   \
		return keep_text(r, value, &r->member, err);                                       \
	}

SET_TEXT(set_id, object.id)
SET_TEXT(set_container, object.container)
SET_TEXT(set_namespace, object.name_space)
SET_TEXT(set_pod, object.pod)
SET_TEXT(set_arch, arch)
SET_TEXT(set_action, action)
SET_TEXT(set_errno, errno_name)
SET_TEXT(set_first, first)
SET_TEXT(set_last, last)
SET_TEXT(set_exe, exe)
SET_TEXT(set_comm, comm)

static int set_count(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct object_reader *)ctx)->object.count = value->num;
	return 0;
}

static int set_number(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	((struct object_reader *)ctx)->object.line.number = (int64_t)value->num;
	return 0;
}

static const struct json_field fields[] = {
	{"count", JSON_WANT_UINT64, .required = true, .set = set_count},
	{"number", JSON_WANT_UINT32, .required = true, .set = set_number},
	{"arch", JSON_WANT_STRING, .required = true, .set = set_arch},
	{"action", JSON_WANT_STRING, .set = set_action},
	{"errno", JSON_WANT_STRING, .set = set_errno},
	{"first", JSON_WANT_STRING, .set = set_first},
	{"last", JSON_WANT_STRING, .set = set_last},
	{"exe", JSON_WANT_STRING, .set = set_exe},
	{"comm", JSON_WANT_STRING, .set = set_comm},
	{"id", JSON_WANT_STRING, .set = set_id},
	{"container", JSON_WANT_STRING, .set = set_container},
	{"namespace", JSON_WANT_STRING, .set = set_namespace},
	{"pod", JSON_WANT_STRING, .set = set_pod},
};
static const struct json_schema schema = {JSON_STRUCT, "a denial", fields, ARRAY_SIZE(fields)};

/* SECCOMP_RET_* of an action. */
static bool code_of(struct span action, uint32_t *ret_code)
{
	static const uint32_t codes[] = {0x80000000, 0x00000000, 0x00030000, 0x00050000,
					 0x7fc00000, 0x7ff00000, 0x7ffc0000, 0x7fff0000};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		*ret_code = codes[i];
		if (span_eq(action, span_of(oci_action_name(auditline_action(codes[i])))))
			return true;
	}
	return false;
}

/* Quotes tell a name that is written out from one in hexadecimal digits. */
static int quote(struct object_reader *r, struct span name, struct span *ret_name,
		 struct error *err)
{
	char *copy;

	if (name.p == NULL)
		return 0;
	copy = arena_alloc(r->arena, name.n + 2);
	if (copy == NULL)
		return error_set(err, "the object is too large");
	copy[0] = copy[name.n + 1] = '"';
	memcpy(copy + 1, name.p, name.n);
	*ret_name = (struct span){copy, name.n + 2};
	return 0;
}

static int finish(struct object_reader *r, struct error *err)
{
	struct auditline *line = &r->object.line;

	line->form = AUDITLINE_SECCOMP;
	line->pid = -1;
	line->has_abi = true;
	if (abi_from_name(r->arch, &line->abi, err) < 0)
		return -1;
	line->has_code = code_of(r->action, &line->code);
	if (r->errno_name.p != NULL) {
		line->form = AUDITLINE_STRACE;
		line->error = errno_from_name(r->errno_name);
		line->error = line->error > 0 ? line->error : 0;
	}
	if ((r->first.p != NULL && date_read_moment(r->first, &r->object.first_ms) < 0) ||
	    (r->last.p != NULL && date_read_moment(r->last, &r->object.last_ms) < 0))
		return error_set(err, "a time is like 2026-11-27T16:41:22Z");
	return quote(r, r->exe, &line->exe, err) < 0 ? -1 : quote(r, r->comm, &line->comm, err);
}

bool denial_object_is(struct span text)
{
	return text.n > 0 && text.p[0] == '{' && memmem(text.p, text.n, "\"count\"", 7) != NULL &&
	       memmem(text.p, text.n, "\"number\"", 8) != NULL;
}

int denial_object_read(struct span text, struct arena *keep, struct arena *scratch,
		       struct denial_object *ret_object, struct error *err)
{
	static const struct json_form form = {.root = &schema, .own = true};
	struct object_reader r = {.arena = keep};

	if (json_scan(text, &form, scratch, &r, err) < 0 || finish(&r, err) < 0)
		return -1;
	*ret_object = r.object;
	return 0;
}

/* ---- whose ---- */

/* Is `name` the two with a slash between? */
static bool is_path(struct span name, struct span one, struct span two)
{
	return one.n > 0 && name.n == one.n + 1 + two.n && span_has_prefix(name, one) &&
	       name.p[one.n] == '/' && span_eq(span_skip(name, one.n + 1), two);
}

/* "namespace/pod/container" */
static bool is_full_name(const struct denial_object *o, struct span name)
{
	struct span pod = name;

	while (pod.n > 0 && pod.p[pod.n - 1] != '/')
		pod.n--;
	if (pod.n == 0 || !span_eq(span_skip(name, pod.n), o->container))
		return false;
	pod.n--;
	return is_path(pod, o->name_space, o->pod);
}

static bool is_id(const struct denial_object *o, struct span name)
{
	/* Where nothing but the identifier is known it is the container's name as well. */
	if (span_eq(o->id, name) || span_eq(o->container, name))
		return true;
	return name.n >= SHORT_ID &&
	       (span_has_prefix(o->id, name) || span_has_prefix(o->container, name));
}

bool denial_object_is_of(const struct denial_object *o, struct span name)
{
	return name.n > 0 && (is_id(o, name) || span_eq(o->pod, name) ||
			      is_path(name, o->name_space, o->pod) || is_full_name(o, name));
}
