/* SPDX-License-Identifier: Apache-2.0 */
/* One flat object in a fixed buffer: always valid JSON, whatever is written and however small the
 * buffer. */
#include "base/jsonout.h"

#include "core.h"

static void members_come_in_order(void **state)
{
	char buffer[256];
	struct jsonout out;

	(void)state;
	jsonout_begin(&out, buffer, sizeof(buffer));
	jsonout_end(&out);
	assert_string_equal(out.p, "{}");
	jsonout_begin(&out, buffer, sizeof(buffer));
	jsonout_string(&out, "a", SPAN("x"));
	jsonout_uint(&out, "b", UINT64_MAX);
	jsonout_bool(&out, "c", true);
	jsonout_bool(&out, "d", false);
	jsonout_string(&out, "e", (struct span){0});
	jsonout_end(&out);
	assert_string_equal(
		out.p,
		"{\"a\":\"x\",\"b\":18446744073709551615,\"c\":true,\"d\":false,\"e\":\"\"}");
	assert_int_equal(out.used, strlen(out.p));
	assert_false(out.truncated);
}

static void words_become_a_list(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"", "{\"k\":[]}"},
		{"mount", "{\"k\":[\"mount\"]}"},
		{"bpf mount x", "{\"k\":[\"bpf\",\"mount\",\"x\"]}"},
		{"a\"b c", "{\"k\":[\"a\\\"b\",\"c\"]}"},
	};
	char buffer[64];
	struct jsonout out;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		jsonout_begin(&out, buffer, sizeof(buffer));
		jsonout_words(&out, "k", span_of(rows[i].in));
		jsonout_end(&out);
		assert_string_equal(out.p, rows[i].out);
	}
	/* A list that does not fit is left out, whole. */
	jsonout_begin(&out, buffer, JSONOUT_MIN_SIZE);
	jsonout_words(&out, "k", SPAN("one two three four"));
	jsonout_end(&out);
	assert_string_equal(out.p, "{\"truncated\":true}");
	assert_true(out.truncated);
}

static void strings_are_escaped(void **state)
{
	static const struct {
		struct span in;
		const char *out;
	} rows[] = {
		{SPAN("\"\\/"), "\\\"\\\\/"},
		{SPAN("\n\t\x1b\x01\x7f"), "\\u000a\\u0009\\u001b\\u0001\\u007f"},
		{SPAN("a\0b"), "a\\u0000b"},
		{SPAN("\xc3\xa4\xf0\x9f\x98\x80"), "\xc3\xa4\xf0\x9f\x98\x80"},
		/* The last control character, and the first that is none. */
		{SPAN("\xc2\x80\xc2\x9b"
		      "31m\xc2\x9f\xc2\xa0"),
		 "\\u0080\\u009b31m\\u009f\xc2\xa0"},
		{SPAN("\xc2"), "\xef\xbf\xbd"},
		{SPAN("\xff\xc3"), "\xef\xbf\xbd\xef\xbf\xbd"},
		{SPAN("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{SPAN("\xc0\x80x"), "\xef\xbf\xbd\xef\xbf\xbdx"},
	};
	char buffer[256], wanted[256];
	struct jsonout out;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		jsonout_begin(&out, buffer, sizeof(buffer));
		jsonout_string(&out, "k", rows[i].in);
		jsonout_end(&out);
		snprintf(wanted, sizeof(wanted), "{\"k\":\"%s\"}", rows[i].out);
		assert_string_equal(out.p, wanted);
	}
}

/* `n` times `unit` as the one string of an object; returns what stands between its quotes. */
static const char *written(const char *unit, size_t n, bool *ret_truncated)
{
	static char text[8 * JSONOUT_MAX_STRING], buffer[8 * JSONOUT_MAX_STRING];
	struct jsonout out;
	char *end;

	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		strcat(text, unit);
	jsonout_begin(&out, buffer, sizeof(buffer));
	jsonout_string(&out, "k", span_of(text));
	jsonout_end(&out);
	*ret_truncated = out.truncated;
	end = strrchr(out.p, '"');
	if (out.truncated) {
		assert_string_equal(end - strlen(",\"truncated"), ",\"truncated\":true}");
		end -= strlen("\",\"truncated");
	}
	assert_string_equal(end, out.truncated ? "\",\"truncated\":true}" : "\"}");
	*end = '\0';
	return out.p + strlen("{\"k\":\"");
}

/* The limit is one of what is written, escapes included, and cuts no character or escape. */
static void long_strings_are_cut(void **state)
{
	static const struct {
		const char *unit;
		size_t width; /* as it is written */
	} rows[] = {{"x", 1},  {"\"", 2},      {"\xc3\xa4", 2}, {"\xf0\x9f\x98\x80", 4},
		    {"\n", 6}, {"\xc2\x85", 6}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t fits = JSONOUT_MAX_STRING / rows[i].width, n;
		bool truncated;
		const char *out = written(rows[i].unit, fits, &truncated);

		assert_false(truncated);
		assert_int_equal(strlen(out), fits * rows[i].width);
		for (size_t more = 1; more < 3; more++) {
			out = written(rows[i].unit, fits + more, &truncated);
			n = strlen(out);
			assert_true(truncated);
			assert_true(n <= JSONOUT_MAX_STRING &&
				    n + rows[i].width > JSONOUT_MAX_STRING);
			assert_string_equal(out + n - 3, "...");
			assert_int_equal((n - 3) % rows[i].width, 0);
		}
	}
}

/* One that does not fit does not keep others out. */
static void what_is_left_out_is_told(void **state)
{
	char buffer[64];
	struct jsonout out;

	(void)state;
	jsonout_begin(&out, buffer, sizeof(buffer));
	jsonout_string(&out, "long",
		       SPAN("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
	jsonout_bool(&out, "short", true);
	jsonout_end(&out);
	assert_string_equal(out.p, "{\"short\":true,\"truncated\":true}");
	assert_true(out.truncated);
}

static int nothing(void *ctx, const struct json_value *value, struct error *err)
{
	(void)ctx;
	(void)value;
	(void)err;
	return 0;
}

/* Whatever fits is a valid object, and nothing is written behind the buffer. */
static void small_buffers_leave_members_out_whole(void **state)
{
	static const struct json_field fields[] = {{"first", JSON_WANT_STRING, .set = nothing},
						   {"number", JSON_WANT_UINT64, .set = nothing},
						   {"last", JSON_WANT_BOOL, .set = nothing},
						   {"truncated", JSON_WANT_BOOL, .set = nothing}};
	static const struct json_schema schema = {JSON_STRUCT, "out", fields, ARRAY_SIZE(fields),
						  .closed = true};
	static const struct json_form form = {.root = &schema};
	bool all = false;

	(void)state;
	for (size_t size = JSONOUT_MIN_SIZE; size < 128; size++) {
		struct enforce_memory memory = test_memory(0);
		char *buffer = malloc(size);
		struct jsonout out;
		struct error err;

		assert_non_null(buffer);
		jsonout_begin(&out, buffer, size);
		jsonout_string(&out, "first", SPAN("\x01\"\xc3\xa4\xff"));
		jsonout_uint(&out, "number", 1234567890123);
		jsonout_bool(&out, "last", true);
		jsonout_end(&out);
		assert_true(out.used < size && buffer[out.used] == '\0');
		if (json_scan((struct span){out.p, out.used}, &form, &memory.scratch, NULL, &err) <
		    0)
			fail_msg("%zu bytes: %s: %s", size, out.p, err.text);
		assert_true(out.truncated == (strstr(out.p, "\"truncated\":true") != NULL));
		assert_true(out.truncated == (strstr(out.p, "\"first\"") == NULL ||
					      strstr(out.p, "\"number\"") == NULL ||
					      strstr(out.p, "\"last\"") == NULL));
		all |= !out.truncated;
		free(buffer);
	}
	assert_true(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_come_in_order),
		cmocka_unit_test(words_become_a_list),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(long_strings_are_cut),
		cmocka_unit_test(what_is_left_out_is_told),
		cmocka_unit_test(small_buffers_leave_members_out_whole),
	};

	return cmocka_run_group_tests_name("jsonout", tests, NULL, NULL);
}
