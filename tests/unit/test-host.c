/* SPDX-License-Identifier: Apache-2.0 */
/* Loading of profile files: what may be read below localhostRoot, and what is said about the rest.
 */
#include "node/host.h"

#include "profile/profile-file.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "skip.h"

#define TEXT "{\"defaultAction\":\"SCMP_ACT_ERRNO\"}"

/* TOP/root is the localhostRoot, TOP/outside.json what must not be reached from it. */
static char top[64];
static const char *root;

/* `text` with TOP for each @; lives until the eighth call after this one. */
static const char *expand(const char *text)
{
	static char room[8][512];
	static size_t next;
	char *out = room[next++ % ARRAY_SIZE(room)];
	size_t n = 0;

	for (; *text != '\0' && n < sizeof(room[0]) - sizeof(top); text++) {
		if (*text == '@')
			n += strlen(strcpy(out + n, top));
		else
			out[n++] = *text;
	}
	out[n] = '\0';
	return out;
}

static const char *in_top(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "@/%s", name);
	return expand(path);
}

static void make_file(const char *name, mode_t mode)
{
	int fd = open(in_top(name), O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, TEXT, strlen(TEXT)), strlen(TEXT));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(top, sizeof(top), "/tmp/test-host-XXXXXX");
	assert_non_null(mkdtemp(top));
	assert_int_equal(chmod(top, 0755), 0);
	root = strdup(in_top("root"));
	assert_non_null(root);
	assert_int_equal(mkdir(root, 0755), 0);
	assert_int_equal(mkdir(in_top("root/sub"), 0755), 0);
	make_file("outside.json", 0644);
	make_file("root/x.json", 0644);
	make_file("root/sub/y.json", 0644);
	make_file("root/private.json", 0600);
	make_file("root/open.json", 0666);
	make_file("root/group.json", 0664);
	make_file("root/large.json", 0644);
	assert_int_equal(truncate(in_top("root/large.json"), PROFILEFILE_MAX_SIZE + 1), 0);
	make_file("root/full.json", 0644);
	assert_int_equal(truncate(in_top("root/full.json"), PROFILEFILE_MAX_SIZE), 0);
	assert_int_equal(mkfifo(in_top("root/fifo.json"), 0644), 0);
	assert_int_equal(symlink("sub/y.json", in_top("root/inside")), 0);
	assert_int_equal(symlink("../x.json", in_top("root/sub/up")), 0);
	assert_int_equal(symlink("../outside.json", in_top("root/out")), 0);
	assert_int_equal(symlink("/", in_top("root/slash")), 0);
	assert_int_equal(symlink("..", in_top("root/dots")), 0);
	assert_int_equal(symlink("loop", in_top("root/loop")), 0);
	assert_int_equal(symlink("gone.json", in_top("root/dangling")), 0);
	assert_int_equal(symlink("root", in_top("link-to-root")), 0);
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
	free((char *)(uintptr_t)root);
	return nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int load(const char *from, const char *path, bool confine, struct span *ret_text,
		struct error *err)
{
	static char memory[2 << 20];
	struct arena keep = {memory, sizeof(memory), 0};
	struct enforce_host host;

	assert_int_equal(host_init(&host, err), 0);
	return host.load_profile(&(struct enforce_file){from, path, confine}, &keep, ret_text, err);
}

static void assert_loads(const char *path, bool confine)
{
	struct span text = {0};
	struct error err;

	if (load(root, path, confine, &text, &err) < 0)
		fail_msg("%s: %s", path, err.text);
	assert_true(span_eq(text, SPAN(TEXT)));
}

/* `message` is what stands behind "cannot load seccomp profile "; @ in it, and in the path, is TOP.
 */
static void assert_refused(const char *from, const char *path, bool confine, const char *message)
{
	const char *prefix = "cannot load seccomp profile ";
	struct span text = {0};
	struct error err;

	if (load(from, expand(path), confine, &text, &err) == 0)
		fail_msg("loaded: %s", path);
	assert_memory_equal(err.text, prefix, strlen(prefix));
	assert_string_equal(err.text + strlen(prefix), expand(message));
	assert_false(err.has_pos);
	assert_null(text.p);
}

static void paths_below_the_root_load(void **state)
{
	struct span text;
	struct error err;

	(void)state;
	for (int confine = 0; confine < 2; confine++) {
		assert_loads("x.json", confine);
		assert_loads("sub/y.json", confine);
		assert_loads("./sub//../x.json", confine);
		assert_loads("inside", confine);
		assert_loads("sub/up", confine);
		assert_loads("private.json", confine);
	}
	/* The root itself is the administrator's word and may be a link. */
	assert_int_equal(load(in_top("link-to-root"), "x.json", true, &text, &err), 0);
	assert_loads(in_top("root/x.json"), false);
	assert_loads(in_top("outside.json"), false);
}

static void nothing_leaves_the_root(void **state)
{
	static const char *const paths[] = {
		"../outside.json",      "sub/../../outside.json", "out",
		"dots/outside.json",    "slash/etc/passwd",       "../root/x.json",
		"sub/../../root/x.json"};
	char message[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		snprintf(message, sizeof(message), "\"@/root/%s\": leaves @/root", paths[i]);
		assert_refused(root, paths[i], true, message);
		assert_refused(root, paths[i], false, message);
	}
	assert_refused(root, "@/root/x.json", true,
		       "\"@/root/x.json\": must be relative to @/root");
	assert_refused(root, "/etc/passwd", true, "\"/etc/passwd\": must be relative to @/root");
}

static void what_is_no_profile_file_is_refused(void **state)
{
	(void)state;
	assert_refused(root, "gone.json", true, "\"@/root/gone.json\": does not exist");
	assert_refused(root, "dangling", true, "\"@/root/dangling\": does not exist");
	assert_refused(root, "x.json/y", true, "\"@/root/x.json/y\": not a directory");
	assert_refused(root, "x.json/", true, "\"@/root/x.json/\": not a directory");
	assert_refused(root, "loop", true, "\"@/root/loop\": too many levels of symbolic links");
	assert_refused(root, "sub", true, "\"@/root/sub\": is not a regular file");
	assert_refused(root, ".", true, "\"@/root/.\": is not a regular file");
	assert_refused(root, "fifo.json", true, "\"@/root/fifo.json\": is not a regular file");
	assert_refused(root, "/dev/null", false, "\"/dev/null\": is not a regular file");
	assert_refused(root, "/nowhere/x.json", false, "\"/nowhere/x.json\": does not exist");
	assert_refused(root, "open.json", true,
		       "\"@/root/open.json\": can be written by everybody (mode 0666)");
	assert_refused(root, "large.json", true,
		       "\"@/root/large.json\": larger than the limit of 1048576 bytes");
	assert_refused(root, "a\nb", true, "\"@/root/a\\x0ab\": does not exist");
}

static void a_full_megabyte_loads(void **state)
{
	struct span text;
	struct error err;

	(void)state;
	assert_int_equal(load(root, "full.json", true, &text, &err), 0);
	assert_int_equal(text.n, PROFILEFILE_MAX_SIZE);
}

static void a_missing_root_is_named(void **state)
{
	(void)state;
	assert_refused(in_top("nowhere"), "x.json", true,
		       "\"@/nowhere/x.json\": localhostRoot: does not exist");
	assert_refused(in_top("outside.json"), "x.json", true,
		       "\"@/outside.json/x.json\": localhostRoot: not a directory");
}

/* In a child that is another user. */
static void as_somebody_else(void (*test)(void))
{
	int status;
	pid_t pid;

	if (geteuid() != 0)
		LEAVE_OUT("needs root");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (setgid(12345) < 0 || setuid(12345) < 0)
			_exit(2);
		test();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void check_unreadable(void)
{
	assert_refused(root, "private.json", true,
		       "\"@/root/private.json\": is not accessible to this user");
}

static void unreadable_is_said(void **state)
{
	(void)state;
	as_somebody_else(check_unreadable);
}

static void what_others_own_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0)
		LEAVE_OUT("needs root");
	assert_int_equal(chown(in_top("root/private.json"), 12345, 0), 0);
	assert_refused(
		root, "private.json", true,
		"\"@/root/private.json\": belongs to user 12345, who could change it at any time");
	assert_int_equal(chown(in_top("root/private.json"), 0, 0), 0);
	assert_int_equal(chown(in_top("root/group.json"), 0, 12345), 0);
	assert_refused(root, "group.json", true,
		       "\"@/root/group.json\": can be written by group 12345 (mode 0664)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_below_the_root_load),
		cmocka_unit_test(nothing_leaves_the_root),
		cmocka_unit_test(what_is_no_profile_file_is_refused),
		cmocka_unit_test(a_full_megabyte_loads),
		cmocka_unit_test(a_missing_root_is_named),
		cmocka_unit_test(unreadable_is_said),
		cmocka_unit_test(what_others_own_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
