/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp, field by field: what is read, and what one of the runtimes would refuse or read
 * otherwise. */
#include "core.h"

static int read_profile(const char *text, struct seccomp_profile *ret_profile, struct error *err)
{
	struct enforce_memory memory = test_memory(0);

	memset(err, 0, sizeof(*err));
	return ociseccomp_read(span_of(text), &memory.keep, &memory.scratch, ret_profile, err);
}

static void expect_error(const char *text, const char *part)
{
	struct seccomp_profile profile;
	struct error err;

	if (read_profile(text, &profile, &err) == 0)
		fail_msg("%s: accepted", text);
	if (strstr(err.text, part) == NULL)
		fail_msg("%s: %s", text, err.text);
}

static struct seccomp_profile expect_profile(const char *text)
{
	struct seccomp_profile profile;
	struct error err;

	if (read_profile(text, &profile, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return profile;
}

#define WITH_RULE(rule) "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" rule "]}"
#define WITH_ARG(arg)                                                                              \
	WITH_RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"args\":[" arg "]}")

static void all_fields_are_read_in_order(void **state)
{
	struct seccomp_profile p = expect_profile(
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,"
		"\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"],"
		"\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"],"
		"\"listenerPath\":\"/s\",\"listenerMetadata\":\"m\",\"x\":{\"names\":1},"
		"\"syscalls\":[{\"names\":[\"read\",\"wri\\u0074e\"],\"action\":\"SCMP_ACT_ALLOW\"}"
		","
		"{\"names\":[],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1,\"comment\":\"c\","
		"\"args\":[{\"index\":1,\"value\":2,\"valueTwo\":3,\"op\":\"SCMP_CMP_MASKED_EQ\"},"
		"{\"op\":\"SCMP_CMP_NE\"}]}]}");
	const struct seccomp_rule *r = p.rules;

	(void)state;
	assert_false(p.empty);
	assert_int_equal(p.default_action, OCI_ACT_ERRNO);
	assert_true(p.has_default_errno && p.default_errno == 38 && p.has_listener && p.has_flags);
	assert_int_equal(p.flags, 1U << OCI_FLAG_LOG | 1U << OCI_FLAG_SPEC_ALLOW);
	assert_true(span_eq(p.archs->name, SPAN("SCMP_ARCH_X86_64")));
	assert_true(span_eq(p.archs->next->name, SPAN("SCMP_ARCH_X86")) &&
		    p.archs->next->next == NULL);
	assert_true(span_eq(r->names->name, SPAN("read")) &&
		    span_eq(r->names->next->name, SPAN("write")));
	assert_true(r->action == OCI_ACT_ALLOW && !r->has_errno && r->args == NULL);
	r = r->next;
	assert_true(r->names == NULL && r->has_errno && r->errno_ret == 1 && r->next == NULL);
	assert_true(r->args->index == 1 && r->args->value == 2 && r->args->value_two == 3);
	assert_int_equal(r->args->op, OCI_CMP_MASKED_EQ);
	/* A missing index or value is 0 for both runtimes. */
	assert_true(r->args->next->index == 0 && r->args->next->value == 0 &&
		    r->args->next->next == NULL);
}

static void nothing_at_all_is_an_empty_profile(void **state)
{
	static const char *const empty[] = {
		"{}",
		"{\"defaultAction\":\"\"}",
		"{\"defaultAction\":null}",
		"{\"syscalls\":[]}",
		"{\"defaultAction\":\"\",\"syscalls\":null,\"architectures\":[\"SCMP_ARCH_ARM\"]}",
		"{\"x\":1}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(empty); i++)
		assert_true(expect_profile(empty[i]).empty);
	assert_false(expect_profile("{\"defaultAction\":\"SCMP_ACT_KILL\"}").empty);
	assert_false(
		expect_profile("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":null}").has_flags);
	assert_true(
		expect_profile("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[]}").has_flags);
	expect_error("{\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\"}]}",
		     "defaultAction");
}

static void words_are_those_of_the_specification(void **state)
{
	static const char *const actions[] = {"KILL",  "KILL_PROCESS", "KILL_THREAD",
					      "TRAP",  "ERRNO",        "TRACE",
					      "ALLOW", "LOG",          "NOTIFY"};
	static const char *const ops[] = {"NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"};
	static const char *const archs[] = {
		"X86",         "X86_64", "X32",    "ARM",       "AARCH64", "LOONGARCH64",
		"M68K",        "MIPS",   "MIPS64", "MIPS64N32", "MIPSEL",  "MIPSEL64",
		"MIPSEL64N32", "PPC",    "PPC64",  "PPC64LE",   "S390",    "S390X",
		"SH",          "SHEB",   "PARISC", "PARISC64",  "RISCV64"};
	static const char *const flags[] = {"TSYNC", "LOG", "SPEC_ALLOW", "WAIT_KILLABLE_RECV"};
	static const struct {
		const char *format;
		const char *const *words;
		size_t n;
	} kinds[] = {
		{"{\"defaultAction\":\"%sSCMP_ACT_%s\"}", actions, ARRAY_SIZE(actions)},
		{WITH_RULE("{\"names\":[\"read\"],\"action\":\"%sSCMP_ACT_%s\"}"), actions,
		 ARRAY_SIZE(actions)},
		{WITH_ARG("{\"op\":\"%sSCMP_CMP_%s\"}"), ops, ARRAY_SIZE(ops)},
		{"{\"defaultAction\":\"SCMP_ACT_LOG\",\"architectures\":[\"%sSCMP_ARCH_%s\"]}",
		 archs, ARRAY_SIZE(archs)},
		{"{\"defaultAction\":\"SCMP_ACT_LOG\",\"flags\":[\"%sSECCOMP_FILTER_FLAG_%s\"]}",
		 flags, ARRAY_SIZE(flags)},
	};
	char text[256];

	(void)state;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (size_t i = 0; i < kinds[k].n; i++) {
			snprintf(text, sizeof(text), kinds[k].format, "", kinds[k].words[i]);
			expect_profile(text);
		}
		snprintf(text, sizeof(text), kinds[k].format, " ", kinds[k].words[0]);
		expect_error(text, "unknown");
		snprintf(text, sizeof(text), kinds[k].format, "", "BOGUS");
		expect_error(text, "unknown");
		snprintf(text, sizeof(text), kinds[k].format, "", "");
		expect_error(text, "unknown");
		snprintf(text, sizeof(text), kinds[k].format, "", "NATIVE");
		expect_error(text, "unknown");
	}
#pragma GCC diagnostic pop
	expect_error("{\"defaultAction\":\"scmp_act_allow\"}", "unknown action");
	expect_error("{\"defaultAction\":\"SCMP_ACT_ALLO\"}", "unknown action");
	expect_error("{\"defaultAction\":\"SCMP_ACT_LOG\",\"architectures\":[\"X86\"]}",
		     "unknown architecture");
	expect_error("{\"defaultAction\":\"SCMP_ACT_LOG\",\"architectures\":[\"\"]}",
		     "unknown architecture");
}

static const char *const wrong_types[] = {
	"[]",
	"\"x\"",
	"null",
	"{\"defaultAction\":1}",
	"{\"defaultAction\":[]}",
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":{}}",
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":\"x\"}",
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":\"1\"}",
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":4294967296}",
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":{}}",
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[1]}",
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[null]}",
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":\"x\"}",
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[true]}",
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":1}",
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerMetadata\":{}}",
	WITH_RULE("null"),
	WITH_RULE("[]"),
	WITH_RULE("\"x\""),
	WITH_RULE("{}"),
	WITH_RULE("{\"action\":\"SCMP_ACT_ERRNO\"}"),
	WITH_RULE("{\"names\":null,\"action\":\"SCMP_ACT_ERRNO\"}"),
	WITH_RULE("{\"names\":\"read\",\"action\":\"SCMP_ACT_ERRNO\"}"),
	WITH_RULE("{\"names\":[\"\"],\"action\":\"SCMP_ACT_ERRNO\"}"),
	WITH_RULE("{\"names\":[null],\"action\":\"SCMP_ACT_ERRNO\"}"),
	WITH_RULE("{\"names\":[1],\"action\":\"SCMP_ACT_ERRNO\"}"),
	WITH_RULE("{\"names\":[\"read\\u0000x\"],\"action\":\"SCMP_ACT_ERRNO\"}"),
	WITH_RULE("{\"names\":[\"read\"]}"),
	WITH_RULE("{\"names\":[\"read\"],\"action\":null}"),
	WITH_RULE("{\"names\":[\"read\"],\"action\":\"\"}"),
	WITH_RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":\"1\"}"),
	WITH_RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1.0}"),
	WITH_RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":-1}"),
	WITH_RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"args\":{}}"),
	WITH_RULE("{\"names\":[\"read\"],\"names\":[\"write\"],\"action\":\"SCMP_ACT_"
		  "ERRNO\"}"),
	WITH_RULE("{\"names\":[\"read\"],\"Action\":\"SCMP_ACT_ALLOW\",\"action\":\"SCMP_"
		  "ACT_ERRNO\"}"),
	WITH_ARG("null"),
	WITH_ARG("{}"),
	WITH_ARG("{\"index\":0,\"value\":0}"),
	WITH_ARG("{\"index\":6,\"op\":\"SCMP_CMP_EQ\"}"),
	WITH_ARG("{\"index\":4294967296,\"op\":\"SCMP_CMP_EQ\"}"),
	WITH_ARG("{\"index\":-1,\"op\":\"SCMP_CMP_EQ\"}"),
	WITH_ARG("{\"value\":\"0\",\"op\":\"SCMP_CMP_EQ\"}"),
	WITH_ARG("{\"value\":18446744073709551616,\"op\":\"SCMP_CMP_EQ\"}"),
	WITH_ARG("{\"value\":-0,\"op\":\"SCMP_CMP_EQ\"}"),
	WITH_ARG("{\"valueTwo\":0.0,\"op\":\"SCMP_CMP_EQ\"}"),
	WITH_ARG("{\"op\":\"SCMP_CMP_EQ\",\"op\":\"SCMP_CMP_NE\"}"),
};

static void wrong_types_are_refused_at_every_level(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong_types); i++)
		expect_error(wrong_types[i], "");
	expect_profile(WITH_RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":"
				 "null,\"args\":null}"));
	expect_profile(
		WITH_ARG("{\"index\":5,\"value\":18446744073709551615,\"op\":\"SCMP_CMP_EQ\"}"));
}

static void more_rules_than_memory_are_an_error(void **state)
{
	static char small[512];
	static const char text[] =
		WITH_RULE("{\"names\":[\"read\",\"write\"],\"action\":\"SCMP_ACT_ERRNO\"},"
			  "{\"names\":[\"re\\u0061d\"],\"action\":\"SCMP_ACT_ERRNO\"}");
	bool passed = false;

	(void)state;
	for (size_t size = 0; size <= sizeof(small); size += 16) {
		struct enforce_memory memory = test_memory(0);
		struct arena keep = {small, size, 0};
		struct seccomp_profile profile;
		struct error err;
		int r = ociseccomp_read(SPAN(text), &keep, &memory.scratch, &profile, &err);

		assert_false(passed && r < 0);
		passed |= r == 0;
	}
	assert_true(passed);
}

#define SAID(head, rule)                                                                           \
	"{" head ",\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"],\"syscalls\":[" rule \
	"]}"
#define HEAD                                                                                       \
	"\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"flags\":["                  \
	"\"SECCOMP_FILTER_FLAG_LOG\"]"
#define BODY(names, action, tail)                                                                  \
	"{\"names\":[" names "],\"action\":\"SCMP_ACT_" action "\"" tail "}"
#define ONE_ARG(index, value, two, op)                                                             \
	",\"args\":[{\"index\":" index ",\"value\":" value ",\"valueTwo\":" two                    \
	",\"op\":\"SCMP_CMP_" op "\"}]"
#define BASE_ARG ONE_ARG("0", "1", "2", "MASKED_EQ")
static const char base[] = SAID(HEAD, BODY("\"a\",\"b\"", "ALLOW", BASE_ARG));
static const char *const differing[] = {
	SAID(HEAD ",\"listenerPath\":\"/x\"", BODY("\"a\",\"b\"", "ALLOW", BASE_ARG)),
	SAID(HEAD ",\"listenerMetadata\":\"x\"", BODY("\"a\",\"b\"", "ALLOW", BASE_ARG)),
	SAID("\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"]",
	     BODY("\"a\",\"b\"", "ALLOW", BASE_ARG)),
	SAID("\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":1,\"flags\":["
	     "\"SECCOMP_FILTER_FLAG_LOG\"]",
	     BODY("\"a\",\"b\"", "ALLOW", BASE_ARG)),
	SAID("\"defaultAction\":\"SCMP_ACT_TRACE\",\"defaultErrnoRet\":38,\"flags\":["
	     "\"SECCOMP_FILTER_FLAG_LOG\"]",
	     BODY("\"a\",\"b\"", "ALLOW", BASE_ARG)),
	SAID("\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38",
	     BODY("\"a\",\"b\"", "ALLOW", BASE_ARG)),
	SAID("\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"flags\":[]",
	     BODY("\"a\",\"b\"", "ALLOW", BASE_ARG)),
	SAID(HEAD, BODY("\"a\"", "ALLOW", BASE_ARG)),
	SAID(HEAD, BODY("\"a\",\"c\"", "ALLOW", BASE_ARG)),
	SAID(HEAD, BODY("\"b\",\"a\"", "ALLOW", BASE_ARG)),
	SAID(HEAD, BODY("\"a\",\"b\",\"c\"", "ALLOW", BASE_ARG)),
	SAID(HEAD, BODY("\"a\",\"b\"", "LOG", BASE_ARG)),
	SAID(HEAD, BODY("\"a\",\"b\"", "ERRNO", BASE_ARG)),
	SAID(HEAD, BODY("\"a\",\"b\"", "ALLOW", "")),
	SAID(HEAD, BODY("\"a\",\"b\"", "ALLOW", ONE_ARG("1", "1", "2", "MASKED_EQ"))),
	SAID(HEAD, BODY("\"a\",\"b\"", "ALLOW", ONE_ARG("0", "3", "2", "MASKED_EQ"))),
	SAID(HEAD, BODY("\"a\",\"b\"", "ALLOW", ONE_ARG("0", "1", "3", "MASKED_EQ"))),
	SAID(HEAD, BODY("\"a\",\"b\"", "ALLOW", ONE_ARG("0", "1", "2", "EQ"))),
	SAID(HEAD, BODY("\"a\",\"b\"", "ALLOW", BASE_ARG) "," BODY("\"d\"", "ALLOW", "")),
	SAID(HEAD, ""),
	"{" HEAD ",\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":[" BODY(
		"\"a\",\"b\"", "ALLOW", BASE_ARG) "]}",
	"{}",
};
static const char spelled[] =
	"{ \"syscalls\": [ {\"args\": [{\"op\":\"SCMP_CMP_MASKED_EQ\", \"valueTwo\": 2, "
	"\"value\": 1, \"index\": 0}], \"action\": \"SCMP_ACT_ALLOW\", \"names\": "
	"[\"\\u0061\", "
	"\"b\"]} ], \"architectures\":[\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\"], \"x\": "
	"1,\n" HEAD "}";

/* Whoever is second takes a profile that is the same for its own, and judges no further. */
static void profiles_are_the_same_if_every_field_is(void **state)
{
	static char memory[2][1U << 18];
	struct arena keep = {memory[0], sizeof(memory[0]), 0},
		     scratch = {memory[1], sizeof(memory[1]), 0};
	struct seccomp_profile one, other;
	struct error err;

	(void)state;
	assert_int_equal(ociseccomp_read(SPAN(base), &keep, &scratch, &one, &err), 0);
	other = expect_profile(base);
	assert_true(ociseccomp_same(&one, &other));
	other = expect_profile(spelled);
	assert_true(ociseccomp_same(&one, &other));
	for (size_t i = 0; i < ARRAY_SIZE(differing); i++) {
		other = expect_profile(differing[i]);
		if (ociseccomp_same(&one, &other) || ociseccomp_same(&other, &one))
			fail_msg("the same: %s", differing[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_fields_are_read_in_order),
		cmocka_unit_test(nothing_at_all_is_an_empty_profile),
		cmocka_unit_test(profiles_are_the_same_if_every_field_is),
		cmocka_unit_test(words_are_those_of_the_specification),
		cmocka_unit_test(wrong_types_are_refused_at_every_level),
		cmocka_unit_test(more_rules_than_memory_are_an_error),
	};

	return cmocka_run_group_tests_name("ociseccomp", tests, NULL, NULL);
}
