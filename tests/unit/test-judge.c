/* SPDX-License-Identifier: Apache-2.0 */
/* What a profile amounts to: absent, unconfined, or something that restricts. */
#include "seccomp-text.h"

static enum finding judge(const char *text)
{
	struct enforce_memory memory = test_memory(0);
	struct seccomp_profile profile;
	struct error err;

	if (ociseccomp_read(span_of(text), &memory.keep, &memory.scratch, &profile, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return test_judge(&profile);
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
	{PROFILE("ALLOW",
		 RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "GT", ",\"value\":18446744073709551615")))),
	 FINDING_UNCONFINED},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO",
			       ARGS(ARG(0, "MASKED_EQ", ",\"value\":1,\"valueTwo\":2")))),
	 FINDING_WEAK}, /* libseccomp: (a0 & 1) == 0 */
	{PROFILE("ALLOW",
		 RULE("\"mount\"", "ERRNO",
		      ARGS(ARG(0, "EQ", ",\"value\":1") "," ARG(1, "LT", ",\"value\":0")))),
	 FINDING_UNCONFINED},

	/* They can be. */
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "LT", ",\"value\":1")))),
	 FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "GE", ",\"value\":0")))),
	 FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "EQ", ",\"value\":1")))),
	 FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO",
			       ARGS(ARG(0, "MASKED_EQ", ",\"value\":3,\"valueTwo\":2")))),
	 FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "MASKED_EQ", "")))), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ",\"args\":[]")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ",\"args\":null")), FINDING_WEAK},
	/* An argument named twice makes a rule of each condition. */
	{PROFILE("ALLOW",
		 RULE("\"mount\"", "ERRNO",
		      ARGS(ARG(0, "EQ", ",\"value\":1") "," ARG(0, "LT", ",\"value\":0")))),
	 FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "LT", "") "," ARG(0, "LT", "")))),
	 FINDING_UNCONFINED},
	/* crun drops the seventh condition, and with it all that this rule could ever do. */
	{PROFILE("ALLOW",
		 RULE("\"mount\"", "ERRNO",
		      ARGS(ARG(0, "LT", "") "," ARG(0, "LT", "") "," ARG(0, "LT", "") "," ARG(
			      0, "LT", "") "," ARG(0, "LT", "") "," ARG(0, "LT",
									"") "," ARG(0, "EQ", "")))),
	 FINDING_UNCONFINED},

	/* What a tracer or a listener decides can be decided by a process of the container, unless
	   there is a listener. */
	{PROFILE("ALLOW", RULE("\"mount\"", "TRACE", "")), FINDING_UNCONFINED},
	{PROFILE("ALLOW", RULE("\"mount\"", "NOTIFY", "")), FINDING_UNCONFINED},
	{LISTENED("ALLOW", "\"\"", RULE("\"mount\"", "NOTIFY", "")), FINDING_UNCONFINED},
	{LISTENED("ALLOW", "\"/run/agent\"", RULE("\"mount\"", "NOTIFY", "")), FINDING_WEAK},
	{LISTENED("ALLOW", "\"/run/agent\"", RULE("\"mount\"", "TRACE", "")), FINDING_UNCONFINED},
	{PROFILE("TRACE", ""), FINDING_UNCONFINED},
	{PROFILE("NOTIFY", ""), FINDING_UNCONFINED},
	{LISTENED("NOTIFY", "\"/run/agent\"", ""), FINDING_CONFINED},
	{PROFILE("TRACE", RULE("\"mount\"", "ERRNO", "")), FINDING_WEAK},

	/* Every other action restricts. */
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", "")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ",\"errnoRet\":0")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "KILL", "")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "KILL_PROCESS", "")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "KILL_THREAD", "")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "TRAP", "")), FINDING_WEAK},
	{PROFILE("LOG", RULE("\"mount\"", "ERRNO", "")), FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"no_such_call\",\"mount\"", "ERRNO", "")), FINDING_WEAK},

	/* libseccomp keeps the first rule without conditions. A rule that says what the default
	 * says is skipped before that. */
	{PROFILE("ALLOW", RULE("\"mount\"", "LOG", "") "," RULE("\"mount\"", "ERRNO", "")),
	 FINDING_UNCONFINED},
	{PROFILE("ALLOW", RULE("\"mount\"", "ALLOW", "") "," RULE("\"mount\"", "ERRNO", "")),
	 FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", "") "," RULE("\"mount\"", "LOG", "")),
	 FINDING_WEAK},
	{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "EQ", ""))) "," RULE("\"mount\"",
										      "LOG", "")),
	 FINDING_UNCONFINED},

	{PROFILE("ERRNO", ""), FINDING_CONFINED},
	{PROFILE("KILL", ""), FINDING_CONFINED},
	{PROFILE("KILL_PROCESS", ""), FINDING_CONFINED},
	{PROFILE("KILL_THREAD", ""), FINDING_CONFINED},
	{PROFILE("TRAP", ""), FINDING_CONFINED},
	{PROFILE("ERRNO", RULE("\"read\",\"write\"", "ALLOW", "")), FINDING_CONFINED},
	/* libseccomp takes a condition for none only where no bit is asked for; one that is true
	 * for another reason gives way to the rule without. */
	{PROFILE("LOG", RULE("\"mount\"", "ALLOW", ARGS(ARG(0, "GE", ",\"value\":0"))) "," RULE(
				"\"mount\"", "ERRNO", "")),
	 FINDING_WEAK},
	{PROFILE("LOG",
		 RULE("\"mount\"", "ALLOW",
		      ARGS(ARG(0, "LE", ",\"value\":18446744073709551615"))) "," RULE("\"mount\"",
										      "ERRNO", "")),
	 FINDING_WEAK},
	{PROFILE("LOG",
		 RULE("\"mount\"", "ALLOW", ARGS(ARG(0, "MASKED_EQ", ",\"value\":0"))) "," RULE(
			 "\"mount\"", "ERRNO", "")),
	 FINDING_UNCONFINED},
	{PROFILE("LOG", RULE("\"mount\"", "ALLOW", ARGS(ARG(0, "GE", ",\"value\":1"))) "," RULE(
				"\"mount\"", "ERRNO", "")),
	 FINDING_WEAK},
	/* Conditions that no value can meet together restrict nothing. */
	{PROFILE("ALLOW",
		 RULE("\"mount\"", "LOG", ARGS(ARG(0, "LE", ",\"value\":5"))) "," RULE(
			 "\"mount\"", "LOG",
			 ARGS(ARG(0, "GT",
				  ",\"value\":5"))) "," RULE("\"mount\"", "ERRNO",
							     ARGS(ARG(
								     0, "EQ",
								     ",\"value\":7") "," ARG(1,
											     "EQ",
											     "")))),
	 FINDING_UNCONFINED},
	/* Nor do rules of which nobody knows what libseccomp makes. */
	{PROFILE("ALLOW", RULE("\"mount\"", "LOG", ARGS(ARG(0, "LE", ",\"value\":5"))) "," RULE(
				  "\"mount\"", "ERRNO",
				  ARGS(ARG(0, "EQ", ",\"value\":7") "," ARG(1, "EQ", "")))),
	 FINDING_UNCONFINED},
	{PROFILE("ALLOW", RULE("\"mount\"", "LOG", ARGS(ARG(0, "EQ", ",\"value\":5"))) "," RULE(
				  "\"mount\"", "ERRNO", ARGS(ARG(1, "EQ", ",\"value\":7")))),
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

static void a_list_of_all_there_is_confines_nothing(void **state)
{
	static char text[32768];

	(void)state;
	assert_int_equal(judge(allow_all_but("", "ALLOW", text, sizeof(text))), FINDING_UNCONFINED);
	assert_int_equal(judge(allow_all_but("", "LOG", text, sizeof(text))), FINDING_UNCONFINED);
	assert_int_equal(judge(allow_all_but("mount", "ALLOW", text, sizeof(text))), FINDING_WEAK);
	assert_int_equal(judge(allow_all_but("", "KILL", text, sizeof(text))), FINDING_CONFINED);
}

/* What allow_all_but() made, with `rules` behind. */
static const char *and_rules(char *text, size_t size, const char *rules)
{
	size_t n = strlen(text) - strlen("]}");

	snprintf(text + n, size - n, ",%s]}", rules);
	return text;
}

static void conditions_that_hold_together_confine_nothing(void **state)
{
#define LE_5 ARGS(ARG(0, "LE", ",\"value\":5"))
#define GT_5 ARGS(ARG(0, "GT", ",\"value\":5"))
#define GE_5 ARGS(ARG(0, "GE", ",\"value\":5"))
#define GT_6 ARGS(ARG(0, "GT", ",\"value\":6"))
	static char text[32768];

	(void)state;
	allow_all_but("mount", "ALLOW", text, sizeof(text));
	and_rules(text, sizeof(text),
		  RULE("\"mount\"", "ALLOW", LE_5) "," RULE("\"mount\"", "ALLOW", GT_5));
	assert_int_equal(judge(text), FINDING_UNCONFINED);
	allow_all_but("mount", "ALLOW", text, sizeof(text));
	and_rules(text, sizeof(text),
		  RULE("\"mount\"", "LOG", LE_5) "," RULE("\"mount\"", "ALLOW", GE_5));
	assert_int_equal(judge(text), FINDING_UNCONFINED);
	allow_all_but("mount", "ALLOW", text, sizeof(text));
	and_rules(text, sizeof(text),
		  RULE("\"mount\"", "ALLOW", LE_5) "," RULE("\"mount\"", "ALLOW", GT_6));
	assert_int_equal(judge(text), FINDING_WEAK);
}

/* riscv_hwprobe is RISC-V's, vm86 that of 32-bit x86, mount everybody's. The host is x86_64. */
static void calls_of_other_architectures_do_not_count(void **state)
{
	static const struct {
		const char *text;
		enum finding finding;
	} cases[] = {
		{FOR(X86_64, "ALLOW", RULE("\"riscv_hwprobe\",\"vm86\"", "ERRNO", "")),
		 FINDING_UNCONFINED},
		{FOR(X86_64 ",\"SCMP_ARCH_X86\"", "ALLOW",
		     RULE("\"riscv_hwprobe\",\"vm86\"", "ERRNO", "")),
		 FINDING_WEAK},
		{FOR(RISCV64, "ALLOW", RULE("\"riscv_hwprobe\"", "ERRNO", "")), FINDING_UNCONFINED},
		{FOR(X86_64, "ALLOW", RULE("\"mount\"", "ERRNO", "")), FINDING_WEAK},
		{FOR("", "ALLOW", RULE("\"riscv_hwprobe\"", "ERRNO", "")), FINDING_UNCONFINED},
		{FOR("\"SCMP_ARCH_PARISC\"", "ALLOW", RULE("\"riscv_hwprobe\"", "ERRNO", "")),
		 FINDING_UNCONFINED},
		/* The host's own ABI is in the filter, listed or not. */
		{FOR(RISCV64, "ALLOW", RULE("\"mount\"", "ERRNO", "")), FINDING_WEAK},
		{FOR(RISCV64, "ALLOW", RULE("\"arch_prctl\"", "ERRNO", "")), FINDING_WEAK},
	};
	static char text[32768], one_arch[32768 + 64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (judge(cases[i].text) != cases[i].finding)
			fail_msg("%s", cases[i].text);
	/* All but a call that x86_64 does not have is all that x86_64 has. */
	allow_all_but("riscv_hwprobe", "ALLOW", text, sizeof(text));
	assert_int_equal(judge(text), FINDING_UNCONFINED);
	/* What this host cannot run decides nothing. */
	snprintf(one_arch, sizeof(one_arch), "{\"architectures\":[" RISCV64 "],%s", text + 1);
	assert_int_equal(judge(one_arch), FINDING_UNCONFINED);
}

static void on_an_unknown_host_every_architecture_counts(void **state)
{
	const struct {
		const char *text;
		bool restricts;
	} cases[] = {
		{FOR("", "ALLOW", RULE("\"riscv_hwprobe\"", "ERRNO", "")), true},
		{FOR("", "ALLOW", RULE("\"vm86\"", "ERRNO", "")), true},
		{FOR("", "ALLOW", RULE("\"no_such_call\"", "ERRNO", "")), false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct enforce_memory memory = test_memory(0);
		struct seccomp_profile profile;
		struct error err;

		assert_int_equal(ociseccomp_read(span_of(cases[i].text), &memory.keep,
						 &memory.scratch, &profile, &err),
				 0);
		assert_int_equal(judge_restricts(&profile, PROFILE_ARCH_UNKNOWN, &memory.scratch),
				 cases[i].restricts);
		assert_int_equal(memory.scratch.used, 0);
	}
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
		cmocka_unit_test(conditions_that_hold_together_confine_nothing),
		cmocka_unit_test(calls_of_other_architectures_do_not_count),
		cmocka_unit_test(on_an_unknown_host_every_architecture_counts),
		cmocka_unit_test(findings_have_the_names_of_the_design),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
