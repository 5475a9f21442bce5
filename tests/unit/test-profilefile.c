/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/profile-file.h"

#include "base/errnoname.h"
#include "oci/seccomp-write.h"
#include "profile/region.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "profilefile-cases.h"

static char keep_memory[4 << 20], scratch_memory[4 << 20];

static struct arena keep;

/* The result lies in `keep`. */
static int resolve_file(struct span text, const struct profile_target *target,
			struct profilefile *ret_file, struct error *err)
{
	struct arena scratch = {scratch_memory, sizeof(scratch_memory), 0};
	struct profilefile_request request = {text, target, &keep, &scratch};

	keep = (struct arena){keep_memory, sizeof(keep_memory), 0};
	return profilefile_resolve(&request, ret_file, err);
}

/* As text. */
static int resolve_span(struct span text, const struct profile_target *target,
			struct span *ret_object, struct error *err)
{
	struct profilefile file;

	if (resolve_file(text, target, &file, err) < 0)
		return -1;
	return seccomp_write(&file.profile, &keep, ret_object, err);
}

static const struct profile_target plain = {.arch = PROFILE_ARCH_X86_64,
					    .kernel = PROFILE_KERNEL(6, 1)};
static const struct profile_target complaining = {
	.arch = PROFILE_ARCH_X86_64, .kernel = PROFILE_KERNEL(6, 1), .complain = true};

static void assert_object(const char *text, const struct profile_target *target, const char *object)
{
	struct span written;
	struct error err;
	char copy[4096];

	if (resolve_span(span_of(text), target, &written, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	assert_in_range(written.n, 1, sizeof(copy) - 1);
	memcpy(copy, written.p, written.n);
	copy[written.n] = '\0';
	assert_string_equal(copy, object);
}

static void errors_name_line_column_and_entry(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct profilefile file = {.restricts = true};
		size_t line = 0, column = 0;
		struct error err;

		if (resolve_file(span_of(errors[i].text), &plain, &file, &err) == 0)
			fail_msg("not refused: %s", errors[i].text);
		assert_true(file.restricts);
		assert_null(file.profile.rules);
		if (err.has_pos)
			text_position(span_of(errors[i].text), err.pos, &line, &column);
		if (line == errors[i].line && column == errors[i].column &&
		    strstr(err.text, errors[i].message) != NULL)
			continue;
		print_error("%s\n%zu:%zu: %s\ninstead of %zu:%zu: %s\n", errors[i].text, line,
			    column, err.text, errors[i].line, errors[i].column, errors[i].message);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void files_resolve_to_lean_objects(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(resolved); i++)
		assert_object(resolved[i].text, &plain, resolved[i].object);
}

static void conditions_follow_the_engines(void **state)
{
	char text[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(conditions); i++) {
		snprintf(
			text, sizeof(text),
			"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"a\"],%s,"
			"\"action\":\"SCMP_ACT_ALLOW\"}," ALLOW("\"b\"") "]}",
			conditions[i].conditions);
		assert_object(text, &conditions[i].target,
			      conditions[i].holds ? ERRNO(ALLOW("\"a\"") "," ALLOW("\"b\""))
						  : ERRNO(ALLOW("\"b\"")));
	}
}

static void complaining_denies_nothing_and_logs_what_was_denied(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(complaints); i++)
		assert_object(complaints[i].text, &complaining, complaints[i].object);
}

/* ---- findings, limits ---- */

static void restricting_is_of_the_profile_itself(void **state)
{
	static const struct {
		const char *text;
		bool restricts;
	} cases[] = {
		{"{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", false},
		{"{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[" ALLOW("\"read\"") "]}",
		 false},
		{"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" DO("KILL",
									   "\"mount\"") "]}",
		 true},
		{"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mount\"],"
		 "\"action\":\"SCMP_ACT_KILL\",\"excludes\":{\"arches\":[\"amd64\"]}}]}",
		 false},
		{ERRNO(""), true},
	};
	struct profilefile file;
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(resolve_file(span_of(cases[i].text), &plain, &file, &err), 0);
		assert_int_equal(file.restricts, cases[i].restricts);
		assert_int_equal(resolve_file(span_of(cases[i].text), &complaining, &file, &err),
				 0);
		assert_int_equal(file.restricts, cases[i].restricts);
	}
}

/* `n` rules for read, each with one condition of its own. */
static struct span many_conditions(size_t n)
{
	static char text[1 << 20];
	size_t used = (size_t)snprintf(text, sizeof(text),
				       "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[");

	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(
			text + used, sizeof(text) - used,
			"%s{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
			"{\"value\":%zu,\"op\":\"SCMP_CMP_EQ\"}]}",
			i > 0 ? "," : "", i);
	used += (size_t)snprintf(text + used, sizeof(text) - used, "]}");
	assert_true(used < sizeof(text));
	return (struct span){text, used};
}

static void what_no_filter_can_hold_is_refused(void **state)
{
	struct profilefile file;
	struct error err;

	(void)state;
	assert_int_equal(resolve_file(many_conditions(8192), &plain, &file, &err), 0);
	assert_int_equal(resolve_file(many_conditions(8193), &plain, &file, &err), -1);
	assert_non_null(strstr(err.text, "syscalls[8192]: more than 8192 conditions"));
	assert_true(err.has_pos);
}

/* With any amount of memory: the same result, or an error that says so. */
static void exhausted_memory_is_an_error(void **state)
{
	struct span text = many_conditions(20);
	size_t sizes[] = {sizeof(keep_memory), sizeof(scratch_memory)};
	size_t failed = 0;

	(void)state;
	for (size_t which = 0; which < 2; which++) {
		for (size_t size = 0; size < 60000; size += 97) {
			struct arena little = {keep_memory, which == 0 ? size : sizes[0], 0};
			struct arena scratch = {scratch_memory, which == 1 ? size : sizes[1], 0};
			struct profilefile_request request = {text, &complaining, &little,
							      &scratch};
			struct profilefile file;
			struct error err;

			if (profilefile_resolve(&request, &file, &err) < 0) {
				failed++;
				assert_true(strstr(err.text, "memory") != NULL ||
					    strstr(err.text, "too large") != NULL);
			} else {
				assert_true(file.restricts);
			}
			assert_int_equal(scratch.used, 0);
		}
	}
	assert_in_range(failed, 20, 1200);
}

/* Docker, Podman, containerd and CRI-O are in Go, whose encoding/json ignores the case of keys. */
static void keys_count_in_any_case(void **state)
{
	static const char *const forms[2] = {
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"archMap\":[{\"architecture\":"
		"\"SCMP_ARCH_X86_64\",\"subArchitectures\":[\"SCMP_ARCH_X86\"]}],\"syscalls\":[{"
		"\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"caps\":["
		"\"CAP_CHOWN\"]},\"args\":[{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}]},{"
		"\"names\":[\"bpf\"],\"action\":\"SCMP_ACT_ALLOW\",\"excludes\":{\"arches\":["
		"\"amd64\"]}}]}",
		"{\"DEFAULTaction\":\"SCMP_ACT_ERRNO\",\"archmap\":[{\"Architecture\":"
		"\"SCMP_ARCH_X86_64\",\"subarchitectures\":[\"SCMP_ARCH_X86\"]}],\"Syscalls\":[{"
		"\"Names\":[\"read\"],\"Action\":\"SCMP_ACT_ALLOW\",\"Includes\":{\"Caps\":["
		"\"CAP_CHOWN\"]},\"Args\":[{\"Index\":0,\"Value\":1,\"OP\":\"SCMP_CMP_EQ\"}]},{"
		"\"name\u017f\":[\"bpf\"],\"action\":\"SCMP_ACT_ALLOW\",\"exclude\\u0073\":{"
		"\"ARCHES\":[\"amd64\"]}}]}",
	};
	struct seccomp_profile profile[2];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		static char memory[2][1 << 16];
		struct arena own = {memory[i], sizeof(memory[i]), 0};
		struct arena scratch = {scratch_memory, sizeof(scratch_memory), 0};
		const struct profile_target x86 = {
			.arch = PROFILE_ARCH_X86_64, .kernel = 6 << 16, .caps = UINT64_MAX};
		const struct profilefile_request request = {span_of(forms[i]), &x86, &own,
							    &scratch};
		struct profilefile file;
		struct error err;

		if (profilefile_resolve(&request, &file, &err) < 0)
			fail_msg("%s", err.text);
		profile[i] = file.profile;
	}
	assert_true(ociseccomp_same(&profile[0], &profile[1]));
	assert_non_null(profile[0].rules);
	assert_null(profile[0].rules->next);
}

/* ---- restrictions ---- */

/* runc answers ENOSYS above the highest call that is named: restricting that call moves no limit.
 */
static void a_restricted_call_keeps_its_name(void **state)
{
	static const struct {
		const char *text, *object;
	} rows[] = {
		{ERRNO(ALLOW("\"read\"") "," ALLOW("\"bpf\"")),
		 ERRNO(ALLOW("\"read\"") ",{\"names\":[\"bpf\"],\"action\":\"SCMP_ACT_ERRNO\","
					 "\"errnoRet\":1}")},
		/* There is a rule that names it already. */
		{ERRNO(ALLOW("\"bpf\"") ",{\"names\":[\"bpf\",\"read\"],\"action\":\"SCMP_ACT_"
					"ERRNO\"}"),
		 ERRNO("{\"names\":[\"bpf\",\"read\"],\"action\":\"SCMP_ACT_ERRNO\"}")},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arena scratch = {scratch_memory, sizeof(scratch_memory), 0};
		struct profilefile_request request = {span_of(rows[i].text),
						      &plain,
						      &keep,
						      &scratch,
						      {.named = 1U << TIGHTEN_BPF}};
		struct profilefile file;
		struct span written;
		struct error err;

		keep = (struct arena){keep_memory, sizeof(keep_memory), 0};
		assert_int_equal(profilefile_resolve(&request, &file, &err), 0);
		assert_int_equal(seccomp_write(&file.profile, &keep, &written, &err), 0);
		if (!span_eq(written, span_of(rows[i].object)))
			fail_msg("%.*s\ninstead of\n%s", (int)written.n, written.p, rows[i].object);
	}
}

/* ---- any text ---- */

static uint64_t random_state = 1;

static uint32_t some(uint32_t below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(random_state >> 33) % below;
}

/* Change `text` of *n bytes here and there: flip, drop, repeat, exchange for pieces that mean
 * something. */
static void mutate(char *text, size_t *n, size_t room)
{
	static const char *const pieces[] = {"\"",
					     "{",
					     "}",
					     "[",
					     "]",
					     ",",
					     ":",
					     "null",
					     "0",
					     "9",
					     "\\u0000",
					     "\"name\":",
					     "\"args\":",
					     "SCMP_ACT_LOG",
					     "\"includes\":",
					     "18446744073709551615",
					     "\xff"};

	for (uint32_t changes = 1 + some(3); changes > 0 && *n > 0; changes--) {
		size_t at = some((uint32_t)*n), length;
		const char *piece = pieces[some(ARRAY_SIZE(pieces))];

		switch (some(4)) {
		case 0:
			text[at] ^= (char)(1U << some(8));
			break;
		case 1:
			length = some((uint32_t)(*n - at)) % 20;
			memmove(text + at, text + at + length, *n - at - length);
			*n -= length;
			break;
		case 2:
			length = strlen(piece);
			if (*n + length > room)
				break;
			memmove(text + at + length, text + at, *n - at);
			memcpy(text + at, piece, length);
			*n += length;
			break;
		default:
			length = some((uint32_t)(*n - at)) % 60;
			if (*n + length > room)
				break;
			memmove(text + at + length, text + at, *n - at);
			*n += length;
		}
	}
}

static const char *some_text(void)
{
	switch (some(3)) {
	case 0:
		return errors[some(ARRAY_SIZE(errors))].text;
	case 1:
		return resolved[some(ARRAY_SIZE(resolved))].text;
	default:
		return complaints[some(ARRAY_SIZE(complaints))].text;
	}
}

/* What comes out is a profile again, and resolves to itself. */
static void assert_stable(struct span object, const struct profile_target *target)
{
	static char first[1 << 20];
	struct span again;
	struct error err;

	assert_in_range(object.n, 1, sizeof(first));
	memcpy(first, object.p, object.n);
	if (resolve_span((struct span){first, object.n}, target, &again, &err) < 0)
		fail_msg("%.*s: %s", (int)object.n, first, err.text);
	if (!span_eq(again, (struct span){first, object.n}))
		fail_msg("%.*s\nbecame\n%.*s", (int)object.n, first, (int)again.n, again.p);
}

static void no_text_does_harm(void **state)
{
	const char *rounds = getenv("FUZZ_ROUNDS");
	size_t good = 0, n_rounds = rounds != NULL ? strtoul(rounds, NULL, 10) : 30000;

	(void)state;
	for (size_t i = 0; i < n_rounds; i++) {
		const struct profile_target *target = i % 2 ? &plain : &complaining;
		const char *from = some_text();
		struct span object;
		struct error err;
		char *text; /* of its own size, so that a sanitizer sees what is read behind it */
		char room[4096];
		size_t n = strlen(from);

		memcpy(room, from, n);
		mutate(room, &n, sizeof(room));
		text = malloc(n + 1);
		assert_non_null(text);
		text = realloc(text, n > 0 ? n : 1);
		memcpy(text, room, n);
		if (resolve_span((struct span){text, n}, target, &object, &err) == 0) {
			good++;
			assert_stable(object, target);
		} else {
			assert_true(err.text[0] != '\0');
			assert_true(!err.has_pos || err.pos <= n);
		}
		free(text);
	}
	assert_in_range(good, n_rounds / 50, n_rounds);
}

/* ---- sets of argument values ---- */

static bool holds(const struct seccomp_arg *arg, uint64_t x)
{
	switch (arg->op) {
	case OCI_CMP_NE:
		return x != arg->value;
	case OCI_CMP_LT:
		return x < arg->value;
	case OCI_CMP_LE:
		return x <= arg->value;
	case OCI_CMP_EQ:
		return x == arg->value;
	case OCI_CMP_GE:
		return x >= arg->value;
	case OCI_CMP_GT:
		return x > arg->value;
	default:
		return (x & arg->value) == (arg->value_two & arg->value);
	}
}

static const uint64_t values[] = {0,         1, 2, 16, 40, 255, UINT64_C(1) << 32, UINT64_MAX - 1,
				  UINT64_MAX};

static struct seccomp_arg some_arg(void)
{
	return (struct seccomp_arg){
		.op = (enum oci_cmp)some(OCI_CMPS),
		.value = values[some(ARRAY_SIZE(values))],
		.value_two = values[some(ARRAY_SIZE(values))],
	};
}

static bool in_set(const struct argset *set, uint64_t x)
{
	for (size_t i = 0; i < set->n; i++)
		if (holds(&set->part[i], x))
			return true;
	return false;
}

static void argument_sets_hold_what_they_should(void **state)
{
	static struct argset set;
	size_t full = 0;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct seccomp_arg a = some_arg(), b = some_arg();
		bool any = some(4) == 0, without = some(2) != 0;

		argset_intersect(any ? NULL : &a, &b, without, &set);
		full += set.full;
		for (int i = 0; i < 200 && !set.full; i++) {
			uint64_t x = values[some(ARRAY_SIZE(values))] + some(5) - 2;

			if (some(4) == 0)
				x ^= UINT64_C(1) << some(64);
			assert_int_equal(in_set(&set, x),
					 (any || holds(&a, x)) && holds(&b, x) != without);
		}
	}
	assert_in_range(full, 1, 1000);
}

static void errors_have_names(void **state)
{
	(void)state;
	assert_int_equal(errno_from_name(SPAN("EPERM")), 1);
	assert_int_equal(errno_from_name(SPAN("EINVAL")), 22);
	assert_int_equal(errno_from_name(SPAN("eperm")), -1);
	assert_int_equal(errno_from_name(SPAN("EPER")), -1);
	assert_int_equal(errno_from_name((struct span){0}), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_name_line_column_and_entry),
		cmocka_unit_test(files_resolve_to_lean_objects),
		cmocka_unit_test(conditions_follow_the_engines),
		cmocka_unit_test(complaining_denies_nothing_and_logs_what_was_denied),
		cmocka_unit_test(restricting_is_of_the_profile_itself),
		cmocka_unit_test(what_no_filter_can_hold_is_refused),
		cmocka_unit_test(exhausted_memory_is_an_error),
		cmocka_unit_test(a_restricted_call_keeps_its_name),
		cmocka_unit_test(no_text_does_harm),
		cmocka_unit_test(argument_sets_hold_what_they_should),
		cmocka_unit_test(errors_have_names),
		cmocka_unit_test(keys_count_in_any_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
