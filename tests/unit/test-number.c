/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and dates as text. */
#include "base/date.h"
#include "base/number.h"

#include <setjmp.h>
#include <stdio.h>

#include <cmocka.h>

static void numbers_are_all_of_a_text(void **state)
{
	static const struct {
		const char *text;
		unsigned int base;
		uint64_t max;
		bool good;
		uint64_t value;
	} rows[] = {
		{"0", 10, 0, true, 0},
		{"1", 10, 0, false, 0},
		{"007", 10, 7, true, 7},
		{"8", 10, 7, false, 0},
		{"255", 10, 255, true, 255},
		{"256", 10, 255, false, 0},
		{"18446744073709551615", 10, UINT64_MAX, true, UINT64_MAX},
		{"18446744073709551616", 10, UINT64_MAX, false, 0},
		{"99999999999999999999", 10, UINT64_MAX, false, 0},
		{"c000003e", 16, UINT32_MAX, true, 0xc000003e},
		{"FFFFFFFF", 16, UINT32_MAX, true, UINT32_MAX},
		{"100000000", 16, UINT32_MAX, false, 0},
		{"ffffffffffffffff", 16, UINT64_MAX, true, UINT64_MAX},
		{"10000000000000000", 16, UINT64_MAX, false, 0},
		{"a", 10, UINT64_MAX, false, 0},
		{"1a", 10, UINT64_MAX, false, 0},
		{"g", 16, UINT64_MAX, false, 0},
		{"", 10, UINT64_MAX, false, 0},
		{"-1", 10, UINT64_MAX, false, 0},
		{"+1", 10, UINT64_MAX, false, 0},
		{" 1", 10, UINT64_MAX, false, 0},
		{"1 ", 10, UINT64_MAX, false, 0},
		{"0x1", 16, UINT64_MAX, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value = 42;

		if (number_parse(span_of(rows[i].text), rows[i].base, rows[i].max, &value) !=
		    rows[i].good)
			fail_msg("\"%s\"", rows[i].text);
		assert_int_equal(value, rows[i].good ? rows[i].value : 42);
	}
}

static void a_number_is_taken_from_the_front(void **state)
{
	struct span rest = SPAN("6.18.5-amd64");
	uint64_t value = 42;

	(void)state;
	assert_true(number_take(&rest, 10, UINT16_MAX, &value));
	assert_int_equal(value, 6);
	assert_true(span_eq(rest, SPAN(".18.5-amd64")));
	assert_false(number_take(&rest, 10, UINT16_MAX, &value));
	rest = SPAN("300x");
	assert_false(number_take(&rest, 10, 255, &value));
	assert_true(span_eq(rest, SPAN("300x")) && value == 6);
}

static void hexadecimal_is_lower_case(void **state)
{
	char out[9];

	(void)state;
	number_hex("\x00\x9f\xa0\xff", 4, out);
	assert_string_equal(out, "009fa0ff");
}

/* The published values of FNV-1a. */
static void the_hash_is_fnv_1a(void **state)
{
	(void)state;
	assert_true(hash_bytes(HASH_START, "", 0) == UINT64_C(0xcbf29ce484222325));
	assert_true(hash_bytes(HASH_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(hash_bytes(HASH_START, "foobar", 6) == UINT64_C(0x85944171f73967e8));
}

static void dates_are_of_the_calendar(void **state)
{
	static const char *const bad[] = {
		"2027-02-29", "1900-02-29", "2027-00-10", "2027-13-01",  "2027-01-00", "2027-04-31",
		"2027-1-01",  "2027/01/01", "20270101",   "2027-01-01 ", "",           "2027-01-1x",
	};
	struct date date;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (date_parse(span_of(bad[i]), &date) == 0)
			fail_msg("\"%s\"", bad[i]);
	assert_int_equal(date_parse(SPAN("2000-02-29"), &date), 0);
	assert_int_equal(date_to_days(date), 11016);
	assert_int_equal(date_parse(SPAN("1970-01-01"), &date), 0);
	assert_int_equal(date_to_days(date), 0);
}

/* Each day from 1970 to 2400 follows the one before it, and comes back from its number. */
static void days_and_dates_are_each_others_inverse(void **state)
{
	struct date last = {1969, 12, 31};

	(void)state;
	for (int64_t day = 0; day <= 157054; day++) {
		struct date date = date_from_days(day), read;
		bool next_day = date.day == last.day + 1 && date.month == last.month;
		bool next_month =
			date.day == 1 && last.day >= 28 && date.month == last.month % 12 + 1;
		char text[64];

		assert_true((next_day && date.year == last.year) ||
			    (next_month && date.year == last.year + (last.month == 12)));
		assert_int_equal(date_to_days(date), day);
		snprintf(text, sizeof(text), "%04d-%02d-%02d", (int)date.year, (int)date.month,
			 (int)date.day);
		assert_int_equal(date_parse(span_of(text), &read), 0);
		assert_memory_equal(&read, &date, sizeof(date));
		last = date;
	}
	assert_true(last.year == 2399 || last.year == 2400);
}

static void moments_are_written_as_they_are_read(void **state)
{
	static const char *const texts[] = {"1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z",
					    "2026-11-27T16:41:22Z", "9999-12-31T23:59:59Z"};
	char text[DATE_MOMENT_SIZE];
	uint64_t ms;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_int_equal(date_read_moment(span_of(texts[i]), &ms), 0);
		assert_string_equal(date_moment((int64_t)(ms / 1000), text), texts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_all_of_a_text),
		cmocka_unit_test(a_number_is_taken_from_the_front),
		cmocka_unit_test(hexadecimal_is_lower_case),
		cmocka_unit_test(the_hash_is_fnv_1a),
		cmocka_unit_test(dates_are_of_the_calendar),
		cmocka_unit_test(days_and_dates_are_each_others_inverse),
		cmocka_unit_test(moments_are_written_as_they_are_read),
	};

	return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
