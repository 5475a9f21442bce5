/* SPDX-License-Identifier: Apache-2.0 */
/* Where a path is below another root, and what is never written over. */
#include "register/files.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

static char root[] = "/tmp/guardtest-files-XXXXXX";

static const char *below(const char *path)
{
	static char out[2][PATH_MAX];
	static int turn;

	turn = !turn;
	snprintf(out[turn], sizeof(out[turn]), "%s%s", root, path);
	return out[turn];
}

static void in_root(const char *path, const char *text)
{
	char now[64];
	int fd = open(below(path), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, now, sizeof(now));
	close(fd);
	assert_int_equal(n, strlen(text));
	assert_memory_equal(now, text, strlen(text));
}

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(root));
	assert_int_equal(mkdir(below("/etc"), 0755), 0);
	assert_int_equal(mkdir(below("/opt"), 0755), 0);
	return 0;
}

static int tear_down(void **state)
{
	char command[PATH_MAX];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

/* What a path is below the root; links are made in front. */
static void links_stay_below_the_root(void **state)
{
	static const struct {
		const char *link, *target, *path;
		bool last;
		const char *is; /* NULL: an error */
	} cases[] = {
		{NULL, NULL, "/etc/none", true, "/etc/none"},
		{NULL, NULL, "/etc/no/such//file", true, "/etc/no/such/file"},
		{NULL, NULL, "/../../etc/./x/../y", true, "/etc/y"},
		{"/etc/absolute", "/opt/a", "/etc/absolute", true, "/opt/a"},
		{"/etc/absolute", "/opt/a", "/etc/absolute", false, "/etc/absolute"},
		{"/etc/absolute", "/opt/a", "/etc/absolute/b/c", false, "/opt/a/b/c"},
		{"/etc/up", "../../../../../opt/b", "/etc/up", true, "/opt/b"},
		{"/etc/beside", "b", "/etc/beside", true, "/etc/b"},
		{"/etc/twice", "/etc/up/x", "/etc/twice", true, "/opt/b/x"},
		{"/etc/top", "/", "/etc/top/etc/b", true, "/etc/b"},
		{"/etc/self", "self", "/etc/self", true, NULL},
		{"/etc/self", "self", "/etc/self", false, "/etc/self"},
		{"/etc/one", "/etc/two", "/etc/one/x", true, "/etc/two/x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char out[PATH_MAX];
		struct error err;
		int r;

		if (cases[i].link != NULL && symlink(cases[i].target, below(cases[i].link)) < 0)
			assert_int_equal(errno, EEXIST);
		r = files_resolve(root, cases[i].path, cases[i].last, out, &err);
		assert_int_equal(r, cases[i].is != NULL ? 0 : -1);
		if (r == 0)
			assert_string_equal(out, below(cases[i].is));
	}
}

static void too_long_is_an_error(void **state)
{
	char path[PATH_MAX + 16], out[PATH_MAX], link[PATH_MAX];
	struct error err;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(files_resolve(root, path, true, out, &err), -1);
	path[PATH_MAX - 1] = '\0';
	assert_int_equal(files_resolve(root, path, true, out, &err), -1);
	assert_int_equal(files_resolve("", path, true, out, &err), 0);
	memset(link, 'y', sizeof(link));
	link[PATH_MAX - 1] = '\0';
	assert_int_equal(symlink(link, below("/etc/long")), 0);
	snprintf(path, sizeof(path), "/etc/long/more/than/there/is/room/for");
	assert_int_equal(files_resolve(root, path, true, out, &err), -1);
}

/* Read, written, linked and removed is what the link leads to below the root, also where there is
 * nothing yet. */
static void files_are_those_of_the_root(void **state)
{
	static const char *const targets[] = {"/opt/new/file", "../opt/other"};
	char memory[1024];
	struct arena keep = {memory, sizeof(memory), 0};
	struct span text;
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		const char *real = i == 0 ? "/opt/new/file" : "/opt/other";

		assert_int_equal(symlink(targets[i], below("/etc/conf")), 0);
		assert_int_equal(files_write(root, "/etc/conf", SPAN("one"), &err), 0);
		in_root(real, "one");
		assert_int_equal(files_write(root, "/etc/conf", SPAN("two"), &err), 0);
		in_root(real, "two");
		assert_int_equal(files_read(root, "/etc/conf", &keep, &text, &err), 0);
		assert_true(span_eq(text, SPAN("two")));
		assert_true(files_same(root, "/etc/conf", real));
		assert_string_equal(files_readlink(root, "/etc/conf", &keep), targets[i]);
		assert_int_equal(files_put(root, "/etc/conf", (struct span){0}, &err), 0);
		assert_true(files_exist(root, "/etc/conf"));
		assert_false(files_exist(root, real));
		assert_int_equal(files_put(root, "/etc/conf", SPAN("three"), &err), 0);
		in_root(real, "three");
		assert_int_equal(files_remove(root, "/etc/conf", &err), 0);
		assert_false(files_exist(root, "/etc/conf"));
		assert_true(files_exist(root, real));
	}
}

static void only_files_are_replaced(void **state)
{
	struct error err;
	struct stat st;

	(void)state;
	assert_int_equal(mkfifo(below("/opt/pipe"), 0644), 0);
	assert_int_equal(symlink("/opt/pipe", below("/etc/masked")), 0);
	assert_int_equal(files_write(root, "/opt/pipe", SPAN("x"), &err), -1);
	assert_non_null(strstr(err.text, "not a regular file"));
	assert_int_equal(files_write(root, "/etc/masked", SPAN("x"), &err), -1);
	assert_int_equal(files_write(root, "/opt", SPAN("x"), &err), -1);
	assert_int_equal(lstat(below("/opt/pipe"), &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
}

/* In a directory where others may write: what they have put there gets nothing. */
static void a_name_that_is_taken_is_not_filled(void **state)
{
	struct error err;
	struct stat st;

	(void)state;
	assert_int_equal(mkfifo(below("/opt/f.seccomp-guard-new"), 0644), 0);
	assert_int_equal(files_write(root, "/opt/f", SPAN("x"), &err), 0);
	in_root("/opt/f", "x");
	close(open(below("/opt/theirs"), O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
	assert_int_equal(link(below("/opt/theirs"), below("/opt/f.seccomp-guard-new")), 0);
	assert_int_equal(files_write(root, "/opt/f", SPAN("y"), &err), 0);
	in_root("/opt/f", "y");
	assert_int_equal(stat(below("/opt/theirs"), &st), 0);
	assert_int_equal(st.st_size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_stay_below_the_root),
		cmocka_unit_test(too_long_is_an_error),
		cmocka_unit_test(files_are_those_of_the_root),
		cmocka_unit_test(only_files_are_replaced),
		cmocka_unit_test(a_name_that_is_taken_is_not_filled),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
