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
	/* libseccomp takes a condition for none only where no bit is asked for; one that is true for another reason
	 * gives way to the rule without. */
	{PROFILE("LOG", RULE("\"mount\"", "ALLOW", ARGS(ARG(0, "GE", ",\"value\":0"))) "," RULE("\"mount\"",
												"ERRNO", "")),
	 FINDING_WEAK},
	{PROFILE("LOG",
		 RULE("\"mount\"", "ALLOW", ARGS(ARG(0, "LE", ",\"value\":18446744073709551615"))) "," RULE(
			 "\"mount\"", "ERRNO", "")),
	 FINDING_WEAK},
	{PROFILE("LOG", RULE("\"mount\"", "ALLOW",
			     ARGS(ARG(0, "MASKED_EQ", ",\"value\":0"))) "," RULE("\"mount\"", "ERRNO", "")),
	 FINDING_UNCONFINED},
	{PROFILE("LOG", RULE("\"mount\"", "ALLOW", ARGS(ARG(0, "GE", ",\"value\":1"))) "," RULE("\"mount\"",
												"ERRNO", "")),
	 FINDING_WEAK},
	/* Conditions that no value can meet together restrict nothing. */
	{PROFILE("ALLOW",
		 RULE("\"mount\"", "LOG", ARGS(ARG(0, "LE", ",\"value\":5"))) "," RULE(
			 "\"mount\"", "LOG",
			 ARGS(ARG(0, "GT",
				  ",\"value\":5"))) "," RULE("\"mount\"", "ERRNO",
							     ARGS(ARG(0, "EQ",
								      ",\"value\":7") "," ARG(1, "EQ", "")))),
	 FINDING_UNCONFINED},
	{PROFILE("ALLOW",
		 RULE("\"mount\"", "LOG", ARGS(ARG(0, "LE", ",\"value\":5"))) "," RULE(
			 "\"mount\"", "ERRNO", ARGS(ARG(0, "EQ", ",\"value\":7") "," ARG(1, "EQ", "")))),
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
	and_rules(text, sizeof(text), RULE("\"mount\"", "ALLOW", LE_5) "," RULE("\"mount\"", "ALLOW", GT_5));
	assert_int_equal(judge(text), FINDING_UNCONFINED);
	allow_all_but("mount", "ALLOW", text, sizeof(text));
	and_rules(text, sizeof(text), RULE("\"mount\"", "LOG", LE_5) "," RULE("\"mount\"", "ALLOW", GE_5));
	assert_int_equal(judge(text), FINDING_UNCONFINED);
	allow_all_but("mount", "ALLOW", text, sizeof(text));
	and_rules(text, sizeof(text), RULE("\"mount\"", "ALLOW", LE_5) "," RULE("\"mount\"", "ALLOW", GT_6));
	assert_int_equal(judge(text), FINDING_WEAK);
}

#define FOR(archs, action, rules)                                                                            \
	"{\"defaultAction\":\"SCMP_ACT_" action "\",\"architectures\":[" archs "],\"syscalls\":[" rules "]}"
#define X86_64 "\"SCMP_ARCH_X86_64\""
#define RISCV64 "\"SCMP_ARCH_RISCV64\""

/* riscv_hwprobe is RISC-V's, vm86 that of 32-bit x86, mount everybody's. The host is x86_64. */
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
	snprintf(one_arch, sizeof(one_arch), "{\"architectures\":[" RISCV64 "],%s", text + 1);
	assert_int_equal(judge(one_arch), FINDING_WEAK);
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

		assert_int_equal(ociseccomp_read(span_of(cases[i].text), &memory.keep, &memory.scratch,
						 &profile, &err),
				 0);
		assert_int_equal(judge_restricts(&profile, PROFILE_ARCH_UNKNOWN, &memory.scratch),
				 cases[i].restricts);
		assert_int_equal(memory.scratch.used, 0);
	}
}

/* ---- weak: what goes beyond Docker's RuntimeDefault; tests/profile/test_weak.py has the whole grid ---- */

static const char *beyond(const char *text, uint64_t caps, enum finding *ret_finding)
{
	static char names[SYSCALL_COUNT * (SYSCALL_MAX_NAME + 1)];
	struct enforce_memory memory = test_memory(0);
	const struct profile_target target = {
		.arch = PROFILE_ARCH_X86_64, .kernel = PROFILE_KERNEL(6, 18), .caps = caps};
	struct seccomp_profile profile;
	const struct judge_request request = {&profile, PROFILE_MOBY, &target, NULL, &memory.scratch};
	struct syscall_set set;
	struct error err;

	if (ociseccomp_read(span_of(text), &memory.keep, &memory.scratch, &profile, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	*ret_finding = judge_profile(&request, &set);
	assert_int_equal(memory.scratch.used, 0);
	assert_int_equal(syscall_set_names(&set, SYSCALL_COUNT, " ", names, sizeof(names)), 0);
	return names;
}

static void weak_names_what_goes_beyond(void **state)
{
#define NEWUSER "2114060288" /* 0x7e020000: every namespace */
	const uint64_t admin = UINT64_C(1) << 21;
	const struct {
		const char *text;
		uint64_t caps;
		const char *beyond;
	} cases[] = {
		{PROFILE("ERRNO", RULE("\"read\",\"mount\",\"keyctl\"", "ALLOW", "")), 0, "keyctl mount"},
		{PROFILE("ERRNO", RULE("\"read\",\"mount\",\"keyctl\"", "LOG", "")), 0, "keyctl mount"},
		{PROFILE("ERRNO", RULE("\"read\",\"mount\",\"keyctl\"", "ALLOW", "")), admin, "keyctl"},
		/* For some arguments is enough, and for none is none. */
		{PROFILE("KILL", RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "EQ", ",\"value\":3")))), 0,
		 "keyctl"},
		{PROFILE("KILL", RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "LT", ",\"value\":0")))), 0, ""},
		/* The tracer and the listener decide for themselves. */
		{PROFILE("ERRNO", RULE("\"mount\"", "NOTIFY", "") "," RULE("\"keyctl\"", "TRACE", "")), 0,
		 ""},
		/* The same arguments, fewer, others, more. */
		{PROFILE("ERRNO",
			 RULE("\"clone\"", "ALLOW", ARGS(ARG(0, "MASKED_EQ", ",\"value\":" NEWUSER)))),
		 0, ""},
		{PROFILE("ERRNO", RULE("\"clone\"", "ALLOW", ARGS(ARG(0, "EQ", ",\"value\":17")))), 0, ""},
		{PROFILE("ERRNO", RULE("\"clone\"", "ALLOW", ARGS(ARG(0, "EQ", ",\"value\":268435456")))), 0,
		 "clone"},
		{PROFILE("ERRNO", RULE("\"clone\"", "ALLOW", ARGS(ARG(1, "EQ", ",\"value\":0")))), 0,
		 "clone"},
		{PROFILE("ERRNO", RULE("\"clone\"", "ALLOW", "")), 0, "clone"},
		{PROFILE("ERRNO", RULE("\"clone\"", "ALLOW", "")), admin, ""},
		/* Which of two rules counts decides what is beyond. */
		{PROFILE("ERRNO", RULE("\"mount\"", "KILL", "") "," RULE("\"mount\"", "ALLOW", "")), 0, ""},
		{PROFILE("ERRNO", RULE("\"mount\"", "ALLOW", ARGS(ARG(0, "EQ", ""))) "," RULE("\"mount\"",
											      "KILL", "")),
		 0, ""},
		/* Not on this host, not known at all, newer than the flavor, or once let through by the engine. */
		{PROFILE("ERRNO", RULE("\"vm86\",\"s390_sthyi\"", "ALLOW", "")), 0, ""},
		{FOR(X86_64 ",\"SCMP_ARCH_X86\"", "ERRNO", RULE("\"vm86\",\"s390_sthyi\"", "ALLOW", "")), 0,
		 "vm86"},
		{PROFILE("ERRNO", RULE("\"no_such_call\",\"file_getattr\"", "ALLOW", "")), 0, ""},
		{PROFILE("ERRNO", RULE("\"io_uring_setup\",\"socket\"", "ALLOW", "")), 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		enum finding finding;
		const char *names = beyond(cases[i].text, cases[i].caps, &finding);

		if (strcmp(names, cases[i].beyond) != 0 ||
		    finding != (cases[i].beyond[0] != '\0' ? FINDING_WEAK : FINDING_CONFINED))
			fail_msg("%s: %s, %s", cases[i].text, finding_name(finding), names);
	}
}

/* A default that lets through is weak, and what its rules deny is not on the list. */
static void a_default_that_lets_through_is_weak(void **state)
{
	static char text[32768];
	enum finding finding;
	const char *names;

	(void)state;
	names = beyond(PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", "")), 0, &finding);
	assert_int_equal(finding, FINDING_WEAK);
	assert_non_null(strstr(names, "keyctl"));
	assert_non_null(strstr(names, "umount2"));
	assert_null(strstr(names, " mount "));
	assert_null(strstr(names, "read"));
	assert_null(strstr(names, "s390_sthyi"));
	names = beyond(PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "EQ", "")))), 0, &finding);
	assert_non_null(strstr(names, " mount "));
	/* Nothing that is known is let through; what nobody knows is. */
	allow_all_but("", "ERRNO", text, sizeof(text));
	memcpy(strstr(text, "SCMP_ACT_ERRNO"), "SCMP_ACT_ALLOW", strlen("SCMP_ACT_ALLOW"));
	names = beyond(text, 0, &finding);
	assert_int_equal(finding, FINDING_WEAK);
	assert_string_equal(names, "");
}

/* With another measure beside RuntimeDefault only what goes beyond both is beyond. */
static void what_the_policy_names_is_not_beyond(void **state)
{
	const struct {
		const char *text, *also, *beyond;
		enum finding finding;
	} cases[] = {
		{PROFILE("ERRNO", RULE("\"keyctl\",\"bpf\"", "ALLOW", "")),
		 PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", "")), "bpf", FINDING_WEAK},
		{PROFILE("ERRNO", RULE("\"keyctl\",\"read\"", "ALLOW", "")),
		 PROFILE("KILL", RULE("\"keyctl\"", "LOG", "")), "", FINDING_CONFINED},
		{PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", "")),
		 PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "EQ", "")))), "keyctl",
		 FINDING_WEAK},
		{PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "EQ", "")))),
		 PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "LT", ",\"value\":2")))), "",
		 FINDING_CONFINED},
		{PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", "")),
		 PROFILE("ALLOW", RULE("\"mount\"", "KILL", "")), "", FINDING_CONFINED},
		{PROFILE("ALLOW", RULE("\"bpf\"", "ERRNO", "")),
		 PROFILE("ALLOW", RULE("\"mount\"", "KILL", "")), "mount", FINDING_WEAK},
		/* One that the runtimes refuse excuses nothing. */
		{PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", "")),
		 PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "EQ", ""))) "," RULE(
					  "\"keyctl\"", "KILL", ARGS(ARG(0, "EQ", "")))),
		 "keyctl", FINDING_WEAK},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct enforce_memory memory = test_memory(0);
		const struct profile_target target = {.arch = PROFILE_ARCH_X86_64,
						      .kernel = PROFILE_KERNEL(6, 18)};
		struct seccomp_profile profile, also;
		const struct judge_request request = {&profile, PROFILE_MOBY, &target, &also,
						      &memory.scratch};
		struct syscall_set set;
		char names[256];
		struct error err;

		assert_int_equal(ociseccomp_read(span_of(cases[i].text), &memory.keep, &memory.scratch,
						 &profile, &err),
				 0);
		assert_int_equal(
			ociseccomp_read(span_of(cases[i].also), &memory.keep, &memory.scratch, &also, &err),
			0);
		if (judge_profile(&request, &set) != cases[i].finding)
			fail_msg("%s beside %s", cases[i].text, cases[i].also);
		syscall_set_names(&set, SYSCALL_COUNT, " ", names, sizeof(names));
		assert_string_equal(names, cases[i].beyond);
	}
}

/* What cannot be looked at in the time of a container's start counts as let through. */
static void too_much_to_look_at_is_weak(void **state)
{
	static char text[1 << 18];
	size_t n =
		(size_t)snprintf(text, sizeof(text), "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[");
	enum finding finding;

	(void)state;
	for (int i = 0; i < 2000; i++)
		n += (size_t)snprintf(
			text + n, sizeof(text) - n,
			"%s" RULE("\"personality\"", "ALLOW", ARGS(ARG(0, "EQ", ",\"value\":%d"))),
			i > 0 ? "," : "", i % 2 * 8);
	snprintf(text + n, sizeof(text) - n, "]}");
	assert_string_equal(beyond(text, 0, &finding), "personality");
	assert_int_equal(finding, FINDING_WEAK);
}

static void memory_that_ends_is_weak(void **state)
{
	static const char text[] =
		PROFILE("ERRNO", RULE("\"read\",\"clone\"", "ALLOW", ARGS(ARG(0, "EQ", ""))));
	const struct profile_target target = {.arch = PROFILE_ARCH_X86_64, .kernel = PROFILE_KERNEL(6, 18)};
	struct enforce_memory memory = test_memory(0);
	struct seccomp_profile profile;
	struct error err;
	int weak = 0;

	(void)state;
	assert_int_equal(ociseccomp_read(span_of(text), &memory.keep, &memory.scratch, &profile, &err), 0);
	for (size_t size = 0; size < 4096; size += 16) {
		struct arena scratch = {memory.scratch.base, size, 0};
		const struct judge_request request = {&profile, PROFILE_MOBY, &target, NULL, &scratch};
		struct syscall_set set;
		enum finding finding = judge_profile(&request, &set);

		assert_true(finding == FINDING_WEAK || (finding == FINDING_CONFINED && size > 0));
		assert_int_equal(finding == FINDING_WEAK, syscall_set_count(&set) > 0);
		weak += finding == FINDING_WEAK;
	}
	assert_in_range(weak, 2, 200);
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
		cmocka_unit_test(weak_names_what_goes_beyond),
		cmocka_unit_test(a_default_that_lets_through_is_weak),
		cmocka_unit_test(what_the_policy_names_is_not_beyond),
		cmocka_unit_test(too_much_to_look_at_is_weak),
		cmocka_unit_test(memory_that_ends_is_weak),
		cmocka_unit_test(findings_have_the_names_of_the_design),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
