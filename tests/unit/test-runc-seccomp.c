/* SPDX-License-Identifier: Apache-2.0 */
/* The profile in runc's own form: what is expected is what runc 1.3.6 wrote into a state.json for
 * the same profile. */
#include "seccomp-text.h"

#include "oci/runc-seccomp.h"

static void read_profile(const char *text, struct seccomp_profile *ret_profile)
{
	struct enforce_memory memory = test_memory(0);
	struct error err;

	if (ociseccomp_read(span_of(text), &memory.keep, &memory.scratch, ret_profile, &err) < 0)
		fail_msg("%s: %s", text, err.text);
}

static void expect(const char *text, const char *wanted)
{
	struct enforce_memory memory = test_memory(1);
	struct seccomp_profile profile;
	struct error err;
	struct span out;

	read_profile(text, &profile);
	if (runc_seccomp_write(&profile, &memory.keep, &out, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	assert_string_equal(out.p, wanted);
}

static void expect_error(const char *text, const char *part)
{
	struct enforce_memory memory = test_memory(1);
	struct seccomp_profile profile;
	struct error err;
	struct span out;

	read_profile(text, &profile);
	assert_int_equal(runc_seccomp_write(&profile, &memory.keep, &out, &err), -1);
	assert_non_null(strstr(err.text, part));
}

static void every_action(void **state)
{
	(void)state;
	expect(PROFILE("ALLOW",
		       RULE("\"a1\"", "KILL", "") "," RULE("\"a2\"", "TRAP", "") "," RULE(
			       "\"a3\"", "TRACE",
			       ",\"errnoRet\":7") "," RULE("\"a4\"", "LOG",
							   "") "," RULE("\"a5\"", "KILL_THREAD",
									"") "," RULE("\"a6\","
										     "\"a7\"",
										     "KILL_PROCESS",
										     "")),
	       "{\"default_action\":4,\"architectures\":null,\"flags\":[\"SECCOMP_FILTER_FLAG_SPEC_"
	       "ALLOW\"],\"syscalls\":[{\"name\":\"a1\",\"action\":1,\"errnoRet\":null,\"args\":[]}"
	       ","
	       "{\"name\":\"a2\",\"action\":3,\"errnoRet\":null,\"args\":[]},"
	       "{\"name\":\"a3\",\"action\":5,\"errnoRet\":7,\"args\":[]},"
	       "{\"name\":\"a4\",\"action\":6,\"errnoRet\":null,\"args\":[]},"
	       "{\"name\":\"a5\",\"action\":8,\"errnoRet\":null,\"args\":[]},"
	       "{\"name\":\"a6\",\"action\":9,\"errnoRet\":null,\"args\":[]},"
	       "{\"name\":\"a7\",\"action\":9,\"errnoRet\":null,\"args\":[]}],"
	       "\"default_errno_ret\":null}");
}

static void every_operator(void **state)
{
	(void)state;
	expect("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"a\"],"
	       "\"action\":\"SCMP_ACT_ERRNO\",\"args\":["
	       "{\"index\":0,\"op\":\"SCMP_CMP_NE\",\"value\":1},"
	       "{\"index\":1,\"op\":\"SCMP_CMP_MASKED_EQ\","
	       "\"value\":18446744073709551615,\"valueTwo\":3},"
	       "{\"index\":2,\"op\":\"SCMP_CMP_LT\",\"value\":1},"
	       "{\"index\":3,\"op\":\"SCMP_CMP_LE\",\"value\":1},"
	       "{\"index\":4,\"op\":\"SCMP_CMP_GE\",\"value\":1},"
	       "{\"index\":5,\"op\":\"SCMP_CMP_GT\",\"value\":1},"
	       "{\"index\":0,\"op\":\"SCMP_CMP_EQ\",\"value\":1}"
	       "]}]}",
	       "{\"default_action\":4,\"architectures\":null,\"flags\":[\"SECCOMP_FILTER_FLAG_SPEC_"
	       "ALLOW\"],\"syscalls\":[{\"name\":\"a\",\"action\":2,\"errnoRet\":null,\"args\":["
	       "{\"index\":0,\"value\":1,\"value_two\":0,\"op\":2},"
	       "{\"index\":1,\"value\":18446744073709551615,\"value_two\":3,\"op\":7},"
	       "{\"index\":2,\"value\":1,\"value_two\":0,\"op\":5},"
	       "{\"index\":3,\"value\":1,\"value_two\":0,\"op\":6},"
	       "{\"index\":4,\"value\":1,\"value_two\":0,\"op\":4},"
	       "{\"index\":5,\"value\":1,\"value_two\":0,\"op\":3},"
	       "{\"index\":0,\"value\":1,\"value_two\":0,\"op\":1}]}],"
	       "\"default_errno_ret\":null}");
}

static void the_rest(void **state)
{
	(void)state;
	expect("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"architectures\":["
	       "\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_AARCH64\",\"SCMP_ARCH_MIPS64N32\"],\"flags\":["
	       "\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\",\"SECCOMP_FILTER_FLAG_LOG\"]}",
	       "{\"default_action\":2,\"architectures\":[\"amd64\",\"arm64\",\"mips64n32\"],"
	       "\"flags\":["
	       "\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"],\"syscalls\":[],"
	       "\"default_errno_ret\":38}");
	/* An empty list turns the default off. */
	expect("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[]}",
	       "{\"default_action\":4,\"architectures\":null,\"flags\":[],\"syscalls\":[],"
	       "\"default_errno_ret\":null}");
	/* Whatever is in a name stays in it. */
	expect(PROFILE("ALLOW", RULE("\"a\\\",\\\"b\\n\"", "ERRNO", "")),
	       "{\"default_action\":4,\"architectures\":null,\"flags\":[\"SECCOMP_FILTER_FLAG_SPEC_"
	       "ALLOW\"],\"syscalls\":[{\"name\":\"a\\\",\\\"b\\u000a\",\"action\":2,\"errnoRet\":"
	       "null,"
	       "\"args\":[]}],\"default_errno_ret\":null}");
}

static void what_exec_cannot_load(void **state)
{
	(void)state;
	expect_error("{}", "empty");
	expect_error(
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/s\",\"syscalls\":[" RULE(
			"\"mount\"", "NOTIFY", "") "]}",
		"listener");
}

#define ALLOW                                                                                      \
	"{\"default_action\":4,\"architectures\":null,\"flags\":[],\"syscalls\":[],"               \
	"\"default_errno_ret\":null}"

static void in_the_state_nothing_else_changes(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{"{\"id\":\"a\",\"config\":{\"rootfs\":\"/r\",\"seccomp\":null,\"x\":[ 1 "
		 "]},\"y\":2}\n",
		 "{\"id\":\"a\",\"config\":{\"rootfs\":\"/r\",\"seccomp\":" ALLOW
		 ",\"x\":[ 1 ]},\"y\":2}\n"},
		{"{\"config\":{\"seccomp\":{\"default_action\":2}},\"seccomp\":null}",
		 "{\"config\":{\"seccomp\":" ALLOW "},\"seccomp\":null}"},
	};
	struct seccomp_profile profile;

	(void)state;
	read_profile("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[]}", &profile);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct enforce_memory memory = test_memory(1);
		struct error err;
		struct span out;

		if (runc_state_set_seccomp(span_of(cases[i].before), &profile, &memory.keep, &out,
					   &err) < 0)
			fail_msg("%s: %s", cases[i].before, err.text);
		assert_true(span_eq(out, span_of(cases[i].after)));
	}
}

static void a_state_that_is_not_runcs(void **state)
{
	static const char *const texts[] = {
		"",
		"[]",
		"{}",
		"{\"config\":null}",
		"{\"config\":[]}",
		"{\"config\":{}}",
		"{\"config\":{\"seccomp\":[]}}",
		"{\"config\":{\"Seccomp\":null}}",
		"{\"config\":{\"seccomp\":null,\"seccomp\":{}}}",
		"{\"config\":{},\"config\":{}}",
		"{\"config\":{\"seccomp\":null}",
	};
	struct seccomp_profile profile;

	(void)state;
	read_profile("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", &profile);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct enforce_memory memory = test_memory(1);
		struct error err;
		struct span out;

		if (runc_state_set_seccomp(span_of(texts[i]), &profile, &memory.keep, &out, &err) ==
		    0)
			fail_msg("%s: accepted", texts[i]);
		assert_true(err.text[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_action),
		cmocka_unit_test(every_operator),
		cmocka_unit_test(the_rest),
		cmocka_unit_test(what_exec_cannot_load),
		cmocka_unit_test(in_the_state_nothing_else_changes),
		cmocka_unit_test(a_state_that_is_not_runcs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
