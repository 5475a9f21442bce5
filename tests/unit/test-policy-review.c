/* SPDX-License-Identifier: Apache-2.0 */
/* What is valid in a policy and hardly meant. */
#include "core.h"

#include "policy/policy-review.h"

/* ---- patterns inside patterns ---- */

static void patterns_cover_others(void **state)
{
	static const struct {
		const char *wide, *narrow;
		bool covers;
	} rows[] = {
		{"*", "", true},     {"*", "*", true},           {"*", "a?b*", true},
		{"a*", "ab*", true}, {"a*", "*a", false},        {"a*", "a", true},
		{"a?", "ab", true},  {"a?", "a?", true},         {"a?", "a*", false},
		{"?*", "*", false},  {"*?", "?*", false},        {"ab", "ab", true},
		{"ab", "a?", false}, {"*x*", "*ax*", true},      {"", "", true},
		{"", "*", false},    {"a*b*c", "a*c*b*c", true}, {"a*b", "a*", false},
		{"**", "*", true},   {"*a", "ba", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (policy_glob_covers(rows[i].wide, rows[i].narrow) != rows[i].covers)
			fail_msg("%s %s", rows[i].wide, rows[i].narrow);
}

/* All patterns and texts of at most `n` of three letters. */
static size_t word(size_t number, const char letters[3], char out[8])
{
	size_t n = 0;

	for (; number > 0; number = (number - 1) / 3)
		out[n++] = letters[(number - 1) % 3];
	out[n] = '\0';
	return n;
}

/* Never is a pattern said to cover another when there is a text that only the other matches. */
static void what_is_covered_is_matched(void **state)
{
	char wide[8], narrow[8], text[8];
	size_t covered = 0;

	(void)state;
	for (size_t w = 0; w < 121; w++) {
		word(w, "a*?", wide);
		for (size_t n = 0; n < 121; n++) {
			word(n, "a*?", narrow);
			if (!policy_glob_covers(wide, narrow))
				continue;
			covered++;
			for (size_t t = 0; t < 364; t++) {
				struct span s = {text, word(t, "abc", text)};

				if (policy_glob_matches(narrow, s) && !policy_glob_matches(wide, s))
					fail_msg("%s %s %s", wide, narrow, text);
			}
		}
	}
	assert_true(covered > 1000);
}

/* ---- remarks ---- */

struct remarks {
	char text[4096];
};

static void note(void *ctx, const struct policy_rule *rule, const char *text)
{
	struct remarks *r = ctx;
	size_t used = strlen(r->text);

	snprintf(r->text + used, sizeof(r->text) - used, "%s %s\n", rule->name, text);
}

/* The remarks on rules that are given as JSON. */
static const char *remarks_on(const char *rules)
{
	static struct remarks remarks;
	struct enforce_memory memory = test_memory(0);
	struct policy policy;
	struct error err;
	char text[2048];

	snprintf(text, sizeof(text), "{\"rules\":[%s]}", rules);
	policy_defaults(&policy);
	if (policy_read(span_of(text), &memory.keep, &memory.scratch, &policy, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	remarks.text[0] = '\0';
	policy_review(&policy, NOW, note, &remarks);
	return remarks.text;
}

#define RULE(name, match) "{\"name\":\"" name "\",\"match\":{" match "}}"
#define SHADOWED "b is never reached: rule \"a\" before it matches all that it matches\n"

static void shadowed_rules_are_told(void **state)
{
	static const struct {
		const char *first, *second;
		bool shadowed;
	} rows[] = {
		{"", "\"pod\":[\"x\"]", true},
		{"\"pod\":[\"*\"]", "", true},
		{"\"pod\":[\"?*\"]", "", false},
		{"\"pod\":[\"x*\"]", "\"pod\":[\"xy\",\"x\"]", true},
		{"\"pod\":[\"x*\"]", "\"pod\":[\"xy\",\"y\"]", false},
		{"\"pod\":[\"x\",\"y\"]", "\"pod\":[\"y\"],\"image\":[\"z\"]", true},
		{"\"pod\":[\"x\"],\"image\":[\"z\"]", "\"pod\":[\"x\"]", false},
		{"\"sandbox\":true", "", false},
		{"\"sandbox\":true", "\"sandbox\":true", true},
		{"\"sandbox\":true", "\"sandbox\":false", false},
		{"", "\"sandbox\":false", true},
		{"\"annotation\":{\"k\":\"v*\"}", "", false},
		{"\"annotation\":{\"k\":\"v*\"}", "\"annotation\":{\"k\":\"vw\",\"l\":\"m\"}",
		 true},
		{"\"annotation\":{\"k\":\"v*\"}", "\"annotation\":{\"l\":\"v\"}", false},
		{"\"annotation\":{\"k\":\"v\",\"l\":\"m\"}", "\"annotation\":{\"k\":\"v\"}", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char rules[1024];

		snprintf(rules, sizeof(rules), RULE("a", "%s") "," RULE("b", "%s"), rows[i].first,
			 rows[i].second);
		assert_string_equal(remarks_on(rules), rows[i].shadowed ? SHADOWED : "");
	}
	/* A rule with an end does not shadow, now or after it. */
	assert_string_equal(
		remarks_on("{\"name\":\"a\",\"match\":{},\"until\":\"2999-12-31\"}," RULE("b", "")),
		"");
}

static void rules_that_match_nothing_are_told(void **state)
{
	static const struct {
		const char *match;
		bool never;
	} rows[] = {
		{"\"sandbox\":true,\"container\":[\"c\"]", true},
		{"\"sandbox\":true,\"image\":[\"?*\"]", true},
		{"\"sandbox\":true,\"image\":[\"x\",\"*\"]", false},
		{"\"sandbox\":false,\"image\":[\"x\"]", false},
		{"\"namespace\":[\"Prod\"]", true},
		{"\"namespace\":[\"k8s_x\",\"[a-z]*\"]", true},
		{"\"namespace\":[\"Prod\",\"prod\"]", false},
		{"\"namespace\":[\"a-1.b*?\"]", false},
		{"\"namespace\":[\"\"]", false},
		{"\"container\":[\"My_Container\"]", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char rules[1024];

		snprintf(rules, sizeof(rules), RULE("a", "%s"), rows[i].match);
		if ((strstr(remarks_on(rules), "a can never match: ") != NULL) != rows[i].never)
			fail_msg("%s: %s", rows[i].match, remarks_on(rules));
	}
}

/* NOW is 2026-11-22. */
static void ends_and_exemptions_are_told(void **state)
{
	static const struct {
		const char *more, *remarks;
	} rows[] = {
		{",\"until\":\"2026-11-21\"", "a expired on 2026-11-21\n"},
		{",\"until\":\"2026-11-22\"", "a expires on 2026-11-22\n"},
		{",\"until\":\"2026-12-06\"", "a expires on 2026-12-06\n"},
		{",\"until\":\"2026-12-07\"", ""},
		{",\"profile\":\"unconfined\",\"until\":\"2027-01-01\",\"reason\":\"r\",\"owner\":"
		 "\"o\"",
		 ""},
		{",\"profile\":\"unconfined\",\"reason\":\"r\",\"owner\":\"o\"",
		 "a exempts for ever: it has no \"until\"\n"},
		{",\"profile\":\"unconfined\",\"until\":\"2027-01-01\"",
		 "a exempts and does not say why (\"reason\")\n"
		 "a exempts and does not say for whom (\"owner\")\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char rules[1024];

		snprintf(rules, sizeof(rules), "{\"name\":\"a\",\"match\":{}%s}", rows[i].more);
		assert_string_equal(remarks_on(rules), rows[i].remarks);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_cover_others),
		cmocka_unit_test(what_is_covered_is_matched),
		cmocka_unit_test(shadowed_rules_are_told),
		cmocka_unit_test(rules_that_match_nothing_are_told),
		cmocka_unit_test(ends_and_exemptions_are_told),
	};

	return cmocka_run_group_tests_name("policy review", tests, NULL, NULL);
}
