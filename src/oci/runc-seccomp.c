/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/runc-seccomp.h"

#include "base/json-edit.h"
#include "base/strbuf.h"
#include "oci/seccomp-rule.h"

#include <inttypes.h>

/* configs.Action */
static const int actions[OCI_ACTIONS] = {
	[OCI_ACT_KILL] = 1,   [OCI_ACT_ERRNO] = 2,       [OCI_ACT_TRAP] = 3,
	[OCI_ACT_ALLOW] = 4,  [OCI_ACT_TRACE] = 5,       [OCI_ACT_LOG] = 6,
	[OCI_ACT_NOTIFY] = 7, [OCI_ACT_KILL_THREAD] = 8, [OCI_ACT_KILL_PROCESS] = 9,
};

/* configs.Operator */
static const int operators[OCI_CMPS] = {
	[OCI_CMP_EQ] = 1, [OCI_CMP_NE] = 2, [OCI_CMP_GT] = 3,        [OCI_CMP_GE] = 4,
	[OCI_CMP_LT] = 5, [OCI_CMP_LE] = 6, [OCI_CMP_MASKED_EQ] = 7,
};

/* libcontainer/seccomp/config.go, archs: the names of libseccomp's golang binding, which are
 * runtime-spec's in small letters but for these. */
static const struct {
	const char *name, *runc;
} other_names[] = {
	{"SCMP_ARCH_X86_64", "amd64"},
	{"SCMP_ARCH_AARCH64", "arm64"},
};

static void add_arch(struct strbuf *buf, struct span name)
{
	static const char prefix[] = "SCMP_ARCH_";
	struct span word = span_skip(name, strlen(prefix));

	for (size_t i = 0; i < ARRAY_SIZE(other_names); i++) {
		if (span_eq(name, span_of(other_names[i].name))) {
			strbuf_printf(buf, "\"%s\"", other_names[i].runc);
			return;
		}
	}
	strbuf_add(buf, SPAN("\""));
	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i] >= 'A' && word.p[i] <= 'Z' ? (char)(word.p[i] + 'a' - 'A')
							      : word.p[i];

		strbuf_add(buf, (struct span){&c, 1});
	}
	strbuf_add(buf, SPAN("\""));
}

/* A list that is not there is null in Go. */
static void add_archs(struct strbuf *buf, const struct seccomp_arch *archs)
{
	strbuf_add(buf, archs == NULL ? SPAN("null") : SPAN("["));
	for (const struct seccomp_arch *arch = archs; arch != NULL; arch = arch->next) {
		add_arch(buf, arch->name);
		strbuf_add(buf, arch->next != NULL ? SPAN(",") : SPAN("]"));
	}
}

static void add_flags(struct strbuf *buf, const struct seccomp_profile *profile)
{
	unsigned int flags = profile->has_flags ? profile->flags : 1U << OCI_FLAG_SPEC_ALLOW;
	const char *separator = "";

	strbuf_add(buf, SPAN("["));
	for (int flag = 0; flag < OCI_FLAGS; flag++) {
		if ((flags & 1U << flag) == 0)
			continue;
		strbuf_printf(buf, "%s\"%s\"", separator, oci_flag_name((enum oci_flag)flag));
		separator = ",";
	}
	strbuf_add(buf, SPAN("]"));
}

static void add_errno(struct strbuf *buf, bool has_errno, uint32_t errno_ret)
{
	if (has_errno)
		strbuf_printf(buf, "%" PRIu32, errno_ret);
	else
		strbuf_add(buf, SPAN("null"));
}

static void add_args(struct strbuf *buf, const struct seccomp_arg *args)
{
	strbuf_add(buf, SPAN("["));
	for (const struct seccomp_arg *arg = args; arg != NULL; arg = arg->next)
		strbuf_printf(buf,
			      "{\"index\":%" PRIu32 ",\"value\":%" PRIu64 ",\"value_two\":%" PRIu64
			      ",\"op\":%d}%s",
			      arg->index, arg->value, arg->value_two, operators[arg->op],
			      arg->next != NULL ? "," : "");
	strbuf_add(buf, SPAN("]"));
}

/* runc makes a rule of each name. */
static void add_rules(struct strbuf *buf, const struct seccomp_rule *rules)
{
	const char *separator = "";

	strbuf_add(buf, SPAN("["));
	for (const struct seccomp_rule *rule = rules; rule != NULL; rule = rule->next) {
		for (const struct seccomp_name *n = rule->names; n != NULL; n = n->next) {
			strbuf_printf(buf, "%s{\"name\":", separator);
			strbuf_json_string(buf, n->name);
			strbuf_printf(buf, ",\"action\":%d,\"errnoRet\":", actions[rule->action]);
			add_errno(buf, rule->has_errno, rule->errno_ret);
			strbuf_add(buf, SPAN(",\"args\":"));
			add_args(buf, rule->args);
			strbuf_add(buf, SPAN("}"));
			separator = ",";
		}
	}
	strbuf_add(buf, SPAN("]"));
}

int runc_seccomp_write(const struct seccomp_profile *profile, struct arena *arena,
		       struct span *ret_text, struct error *err)
{
	struct strbuf buf = {.arena = arena};

	if (profile->empty)
		return error_set(err, "an empty profile is no filter");
	if (seccomp_notifies(profile))
		return error_set(err, "SCMP_ACT_NOTIFY needs a listener, which \"exec\" has not");
	strbuf_printf(&buf, "{\"default_action\":%d,\"architectures\":",
		      actions[profile->default_action]);
	add_archs(&buf, profile->archs);
	strbuf_add(&buf, SPAN(",\"flags\":"));
	add_flags(&buf, profile);
	strbuf_add(&buf, SPAN(",\"syscalls\":"));
	add_rules(&buf, profile->rules);
	strbuf_add(&buf, SPAN(",\"default_errno_ret\":"));
	add_errno(&buf, profile->has_default_errno, profile->default_errno);
	strbuf_add(&buf, SPAN("}"));
	return strbuf_end(&buf, ret_text, err);
}

int runc_state_set_seccomp(struct span state, const struct seccomp_profile *profile,
			   struct arena *arena, struct span *ret_text, struct error *err)
{
	struct span old, seccomp;

	/* runc cannot even stop a container whose state it does not understand. It writes the key
	 * always: without it, this is the layout of another runc. */
	if (json_find(state, JSON_PATH("config", "seccomp"), arena, &old, err) < 0)
		return -1;
	if (old.p == NULL || (old.p[0] != '{' && !span_eq(old, SPAN("null"))))
		return error_set(err, "it has no profile where runc up to 1.3 keeps it");
	if (runc_seccomp_write(profile, arena, &seccomp, err) < 0)
		return -1;
	if (json_edit_set(&state, JSON_PATH("config", "seccomp"), seccomp.p, arena, err) < 0)
		return -1;
	*ret_text = state;
	return 0;
}
