/* SPDX-License-Identifier: Apache-2.0 */
/* Which rule a workload gets, until when, and what that does to the decision. */
#include "core.h"

#include "policy/policy-rules.h"

#include <time.h>

#define DAY INT64_C(86400)

/* A container of containerd's: namespace db-1, pod pg-0, container old, image r/pg:9. */
#define WORKLOAD                                                                                   \
	"\"io.kubernetes.cri.container-type\":\"container\",\"io.kubernetes.cri.sandbox-id\":"     \
	"\"f\","                                                                                   \
	"\"io.kubernetes.cri.sandbox-name\":\"pg-0\",\"io.kubernetes.cri.sandbox-namespace\":"     \
	"\"db-1\","                                                                                \
	"\"io.kubernetes.cri.container-name\":\"old\",\"io.kubernetes.cri.image-name\":\"r/"       \
	"pg:9\","                                                                                  \
	"\"team\":\"blue\""
#define SANDBOX                                                                                    \
	"\"io.kubernetes.cri.container-type\":\"sandbox\",\"io.kubernetes.cri.sandbox-id\":\"f\"," \
	"\"io.kubernetes.cri.sandbox-name\":\"pg-0\",\"io.kubernetes.cri.sandbox-namespace\":"     \
	"\"db-1\""

static struct policy policy_of(const char *text)
{
	struct enforce_memory memory = test_memory(1);
	struct policy policy;
	struct error err;

	policy_defaults(&policy);
	if (policy_read(span_of(text), &memory.keep, &memory.scratch, &policy, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return policy;
}

static struct decision decide_on(const char *annotations, const char *linux_,
				 const struct policy *policy, int64_t now)
{
	static char text[4096];
	struct ociconfig config;
	struct identity id;
	struct enforce_memory memory = test_memory(1);
	const struct decide_context context = test_context(now, &memory.scratch);
	struct decision d;
	int n = snprintf(text, sizeof(text), "{\"ociVersion\":\"1.0.2\",\"annotations\":{%s},%s}",
			 annotations, linux_);

	assert_in_range(n, 1, sizeof(text) - 1);
	read_config((struct span){text, (size_t)n}, &config);
	identity_of(&config, &id);
	decide(&config, &id, policy, &context, &d);
	return d;
}

#define BARE "\"linux\":{}"
#define PRIVILEGED PROCESS_WITH(CAPS_37) "\"linux\":{" DEVICES_OPEN "}"
#define WEAK "\"linux\":{\"seccomp\":" PROFILE_OF_WEAK "}"
#define CONFINED "\"linux\":{\"seccomp\":" PROFILE_OF_ERRNO "}"

static void expect_rule(const struct decision *d, const char *name, const char *what)
{
	const char *found = d->rules.rule != NULL ? d->rules.rule->name : "none";

	if (strcmp(found, name) != 0)
		fail_msg("%s: rule %s, not %s", what, found, name);
}

/* ---- matching ---- */

static void all_keys_must_match(void **state)
{
	static const struct {
		const char *match, *workload;
		bool matches;
	} rows[] = {
		{"", WORKLOAD, true},
		{"\"namespace\":[\"db-1\"]", WORKLOAD, true},
		{"\"namespace\":[\"db-*\"]", WORKLOAD, true},
		{"\"namespace\":[\"x\",\"db-?\"]", WORKLOAD, true},
		{"\"namespace\":[\"db\"]", WORKLOAD, false},
		{"\"namespace\":[\"DB-1\"]", WORKLOAD, false},
		{"\"pod\":[\"pg-*\"]", WORKLOAD, true},
		{"\"pod\":[\"db-1\"]", WORKLOAD, false},
		{"\"container\":[\"old\"]", WORKLOAD, true},
		{"\"container\":[\"ol\"]", WORKLOAD, false},
		{"\"image\":[\"r/*\"]", WORKLOAD, true},
		{"\"image\":[\"r/pg\"]", WORKLOAD, false},
		{"\"engine\":[\"containerd\"]", WORKLOAD, true},
		{"\"engine\":[\"cri-o\",\"podman\"]", WORKLOAD, false},
		{"\"sandbox\":false", WORKLOAD, true},
		{"\"sandbox\":true", WORKLOAD, false},
		{"\"sandbox\":true", SANDBOX, true},
		{"\"sandbox\":false", SANDBOX, false},
		{"\"annotation\":{\"team\":\"blue\"}", WORKLOAD, true},
		{"\"annotation\":{\"team\":\"b*\"}", WORKLOAD, true},
		{"\"annotation\":{\"team\":\"red\"}", WORKLOAD, false},
		{"\"annotation\":{\"tea\":\"*\"}", WORKLOAD, false},
		{"\"annotation\":{\"team\":\"blue\",\"x\":\"*\"}", WORKLOAD, false},
		{"\"namespace\":[\"db-1\"],\"pod\":[\"pg-0\"],\"container\":[\"old\"],\"image\":["
		 "\"*pg*\"],"
		 "\"engine\":[\"*\"],\"sandbox\":false,\"annotation\":{\"team\":\"*\"}",
		 WORKLOAD, true},
		{"\"namespace\":[\"db-1\"],\"pod\":[\"pg-1\"]", WORKLOAD, false},
		/* What an engine does not tell is empty: * matches it, and ?* does not. */
		{"\"namespace\":[\"*\"]", "\"a\":\"b\"", true},
		{"\"namespace\":[\"?*\"]", "\"a\":\"b\"", false},
		{"\"engine\":[\"podman\"]", "\"io.container.manager\":\"libpod\"", true},
		{"\"engine\":[\"c*\"]", "\"a\":\"b\"", false},
		/* A sandbox has no container and no image of its own. */
		{"\"container\":[\"?*\"]", SANDBOX, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct decision d;
		struct policy policy;
		char text[512];

		snprintf(text, sizeof(text), "{\"rules\":[{\"name\":\"r\",\"match\":{%s}}]}",
			 rows[i].match);
		policy = policy_of(text);
		d = decide_on(rows[i].workload, BARE, &policy, NOW);
		expect_rule(&d, rows[i].matches ? "r" : "none", text);
	}
}

static void the_key_that_differs_is_told(void **state)
{
	static const char *const keys[][2] = {
		{"\"namespace\":[\"x\"]", "namespace"},         {"\"pod\":[\"x\"]", "pod"},
		{"\"container\":[\"x\"]", "container"},         {"\"image\":[\"x\"]", "image"},
		{"\"engine\":[\"podman\"]", "engine"},          {"\"sandbox\":true", "sandbox"},
		{"\"annotation\":{\"a\":\"b\"}", "annotation"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct ociconfig config;
		struct identity id;
		struct policy policy;
		const char *key = NULL;
		char text[256];

		snprintf(text, sizeof(text), "{\"rules\":[{\"name\":\"r\",\"match\":{%s}}]}",
			 keys[i][0]);
		policy = policy_of(text);
		read_config(SPAN("{\"ociVersion\":\"1.0.2\",\"annotations\":{" WORKLOAD "}}"),
			    &config);
		identity_of(&config, &id);
		assert_int_equal(
			policy_rule_try(policy.rules, &(struct workload){&id, &config, NOW}, &key),
			RULE_DIFFERS);
		assert_string_equal(key, keys[i][1]);
	}
}

static void the_first_rule_counts_alone(void **state)
{
	struct policy policy = policy_of(
		"{\"mode\":\"audit\",\"weak\":\"refuse\",\"rules\":["
		"{\"name\":\"other\",\"match\":{\"pod\":[\"x\"]},\"mode\":\"deny\"},"
		"{\"name\":\"mine\",\"match\":{\"pod\":[\"pg-*\"]},\"mode\":\"enforce\"},"
		"{\"name\":\"later\",\"match\":{},\"mode\":\"deny\",\"flavor\":\"crio\"}]}");
	struct decision d = decide_on(WORKLOAD, BARE, &policy, NOW);

	(void)state;
	expect_rule(&d, "mine", "first");
	assert_int_equal(d.mode, MODE_ENFORCE);
	assert_int_equal(d.flavor, PROFILE_CONTAINERD);
	/* What the rule does not say is the policy's. */
	assert_int_equal(decide_on(WORKLOAD, WEAK, &policy, NOW).action, ACTION_REFUSE);
	d = decide_on("\"a\":\"b\"", BARE, &policy, NOW);
	expect_rule(&d, "later", "last");
	assert_int_equal(d.flavor, PROFILE_CRIO);
}

static void each_setting_can_be_replaced(void **state)
{
	struct policy policy = policy_of("{\"hook\":\"live\",\"profile\":\"localhost/"
					 "all.json\",\"rules\":[{\"name\":\"r\",\"match\":"
					 "{\"namespace\":[\"db-*\"]},\"profile\":\"runtime/"
					 "default\",\"flavor\":\"moby\",\"weak\":\"replace\","
					 "\"privileged\":\"enforce\",\"hook\":\"refuse\","
					 "\"annotations\":{\"honor\":false}}]}");
	struct decision d = decide_on(WORKLOAD ",\"seccomp-guard/profile\":\"unconfined\"",
				      PRIVILEGED, &policy, NOW);

	(void)state;
	assert_int_equal(d.action, ACTION_INJECT);
	assert_int_equal(d.reason, REASON_ANNOTATION_NOT_HONORED);
	assert_null(d.profile_path);
	assert_int_equal(d.flavor, PROFILE_MOBY);
	assert_int_equal(d.hook, HOOK_REFUSE);
	assert_int_equal(decide_on(WORKLOAD, WEAK, &policy, NOW).action, ACTION_INJECT);
	d = decide_on("\"seccomp-guard/profile\":\"unconfined\"", PRIVILEGED, &policy, NOW);
	assert_int_equal(d.action, ACTION_EXEMPT);
	assert_int_equal(d.hook, HOOK_LIVE);
	assert_string_equal(d.profile_path, "all.json");
}

/* ---- exemptions and dates ---- */

#define EXEMPT(more)                                                                               \
	"{\"rules\":[{\"name\":\"r\",\"match\":{\"namespace\":[\"db-*\"]},\"profile\":"            \
	"\"unconfined\"" more "}]}"

static void a_rule_exempts(void **state)
{
	struct policy policy = policy_of(EXEMPT(""));
	static const struct {
		const char *annotations, *linux_;
		enum action action;
		enum reason reason;
	} rows[] = {
		{WORKLOAD, BARE, ACTION_EXEMPT, REASON_RULE},
		{WORKLOAD, PRIVILEGED, ACTION_EXEMPT, REASON_RULE},
		/* What is confined needs no exemption. */
		{WORKLOAD, CONFINED, ACTION_KEEP, REASON_CONFINED},
		{WORKLOAD, WEAK, ACTION_KEEP, REASON_WEAK},
		/* Who asks for a profile gets it; a legacy annotation is too weak for that. */
		{WORKLOAD ",\"seccomp-guard/profile\":\"runtime/default\"", BARE, ACTION_INJECT,
		 REASON_ABSENT},
		{WORKLOAD ",\"seccomp-guard/profile.old\":\"localhost/x\"", BARE, ACTION_INJECT,
		 REASON_ABSENT},
		{WORKLOAD ",\"seccomp.security.alpha.kubernetes.io/pod\":\"runtime/default\"", BARE,
		 ACTION_EXEMPT, REASON_RULE},
		{WORKLOAD ",\"seccomp-guard/profile\":\"nonsense\"", BARE, ACTION_REFUSE,
		 REASON_ANNOTATION_INVALID},
		{"\"a\":\"b\"", BARE, ACTION_INJECT, REASON_ABSENT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct decision d = decide_on(rows[i].annotations, rows[i].linux_, &policy, NOW);

		if (d.action != rows[i].action || d.reason != rows[i].reason)
			fail_msg("%s %s: %s, %s", rows[i].annotations, rows[i].linux_,
				 action_name(d.action), reason_name(d.reason));
	}
}

static void a_rule_ends_with_its_day(void **state)
{
	struct policy policy = policy_of(EXEMPT(",\"until\":\"2026-12-31\""));
	const int64_t end = INT64_C(1798761600); /* date -u -d 2027-01-01 +%s */
	static const struct {
		int64_t before_end;
		bool applies, ending;
	} rows[] = {
		{300 * DAY, true, false}, {16 * DAY, true, false}, {15 * DAY + 1, true, false},
		{15 * DAY, true, true},   {DAY, true, true},       {1, true, true},
		{0, false, false},        {-DAY, false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct decision d = decide_on(WORKLOAD, BARE, &policy, end - rows[i].before_end);

		if ((d.action == ACTION_EXEMPT) != rows[i].applies ||
		    d.rules.ending != rows[i].ending ||
		    (d.rules.expired != NULL) == rows[i].applies || d.rules.clock_unset)
			fail_msg("%lld s before the end: %s, ending %d",
				 (long long)rows[i].before_end, action_name(d.action),
				 d.rules.ending);
	}
	/* For whom it would not have counted it has not expired. */
	assert_null(decide_on("\"a\":\"b\"", BARE, &policy, end).rules.expired);
}

static void behind_an_expired_rule_the_next_counts(void **state)
{
	struct policy policy = policy_of("{\"rules\":[{\"name\":\"old\",\"match\":{},\"profile\":"
					 "\"unconfined\",\"until\":\"2026-01-"
					 "01\"},"
					 "{\"name\":\"older\",\"match\":{},\"profile\":"
					 "\"unconfined\",\"until\":\"2025-01-01\"},"
					 "{\"name\":\"next\",\"match\":{},\"mode\":\"deny\"}]}");
	struct decision d = decide_on(WORKLOAD, BARE, &policy, NOW);

	(void)state;
	expect_rule(&d, "next", "behind expired ones");
	assert_string_equal(d.rules.expired->name, "old");
	assert_int_equal(d.action, ACTION_REFUSE);
}

static void without_a_clock_every_date_has_passed(void **state)
{
	struct policy policy = policy_of(EXEMPT(",\"until\":\"2099-12-31\""));
	const int64_t first = INT64_C(1577836800); /* date -u -d 2020-01-01 +%s */
	static const int64_t unset[] = {0, -1, -400 * DAY, 86399, INT64_C(1577836799)};
	struct decision d;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(unset); i++) {
		d = decide_on(WORKLOAD, BARE, &policy, unset[i]);
		assert_int_equal(d.action, ACTION_INJECT);
		assert_string_equal(d.rules.expired->name, "r");
		assert_true(d.rules.clock_unset);
	}
	d = decide_on(WORKLOAD, BARE, &policy, first);
	assert_int_equal(d.action, ACTION_EXEMPT);
	assert_false(d.rules.clock_unset);
	/* A rule without a date does not ask the clock. */
	policy = policy_of(EXEMPT(""));
	d = decide_on(WORKLOAD, BARE, &policy, 0);
	assert_int_equal(d.action, ACTION_EXEMPT);
	assert_false(d.rules.clock_unset || d.rules.ending);
}

/* Every day has the number that the C library gives it. */
static void dates_are_the_calendars(void **state)
{
	(void)state;
	for (int64_t day = 0; day < 200 * 366; day += 13) {
		time_t seconds = day * DAY;
		char text[128], date[16];
		struct policy policy;
		struct tm tm;

		assert_non_null(gmtime_r(&seconds, &tm));
		strftime(date, sizeof(date), "%Y-%m-%d", &tm);
		snprintf(text, sizeof(text),
			 "{\"rules\":[{\"name\":\"r\",\"match\":{},\"until\":\"%s\"}]}", date);
		policy = policy_of(text);
		if (policy.rules->until_day != day)
			fail_msg("%s: day %lld, not %lld", date, (long long)policy.rules->until_day,
				 (long long)day);
	}
}

/* ---- whom nothing is known of ---- */

#define POSING                                                                                     \
	WORKLOAD ",\"io.container.manager\":\"cri-o\",\"io.kubernetes.cri-o.SandboxName\":\"k8s_"  \
		 "p_ops_u_0\""

static void who_contradicts_himself_gets_the_strictest(void **state)
{
	struct policy staged =
		policy_of("{\"mode\":\"audit\",\"rules\":[{\"name\":\"exempt\",\"match\":{},"
			  "\"profile\":\"unconfined\"},"
			  "{\"name\":\"strict\",\"match\":{\"namespace\":[\"prod\"]},\"mode\":"
			  "\"enforce\",\"weak\":\"refuse\"}]}");
	struct policy audit = policy_of("{\"mode\":\"audit\"}");
	struct decision d;

	(void)state;
	d = decide_on(POSING, BARE, &staged, NOW);
	assert_int_equal(d.action, ACTION_REFUSE);
	assert_int_equal(d.reason, REASON_IDENTITY);
	assert_null(d.rules.rule);
	assert_int_equal(decide_on(POSING, WEAK, &staged, NOW).action, ACTION_REFUSE);
	assert_int_equal(decide_on(POSING, PRIVILEGED, &staged, NOW).action, ACTION_REFUSE);
	assert_int_equal(decide_on(POSING, CONFINED, &staged, NOW).action, ACTION_KEEP);
	assert_int_equal(
		decide_on(POSING ",\"seccomp-guard/profile\":\"unconfined\"", BARE, &staged, NOW)
			.action,
		ACTION_REFUSE);
	assert_int_equal(decide_on(POSING, BARE, &audit, NOW).action, ACTION_WOULD_REFUSE);
}

static void restrictions_are_for_whom_they_are_for(void **state)
{
	struct policy policy =
		policy_of("{\"tighten\":[\"af-alg\"],\"rules\":[{\"name\":\"a\",\"match\":{"
			  "\"namespace\":[\"nobody\"]},\"tighten\":"
			  "[\"bpf\",{\"names\":[\"kcmp\"]}]},{\"name\":\"b\",\"match\":{"
			  "\"namespace\":[\"none\"]},\"tighten\":[]}]}");
	struct policy exempt, audit;
	struct decision d = decide_on(WORKLOAD, CONFINED, &policy, NOW);

	(void)state;
	assert_int_equal(d.action, ACTION_INJECT);
	assert_int_equal(d.reason, REASON_TIGHTEN);
	assert_true(d.overlay);
	assert_int_equal(d.tighten.named, 1U << TIGHTEN_AF_ALG);
	assert_int_equal(d.tighten.n_custom, 0);
	/* Nobody knows whose it is: all that there are for anybody. */
	d = decide_on(POSING, CONFINED, &policy, NOW);
	assert_int_equal(d.action, ACTION_INJECT);
	assert_int_equal(d.tighten.named, 1U << TIGHTEN_AF_ALG | 1U << TIGHTEN_BPF);
	assert_true(span_eq(d.tighten.custom->names->name, SPAN("kcmp")));
	/* RuntimeDefault is injected for its own reason. */
	d = decide_on(WORKLOAD, BARE, &policy, NOW);
	assert_int_equal(d.reason, REASON_ABSENT);
	assert_false(d.overlay);
	assert_int_equal(decide_on(WORKLOAD ",\"seccomp-guard/profile\":\"unconfined\"", CONFINED,
				   &policy, NOW)
				 .action,
			 ACTION_KEEP);
	exempt = policy_of(
		"{\"tighten\":[\"bpf\"],\"rules\":[{\"name\":\"a\",\"match\":{},\"profile\":"
		"\"unconfined\"}]}");
	assert_int_equal(decide_on(WORKLOAD, CONFINED, &exempt, NOW).action, ACTION_KEEP);
	audit = policy_of("{\"tighten\":[\"bpf\"],\"mode\":\"audit\"}");
	d = decide_on(WORKLOAD, CONFINED, &audit, NOW);
	assert_int_equal(d.action, ACTION_WOULD_INJECT);
	assert_int_equal(d.reason, REASON_TIGHTEN);
	audit.disabled = "off";
	assert_int_equal(decide_on(WORKLOAD, CONFINED, &audit, NOW).action, ACTION_KEEP);
}

static void what_cannot_be_read_gets_the_strictest(void **state)
{
	struct policy policy =
		policy_of("{\"mode\":\"audit\",\"rules\":[{\"name\":\"a\",\"match\":{},\"mode\":"
			  "\"complain\",\"hook\":\"refuse\"}]}");
	struct decision d;

	(void)state;
	decide_invalid(&policy, &d);
	assert_int_equal(d.action, ACTION_REFUSE);
	assert_int_equal(d.mode, MODE_COMPLAIN);
	assert_int_equal(d.hook, HOOK_REFUSE);
}

/* Of each setting the strictest that there is for anybody, wherever it stands. */
static void the_strictest_is_that_of_each_setting(void **state)
{
	static const char *const texts[] = {
		"{\"mode\":\"deny\",\"weak\":\"refuse\",\"privileged\":\"refuse\",\"hook\":"
		"\"refuse\","
		"\"tighten\":[\"bpf\",\"ptrace\",{\"names\":[\"kcmp\"]},{\"names\":[\"mount\"]}],"
		"\"rules\":[{\"name\":\"a\",\"match\":{},\"mode\":\"audit\",\"weak\":\"keep\","
		"\"privileged\":\"exempt\",\"hook\":\"live\",\"tighten\":[]}]}",
		"{\"mode\":\"audit\",\"weak\":\"keep\",\"privileged\":\"exempt\",\"hook\":\"live\","
		"\"rules\":[{\"name\":\"a\",\"match\":{},\"mode\":\"deny\",\"tighten\":[\"bpf\"]},"
		"{\"name\":\"b\",\"match\":{},\"weak\":\"refuse\",\"hook\":\"refuse\"},"
		"{\"name\":\"c\",\"match\":{},\"privileged\":\"refuse\",\"tighten\":[\"ptrace\","
		"{\"names\":[\"kcmp\"]}]},{\"name\":\"d\",\"match\":{},\"tighten\":[{\"names\":["
		"\"mount\"]}]}]}",
	};
	struct policy policy, strictest;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		size_t n = 0;

		policy = policy_of(texts[i]);
		policy_strictest(&policy, &strictest);
		assert_int_equal(strictest.mode, MODE_DENY);
		assert_int_equal(strictest.weak, WEAK_REFUSE);
		assert_int_equal(strictest.privileged, PRIVILEGED_REFUSE);
		assert_int_equal(strictest.hook, HOOK_REFUSE);
		assert_false(strictest.honor_annotations);
		assert_int_equal(strictest.tighten.named, 1U << TIGHTEN_BPF | 1U << TIGHTEN_PTRACE);
		for (const struct tighten_custom *c = strictest.tighten.custom;
		     c != NULL && n < strictest.tighten.n_custom; c = c->next)
			n++;
		assert_int_equal(n, 2);
	}
	policy = policy_of("{}");
	policy_strictest(&policy, &strictest);
	assert_int_equal(strictest.privileged, PRIVILEGED_EXEMPT);
	assert_true(tighten_is_empty(&strictest.tighten));
}

static void a_rule_may_let_a_checkpoint_or_a_listener_in(void **state)
{
	struct policy policy =
		policy_of("{\"rules\":[{\"name\":\"r\",\"match\":{\"namespace\":[\"db-*\"]},"
			  "\"restore\":\"allow\",\"listeners\":[\"/a\"]}],\"listeners\":[\"/b\"]}");
	struct policy strictest;

	(void)state;
	policy_strictest(&policy, &strictest);
	assert_int_equal(strictest.restore, RESTORE_REFUSE);
	assert_null(strictest.listeners);
	assert_int_equal(policy.restore, RESTORE_REFUSE);
	assert_string_equal(policy.rules->settings.listeners->pattern, "/a");
	assert_string_equal(decide_on(WORKLOAD, BARE, &policy, NOW).listeners->pattern, "/a");
	assert_string_equal(decide_on("\"x\":\"y\"", BARE, &policy, NOW).listeners->pattern, "/b");
}

static void denials_are_logged_where_a_rule_says_so(void **state)
{
	struct policy policy = policy_of("{\"rules\":[{\"name\":\"r\",\"match\":{\"namespace\":["
					 "\"db-*\"]},\"denials\":\"log\"}]}");
	struct policy strictest;

	(void)state;
	policy_strictest(&policy, &strictest);
	assert_int_equal(strictest.denials, DENIALS_LOG);
	assert_int_equal(decide_on(WORKLOAD, BARE, &policy, NOW).denials, DENIALS_LOG);
	assert_int_equal(decide_on("\"x\":\"y\"", BARE, &policy, NOW).denials, DENIALS_SILENT);
}

static void a_filter_is_ready_where_a_rule_says_so(void **state)
{
	struct policy policy = policy_of("{\"rules\":[{\"name\":\"r\",\"match\":{\"namespace\":["
					 "\"db-*\"]},\"filter\":\"ready\"}]}");
	struct policy strictest;

	(void)state;
	policy_strictest(&policy, &strictest);
	assert_int_equal(strictest.filter, FILTER_RUNTIME);
	assert_int_equal(decide_on(WORKLOAD, BARE, &policy, NOW).filter, FILTER_READY);
	assert_int_equal(decide_on("\"x\":\"y\"", BARE, &policy, NOW).filter, FILTER_RUNTIME);
}

static void the_switch_lets_everything_pass(void **state)
{
	struct policy policy = policy_of("{\"mode\":\"deny\"}");
	struct decision d;

	(void)state;
	policy.disabled = "disabled by a test";
	d = decide_on(WORKLOAD, BARE, &policy, NOW);
	assert_int_equal(d.action, ACTION_EXEMPT);
	assert_int_equal(d.reason, REASON_DISABLED);
	d = decide_on(POSING, BARE, &policy, NOW);
	assert_int_equal(d.action, ACTION_EXEMPT);
	d = decide_on(WORKLOAD ",\"run.oci.seccomp_bpf_data\":\"AA\"", BARE, &policy, NOW);
	assert_int_equal(d.action, ACTION_EXEMPT);
	d = decide_on(WORKLOAD, CONFINED, &policy, NOW);
	assert_int_equal(d.action, ACTION_KEEP);
	assert_int_equal(d.reason, REASON_DISABLED);
	decide_invalid(&policy, &d);
	assert_int_equal(d.action, ACTION_EXEMPT);
	assert_int_equal(d.reason, REASON_DISABLED);
}

/* ---- Kubernetes' legacy annotations ---- */

#define LEGACY_POD "\"seccomp.security.alpha.kubernetes.io/pod\":"
#define LEGACY_CONTAINER "\"container.seccomp.security.alpha.kubernetes.io/old\":"

static void legacy_annotations_choose_a_profile(void **state)
{
	static const struct {
		const char *annotations;
		const char *path; /* NULL: runtime/default, although the policy says otherwise */
		enum action action;
		bool honored;
	} rows[] = {
		{WORKLOAD "," LEGACY_POD "\"runtime/default\"", NULL, ACTION_INJECT, true},
		{WORKLOAD "," LEGACY_POD "\"docker/default\"", NULL, ACTION_INJECT, true},
		{WORKLOAD "," LEGACY_POD "\"localhost/p.json\"", "p.json", ACTION_INJECT, true},
		{WORKLOAD "," LEGACY_CONTAINER "\"localhost/c.json\"", "c.json", ACTION_INJECT,
		 true},
		/* The container's before the pod's, our own before the legacy. */
		{WORKLOAD "," LEGACY_POD "\"localhost/p.json\"," LEGACY_CONTAINER
			  "\"localhost/c.json\"",
		 "c.json", ACTION_INJECT, true},
		{WORKLOAD "," LEGACY_CONTAINER
			  "\"localhost/c.json\",\"seccomp-guard/profile\":\"localhost/s.json\"",
		 "s.json", ACTION_INJECT, true},
		{WORKLOAD ",\"seccomp-guard/profile\":\"localhost/s.json\","
			  "\"seccomp-guard/profile.old\":\"localhost/sc.json\"",
		 "sc.json", ACTION_INJECT, true},
		/* No opt-out and no reason to refuse. */
		{WORKLOAD "," LEGACY_POD "\"unconfined\"", "own.json", ACTION_INJECT, false},
		{WORKLOAD "," LEGACY_POD "\"whatever\"", "own.json", ACTION_INJECT, false},
		{WORKLOAD "," LEGACY_POD "\"localhost/\"", "own.json", ACTION_INJECT, false},
		{WORKLOAD "," LEGACY_POD "\"localhost/p.json\"," LEGACY_CONTAINER "\"unconfined\"",
		 "own.json", ACTION_INJECT, false},
		{WORKLOAD
		 ",\"container.seccomp.security.alpha.kubernetes.io/new\":\"runtime/default\"",
		 "own.json", ACTION_INJECT, false},
		{WORKLOAD ",\"seccomp-guard/profile\":\"docker/default\"", "own.json",
		 ACTION_REFUSE, true},
	};
	struct policy policy = policy_of("{\"profile\":\"localhost/own.json\"}");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct decision d = decide_on(rows[i].annotations, BARE, &policy, NOW);
		const char *path = d.profile_path != NULL ? d.profile_path : "default";

		if (d.action != rows[i].action || d.annotation_honored != rows[i].honored ||
		    strcmp(path, rows[i].path != NULL ? rows[i].path : "default") != 0)
			fail_msg("%s: %s, %s, honored %d", rows[i].annotations,
				 action_name(d.action), path, d.annotation_honored);
		if (d.action == ACTION_INJECT && d.annotation != NULL && !d.annotation_honored)
			assert_int_equal(d.reason, REASON_ANNOTATION_NOT_HONORED);
	}
	policy.honor_annotations = false;
	assert_string_equal(
		decide_on(WORKLOAD "," LEGACY_POD "\"runtime/default\"", BARE, &policy, NOW)
			.profile_path,
		"own.json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_keys_must_match),
		cmocka_unit_test(the_key_that_differs_is_told),
		cmocka_unit_test(the_first_rule_counts_alone),
		cmocka_unit_test(each_setting_can_be_replaced),
		cmocka_unit_test(a_rule_exempts),
		cmocka_unit_test(a_rule_ends_with_its_day),
		cmocka_unit_test(behind_an_expired_rule_the_next_counts),
		cmocka_unit_test(without_a_clock_every_date_has_passed),
		cmocka_unit_test(dates_are_the_calendars),
		cmocka_unit_test(who_contradicts_himself_gets_the_strictest),
		cmocka_unit_test(restrictions_are_for_whom_they_are_for),
		cmocka_unit_test(what_cannot_be_read_gets_the_strictest),
		cmocka_unit_test(the_strictest_is_that_of_each_setting),
		cmocka_unit_test(a_rule_may_let_a_checkpoint_or_a_listener_in),
		cmocka_unit_test(denials_are_logged_where_a_rule_says_so),
		cmocka_unit_test(a_filter_is_ready_where_a_rule_says_so),
		cmocka_unit_test(the_switch_lets_everything_pass),
		cmocka_unit_test(legacy_annotations_choose_a_profile),
	};

	return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
