/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": which names are near a word, and which are not. */
#include "base/suggest.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *const names[] = {"check", "apply",    "profile", "explain",
				    "diff",  "dry-run",  "mode",    "containers",
				    "mount", "setmount", "am",      "namespace"};

static struct suggestion near_to(struct span word)
{
	struct suggestion s = suggest(word);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		suggest_try(&s, span_of(names[i]));
	return s;
}

static void slips_of_the_pen_are_near(void **state)
{
	static const struct {
		const char *word, *name; /* "": nothing is near */
	} rows[] = {
		{"chekc", "check"},     /* exchanged with its neighbor */
		{"chck", "check"},      /* left out */
		{"checkk", "check"},    /* put in */
		{"chevk", "check"},     /* exchanged */
		{"CHECK", "check"},     /* another case */
		{"dry_run", "dry-run"}, /* another dash */
		{"prof", "profile"},    /* the beginning */
		{"contrainer", "containers"},
		{"mout", "mount"}, /* nearer than its beginning would be */
		{"ma", "am"},
		{"nmaesapce", "namespace"},
		{"chkkc", ""}, /* two of five */
		{"pr", ""},    /* too short for a beginning */
		{"x", ""},
		{"", ""},
		{"kubernetes", ""},
		{"ehllo", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct suggestion s = near_to(span_of(rows[i].word));

		if (!span_eq(s.name, span_of(rows[i].name)))
			fail_msg("%s: %.*s", rows[i].word, SPAN_ARG(s.name));
	}
}

static void words_of_any_length_do_no_harm(void **state)
{
	(void)state;
	for (size_t n = 0; n < 200; n++) {
		char *word = malloc(n + 1);

		assert_non_null(word);
		memset(word, 'm', n);
		near_to((struct span){word, n});
		free(word);
	}
}

static void messages_end_in_the_suggestion(void **state)
{
	struct suggestion near = near_to(SPAN("mod")), none = near_to(SPAN("zzzzzz"));
	struct error err;

	(void)state;
	error_at(&err, 7, "unknown key \"mod\"");
	assert_int_equal(error_suggest(&err, &none), -1);
	assert_string_equal(err.text, "unknown key \"mod\"");
	assert_int_equal(error_suggest(&err, &near), -1);
	assert_string_equal(err.text, "unknown key \"mod\"; did you mean \"mode\"?");
	assert_true(err.has_pos && err.pos == 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slips_of_the_pen_are_near),
		cmocka_unit_test(words_of_any_length_do_no_harm),
		cmocka_unit_test(messages_end_in_the_suggestion),
	};

	return cmocka_run_group_tests_name("suggest", tests, NULL, NULL);
}
