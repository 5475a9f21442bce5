/* SPDX-License-Identifier: Apache-2.0 */
/* The facts of a configuration, and what is refused because two runtimes would read it differently.
 */
#include "oci/capability.h"
#include "core.h"

#define MINIMAL "{\"ociVersion\":\"1.0.2\""

static int try_config(struct span text, struct ociconfig *ret_config, struct error *err)
{
	struct enforce_memory memory = test_memory(0);

	memset(err, 0, sizeof(*err));
	return ociconfig_read(text, &memory.keep, &memory.scratch, ret_config, err);
}

static void expect_error(struct span text, const char *part)
{
	struct ociconfig config;
	struct error err;

	if (try_config(text, &config, &err) == 0)
		fail_msg("%.*s: accepted", (int)text.n, text.p);
	if (strstr(err.text, part) == NULL || err.text[0] == '\0')
		fail_msg("%.*s: %s", (int)text.n, text.p, err.text);
}

static void spans_are_those_of_the_text(void **state)
{
	struct ociconfig c;

	(void)state;
	read_config(SPAN(" {\"ociVersion\":\"1\"}"), &c);
	assert_true(c.linux_.p == NULL && c.seccomp.p == NULL && !c.has_profile);
	read_config(SPAN(MINIMAL ",\"linux\" : { } }"), &c);
	assert_true(span_eq(c.linux_, SPAN("{ }")) && c.linux_is_empty && c.seccomp.p == NULL);
	read_config(SPAN(MINIMAL ",\"linux\":{\"x\":\"seccomp\",\"y\":{\"seccomp\":1}}}"), &c);
	assert_true(!c.linux_is_empty && c.seccomp.p == NULL);
	read_config(SPAN(MINIMAL ",\"linux\":{ \"seccomp\" : null }}"), &c);
	assert_true(span_eq(c.seccomp, SPAN("null")) && !c.has_profile);
	read_config(
		SPAN(MINIMAL ",\"linux\":{ \"seccomp\" : {\"defaultAction\":\"SCMP_ACT_LOG\" } }}"),
		&c);
	assert_true(span_eq(c.seccomp, SPAN("{\"defaultAction\":\"SCMP_ACT_LOG\" }")) &&
		    c.has_profile);
	assert_int_equal(c.profile.default_action, OCI_ACT_LOG);
	read_config(SPAN(MINIMAL ",\"\\u006cinux\":{\"\\u0073eccomp\":{}}}"), &c);
	assert_true(span_eq(c.seccomp, SPAN("{}")) && c.has_profile && c.profile.empty);
}

static void ambiguous_configurations_are_refused(void **state)
{
	static const struct span bad[] = {
		SPAN(""),
		SPAN("null"),
		SPAN("[]"),
		SPAN("{}"),
		SPAN("{\"ociVersion\":null}"),
		SPAN("{\"ociVersion\":1}"),
		SPAN("{\"ociVersion\":\"1\",\"ociVersion\":\"1\"}"),
		SPAN("{\"ocIversion\":\"1\"}"),
		SPAN("\xef\xbb\xbf" MINIMAL "}"),
		SPAN("/**/" MINIMAL "}"),
		SPAN(MINIMAL "}x"),
		SPAN(MINIMAL "}{}"),
		SPAN(MINIMAL "}\0garbage"),
		SPAN(MINIMAL ",}"),
		SPAN(MINIMAL ",\"x\":\"\xff\"}"),
		SPAN(MINIMAL ",\"linux\":null}"),
		SPAN(MINIMAL ",\"linux\":[]}"),
		SPAN(MINIMAL ",\"linux\":\"x\"}"),
		SPAN(MINIMAL ",\"linux\":{},\"linux\":{}}"),
		SPAN(MINIMAL ",\"linux\":{},\"Linux\":{}}"),
		SPAN(MINIMAL ",\"LINUX\":{\"seccomp\":" PROFILE_OF_ERRNO "}}"),
		SPAN(MINIMAL ",\"linux\\u0000\":{}}"),
		SPAN(MINIMAL ",\"linux\":{\"seccomp\":" PROFILE_OF_ERRNO ",\"seccomp\":null}}"),
		SPAN(MINIMAL ",\"linux\":{\"seccomp\":null,\"\\u0073eccomp\":" PROFILE_OF_ERRNO
			     "}}"),
		SPAN(MINIMAL ",\"linux\":{\"seccomp\":" PROFILE_OF_ERRNO ",\"\xc5\xbf"
			     "eccomp\":null}}"),
		SPAN(MINIMAL ",\"linux\":{\"SECCOMP\":" PROFILE_OF_ERRNO "}}"),
		SPAN(MINIMAL ",\"linux\":{\"seccomp\\u0000\":" PROFILE_OF_ERRNO "}}"),
		SPAN(MINIMAL ",\"linux\":{\"seccomp\":\"x\"}}"),
		SPAN(MINIMAL ",\"linux\":{\"seccomp\":1}}"),
		SPAN(MINIMAL ",\"linux\":{\"seccomp\":true}}"),
		SPAN(MINIMAL ",\"linux\":{\"seccomp\":[]}}"),
		SPAN(MINIMAL
		     ",\"linux\":{\"seccomp\":{\"syscalls\":[{\"names\":[\"read\"],\"action\":"
		     "\"SCMP_ACT_ERRNO\"}]}}}"),
		SPAN(MINIMAL ",\"linux\":{\"maskedPaths\":\"x\"}}"),
		SPAN(MINIMAL ",\"linux\":{\"maskedPath\xc5\xbf\":[]}}"),
		SPAN(MINIMAL ",\"linux\":{\"resources\":{\"devices\":{}}}}"),
		SPAN(MINIMAL ",\"process\":{\"capabilities\":{\"bounding\":[1]}}}"),
		SPAN(MINIMAL ",\"process\":{\"capabilities\":{\"Bounding\":[]}}}"),
		SPAN(MINIMAL ",\"annotations\":[]}"),
		SPAN(MINIMAL ",\"annotations\":{\"a\":1}}"),
		SPAN(MINIMAL ",\"annotations\":{\"a\":null}}"),
		SPAN(MINIMAL ",\"annotations\":{\"run.oci.seccomp_bpf_data\\u0000\":\"x\"}}"),
		SPAN(MINIMAL ",\"annotations\":{\"a\":\"1\",\"a\":\"2\"}}"),
		SPAN(MINIMAL ",\"annotations\":{\"a\":\"1\",\"\\u0061\":\"2\"}}"),
		SPAN(MINIMAL ",\"annotations\":{},\"annotations\":{\"a\":\"1\"}}"),
		SPAN(MINIMAL ",\"annotation\xc5\xbf\":{}}"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		expect_error(bad[i], "");
}

static void a_configuration_has_a_largest_size(void **state)
{
	static char text[OCICONFIG_MAX_SIZE + 1];
	struct ociconfig config;
	struct error err;

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text, MINIMAL "}", strlen(MINIMAL "}"));
	assert_int_equal(try_config((struct span){text, OCICONFIG_MAX_SIZE}, &config, &err), 0);
	expect_error((struct span){text, sizeof(text)}, "limit of 4194304 bytes");
}

static void annotations_are_found_by_their_exact_key(void **state)
{
	struct ociconfig c;

	(void)state;
	read_config(SPAN(MINIMAL
			 ",\"annotations\":{\"a\":\"1\",\"A\":\"2\",\"b\":\"x\\ny\",\"\":\"e\"}}"),
		    &c);
	assert_true(span_eq(ociconfig_annotation(&c, SPAN("a")), SPAN("1")));
	assert_true(span_eq(ociconfig_annotation(&c, SPAN("A")), SPAN("2")));
	assert_true(span_eq(ociconfig_annotation(&c, SPAN("b")), SPAN("x\ny")));
	assert_true(span_eq(ociconfig_annotation(&c, SPAN("")), SPAN("e")));
	assert_null(ociconfig_annotation(&c, SPAN("c")).p);
}

static void filters_from_outside_are_seen(void **state)
{
	static const struct {
		const char *key;
		bool foreign;
	} rows[] = {
		{"run.oci.seccomp_bpf_data", true},  {"run.oci.seccomp.plugins", true},
		{"run.oci.seccomp.receiver", true},  {"run.oci.seccomp\\u005fbpf_data", true},
		{"RUN.OCI.SECCOMP_BPF_DATA", false}, {"run.oci.seccomp_bpf_dat", false},
		{"run.oci.handler", false},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ociconfig c;
		int n = snprintf(text, sizeof(text),
				 MINIMAL ",\"annotations\":{\"x\":\"y\",\"%s\":\"\"}}",
				 rows[i].key);

		read_config((struct span){text, (size_t)n}, &c);
		if ((ociconfig_foreign_filter(&c) != NULL) != rows[i].foreign)
			fail_msg("%s", text);
	}
}

static void capabilities_are_the_bounding_set(void **state)
{
	struct ociconfig c;

	(void)state;
	read_config(
		SPAN(MINIMAL
		     ",\"process\":{\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_BOGUS\","
		     "\"cap_kill\",\"CAP_CHECKPOINT_RESTORE\"],\"effective\":[\"CAP_KILL\"]}}}"),
		&c);
	assert_true(c.bounding == (UINT64_C(1) | UINT64_C(1) << 40));
	read_config(SPAN(MINIMAL ",\"process\":{\"capabilities\":{\"bounding\":null}}}"), &c);
	assert_true(c.bounding == 0);
}

#define PRIVILEGED(caps, linux_, annotations)                                                      \
	MINIMAL "," PROCESS_WITH(caps) "\"linux\":{" linux_ "},\"annotations\":{" annotations "}}"
#define DEVICES(list) "\"resources\":{\"devices\":[" list "]}"

static const struct {
	struct span text;
	bool privileged;
} privileged[] = {
	{SPAN(PRIVILEGED(CAPS_37, DEVICES_OPEN, "")), true},
	{SPAN(PRIVILEGED(CAPS_37, DEVICES_OPEN ",\"maskedPaths\":[]", "")), true},
	{SPAN(PRIVILEGED(CAPS_37, DEVICES_OPEN ",\"maskedPaths\":null", "")), true},
	{SPAN(PRIVILEGED(CAPS_37, DEVICES_OPEN ",\"maskedPaths\":[\"/proc/kcore\"]", "")), false},
	{SPAN(PRIVILEGED(CAPS_37, "", "")), false},
	{SPAN(PRIVILEGED(CAPS_37, DEVICES(""), "")), false},
	{SPAN(PRIVILEGED(CAPS_37, DEVICES("{\"allow\":false,\"access\":\"rwm\"}"), "")), false},
	{SPAN(PRIVILEGED(CAPS_37, DEVICES("{\"access\":\"rwm\"}"), "")), false},
	{SPAN(PRIVILEGED(CAPS_37, DEVICES("{\"allow\":true,\"access\":\"rw\"}"), "")), false},
	{SPAN(PRIVILEGED(CAPS_37, DEVICES("{\"allow\":true,\"access\":\"rwm\",\"type\":\"c\"}"),
			 "")),
	 false},
	{SPAN(PRIVILEGED(CAPS_37, DEVICES("{\"allow\":true,\"access\":\"rwm\",\"type\":\"a\"}"),
			 "")),
	 true},
	{SPAN(PRIVILEGED(CAPS_37, DEVICES("{\"allow\":true,\"access\":\"rwm\",\"major\":1}"), "")),
	 false},
	{SPAN(PRIVILEGED(CAPS_37,
			 DEVICES("{\"allow\":true,\"access\":\"rwm\",\"major\":-1,\"minor\":-1}"),
			 "")),
	 true},
	{SPAN(PRIVILEGED(CAPS_37,
			 DEVICES("{\"allow\":false,\"access\":\"rwm\"},{\"allow\":true,"
				 "\"access\":\"rwm\"}"),
			 "")),
	 true},
	{SPAN(PRIVILEGED("\"CAP_SYS_ADMIN\",\"CAP_SYS_MODULE\"", DEVICES_OPEN, "")), false},
	{SPAN(PRIVILEGED(CAPS_37, DEVICES_OPEN, "\"io.podman.annotations.privileged\":\"TRUE\"")),
	 true},
	{SPAN(PRIVILEGED(CAPS_37, DEVICES_OPEN, "\"io.podman.annotations.privileged\":\"FALSE\"")),
	 false},
	{SPAN(PRIVILEGED(CAPS_37, "", "\"io.podman.annotations.privileged\":\"TRUE\"")), true},
	/* The engine's word alone is not enough. */
	{SPAN(PRIVILEGED("\"CAP_CHOWN\"", DEVICES_OPEN,
			 "\"io.podman.annotations.privileged\":\"TRUE\"")),
	 false},
};

static void privileged_containers_show_by_their_facts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(privileged); i++) {
		struct ociconfig c;

		read_config(privileged[i].text, &c);
		if (ociconfig_is_privileged(&c) != privileged[i].privileged)
			fail_msg("row %zu: %.*s", i, (int)privileged[i].text.n,
				 privileged[i].text.p);
	}
}

/* The last rule that matches a device counts. */
/* 37 capabilities are the fewest, whichever is missing; one that stands twice counts once. */
static void one_capability_less_is_not_privileged(void **state)
{
	static const char all[] = CAPS_37;
	struct ociconfig config;
	char caps[sizeof(all)], text[4096];

	(void)state;
	for (size_t at = 0, n; at < sizeof(all) - 1; at += n + 1) {
		n = strcspn(all + at, ",");
		if (n < strlen("\"CAP_CHOWN\""))
			continue;
		memcpy(caps, all, sizeof(all));
		memset(caps + at, ' ', n);
		memcpy(caps + at, "\"CAP_CHOWN\"", strlen("\"CAP_CHOWN\""));
		snprintf(text, sizeof(text),
			 MINIMAL "," PROCESS_WITH("%s") "\"linux\":{" DEVICES_OPEN "}}", caps);
		read_config(span_of(text), &config);
		assert_true(ociconfig_is_privileged(&config) == (at == 0));
	}
}

static void device_rules_are_read_as_the_kernel_takes_them(void **state)
{
#define ALLOW "{\"allow\":true,\"access\":\"rwm\"}"
#define DENY "{\"allow\":false,\"access\":\"rwm\"}"
#define ALLOW_KIND(kind) "{\"allow\":true,\"type\":\"" kind "\",\"access\":\"mrw\"}"
#define FUSE(allow)                                                                                \
	"{\"allow\":" allow ",\"type\":\"c\",\"major\":10,\"minor\":229,\"access\":\"rwm\"}"
	static const struct {
		struct span text;
		bool all;
	} rows[] = {
		{SPAN(MINIMAL ",\"linux\":{" DEVICES(DENY "," FUSE("false") "," ALLOW) "}}"), true},
		{SPAN(MINIMAL ",\"linux\":{" DEVICES(ALLOW "," FUSE("true")) "}}"), true},
		{SPAN(MINIMAL ",\"linux\":{" DEVICES(ALLOW "," FUSE("false")) "}}"), false},
		{SPAN(MINIMAL ",\"linux\":{" DEVICES(ALLOW "," DENY) "}}"), false},
		{SPAN(MINIMAL ",\"linux\":{" DEVICES(ALLOW "," DENY "," FUSE("true")) "}}"), false},
		{SPAN(MINIMAL ",\"linux\":{" DEVICES(ALLOW_KIND("b")) "}}"), false},
		{SPAN(MINIMAL ",\"linux\":{" DEVICES(ALLOW_KIND("b") "," ALLOW_KIND("c")) "}}"),
		 true},
		{SPAN(MINIMAL ",\"linux\":{" DEVICES(ALLOW_KIND("p")) "}}"), false},
		{SPAN(MINIMAL ",\"linux\":{" DEVICES("{\"allow\":true}") "}}"), false},
		{SPAN(MINIMAL
		      ",\"linux\":{" DEVICES(ALLOW ",{\"allow\":false,\"type\":\"b\"}") "}}"),
		 false},
		{SPAN(MINIMAL ",\"linux\":{" DEVICES("") "}}"), false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ociconfig c;

		read_config(rows[i].text, &c);
		if (c.all_devices != rows[i].all)
			fail_msg("row %zu: %.*s", i, (int)rows[i].text.n, rows[i].text.p);
	}
}

#define MOUNTED(mounts) MINIMAL ",\"mounts\":[" mounts "]," PROCESS_WITH(CAPS_37) "\"linux\":{}}"

/* Engines that give a privileged container no device give it a sysfs that it may write to. */
static void a_writable_sysfs_stands_for_the_devices(void **state)
{
#define SYSFS "{\"destination\":\"/sys\",\"type\":\"sysfs\",\"source\":\"sysfs\",\"options\":"
	static const struct {
		struct span text;
		bool privileged;
	} rows[] = {
		{SPAN(MOUNTED(SYSFS "[\"nosuid\",\"rw\"]}")), true},
		{SPAN(MOUNTED("{\"options\":null,\"type\":\"sysfs\",\"destination\":\"/sys\"}")),
		 true},
		{SPAN(MOUNTED(SYSFS "[\"nosuid\",\"ro\"]}")), false},
		{SPAN(MOUNTED(SYSFS "[\"rw\"]}," SYSFS "[\"ro\"]}")), false},
		{SPAN(MOUNTED(SYSFS "[\"rw\"]},{\"destination\":\"/sys\",\"type\":\"bind\"}")),
		 false},
		{SPAN(MOUNTED("{\"destination\":\"/sys\",\"type\":\"bind\",\"source\":\"/sys\"}")),
		 false},
		{SPAN(MOUNTED("{\"destination\":\"/sys2\",\"type\":\"sysfs\"}")), false},
		{SPAN(MINIMAL ",\"mounts\":[" SYSFS "[]}],\"linux\":{}}"), false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ociconfig c;

		read_config(rows[i].text, &c);
		if (ociconfig_is_privileged(&c) != rows[i].privileged)
			fail_msg("row %zu: %.*s", i, (int)rows[i].text.n, rows[i].text.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_are_those_of_the_text),
		cmocka_unit_test(ambiguous_configurations_are_refused),
		cmocka_unit_test(a_configuration_has_a_largest_size),
		cmocka_unit_test(annotations_are_found_by_their_exact_key),
		cmocka_unit_test(filters_from_outside_are_seen),
		cmocka_unit_test(capabilities_are_the_bounding_set),
		cmocka_unit_test(privileged_containers_show_by_their_facts),
		cmocka_unit_test(one_capability_less_is_not_privileged),
		cmocka_unit_test(device_rules_are_read_as_the_kernel_takes_them),
		cmocka_unit_test(a_writable_sysfs_stands_for_the_devices),
	};

	return cmocka_run_group_tests_name("ociconfig", tests, NULL, NULL);
}
