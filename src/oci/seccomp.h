/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A linux.seccomp object (runtime-spec, config-linux.md, "Seccomp") as a structure: read strictly,
 * inside the subset on which runc and crun agree. Serves config.json and profile files alike.
 */
#ifndef SECCOMP_GUARD_OCI_SECCOMP_H
#define SECCOMP_GUARD_OCI_SECCOMP_H

#include "base/base.h"
#include "base/json-scan.h"

enum oci_action {
	OCI_ACT_KILL, /* SCMP_ACT_KILL is SCMP_ACT_KILL_THREAD by another name */
	OCI_ACT_KILL_PROCESS,
	OCI_ACT_KILL_THREAD,
	OCI_ACT_TRAP,
	OCI_ACT_ERRNO,
	OCI_ACT_TRACE,
	OCI_ACT_ALLOW,
	OCI_ACT_LOG,
	OCI_ACT_NOTIFY,
	OCI_ACTIONS
};

enum oci_cmp {
	OCI_CMP_NE,
	OCI_CMP_LT,
	OCI_CMP_LE,
	OCI_CMP_EQ,
	OCI_CMP_GE,
	OCI_CMP_GT,
	OCI_CMP_MASKED_EQ, /* (argument & value) == value_two */
	OCI_CMPS
};

/* Bit numbers in seccomp_profile.flags. */
enum oci_flag {
	OCI_FLAG_TSYNC,
	OCI_FLAG_LOG,
	OCI_FLAG_SPEC_ALLOW,
	OCI_FLAG_WAIT_KILLABLE_RECV,
	OCI_FLAGS
};

/* A syscall has arguments 0 to 5. */
#define OCI_MAX_ARGS 6

struct seccomp_arg {
	struct seccomp_arg *next;
	uint32_t index;
	enum oci_cmp op;
	uint64_t value;
	uint64_t value_two;
};

struct seccomp_name {
	struct span name;
	uint32_t id; /* for who works on a whole profile: the same number for the same name; the
			reader leaves it 0 */
	struct seccomp_name *next;
};

struct seccomp_rule {
	struct seccomp_name *names; /* in the order of the text; NULL: the rule does nothing */
	enum oci_action action;
	bool has_errno;
	uint32_t errno_ret;
	struct seccomp_arg *args; /* in the order of the text */
	size_t pos;               /* offset of the rule in the text */
	size_t index;             /* which element of `syscalls` it is */
	struct seccomp_rule *next;
};

struct seccomp_arch {
	struct span name; /* "SCMP_ARCH_X86_64", known */
	struct seccomp_arch *next;
};

struct seccomp_profile {
	bool empty; /* no defaultAction and no syscalls: runc loads no filter, crun refuses */
	enum oci_action default_action;
	bool has_default_errno;
	uint32_t default_errno;
	struct seccomp_arch *archs; /* in the order of the text */
	bool has_flags;             /* false: the runtimes' default, SPEC_ALLOW */
	unsigned int flags;         /* bits by enum oci_flag */
	bool has_listener;
	struct span listener_path; /* unescaped; p == NULL: absent */
	struct span listener_metadata;
	struct seccomp_rule *rules; /* in the order of the text */
};

/*
 * The context for ociseccomp_schema. A scan that uses the schema hands json_scan() a context that
 * begins with this structure, with `arena` set to where the result may live (not the arena of the
 * scan itself).
 */
struct seccomp_reader {
	struct arena *arena;
	struct span text; /* what is scanned; names in the result point into it where they can */
	struct seccomp_profile profile;
	struct seccomp_rule rule; /* the one being read */
	struct seccomp_arg arg;
	struct seccomp_arg **arg_tail;
	struct seccomp_name **name_tail;
	struct seccomp_rule **rule_tail;
	struct seccomp_arch **arch_tail;
	size_t n_rules;
	bool has_default;
};

extern const struct json_schema ociseccomp_schema;

/*
 * The parts of that schema, for those that say more (profile/profile-read.c,
 * policy/policy-tighten.c). Each function is a `begin` or `set` callback whose context begins with
 * struct seccomp_reader; it wants a string, a number or the end of what its name says.
 */
extern const struct json_schema ociseccomp_names_schema, ociseccomp_args_schema,
	ociseccomp_flags_schema;
int ociseccomp_begin_arg(void *ctx, struct error *err);
int ociseccomp_set_arg_index(void *ctx, const struct json_value *value, struct error *err);
int ociseccomp_set_arg_value(void *ctx, const struct json_value *value, struct error *err);
int ociseccomp_set_arg_value_two(void *ctx, const struct json_value *value, struct error *err);
int ociseccomp_set_arg_op(void *ctx, const struct json_value *value, struct error *err);
int ociseccomp_add_arg(void *ctx, const struct json_value *value, struct error *err);
int ociseccomp_begin_profile(void *ctx, struct error *err);
int ociseccomp_set_default_action(void *ctx, const struct json_value *value, struct error *err);
int ociseccomp_set_default_errno(void *ctx, const struct json_value *value, struct error *err);
int ociseccomp_add_arch(void *ctx, const struct json_value *value, struct error *err);
int ociseccomp_add_flag(void *ctx, const struct json_value *value, struct error *err);
int ociseccomp_set_flags(void *ctx, const struct json_value *value, struct error *err);
int ociseccomp_set_listener(void *ctx, const struct json_value *value, struct error *err);
int ociseccomp_set_metadata(void *ctx, const struct json_value *value, struct error *err);
int ociseccomp_begin_rule(void *ctx, struct error *err);
int ociseccomp_add_name(void *ctx, const struct json_value *value, struct error *err);
int ociseccomp_set_action(void *ctx, const struct json_value *value, struct error *err);
int ociseccomp_set_errno(void *ctx, const struct json_value *value, struct error *err);
int ociseccomp_add_rule(void *ctx, const struct json_value *value, struct error *err);

/* To be called by the `set` callback of the field that holds the object. Completes reader->profile.
 */
int ociseccomp_finish(struct seccomp_reader *reader, struct error *err);

/*
 * Read `text`, one linux.seccomp object. The result lives in `keep` and points into `text`;
 * `scratch` is working memory. Errors carry an offset.
 */
int ociseccomp_read(struct span text, struct arena *keep, struct arena *scratch,
		    struct seccomp_profile *ret_profile, struct error *err);

/*
 * Do two profiles say the same, in the same order? How they are written does not matter: an engine
 * may have read and written one of them in between.
 */
bool ociseccomp_same(const struct seccomp_profile *a, const struct seccomp_profile *b);

/* "SCMP_ACT_ERRNO" and so on. */
const char *oci_action_name(enum oci_action action);
const char *oci_cmp_name(enum oci_cmp op);
const char *oci_flag_name(enum oci_flag flag);

/* The element of `architectures` that `name` is, as static text, or NULL. */
const char *oci_arch_known(struct span name);

/* The two actions that carry a number: an errno, or a message to the tracer. */
static inline bool oci_action_takes_errno(enum oci_action action)
{
	return action == OCI_ACT_ERRNO || action == OCI_ACT_TRACE;
}

#endif
