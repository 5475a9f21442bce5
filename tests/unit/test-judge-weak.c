/* SPDX-License-Identifier: Apache-2.0 */
/* Weak: what goes beyond Docker's RuntimeDefault. tests/profile/test_weak.py has the whole grid. */
#include "seccomp-text.h"

#include <inttypes.h>

static const char *beyond_on(const struct profile_target *target, const char *text,
			     enum finding *ret_finding)
{
	static char names[SYSCALL_COUNT * (SYSCALL_MAX_NAME + 1)];
	struct enforce_memory memory = test_memory(0);
	struct seccomp_profile profile;
	const struct judge_request request = {
		&profile, {PROFILE_MOBY, target, false}, NULL, &memory.scratch};
	struct syscall_set set;
	struct error err;

	if (ociseccomp_read(span_of(text), &memory.keep, &memory.scratch, &profile, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	*ret_finding = judge_profile(&request, &set);
	assert_int_equal(memory.scratch.used, 0);
	assert_int_equal(syscall_set_names(&set, SYSCALL_COUNT, " ", names, sizeof(names)), 0);
	return names;
}

static const char *beyond(const char *text, uint64_t caps, enum finding *ret_finding)
{
	const struct profile_target target = {
		.arch = PROFILE_ARCH_X86_64, .kernel = PROFILE_KERNEL(6, 18), .caps = caps};

	return beyond_on(&target, text, ret_finding);
}

/* What is looked at are the ABIs that are listed and that the host can run: clock_settime64(2) is
 * for 32-bit ones. */
static void abis_are_those_of_the_host(void **state)
{
	const struct {
		enum profile_arch arch;
		const char *abis, *beyond;
	} cases[] = {
		{PROFILE_ARCH_X86_64, X86_64, ""},
		{PROFILE_ARCH_X86_64, X86_64 ",\"SCMP_ARCH_X86\"", "clock_settime64"},
		{PROFILE_ARCH_AARCH64, "\"SCMP_ARCH_ARM\"", "clock_settime64"},
		{PROFILE_ARCH_PPC64, "\"SCMP_ARCH_PPC\"", "clock_settime64"},
		{PROFILE_ARCH_PPC, "\"SCMP_ARCH_PPC\"", "clock_settime64"},
		{PROFILE_ARCH_PPC64LE, "\"SCMP_ARCH_PPC\"", ""},
		{PROFILE_ARCH_S390X, "\"SCMP_ARCH_S390\",\"SCMP_ARCH_X86\"", "clock_settime64"},
		{PROFILE_ARCH_RISCV64, "\"SCMP_ARCH_ARM\"", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct profile_target target = {.arch = cases[i].arch,
						      .kernel = PROFILE_KERNEL(6, 18)};
		char text[256];
		enum finding finding;

		snprintf(text, sizeof(text),
			 FOR("%s", "ERRNO", RULE("\"clock_settime64\"", "ALLOW", "")),
			 cases[i].abis);
		assert_string_equal(beyond_on(&target, text, &finding), cases[i].beyond);
	}
}

#define NEWUSER "2114060288" /* 0x7e020000: every namespace */
#define ADMIN (UINT64_C(1) << 21)

static const struct {
	const char *text;
	uint64_t caps;
	const char *beyond;
} weak_cases[] = {
	{PROFILE("ERRNO", RULE("\"read\",\"mount\",\"keyctl\"", "ALLOW", "")), 0, "keyctl mount"},
	{PROFILE("ERRNO", RULE("\"read\",\"mount\",\"keyctl\"", "LOG", "")), 0, "keyctl mount"},
	{PROFILE("ERRNO", RULE("\"read\",\"mount\",\"keyctl\"", "ALLOW", "")), ADMIN, "keyctl"},
	/* For some arguments is enough, and for none is none. */
	{PROFILE("KILL", RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "EQ", ",\"value\":3")))), 0,
	 "keyctl"},
	{PROFILE("KILL", RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "LT", ",\"value\":0")))), 0, ""},
	/* A process of the container can be the tracer, and the listener if there is none.
	 */
	{PROFILE("ERRNO", RULE("\"mount\"", "NOTIFY", "") "," RULE("\"keyctl\"", "TRACE", "")), 0,
	 "keyctl mount"},
	{LISTENED("ERRNO", "\"/run/agent\"",
		  RULE("\"mount\"", "NOTIFY", "") "," RULE("\"keyctl\"", "TRACE", "")),
	 0, "keyctl"},
	/* The same arguments, fewer, others, more. */
	{PROFILE("ERRNO",
		 RULE("\"clone\"", "ALLOW", ARGS(ARG(0, "MASKED_EQ", ",\"value\":" NEWUSER)))),
	 0, ""},
	{PROFILE("ERRNO", RULE("\"clone\"", "ALLOW", ARGS(ARG(0, "EQ", ",\"value\":17")))), 0, ""},
	{PROFILE("ERRNO", RULE("\"clone\"", "ALLOW", ARGS(ARG(0, "EQ", ",\"value\":268435456")))),
	 0, "clone"},
	{PROFILE("ERRNO", RULE("\"clone\"", "ALLOW", ARGS(ARG(1, "EQ", ",\"value\":0")))), 0,
	 "clone"},
	{PROFILE("ERRNO", RULE("\"clone\"", "ALLOW", "")), 0, "clone"},
	{PROFILE("ERRNO", RULE("\"clone\"", "ALLOW", "")), ADMIN, ""},
	/* Which of two rules counts decides what is beyond. */
	{PROFILE("ERRNO", RULE("\"mount\"", "KILL", "") "," RULE("\"mount\"", "ALLOW", "")), 0, ""},
	{PROFILE("ERRNO", RULE("\"mount\"", "ALLOW", ARGS(ARG(0, "EQ", ""))) "," RULE("\"mount\"",
										      "KILL", "")),
	 0, ""},
	/* Not on this host, not known at all, newer than the flavor, or once let through by
	   the engine. */
	{PROFILE("ERRNO", RULE("\"vm86\",\"s390_sthyi\"", "ALLOW", "")), 0, ""},
	{FOR(X86_64 ",\"SCMP_ARCH_X86\"", "ERRNO", RULE("\"vm86\",\"s390_sthyi\"", "ALLOW", "")), 0,
	 "vm86"},
	{PROFILE("ERRNO", RULE("\"no_such_call\",\"file_getattr\"", "ALLOW", "")), 0, ""},
	{PROFILE("ERRNO", RULE("\"io_uring_setup\",\"socket\"", "ALLOW", "")), 0, ""},
};

static void weak_names_what_goes_beyond(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(weak_cases); i++) {
		enum finding finding;
		const char *names = beyond(weak_cases[i].text, weak_cases[i].caps, &finding);

		if (strcmp(names, weak_cases[i].beyond) != 0 ||
		    finding != (weak_cases[i].beyond[0] != '\0' ? FINDING_WEAK : FINDING_CONFINED))
			fail_msg("%s: %s, %s", weak_cases[i].text, finding_name(finding), names);
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
	names = beyond(PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "EQ", "")))), 0,
		       &finding);
	assert_non_null(strstr(names, " mount "));
	/* Nothing that is known is let through; what nobody knows is. */
	allow_all_but("", "ERRNO", text, sizeof(text));
	memcpy(strstr(text, "SCMP_ACT_ERRNO"), "SCMP_ACT_ALLOW", strlen("SCMP_ACT_ALLOW"));
	names = beyond(text, 0, &finding);
	assert_int_equal(finding, FINDING_WEAK);
	assert_string_equal(names, "");
}

#define AND(index, op, more, index2, op2, more2)                                                   \
	ARGS(ARG(index, op, more) "," ARG(index2, op2, more2))
#define VALUE(number) ",\"value\":" #number

/* The policy lets keyctl(2) through in two cases, in a form that libseccomp up to 2.6.0 makes
 * something else of. */
#define TWO_CASES                                                                                  \
	RULE("\"keyctl\"", "ALLOW", AND(0, "EQ", VALUE(1), 1, "EQ", VALUE(5)))                     \
	"," RULE("\"keyctl\"", "ALLOW", AND(0, "EQ", VALUE(2), 1, "EQ", VALUE(6)))
/* It denies 40, and what is allowed holds there too: libseccomp decides. */
#define ALL_BUT_40                                                                                 \
	RULE("\"keyctl\"", "ERRNO", ARGS(ARG(0, "EQ", VALUE(40))))                                 \
	"," RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "NE", VALUE(16))))
/* Of the second libseccomp 2.5.4 loses 2^63. */
#define OVER_7                                                                                     \
	RULE("\"keyctl\"", "LOG", ARGS(ARG(0, "LT", VALUE(9223372036854775808))))                  \
	"," RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "GT", VALUE(7))))

#define TRACE_1 RULE("\"keyctl\"", "TRACE", ARGS(ARG(0, "EQ", VALUE(1))))

static const struct {
	const char *text, *also, *beyond;
	enum finding finding;
} measures[] = {
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
	/* Who has the same rules is excused, whatever comes of them; else only what the measure
	   surely lets through. */
	{PROFILE("ERRNO", TWO_CASES), PROFILE("ERRNO", TWO_CASES), "", FINDING_CONFINED},
	{PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", "")), PROFILE("ERRNO", TWO_CASES), "keyctl",
	 FINDING_WEAK},
	{PROFILE("KILL", ALL_BUT_40), PROFILE("KILL", ALL_BUT_40), "", FINDING_CONFINED},
	{PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "EQ", VALUE(40))))),
	 PROFILE("KILL", ALL_BUT_40), "keyctl", FINDING_WEAK},
	{PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "EQ", VALUE(41))))),
	 PROFILE("KILL", ALL_BUT_40), "", FINDING_CONFINED},
	{PROFILE("ERRNO",
		 RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "EQ", VALUE(9223372036854775808))))),
	 PROFILE("ERRNO", OVER_7), "keyctl", FINDING_WEAK},
	/* What it leaves to a tracer it does not let through. */
	{PROFILE("ERRNO", RULE("\"keyctl\"", "TRACE", "")),
	 PROFILE("ERRNO", RULE("\"keyctl\"", "TRACE", "")), "", FINDING_CONFINED},
	{PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", "")),
	 PROFILE("ERRNO", RULE("\"keyctl\"", "TRACE", "")), "keyctl", FINDING_WEAK},
	{PROFILE("TRACE", RULE("\"mount\"", "ERRNO", "")),
	 PROFILE("TRACE", RULE("\"mount\"", "KILL", "")), "", FINDING_CONFINED},
	/* Its ABIs are not those of the container's: what it kills it does not let through. */
	{FOR(X86_64 ",\"SCMP_ARCH_X86\"", "ERRNO", RULE("\"keyctl\"", "ALLOW", "")),
	 PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", "")), "keyctl", FINDING_WEAK},
	{FOR(X86_64 ",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"", "ERRNO",
	     RULE("\"keyctl\"", "ALLOW", "")),
	 FOR(X86_64 ",\"SCMP_ARCH_X86\"", "ERRNO", RULE("\"keyctl\"", "ALLOW", "")), "keyctl",
	 FINDING_WEAK},
	{PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", "")),
	 FOR("\"SCMP_ARCH_X86\"", "ERRNO", RULE("\"keyctl\"", "ALLOW", "")), "", FINDING_CONFINED},
	{FOR(X86_64 ",\"SCMP_ARCH_X86\"", "ALLOW", RULE("\"mount\"", "ERRNO", "")),
	 PROFILE("ALLOW", RULE("\"mount\"", "ERRNO", "")), NULL, FINDING_WEAK},
	/* A listener that only the policy's profile has. */
	{PROFILE("ERRNO", RULE("\"keyctl\"", "NOTIFY", "")),
	 LISTENED("ERRNO", "\"/run/agent\"", RULE("\"keyctl\"", "NOTIFY", "")), "keyctl",
	 FINDING_WEAK},
	{LISTENED("ERRNO", "\"/run/agent\"", RULE("\"keyctl\"", "NOTIFY", "")),
	 LISTENED("ERRNO", "\"/run/agent\"", RULE("\"keyctl\"", "NOTIFY", "")), "",
	 FINDING_CONFINED},
	/* Which of the two libseccomp takes where both hold is not the order's. */
	{PROFILE("ERRNO", TRACE_1 "," RULE("\"keyctl\"", "ALLOW", ARGS(ARG(1, "EQ", VALUE(2))))),
	 PROFILE("ERRNO", TRACE_1
		 "," RULE("\"keyctl\"", "ALLOW", AND(1, "EQ", VALUE(2), 0, "NE", VALUE(1)))),
	 "keyctl", FINDING_WEAK},
	{PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "EQ", VALUE(1))))),
	 PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "EQ", VALUE(1)))) "," RULE(
				  "\"keyctl\"", "TRACE", ARGS(ARG(1, "EQ", VALUE(2))))),
	 "keyctl", FINDING_WEAK},
	/* crun takes six of seven. */
	{PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "EQ", VALUE(6))))),
	 PROFILE("ERRNO",
		 RULE("\"keyctl\"", "ALLOW",
		      /* clang-format off */
		      ARGS(ARG(0, "EQ", VALUE(0)) "," ARG(0, "EQ", VALUE(1)) ","
			   ARG(0, "EQ", VALUE(2)) "," ARG(0, "EQ", VALUE(3)) ","
			   ARG(0, "EQ", VALUE(4)) "," ARG(0, "EQ", VALUE(5)) ","
			   ARG(0, "EQ", VALUE(6))))),
	 /* clang-format on */
	 "keyctl", FINDING_WEAK},
	/* One that the runtimes refuse excuses nothing. */
	{PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", "")),
	 PROFILE("ERRNO", RULE("\"keyctl\"", "ALLOW", ARGS(ARG(0, "EQ", ""))) "," RULE(
				  "\"keyctl\"", "KILL", ARGS(ARG(0, "EQ", "")))),
	 "keyctl", FINDING_WEAK},
};

/* With another measure beside RuntimeDefault only what goes beyond both is beyond. */
static void what_the_policy_names_is_not_beyond(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(measures); i++) {
		struct enforce_memory memory = test_memory(0);
		const struct profile_target target = {.arch = PROFILE_ARCH_X86_64,
						      .kernel = PROFILE_KERNEL(6, 18)};
		struct seccomp_profile profile, also;
		const struct judge_request request = {
			&profile, {PROFILE_MOBY, &target, false}, &also, &memory.scratch};
		struct syscall_set set;
		char names[256];
		struct error err;

		assert_int_equal(ociseccomp_read(span_of(measures[i].text), &memory.keep,
						 &memory.scratch, &profile, &err),
				 0);
		assert_int_equal(ociseccomp_read(span_of(measures[i].also), &memory.keep,
						 &memory.scratch, &also, &err),
				 0);
		if (judge_profile(&request, &set) != measures[i].finding)
			fail_msg("%s beside %s", measures[i].text, measures[i].also);
		syscall_set_names(&set, SYSCALL_COUNT, " ", names, sizeof(names));
		if (measures[i].beyond != NULL) /* NULL: many */
			assert_string_equal(names, measures[i].beyond);
	}
}

#define ALL_MOUNT ARGS(ARG(0, "LE", ",\"value\":18446744073709551615"))
#define NAMES_OF_SEVEN                                                                             \
	ARG(0, "EQ", ",\"value\":1")                                                               \
	"," ARG(0, "EQ", ",\"value\":2") "," ARG(0, "EQ", ",\"value\":3") "," ARG(                 \
		0, "EQ",                                                                           \
		",\"value\":4") "," ARG(0, "EQ",                                                   \
					",\"value\":5") "," ARG(0, "EQ",                           \
								",\"value\":6") "," ARG(1, "EQ",   \
											"")

/* Rules that overlap, of which libseccomp and the runtimes make something else than their order
 * says. */
static void what_may_be_let_through_is_let_through(void **state)
{
	static const char *const texts[] = {
		/* libseccomp's tree decides, not the order: it lets through. */
		PROFILE("ERRNO", RULE("\"mount\"", "KILL", ARGS(ARG(0, "GE", ""))) "," RULE(
					 "\"mount\"", "ALLOW", ALL_MOUNT)),
		PROFILE("ERRNO", RULE("\"mount\"", "ALLOW", ALL_MOUNT) "," RULE(
					 "\"mount\"", "KILL", ARGS(ARG(0, "GE", "")))),
		/* libseccomp 2.5.4 loses a0 == 0 here. R lets clone(2) through without namespaces
		   only. */
		PROFILE("ERRNO", RULE("\"clone\"", "KILL",
				      AND(0, "NE", ",\"value\":7", 1, "EQ",
					  ",\"value\":3")) "," RULE("\"clone\"", "ALLOW",
								    AND(0, "EQ", "", 1, "NE",
									",\"value\":5"))),
		/* It compares the argument of another test: clone(CLONE_NEWUSER, 0x11) runs. */
		PROFILE("ERRNO",
			RULE("\"clone\"", "KILL",
			     AND(0, "NE", ",\"value\":2114060288", 1, "MASKED_EQ",
				 ",\"value\":255")) "," RULE("\"clone\"", "ALLOW",
							     ARGS(ARG(0, "EQ", ",\"value\":17")))),
		/* The half above is not told apart: keyctl(42) runs. */
		PROFILE("ERRNO",
			RULE("\"clone\"", "ALLOW", ARGS(ARG(0, "LE", ",\"value\":41"))) "," RULE(
				"\"clone\"", "ALLOW",
				ARGS(ARG(0, "GE", ",\"value\":171798691880")))),
		/* crun drops the seventh condition, and with it what hides the second rule from
		   libseccomp. */
		PROFILE("ERRNO", RULE("\"mount\"", "KILL", ARGS(NAMES_OF_SEVEN)) "," RULE(
					 "\"mount\"", "ALLOW", AND(1, "EQ", "", 2, "EQ", ""))),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		enum finding finding;

		if (beyond(texts[i], 0, &finding)[0] == '\0' || finding != FINDING_WEAK)
			fail_msg("%s: %s", texts[i], finding_name(finding));
	}
}

/* Beside a default that lets through, libseccomp 2.5.4 loses a denial for some values
 * (keyctl(2^63), keyctl(3)). */
/* Podman's rules on NETLINK_AUDIT until 0.49: what libseccomp loses of them falls to a default that
 * denies too. */
static void podmans_rules_are_not_weak(void **state)
{
	static const char text[] = PROFILE(
		"ERRNO",
		RULE("\"socket\"", "ERRNO", AND(0, "EQ", VALUE(16), 2, "EQ", VALUE(9))) "," RULE(
			"\"socket\"", "ALLOW",
			ARGS(ARG(2, "NE", VALUE(9)))) "," RULE("\"socket\"", "ALLOW",
							       ARGS(ARG(0, "NE", VALUE(16)))));
	static const char logs[] = PROFILE(
		"LOG",
		RULE("\"socket\"", "ERRNO", AND(0, "EQ", VALUE(16), 2, "EQ", VALUE(9))) "," RULE(
			"\"socket\"", "ALLOW",
			ARGS(ARG(2, "NE", VALUE(9)))) "," RULE("\"socket\"", "ALLOW",
							       ARGS(ARG(0, "NE", VALUE(16)))));
	enum finding finding;

	(void)state;
	assert_null(strstr(beyond(text, 0, &finding), "socket"));
	beyond(logs, 0, &finding);
	assert_int_equal(finding, FINDING_UNCONFINED);
}

static void a_denial_that_may_be_lost_denies_nothing(void **state)
{
	static const char *const texts[] = {
		PROFILE("ALLOW",
			RULE("\"keyctl\"", "KILL",
			     ARGS(ARG(0, "LT",
				      VALUE(9223372036854775808)))) "," RULE("\"keyctl\"", "TRAP",
									     ARGS(ARG(0, "GT",
										      VALUE(7))))),
		PROFILE("ALLOW",
			RULE("\"keyctl\"", "ERRNO", ARGS(ARG(0, "EQ", VALUE(3)))) "," RULE(
				"\"keyctl\"", "ERRNO",
				ARGS(ARG(
					0, "LT",
					VALUE(9223372036854775808)))) "," RULE("\"keyctl\"",
									       "ERRNO",
									       ARGS(ARG(
										       0, "GT",
										       VALUE(7))))),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		enum finding finding;

		beyond(texts[i], 0, &finding);
		assert_int_equal(finding, FINDING_UNCONFINED);
	}
}

/* The runtimes refuse it: what it lets through is not known, however little it looks. */
static void what_runtimes_refuse_is_weak(void **state)
{
	enum finding finding;

	(void)state;
	assert_string_equal(
		beyond(PROFILE("ERRNO",
			       RULE("\"personality\"", "ALLOW",
				    ARGS(ARG(0, "EQ",
					     VALUE(8)))) "," RULE("\"personality\"", "KILL",
								  ARGS(ARG(0, "EQ", VALUE(8))))),
		       0, &finding),
		"personality");
	assert_int_equal(finding, FINDING_WEAK);
}

/*
 * keyctl(2) is let through for no arguments, and denied for `n` patterns of three bits of one
 * argument. Whether a value is left that none of them denies is a hard question long before there
 * are too many conditions.
 */
static const char *patterns(int n)
{
	static char text[65536];
	uint64_t random = 1;
	size_t used = (size_t)snprintf(text, sizeof(text),
				       "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[" RULE(
					       "\"keyctl\"", "ALLOW", ARGS(ARG(5, "LT", ""))));

	for (int i = 0; i < n; i++) {
		uint64_t mask = 0, value;

		for (int bit = 0; bit < 3; bit++) {
			random = random * 6364136223846793005U + 1442695040888963407U;
			mask |= UINT64_C(1) << (random >> 58);
		}
		value = mask & random >> 1;
		used += (size_t)snprintf(
			text + used, sizeof(text) - used,
			"," RULE("\"keyctl\"", "KILL",
				 ARGS(ARG(0, "MASKED_EQ",
					  ",\"value\":%" PRIu64 ",\"valueTwo\":%" PRIu64))),
			mask, value);
	}
	snprintf(text + used, sizeof(text) - used, "]}");
	return text;
}

static void what_takes_too_long_is_weak(void **state)
{
	enum finding finding;

	(void)state;
	assert_string_equal(beyond(patterns(4), 0, &finding), "");
	assert_int_equal(finding, FINDING_CONFINED);
	assert_string_equal(beyond(patterns(400), 0, &finding), "keyctl");
	assert_int_equal(finding, FINDING_WEAK);
}

/* Denials under more conditions than are looked at deny nothing that is known of. */
static void too_many_denials_are_none(void **state)
{
	static char text[1 << 18];
	size_t n = (size_t)snprintf(text, sizeof(text),
				    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[");
	enum finding finding;

	(void)state;
	for (int i = 0; i < 2100; i++)
		n += (size_t)snprintf(
			text + n, sizeof(text) - n,
			"%s" RULE("\"mount\"", "ERRNO", ARGS(ARG(0, "EQ", ",\"value\":%d"))),
			i > 0 ? "," : "", i);
	snprintf(text + n, sizeof(text) - n, "]}");
	beyond(text, 0, &finding);
	assert_int_equal(finding, FINDING_UNCONFINED);
}

/* What cannot be looked at in the time of a container's start counts as let through. */
static void too_much_to_look_at_is_weak(void **state)
{
	static char text[1 << 18];
	size_t n = (size_t)snprintf(text, sizeof(text),
				    "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[");
	enum finding finding;

	(void)state;
	for (int i = 0; i < 2100; i++)
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
	const struct profile_target target = {.arch = PROFILE_ARCH_X86_64,
					      .kernel = PROFILE_KERNEL(6, 18)};
	struct enforce_memory memory = test_memory(0);
	struct seccomp_profile profile;
	struct error err;
	int weak = 0;

	(void)state;
	assert_int_equal(
		ociseccomp_read(span_of(text), &memory.keep, &memory.scratch, &profile, &err), 0);
	for (size_t size = 0; size < 4096; size += 16) {
		struct arena scratch = {memory.scratch.base, size, 0};
		const struct judge_request request = {
			&profile, {PROFILE_MOBY, &target, false}, NULL, &scratch};
		struct syscall_set set;
		enum finding finding = judge_profile(&request, &set);

		assert_true(finding == FINDING_WEAK || (finding == FINDING_CONFINED && size > 0));
		assert_int_equal(finding == FINDING_WEAK, syscall_set_count(&set) > 0);
		weak += finding == FINDING_WEAK;
	}
	assert_in_range(weak, 2, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(abis_are_those_of_the_host),
		cmocka_unit_test(weak_names_what_goes_beyond),
		cmocka_unit_test(a_default_that_lets_through_is_weak),
		cmocka_unit_test(what_the_policy_names_is_not_beyond),
		cmocka_unit_test(what_may_be_let_through_is_let_through),
		cmocka_unit_test(podmans_rules_are_not_weak),
		cmocka_unit_test(a_denial_that_may_be_lost_denies_nothing),
		cmocka_unit_test(what_runtimes_refuse_is_weak),
		cmocka_unit_test(what_takes_too_long_is_weak),
		cmocka_unit_test(too_many_denials_are_none),
		cmocka_unit_test(too_much_to_look_at_is_weak),
		cmocka_unit_test(memory_that_ends_is_weak),
	};

	return cmocka_run_group_tests_name("judge-weak", tests, NULL, NULL);
}
