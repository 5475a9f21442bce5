/* SPDX-License-Identifier: Apache-2.0 */
/* Forms in which seccomp-guard profile shows a profile to people and to diff(1). */
#include "cli/profile-print.h"

#include "cli/cli.h"
#include "oci/seccomp-write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* A call and a rule that names it. */
struct row {
	struct span call;
	const struct seccomp_rule *rule;
	size_t order; /* of the rule in the profile */
};

static int compare_rows(const void *a, const void *b)
{
	const struct row *one = a, *two = b;
	size_t n = one->call.n < two->call.n ? one->call.n : two->call.n;
	int order = memcmp(one->call.p, two->call.p, n);

	if (order == 0)
		order = (one->call.n > two->call.n) - (one->call.n < two->call.n);
	if (order == 0)
		order = (one->order > two->order) - (one->order < two->order);
	return order;
}

/* Each name of each rule, by name and then in the order of the rules. */
static struct row *sorted_rows(const struct seccomp_profile *profile, struct arena *arena,
			       size_t *ret_n)
{
	struct row *rows;
	size_t n = 0, order = 0;

	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		for (const struct seccomp_name *name = rule->names; name != NULL; name = name->next)
			n++;
	rows = arena_alloc(arena, (n + 1) * sizeof(*rows));
	if (rows == NULL)
		return NULL;
	*ret_n = n;
	n = 0;
	for (const struct seccomp_rule *rule = profile->rules; rule != NULL;
	     rule = rule->next, order++)
		for (const struct seccomp_name *name = rule->names; name != NULL; name = name->next)
			rows[n++] = (struct row){name->name, rule, order};
	qsort(rows, n, sizeof(*rows), compare_rows);
	return rows;
}

/* "SCMP_ACT_ERRNO" without the prefix that all have, and the number. */
static void print_action(enum oci_action action, bool has_errno, uint32_t errno_ret)
{
	printf("%s", oci_action_name(action) + strlen("SCMP_ACT_"));
	if (oci_action_takes_errno(action))
		printf(" %" PRIu32, seccomp_errno(action, has_errno, errno_ret));
}

static void print_condition(const struct seccomp_arg *arg)
{
	static const char *const signs[OCI_CMPS] = {
		[OCI_CMP_NE] = "!=", [OCI_CMP_LT] = "<",  [OCI_CMP_LE] = "<=",
		[OCI_CMP_EQ] = "==", [OCI_CMP_GE] = ">=", [OCI_CMP_GT] = ">",
	};

	if (arg->op == OCI_CMP_MASKED_EQ)
		printf("a%" PRIu32 " & 0x%" PRIx64 " == 0x%" PRIx64, arg->index, arg->value,
		       arg->value_two);
	else
		printf("a%" PRIu32 " %s %" PRIu64, arg->index, signs[arg->op], arg->value);
}

/* Conditions on the same argument are alternatives, all others must hold together. */
static void print_conditions(const struct seccomp_arg *args)
{
	const char *joint = " and ";
	unsigned int seen = 0;

	for (const struct seccomp_arg *arg = args; arg != NULL; arg = arg->next) {
		if (seen >> arg->index & 1)
			joint = " or ";
		seen |= 1U << arg->index;
	}
	for (const struct seccomp_arg *arg = args; arg != NULL; arg = arg->next) {
		printf("%s", arg == args ? "\t" : joint);
		print_condition(arg);
	}
}

static void print_table(const struct seccomp_profile *profile, const struct row *rows, size_t n)
{
	for (const struct seccomp_arch *arch = profile->archs; arch != NULL; arch = arch->next)
		printf("# %.*s\n", SPAN_ARG(arch->name));
	printf("*\t");
	print_action(profile->default_action, profile->has_default_errno, profile->default_errno);
	printf("\n");
	for (size_t i = 0; i < n; i++) {
		const struct seccomp_rule *rule = rows[i].rule;

		printf("%.*s\t", SPAN_ARG(rows[i].call));
		print_action(rule->action, rule->has_errno, rule->errno_ret);
		print_conditions(rule->args);
		printf("\n");
	}
}

/* Calls that some rule lets through, each once. */
static void print_names(const struct row *rows, size_t n)
{
	struct span last = {0};

	for (size_t i = 0; i < n; i++) {
		if (!oci_action_permits(rows[i].rule->action) || span_eq(rows[i].call, last))
			continue;
		last = rows[i].call;
		printf("%.*s\n", SPAN_ARG(last));
	}
}

int profile_format_from_name(const char *name, enum profile_format *ret_format, struct error *err)
{
	static const char *const names[] = {"oci", "names", "table"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret_format = (enum profile_format)i;
			return 0;
		}
	}
	return error_set(err, "unknown format \"%.40s\": known are oci, names, table", name);
}

void profile_print_text(struct span object)
{
	fwrite(object.p, 1, object.n, stdout);
	printf("\n");
}

int profile_print(const struct seccomp_profile *profile, enum profile_format format,
		  struct enforce_memory *memory, struct error *err)
{
	struct span object;
	struct row *rows;
	size_t n = 0;

	if (format == PROFILE_FORMAT_OCI) {
		if (seccomp_write(profile, &memory->keep, &object, err) < 0)
			return -1;
		profile_print_text(object);
		return 0;
	}
	rows = sorted_rows(profile, &memory->keep, &n);
	if (rows == NULL)
		return error_set(err, "the profile is too large");
	if (format == PROFILE_FORMAT_TABLE)
		print_table(profile, rows, n);
	else
		print_names(rows, n);
	return 0;
}

void profile_print_flavors(void)
{
	for (int i = 0; i < PROFILE_FLAVORS; i++)
		printf("%s\t%s\t%s\n", profile_flavor_name((enum profile_flavor)i),
		       profile_flavor_date((enum profile_flavor)i),
		       profile_flavor_source((enum profile_flavor)i));
}
