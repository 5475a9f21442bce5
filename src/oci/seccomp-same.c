/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/seccomp.h"

static bool same_archs(const struct seccomp_arch *a, const struct seccomp_arch *b)
{
	for (; a != NULL && b != NULL; a = a->next, b = b->next)
		if (!span_eq(a->name, b->name))
			return false;
	return a == b;
}

static bool same_names(const struct seccomp_name *a, const struct seccomp_name *b)
{
	for (; a != NULL && b != NULL; a = a->next, b = b->next)
		if (!span_eq(a->name, b->name))
			return false;
	return a == b;
}

static bool same_args(const struct seccomp_arg *a, const struct seccomp_arg *b)
{
	for (; a != NULL && b != NULL; a = a->next, b = b->next)
		if (a->index != b->index || a->op != b->op || a->value != b->value ||
		    a->value_two != b->value_two)
			return false;
	return a == b;
}

static bool same_number(bool has_a, uint32_t a, bool has_b, uint32_t b)
{
	return has_a == has_b && (!has_a || a == b);
}

static bool same_rules(const struct seccomp_rule *a, const struct seccomp_rule *b)
{
	for (; a != NULL && b != NULL; a = a->next, b = b->next)
		if (a->action != b->action ||
		    !same_number(a->has_errno, a->errno_ret, b->has_errno, b->errno_ret) ||
		    !same_names(a->names, b->names) || !same_args(a->args, b->args))
			return false;
	return a == b;
}

bool ociseccomp_same(const struct seccomp_profile *a, const struct seccomp_profile *b)
{
	return a->empty == b->empty && a->default_action == b->default_action &&
	       same_number(a->has_default_errno, a->default_errno, b->has_default_errno,
			   b->default_errno) &&
	       a->has_flags == b->has_flags && a->flags == b->flags &&
	       span_eq(a->listener_path, b->listener_path) &&
	       span_eq(a->listener_metadata, b->listener_metadata) &&
	       same_archs(a->archs, b->archs) && same_rules(a->rules, b->rules);
}
