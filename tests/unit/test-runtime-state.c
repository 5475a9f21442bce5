/* SPDX-License-Identifier: Apache-2.0 */
/* What runc and crun keep of a running container, in the forms that they write. */
#include "oci/runtime-state.h"

#include "core.h"

static int try_state(struct span text, struct runtime_state *ret_state, struct error *err)
{
	struct enforce_memory memory = test_memory(0);

	memset(err, 0, sizeof(*err));
	return runtime_state_read(text, &memory.keep, &memory.scratch, ret_state, err);
}

static void runc(void **state)
{
	struct runtime_state s;
	struct error err;

	(void)state;
	assert_int_equal(
		try_state(
			SPAN("{\"id\":\"c\",\"init_process_pid\":24342,\"init_process_start\":"
			     "537211,"
			     "\"created\":\"x\",\"config\":{\"rootfs\":\"/r\",\"labels\":[\"a=b\","
			     "\"bundle=/b\"],\"umask\":null},\"rootless\":false,\"cgroup_paths\":"
			     "{\"\":\"/sys/fs/cgroup/unified/c\",\"pids\":\"/sys/fs/cgroup/pids/"
			     "c\"},"
			     "\"namespace_paths\":{\"NEWPID\":\"/proc/1/ns/pid\"}}"),
			&s, &err),
		0);
	assert_int_equal(s.pid, 24342);
	assert_int_equal(s.start, 537211);
	assert_string_equal(s.bundle, "/b");
	assert_string_equal(s.cgroups->path, "/sys/fs/cgroup/pids/c");
	assert_string_equal(s.cgroups->next->path, "/sys/fs/cgroup/unified/c");
	assert_null(s.cgroups->next->next);
	/* Rootless, without control groups. */
	assert_int_equal(
		try_state(SPAN("{\"config\":{\"labels\":null},\"cgroup_paths\":null}"), &s, &err),
		0);
	assert_true(s.pid == 0 && s.bundle == NULL && s.cgroups == NULL);
}

static void crun(void **state)
{
	struct runtime_state s;
	struct error err;

	(void)state;
	assert_int_equal(
		try_state(SPAN("{\n    \"pid\": 24573,\n    \"process-start-time\": 537254,\n"
			       "    \"cgroup-path\": \"/st2\",\n    \"scope\": \"\",\n"
			       "    \"rootfs\": \"rootfs\",\n    \"bundle\": \"/b\"\n}\n"),
			  &s, &err),
		0);
	assert_int_equal(s.pid, 24573);
	assert_int_equal(s.start, 537254);
	assert_string_equal(s.bundle, "/b");
	assert_string_equal(s.cgroups->path, "/st2");
	assert_int_equal(try_state(SPAN("{\"pid\":1,\"cgroup-path\":\"\"}"), &s, &err), 0);
	assert_null(s.cgroups);
}

static void others_are_errors(void **state)
{
	static const struct span bad[] = {
		SPAN(""),
		SPAN("[]"),
		SPAN("{\"pid\":1"),
		SPAN("{\"pid\":\"1\"}"),
		SPAN("{\"pid\":-1}"),
		SPAN("{\"init_process_pid\":4294967296}"),
		SPAN("{\"bundle\":{}}"),
		SPAN("{\"config\":{\"labels\":{}}}"),
		SPAN("{\"cgroup_paths\":[]}"),
		SPAN("{\"pid\":1,\"pid\":2}"),
	};
	struct runtime_state s;
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (try_state(bad[i], &s, &err) == 0 || err.text[0] == '\0')
			fail_msg("%s was read", bad[i].p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runc),
		cmocka_unit_test(crun),
		cmocka_unit_test(others_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
