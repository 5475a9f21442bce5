/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are given in pieces, and files that change while they are read. */
#include "node/fileio.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The linker puts this in the place of read(2) (--wrap): at most `piece` bytes at a time, each call
 * after an interrupted one; 0: as it is. */
ssize_t __real_read(int fd, void *buffer, size_t n);
ssize_t __wrap_read(int fd, void *buffer, size_t n);

static size_t piece;
static bool interrupt;

ssize_t __wrap_read(int fd, void *buffer, size_t n)
{
	if (piece == 0)
		return __real_read(fd, buffer, n);
	interrupt = !interrupt;
	if (interrupt) {
		errno = EINTR;
		return -1;
	}
	return __real_read(fd, buffer, n < piece ? n : piece);
}

#define SIZE 1000

static int a_file(void)
{
	char text[SIZE];
	FILE *file = tmpfile();
	int fd;

	assert_non_null(file);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 26);
	fd = dup(fileno(file));
	fclose(file);
	assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* Read a file of SIZE bytes whose status says that it has `size`. */
static int read_as(size_t size, struct span *ret_text, struct error *err)
{
	static char memory[4 * SIZE];
	struct arena keep = {memory, sizeof(memory), 0};
	CLEANUP_FD int fd = a_file();
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	st.st_size = (off_t)size;
	return file_read_regular((struct file_open){fd, &st}, 2 * SIZE, &keep, ret_text, err);
}

static void a_file_may_come_in_pieces(void **state)
{
	static const size_t pieces[] = {0, 1, 7, SIZE / 2, SIZE - 1, SIZE, SIZE + 1};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		struct span text;
		struct error err;

		piece = pieces[i];
		if (read_as(SIZE, &text, &err) < 0)
			fail_msg("%zu at a time: %s", piece, err.text);
		assert_int_equal(text.n, SIZE);
		for (size_t k = 0; k < SIZE; k++)
			assert_int_equal(text.p[k], 'a' + k % 26);
	}
}

static void one_that_changes_is_an_error(void **state)
{
	static const size_t sizes[] = {0, 1, 38, SIZE - 1, SIZE + 1, SIZE + 100};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		/* In pieces that do not end where the file seemed to: what is behind would not be
		 * seen. */
		for (piece = 0; piece < 20; piece += 19) {
			struct span text = {0};
			struct error err;

			assert_int_equal(read_as(sizes[i], &text, &err), -1);
			assert_string_equal(err.text, "changed while it was read");
			assert_null(text.p);
		}
	}
	piece = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_may_come_in_pieces),
		cmocka_unit_test(one_that_changes_is_an_error),
	};

	return cmocka_run_group_tests_name("fileio", tests, NULL, NULL);
}
