/* SPDX-License-Identifier: Apache-2.0 */
/* Changing what a profile file says to a call: what stays of the text, and what does not. */
#include "profile/profile-edit.h"

#include "core.h"

#define EPERM_FILE(rules) "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [" rules "]}"
#define ALLOW_FILE(rules) "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [" rules "]}"
#define ALLOW_A "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\"}"
#define DENY_A "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1}"
#define READ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\"}"

static const struct {
	const char *text;
	const char *edits; /* "+a" allows, "-b" denies */
	const char *wanted;
} cases[] = {
	/* In which rules a name is, and where in them. */
	{EPERM_FILE(""), "+a", EPERM_FILE(ALLOW_A)},
	{EPERM_FILE(READ), "+a", EPERM_FILE(READ "," ALLOW_A)},
	{EPERM_FILE("\n\t" READ "\n"), "+a", EPERM_FILE("\n\t" READ ",\n\t" ALLOW_A "\n")},
	{EPERM_FILE("{\"names\": [\"a\"], \"action\": \"SCMP_ACT_KILL\"}"), "+a",
	 EPERM_FILE(ALLOW_A)},
	{EPERM_FILE("{\"name\": \"a\", \"action\": \"SCMP_ACT_ALLOW\"}, " READ), "+a",
	 EPERM_FILE(READ "," ALLOW_A)},
	{EPERM_FILE("{\"names\": [\"a\", \"b\", \"c\"], \"action\": \"SCMP_ACT_ALLOW\"}"), "-a",
	 EPERM_FILE("{\"names\": [\"b\", \"c\"], \"action\": \"SCMP_ACT_ALLOW\"}")},
	{EPERM_FILE("{\"names\": [\"a\", \"b\", \"c\"], \"action\": \"SCMP_ACT_ALLOW\"}"), "-b",
	 EPERM_FILE("{\"names\": [\"a\", \"c\"], \"action\": \"SCMP_ACT_ALLOW\"}")},
	{EPERM_FILE("{\"names\": [\"a\", \"b\", \"c\"], \"action\": \"SCMP_ACT_ALLOW\"}"), "-c",
	 EPERM_FILE("{\"names\": [\"a\", \"b\"], \"action\": \"SCMP_ACT_ALLOW\"}")},
	{EPERM_FILE("{\"names\": [\"a\", \"b\", \"c\"], \"action\": \"SCMP_ACT_ALLOW\"}"), "-a-c",
	 EPERM_FILE("{\"names\": [\"b\"], \"action\": \"SCMP_ACT_ALLOW\"}")},
	{EPERM_FILE("{\"names\": [\"a\", \"b\", \"c\"], \"action\": \"SCMP_ACT_ALLOW\"}"), "-a-b",
	 EPERM_FILE("{\"names\": [\"c\"], \"action\": \"SCMP_ACT_ALLOW\"}")},
	{EPERM_FILE("{\"names\": [\"a\", \"a\"], \"action\": \"SCMP_ACT_ALLOW\"} , " READ), "-a",
	 EPERM_FILE(READ)},
	{EPERM_FILE(READ " , {\"names\": [\"a\"], \"action\": \"SCMP_ACT_ALLOW\"}"), "-a",
	 EPERM_FILE(READ)},
	{EPERM_FILE("{\"action\": \"SCMP_ACT_LOG\", \"names\": [\"\\u0061\", \"b\"]}"), "-a",
	 EPERM_FILE("{\"action\": \"SCMP_ACT_LOG\", \"names\": [\"b\"]}")},
	/* Whatever is beside it, and whomever the rule holds for. */
	{EPERM_FILE(
		 "{\"comment\": \"x\", \"names\": [\"a\", \"b\"], \"action\": \"SCMP_ACT_ALLOW\", "
		 "\"includes\": {\"caps\": [\"CAP_BPF\"]}, \"args\": [{\"index\": 0, \"value\": 1, "
		 "\"op\": \"SCMP_CMP_EQ\"}]}"),
	 "+a",
	 EPERM_FILE(
		 "{\"comment\": \"x\", \"names\": [\"b\"], \"action\": \"SCMP_ACT_ALLOW\", "
		 "\"includes\": {\"caps\": [\"CAP_BPF\"]}, \"args\": [{\"index\": 0, \"value\": 1, "
		 "\"op\": \"SCMP_CMP_EQ\"}]}," ALLOW_A)},
	/* A denial that is there stays, with its number: ENOSYS is not EPERM. */
	{EPERM_FILE("{\"names\": [\"a\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38}"), "-a",
	 EPERM_FILE("{\"names\": [\"a\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38}")},
	{EPERM_FILE("{\"names\": [\"a\"], \"action\": \"SCMP_ACT_TRACE\"}"), "-a", EPERM_FILE("")},
	/* Where the default lets through, and may know better. */
	{ALLOW_FILE(
		 "{\"names\": [\"a\", \"b\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38}"),
	 "-a",
	 ALLOW_FILE(
		 "{\"names\": [\"b\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38}," DENY_A)},
	{ALLOW_FILE("{\"names\": [\"a\"], \"action\": \"SCMP_ACT_ERRNO\"}"), "+a", ALLOW_FILE("")},
	{ALLOW_FILE(""), "-a+b", ALLOW_FILE(DENY_A)},
	{"{\"defaultAction\": \"SCMP_ACT_LOG\"}", "-a+b",
	 "{\"defaultAction\": \"SCMP_ACT_LOG\", \"syscalls\": [" DENY_A
	 ",{\"names\":[\"b\"],\"action\":\"SCMP_ACT_ALLOW\"}]}"},
	{"{\"syscalls\": null, \"defaultAction\": \"SCMP_ACT_KILL\"}", "+a",
	 "{\"syscalls\": [" ALLOW_A "], \"defaultAction\": \"SCMP_ACT_KILL\"}"},
	/* A key counts in any letter case. */
	{"{\"SysCalls\": null, \"DEFAULTACTION\": \"SCMP_ACT_KILL\"}", "+a",
	 "{\"SysCalls\": [" ALLOW_A "], \"DEFAULTACTION\": \"SCMP_ACT_KILL\"}"},
	{"{\"DefaultAction\": \"SCMP_ACT_ERRNO\", \"Syscalls\": [{\"Names\": [\"a\", \"b\"], "
	 "\"Action\": \"SCMP_ACT_ALLOW\"}, {\"NAME\": \"a\", \"ACTION\": \"SCMP_ACT_LOG\"}]}",
	 "-a",
	 "{\"DefaultAction\": \"SCMP_ACT_ERRNO\", \"Syscalls\": [{\"Names\": [\"b\"], "
	 "\"Action\": \"SCMP_ACT_ALLOW\"}]}"},
};

static const struct profile_edit *edits_of(const char *words, struct profile_edit *edits)
{
	size_t n = strlen(words) / 2;

	for (size_t i = 0; i < n; i++) {
		edits[i] = (struct profile_edit){.allow = words[2 * i] == '+',
						 .call.name = {words + 2 * i + 1, 1}};
		if (i > 0) {
			edits[i - 1].next = &edits[i];
			edits[i - 1].call.next = &edits[i].call;
		}
	}
	return edits;
}

static void the_rest_of_the_text_stays(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct enforce_memory memory = test_memory(0);
		struct profile_edit edits[4];
		struct span out = span_of(cases[i].text);
		struct error err;

		if (profile_edit(&out, edits_of(cases[i].edits, edits), &memory.keep,
				 &memory.scratch, &err) < 0)
			fail_msg("%s: %s", cases[i].text, err.text);
		assert_int_equal(memory.scratch.used, 0);
		if (span_eq(out, span_of(cases[i].wanted)))
			continue;
		print_message("# %s %s\n# is     %.*s\n# wanted %s\n", cases[i].text,
			      cases[i].edits, (int)out.n, out.p, cases[i].wanted);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void a_comment_is_written(void **state)
{
	struct enforce_memory memory = test_memory(0);
	const struct profile_edit edit = {.allow = true,
					  .call = {.name = SPAN("a"), .text = SPAN("why \"\t")}};
	struct span out = SPAN(EPERM_FILE(""));
	struct error err;

	(void)state;
	assert_int_equal(profile_edit(&out, &edit, &memory.keep, &memory.scratch, &err), 0);
	assert_true(span_eq(out, SPAN(EPERM_FILE("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\","
						 "\"comment\":\"why \\\"\\u0009\"}"))));
}

/* Then the text is the old one. */
static bool fails(struct span text, const struct profile_edit *edit, struct enforce_memory *memory)
{
	struct span out = text;
	struct error err;

	if (profile_edit(&out, edit, &memory->keep, &memory->scratch, &err) == 0)
		return false;
	assert_ptr_equal(out.p, text.p);
	return true;
}

static void without_memory_it_fails(void **state)
{
	struct enforce_memory memory = test_memory(0);
	const struct profile_edit edit = {.allow = true, .call = {.name = SPAN("a")}};
	const struct span text = SPAN(EPERM_FILE(READ));
	size_t keep = memory.keep.size, scratch = memory.scratch.size, failed = 0;

	(void)state;
	for (size_t size = 0; size < 8192; size += 64) {
		memory.keep = (struct arena){memory.keep.base, size, 0};
		memory.scratch.size = scratch;
		failed += fails(text, &edit, &memory);
		memory.keep = (struct arena){memory.keep.base, keep, 0};
		memory.scratch.size = size / 8;
		failed += fails(text, &edit, &memory);
		assert_int_equal(memory.scratch.used, 0);
	}
	assert_in_range(failed, 2, 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rest_of_the_text_stays),
		cmocka_unit_test(a_comment_is_written),
		cmocka_unit_test(without_memory_it_fails),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
