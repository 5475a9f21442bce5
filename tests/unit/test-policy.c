/* SPDX-License-Identifier: Apache-2.0 */
/* The policy: followed whole or not at all. */
#include "core.h"

static int try_policy(struct span text, struct policy *policy, struct error *err)
{
	struct enforce_memory memory = test_memory(0);

	policy_defaults(policy);
	memset(err, 0, sizeof(*err));
	return policy_read(text, &memory.keep, &memory.scratch, policy, err);
}

static struct policy expect_policy(const char *text)
{
	struct policy policy;
	struct error err;

	if (try_policy(span_of(text), &policy, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return policy;
}

static void expect_error(struct span text, const char *part)
{
	struct policy policy, defaults;
	struct error err;

	policy_defaults(&defaults);
	if (try_policy(text, &policy, &err) == 0)
		fail_msg("%.*s: accepted", (int)text.n, text.p);
	if (strstr(err.text, part) == NULL || err.text[0] == '\0')
		fail_msg("%.*s: %s", (int)text.n, text.p, err.text);
	/* Nothing of it is followed. */
	assert_memory_equal(&policy, &defaults, sizeof(policy));
}

static void an_empty_policy_is_the_defaults(void **state)
{
	struct policy policy = expect_policy("{}"), defaults;

	(void)state;
	policy_defaults(&defaults);
	assert_memory_equal(&policy, &defaults, sizeof(policy));
	assert_int_equal(policy.mode, MODE_ENFORCE);
	assert_int_equal(policy.weak, WEAK_KEEP);
	assert_int_equal(policy.privileged, PRIVILEGED_EXEMPT);
	assert_int_equal(policy.log, LOG_TO_SYSLOG);
	assert_int_equal(policy.flavor, POLICY_FLAVOR_AUTO);
	assert_null(policy.profile);
	assert_true(policy.honor_annotations);
	assert_string_equal(policy.localhost_root, "/var/lib/kubelet/seccomp");
}

/* The text of the defaults says what policy_defaults() does, for each key that has a default. */
static void the_defaults_have_a_text(void **state)
{
	static const char *const no_default[] = {"metrics", "runtime"};
	struct enforce_memory memory = test_memory(0);
	struct policy policy, defaults;
	struct error err;

	(void)state;
	policy_defaults(&defaults);
	policy = expect_policy(
		"{\"mode\":\"deny\",\"profile\":\"/x\",\"flavor\":\"crio\",\"weak\":\"refuse\","
		"\"privileged\":\"refuse\",\"hook\":\"refuse\",\"restore\":\"allow\","
		"\"denials\":\"log\",\"filter\":\"ready\","
		"\"listeners\":[\"/a\"],\"annotations\":{\"honor\":false,\"namespaces\":[\"x\"]},"
		"\"tighten\":[\"bpf\"],\"localhostRoot\":\"/x\",\"log\":{\"to\":\"none\"}}");
	if (policy_read(span_of(policy_defaults_text), &memory.keep, &memory.scratch, &policy,
			&err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; policy_key(i) != NULL; i++) {
		bool has = true;

		for (size_t j = 0; j < ARRAY_SIZE(no_default); j++)
			has = has && strcmp(policy_key(i), no_default[j]) != 0;
		if (has != (policy.origin[i].p != NULL))
			fail_msg("%s", policy_key(i));
		policy.origin[i] = (struct span){0};
	}
	assert_string_equal(policy.localhost_root, defaults.localhost_root);
	policy.localhost_root = defaults.localhost_root;
	assert_memory_equal(&policy, &defaults, sizeof(policy));
}

static bool is_origin(struct span origin, const char *text)
{
	return span_eq(origin, span_of(text));
}

static void each_value_knows_its_text(void **state)
{
	static const char text[] = "{ \"mode\" : \"audit\", // x\n \"log\":{\"to\": \"none\" },\n"
				   "\"rules\":[{\"name\":\"a\",\"match\":{ }, \"weak\":\"keep\"}]}";
	struct policy policy = expect_policy(text);
	const struct span *of_rule = policy.rules->settings.origin;
	size_t found = 0;

	(void)state;
	for (size_t i = 0; policy_key(i) != NULL; i++) {
		if (policy.origin[i].p == NULL)
			continue;
		found++;
		assert_true(policy.origin[i].p > text && policy.origin[i].p < text + sizeof(text));
		if (strcmp(policy_key(i), "mode") == 0)
			assert_true(is_origin(policy.origin[i], "\"audit\""));
		if (strcmp(policy_key(i), "log") == 0)
			assert_true(is_origin(policy.origin[i], "{\"to\": \"none\" }"));
	}
	assert_int_equal(found, 3);
	found = 0;
	for (size_t i = 0; policy_rule_key(i) != NULL; i++) {
		if (of_rule[i].p == NULL)
			continue;
		found++;
		if (strcmp(policy_rule_key(i), "match") == 0)
			assert_true(is_origin(of_rule[i], "{ }"));
	}
	assert_int_equal(found, 3);
}

static void restrictions_are_read(void **state)
{
	struct policy p =
		expect_policy("{\"tighten\":[\"af-alg\",{/* netlink "
			      "*/\"names\":[\"socket\",\"socketpair\"],\"args\":[{\"index\":0,"
			      "\"op\":\"SCMP_CMP_MASKED_EQ\",\"value\":4294967295,\"valueTwo\":16}]"
			      "},\"userns\"],\"rules\":[{"
			      "\"name\":\"r\",\"match\":{},\"tighten\":[{\"names\":[\"kcmp\"]}]},{"
			      "\"name\":\"none\",\"match\":{},"
			      "\"tighten\":[]}]}");
	const struct tighten *by_rule = &p.rules->settings.tighten;

	(void)state;
	assert_int_equal(p.tighten.named, 1U << TIGHTEN_AF_ALG | 1U << TIGHTEN_USERNS);
	assert_int_equal(p.tighten.n_custom, 1);
	assert_true(span_eq(p.tighten.custom->names->next->name, SPAN("socketpair")));
	assert_null(p.tighten.custom->names->next->next);
	assert_int_equal(p.tighten.custom->args->op, OCI_CMP_MASKED_EQ);
	assert_int_equal(p.tighten.custom->args->value_two, 16);
	assert_int_equal(by_rule->named, 0);
	assert_int_equal(by_rule->n_custom, 1);
	assert_true(span_eq(by_rule->custom->names->name, SPAN("kcmp")));
	assert_true(tighten_is_empty(&p.rules->next->settings.tighten));
	/* All of them, for a workload that could be anybody's. */
	assert_ptr_equal(p.customs, p.tighten.custom);
	assert_ptr_equal(p.customs->next, by_rule->custom);
}

static void settings_are_read(void **state)
{
	struct policy p = expect_policy(
		"// comment\n{\"mode\":\"deny\",/* another "
		"*/\"profile\":\"localhost/a/b.json\",\"flavor\":\"crio\","
		"\"weak\":\"replace\",\"privileged\":\"refuse\",\"annotations\":{\"honor\":false},"
		"\"localhostRoot\":\"/l\",\"log\":{\"to\":\"file\",\"path\":\"/"
		"p\"}} // "
		"end\n");

	(void)state;
	assert_int_equal(p.mode, MODE_DENY);
	assert_int_equal(p.weak, WEAK_REPLACE);
	assert_int_equal(p.privileged, PRIVILEGED_REFUSE);
	assert_int_equal(p.flavor, PROFILE_CRIO);
	assert_int_equal(p.log, LOG_TO_FILE);
	assert_false(p.honor_annotations);
	assert_string_equal(p.profile, "a/b.json");
	assert_string_equal(p.localhost_root, "/l");
	assert_string_equal(p.log_path, "/p");
	assert_string_equal(expect_policy("{\"profile\":\"/x.json\"}").profile, "/x.json");
	assert_int_equal(expect_policy("{\"restore\":\"allow\"}").restore, RESTORE_ALLOW);
	p = expect_policy("{\"listeners\":[\"/a\",\"/b\"],\"rules\":[{\"name\":\"r\",\"match\":{},"
			  "\"listeners\":[],\"restore\":\"allow\"}]}");
	assert_int_equal(p.restore, RESTORE_REFUSE);
	assert_string_equal(p.listeners->pattern, "/a");
	assert_string_equal(p.listeners->next->pattern, "/b");
	assert_null(p.rules->settings.listeners);
	assert_int_equal(p.rules->settings.restore, RESTORE_ALLOW);
	assert_null(expect_policy("{\"profile\":\"runtime/default\"}").profile);
}

static void every_word_of_a_setting_is_known(void **state)
{
	static const struct {
		const char *key;
		const char *words[5];
	} settings[] = {
		{"mode", {"audit", "complain", "enforce", "deny"}},
		{"weak", {"keep", "replace", "refuse"}},
		{"privileged", {"exempt", "enforce", "refuse"}},
		{"flavor", {"auto", "moby", "containerd", "containers", "crio"}},
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		static const char *const bad[] = {"",     "Enforce", "enforce ",
						  "none", "audi",    "x\\u001b[0m"};

		for (size_t j = 0; j < 5 && settings[i].words[j]; j++) {
			snprintf(text, sizeof(text), "{\"%s\":\"%s\"}", settings[i].key,
				 settings[i].words[j]);
			expect_policy(text);
		}
		for (size_t j = 0; j < ARRAY_SIZE(bad); j++) {
			int n = snprintf(text, sizeof(text), "{\"%s\":\"%s\"}", settings[i].key,
					 bad[j]);

			expect_error((struct span){text, (size_t)n}, settings[i].words[1]);
		}
	}
	for (int mode = 0; mode < MODES; mode++)
		assert_string_equal(policy_mode_name(mode), settings[0].words[mode]);
}

static const struct span not_known[] = {
	SPAN(""),
	SPAN("[]"),
	SPAN("{"),
	SPAN("{\"mode\":0"),
	SPAN("{}{}"),
	SPAN("{}x"),
	SPAN("{\"mod\":\"audit\"}"),
	SPAN("{\"Mode\":\"audit\"}"),
	SPAN("{\"mode\":null}"),
	SPAN("{\"mode\":1}"),
	SPAN("{\"mode\":[\"audit\"]}"),
	SPAN("{\"mode\":\"audit\",\"mode\":\"audit\"}"),
	SPAN("{\"mode\\u0000\":\"audit\"}"),
	SPAN("{\"mode\":\"audit\\u0000x\"}"),
	SPAN("{\"profile\":\"\"}"),
	SPAN("{\"profile\":\"localhost/\"}"),
	SPAN("{\"profile\":\"x.json\"}"),
	SPAN("{\"runtime\":\"runc\"}"),
	SPAN("{\"localhostRoot\":\"x\"}"),
	SPAN("{\"annotations\":{\"honour\":true}}"),
	SPAN("{\"annotations\":{\"honor\":\"yes\"}}"),
	SPAN("{\"annotations\":{\"namespaces\":[]}}"),
	SPAN("{\"annotations\":{\"namespaces\":[1]}}"),
	SPAN("{\"annotations\":{\"namespaces\":\"*\"}}"),
	SPAN("{\"log\":{}}"),
	SPAN("{\"log\":\"syslog\"}"),
	SPAN("{\"log\":{\"to\":\"file\"}}"),
	SPAN("{\"log\":{\"to\":\"syslog\",\"path\":\"/x\"}}"),
	SPAN("{\"log\":{\"to\":\"file\",\"path\":\"x\"}}"),
	SPAN("{\"log\":{\"to\":\"tape\"}}"),
	SPAN("# comment\n{}"),
	SPAN("{/*}"),
	SPAN("{'mode':'audit'}"),
	SPAN("{\"mode\":\"audit\",}"),
};

static void whatever_is_not_known_is_an_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(not_known); i++)
		expect_error(not_known[i], "");
	expect_error(SPAN("{\"modes\":1}"), "unknown key \"modes\"");
	expect_error(SPAN("{\"tighten\":[\"alg\"]}"),
		     "\"alg\" is no restriction: known are af-alg");
	expect_error(SPAN("{\"restore\":\"keep\"}"), "is none of allow, refuse");
	expect_error(SPAN("{\"listeners\":\"/a\"}"), "listeners");
	expect_error(SPAN("{\"listeners\":[\"a\"]}"), "must be an absolute path");
	expect_error(SPAN("{\"listeners\":[\"\"]}"), "must be an absolute path");
	expect_error(SPAN("{\"tighten\":[1]}"), "must be the name of a restriction");
	expect_error(SPAN("{\"tighten\":[null]}"), "null is not a value here");
	expect_error(SPAN("{\"tighten\":\"af-alg\"}"), "tighten");
	expect_error(SPAN("{\"tighten\":[{}]}"), "\"names\" is missing");
	expect_error(SPAN("{\"tighten\":[{\"names\":[]}]}"), "must not be empty");
	expect_error(SPAN("{\"tighten\":[{\"names\":[\"sokket\"]}]}"),
		     "unknown system call \"sokket\"");
	expect_error(SPAN("{\"tighten\":[{\"name\":[\"socket\"]}]}"), "unknown key \"name\"");
	expect_error(SPAN("{\"tighten\":[{\"names\":[\"socket\"],\"args\":[{\"index\":0,\"op\":"
			  "\"SCMP_CMP_EQ\"}]}]}"),
		     "\"value\" is missing");
	expect_error(SPAN("{\"tighten\":[{\"names\":[\"socket\"],\"args\":[{\"index\":6,\"value\":"
			  "1,\"op\":"
			  "\"SCMP_CMP_EQ\"}]}]}"),
		     "arguments 0 to 5");
	expect_error(SPAN("{\"tighten\":[{\"names\":[\"socket\"],\"args\":[{\"index\":0,\"value\":"
			  "1,\"op\":"
			  "\"EQ\"}]}]}"),
		     "unknown operator \"EQ\"");
	expect_error(
		SPAN("{\"tighten\":[{\"names\":[\"socket\"],\"args\":[{\"index\":0,\"value\":1,"
		     "\"valueTwo\":2,"
		     "\"op\":\"SCMP_CMP_MASKED_EQ\"}]}]}"),
		"outside of the mask");
	expect_error(SPAN("{\"tighten\":[{\"names\":[\"socket\"],\"args\":[{\"index\":0,\"value\":"
			  "1,\"op\":"
			  "\"SCMP_CMP_EQ\"},{\"index\":0,\"value\":2,\"op\":\"SCMP_CMP_EQ\"}]}]}"),
		     "a second condition on argument 0");
}

static void a_policy_has_a_largest_size(void **state)
{
	static char text[POLICY_MAX_SIZE + 1];
	struct policy policy;
	struct error err;

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text, "{}", 2);
	assert_int_equal(try_policy((struct span){text, POLICY_MAX_SIZE}, &policy, &err), 0);
	expect_error((struct span){text, sizeof(text)}, "limit");
}

static void patterns_match_the_whole_text(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} rows[] = {
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "abc", true},
		{"**", "abc", true},
		{"?", "", false},
		{"?", "a", true},
		{"?", "ab", false},
		{"abc", "abc", true},
		{"abc", "abcd", false},
		{"abc", "ab", false},
		{"a*", "abc", true},
		{"*c", "abc", true},
		{"a*c", "ac", true},
		{"a*c", "abd", false},
		{"*b*", "abc", true},
		{"a*b*c", "aXbYbZc", true},
		{"a*b*c", "aXbYbZ", false},
		{"kube-*", "kube-system", true},
		{"kube-*", "akube-system", false},
		{"db-?", "db-1", true},
		{"[a]", "a", false},
		{"[a]", "[a]", true},
		{"\\*", "*", false},
		{"\\*", "\\x", true},
		{"A", "a", false},
		{"*aab", "aaaab", true},
		{"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (policy_glob_matches(rows[i].pattern, span_of(rows[i].text)) != rows[i].matches)
			fail_msg("%s, %s", rows[i].pattern, rows[i].text);
	/* A NUL in the text is a character, not its end. */
	assert_false(policy_glob_matches("a", SPAN("a\0b")));
	assert_true(policy_glob_matches("a?b", SPAN("a\0b")));
	assert_true(policy_glob_matches("", (struct span){0}));
	assert_true(policy_glob_matches("*", (struct span){0}));
}

static void annotations_are_honored_by_namespace(void **state)
{
	struct enforce_memory memory = test_memory(1);
	struct policy policy;
	struct error err;

	(void)state;
	policy_defaults(&policy);
	assert_true(policy_honors_annotations(&policy, SPAN("x")));
	assert_true(policy_honors_annotations(&policy, SPAN("")));
	assert_int_equal(
		policy_read(SPAN("{\"annotations\":{\"namespaces\":[\"dev-*\",\"test\"]}}"),
			    &memory.keep, &memory.scratch, &policy, &err),
		0);
	assert_true(policy_honors_annotations(&policy, SPAN("dev-1")));
	assert_true(policy_honors_annotations(&policy, SPAN("test")));
	assert_false(policy_honors_annotations(&policy, SPAN("prod")));
	assert_false(policy_honors_annotations(&policy, SPAN("")));
	policy.honor_annotations = false;
	assert_false(policy_honors_annotations(&policy, SPAN("test")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_policy_is_the_defaults),
		cmocka_unit_test(the_defaults_have_a_text),
		cmocka_unit_test(each_value_knows_its_text),
		cmocka_unit_test(settings_are_read),
		cmocka_unit_test(restrictions_are_read),
		cmocka_unit_test(every_word_of_a_setting_is_known),
		cmocka_unit_test(whatever_is_not_known_is_an_error),
		cmocka_unit_test(a_policy_has_a_largest_size),
		cmocka_unit_test(patterns_match_the_whole_text),
		cmocka_unit_test(annotations_are_honored_by_namespace),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
