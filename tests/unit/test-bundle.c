/* SPDX-License-Identifier: Apache-2.0 */
/* A file that others replace at the same time, by renaming and without a lock. */
#include "node/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "skip.h"

static char dir[] = "/tmp/guardtest-bundle-XXXXXX";
static char memory[1 << 16];

static const char *below(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void put(const char *name, const char *text)
{
	int fd = open(below(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* As runc does it. */
static void replace(const char *text)
{
	char from[PATH_MAX];

	put("state-1234", text);
	snprintf(from, sizeof(from), "%s", below("state-1234"));
	assert_int_equal(rename(from, below("state.json")), 0);
}

static void is_now(const char *text)
{
	char now[256] = "";
	int fd = open(below("state.json"), O_RDONLY | O_CLOEXEC);
	char command[PATH_MAX];
	struct stat st;

	assert_true(fd >= 0);
	assert_true(read(fd, now, sizeof(now) - 1) > 0);
	assert_int_equal(fstat(fd, &st), 0);
	close(fd);
	assert_string_equal(now, text);
	assert_int_equal(st.st_mode & 07777, 0640);
	/* And nothing beside it. */
	snprintf(command, sizeof(command), "test \"$(ls -A %s)\" = state.json", dir);
	assert_int_equal(system(command), 0);
}

/* Our mark behind what is there. Others come `times` while it is made; it fails at `fails`. */
struct marking {
	int times, fails, calls;
	struct arena arena;
};

static int mark(void *ctx, struct span old, struct span *ret_text, struct error *err)
{
	struct marking *m = ctx;
	char *text = arena_alloc(&m->arena, old.n + 2);
	char theirs[32];

	assert_non_null(text);
	m->calls++;
	if (m->calls <= m->times) {
		/* The last one of a round is the newest. */
		snprintf(theirs, sizeof(theirs), "older %d ", m->calls);
		replace(theirs);
		snprintf(theirs, sizeof(theirs), "theirs %d ", m->calls);
		replace(theirs);
	}
	if (m->calls == m->fails)
		return error_set(err, "cannot be marked");
	memcpy(text, old.p, old.n);
	text[old.n] = 'M';
	*ret_text = (struct span){text, old.n + 1};
	return 0;
}

static int edit(struct marking *m, struct error *err)
{
	CLEANUP_BUNDLE struct bundle b = BUNDLE_NONE;

	m->arena = (struct arena){memory, sizeof(memory), 0};
	replace("first ");
	assert_int_equal(bundle_open(NULL, below("state.json"), &m->arena, &b, err), 0);
	return bundle_edit(&b, &(struct bundle_edit){mark, m}, &m->arena, err);
}

static void nobody_comes(void **state)
{
	struct marking m = {0};
	struct error err;

	(void)state;
	assert_int_equal(edit(&m, &err), 0);
	assert_int_equal(m.calls, 1);
	is_now("first M");
}

static void what_comes_in_between_is_kept(void **state)
{
	(void)state;
	for (int times = 1; times < 6; times++) {
		struct marking m = {.times = times};
		char expected[32];
		struct error err;

		assert_int_equal(edit(&m, &err), 0);
		assert_int_equal(m.calls, times + 1);
		snprintf(expected, sizeof(expected), "theirs %d M", times);
		is_now(expected);
	}
}

static void who_fails_leaves_theirs(void **state)
{
	(void)state;
	for (int fails = 1; fails < 4; fails++) {
		struct marking m = {.times = fails - 1, .fails = fails};
		char expected[32] = "first ";
		struct error err;

		assert_int_equal(edit(&m, &err), -1);
		assert_non_null(strstr(err.text, "cannot be marked"));
		if (fails > 1)
			snprintf(expected, sizeof(expected), "theirs %d ", fails - 1);
		is_now(expected);
	}
}

static void without_end(void **state)
{
	struct marking m = {.times = 1000};
	char expected[32];
	struct error err;

	(void)state;
	assert_int_equal(edit(&m, &err), -1);
	assert_non_null(strstr(err.text, "state.json: others replace it all the time"));
	snprintf(expected, sizeof(expected), "theirs %d ", m.calls);
	is_now(expected);
}

static int keep_text(void *ctx, struct span old, struct span *ret_text, struct error *err)
{
	(void)ctx;
	(void)err;
	*ret_text = old;
	return 0;
}

static void nothing_is_written_for_nothing(void **state)
{
	struct arena arena = {memory, sizeof(memory), 0};
	CLEANUP_BUNDLE struct bundle b = BUNDLE_NONE;
	struct error err;
	struct stat st;

	(void)state;
	replace("same");
	assert_int_equal(bundle_open(NULL, below("state.json"), &arena, &b, &err), 0);
	assert_int_equal(bundle_edit(&b, &(struct bundle_edit){keep_text, NULL}, &arena, &err), 0);
	assert_int_equal(stat(below("state.json"), &st), 0);
	assert_int_equal(st.st_ino, b.st.st_ino);
}

/* From now on renameat2() with a flag fails so, as it does where the kernel or the file system has
 * none. False: no filter can be loaded here, as under qemu-user. */
static bool fail_exchange(int code)
{
	/* The half of the flags that is ever set. */
	const uint32_t flags = offsetof(struct seccomp_data, args[4]) +
			       (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0);
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, flags),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)code),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {ARRAY_SIZE(insns), insns};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#define NO_FILTER 77

/* A process of its own, as its filter stays. Returns its status: 0: done at the first try. */
static int edit_without_exchange(int code)
{
	struct marking m = {0};
	struct error err;
	int status;
	pid_t child;

	replace("first ");
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (!fail_exchange(code))
			_exit(NO_FILTER);
		_exit(edit(&m, &err) == 0 && m.calls == 1 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void without_exchange(void **state)
{
	static const struct {
		int code, status;
		const char *text;
	} cases[] = {{EINVAL, 0, "first M"}, {ENOSYS, 0, "first M"}, {EIO, 1, "first "}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int status = edit_without_exchange(cases[i].code);

		if (status == NO_FILTER)
			LEAVE_OUT("no filters here");
		assert_int_equal(status, cases[i].status);
		is_now(cases[i].text);
	}
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL;
}

static int tear_down(void **state)
{
	char command[PATH_MAX];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_comes),
		cmocka_unit_test(what_comes_in_between_is_kept),
		cmocka_unit_test(who_fails_leaves_theirs),
		cmocka_unit_test(without_end),
		cmocka_unit_test(nothing_is_written_for_nothing),
		cmocka_unit_test(without_exchange),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
