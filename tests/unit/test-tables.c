/* SPDX-License-Identifier: Apache-2.0 */
/* The small tables and functions: capabilities, system call names, SHA-256, what messages list. */
#include "oci/capability.h"
#include "base/sha256.h"
#include "profile/tighten.h"
#include "syscall/abi.h"
#include "syscall/syscall.h"

#include <setjmp.h>
#include <stdlib.h>
#include <sys/capability.h>

#include <cmocka.h>

static void capabilities_have_the_kernels_numbers(void **state)
{
	(void)state;
	assert_int_equal(capability_from_name(SPAN("CAP_CHOWN")), CAP_CHOWN);
	assert_int_equal(capability_from_name(SPAN("CAP_SYS_MODULE")), CAP_SYS_MODULE);
	assert_int_equal(capability_from_name(SPAN("CAP_SYS_ADMIN")), CAP_SYS_ADMIN);
	assert_int_equal(capability_from_name(SPAN("CAP_SYSLOG")), CAP_SYSLOG);
	assert_int_equal(capability_from_name(SPAN("CAP_CHECKPOINT_RESTORE")),
			 CAP_CHECKPOINT_RESTORE);
	assert_int_equal(CAPABILITY_COUNT, CAP_LAST_CAP + 1);
	for (int i = 0; i < CAPABILITY_COUNT; i++)
		assert_int_equal(capability_from_name(span_of(capability_name(i))), i);
	assert_int_equal(capability_from_name(SPAN("cap_chown")), -1);
	assert_int_equal(capability_from_name(SPAN("CHOWN")), -1);
	assert_int_equal(capability_from_name(SPAN("")), -1);
	assert_int_equal(capability_from_name(SPAN("CAP_CHOWN ")), -1);
}

/* libcap is not on the way of a container's start; here it is the witness. */
static void capabilities_are_those_of_libcap(void **state)
{
	(void)state;
	for (int i = 0; i < CAPABILITY_COUNT; i++) {
		cap_value_t value;

		/* It takes either case, and numbers for those it is too old to know. */
		assert_int_equal(cap_from_name(capability_name(i), &value), 0);
		assert_int_equal(value, i);
	}
}

static void every_system_call_name_is_found(void **state)
{
	(void)state;
	for (int i = 0; i < SYSCALL_COUNT; i++) {
		struct span name = syscall_name(i);

		assert_int_equal(syscall_index(name), i);
		name.n--;
		assert_int_not_equal(syscall_index(name), i);
	}
	assert_int_equal(syscall_index(syscall_name(0)), 0);
	assert_true(syscall_known(SPAN("openat2")));
	assert_true(syscall_known(SPAN("_llseek")));
	assert_false(syscall_known(SPAN("")));
	assert_false(syscall_known(SPAN("READ")));
	assert_false(syscall_known(SPAN("aaa")));
	assert_false(syscall_known(SPAN("zzz")));
	assert_false(syscall_known((struct span){"read\0", 5}));
}

static void sets_of_system_calls_have_members(void **state)
{
	const int members[] = {0, 1, 63, 64, 127, 300, SYSCALL_COUNT - 1};
	struct syscall_set set = {0}, other = {0};
	int at = -1;

	(void)state;
	assert_int_equal(syscall_set_next(&set, 0), -1);
	assert_int_equal(syscall_set_count(&set), 0);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		syscall_set_add(&set, members[i]);
	assert_int_equal(syscall_set_count(&set), ARRAY_SIZE(members));
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		assert_true(syscall_set_has(&set, members[i]));
		at = syscall_set_next(&set, at + 1);
		assert_int_equal(at, members[i]);
	}
	assert_int_equal(syscall_set_next(&set, at + 1), -1);
	assert_int_equal(syscall_set_next(&set, SYSCALL_COUNT), -1);
	assert_false(syscall_set_has(&set, 2));
	syscall_set_add(&other, 64);
	syscall_set_add(&other, 63);
	syscall_set_remove_all(&set, &other);
	assert_false(syscall_set_has(&set, 64));
	syscall_set_add_all(&set, &other);
	assert_int_equal(syscall_set_count(&set), ARRAY_SIZE(members));
	syscall_set_remove_all(&set, &other);
	assert_int_equal(syscall_set_count(&set), ARRAY_SIZE(members) - 2);
}

static void names_of_a_set_are_as_many_as_fit(void **state)
{
	struct syscall_set set = {0};
	char out[64];

	(void)state;
	assert_int_equal(syscall_set_names(&set, 9, ", ", out, sizeof(out)), 0);
	assert_string_equal(out, "");
	syscall_set_add(&set, syscall_index(SPAN("mount")));
	syscall_set_add(&set, syscall_index(SPAN("bpf")));
	syscall_set_add(&set, syscall_index(SPAN("keyctl")));
	assert_int_equal(syscall_set_names(&set, 9, ", ", out, sizeof(out)), 0);
	assert_string_equal(out, "bpf, keyctl, mount");
	assert_int_equal(syscall_set_names(&set, 2, " ", out, sizeof(out)), 1);
	assert_string_equal(out, "bpf keyctl");
	assert_int_equal(syscall_set_names(&set, 0, " ", out, sizeof(out)), 3);
	assert_string_equal(out, "");
	for (size_t size = 1; size < 24; size++) {
		memset(out, 'x', sizeof(out));
		assert_int_equal(syscall_set_names(&set, 9, " ", out, size),
				 size > strlen("bpf keyctl mount") ? 0
				 : size > strlen("bpf keyctl")     ? 1
				 : size > strlen("bpf")            ? 2
								   : 3);
		assert_true(strlen(out) < size && out[size] == 'x');
	}
}

/* FIPS 180-4 examples and the NIST vectors, and a length on each side of the padding's edge (from
 * sha256sum).
 */
static void sha256_agrees_with_the_standard(void **state)
{
	static char million[1000000];
	char edge[64], hex[SHA256_HEX_SIZE];
	const struct {
		struct span text;
		const char *digest;
	} cases[] = {
		{SPAN(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{SPAN("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{SPAN("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
		 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
		{{million, sizeof(million)},
		 "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
		{{edge, 55}, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
		{{edge, 56}, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
		{{edge, 63}, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
		{{edge, 64}, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
	};

	(void)state;
	memset(million, 'a', sizeof(million));
	memset(edge, 'a', sizeof(edge));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		sha256_hex(cases[i].text, hex);
		assert_string_equal(hex, cases[i].digest);
	}
}

static void sha256_does_not_care_how_the_text_is_cut(void **state)
{
	unsigned char whole[SHA256_SIZE], cut[SHA256_SIZE];
	struct sha256 hash;
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7);
	sha256_init(&hash);
	sha256_update(&hash, (struct span){text, sizeof(text)});
	sha256_final(&hash, whole);
	for (size_t at = 0; at <= sizeof(text); at++) {
		sha256_init(&hash);
		sha256_update(&hash, (struct span){text, at});
		sha256_update(&hash, (struct span){0});
		sha256_update(&hash, (struct span){text + at, sizeof(text) - at});
		sha256_final(&hash, cut);
		assert_memory_equal(cut, whole, sizeof(whole));
	}
}

/* Is it one of the words that the message says are known? */
static bool lists(const struct error *err, const char *word)
{
	const char *known = strstr(err->text, ": known are ");
	const size_t n = strlen(word);

	for (const char *p = known; p != NULL && (p = strstr(p + 1, word)) != NULL;)
		if (p[-1] == ' ' && strchr(", ", p[n]) != NULL)
			return true;
	return false;
}

static void messages_list_all_that_is_known(void **state)
{
	enum profile_flavor flavor;
	enum profile_arch arch;
	enum tighten_name name;
	struct error err;
	enum abi abi;

	(void)state;
	assert_int_equal(abi_from_name(SPAN("vax"), &abi, &err), -1);
	for (int i = 0; i < ABIS; i++)
		assert_true(lists(&err, abi_infos[i].name));
	assert_int_equal(profile_arch_from_name(SPAN("vax"), &arch, &err), -1);
	for (int i = PROFILE_ARCH_UNKNOWN + 1; i < PROFILE_ARCHES; i++)
		assert_true(lists(&err, profile_arch_name((enum profile_arch)i)));
	assert_int_equal(profile_flavor_from_name(SPAN("youki"), &flavor, &err), -1);
	for (int i = 0; i < PROFILE_FLAVORS; i++)
		assert_true(lists(&err, profile_flavor_name((enum profile_flavor)i)));
	assert_int_equal(tighten_from_name(SPAN("all"), &name, &err), -1);
	for (int i = 0; i < TIGHTEN_NAMES; i++)
		assert_true(lists(&err, tighten_name((enum tighten_name)i)));
	assert_false(lists(&err, "userns2"));
	assert_false(lists(&err, "ns"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capabilities_have_the_kernels_numbers),
		cmocka_unit_test(capabilities_are_those_of_libcap),
		cmocka_unit_test(every_system_call_name_is_found),
		cmocka_unit_test(sets_of_system_calls_have_members),
		cmocka_unit_test(names_of_a_set_are_as_many_as_fit),
		cmocka_unit_test(sha256_agrees_with_the_standard),
		cmocka_unit_test(sha256_does_not_care_how_the_text_is_cut),
		cmocka_unit_test(messages_list_all_that_is_known),
	};

	return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
