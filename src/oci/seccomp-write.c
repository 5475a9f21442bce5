/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/seccomp-write.h"

#include "base/jsontext.h"
#include "oci/seccomp-rule.h"

#include <inttypes.h>
#include <stdio.h>

/* Writes from the top of the arena on, which nobody else takes from meanwhile. */
struct writer {
	char *p;
	size_t room;
	size_t used;
	bool full;
	const struct seccomp_comment *comments;
};

static void put(struct writer *w, struct span s)
{
	if (w->full || s.n > w->room - w->used) {
		w->full = true;
		return;
	}
	if (s.n > 0)
		memcpy(w->p + w->used, s.p, s.n);
	w->used += s.n;
}

static void put_number(struct writer *w, uint64_t number)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, number);

	put(w, (struct span){digits, (size_t)n});
}

static void put_string(struct writer *w, struct span s)
{
	put(w, SPAN("\""));
	while (s.n > 0) {
		char escape[JSON_ESCAPE_SIZE];
		size_t n, width = json_escape(s, escape, &n);

		put(w, n > 0 ? (struct span){escape, n} : (struct span){s.p, width});
		s = span_skip(s, width);
	}
	put(w, SPAN("\""));
}

/* ,"key": */
static void put_key(struct writer *w, const char *key)
{
	put(w, SPAN(",\""));
	put(w, span_of(key));
	put(w, SPAN("\":"));
}

static void put_errno(struct writer *w, const char *key, enum oci_action action, bool has_errno,
		      uint32_t errno_ret)
{
	if (!has_errno || !oci_action_takes_errno(action))
		return;
	put_key(w, key);
	put_number(w, seccomp_errno(action, true, errno_ret));
}

static void put_archs(struct writer *w, const struct seccomp_arch *archs)
{
	if (archs == NULL)
		return;
	put_key(w, "architectures");
	for (const struct seccomp_arch *arch = archs; arch != NULL; arch = arch->next) {
		put(w, arch == archs ? SPAN("[") : SPAN(","));
		put_string(w, arch->name);
	}
	put(w, SPAN("]"));
}

/* An empty list is not the same as none: it turns off the runtimes' default. */
static void put_flags(struct writer *w, const struct seccomp_profile *profile)
{
	const char *separator = "[";

	if (!profile->has_flags)
		return;
	put_key(w, "flags");
	for (int flag = 0; flag < OCI_FLAGS; flag++) {
		if ((profile->flags & 1U << flag) == 0)
			continue;
		put(w, span_of(separator));
		put_string(w, span_of(oci_flag_name((enum oci_flag)flag)));
		separator = ",";
	}
	put(w, separator[0] == '[' ? SPAN("[]") : SPAN("]"));
}

static void put_args(struct writer *w, const struct seccomp_arg *args)
{
	if (args == NULL)
		return;
	put_key(w, "args");
	for (const struct seccomp_arg *arg = args; arg != NULL; arg = arg->next) {
		put(w, arg == args ? SPAN("[{\"index\":") : SPAN(",{\"index\":"));
		put_number(w, arg->index);
		put_key(w, "value");
		put_number(w, arg->value);
		if (arg->op == OCI_CMP_MASKED_EQ && arg->value_two != 0) {
			put_key(w, "valueTwo");
			put_number(w, arg->value_two);
		}
		put_key(w, "op");
		put_string(w, span_of(oci_cmp_name(arg->op)));
		put(w, SPAN("}"));
	}
	put(w, SPAN("]"));
}

static bool is_meant(const struct seccomp_comment *c, const struct seccomp_rule *rule)
{
	const struct seccomp_arg *arg = rule->args;

	if (c->n_values == 0)
		return true;
	if (arg == NULL || arg->next != NULL || arg->index != c->index || arg->op != OCI_CMP_EQ)
		return false;
	for (size_t i = 0; i < c->n_values; i++)
		if (arg->value == c->values[i])
			return true;
	return false;
}

/* The comment on the one call that `rule` is about. */
static struct span comment_of(const struct writer *w, const struct seccomp_rule *rule)
{
	const struct seccomp_comment *c = rule->names->next == NULL ? w->comments : NULL;

	while (c != NULL && !(span_eq(c->name, rule->names->name) && is_meant(c, rule)))
		c = c->next;
	return c != NULL ? c->text : (struct span){0};
}

static void put_rule(struct writer *w, const struct seccomp_rule *rule, struct span comment)
{
	for (const struct seccomp_name *name = rule->names; name != NULL; name = name->next) {
		put(w, name == rule->names ? SPAN("{\"names\":[") : SPAN(","));
		put_string(w, name->name);
	}
	put(w, SPAN("]"));
	put_key(w, "action");
	put_string(w, span_of(oci_action_name(rule->action)));
	put_errno(w, "errnoRet", rule->action, rule->has_errno, rule->errno_ret);
	put_args(w, rule->args);
	if (comment.p != NULL) {
		put_key(w, "comment");
		put_string(w, comment);
	}
	put(w, SPAN("}"));
}

static void put_rules(struct writer *w, const struct seccomp_rule *rules)
{
	bool first = true;

	put_key(w, "syscalls");
	put(w, SPAN("["));
	for (const struct seccomp_rule *rule = rules; rule != NULL; rule = rule->next) {
		if (rule->names == NULL)
			continue;
		if (!first)
			put(w, SPAN(","));
		put_rule(w, rule, comment_of(w, rule));
		first = false;
	}
	put(w, SPAN("]"));
}

static int end(struct writer *w, struct arena *arena, struct span *ret_text, struct error *err)
{
	if (w->full)
		return error_set(err, "the profile is too large");
	arena->used += w->used;
	*ret_text = (struct span){w->p, w->used};
	return 0;
}

int seccomp_write_rule(const struct seccomp_rule *rule, struct span comment, struct arena *arena,
		       struct span *ret_text, struct error *err)
{
	struct writer w = {.p = arena->base + arena->used, .room = arena->size - arena->used};

	put_rule(&w, rule, comment);
	return end(&w, arena, ret_text, err);
}

int seccomp_write_commented(const struct seccomp_profile *profile,
			    const struct seccomp_comment *comments, struct arena *arena,
			    struct span *ret_text, struct error *err)
{
	struct writer w = {.p = arena->base + arena->used,
			   .room = arena->size - arena->used,
			   .comments = comments};

	put(&w, SPAN("{\"defaultAction\":"));
	put_string(&w, span_of(oci_action_name(profile->default_action)));
	put_errno(&w, "defaultErrnoRet", profile->default_action, profile->has_default_errno,
		  profile->default_errno);
	put_archs(&w, profile->archs);
	put_flags(&w, profile);
	if (profile->listener_path.n > 0) {
		put_key(&w, "listenerPath");
		put_string(&w, profile->listener_path);
	}
	if (profile->listener_metadata.n > 0) {
		put_key(&w, "listenerMetadata");
		put_string(&w, profile->listener_metadata);
	}
	put_rules(&w, profile->rules);
	put(&w, SPAN("}"));
	return end(&w, arena, ret_text, err);
}

int seccomp_write(const struct seccomp_profile *profile, struct arena *arena, struct span *ret_text,
		  struct error *err)
{
	return seccomp_write_commented(profile, NULL, arena, ret_text, err);
}
