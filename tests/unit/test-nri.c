/* SPDX-License-Identifier: Apache-2.0 */
/* NRI's frames, messages and engines. */
#include "nri/engine.h"
#include "nri/message-internal.h"
#include "oci/capability.h"
#include "profile/profile-file.h"
#include "nri/wire.h"

#include "core.h"

/* ---- Protocol Buffers ---- */

static void test_numbers(void **state)
{
	static const struct {
		uint64_t value;
		const char *bytes;
		size_t n;
	} cases[] = {
		{0, "\x08\x00", 2},
		{1, "\x08\x01", 2},
		{127, "\x08\x7f", 2},
		{128, "\x08\x80\x01", 3},
		{300, "\x08\xac\x02", 3},
		{UINT64_MAX, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char bytes[16];
		struct pb_out out = {bytes, sizeof(bytes), 0, false};
		struct pb_field field;
		struct error err;
		struct span rest;

		pb_put_number(&out, 1, cases[i].value);
		assert_int_equal(out.n, cases[i].n);
		assert_memory_equal(bytes, cases[i].bytes, out.n);
		rest = (struct span){bytes, out.n};
		assert_int_equal(pb_next(&rest, &field, &err), 1);
		assert_true(pb_is_number(&field, 1) && field.value == cases[i].value);
		assert_int_equal(pb_next(&rest, &field, &err), 0);
	}
}

static void test_malformed(void **state)
{
	static const struct span cases[] = {
		{"\x08", 1},                     /* no value */
		{"\x08\xff", 2},                 /* one that does not end */
		{"\x0a\x05hell", 6},             /* cut off */
		{"\x0a", 1},                     /* no length */
		{"\x00\x01", 2},                 /* field 0 */
		{"\x0b", 1},                     /* a group */
		{"\x0d\x01\x02", 3},             /* cut off, 32 bits */
		{"\x09\x01\x02\x03", 4},         /* cut off, 64 bits */
		{"\xff\xff\xff\xff\xff\x01", 6}, /* a number of more than 29 bits */
		{"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12},
		{"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11}, /* longer than there is */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct span rest = cases[i];
		struct pb_field field = {.number = 77};
		struct error err = {.text = ""};

		assert_int_equal(pb_next(&rest, &field, &err), -1);
		assert_string_not_equal(err.text, "");
		assert_int_equal(field.number, 77);
	}
}

/* A length is written when what it is of is there: of one byte and of two. */
static void test_messages_within(void **state)
{
	static const size_t sizes[] = {0, 1, 127, 128, 300, 20000};
	static char bytes[1 << 16], text[20000];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct pb_out out = {bytes, sizeof(bytes), 0, false};
		struct pb_field outer, inner;
		struct error err;
		struct span rest;
		size_t one = pb_begin(&out, 5), two = pb_begin(&out, 6);

		pb_put_bytes(&out, 7, (struct span){text, sizes[i]});
		pb_end(&out, two);
		pb_put_number(&out, 8, 1);
		pb_end(&out, one);
		assert_false(out.full);
		rest = (struct span){bytes, out.n};
		assert_int_equal(pb_next(&rest, &outer, &err), 1);
		assert_int_equal(rest.n, 0);
		assert_true(pb_is_bytes(&outer, 5));
		assert_int_equal(pb_next(&outer.bytes, &inner, &err), 1);
		assert_true(pb_is_bytes(&inner, 6));
		assert_int_equal(pb_next(&inner.bytes, &inner, &err), 1);
		assert_int_equal(inner.bytes.n, sizes[i]);
		assert_int_equal(pb_next(&outer.bytes, &inner, &err), 1);
		assert_true(pb_is_number(&inner, 8));
	}
}

/* Whatever there is room for, nothing is written behind it. */
static void test_no_room(void **state)
{
	(void)state;
	for (size_t room = 0; room < 12; room++) {
		char bytes[16];
		struct pb_out out = {bytes, room, 0, false};
		size_t begun;

		memset(bytes, '!', sizeof(bytes));
		begun = pb_begin(&out, 1);
		pb_put_bytes(&out, 2, SPAN("eight by"));
		pb_end(&out, begun);
		assert_true(out.full == (room < 12));
		assert_true(out.n <= room);
		for (size_t i = room; i < sizeof(bytes); i++)
			assert_int_equal(bytes[i], '!');
	}
}

/* ---- frames ---- */

static void test_frames_out(void **state)
{
	static const size_t sizes[] = {0, 1, 4085, 4086, 4087, 8182, 8183, 100000};
	static char data[100000], bytes[NRI_MESSAGE_SIZE(100000)];
	static char in[NRI_CONNECTIONS][TTRPC_HEADER + TTRPC_MAX_DATA];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		const struct ttrpc_message m = {NRI_TO_PLUGIN, 9, TTRPC_RESPONSE, {data, sizes[i]}};
		struct pb_out out = {bytes, NRI_MESSAGE_SIZE(sizes[i]), 0, false};
		struct nri_inbox inbox = {.buffer = {in[0], in[1]}};
		struct ttrpc_message got;
		struct error err;
		struct span rest;

		nri_put_message(&out, &m);
		assert_false(out.full);
		/* No frame is longer than what the engine reads. */
		for (size_t at = 0, n; at < out.n; at += 8 + n) {
			const unsigned char *h = (const unsigned char *)bytes + at;

			assert_int_equal(h[3], NRI_TO_PLUGIN);
			n = (size_t)h[6] << 8 | h[7];
			assert_true(h[4] == 0 && h[5] == 0 && n > 0 && n <= NRI_FRAME_MAX);
		}
		rest = (struct span){bytes, out.n};
		assert_int_equal(nri_take(&inbox, &rest, &got, &err), 1);
		assert_true(span_eq(got.data, m.data) && got.stream == 9 && rest.n == 0);
	}
}

/* ---- engines ---- */

static const struct {
	const char *engine, *version, *nri;
	struct nri_engine want;
} engine_cases[] = {
	{"containerd", "v2.3.0-beta.1", "", {ENGINE_CONTAINERD, true, true, false, NRI_SEES_TYPE}},
	{"containerd", "v1.7.24", "", {ENGINE_CONTAINERD, false, false, false, NRI_SEES_NOTHING}},
	{"containerd", "v2.1.9", "", {ENGINE_CONTAINERD, false, false, false, NRI_SEES_NOTHING}},
	{"containerd", "v2.2.0", "", {ENGINE_CONTAINERD, true, true, false, NRI_SEES_NOTHING}},
	{"containerd", "2.2.1", "", {ENGINE_CONTAINERD, true, true, false, NRI_SEES_TYPE}},
	{"containerd", "v2.2.1-k3s1", "", {ENGINE_CONTAINERD, true, true, false, NRI_SEES_TYPE}},
	{"containerd", "v2.3.4", "v0.12.0", {ENGINE_CONTAINERD, true, true, true, NRI_SEES_POLICY}},
	{"containerd",
	 "v2.10.0",
	 "v0.20.0",
	 {ENGINE_CONTAINERD, true, true, true, NRI_SEES_POLICY}},
	{"containerd", "v3", "v0.20.0", {ENGINE_CONTAINERD, true, true, true, NRI_SEES_POLICY}},
	{"containerd", "mainline", "", {ENGINE_CONTAINERD, false, false, false, NRI_SEES_NOTHING}},
	{"containerd",
	 "mainline",
	 "v0.12.0",
	 {ENGINE_CONTAINERD, true, false, true, NRI_SEES_NOTHING}},
	{"containerd",
	 "v2.1.9",
	 "v0.8.0",
	 {ENGINE_CONTAINERD, false, false, false, NRI_SEES_NOTHING}},
	{"containerd", "v.3.0", "", {ENGINE_CONTAINERD, false, false, false, NRI_SEES_NOTHING}},
	{"containerd", "", "", {ENGINE_CONTAINERD, false, false, false, NRI_SEES_NOTHING}},
	{"cri-o", "1.33.9", "", {ENGINE_CRIO, false, false, false, NRI_SEES_NOTHING}},
	{"cri-o", "1.34.0", "", {ENGINE_CRIO, true, true, false, NRI_SEES_ANNOTATION}},
	{"cri-o", "1.37.0-dev", "v0.12.0", {ENGINE_CRIO, true, true, true, NRI_SEES_ANNOTATION}},
	{"docker", "v99.0.0", "", {ENGINE_UNKNOWN, false, false, false, NRI_SEES_NOTHING}},
	{"", "v2.3.4", "v0.12.0", {ENGINE_UNKNOWN, true, false, true, NRI_SEES_NOTHING}},
};

static void test_engines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(engine_cases); i++) {
		const struct nri_configure configure = {.engine = span_of(engine_cases[i].engine),
							.version = span_of(engine_cases[i].version),
							.nri_version =
								span_of(engine_cases[i].nri)};
		struct nri_engine got;

		nri_engine_of(&configure, &got);
		assert_int_equal(got.engine, engine_cases[i].want.engine);
		assert_int_equal(got.validates, engine_cases[i].want.validates);
		assert_int_equal(got.adjusts_seccomp, engine_cases[i].want.adjusts_seccomp);
		assert_int_equal(got.takes_errno, engine_cases[i].want.takes_errno);
		assert_int_equal(got.sight, engine_cases[i].want.sight);
	}
}

/* ---- what the engine is to set ---- */

static struct seccomp_profile read_profile(struct span text, struct enforce_memory *memory)
{
	struct seccomp_profile profile;
	struct error err;

	if (ociseccomp_read(text, &memory->keep, &memory->scratch, &profile, &err) < 0)
		fail_msg("%s", err.text);
	return profile;
}

static struct span builtin(enum profile_flavor flavor, uint64_t caps, struct enforce_memory *memory)
{
	const struct profile_target target = {
		.arch = PROFILE_ARCH_X86_64, .kernel = PROFILE_KERNEL(6, 18), .caps = caps};
	struct span text;

	assert_int_equal(profile_resolve(flavor, &target, &memory->keep, &text), 0);
	return text;
}

/* Does `profile` let through nothing but what `accepted`, or RuntimeDefault for `caps`, does? */
static bool lets_through_no_more(const struct seccomp_profile *profile,
				 const struct seccomp_profile *accepted, enum profile_flavor flavor,
				 uint64_t caps, struct enforce_memory *memory)
{
	const struct profile_target target = {
		.arch = PROFILE_ARCH_X86_64, .kernel = PROFILE_KERNEL(6, 18), .caps = caps};
	const struct judge_request request = {
		.profile = profile,
		.reference = {flavor, &target, false},
		.accepted = accepted,
		.scratch = &memory->scratch,
	};
	struct syscall_set excess;

	return judge_profile(&request, &excess) == FINDING_CONFINED;
}

/* Of no capability, of each alone, and of all but each. */
static uint64_t some_caps(int i)
{
	if (i == 0)
		return 0;
	return i <= CAPABILITY_COUNT
		       ? UINT64_C(1) << (i - 1)
		       : CAPABILITY_ALL & ~(UINT64_C(1) << (i - 1 - CAPABILITY_COUNT));
}

/* What RuntimeDefault lets through for any set, it lets through for all: that is why the part that
 * is set for all breaks no container. */
static void test_the_part_for_all(void **state)
{
	static const enum profile_flavor flavors[] = {PROFILE_CONTAINERD, PROFILE_CRIO,
						      PROFILE_MOBY, PROFILE_CONTAINERS};

	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(flavors); f++)
		for (int i = 0; i <= 2 * CAPABILITY_COUNT; i++) {
			struct enforce_memory memory = test_memory(0);
			const struct seccomp_profile some =
				read_profile(builtin(flavors[f], some_caps(i), &memory), &memory);

			assert_true(lets_through_no_more(&some, NULL, flavors[f], CAPABILITY_ALL,
							 &memory));
		}
}

/* A default errno that is dropped opens nothing, whatever rules stand beside one another. */
static void test_listed_errno_opens_nothing(void **state)
{
	static const char *const rules[] = {
		"",
		",{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1,\"args\":"
		"[{\"index\":0,\"value\":40,\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":[\"socket\"],"
		"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":16,"
		"\"op\":\"SCMP_CMP_NE\"}]}",
		",{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ERRNO\",\"args\":"
		"[{\"index\":0,\"value\":40,\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":[\"socket\"],"
		"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":40,"
		"\"op\":\"SCMP_CMP_NE\"}]}",
		",{\"names\":[\"mount\",\"bpf\"],\"action\":\"SCMP_ACT_ERRNO\"},{\"names\":"
		"[\"bpf\"],\"action\":\"SCMP_ACT_ALLOW\"}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct enforce_memory memory = test_memory(0);
		char text[2048];
		struct seccomp_profile profile, listed;
		struct error err;

		snprintf(text, sizeof(text),
			 "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,"
			 "\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"}%s]}",
			 rules[i]);
		profile = read_profile(span_of(text), &memory);
		listed = read_profile(span_of(text), &memory);
		assert_int_equal(profilefile_list_errno(&listed, &memory.keep, &err), 0);
		assert_false(listed.has_default_errno);
		assert_true(lets_through_no_more(&listed, &profile, PROFILE_CRIO, 0, &memory));
	}
	for (int i = 0; i <= 2 * CAPABILITY_COUNT; i++) {
		struct enforce_memory memory = test_memory(0);
		struct span text = builtin(PROFILE_CRIO, some_caps(i), &memory);
		struct seccomp_profile profile = read_profile(text, &memory),
				       listed = read_profile(text, &memory);
		struct error err;

		assert_int_equal(profilefile_list_errno(&listed, &memory.keep, &err), 0);
		assert_true(lets_through_no_more(&listed, &profile, PROFILE_CRIO, some_caps(i),
						 &memory));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_messages_within),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_frames_out),
		cmocka_unit_test(test_engines),
		cmocka_unit_test(test_the_part_for_all),
		cmocka_unit_test(test_listed_errno_opens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
