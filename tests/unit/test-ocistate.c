/* SPDX-License-Identifier: Apache-2.0 */
/* The state that runtimes hand to hooks, in the forms seen from runc and crun, and how it is told
 * apart. */
#include "oci/state.h"

#include "core.h"

static int try_state(struct span text, struct ocistate *ret_state, struct error *err)
{
	struct enforce_memory memory = test_memory(0);

	memset(err, 0, sizeof(*err));
	return ocistate_read(text, &memory.keep, &memory.scratch, ret_state, err);
}

static struct ocistate expect_state(struct span text)
{
	struct ocistate s;
	struct error err;

	if (try_state(text, &s, &err) < 0)
		fail_msg("%.*s: %s", (int)text.n, text.p, err.text);
	return s;
}

static void states_of_runtimes_are_read(void **state)
{
	struct ocistate s;

	(void)state;
	s = expect_state(SPAN(
		"{\"ociVersion\":\"1.0.2-dev\",\"id\":\"c1\",\"status\":\"creating\",\"pid\":4242,"
		"\"bundle\":\"/b\",\"annotations\":{\"a\":\"b\"}}"));
	assert_true(s.is_state && s.has_pid && s.pid == 4242);
	assert_string_equal(s.id, "c1");
	assert_string_equal(s.status, "creating");
	assert_string_equal(s.bundle, "/b");
	s = expect_state(
		SPAN("{\"ociVersion\": \"1.0\", \"id\": \"c\", \"pid\": 0, \"root\": \"/b/rootfs\","
		     "\"bundle\": \"/\", \"status\": \"starting\", \"annotations\": {}}"));
	assert_true(s.is_state && s.has_pid && s.pid == 0);
	/* runc at poststop leaves the pid out. */
	s = expect_state(SPAN("{\"ociVersion\":\"1.0.2\",\"id\":\"c\",\"status\":\"stopped\","
			      "\"bundle\":\"/b\"}"));
	assert_true(s.is_state && !s.has_pid);
	s = expect_state(SPAN("{\"pid\":4294967295}"));
	assert_true(s.is_state && s.id == NULL && s.bundle == NULL && s.status == NULL);
	s = expect_state(SPAN("{\"id\":\"a\\u0022\\n\",\"status\":\"x\"}"));
	assert_string_equal(s.id, "a\"\n");
}

static void a_configuration_is_no_state(void **state)
{
	static const struct span configs[] = {
		SPAN("{\"ociVersion\":\"1.0.2\",\"process\":{\"pid\":1,\"status\":\"x\"}}"),
		SPAN("{\"ociVersion\":\"1.0.2\",\"linux\":{}}"),
		SPAN("{\"ociVersion\":\"1.0.2\",\"linux\":null}"),
		/* What comes behind is not looked at. */
		SPAN("{\"process\":{},\"pid\":1,\"pid\":"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(configs); i++) {
		struct ocistate s;
		struct error err;

		assert_int_equal(try_state(configs[i], &s, &err), -1);
		assert_non_null(strstr(err.text, "this is a configuration"));
	}
	assert_false(expect_state(SPAN("{}")).is_state);
	assert_false(expect_state(SPAN("{\"status\":null,\"pid\":null}")).is_state);
}

static void doubtful_states_are_refused(void **state)
{
	static const struct span bad[] = {
		SPAN(""),
		SPAN("[]"),
		SPAN("null"),
		SPAN("{\"pid\":\"1\"}"),
		SPAN("{\"pid\":-1}"),
		SPAN("{\"pid\":4294967296}"),
		SPAN("{\"pid\":1.0}"),
		SPAN("{\"pid\":1,\"pid\":2}"),
		SPAN("{\"pid\":1,\"Pid\":2}"),
		SPAN("{\"bundle\":\"/a\",\"bundle\":\"/b\"}"),
		SPAN("{\"bundle\":\"/a\\u0000b\"}"),
		SPAN("{\"\xc5\xbftatus\":\"x\"}"),
		SPAN("{\"status\":1}"),
		SPAN("{\"id\":[]}"),
		SPAN("{\"pid\":1}x"),
		SPAN("{\"pid\":1"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct ocistate s = {.id = "untouched"};
		struct error err;

		if (try_state(bad[i], &s, &err) == 0)
			fail_msg("%.*s: accepted", (int)bad[i].n, bad[i].p);
		assert_true(err.text[0] != '\0');
		assert_string_equal(s.id, "untouched");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_of_runtimes_are_read),
		cmocka_unit_test(a_configuration_is_no_state),
		cmocka_unit_test(doubtful_states_are_refused),
	};

	return cmocka_run_group_tests_name("ocistate", tests, NULL, NULL);
}
