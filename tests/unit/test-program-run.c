/* SPDX-License-Identifier: Apache-2.0 */
/* What a program returns for one call: the kernel's interpreter in small. */
#include "core.h"

#include "program/program.h"
#include "program/run.h"

#include <linux/audit.h>

static char memory[2][1U << 22];
static struct program program;

static void make(enum profile_flavor flavor)
{
	const struct profile_target target = {.arch = PROFILE_ARCH_X86_64,
					      .kernel = PROFILE_KERNEL(6, 18)};
	struct arena keep = {memory[0], sizeof(memory[0]), 0};
	struct arena scratch = {memory[1], sizeof(memory[1]), 0};
	struct program_request request = {.native = ABI_X86_64, .runtime = MODEL_RUNC};
	struct seccomp_profile profile;
	struct span text;
	struct error err;

	assert_int_equal(profile_resolve(flavor, &target, &keep, &text), 0);
	assert_int_equal(ociseccomp_read(text, &keep, &scratch, &profile, &err), 0);
	request.profile = &profile;
	assert_int_equal(program_compile(&request, &scratch, &program, &err), 0);
}

static uint32_t ask(uint32_t arch, int nr, uint64_t arg0)
{
	/* As on a machine of that architecture: the low half first, whatever this one is. */
	const uint64_t arg =
		__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? arg0 << 32 | arg0 >> 32 : arg0;
	const struct seccomp_data data = {.arch = arch, .nr = nr, .args = {arg}};

	return program_run(program.insns, program.n_insns, &data);
}

static void test_runtime_default(void **state)
{
	(void)state;
	make(PROFILE_MOBY);
	assert_int_equal(ask(AUDIT_ARCH_X86_64, 0 /* read */, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(AUDIT_ARCH_X86_64, 219 /* restart_syscall */, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(AUDIT_ARCH_X86_64, 165 /* mount */, 0), SECCOMP_RET_ERRNO | 1);
	assert_int_equal(ask(AUDIT_ARCH_X86_64, 435 /* clone3 */, 0), SECCOMP_RET_ERRNO | 38);
	assert_int_equal(ask(AUDIT_ARCH_I386, 3 /* read */, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(AUDIT_ARCH_I386, 21 /* mount */, 0), SECCOMP_RET_ERRNO | 1);
	assert_false(program_lets_run(ask(AUDIT_ARCH_AARCH64, 63 /* read */, 0)));
}

/* The low and the high half of an argument are looked at. */
static void test_arguments(void **state)
{
	(void)state;
	make(PROFILE_MOBY);
	assert_int_equal(ask(AUDIT_ARCH_X86_64, 135 /* personality */, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(AUDIT_ARCH_X86_64, 135, 8), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(AUDIT_ARCH_X86_64, 135, 1), SECCOMP_RET_ERRNO | 1);
	assert_int_equal(ask(AUDIT_ARCH_X86_64, 135, UINT64_C(1) << 32), SECCOMP_RET_ERRNO | 1);
}

/* What is no program of ours is never taken for one that lets a call through. */
static void test_not_understood(void **state)
{
	const struct sock_filter unknown[] = {BPF_STMT(BPF_LD | BPF_MEM, 0),
					      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	const struct sock_filter outside[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64),
					      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	const struct sock_filter endless[] = {BPF_JUMP(BPF_JMP | BPF_JA, 9, 0, 0),
					      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	const struct seccomp_data data = {0};

	(void)state;
	assert_int_equal(program_run(unknown, 2, &data), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(program_run(outside, 2, &data), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(program_run(endless, 2, &data), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(program_run(NULL, 0, &data), SECCOMP_RET_KILL_PROCESS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runtime_default),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_not_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
