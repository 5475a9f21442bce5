/* SPDX-License-Identifier: Apache-2.0 */
/* Forms in which seccomp-guard profile shows a profile to people and to diff(1). */
#include "cli/profile-print.h"

#include "base/jsonout.h"
#include "base/suggest.h"
#include "oci/seccomp-rule.h"
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

#define WHEN_SIZE 4096

static int condition_text(const struct seccomp_arg *arg, char *out, size_t size)
{
	static const char *const signs[OCI_CMPS] = {
		[OCI_CMP_NE] = "!=", [OCI_CMP_LT] = "<",  [OCI_CMP_LE] = "<=",
		[OCI_CMP_EQ] = "==", [OCI_CMP_GE] = ">=", [OCI_CMP_GT] = ">",
	};

	if (arg->op == OCI_CMP_MASKED_EQ)
		return snprintf(out, size, "a%" PRIu32 " & 0x%" PRIx64 " == 0x%" PRIx64, arg->index,
				arg->value, arg->value_two);
	return snprintf(out, size, "a%" PRIu32 " %s %" PRIu64, arg->index, signs[arg->op],
			arg->value);
}

/* Conditions on the same argument are alternatives, all others must hold together. Ends in "..."
 * when there are too many. */
static const char *conditions_text(const struct seccomp_arg *args, char out[WHEN_SIZE])
{
	const char *joint = seccomp_args_alternate(args) ? " or " : " and ";
	size_t used = 0;

	out[0] = '\0';
	for (const struct seccomp_arg *arg = args; arg != NULL; arg = arg->next) {
		if (WHEN_SIZE - used < 128) {
			strcpy(out + used, "...");
			break;
		}
		used += (size_t)snprintf(out + used, WHEN_SIZE - used, "%s",
					 arg == args ? "" : joint);
		used += (size_t)condition_text(arg, out + used, WHEN_SIZE - used);
	}
	return out;
}

static void print_row(const struct row *row)
{
	const struct seccomp_rule *rule = row->rule;
	char shown[SPAN_SHOWN], when[WHEN_SIZE];

	printf("%s\t", text_printable(row->call, shown, sizeof(shown)));
	print_action(rule->action, rule->has_errno, rule->errno_ret);
	if (rule->args != NULL)
		printf("\t%s", conditions_text(rule->args, when));
	printf("\n");
}

static void print_table(const struct seccomp_profile *profile, const struct row *rows, size_t n)
{
	for (const struct seccomp_arch *arch = profile->archs; arch != NULL; arch = arch->next)
		printf("# %.*s\n", SPAN_ARG(arch->name));
	printf("*\t");
	print_action(profile->default_action, profile->has_default_errno, profile->default_errno);
	printf("\n");
	for (size_t i = 0; i < n; i++)
		print_row(&rows[i]);
}

/* ---- as JSON ---- */

struct json_line {
	struct jsonout out;
	char text[2 * WHEN_SIZE];
};

static void print_line(struct json_line *line)
{
	jsonout_end(&line->out);
	printf("%s\n", line->out.p);
}

static void put_action(struct jsonout *out, enum oci_action action, bool has_errno,
		       uint32_t errno_ret)
{
	jsonout_string(out, "action", span_of(oci_action_name(action)));
	if (oci_action_takes_errno(action))
		jsonout_uint(out, "errnoRet", seccomp_errno(action, has_errno, errno_ret));
}

/* The architectures, the default, and each row. */
static void print_table_json(const struct seccomp_profile *profile, const struct row *rows,
			     size_t n)
{
	struct json_line line;
	char when[WHEN_SIZE];

	for (const struct seccomp_arch *arch = profile->archs; arch != NULL; arch = arch->next) {
		jsonout_begin(&line.out, line.text, sizeof(line.text));
		jsonout_string(&line.out, "architecture", arch->name);
		print_line(&line);
	}
	jsonout_begin(&line.out, line.text, sizeof(line.text));
	jsonout_string(&line.out, "syscall", SPAN("*"));
	put_action(&line.out, profile->default_action, profile->has_default_errno,
		   profile->default_errno);
	print_line(&line);
	for (size_t i = 0; i < n; i++) {
		const struct seccomp_rule *rule = rows[i].rule;

		jsonout_begin(&line.out, line.text, sizeof(line.text));
		jsonout_string(&line.out, "syscall", rows[i].call);
		put_action(&line.out, rule->action, rule->has_errno, rule->errno_ret);
		if (rule->args != NULL)
			jsonout_string(&line.out, "when",
				       span_of(conditions_text(rule->args, when)));
		print_line(&line);
	}
}

/* ---- the forms ---- */

/* Calls that some rule lets through, each once. */
static void print_names(const struct row *rows, size_t n, bool json)
{
	struct span last = {0};
	struct json_line line;
	char shown[SPAN_SHOWN];

	for (size_t i = 0; i < n; i++) {
		if (!oci_action_permits(rows[i].rule->action) || span_eq(rows[i].call, last))
			continue;
		last = rows[i].call;
		if (!json) {
			printf("%s\n", text_printable(last, shown, sizeof(shown)));
			continue;
		}
		jsonout_begin(&line.out, line.text, sizeof(line.text));
		jsonout_string(&line.out, "syscall", last);
		print_line(&line);
	}
}

int profile_format_from_name(const char *name, enum profile_format *ret_format, struct error *err)
{
	static const char *const names[] = {"oci", "names", "table", "moby"};
	struct suggestion near = suggest(span_of(name));

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret_format = (enum profile_format)i;
			return 0;
		}
		suggest_try(&near, span_of(names[i]));
	}
	error_set(err, "unknown format \"%.40s\": known are oci, names, table, moby", name);
	return error_suggest(err, &near);
}

void profile_print_text(struct span object)
{
	fwrite(object.p, 1, object.n, stdout);
	if (object.n > 0 && object.p[object.n - 1] != '\n')
		printf("\n");
}

int profile_print(const struct seccomp_profile *profile, const struct profile_form *form,
		  struct enforce_memory *memory, struct error *err)
{
	struct span object;
	struct row *rows;
	size_t n = 0;

	if (form->format == PROFILE_FORMAT_OCI) {
		if (seccomp_write_commented(profile, form->comments, &memory->keep, &object, err) <
		    0)
			return -1;
		profile_print_text(object);
		return 0;
	}
	rows = sorted_rows(profile, &memory->keep, &n);
	if (rows == NULL)
		return error_set(err, "the profile is too large");
	if (form->format == PROFILE_FORMAT_NAMES)
		print_names(rows, n, form->json);
	else if (form->json)
		print_table_json(profile, rows, n);
	else
		print_table(profile, rows, n);
	return 0;
}

void profile_print_flavors(bool json)
{
	struct json_line line;

	for (int i = 0; i < PROFILE_FLAVORS; i++) {
		const char *name = profile_flavor_name((enum profile_flavor)i),
			   *date = profile_flavor_date((enum profile_flavor)i),
			   *source = profile_flavor_source((enum profile_flavor)i);

		if (!json) {
			printf("%s\t%s\t%s\n", name, date, source);
			continue;
		}
		jsonout_begin(&line.out, line.text, sizeof(line.text));
		jsonout_string(&line.out, "flavor", span_of(name));
		jsonout_string(&line.out, "date", span_of(date));
		jsonout_string(&line.out, "source", span_of(source));
		print_line(&line);
	}
}
