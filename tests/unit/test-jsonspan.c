/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule of json-scan.h, with a schema of the test's own; a scan leaves a trace of what it was
 * told. */
#include "base/json-scan.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct trace {
	char text[1024];
	size_t used;
	struct span input;
};

static void note(struct trace *t, const char *format, ...) PRINTF_LIKE(2, 3);

static void note(struct trace *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	t->used += (size_t)vsnprintf(t->text + t->used, sizeof(t->text) - t->used, format, args);
	va_end(args);
	assert_true(t->used < sizeof(t->text));
}

static int on_number(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	note(ctx, "%" PRIu64 ";", value->num);
	return 0;
}

static int on_bool(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	note(ctx, "%s;", value->boolean ? "yes" : "no");
	return 0;
}

static int on_string(void *ctx, const struct json_value *value, struct error *err)
{
	(void)err;
	note(ctx, "%.*s;", (int)value->str.n, value->str.p);
	return 0;
}

/* The bytes of the value, and whether it is empty; null too. */
static int on_raw(void *ctx, const struct json_value *value, struct error *err)
{
	struct trace *t = ctx;

	(void)err;
	assert_true(value->raw.p >= t->input.p &&
		    value->raw.p + value->raw.n <= t->input.p + t->input.n);
	note(t, "%.*s%s;", (int)value->raw.n, value->raw.p, value->empty ? " empty" : "");
	return 0;
}

static int on_key(void *ctx, struct span key, struct error *err)
{
	(void)err;
	note(ctx, "%.*s=", (int)key.n, key.p);
	return 0;
}

static int on_begin(void *ctx, struct error *err)
{
	(void)err;
	note(ctx, "(");
	return 0;
}

static int refuse(void *ctx, const struct json_value *value, struct error *err)
{
	(void)ctx;
	(void)value;
	return error_set(err, "no thanks");
}

static const struct json_field child_fields[] = {
	{"k", JSON_WANT_UINT32, .required = true, .set = on_number},
	{"maskedPaths", JSON_WANT_ANY, .set = on_raw},
};
static const struct json_schema child = {JSON_STRUCT, "child", child_fields,
					 ARRAY_SIZE(child_fields), .begin = on_begin};
static const struct json_field list_element[] = {{"list", JSON_WANT_STRING, .set = on_string}};
static const struct json_schema list = {JSON_LIST, "list", list_element, 1, .begin = on_begin};
static const struct json_field map_value[] = {{"map", JSON_WANT_STRING, .set = on_string}};
static const struct json_schema map = {JSON_MAP, "map", map_value, 1, .key = on_key};
static const struct json_field root_fields[] = {
	{"flag", JSON_WANT_BOOL, .set = on_bool},
	{"small", JSON_WANT_UINT32, .set = on_number},
	{"big", JSON_WANT_UINT64, .set = on_number},
	{"name", JSON_WANT_STRING, .set = on_string},
	{"any", JSON_WANT_ANY, .set = on_raw},
	{"sink", JSON_WANT_OBJECT, .child = &child, .set = on_raw, .null_too = true},
	{"list", JSON_WANT_ARRAY, .child = &list, .set = on_raw},
	{"map", JSON_WANT_OBJECT, .child = &map},
	{"refused", JSON_WANT_ANY, .set = refuse},
};
static const struct json_schema root = {JSON_STRUCT, "root", root_fields, ARRAY_SIZE(root_fields)};

static int scan(struct span input, const struct json_schema *schema, bool comments,
		struct trace *trace, struct error *err)
{
	static char memory[32768];
	struct arena arena = {memory, sizeof(memory), 0};
	struct json_form form = {.root = schema, .own = comments};
	/* An exact copy: a sanitizer sees every byte read past the end. */
	char *copy = malloc(input.n ? input.n : 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, input.p, input.n);
	*trace = (struct trace){.input = {copy, input.n}};
	memset(err, 0, sizeof(*err));
	r = json_scan(trace->input, &form, &arena, trace, err);
	assert_int_equal(arena.used, 0);
	if (r < 0) {
		assert_true(err->text[0] != '\0');
		assert_true(err->has_pos);
		assert_true(err->pos <= input.n);
	}
	free(copy);
	return r;
}

static void expect_trace(struct span input, const char *wanted)
{
	struct trace trace;
	struct error err;

	if (scan(input, &root, false, &trace, &err) < 0)
		fail_msg("%.*s: %s", (int)input.n, input.p, err.text);
	if (strcmp(trace.text, wanted) != 0)
		fail_msg("%.*s: %s, not %s", (int)input.n, input.p, trace.text, wanted);
}

static void expect_error(struct span input, size_t pos, const char *part)
{
	struct trace trace;
	struct error err;

	if (scan(input, &root, false, &trace, &err) == 0)
		fail_msg("%.*s: accepted", (int)input.n, input.p);
	if (strstr(err.text, part) == NULL || (pos != SIZE_MAX && err.pos != pos))
		fail_msg("%.*s: at %zu: %s", (int)input.n, input.p, err.pos, err.text);
}

#define ANYWHERE SIZE_MAX

static void values_are_delivered_with_their_spans(void **state)
{
	(void)state;
	expect_trace(SPAN("{}"), "");
	expect_trace(SPAN(" \t\r\n{ \"flag\" : true } \t\r\n"), "yes;");
	expect_trace(SPAN("{\"flag\":false,\"small\":7,\"big\":8,\"name\":\"x\"}"), "no;7;8;x;");
	expect_trace(SPAN("{\"any\": [1, {\"a\": \"}\"}] }"), "[1, {\"a\": \"}\"}];");
	expect_trace(SPAN("{\"any\":\"a\\\"b\"}"), "\"a\\\"b\";");
	expect_trace(SPAN("{\"any\" : \"\\u0041\" ,\"name\":\"y\"}"), "\"\\u0041\";y;");
	expect_trace(SPAN("{\"any\":-1.5e3}"), "-1.5e3;");
	expect_trace(SPAN("{\"any\":true,\"name\":\"\"}"), "true;;");
	expect_trace(SPAN("{\"sink\": { \"k\":1 } }"), "(1;{ \"k\":1 };");
	expect_trace(SPAN("{\"list\":[]}"), "([] empty;");
	expect_trace(SPAN("{\"list\":[\"a\",\"b\\n\"]}"), "(a;b\n;[\"a\",\"b\\n\"];");
	expect_trace(SPAN("{\"map\":{\"a\":\"1\",\"A\":\"2\",\"\":\"3\"}}"), "a=1;A=2;=3;");
}

static void what_no_table_describes_is_skipped(void **state)
{
	(void)state;
	expect_trace(SPAN("{\"x\":{\"small\":\"not looked at\",\"small\":1},\"small\":2}"), "2;");
	expect_trace(SPAN("{\"x\":[[[]]],\"y\":1e999999,\"z\":null,\"small\":3}"), "3;");
	expect_trace(SPAN("{\"any\":{\"small\":4,\"small\":5}}"), "{\"small\":4,\"small\":5};");
	expect_trace(SPAN("{\"x\":\"\\u0000\",\"y\":{\"small\\u0000\":1}}"), "");
}

static void null_is_no_value(void **state)
{
	(void)state;
	expect_trace(
		SPAN("{\"flag\":null,\"small\":null,\"name\":null,\"list\":null,\"map\":null}"),
		"");
	expect_trace(SPAN("{\"sink\":null}"), "null;");
	expect_error(SPAN("{\"sink\":{\"k\":null}}"), 8, "required key \"k\" is missing");
	expect_error(SPAN("{\"list\":[null]}"), ANYWHERE, "null");
	expect_error(SPAN("{\"map\":{\"a\":null}}"), ANYWHERE, "null");
}

static void keys_written_twice_are_refused(void **state)
{
	(void)state;
	expect_error(SPAN("{\"small\":1,\"small\":1}"), ANYWHERE, "written twice");
	expect_error(SPAN("{\"small\":null,\"small\":1}"), ANYWHERE, "written twice");
	expect_error(SPAN("{\"small\":1,\"small\":null}"), ANYWHERE, "written twice");
	expect_error(SPAN("{\"small\":1,\"x\":2,\"s\\u006dall\":1}"), ANYWHERE, "written twice");
	expect_error(SPAN("{\"sink\":{\"k\":1,\"k\":1}}"), ANYWHERE, "written twice");
	expect_error(SPAN("{\"sink\":{\"k\":1},\"sink\":null}"), ANYWHERE, "written twice");
}

/* Go's encoding/json folds ASCII, U+017F (c5 bf) and U+212A (e2 84 aa); C readers cut at a NUL. */
static void keys_that_fold_to_a_known_one_are_refused(void **state)
{
	static const struct {
		const char *key;
		bool refused;
	} rows[] = {
		/* clang-format off */
		{"SMALL", true}, {"Small", true}, {"smalL", true}, {"\xc5\xbfmall", true},
		{"\\u017fmall", true}, {"\\u017FMALL", true}, {"\\u0053mall", true},
		{"sin\xe2\x84\xaa", true}, {"\xc5\xbfIN\\u212a", true}, {"small\\u0000", true},
		{"small\\u0000rest", true}, {"SMALL\\u0000rest", true},
		{"\xc5\xbfmall\\u0000small", true}, {"small ", false}, {" small", false},
		{"smal", false}, {"smalll", false}, {"\\u0000small", false}, {"", false},
		{"\xc5\xbe" "mall", false}, {"\xef\xbd\x93mall", false}, /* U+FF53, full width */
		{"\xc4\xb0", false}, {"sma\xe2\x84\xaal", false}, {"\\ud800small", false},
		/* clang-format on */
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int n = snprintf(text, sizeof(text), "{\"%s\":null,\"flag\":true}", rows[i].key);

		if (rows[i].refused)
			expect_error((struct span){text, (size_t)n}, ANYWHERE, "for some runtimes");
		else
			expect_trace((struct span){text, (size_t)n}, "yes;");
	}
	expect_error(SPAN("{\"sink\":{\"k\":1,\"\xe2\x84\xaa\":1}}"), ANYWHERE,
		     "for some runtimes");
	expect_error(SPAN("{\"sink\":{\"k\":1,\"ma\xc5\xbf\\u212aedPath\xc5\xbf\":1}}"), ANYWHERE,
		     "for some runtimes");
}

static void keys_of_maps_are_exact_and_without_nul(void **state)
{
	(void)state;
	expect_trace(SPAN("{\"map\":{\"small\":\"a\",\"SMALL\":\"b\"}}"), "small=a;SMALL=b;");
	expect_error(SPAN("{\"map\":{\"a\\u0000b\":\"x\"}}"), ANYWHERE, "\\u0000");
	expect_error(SPAN("{\"map\":{\"\\u0000\":\"x\"}}"), ANYWHERE, "\\u0000");
}

static void wrong_types_are_refused(void **state)
{
	static const char *const values[] = {"true", "7", "\"x\"", "{\"k\":1}", "[\"a\"]"};
	static const struct {
		const char *key;
		unsigned int fits; /* bits by index in values */
	} rows[] = {
		{"flag", 1}, {"small", 2}, {"big", 2},   {"name", 4},
		{"any", 31}, {"sink", 8},  {"list", 16},
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
			struct trace trace;
			struct error err;
			int n = snprintf(text, sizeof(text), "{\"%s\":%s}", rows[i].key, values[j]);
			int r = scan((struct span){text, (size_t)n}, &root, false, &trace, &err);

			if ((r == 0) != ((rows[i].fits >> j & 1) != 0))
				fail_msg("%s: %d", text, r);
			if (r < 0)
				assert_int_equal(err.pos, strlen(rows[i].key) + 4);
		}
	}
	expect_error(SPAN("{\"list\":[\"a\",1]}"), 13,
		     "list[1]: must be a string, not a number like 1");
	expect_error(SPAN("{\"map\":{\"a\":1}}"), 12, "must be a string");
}

static void numbers_are_plain_decimal_integers_in_range(void **state)
{
	/* clang-format off */
	static const char *const bad[] = {
		"-1", "-0", "1.0", "0.0", "1e2", "1E2", "0e0", "1e+0", "4294967296", "1.5",
		"-1.5", "1E400",
		"18446744073709551615", "99999999999999999999999999",
	};
	static const char *const not_json[] = {
		"01", "00", "0x1", "+1", ".5", "1.", "1e", "-", "1_0", "NaN", "Infinity",
		"-Infinity", "True",
		"NULL", "truex", "nul",
	};
	/* clang-format on */
	char text[128];

	(void)state;
	expect_trace(SPAN("{\"small\":0,\"big\":0}"), "0;0;");
	expect_trace(SPAN("{\"small\":4294967295,\"big\":18446744073709551615}"),
		     "4294967295;18446744073709551615;");
	expect_error(SPAN("{\"big\":18446744073709551616}"), 7, "must be");
	expect_error(SPAN("{\"big\":28446744073709551616}"), 7, "must be");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int n = snprintf(text, sizeof(text), "{\"small\": %s }", bad[i]);

		expect_error((struct span){text, (size_t)n}, 10, bad[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(not_json); i++) {
		int n = snprintf(text, sizeof(text), "{\"x\":%s}", not_json[i]);

		expect_error((struct span){text, (size_t)n}, ANYWHERE, "not valid JSON");
	}
}

static void described_strings_hold_no_nul(void **state)
{
	(void)state;
	expect_error(SPAN("{\"name\":\"a\\u0000b\"}"), 8, "\\u0000");
	expect_error(SPAN("{\"list\":[\"\\u0000\"]}"), 9, "\\u0000");
	expect_error(SPAN("{\"map\":{\"a\":\"x\\u0000\"}}"), ANYWHERE, "\\u0000");
	expect_trace(SPAN("{\"name\":\"\\u0001\\u007f\"}"), "\x01\x7f;");
}

static void the_text_is_strict_json(void **state)
{
	/* clang-format off */
	static const char *const bad[] = {
		"[]", "\"x\"", "1", "-", "true", "null", "tru", "{", "{\"flag\"", "{\"flag\":",
		"{\"flag\":true", "{\"flag\":tru", "{\"small\":1", "{\"any\":12345678901234567890",
		"{\"flag\":true,}", "{,}", "{\"x\":[1,]}", "{\"x\":[1,,2]}", "{\"x\":[,]}",
		"{\"flag\":true}}", "{}x", "{}{}", "{} {}", "{},", "{'flag':true}", "{flag:true}",
		"{\"flag\" true}", "{\"flag\":true \"x\":1}", "{\"a\":}", "{1:2}",
		"{\"x\":\"\\x41\"}",
		"{\"x\":\"\\u12\"}", "{\"x\":\"\\u12g4\"}", "{\"x\":\"\\\"}", "{\"x\":\"",
		"{\"x\":\"abc", "// c\n{}", "/* c */{}", "{}// c", "{\"x\":/**/1}", "{} /* c */",
		"{\"x\":1]", "[}", "{\"x\":[1}", "# c\n{}", "", " ", "\n\n", "{\"a\":1 2}",
		"{\"a\"::1}",
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		expect_error(span_of(bad[i]), ANYWHERE, "");
	expect_error(SPAN("\xef\xbb\xbf{}"), ANYWHERE, "");
	expect_error(SPAN("{\"flag\":true"), 12, "not valid JSON");
	expect_error(SPAN("{\"small\":12"), 11, "not valid JSON");
	expect_error(SPAN(""), 0, "is empty");
}

/* Wherever in the text they stand. */
static void bytes_are_utf8_without_control_characters(void **state)
{
	/* clang-format off */
	static const struct span bad[] = {
		SPAN("\0"), SPAN("\x01"), SPAN("\x1f"), SPAN("\x0b"), SPAN("\x0c"), SPAN("\x08"),
		SPAN("\x80"), SPAN("\xbf"), SPAN("\xc0\x80"), SPAN("\xc1\xbf"), SPAN("\xc3"),
		SPAN("\xc3("), SPAN("\xe0\x80\x80"), SPAN("\xe0\x9f\xbf"), SPAN("\xed\xa0\x80"),
		SPAN("\xed\xbf\xbf"), SPAN("\xe2\x82"), SPAN("\xf0\x80\x80\x80"),
		SPAN("\xf0\x8f\xbf\xbf"), SPAN("\xf4\x90\x80\x80"), SPAN("\xf5\x80\x80\x80"),
		SPAN("\xfe"), SPAN("\xff"), SPAN("\xf0\x9f\x98"),
	};
	/* clang-format on */
	/* clang-format off */
	static const struct span good[] = {
		SPAN("\x7f"), SPAN("\xc2\x80"), SPAN("\xdf\xbf"), SPAN("\xe0\xa0\x80"),
		SPAN("\xed\x9f\xbf"), SPAN("\xee\x80\x80"), SPAN("\xef\xbf\xbf"),
		SPAN("\xf0\x90\x80\x80"), SPAN("\xf4\x8f\xbf\xbf"),
	};
	/* clang-format on */
	static const char *const forms[] = {
		"{\"x\":\"%\"}", "{\"%\":1}", "{%}", "%{}", "{}%", "{\"x\":{\"y\":[\"%\"]}}"};
	char text[64];

	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(forms); f++) {
		size_t head = strcspn(forms[f], "%"), tail = strlen(forms[f]) - head - 1;

		for (size_t i = 0; i < ARRAY_SIZE(bad) + ARRAY_SIZE(good); i++) {
			struct span s = i < ARRAY_SIZE(bad) ? bad[i] : good[i - ARRAY_SIZE(bad)];

			memcpy(text, forms[f], head);
			memcpy(text + head, s.p, s.n);
			memcpy(text + head + s.n, forms[f] + head + 1, tail);
			if (i < ARRAY_SIZE(bad))
				expect_error((struct span){text, head + s.n + tail}, head, "");
			else if (strchr(forms[f], 'x') != NULL || f == 1)
				expect_trace((struct span){text, head + s.n + tail}, "");
		}
	}
	expect_error(SPAN("{\"x\":\"a\nb\"}"), ANYWHERE, "not valid JSON");
	expect_error(SPAN("{\"x\":\"a\tb\"}"), ANYWHERE, "not valid JSON");
	expect_error(SPAN("{\"x\":\"a\rb\"}"), ANYWHERE, "not valid JSON");
	expect_error(SPAN("{\"a\nb\":1}"), ANYWHERE, "not valid JSON");
}

/* json-c: the root object and 31 levels below it pass, 32 below it do not. */
static void nesting_ends_at_the_depth_of_json_c(void **state)
{
	static const struct {
		char open, close;
		const char *inner;
	} kinds[] = {{'[', ']', ""}, {'{', '}', "\"a\":"}};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (size_t depth = 30; depth < 35; depth++) {
			char text[1024] = "{\"x\":";
			size_t n = strlen(text);

			for (size_t i = 0; i < depth; i++)
				n += (size_t)sprintf(text + n, "%c%s", kinds[k].open,
						     i + 1 < depth ? kinds[k].inner : "");
			for (size_t i = 0; i < depth; i++)
				text[n++] = kinds[k].close;
			text[n++] = '}';
			if (depth <= 31)
				expect_trace((struct span){text, n}, "");
			else
				expect_error((struct span){text, n}, ANYWHERE,
					     "nested deeper than 32");
		}
	}
	expect_trace(SPAN("{\"x\":[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],["
			  "],[],[],"
			  "[],[],[],[],[],[],[],[],[],[],[],[]]}"),
		     "");
}

static void closed_tables_know_all_their_keys(void **state)
{
	static const struct json_schema closed = {JSON_STRUCT, "policy", root_fields,
						  ARRAY_SIZE(root_fields), .closed = true};
	struct trace trace;
	struct error err;

	(void)state;
	assert_int_equal(scan(SPAN("{\"flag\":true}"), &closed, false, &trace, &err), 0);
	assert_int_equal(scan(SPAN("{\"flagg\":true}"), &closed, false, &trace, &err), -1);
	assert_non_null(strstr(err.text, "unknown key \"flagg\""));
	assert_int_equal(scan(SPAN("{\"Flag\":true}"), &closed, false, &trace, &err), -1);
	assert_int_equal(scan(SPAN("{\"flag\":null}"), &closed, false, &trace, &err), -1);
	assert_int_equal(scan(SPAN("{\"x\\u001b[31m\":1}"), &closed, false, &trace, &err), -1);
	assert_null(strchr(err.text, '\x1b'));
}

static void comments_are_taken_only_where_they_are_allowed(void **state)
{
	struct trace trace;
	struct error err;

	(void)state;
	assert_int_equal(scan(SPAN("// \"a\"\n{/* \" */\"name\":/*\"*/\"\\u0041\"}//"), &root, true,
			      &trace, &err),
			 0);
	assert_string_equal(trace.text, "A;");
	assert_int_equal(scan(SPAN("{/*}"), &root, true, &trace, &err), -1);
	assert_int_equal(scan(SPAN("{\"small\":1/"), &root, true, &trace, &err), -1);
}

static void errors_of_callbacks_carry_path_and_place(void **state)
{
	(void)state;
	expect_error(SPAN("{ \"refused\": 1}"), 13, "refused: no thanks");
	expect_error(SPAN("{\"sink\":{\"k\":\"\"}}"), 13, "sink.k: must be");
}

static void memory_that_ends_is_an_error(void **state)
{
	static const struct json_form form = {.root = &root};
	static const char text[] = "{\"name\":\"\\u0041 and so on, and so on, and so on\"}";
	bool passed = false;

	(void)state;
	for (size_t size = 0; size < 16384; size += 64) {
		char *memory = malloc(size ? size : 1);
		struct arena arena = {memory, size, 0};
		struct trace trace = {.used = 0, .input = SPAN(text)};
		struct error err;
		int r = json_scan(SPAN(text), &form, &arena, &trace, &err);

		assert_false(passed && r < 0);
		if (r < 0)
			assert_non_null(strstr(err.text, "memory"));
		passed |= r == 0;
		assert_int_equal(arena.used, 0);
		free(memory);
	}
	assert_true(passed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_delivered_with_their_spans),
		cmocka_unit_test(what_no_table_describes_is_skipped),
		cmocka_unit_test(null_is_no_value),
		cmocka_unit_test(keys_written_twice_are_refused),
		cmocka_unit_test(keys_that_fold_to_a_known_one_are_refused),
		cmocka_unit_test(keys_of_maps_are_exact_and_without_nul),
		cmocka_unit_test(wrong_types_are_refused),
		cmocka_unit_test(numbers_are_plain_decimal_integers_in_range),
		cmocka_unit_test(described_strings_hold_no_nul),
		cmocka_unit_test(the_text_is_strict_json),
		cmocka_unit_test(bytes_are_utf8_without_control_characters),
		cmocka_unit_test(nesting_ends_at_the_depth_of_json_c),
		cmocka_unit_test(closed_tables_know_all_their_keys),
		cmocka_unit_test(comments_are_taken_only_where_they_are_allowed),
		cmocka_unit_test(errors_of_callbacks_carry_path_and_place),
		cmocka_unit_test(memory_that_ends_is_an_error),
	};

	return cmocka_run_group_tests_name("jsonspan", tests, NULL, NULL);
}
