/* SPDX-License-Identifier: Apache-2.0 */
/* What a record says; its time against the C library's own calendar. Where it goes is a matter of
 * system calls. */
#include "node/record.h"

#include "core.h"

static void expect_time(time_t seconds, long nanoseconds)
{
	struct timespec when = {seconds, nanoseconds};
	char out[RECORD_TIME_SIZE], day[32], wanted[64];
	struct tm tm;

	assert_non_null(gmtime_r(&seconds, &tm));
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(wanted, sizeof(wanted), "%s.%06ldZ", day, nanoseconds / 1000);
	assert_ptr_equal(record_time(&when, out), out);
	assert_string_equal(out, wanted);
}

static void every_day_of_five_centuries(void **state)
{
	(void)state;
	for (time_t day = 0; day < 500 * 366; day++) {
		expect_time(day * 86400, 0);
		expect_time(day * 86400 + 86399, 999999999);
	}
}

static void seconds_of_odd_days(void **state)
{
	static const time_t days[] = {0, 951782400, 1709164800, 1582934400, 4107542400, 2147472000};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(days); i++)
		for (time_t second = 0; second < 2 * 86400; second += 7)
			expect_time(days[i] + second, second * 1001 % 1000000000);
	expect_time(INT32_MAX, 999);
	expect_time((time_t)INT32_MAX + 1, 1000);
	expect_time(253402300799, 999999999); /* the end of the year 9999 */
}

static void a_sentence_for_every_verdict(void **state)
{
	struct verdict v = {0};
	char out[1024];

	(void)state;
	for (int action = 0; action < ACTIONS; action++) {
		for (int finding = 0; finding < FINDINGS; finding++) {
			v.decision.action = action;
			v.decision.finding = finding;
			v.why.text[0] = '\0';
			record_message(&v, out, sizeof(out));
			assert_memory_equal(out, "container ", 10);
			assert_null(strstr(out, "(null)"));
			error_set(&v.why, "for a reason: 100%%s");
			record_message(&v, out, sizeof(out));
			assert_non_null(strstr(out, ": for a reason: 100%s"));
		}
	}
	/* A small buffer cuts. */
	for (size_t size = 1; size < 64; size++) {
		memset(out, 'x', sizeof(out));
		record_message(&v, out, size);
		assert_true(strlen(out) < size);
	}
}

/* What an operator should look at is in the sentence, whatever the action. */
static void a_sentence_names_rules_and_the_switch(void **state)
{
	const struct policy_rule rule = {.name = "old", .until = "2026-12-31"};
	char out[1024];
	struct verdict v = {0};

	(void)state;
	v.decision.action = ACTION_INJECT;
	v.decision.rules.expired = &rule;
	record_message(&v, out, sizeof(out));
	assert_string_equal(out, "container has no seccomp profile: injected one; rule \"old\" "
				 "expired on 2026-12-31");
	v.decision.rules.clock_unset = true;
	record_message(&v, out, sizeof(out));
	assert_string_equal(
		out,
		"container has no seccomp profile: injected one; rule \"old\" does not apply, as "
		"the clock is before 2020 and the rule has a date");
	v.decision = (struct decision){.action = ACTION_EXEMPT,
				       .rules = {.rule = &rule, .ending = true}};
	record_message(&v, out, sizeof(out));
	assert_string_equal(
		out,
		"container has no seccomp profile: exempt; rule \"old\" expires on 2026-12-31");
	v.decision = (struct decision){.action = ACTION_EXEMPT, .disabled = "everything passes"};
	error_set(&v.why, "because");
	record_message(&v, out, sizeof(out));
	assert_string_equal(out,
			    "container has no seccomp profile: exempt: because; everything passes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_of_five_centuries),
		cmocka_unit_test(seconds_of_odd_days),
		cmocka_unit_test(a_sentence_for_every_verdict),
		cmocka_unit_test(a_sentence_names_rules_and_the_switch),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
