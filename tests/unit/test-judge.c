/* SPDX-License-Identifier: Apache-2.0 */
/* What a profile amounts to. A rule below is "action names args": E errno, A allow, L log, K kill, N notify. */
#include "core.h"

#include "judge.h"
#include "syscall.h"

#define RULE(names, action, more) "{\"names\":[" names "],\"action\":\"SCMP_ACT_" action "\"" more "}"
#define ARGS(list) ",\"args\":[" list "]"
#define ARG(index, op, more) "{\"index\":" #index ",\"op\":\"SCMP_CMP_" op "\"" more "}"
#define PROFILE(action, rules) "{\"defaultAction\":\"SCMP_ACT_" action "\",\"syscalls\":[" rules "]}"

static enum finding judge(const char *text)
{
	struct enforce_memory memory = test_memory(0);
	struct seccomp_profile profile;
	struct error err;

	if (ociseccomp_read(span_of(text), &memory.keep, &memory.scratch, &profile, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return judge_profile(&profile);
}

static const struct {
	const char *text;
	enum finding finding;
} rows[] = {
	{"{}", FINDING_ABSENT},
	{"{\"defaultAction\":\"\"}", FINDING_ABSENT},
	{"{\"defaultAction\":null,\"syscalls\":null}", FINDING_ABSENT},

	/* Every syscall runs. */
	{PROFILE("ALLOW", ""), FINDING_UNCONFINED},
	{PROFILE("LOG", ""), FINDING_UNCONFINED},
	{PROFILE("ALLOW", RULE("\"mount\"", "ALLOW", "")), FINDING_UNCONFINED},
	{PROFILE("ALLOW", RULE("\"mount\"", "LOG", "")), FINDING_UNCONFINED},
	{PROFILE("LOG", RULE("\"mount\"", "ALLOW", "")), FINDING_UNCONFINED},
	{PROFILE("ALLOW", RULE("", "ERRNO", "")), FINDING_UNCONFINED},
	{PROFILE("ALLOW", RULE("", "KILL", "")), FINDING_UNCONFINED},

	/* The names mean nothing. */
	{PROFILE("ALLOW", RULE("\"no_such_call\"", "ERRNO", "")), FINDING_UNCONFINED},
	{PROFILE("ALLOW", RULE("\"MOUNT\"", "ERRNO", "")), FINDING_UNCONFINED},
	{PROFILE("ALLOW", RULE("\"mount \"", "ERRNO", "")), FINDING_UNCONFINED},
	{PROFILE("ALLOW", RULE("\"sys_mount\"", "ERRNO", "")), FINDING_UNCONFINED},
	{PROFILE("ALLOW", RULE("\"mount\\ud800\"", "ERRNO", "")), FINDING_UNCONFINED},

	/* The conditions are never true. */
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "LT", ",\"value\":0")))),
	 FINDING_UNCONFINED},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "LT", "")))), FINDING_UNCONFINED},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "GT", ",\"value\":18446744073709551615")))),
	 FINDING_UNCONFINED},
	{PROFILE("ALLOW",
		 RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "MASKED_EQ", ",\"value\":1,\"valueTwo\":2")))),
	 FINDING_WEAK}, /* libseccomp: (a0 & 1) == 0 */
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO",
			       ARGS(ARG(0, "EQ", ",\"value\":1") "," ARG(1, "LT", ",\"value\":0")))),
	 FINDING_UNCONFINED},

	/* They can be. */
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "LT", ",\"value\":1")))), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "GE", ",\"value\":0")))), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "EQ", ",\"value\":1")))), FINDING_WEAK},
	{PROFILE("ALLOW",
		 RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "MASKED_EQ", ",\"value\":3,\"valueTwo\":2")))),
	 FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "MASKED_EQ", "")))), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ",\"args\":[]")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ",\"args\":null")), FINDING_WEAK},
	/* An argument named twice makes a rule of each condition. */
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO",
			       ARGS(ARG(0, "EQ", ",\"value\":1") "," ARG(0, "LT", ",\"value\":0")))),
	 FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "LT", "") "," ARG(0, "LT", "")))),
	 FINDING_UNCONFINED},
	/* crun drops the seventh condition, and with it all that this rule could ever do. */
	{PROFILE("ALLOW",
		 RULE("\"mount\"", "ERRNO",
		      ARGS(ARG(0, "LT", "") "," ARG(0, "LT", "") "," ARG(0, "LT", "") "," ARG(
			      0, "LT", "") "," ARG(0, "LT", "") "," ARG(0, "LT", "") "," ARG(0, "EQ", "")))),
	 FINDING_UNCONFINED},

	/* Every action but ALLOW and LOG restricts. */
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", "")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ",\"errnoRet\":0")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "KILL", "")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "KILL_PROCESS", "")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "KILL_THREAD", "")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "TRAP", "")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "TRACE", "")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "NOTIFY", "")), FINDING_WEAK},
	{PROFILE("LOG", RULE("\"mount\"", "ERRNO", "")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"no_such_call\",\"mount\"", "ERRNO", "")), FINDING_WEAK},

	/* libseccomp keeps the first rule without conditions. A rule that says what the default says is
	 * skipped before that. */
	{PROFILE("ALLOW", RULE("\"mount\"", "LOG", "") "," RULE("\"mount\"", "ERRNO", "")),
	 FINDING_UNCONFINED},
	{PROFILE("ALLOW", RULE("\"mount\"", "ALLOW", "") "," RULE("\"mount\"", "ERRNO", "")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", "") "," RULE("\"mount\"", "LOG", "")), FINDING_WEAK},
	{PROFILE("ALLOW",
		 RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "EQ", ""))) "," RULE("\"mount\"", "LOG", "")),
	 FINDING_UNCONFINED},

	{PROFILE("ERRNO", ""), FINDING_CONFINED},
	{PROFILE("KILL", ""), FINDING_CONFINED},
	{PROFILE("KILL_PROCESS", ""), FINDING_CONFINED},
	{PROFILE("KILL_THREAD", ""), FINDING_CONFINED},
	{PROFILE("TRAP", ""), FINDING_CONFINED},
	{PROFILE("TRACE", ""), FINDING_CONFINED},
	{PROFILE("NOTIFY", ""), FINDING_CONFINED},
	{PROFILE("ERRNO", RULE("\"read\",\"write\"", "ALLOW", "")), FINDING_CONFINED},
	/* A condition that is always true is none. */
	{PROFILE("LOG", RULE("\"mount\"", "ALLOW", ARGS(ARG(0, "GE", ",\"value\":0")))
		 "," RULE("\"mount\"", "ERRNO", "")),
	 FINDING_UNCONFINED},
	{PROFILE("LOG", RULE("\"mount\"", "ALLOW", ARGS(ARG(0, "LE", ",\"value\":18446744073709551615")))
		 "," RULE("\"mount\"", "ERRNO", "")),
	 FINDING_UNCONFINED},
	{PROFILE("LOG", RULE("\"mount\"", "ALLOW", ARGS(ARG(0, "MASKED_EQ", ",\"value\":0")))
		 "," RULE("\"mount\"", "ERRNO", "")),
	 FINDING_UNCONFINED},
	{PROFILE("LOG", RULE("\"mount\"", "ALLOW", ARGS(ARG(0, "GE", ",\"value\":1")))
		 "," RULE("\"mount\"", "ERRNO", "")),
	 FINDING_WEAK},
};

static void profiles_are_judged_by_meaning(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum finding finding = judge(rows[i].text);

		if (finding != rows[i].finding)
			fail_msg("%s: %s", rows[i].text, finding_name(finding));
	}
}

/* A list of all there is, allowed one by one under a default that denies. */
static const char *allow_all_but(const char *missing, const char *action, char *out, size_t size)
{
	size_t n = (size_t)snprintf(out, size,
				    "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"action\":"
				    "\"SCMP_ACT_%s\",\"names\":[\"read\"",
				    action);

	for (int i = 0; i < SYSCALL_COUNT; i++) {
		struct span name = syscall_name(i);

		if (!span_eq(name, span_of(missing)))
			n += (size_t)snprintf(out + n, size - n, ",\"%.*s\"", (int)name.n, name.p);
	}
	snprintf(out + n, size - n, "]}]}");
	return out;
}

static void a_list_of_all_there_is_confines_nothing(void **state)
{
	static char text[32768];

	(void)state;
	assert_int_equal(judge(allow_all_but("", "ALLOW", text, sizeof(text))), FINDING_UNCONFINED);
	assert_int_equal(judge(allow_all_but("", "LOG", text, sizeof(text))), FINDING_UNCONFINED);
	assert_int_equal(judge(allow_all_but("mount", "ALLOW", text, sizeof(text))), FINDING_CONFINED);
	assert_int_equal(judge(allow_all_but("", "KILL", text, sizeof(text))), FINDING_CONFINED);
}

#define FOR(archs, action, rules) \
	"{\"defaultAction\":\"SCMP_ACT_" action "\",\"architectures\":[" archs "],\"syscalls\":[" rules "]}"
#define X86_64 "\"SCMP_ARCH_X86_64\""
#define RISCV64 "\"SCMP_ARCH_RISCV64\""

/* riscv_hwprobe is RISC-V's, vm86 that of 32-bit x86, mount everybody's. */
static void calls_of_other_architectures_do_not_count(void **state)
{
	static const struct {
		const char *text;
		enum finding finding;
	} cases[] = {
		{FOR(X86_64, "ALLOW", RULE("\"riscv_hwprobe\",\"vm86\"", "ERRNO", "")), FINDING_UNCONFINED},
		{FOR(X86_64 ",\"SCMP_ARCH_X86\"", "ALLOW", RULE("\"riscv_hwprobe\",\"vm86\"", "ERRNO", "")),
		 FINDING_WEAK},
		{FOR(RISCV64, "ALLOW", RULE("\"riscv_hwprobe\"", "ERRNO", "")), FINDING_WEAK},
		{FOR(X86_64, "ALLOW", RULE("\"mount\"", "ERRNO", "")), FINDING_WEAK},
		{FOR("", "ALLOW", RULE("\"riscv_hwprobe\"", "ERRNO", "")), FINDING_WEAK},
		{FOR("\"SCMP_ARCH_PARISC\"", "ALLOW", RULE("\"riscv_hwprobe\"", "ERRNO", "")), FINDING_WEAK},
	};
	static char text[32768], one_arch[32768 + 64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (judge(cases[i].text) != cases[i].finding)
			fail_msg("%s", cases[i].text);
	/* All but a call that x86_64 does not have is all that x86_64 has. */
	allow_all_but("riscv_hwprobe", "ALLOW", text, sizeof(text));
	assert_int_equal(judge(text), FINDING_CONFINED);
	snprintf(one_arch, sizeof(one_arch), "{\"architectures\":[" X86_64 "],%s", text + 1);
	assert_int_equal(judge(one_arch), FINDING_UNCONFINED);
	allow_all_but("mount", "ALLOW", text, sizeof(text));
	snprintf(one_arch, sizeof(one_arch), "{\"architectures\":[" X86_64 "],%s", text + 1);
	assert_int_equal(judge(one_arch), FINDING_CONFINED);
}

static void findings_have_the_names_of_the_design(void **state)
{
	static const char *const names[FINDINGS] = {"absent",   "unconfined", "weak",
						    "confined", "foreign",    "invalid"};

	(void)state;
	for (int i = 0; i < FINDINGS; i++)
		assert_string_equal(finding_name(i), names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles_are_judged_by_meaning),
		cmocka_unit_test(a_list_of_all_there_is_confines_nothing),
		cmocka_unit_test(calls_of_other_architectures_do_not_count),
		cmocka_unit_test(findings_have_the_names_of_the_design),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
