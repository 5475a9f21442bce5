/* SPDX-License-Identifier: Apache-2.0 */
/* What a start warns of: each warning both ways, that looking at once says what the model says, and
 * what it takes. */
#include "seccomp-text.h"

#include "lint/lint.h"
#include "oci/capability.h"
#include "profile/profile-file.h"
#include "semantics/denied.h"
#include "semantics/warnings.h"

#define MARK "seccomp-guard-"

/* All that the runtimes and C libraries of startup.list call, and more. */
#define NEEDED                                                                                     \
	"\"access\",\"arch_prctl\",\"brk\",\"capget\",\"capset\",\"chdir\",\"clone\",\"close\","   \
	"\"close_range\",\"epoll_ctl\",\"execve\",\"exit_group\",\"faccessat\",\"faccessat2\","    \
	"\"fchown\",\"fcntl\",\"fsconfig\",\"fsmount\",\"fsopen\",\"open_tree\",\"fstat\","        \
	"\"fstatfs\",\"futex\",\"getcwd\",\"getdents64\","                                         \
	"\"getegid\",\"geteuid\",\"getgid\",\"getpid\",\"getppid\",\"getrandom\",\"getuid\","      \
	"\"ioctl\",\"mmap\",\"mprotect\",\"munmap\",\"newfstatat\",\"openat\",\"openat2\","        \
	"\"poll\",\"prctl\",\"pread64\",\"prlimit64\",\"read\",\"readlink\",\"readlinkat\","       \
	"\"rseq\",\"rt_sigaction\",\"rt_sigprocmask\",\"rt_sigreturn\",\"set_robust_list\","       \
	"\"set_tid_address\",\"setgid\",\"setgroups\",\"setresgid\",\"setresuid\",\"setuid\","     \
	"\"statx\",\"tgkill\",\"umask\",\"uname\",\"write\""
#define ENOSYS_OF_CLONE3 RULE("\"clone3\"", "ERRNO", ",\"errnoRet\":38")
#define GOOD RULE(NEEDED, "ALLOW", "") "," ENOSYS_OF_CLONE3
#define DENYING(name, more) RULE("\"" name "\"", "ERRNO", more)

static struct seccomp_profile *read_profile(const char *text, int slot)
{
	static struct seccomp_profile profile;
	struct enforce_memory memory = test_memory(slot);
	struct error err;

	if (ociseccomp_read(span_of(text), &memory.keep, &memory.scratch, &profile, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return &profile;
}

struct row {
	const char *text, *expected;
	bool no_new_privileges, live;
};

static const struct row rows[] = {
	{FOR(X86_64, "ERRNO", GOOD), "", false, false},
	{FOR(X86_64, "ALLOW", ""), "", false, false},
	{PROFILE("ERRNO", GOOD), "no-architectures", false, false},
	{PROFILE("ERRNO", GOOD), "", false, true},
	{PROFILE("KILL_PROCESS", GOOD), "no-architectures", false, false},
	{PROFILE("ALLOW", ""), "", false, false},
	/* Whatever else is missing, nothing starts. */
	{FOR(X86_64, "ERRNO", RULE("\"read\"", "ALLOW", "") "," ENOSYS_OF_CLONE3), "no-start",
	 false, false},
	{FOR(X86_64, "ALLOW", DENYING("execve", "")), "no-start", false, false},
	{FOR(X86_64, "ERRNO", DENYING("capset", ",\"errnoRet\":13") "," GOOD), "hard-start", false,
	 false},
	/* The first rule without conditions counts. */
	{FOR(X86_64, "ERRNO", GOOD "," DENYING("capset", ",\"errnoRet\":13")), "", false, false},
	{FOR(X86_64, "ALLOW", DENYING("capset", "") "," ENOSYS_OF_CLONE3), "hard-start", false,
	 false},
	/* With noNewPrivileges they are dropped before, and live it is loaded behind. */
	{FOR(X86_64, "ALLOW", DENYING("capset", "") "," ENOSYS_OF_CLONE3), "", true, false},
	{FOR(X86_64, "ALLOW", DENYING("capset", "") "," ENOSYS_OF_CLONE3), "", false, true},
	{FOR(X86_64, "ALLOW", DENYING("mprotect", "") "," ENOSYS_OF_CLONE3), "c-library", false,
	 false},
	/* Conditions may let it through. */
	{FOR(X86_64, "ALLOW",
	     RULE("\"capset\"", "ERRNO", ARGS(ARG(0, "EQ", ",\"value\":1"))) "," ENOSYS_OF_CLONE3),
	 "", false, false},
	{FOR(X86_64, "ERRNO",
	     RULE("\"execve\"", "ERRNO",
		  ",\"errnoRet\":13" ARGS(ARG(0, "EQ", ",\"value\":1"))) "," ENOSYS_OF_CLONE3),
	 "no-start", false, false},
	/* Where it kills, what is called each time counts. */
	{FOR(X86_64, "KILL_PROCESS", GOOD), "", false, false},
	{FOR(X86_64, "ALLOW", RULE("\"epoll_ctl\"", "KILL_PROCESS", "") "," ENOSYS_OF_CLONE3),
	 "hard-start", false, false},
	{FOR(X86_64, "ALLOW", DENYING("epoll_ctl", "") "," ENOSYS_OF_CLONE3), "", false, false},
	/* EPERM, written or not, and by the default. */
	{FOR(X86_64, "ALLOW", DENYING("clone3", "")), "clone3", false, false},
	{FOR(X86_64, "ALLOW", DENYING("clone3", ",\"errnoRet\":1")), "clone3", false, false},
	{FOR(X86_64, "ERRNO", RULE(NEEDED, "ALLOW", "")), "clone3", false, false},
	{FOR(X86_64, "ERRNO", RULE("\"clone3\"," NEEDED, "ALLOW", "")), "", false, false},
	/* A blank or capitals; a call that is not known may be new; our mark is none. */
	{FOR(X86_64, "ERRNO", GOOD "," RULE("\"Mount\"", "ALLOW", "")), "unknown-call", false,
	 false},
	{FOR(X86_64, "ERRNO", GOOD "," RULE("\"mount \"", "ALLOW", "")), "unknown-call", false,
	 false},
	{FOR(X86_64, "ERRNO", GOOD "," RULE("\"openat9\"", "ALLOW", "")), "", false, false},
	{FOR(X86_64, "ERRNO", RULE("\"" MARK "0123\"," NEEDED, "ALLOW", "") "," ENOSYS_OF_CLONE3),
	 "", false, false},
	{"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[" X86_64 "],"
	 "\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"]}",
	 "flags", false, false},
	{"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[" X86_64 "],"
	 "\"flags\":[]}",
	 "", false, false},
};

static void each_warning_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct enforce_memory memory = test_memory(1);
		const struct warnings_request request = {
			.profile = read_profile(rows[i].text, 0),
			.native = ABI_X86_64,
			.no_new_privileges = rows[i].no_new_privileges,
			.live = rows[i].live,
			.mark = SPAN(MARK),
			.scratch = &memory.scratch,
		};
		char text[WARNINGS_TEXT_SIZE];

		if (strcmp(warnings_text(warnings_of(&request), text), rows[i].expected) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", rows[i].text, text, rows[i].expected);
		assert_int_equal(memory.scratch.used, 0);
	}
}

/* A record says in one word what lint says at length. */
static void each_is_a_rule_of_lint(void **state)
{
	char all[WARNINGS_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < WARNINGS; i++) {
		bool found = false;

		for (size_t j = 0; j < LINT_RULES; j++)
			found |= strcmp(lint_rules[j].id, warning_name((enum warning)i)) == 0;
		assert_true(found);
	}
	warnings_text((1U << WARNINGS) - 1, all);
	assert_true(strlen(all) + 1 < sizeof(all));
	assert_string_equal(all + strlen(all) - strlen("unknown-call"), "unknown-call");
}

/* But for those about which rules on other calls say something, too. */
static void all_calls(struct syscall_set *ret_set)
{
	*ret_set = (struct syscall_set){0};
	for (int i = 0; i < SYSCALL_COUNT; i++)
		if (!span_eq(syscall_name(i), SPAN("socketcall")) &&
		    !span_eq(syscall_name(i), SPAN("ipc")))
			syscall_set_add(ret_set, i);
}

/* Both ways to find what is denied; -1: the runtimes refuse the profile. */
static int find(const struct seccomp_profile *profile, enum abi abi, enum model_runtime runtime,
		struct denied_calls ret[2])
{
	const struct model_request request = {profile, abi, abi, runtime, NULL};
	struct enforce_memory memory = test_memory(1);
	struct syscall_set calls;
	struct error ignored;

	all_calls(&calls);
	denied_at_once(&request, &calls, &ret[1]);
	return denied_find(&request, &calls, &memory.scratch, &ret[0], &ignored);
}

/* Nothing is warned of, and what is denied at once is what the model denies: of every
 * RuntimeDefault on every architecture, with and without capabilities. */
static void built_in_profiles(void **state)
{
	(void)state;
	for (int flavor = 0; flavor < PROFILE_FLAVORS; flavor++)
		for (int arch = 1; arch < PROFILE_ARCHES; arch++)
			for (int caps = 0; caps < 2; caps++) {
				const struct profile_target target = {
					.arch = (enum profile_arch)arch,
					.kernel = PROFILE_KERNEL(6, 18),
					.caps = caps ? CAPABILITY_ALL : 0};
				struct enforce_memory memory = test_memory(0);
				const struct profilefile_request request = {
					.target = &target,
					.keep = &memory.keep,
					.scratch = &memory.scratch};
				struct warnings_request of = {.scratch = &memory.scratch};
				struct denied_calls denied[2];
				struct profilefile file;
				struct error err;

				if (abi_of_arch(target.arch, &of.native) < 0)
					continue;
				assert_int_equal(profilefile_builtin((enum profile_flavor)flavor,
								     &request, &file, &err),
						 0);
				of.profile = &file.profile;
				assert_int_equal(warnings_of(&of), 0);
				for (int r = MODEL_RUNC; r <= MODEL_CRUN; r++) {
					assert_int_equal(find(&file.profile, of.native,
							      (enum model_runtime)r, denied),
							 0);
					assert_memory_equal(&denied[0], &denied[1],
							    sizeof(denied[0]));
				}
			}
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % below;
}

/* A profile of some rules about few calls. */
static struct seccomp_profile *draw_profile(uint32_t *seed, bool conditions)
{
	static struct seccomp_profile profile;
	static struct seccomp_rule rules[12];
	static struct seccomp_name names[12][4];
	static struct seccomp_arg args[12];
	static const enum oci_action actions[] = {OCI_ACT_ALLOW,  OCI_ACT_ERRNO, OCI_ACT_ERRNO,
						  OCI_ACT_NOTIFY, OCI_ACT_LOG,   OCI_ACT_KILL,
						  OCI_ACT_TRACE};
	const size_t n = draw(seed, 12);

	profile =
		(struct seccomp_profile){.default_action = actions[draw(seed, ARRAY_SIZE(actions))],
					 .has_default_errno = draw(seed, 2) == 0,
					 .default_errno = draw(seed, 2) == 0 ? MODEL_STUB_ERRNO : 1,
					 .rules = n > 0 ? rules : NULL};
	for (size_t i = 0; i < n; i++) {
		rules[i] = (struct seccomp_rule){.names = names[i],
						 .action = actions[draw(seed, ARRAY_SIZE(actions))],
						 .has_errno = draw(seed, 2) == 0,
						 .errno_ret =
							 draw(seed, 2) == 0 ? MODEL_STUB_ERRNO : 13,
						 .index = i,
						 .next = i + 1 < n ? &rules[i + 1] : NULL};
		args[i] =
			(struct seccomp_arg){.index = draw(seed, 2), .op = OCI_CMP_EQ, .value = i};
		if (conditions && draw(seed, 2) == 0)
			rules[i].args = &args[i];
		for (size_t j = 0; j < 4; j++)
			names[i][j] =
				(struct seccomp_name){.name = syscall_name((int)draw(seed, 40)),
						      .next = j < 3 ? &names[i][j + 1] : NULL};
	}
	return &profile;
}

static bool is_within(const struct syscall_set *a, const struct syscall_set *b)
{
	for (size_t i = 0; i < SYSCALL_WORDS; i++)
		if ((a->word[i] & ~b->word[i]) != 0)
			return false;
	return true;
}

/* Without conditions it is the same; with conditions nothing more is denied. */
static void drawn_profiles(void **state)
{
	static const enum abi abis[] = {ABI_X86_64, ABI_AARCH64, ABI_S390X};
	uint32_t seed = 15;
	size_t looked_at = 0;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		const bool conditions = i % 2 != 0;
		const struct seccomp_profile *profile = draw_profile(&seed, conditions);
		const enum abi abi = abis[i % 3];
		struct denied_calls d[2];

		if (find(profile, abi, draw(&seed, 2) == 0 ? MODEL_RUNC : MODEL_CRUN, d) < 0)
			continue;
		looked_at++;
		assert_true(is_within(&d[1].any, &d[0].any));
		if (!conditions)
			assert_memory_equal(&d[0], &d[1], sizeof(d[0]));
	}
	assert_true(looked_at > 2500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_warning_both_ways),
		cmocka_unit_test(each_is_a_rule_of_lint),
		cmocka_unit_test(built_in_profiles),
		cmocka_unit_test(drawn_profiles),
	};

	return cmocka_run_group_tests_name("warnings", tests, NULL, NULL);
}
