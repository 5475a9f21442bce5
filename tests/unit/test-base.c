/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

static void printable_escapes_what_a_terminal_would_obey(void **state)
{
	char out[64];

	(void)state;
	assert_string_equal(text_printable(SPAN("a\x1b[31m\n\\\xff"), out, sizeof(out)),
			    "a\\x1b[31m\\x0a\\\\\\xff");
	assert_string_equal(text_printable((struct span){"a\0b", 3}, out, sizeof(out)), "a\\x00b");
	assert_string_equal(text_printable((struct span){NULL, 0}, out, sizeof(out)), "");
}

static void printable_never_writes_past_the_end(void **state)
{
	char long_text[300];

	(void)state;
	memset(long_text, 0x01, sizeof(long_text));
	for (size_t size = 8; size < 64; size++) {
		char *out = malloc(size);

		assert_non_null(out);
		text_printable((struct span){long_text, sizeof(long_text)}, out, size);
		assert_true(strlen(out) < size);
		assert_string_equal(out + strlen(out) - 3, "...");
		free(out);
	}
}

static void position_counts_lines_and_columns_from_one(void **state)
{
	size_t line, column;

	(void)state;
	text_position(SPAN("ab\ncd\n"), 4, &line, &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 2);
	text_position(SPAN(""), 99, &line, &column);
	assert_int_equal(line, 1);
	assert_int_equal(column, 1);
}

static void arena_gives_aligned_memory_and_ends(void **state)
{
	const size_t align = _Alignof(max_align_t); /* 8 on s390x, 16 on x86_64 */
	char memory[256];
	struct arena arena = {memory + 1, sizeof(memory) - 1, 0};
	size_t given = 0;
	char *p;

	(void)state;
	while ((p = arena_alloc(&arena, 3)) != NULL) {
		assert_int_equal((uintptr_t)p % align, 0);
		assert_true(p + 3 <= memory + sizeof(memory));
		given++;
	}
	assert_in_range(given, sizeof(memory) / align - 1, sizeof(memory) / align);
	assert_null(arena_alloc(&arena, SIZE_MAX));
	assert_null(arena_strdup(&arena, (struct span){memory, SIZE_MAX}));
}

/* Where not even the padding fits, nothing is given out. */
static void arena_counts_the_padding(void **state)
{
	const size_t align = _Alignof(max_align_t);
	_Alignas(max_align_t) char memory[64];

	(void)state;
	for (size_t size = 1; size <= 2 * align; size++) {
		for (size_t used = 0; used <= size; used++) {
			for (size_t n = 0; n <= align; n++) {
				struct arena arena = {memory, size, used};
				size_t at = (used + align - 1) / align * align;
				char *p = arena_alloc(&arena, n);

				assert_true((p != NULL) == (at + n <= size));
				assert_int_equal(arena.used, p != NULL ? at + n : used);
			}
		}
	}
}

static void errors_keep_their_position_through_prefixes(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(error_at(&err, 7, "bad %s", "thing"), -1);
	assert_int_equal(error_prefix(&err, "file %d", 1), -1);
	assert_string_equal(err.text, "file 1: bad thing");
	assert_true(err.has_pos);
	assert_int_equal(err.pos, 7);
	assert_int_equal(err.code, 0);
}

static void errors_keep_the_code_of_the_system_call(void **state)
{
	struct error err = {.has_pos = true, .pos = 7};

	(void)state;
	errno = 0;
	assert_int_equal(error_system(&err, ENOENT), -1);
	assert_int_equal(err.code, ENOENT);
	assert_false(err.has_pos);
	error_prefix(&err, "file");
	assert_int_equal(err.code, ENOENT);
	assert_string_equal(err.text, "file: does not exist");
	error_set(&err, "is not a regular file");
	assert_int_equal(err.code, 0);
	err.code = ENOENT;
	error_at(&err, 3, "is not JSON");
	assert_int_equal(err.code, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printable_escapes_what_a_terminal_would_obey),
		cmocka_unit_test(printable_never_writes_past_the_end),
		cmocka_unit_test(position_counts_lines_and_columns_from_one),
		cmocka_unit_test(arena_gives_aligned_memory_and_ends),
		cmocka_unit_test(arena_counts_the_padding),
		cmocka_unit_test(errors_keep_their_position_through_prefixes),
		cmocka_unit_test(errors_keep_the_code_of_the_system_call),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
