/* SPDX-License-Identifier: Apache-2.0 */
#include "flavor/flavor.h"

#include "oci/capability.h"

#include <setjmp.h>

#include <cmocka.h>

static const char *resolved_into(enum profile_flavor flavor, const struct profile_target *target,
				 char *out, size_t size)
{
	struct arena arena = {out, size - 1, 0}, small = {out, 0, 0};
	struct span text;

	assert_int_equal(profile_resolve(flavor, target, &arena, &text), 0);
	assert_int_equal(arena.used, text.n);
	small.size = text.n - 1;
	assert_int_equal(profile_resolve(flavor, target, &small, &text), -1);
	assert_int_equal(small.used, 0);
	small.size = text.n;
	assert_int_equal(profile_resolve(flavor, target, &small, &text), 0);
	out[text.n] = '\0';
	return out;
}

static const char *resolved(const struct profile_target *target)
{
	static char out[16384];

	return resolved_into(PROFILE_MOBY, target, out, sizeof(out));
}

static void resolving_follows_the_target(void **state)
{
	struct profile_target target = {.arch = PROFILE_ARCH_X86_64,
					.kernel = PROFILE_KERNEL(6, 1)};

	(void)state;
	assert_non_null(strstr(resolved(&target),
			       "\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\""));
	assert_non_null(strstr(resolved(&target), "\"ptrace\""));
	assert_null(strstr(resolved(&target), "\"mount\""));
	target.kernel = PROFILE_KERNEL(4, 7);
	assert_null(strstr(resolved(&target), "\"ptrace\""));
	target.caps = UINT64_C(1) << capability_from_name(SPAN("CAP_SYS_PTRACE"));
	assert_non_null(strstr(resolved(&target), "\"ptrace\""));
	target.caps = UINT64_C(1) << capability_from_name(SPAN("CAP_SYS_ADMIN"));
	assert_non_null(strstr(resolved(&target), "\"mount\""));
	target.caps_absent = true;
	assert_null(strstr(resolved(&target), "\"mount\""));
	target.arch = PROFILE_ARCH_UNKNOWN;
	assert_null(strstr(resolved(&target), "architectures"));
}

static void complain_denies_nothing_but_clone3(void **state)
{
	const struct profile_target target = {.arch = PROFILE_ARCH_AARCH64, .complain = true};
	const char *text = resolved(&target);
	const char *denial = strstr(text, "ERRNO");

	(void)state;
	assert_ptr_equal(strstr(text, "{\"defaultAction\":\"SCMP_ACT_LOG\",\"architectures\""),
			 text);
	assert_non_null(denial);
	assert_memory_equal(denial - strlen("{\"names\":[\"clone3\"],\"action\":\"SCMP_ACT_"),
			    "{\"names\":[\"clone3\"]", 19);
	assert_null(strstr(denial + 1, "ERRNO"));
}

static void flavors_have_names_sources_and_dates(void **state)
{
	enum profile_flavor untouched = PROFILE_CRIO;
	struct error err;

	(void)state;
	for (int i = 0; i < PROFILE_FLAVORS; i++) {
		enum profile_flavor flavor;

		assert_int_equal(profile_flavor_from_name(
					 span_of(profile_flavor_name((enum profile_flavor)i)),
					 &flavor, &err),
				 0);
		assert_int_equal(flavor, i);
		assert_int_equal(strlen(profile_flavor_date(flavor)), strlen("2026-06-30"));
		assert_true(strlen(profile_flavor_source(flavor)) > 0);
	}
	assert_int_equal(profile_flavor_from_name(SPAN("docker"), &untouched, &err), -1);
	assert_int_equal(untouched, PROFILE_CRIO);
	for (int i = 0; i < PROFILE_FLAVORS; i++)
		assert_non_null(strstr(err.text, profile_flavor_name((enum profile_flavor)i)));
}

static void architectures_go_by_both_names(void **state)
{
	enum profile_arch arch;
	struct error err;

	(void)state;
	for (int i = PROFILE_ARCH_UNKNOWN + 1; i < PROFILE_ARCHES; i++) {
		assert_int_equal(
			profile_arch_from_name(span_of(profile_arch_name((enum profile_arch)i)),
					       &arch, &err),
			0);
		assert_int_equal(arch, i);
	}
	assert_int_equal(profile_arch_from_name(SPAN("amd64"), &arch, &err), 0);
	assert_int_equal(arch, PROFILE_ARCH_X86_64);
	assert_int_equal(profile_arch_from_name(SPAN("vax"), &arch, &err), -1);
	assert_int_equal(arch, PROFILE_ARCH_X86_64);
	for (int i = PROFILE_ARCH_UNKNOWN + 1; i < PROFILE_ARCHES; i++)
		assert_non_null(strstr(err.text, profile_arch_name((enum profile_arch)i)));
	assert_string_equal(profile_arch_name(PROFILE_ARCH_UNKNOWN), "unknown");
}

static void kernel_versions_are_read_up_to_the_minor(void **state)
{
	static const struct {
		const char *release;
		uint32_t kernel; /* 0: refused */
	} cases[] = {
		{"6.18", PROFILE_KERNEL(6, 18)},
		{"6.18.5-amd64", PROFILE_KERNEL(6, 18)},
		{"4.8-rc1", PROFILE_KERNEL(4, 8)},
		{"65535.65535", UINT32_MAX},
		{"65536.1", 0},
		{"6", 0},
		{"6.", 0},
		{".6", 0},
		{"", 0},
		{"-1.2", 0},
		{"v6.1", 0},
		{" 6.1", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t kernel = 0;
		struct error err;
		int r = profile_kernel_from_release(span_of(cases[i].release), &kernel, &err);

		assert_int_equal(r, cases[i].kernel == 0 ? -1 : 0);
		assert_int_equal(kernel, cases[i].kernel);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolving_follows_the_target),
		cmocka_unit_test(complain_denies_nothing_but_clone3),
		cmocka_unit_test(flavors_have_names_sources_and_dates),
		cmocka_unit_test(architectures_go_by_both_names),
		cmocka_unit_test(kernel_versions_are_read_up_to_the_minor),
	};

	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
