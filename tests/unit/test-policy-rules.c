/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of a policy, what a second file changes, and each mistake with its place. */
#include "core.h"

#include "policy/policy-rules.h"

static struct policy policy_of(const char *text)
{
	struct enforce_memory memory = test_memory(0);
	struct policy policy;
	struct error err;

	policy_defaults(&policy);
	if (policy_read(span_of(text), &memory.keep, &memory.scratch, &policy, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return policy;
}

/* ---- mistakes ---- */

/* The offset is where "@" stands in the text, which is taken out first. */
static const struct mistake {
	const char *text;
	const char *message;
} mistakes[] = {
	{"@", "is empty"},
	{"{}x@", "not valid JSON"},
	{"@[]", "must be an object"},
	{"{\"mode\": @\"Enforce\"}",
	 "\"Enforce\" is none of audit, complain, enforce, deny; did you mean \"enforce\"?"},
	{"{\"mode\": @1}", "must be a string"},
	{"{@\"Mode\": \"audit\"}", "Mode"},
	{"{\"mode\": \"audit\", @\"mode\": \"deny\"}", "twice"},
	{"{@\"modes\": \"audit\"}", "unknown key \"modes\"; did you mean \"mode\"?"},
	{"{\"weak\": @\"replaced\"}", "none of keep, replace, refuse"},
	{"{\"privileged\": @\"deny\"}", "none of exempt, enforce, refuse"},
	{"{\"hook\": @\"kill\"}", "none of live, refuse"},
	{"{\"flavor\": @\"docker\"}", "none of auto, moby, containerd, containers, crio"},
	{"{\"flavor\": @\"cri-o\"}", "crio; did you mean \"crio\"?"},
	{"{\"tighten\": [@\"af_alg\"]}", "foreign-abi; did you mean \"af-alg\"?"},
	{"{\"tighten\": [{\"names\": [@\"keyctrl\"]}]}", "did you mean \"keyctl\"?"},
	{"{\"profile\": @\"x.json\"}",
	 "must be runtime/default, engine, localhost/PATH or an absolute path"},
	{"{\"profile\": @\"localhost/\"}", "must be runtime/default"},
	{"{\"profile\": @\"\"}", "must be runtime/default"},
	{"{\"profile\": @\"unconfined\"}", "is for rules"},
	{"{\"annotations\": @true}", "must be an object"},
	{"{\"annotations\": {@\"honour\": true}}",
	 "unknown key \"honour\"; did you mean \"honor\"?"},
	{"{\"annotations\": {\"honor\": @\"yes\"}}", "must be a boolean"},
	{"{\"annotations\": {\"namespaces\": @[]}}", "names no namespace"},
	{"{\"annotations\": {\"namespaces\": [\"a\", @1]}}", "must be a string"},
	{"{\"localhostRoot\": @\"seccomp\"}", "must be an absolute path"},
	/* A key of earlier policies: never passed over. */
	{"{\"runtime\": @\"/usr/sbin/runc\"}", "is no longer policy: remove it"},
	{"{\"log\": {\"to\": @\"journal\"}}", "none of syslog"},
	{"{\"log\": @{}}", "required key \"to\" is missing"},
	{"{\"log\": @{\"to\": \"file\"}}", "\"path\" goes with \"to\": \"file\""},
	{"{\"log\": @{\"to\": \"syslog\", \"path\": \"/x\"}}", "\"path\" goes with"},
	{"{\"log\": {\"to\": \"file\", \"path\": @\"x\"}}", "must be an absolute path"},
	{"{\"rules\": @{}}", "must be an array"},
	{"{\"rules\": [@\"x\"]}", "must be an object"},
	{"{\"rules\": [@{\"match\": {}}]}", "required key \"name\" is missing"},
	{"{\"rules\": [@{\"name\": \"a\"}]}", "required key \"match\" is missing"},
	{"{\"rules\": [{\"name\": @\"\", \"match\": {}}]}", "must not be empty"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {}}, {\"name\": @\"a\", \"match\": {}}]}",
	 "another rule is called \"a\""},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {}, @\"log\": {\"to\": \"none\"}}]}",
	 "unknown key \"log\""},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {}, @\"runtime\": \"/x\"}]}",
	 "unknown key \"runtime\""},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {}, \"mode\": @\"off\"}]}", "none of audit"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {}, \"profile\": @\"none\"}]}",
	 "must be runtime/default, engine, localhost/PATH, unconfined or an absolute path"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {@\"user\": [\"x\"]}}]}",
	 "unknown key \"user\""},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {\"pod\": @\"x\"}}]}", "must be an array"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {\"pod\": @[]}}]}", "must not be empty"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {\"pod\": [@null]}}]}",
	 "null is not a value here"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {\"engine\": [\"podman\", @\"cri-0\"]}}]}",
	 "\"cri-0\" is none of containerd, cri-o, podman, docker, buildah; did you mean "
	 "\"cri-o\"?"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {\"sandbox\": @\"true\"}}]}",
	 "must be a boolean"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {\"annotation\": @{}}}]}", "must not be empty"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {\"annotation\": {\"k\": @[\"v\"]}}}]}",
	 "must be a string"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {\"annotation\": {\"k\": \"v\", @\"k\": "
	 "\"w\"}}}]}",
	 "\"k\" is written twice"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {}, \"until\": @\"2027-02-29\"}]}",
	 "must be a date"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {}, \"until\": @\"2027-13-01\"}]}",
	 "must be a date"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {}, \"until\": @\"2027-00-01\"}]}",
	 "must be a date"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {}, \"until\": @\"2027-01-00\"}]}",
	 "must be a date"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {}, \"until\": @\"2027-1-1\"}]}",
	 "must be a date"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {}, \"until\": @\"2027-01-01T00:00\"}]}",
	 "must be a date"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {}, \"until\": @\"20x7-01-01\"}]}",
	 "must be a date"},
	{"{\"rules\": [{\"name\": \"a\", \"match\": {}, \"until\": @20270101}]}",
	 "must be a string"},
	{"{\n\t\"mode\": \"deny\",\n\t@\"tighter\": 1\n}", "unknown key \"tighter\""},
	{"// a comment\n/* and\nanother */ {\"mode\":\n  @\"x\"}", "none of audit"},
};

static void each_mistake_is_placed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		struct enforce_memory memory = test_memory(0);
		const char *mark = strchr(mistakes[i].text, '@');
		size_t at = (size_t)(mark - mistakes[i].text), n = strlen(mistakes[i].text) - 1;
		struct policy policy, before;
		struct error err;
		char text[512];

		memcpy(text, mistakes[i].text, at);
		memcpy(text + at, mark + 1, n - at + 1);
		policy_defaults(&policy);
		before = policy;
		if (policy_read((struct span){text, n}, &memory.keep, &memory.scratch, &policy,
				&err) == 0)
			fail_msg("%s: is taken for a policy", text);
		if (strstr(err.text, mistakes[i].message) == NULL)
			fail_msg("%s: %s, not %s", text, err.text, mistakes[i].message);
		if (!err.has_pos || err.pos != at)
			fail_msg("%s: at %zu instead of %zu: %s", text, err.pos, at, err.text);
		assert_memory_equal(&policy, &before, sizeof(policy));
	}
}

static void sizes_are_limited(void **state)
{
	struct enforce_memory memory = test_memory(0);
	static char text[POLICY_MAX_SIZE + 1];
	struct policy policy;
	struct error err;

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text, "{}", 2);
	policy_defaults(&policy);
	assert_int_equal(policy_read((struct span){text, POLICY_MAX_SIZE}, &memory.keep,
				     &memory.scratch, &policy, &err),
			 0);
	assert_int_equal(policy_read((struct span){text, sizeof(text)}, &memory.keep,
				     &memory.scratch, &policy, &err),
			 -1);
	assert_non_null(strstr(err.text, "larger than the limit of 262144 bytes"));
	/* Too little memory to keep it is an error as well, at any point. */
	for (size_t size = 0; size < 400; size += 8) {
		struct arena small = {memory.keep.base, size, 0};

		if (policy_read(SPAN("{\"profile\":\"localhost/"
				     "x\",\"rules\":[{\"name\":\"a\",\"match\":"
				     "{\"pod\":[\"p\"],\"annotation\":{\"k\":\"v\"}},\"until\":"
				     "\"2027-01-"
				     "01\"}]}"),
				&small, &memory.scratch, &policy, &err) == 0)
			assert_true(size > 100);
		else
			assert_non_null(strstr(err.text, "the policy is too large"));
	}
}

/* ---- meaning ---- */

static void everything_is_read(void **state)
{
	struct policy p = policy_of(
		"{ // each key once\n"
		"\"mode\":\"deny\",\"profile\":\"localhost/a/"
		"b.json\",\"flavor\":\"crio\",\"weak\":\"refuse\","
		"\"privileged\":\"enforce\",\"hook\":\"refuse\",\"annotations\":{\"honor\":true,"
		"\"namespaces\":"
		"[\"dev-*\",\"ci\"]},\"localhostRoot\":\"/l\","
		"\"log\":{\"to\":\"file\","
		"\"path\":\"/p\"}}");

	(void)state;
	assert_int_equal(p.mode, MODE_DENY);
	assert_string_equal(p.profile, "a/b.json");
	assert_int_equal(p.flavor, PROFILE_CRIO);
	assert_int_equal(p.weak, WEAK_REFUSE);
	assert_int_equal(p.privileged, PRIVILEGED_ENFORCE);
	assert_int_equal(p.hook, HOOK_REFUSE);
	assert_string_equal(p.honor_namespaces->pattern, "dev-*");
	assert_string_equal(p.honor_namespaces->next->pattern, "ci");
	assert_string_equal(p.localhost_root, "/l");
	assert_string_equal(p.log_path, "/p");
}

static void rules_are_read(void **state)
{
	struct policy p =
		policy_of("{\"rules\":[{\"name\":\"first\",\"match\":{},\"mode\":\"audit\"},"
			  "{\"name\":\"second\",\"match\":{\"namespace\":[\"a\",\"b\"],\"sandbox\":"
			  "false,\"annotation\":{\"k\":\"v*\"}},\"profile\":\"unconfined\","
			  "\"reason\":\"why\",\"owner\":\"who\",\"until\":\"2028-02-29\"}]}");
	const struct policy_rule *rule = p.rules->next;

	(void)state;
	assert_string_equal(p.rules->name, "first");
	assert_int_equal(p.rules->settings.mode, MODE_AUDIT);
	assert_null(p.rules->until);
	assert_string_equal(rule->name, "second");
	assert_string_equal(rule->match.text[RULE_NAMESPACE]->next->pattern, "b");
	assert_null(rule->match.text[RULE_POD]);
	assert_true(rule->match.asks_sandbox && !rule->match.sandbox);
	assert_string_equal(rule->match.annotations->key, "k");
	assert_string_equal(rule->match.annotations->pattern, "v*");
	assert_true(rule->settings.unconfined);
	assert_string_equal(rule->reason, "why");
	assert_string_equal(rule->owner, "who");
	assert_string_equal(rule->until, "2028-02-29");
	/* date -u -d 2028-02-29 +%s, in days */
	assert_int_equal(rule->until_day, 21243);
	assert_null(rule->next);
	/* What is said in a rule is said there only. */
	assert_int_equal(p.mode, MODE_ENFORCE);
	assert_false(p.unconfined);
}

static void a_second_file_adds_rules_and_overrides(void **state)
{
	struct enforce_memory memory = test_memory(0);
	struct policy p;
	struct error err;

	(void)state;
	policy_defaults(&p);
	assert_int_equal(policy_read(SPAN("{\"mode\":\"audit\",\"weak\":\"refuse\",\"annotations\":"
					  "{\"namespaces\":"
					  "[\"x\"]},\"rules\":[{\"name\":\"a\",\"match\":{}}]}"),
				     &memory.keep, &memory.scratch, &p, &err),
			 0);
	assert_int_equal(policy_read(SPAN("{\"mode\":\"deny\",\"annotations\":{\"honor\":true},"
					  "\"rules\":[{\"name\":\"b\",\"match\":{}}]}"),
				     &memory.keep, &memory.scratch, &p, &err),
			 0);
	assert_int_equal(p.mode, MODE_DENY);
	assert_int_equal(p.weak, WEAK_REFUSE);
	assert_null(p.honor_namespaces);
	assert_string_equal(p.rules->name, "a");
	assert_string_equal(p.rules->next->name, "b");
	assert_null(p.rules->next->next);
	/* A name is taken in all files; and what failed has added nothing. */
	assert_int_equal(policy_read(SPAN("{\"rules\":[{\"name\":\"c\",\"match\":{}},{\"name\":"
					  "\"a\",\"match\":{}}]}"),
				     &memory.keep, &memory.scratch, &p, &err),
			 -1);
	assert_non_null(strstr(err.text, "another rule is called \"a\""));
	assert_null(p.rules->next->next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_is_placed),
		cmocka_unit_test(sizes_are_limited),
		cmocka_unit_test(everything_is_read),
		cmocka_unit_test(rules_are_read),
		cmocka_unit_test(a_second_file_adds_rules_and_overrides),
	};

	return cmocka_run_group_tests_name("policy-rules", tests, NULL, NULL);
}
