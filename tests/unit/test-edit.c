/* SPDX-License-Identifier: Apache-2.0 */
/* Changing what a person wrote: TOML, JSON, and the difference as text. */
#include "core.h"

#include "base/json-edit.h"
#include "base/text-diff.h"
#include "base/toml-edit.h"

static char memory[4 << 20];
static struct arena arena;
static struct error err;

static int setup(void **state)
{
	(void)state;
	arena = (struct arena){memory, sizeof(memory), 0};
	return 0;
}

#define assert_text(span, text)                                                                    \
	do {                                                                                       \
		assert_non_null((span).p);                                                         \
		assert_string_equal(arena_strdup(&arena, span), text);                             \
	} while (0)

static struct span toml_set(const char *text, struct toml_path path, const char *literal)
{
	struct span out = span_of(text);

	assert_int_equal(toml_edit_set(&out, path, literal, &arena, &err), 0);
	return out;
}

static void toml_value_is_replaced_in_place(void **state)
{
	(void)state;
	assert_text(toml_set("a = 1 # one\n[t.'x.y']\n  k = \"old\" # why\nz = 2\n",
			     TOML_PATH("t", "x.y", "k"), "\"new\""),
		    "a = 1 # one\n[t.'x.y']\n  k = \"new\" # why\nz = 2\n");
	assert_text(toml_set("k = [\n 1, # c\n 2\n]\n", TOML_PATH("k"), "[3]"), "k = [3]\n");
	assert_text(toml_set("t = {k = 1, l = 2}\n", TOML_PATH("t", "k"), "3"),
		    "t = {k = 3, l = 2}\n");
}

static void toml_value_goes_behind_its_header(void **state)
{
	(void)state;
	assert_text(
		toml_set("[a]\nx = 1\n  [a.b] # here\n    y = 1\n", TOML_PATH("a", "b", "k"), "1"),
		"[a]\nx = 1\n  [a.b] # here\n    k = 1\n    y = 1\n");
	assert_text(toml_set("[a]", TOML_PATH("a", "k"), "1"), "[a]\nk = 1\n");
	assert_text(toml_set("[a]\n[[b]]\nx = 1\n", TOML_PATH("a", "k"), "1"),
		    "[a]\nk = 1\n[[b]]\nx = 1\n");
}

static void toml_table_is_made_at_the_end(void **state)
{
	(void)state;
	assert_text(toml_set("x = 1", TOML_PATH("a", "b.c", "k"), "1"),
		    "x = 1\n\n[a.\"b.c\"]\nk = 1\n");
	assert_text(toml_set("", TOML_PATH("a", "k"), "1"), "[a]\nk = 1\n");
	assert_text(toml_set("[a]\nx = 1\n", TOML_PATH("version"), "2"),
		    "version = 2\n[a]\nx = 1\n");
}

static void toml_find_reads_what_is_written(void **state)
{
	const struct span text = SPAN("a.b = \"x\\u0041\"\nc = 1\n");
	struct span raw, str;
	bool has;

	(void)state;
	assert_int_equal(toml_find(text, TOML_PATH("a", "b"), &arena, &raw, &err), 0);
	assert_text(raw, "\"x\\u0041\"");
	assert_int_equal(toml_find_string(text, TOML_PATH("a", "b"), &arena, &str, &err), 0);
	assert_text(str, "xA");
	assert_int_equal(toml_find(text, TOML_PATH("a", "x"), &arena, &raw, &err), 0);
	assert_null(raw.p);
	assert_int_equal(toml_find_string(text, TOML_PATH("c"), &arena, &str, &err), 0);
	assert_null(str.p);
	assert_int_equal(toml_has_table(SPAN("[a.b.c]\n"), TOML_PATH("a", "b"), &arena, &has, &err),
			 0);
	assert_true(has);
	assert_int_equal(toml_has_table(SPAN("[a.bc]\n"), TOML_PATH("a", "b"), &arena, &has, &err),
			 0);
	assert_false(has);
	assert_int_equal(toml_find(SPAN("[a\n"), TOML_PATH("a"), &arena, &raw, &err), -1);
	assert_true(err.has_pos);
}

static void toml_drop_takes_tables_and_nothing_else(void **state)
{
	struct span out = SPAN("[r.a]\nx = 1\n[r.us]\ny = 1\n[r.us.o]\nz = 1\n# c\n[[q]]\nx = 1\n"
			       "[r.us.p]\nw = 1\n");

	(void)state;
	assert_int_equal(toml_edit_drop(&out, TOML_PATH("r", "us"), &arena, &err), 0);
	assert_text(out, "[r.a]\nx = 1\n[[q]]\nx = 1\n");
	out = SPAN("[a]\nk = 1 # c\nl = 2\n");
	assert_int_equal(toml_edit_unset(&out, TOML_PATH("a", "k"), &arena, &err), 0);
	assert_text(out, "[a]\nl = 2\n");
}

static struct span json_set(const char *text, struct json_path path, const char *literal)
{
	struct span out = span_of(text);

	if (json_edit_set(&out, path, literal, &arena, &err) < 0)
		fail_msg("%s", err.text);
	return out;
}

static void json_member_is_replaced_in_place(void **state)
{
	(void)state;
	assert_text(json_set("{\n\t\"a\" : {\"b\":1 , \"c\": 2}\n}\n", JSON_PATH("a", "b"), "[3]"),
		    "{\n\t\"a\" : {\"b\":[3] , \"c\": 2}\n}\n");
}

static void json_member_is_added_last(void **state)
{
	(void)state;
	assert_text(json_set("{}\n", JSON_PATH("a"), "1"), "{\n  \"a\": 1\n}\n");
	assert_text(json_set("{\n    \"a\": 1\n}\n", JSON_PATH("b"), "2"),
		    "{\n    \"a\": 1,\n    \"b\": 2\n}\n");
	assert_text(json_set("{\"a\":1}", JSON_PATH("b"), "2"), "{\"a\":1, \"b\": 2}");
	assert_text(json_set("{\"a\":null}", JSON_PATH("b"), "2"), "{\"a\":null, \"b\": 2}");
	assert_text(json_set(" {\"r\": {\"x\": 1}} ", JSON_PATH("r", "y"), "2"),
		    " {\"r\": {\"x\": 1, \"y\": 2}} ");
	assert_text(json_set("{\"a\": 1}", JSON_PATH("r", "y"), "2"),
		    "{\"a\": 1, \"r\": { \"y\": 2 }}");
}

static void json_errors_have_a_place(void **state)
{
	const struct span text = SPAN("{\"r\": 1}");
	struct span out = text;

	(void)state;
	assert_int_equal(json_edit_set(&out, JSON_PATH("r", "y"), "2", &arena, &err), -1);
	assert_true(err.has_pos && err.pos == 6);
	assert_ptr_equal(out.p, text.p);
	assert_int_equal(json_find(SPAN("{\"r\": {\"y\": 1, \"y\": 2}}"), JSON_PATH("r", "y"),
				   &arena, &out, &err),
			 -1);
	assert_int_equal(json_find(SPAN("{\"r\": 1"), JSON_PATH("r"), &arena, &out, &err), -1);
}

static void json_member_is_removed_with_its_comma(void **state)
{
	static const char *const cases[][2] = {
		{"{\"a\": 1, \"k\": 2, \"b\": 3}", "{\"a\": 1, \"b\": 3}"},
		{"{\"k\": {\"x\": [1, 2]} , \"b\": 3}", "{ \"b\": 3}"},
		{"{\"a\": 1 ,\n \"k\": 2\n}", "{\"a\": 1 \n}"},
		{"{\n\"k\" : 2\n}\n", "{\n}\n"},
		{"{\"a\": 1}", "{\"a\": 1}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct span out = span_of(cases[i][0]);

		assert_int_equal(json_edit_unset(&out, JSON_PATH("k"), &arena, &err), 0);
		assert_text(out, cases[i][1]);
	}
}

static void json_find_reads_strings(void **state)
{
	const struct span text = SPAN("{\"r\": {\"p\": \"/a\\/b\"}}");
	struct span raw, str;

	(void)state;
	assert_int_equal(json_find(text, JSON_PATH("r", "p"), &arena, &raw, &err), 0);
	assert_int_equal(json_find_string(text, JSON_PATH("r", "p"), &arena, &str, &err), 0);
	/* It outlives what is taken from the arena next. */
	memset(arena_alloc(&arena, 256), 'x', 256);
	assert_text(raw, "\"/a\\/b\"");
	assert_text(str, "/a/b");
	assert_int_equal(json_find_string(text, JSON_PATH("r"), &arena, &str, &err), 0);
	assert_null(str.p);
}

static struct span diff_of(struct span a, struct span b)
{
	struct strbuf out = {.arena = &arena};
	struct span text = {0};

	text_diff(&out, "f", a, b);
	assert_int_equal(strbuf_end(&out, &text, &err), 0);
	return text;
}

static void diff_is_unified(void **state)
{
	(void)state;
	assert_text(diff_of(SPAN("a\n"), SPAN("a\n")), "");
	assert_text(diff_of((struct span){0}, SPAN("a\n")),
		    "--- /dev/null\n+++ f\n@@ -0,0 +1,1 @@\n+a\n");
	assert_text(diff_of(SPAN("1\n2\n3\n4\n5\n6\n7\n8\n9\n"),
			    SPAN("1\n2\n3\n4\nfive\n6\n7\n8\n9\n")),
		    "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
	assert_text(diff_of(SPAN("a\nb"), SPAN("a\nb\n")),
		    "--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
}

static void diff_has_a_hunk_for_each_place(void **state)
{
	(void)state;
	assert_text(
		diff_of(SPAN("x\n1\n2\n3\n4\n5\n6\n7\ny\n"), SPAN("1\n2\n3\n4\n5\n6\n7\ny\nz\n")),
		"--- f\n+++ f\n@@ -1,4 +1,3 @@\n-x\n 1\n 2\n 3\n@@ -7,3 +6,4 @@\n 6\n 7\n y\n+z\n");
}

static void diff_is_the_least(void **state)
{
	(void)state;
	assert_text(diff_of(SPAN("a\nb\nc\na\nb\nb\na\n"), SPAN("c\nb\na\nb\na\nc\n")),
		    "--- f\n+++ f\n@@ -1,7 +1,6 @@\n-a\n-b\n c\n+b\n a\n b\n-b\n a\n+c\n");
	assert_text(diff_of(SPAN("a\nb\n"), SPAN("")), "--- f\n+++ f\n@@ -1,2 +0,0 @@\n-a\n-b\n");
}

/* What is not a plain word has quotes. */
static void diff_names_the_file(void **state)
{
	struct strbuf out = {.arena = &arena};
	struct span text = {0};

	(void)state;
	text_diff(&out, "a \"b\\\n\xc3\xa9", SPAN("a\n"), (struct span){0});
	assert_int_equal(strbuf_end(&out, &text, &err), 0);
	assert_text(text, "--- \"a \\\"b\\\\\\012\\303\\251\"\n+++ /dev/null\n"
			  "@@ -1,1 +0,0 @@\n-a\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(toml_value_is_replaced_in_place, setup),
		cmocka_unit_test_setup(toml_value_goes_behind_its_header, setup),
		cmocka_unit_test_setup(toml_table_is_made_at_the_end, setup),
		cmocka_unit_test_setup(toml_find_reads_what_is_written, setup),
		cmocka_unit_test_setup(toml_drop_takes_tables_and_nothing_else, setup),
		cmocka_unit_test_setup(json_member_is_replaced_in_place, setup),
		cmocka_unit_test_setup(json_member_is_added_last, setup),
		cmocka_unit_test_setup(json_errors_have_a_place, setup),
		cmocka_unit_test_setup(json_member_is_removed_with_its_comma, setup),
		cmocka_unit_test_setup(json_find_reads_strings, setup),
		cmocka_unit_test_setup(diff_is_unified, setup),
		cmocka_unit_test_setup(diff_has_a_hunk_for_each_place, setup),
		cmocka_unit_test_setup(diff_is_the_least, setup),
		cmocka_unit_test_setup(diff_names_the_file, setup),
	};

	return cmocka_run_group_tests_name("edit", tests, NULL, NULL);
}
