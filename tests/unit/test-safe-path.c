/* SPDX-License-Identifier: Apache-2.0 */
/* Who could put another file in the place of one: every directory on the way counts. */
#include "node/safe-path.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "skip.h"

#define STRANGER 12345

/* In /tmp, which is sticky and everybody's: an owner in a row of 0 is the caller. */
static char top[64];

static const struct {
	const char *path; /* "/" at its end: a directory; "a -> b": a link */
	unsigned int mode, uid;
} tree[] = {
	{"safe/", 0755, 0},
	{"safe/sub/", 0711, 0},
	{"safe/sub/file", 0644, 0},
	{"safe/open-file", 0666, 0},
	{"safe/up -> ../safe/sub", 0, 0},
	{"safe/loop -> loop", 0, 0},
	{"safe/gone -> nothing/at", 0, 0},
	{"safe/to-open -> ../open/sub", 0, 0},
	{"open/", 0777, 0},
	{"open/sub/", 0755, 0},
	{"open/sub/deep/", 0755, 0},
	{"open/sub/deep/file", 0644, 0},
	{"open/home -> ../safe/sub", 0, 0},
	{"group/", 0775, 0},
	{"group/sub/", 0755, 0},
	{"sticky/", 01777, 0},
	{"sticky/mine/", 0755, 0},
	{"sticky/mine/file", 0644, 0},
	{"sticky/link -> mine", 0, 0},
	{"sticky/theirs -> mine", 0, STRANGER},
	{"theirs/", 0755, STRANGER},
	{"theirs/sub/", 0755, 0},
	{"safe/their-link -> sub", 0, STRANGER},
};

static void make(const char *path, unsigned int mode)
{
	char name[128], *arrow;
	int fd;

	snprintf(name, sizeof(name), "%s/%s", top, path);
	arrow = strstr(name, " -> ");
	if (arrow != NULL) {
		*arrow = '\0';
		assert_int_equal(symlink(arrow + 4, name), 0);
	} else if (name[strlen(name) - 1] == '/') {
		assert_int_equal(mkdir(name, 0700), 0);
		assert_int_equal(chmod(name, mode), 0);
	} else {
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
		assert_true(fd >= 0 && fchmod(fd, mode) == 0);
		close(fd);
	}
}

static void give(const char *path, unsigned int uid)
{
	char name[128], *arrow;

	snprintf(name, sizeof(name), "%s/%s", top, path);
	arrow = strstr(name, " -> ");
	if (arrow != NULL)
		*arrow = '\0';
	if (uid != 0 && geteuid() == 0)
		assert_int_equal(lchown(name, uid, (gid_t)-1), 0);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(top, sizeof(top), "/tmp/test-safe-path-XXXXXX");
	assert_non_null(mkdtemp(top));
	for (size_t i = 0; i < ARRAY_SIZE(tree); i++)
		make(tree[i].path, tree[i].mode);
	for (size_t i = 0; i < ARRAY_SIZE(tree); i++)
		give(tree[i].path, tree[i].uid);
	/* A group that is not the caller's. */
	if (geteuid() == 0) {
		char name[128];

		snprintf(name, sizeof(name), "%s/group", top);
		assert_int_equal(chown(name, 0, STRANGER), 0);
	}
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* "" is safe; else what the message begins with below `top`. */
static void expect(const char *path, bool directory, const char *message, int code)
{
	char full[256], wanted[256];
	struct error err = {0};
	struct stat st;
	int r;

	snprintf(full, sizeof(full), "%s/%s", top, path);
	snprintf(wanted, sizeof(wanted), "%s/%s", top, message);
	r = directory ? safe_directory(full, &st, &err) : safe_path(full, &err);
	if (r == 0 && message[0] != '\0')
		fail_msg("%s: not refused: %s", path, message);
	if (r < 0 && message[0] == '\0')
		fail_msg("%s: %s", path, err.text);
	if (r < 0 && strncmp(err.text, wanted, strlen(wanted)) != 0)
		fail_msg("%s: %s, instead of %s", path, err.text, wanted);
	if (r < 0)
		assert_int_equal(err.code, code);
}

static void expect_parents(const char *path, const char *message)
{
	char full[256];
	struct error err;

	snprintf(full, sizeof(full), "%s/%s", top, path);
	if (message[0] == '\0')
		assert_int_equal(safe_parents(full, &err), 0);
	else
		assert_int_equal(safe_parents(full, &err), -1);
	assert_true(message[0] == '\0' || strstr(err.text, message) != NULL);
}

static void every_directory_on_the_way_counts(void **state)
{
	static const struct {
		const char *path, *message;
	} rows[] = {
		{"safe", ""},
		{"safe/sub", ""},
		{"safe//sub/", ""},
		{"safe/./sub/../sub", ""},
		{"safe/up", ""},
		{"open", "open: can be written by everybody (mode 0777)"},
		{"open/sub", "open: can be written by everybody"},
		{"open/sub/deep", "open: can be written by everybody"},
		{"safe/../open/sub/deep", "safe/../open: can be written by everybody"},
		{"safe/to-open/deep", "safe/../open: can be written by everybody"},
		{"open/home", "open: can be written by everybody"},
		{"open/../safe", "open: can be written by everybody"},
		{"sticky", ""},
		{"sticky/mine", ""},
		{"sticky/link", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char file[128];

		expect(rows[i].path, true, rows[i].message, 0);
		/* A file's way are the same directories; whether it is there is another question.
		 */
		snprintf(file, sizeof(file), "%s/nothing", rows[i].path);
		if (rows[i].message[0] != '\0')
			expect(file, false, rows[i].message, 0);
		expect_parents(file, rows[i].message);
	}
	expect("safe/sub/file", false, "", 0);
	expect("sticky/mine/file", false, "", 0);
	expect("open/sub/deep/file", false, "open: can be written by everybody", 0);
	/* A file's own mode is asked of what has been opened; a directory's is seen on the way. */
	expect("safe/open-file", false, "", 0);
	expect("open", false, "open: can be written by everybody", 0);
}

static void links_count_where_others_can_make_them(void **state)
{
	(void)state;
	expect("safe/up/file", false, "", 0);
	expect("sticky/link/file", false, "", 0);
	if (geteuid() != 0)
		LEAVE_OUT("needs root");
	/* Nobody can make a link of his own in a directory that is safe: somebody trusted gave it
	 * away. */
	expect("safe/their-link/file", false, "", 0);
	expect("sticky/theirs/file", false,
	       "sticky/theirs: a symbolic link: belongs to user 12345, who could change it at any "
	       "time",
	       0);
}

static void owners_and_groups(void **state)
{
	(void)state;
	if (geteuid() != 0)
		LEAVE_OUT("needs root");
	expect("theirs/sub", true, "theirs: belongs to user 12345, who could change it at any time",
	       0);
	expect("group/sub", true, "group: can be written by group 12345 (mode 0775)", 0);
}

static void what_is_not_there(void **state)
{
	(void)state;
	expect("safe/nothing", true, "safe/nothing: does not exist", ENOENT);
	expect("safe/nothing/more", false, "safe/nothing: does not exist", ENOENT);
	expect("safe/nothing", false, "safe/nothing: does not exist", ENOENT);
	expect("safe/gone", false, "safe/nothing: does not exist", ENOENT);
	expect("open/nothing", false, "open: can be written by everybody", 0);
	expect("safe/sub/file/more", false, "safe/sub/file: Not a directory", ENOTDIR);
	expect("safe/sub/file", true, "safe/sub/file: Not a directory", ENOTDIR);
	expect("safe/loop", true, "safe/loop: Too many levels of symbolic links", ELOOP);
}

static void long_paths_are_refused(void **state)
{
	static char path[2 * PATH_MAX];
	struct error err;
	struct stat st;

	(void)state;
	for (size_t n = PATH_MAX - 3; n < PATH_MAX + 3; n++) {
		memset(path, '/', n);
		path[n] = '\0';
		assert_int_equal(safe_directory(path, &st, &err), n < PATH_MAX ? 0 : -1);
	}
	memset(path, 'x', sizeof(path) - 1);
	assert_int_equal(safe_path(path, &err), -1);
	assert_int_equal(err.code, ENAMETOOLONG);
}

static void relative_paths_begin_where_the_process_is(void **state)
{
	char here[PATH_MAX];
	struct error err;
	struct stat st, dot;

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(top), 0);
	assert_int_equal(safe_directory("safe", &st, &err), 0);
	assert_int_equal(safe_directory("open/sub", &st, &err), -1);
	assert_int_equal(chdir("open/sub"), 0);
	assert_int_equal(safe_directory(".", &st, &err), -1);
	assert_int_equal(chdir("../../safe/sub"), 0);
	assert_int_equal(safe_directory(".", &st, &err), 0);
	assert_int_equal(stat(".", &dot), 0);
	assert_true(st.st_ino == dot.st_ino && st.st_dev == dot.st_dev);
	assert_int_equal(safe_path("file", &err), 0);
	assert_int_equal(chdir(here), 0);
}

/* The same owner, seen as somebody else's: in a child that is that user. */
static void the_caller_is_trusted(void **state)
{
	char path[128];
	struct stat st;
	struct error err;
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		LEAVE_OUT("needs root");
	snprintf(path, sizeof(path), "%s/theirs/sub", top);
	assert_int_equal(chmod(top, 0755), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* AT_EUID is that of the last execve, which is what counts for a program that stays
		 * who it is. */
		char *const argv[] = {(char *)(uintptr_t) "test-safe-path", path, NULL};

		if (setgid(STRANGER) < 0 || setuid(STRANGER) < 0)
			_exit(2);
		execv("/proc/self/exe", argv);
		_exit(3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(safe_directory(path, &st, &err), -1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_directory_on_the_way_counts),
		cmocka_unit_test(links_count_where_others_can_make_them),
		cmocka_unit_test(owners_and_groups),
		cmocka_unit_test(what_is_not_there),
		cmocka_unit_test(long_paths_are_refused),
		cmocka_unit_test(relative_paths_begin_where_the_process_is),
		cmocka_unit_test(the_caller_is_trusted),
	};
	struct error err;
	struct stat st;

	if (argc > 1)
		return safe_directory(argv[1], &st, &err) < 0;
	return cmocka_run_group_tests_name("safe-path", tests, set_up, tear_down);
}
