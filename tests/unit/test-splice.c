/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The new profile goes in and nothing else changes. Inputs are written with the old value between
 * two marks, or with one mark where the new member has to appear; what is expected is put together
 * from the same text.
 */
#include "core.h"

#include "oci/splice.h"

#define NEW "{\"defaultAction\":\"SCMP_ACT_ERRNO\"}"

static struct span spliced_with(struct span program, struct span input, char *out, size_t size)
{
	const struct splice new = {.profile = SPAN(NEW), .program = program};
	struct arena arena = {out, size, 0}, none = {out, input.n, 0};
	struct ociconfig config;
	struct span text;

	read_config(input, &config);
	assert_int_equal(splice_seccomp(&config, &new, &arena, &text), 0);
	assert_in_range(arena.used, text.n, size);
	none.size = text.n - 1;
	assert_int_equal(splice_seccomp(&config, &new, &none, &text), -1);
	return text;
}

static struct span spliced(struct span input, char *out, size_t size)
{
	return spliced_with((struct span){0}, input, out, size);
}

/* `before`, `old` and `after` are the input; the output is `before`, `fresh` and `after`. */
static void expect_replaced(const char *before, const char *old, const char *fresh,
			    const char *after)
{
	char input[2048], wanted[2048], output[2048];
	int n = snprintf(input, sizeof(input), "%s%s%s", before, old, after);
	int m = snprintf(wanted, sizeof(wanted), "%s%s%s", before, fresh, after);
	struct span out = spliced((struct span){input, (size_t)n}, output, sizeof(output));
	struct ociconfig config;
	char again[2048];

	if (!span_eq(out, (struct span){wanted, (size_t)m}))
		fail_msg("%s gives %.*s, not %s", input, (int)out.n, out.p, wanted);
	read_config(out, &config);
	assert_true(config.has_profile && span_eq(config.seccomp, SPAN(NEW)));
	assert_true(span_eq(spliced(out, again, sizeof(again)), out));
}

static const char *const old_values[] = {
	"null",
	"{}",
	"{ }",
	"{\n\t\"defaultAction\" : \"SCMP_ACT_ALLOW\"\n}",
	PROFILE_OF_WEAK,
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"x\":\"}\\\"{[]\",\"y\":[{\"seccomp\":{}}]}",
};

/* Text around the value that a search for words or brackets would fall for. */
static const struct {
	const char *before;
	const char *after;
} around_value[] = {
	{"{\"ociVersion\":\"1\",\"linux\":{\"seccomp\":", "}}"},
	{"{\"linux\":{\"seccomp\":", "},\"ociVersion\":\"1\"}"},
	{" {\n\t\"ociVersion\" : \"1\" ,\r\n \"linux\" : {\t\"seccomp\" : ", " \n}\n}\n"},
	{"{\"ociVersion\":\"1\",\"linux\":{\"a\":\"\\\"seccomp\\\":{\",\"seccomp\":",
	 ",\"b\":\"}\"}}"},
	{"{\"ociVersion\":\"1\",\"seccomp\":{\"linux\":1},\"linux\":{\"seccomp\":", "}}"},
	{"{\"ociVersion\":\"1\",\"x\":{\"linux\":{\"seccomp\":null}},\"linux\":{\"y\":{\"seccomp\":"
	 "1},"
	 "\"seccomp\":",
	 ",\"z\":\"\\\\\"},\"annotations\":{\"seccomp\":\"linux\"}}"},
	{"{\"ociVersion\":\"1\",\"linux\":{\"\\u0073eccomp\":", "}}"},
	{"{\"ociVersion\":\"\xf0\x9f\x98\x80\",\"x\":1.50e+1,\"linux\":{\"seccomp\":",
	 ",\"n\":9007199254740993},\"e\":\"\\u0026\\/\"}"},
};

static void an_old_value_is_replaced(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(around_value); i++)
		for (size_t j = 0; j < ARRAY_SIZE(old_values); j++)
			expect_replaced(around_value[i].before, old_values[j], NEW,
					around_value[i].after);
}

static void a_missing_value_becomes_the_first_member(void **state)
{
	static const struct {
		const char *before, *fresh, *after;
	} rows[] = {
		{"{\"ociVersion\":\"1\",\"linux\":{", "\"seccomp\":" NEW, "}}"},
		{"{\"ociVersion\":\"1\",\"linux\" : {", "\"seccomp\":" NEW, " \n }}"},
		{"{\"ociVersion\":\"1\",\"linux\":{", "\"seccomp\":" NEW ",", "\"a\":1}}"},
		{"{\"ociVersion\":\"1\",\"linux\":{", "\"seccomp\":" NEW ",",
		 "\n\t\"a\":\"seccomp\" }}"},
		{"{\"ociVersion\":\"1\",\"linux\":{", "\"seccomp\":" NEW ",",
		 "\"a\":{\"seccomp\":null}}}"},
		{"{\"ociVersion\":\"linux\\\":{\",\"x\":\"{\",\"linux\":{", "\"seccomp\":" NEW ",",
		 "\"\":{}}}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect_replaced(rows[i].before, "", rows[i].fresh, rows[i].after);
}

#define NOTE "\"run.oci.seccomp_bpf_data\":\"QUJD\""

/* The annotation becomes the first, wherever the two places are, and whatever is there. */
static void a_program_goes_in_beside_it(void **state)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		{"{\"ociVersion\":\"1\",\"linux\":{}}",
		 "{\"annotations\":{" NOTE "},\"ociVersion\":\"1\",\"linux\":{\"seccomp\":" NEW
		 "}}"},
		{" {\"linux\":{\"seccomp\":null},\"ociVersion\":\"{\"}\n",
		 " {\"annotations\":{" NOTE "},\"linux\":{\"seccomp\":" NEW
		 "},\"ociVersion\":\"{\"}\n"},
		{"{\"ociVersion\":\"1\",\"annotations\":{},\"linux\":{\"x\":1}}",
		 "{\"ociVersion\":\"1\",\"annotations\":{" NOTE "},\"linux\":{\"seccomp\":" NEW
		 ",\"x\":1}}"},
		{"{\"ociVersion\":\"1\",\"annotations\":null,\"linux\":{}}",
		 "{\"ociVersion\":\"1\",\"annotations\":{" NOTE "},\"linux\":{\"seccomp\":" NEW
		 "}}"},
		{"{\"ociVersion\":\"1\",\"linux\":{\"seccomp\":{}},\"annotations\": { \"a\":\"b\" "
		 "}}",
		 "{\"ociVersion\":\"1\",\"linux\":{\"seccomp\":" NEW "},\"annotations\": {" NOTE
		 ", \"a\":\"b\" }}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char output[2048];
		struct ociconfig config;
		struct span out =
			spliced_with(SPAN("QUJD"), span_of(rows[i].before), output, sizeof(output));

		if (!span_eq(out, span_of(rows[i].after)))
			fail_msg("%s gives %.*s", rows[i].before, (int)out.n, out.p);
		read_config(out, &config);
		assert_true(span_eq(config.seccomp, SPAN(NEW)));
		assert_true(span_eq(ociconfig_annotation(&config, SPAN(OCI_PROGRAM_ANNOTATION)),
				    SPAN("QUJD")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_old_value_is_replaced),
		cmocka_unit_test(a_missing_value_becomes_the_first_member),
		cmocka_unit_test(a_program_goes_in_beside_it),
	};

	return cmocka_run_group_tests_name("splice", tests, NULL, NULL);
}
