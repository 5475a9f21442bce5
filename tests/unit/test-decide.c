/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decision table of the design, in full: every finding by every mode, `weak`, `privileged` and
 * annotation. What is expected comes from expected() below, which is written from the text of the
 * design (section 3) and not from the table in the code.
 */
#include "core.h"

enum annotation { NONE, OPT_OUT, DEFAULT, LOCALHOST, NONSENSE, EMPTY, ANNOTATIONS };

static const char *const annotation_values[ANNOTATIONS] = {
	NULL, "unconfined", "runtime/default", "localhost/p.json", "Unconfined", ""};

struct input {
	enum finding finding;
	bool privileged;
	enum annotation annotation;
	bool honored;
	struct policy policy;
};

static const char *const profiles[FINDINGS] = {
	[FINDING_ABSENT] = "null",
	[FINDING_UNCONFINED] = PROFILE_OF_ALLOW,
	[FINDING_WEAK] = PROFILE_OF_WEAK,
	[FINDING_CONFINED] = PROFILE_OF_ERRNO,
	[FINDING_FOREIGN] = PROFILE_OF_ERRNO,
};

static struct decision decision_on(const struct input *in)
{
	static char text[8192];
	const char *value = annotation_values[in->annotation];
	struct ociconfig config;
	struct identity id;
	struct enforce_memory memory = test_memory(1);
	const struct decide_context context = test_context(NOW, &memory.scratch);
	struct decision d;
	int n = snprintf(
		text, sizeof(text),
		"{\"ociVersion\":\"1.0.2\",%s\"linux\":{%s\"seccomp\":%s},\"annotations\":{\"x\":"
		"\"y\"%s%s%s%s}}",
		in->privileged ? PROCESS_WITH(CAPS_37) : "", in->privileged ? DEVICES_OPEN "," : "",
		profiles[in->finding],
		in->finding == FINDING_FOREIGN ? ",\"run.oci.seccomp_bpf_data\":\"AAAA\"" : "",
		value ? ",\"seccomp-guard/profile\":\"" : "", value ? value : "",
		value ? "\"" : "");

	assert_in_range(n, 1, sizeof(text) - 1);
	read_config((struct span){text, (size_t)n}, &config);
	identity_of(&config, &id);
	decide(&config, &id, &in->policy, &context, &d);
	assert_int_equal(d.privileged, in->privileged);
	return d;
}

/* The last word, by mode and finding alone. */
static enum action by_table(const struct input *in)
{
	bool bare = in->finding == FINDING_ABSENT || in->finding == FINDING_UNCONFINED;

	if (in->finding == FINDING_CONFINED)
		return ACTION_KEEP;
	switch (in->policy.mode) {
	case MODE_AUDIT:
		if (in->finding == FINDING_WEAK)
			return ACTION_KEEP;
		return bare ? ACTION_WOULD_INJECT : ACTION_WOULD_REFUSE;
	case MODE_COMPLAIN:
		if (in->finding == FINDING_WEAK)
			return ACTION_KEEP;
		return bare ? ACTION_INJECT : ACTION_REFUSE;
	case MODE_DENY:
		return ACTION_REFUSE;
	default:
		break;
	}
	if (in->finding != FINDING_WEAK)
		return bare ? ACTION_INJECT : ACTION_REFUSE;
	return in->policy.weak == WEAK_KEEP      ? ACTION_KEEP
	       : in->policy.weak == WEAK_REPLACE ? ACTION_INJECT
						 : ACTION_REFUSE;
}

/* A container that may start as it is needs no exemption and no refusal. */
static enum action expected(const struct input *in)
{
	enum action no = in->policy.mode == MODE_AUDIT ? ACTION_WOULD_REFUSE : ACTION_REFUSE;
	enum action last = by_table(in);

	if (last == ACTION_KEEP)
		return ACTION_KEEP;
	if (in->honored && in->annotation == OPT_OUT)
		return ACTION_EXEMPT;
	if (in->honored && (in->annotation == NONSENSE || in->annotation == EMPTY))
		return no;
	if (in->privileged && in->policy.privileged == PRIVILEGED_EXEMPT)
		return ACTION_EXEMPT;
	if (in->privileged && in->policy.privileged == PRIVILEGED_REFUSE)
		return no;
	return last;
}

static void check(const struct input *in)
{
	struct decision d = decision_on(in);

	if (d.finding == in->finding && d.action == expected(in) && d.mode == in->policy.mode)
		return;
	fail_msg("finding %s, mode %s, weak %d, privileged %d (policy %d), annotation %s (honored "
		 "%d): %s, "
		 "not %s",
		 finding_name(d.finding), policy_mode_name(in->policy.mode), (int)in->policy.weak,
		 in->privileged, (int)in->policy.privileged,
		 in->annotation ? annotation_values[in->annotation] : "none", in->honored,
		 action_name(d.action), action_name(expected(in)));
}

/* Call `visit` with every combination. */
static void every_input(void (*visit)(const struct input *in))
{
	for (unsigned int i = 0; i < (FINDINGS - 1) * MODES * WEAKS * 3 * 2 * ANNOTATIONS * 2;
	     i++) {
		unsigned int rest = i;
		struct input in = {0};

		in.finding = rest % (FINDINGS - 1);
		rest /= FINDINGS - 1;
		in.policy = policy_of_mode(rest % MODES);
		rest /= MODES;
		in.policy.weak = rest % WEAKS;
		rest /= WEAKS;
		in.policy.privileged = rest % 3;
		rest /= 3;
		in.privileged = rest % 2;
		rest /= 2;
		in.annotation = rest % ANNOTATIONS;
		rest /= ANNOTATIONS;
		in.honored = rest;
		in.policy.honor_annotations = in.honored;
		visit(&in);
	}
}

static void the_table_of_the_design_holds(void **state)
{
	(void)state;
	every_input(check);
}

/* A kept, exempted or injected container is never one that the mode forbids. */
static void check_safety(const struct input *in)
{
	struct decision d = decision_on(in);
	bool bare = d.finding == FINDING_ABSENT || d.finding == FINDING_UNCONFINED;

	assert_true(d.action != ACTION_KEEP || !bare);
	assert_true(d.action != ACTION_WOULD_INJECT || in->policy.mode == MODE_AUDIT);
	assert_true(d.action != ACTION_WOULD_REFUSE || in->policy.mode == MODE_AUDIT);
	assert_true(in->policy.mode != MODE_AUDIT || action_keeps(d.action));
	assert_true(d.action != ACTION_EXEMPT ||
		    (in->privileged && in->policy.privileged == PRIVILEGED_EXEMPT) ||
		    (in->honored && in->annotation == OPT_OUT));
	assert_true(d.action != ACTION_EXEMPT || d.reason == REASON_ANNOTATION ||
		    d.reason == REASON_PRIVILEGED);
	assert_true(d.action != ACTION_INJECT ||
		    d.profile_confined == (in->honored && in->annotation == LOCALHOST));
}

static void nothing_unconfined_is_kept(void **state)
{
	(void)state;
	every_input(check_safety);
}

static void reasons_say_what_decided(void **state)
{
	struct input in = {.finding = FINDING_ABSENT, .policy = policy_of_mode(MODE_ENFORCE)};

	(void)state;
	assert_int_equal(decision_on(&in).reason, REASON_ABSENT);
	in.annotation = OPT_OUT;
	assert_int_equal(decision_on(&in).reason, REASON_ANNOTATION);
	in.policy.honor_annotations = false;
	assert_int_equal(decision_on(&in).reason, REASON_ANNOTATION_NOT_HONORED);
	in.policy.honor_annotations = true;
	in.annotation = NONSENSE;
	assert_int_equal(decision_on(&in).reason, REASON_ANNOTATION_INVALID);
	in.annotation = NONE;
	in.privileged = true;
	assert_int_equal(decision_on(&in).reason, REASON_PRIVILEGED);
	in.privileged = false;
	in.finding = FINDING_FOREIGN;
	assert_int_equal(decision_on(&in).reason, REASON_FOREIGN);
	/* Whatever an annotation asks for that is not followed. */
	in.policy.honor_annotations = false;
	in.annotation = OPT_OUT;
	assert_int_equal(decision_on(&in).reason, REASON_FOREIGN);
	in.policy.honor_annotations = true;
	in.annotation = NONE;
	in.finding = FINDING_CONFINED;
	assert_int_equal(decision_on(&in).reason, REASON_CONFINED);
}

static void what_cannot_be_read_is_refused(void **state)
{
	(void)state;
	for (int mode = 0; mode < MODES; mode++) {
		struct policy policy = policy_of_mode(mode);
		struct decision d;

		policy.privileged = PRIVILEGED_EXEMPT;
		decide_invalid(&policy, &d);
		assert_int_equal(d.finding, FINDING_INVALID);
		assert_int_equal(d.action,
				 mode == MODE_AUDIT ? ACTION_WOULD_REFUSE : ACTION_REFUSE);
		assert_int_equal(d.reason, REASON_INVALID);
		d.action = ACTION_INJECT;
		decide_failed(&d, REASON_WRITE);
		assert_int_equal(d.action,
				 mode == MODE_AUDIT ? ACTION_WOULD_REFUSE : ACTION_REFUSE);
		assert_int_equal(d.reason, REASON_WRITE);
	}
}

static struct decision decision_with(const char *annotations, const struct policy *policy)
{
	static char text[2048];
	struct ociconfig config;
	struct identity id;
	struct enforce_memory memory = test_memory(1);
	const struct decide_context context = test_context(NOW, &memory.scratch);
	struct decision d;
	int n = snprintf(text, sizeof(text),
			 "{\"ociVersion\":\"1.0.2\",\"linux\":{},\"annotations\":{%s}}",
			 annotations);

	read_config((struct span){text, (size_t)n}, &config);
	identity_of(&config, &id);
	decide(&config, &id, policy, &context, &d);
	return d;
}

#define CRI                                                                                        \
	"\"io.kubernetes.cri.sandbox-id\":\"f\",\"io.kubernetes.cri.sandbox-namespace\":\"n\","    \
	"\"io.kubernetes.cri.container-name\":\"app\""

static void the_containers_own_annotation_is_stronger(void **state)
{
	struct policy policy = policy_of_mode(MODE_ENFORCE);
	static const struct {
		const char *annotations;
		enum action action;
	} rows[] = {
		{CRI ",\"seccomp-guard/profile\":\"unconfined\"", ACTION_EXEMPT},
		{CRI ",\"seccomp-guard/profile.app\":\"unconfined\"", ACTION_EXEMPT},
		{CRI ",\"seccomp-guard/profile.other\":\"unconfined\"", ACTION_INJECT},
		{CRI ",\"seccomp-guard/profile.ap\":\"unconfined\"", ACTION_INJECT},
		{CRI ",\"seccomp-guard/profile.\":\"unconfined\"", ACTION_INJECT},
		{CRI ",\"seccomp-guard/profile.app\":\"runtime/default\",\"seccomp-guard/"
		     "profile\":\"unconfined\"",
		 ACTION_INJECT},
		{CRI ",\"seccomp-guard/profile\":\"runtime/default\",\"seccomp-guard/"
		     "profile.app\":\"unconfined\"",
		 ACTION_EXEMPT},
		{"\"seccomp-guard/profile.\":\"unconfined\"", ACTION_INJECT},
		{"\"Seccomp-guard/profile\":\"unconfined\"", ACTION_INJECT},
		/* Kubernetes' own old annotations are no opt-out. */
		{CRI ",\"seccomp.security.alpha.kubernetes.io/pod\":\"unconfined\"", ACTION_INJECT},
		{CRI ",\"container.seccomp.security.alpha.kubernetes.io/app\":\"unconfined\"",
		 ACTION_INJECT},
		/* Who poses as another engine is not believed. */
		{CRI
		 ",\"io.container.manager\":\"libpod\",\"seccomp-guard/profile\":\"unconfined\"",
		 ACTION_REFUSE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct decision d = decision_with(rows[i].annotations, &policy);

		if (d.action != rows[i].action)
			fail_msg("%s: %s", rows[i].annotations, action_name(d.action));
	}
}

#define SANDBOX                                                                                    \
	"\"io.kubernetes.cri.sandbox-id\":\"f\",\"io.kubernetes.cri.sandbox-namespace\":\"n\","    \
	"\"io.kubernetes.cri.container-type\":\"sandbox\""

static void a_sandbox_is_never_refused_for_lack_of_a_profile(void **state)
{
	static const char *const wishes[] = {"", ",\"seccomp-guard/profile\":\"localhost/p.json\"",
					     ",\"seccomp-guard/profile\":\"runtime/default\""};

	(void)state;
	for (unsigned int i = 0; i < MODES * ARRAY_SIZE(wishes); i++) {
		struct policy policy = policy_of_mode(i % MODES);
		char annotations[512];
		struct decision d;

		policy.profile = "/etc/strict.json";
		policy.hook = HOOK_REFUSE;
		snprintf(annotations, sizeof(annotations), SANDBOX "%s", wishes[i / MODES]);
		d = decision_with(annotations, &policy);
		assert_int_equal(d.action,
				 policy.mode == MODE_AUDIT ? ACTION_WOULD_INJECT : ACTION_INJECT);
		assert_int_equal(d.hook, HOOK_LIVE);
		assert_null(d.profile_path);
		assert_false(d.profile_of_engine);
	}
}

static void annotations_count_only_in_their_namespaces(void **state)
{
	static const struct policy_glob other = {"kube-*", NULL},
					own = {"n", (struct policy_glob *)(uintptr_t)&other};
	struct policy policy = policy_of_mode(MODE_ENFORCE);

	(void)state;
	policy.honor_namespaces = &other;
	assert_int_equal(
		decision_with(CRI ",\"seccomp-guard/profile\":\"unconfined\"", &policy).action,
		ACTION_INJECT);
	assert_int_equal(decision_with("\"seccomp-guard/profile\":\"unconfined\"", &policy).action,
			 ACTION_INJECT);
	policy.honor_namespaces = &own;
	assert_int_equal(
		decision_with(CRI ",\"seccomp-guard/profile\":\"unconfined\"", &policy).action,
		ACTION_EXEMPT);
}

static void the_flavor_follows_the_engine(void **state)
{
	static const struct {
		const char *annotations;
		enum profile_flavor flavor;
	} rows[] = {
		{"", PROFILE_MOBY},
		{CRI, PROFILE_CONTAINERD},
		{"\"io.container.manager\":\"cri-o\"", PROFILE_CRIO},
		{"\"io.container.manager\":\"libpod\"", PROFILE_CONTAINERS},
	};
	struct policy policy = policy_of_mode(MODE_ENFORCE);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		policy.flavor = POLICY_FLAVOR_AUTO;
		assert_int_equal(decision_with(rows[i].annotations, &policy).flavor,
				 rows[i].flavor);
		policy.flavor = PROFILE_CONTAINERS;
		assert_int_equal(decision_with(rows[i].annotations, &policy).flavor,
				 PROFILE_CONTAINERS);
	}
}

static void words_for_records_are_stable(void **state)
{
	static const char *const actions[] = {"keep",   "inject",       "refuse",
					      "exempt", "would-inject", "would-refuse"};

	(void)state;
	assert_int_equal(ARRAY_SIZE(actions), ACTIONS);
	for (int i = 0; i < ACTIONS; i++)
		assert_string_equal(action_name(i), actions[i]);
	for (int i = 0; i < REASONS; i++)
		assert_non_null(reason_name(i));
	for (int i = 0; i < FINDINGS; i++)
		assert_string_equal(reason_name(i), finding_name(i));
}

#define PROFILE_OF_NOTIFY(action, path)                                                            \
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\"," path                                              \
	"\"syscalls\":[{\"names\":[\"read\"],\"action\":"                                          \
	"\"SCMP_ACT_ALLOW\"},{\"names\":[\"getpid\"],\"action\":\"" action "\"}]}"
#define LISTENS_AT(path) "\"listenerPath\":\"" path "\","

static struct decision decision_for(const char *seccomp, const struct policy *policy, bool restores)
{
	static char text[2048];
	struct ociconfig config;
	struct identity id;
	struct enforce_memory memory = test_memory(1);
	struct decide_context context = test_context(NOW, &memory.scratch);
	struct decision d;
	int n = snprintf(text, sizeof(text),
			 "{\"ociVersion\":\"1.0.2\",\"linux\":{\"seccomp\":%s}}", seccomp);

	context.restores = restores;
	read_config((struct span){text, (size_t)n}, &config);
	identity_of(&config, &id);
	decide(&config, &id, policy, &context, &d);
	return d;
}

static void a_listener_is_one_that_the_policy_names(void **state)
{
	static struct policy_glob second = {"/run/b.sock", NULL};
	static const struct policy_glob listeners = {"/run/a.sock", &second};
	static const struct {
		const char *seccomp;
		enum finding unnamed, named;
	} rows[] = {
		{PROFILE_OF_NOTIFY("SCMP_ACT_NOTIFY", LISTENS_AT("/run/a.sock")), FINDING_FOREIGN,
		 FINDING_CONFINED},
		{PROFILE_OF_NOTIFY("SCMP_ACT_NOTIFY", LISTENS_AT("/run/b.sock")), FINDING_FOREIGN,
		 FINDING_CONFINED},
		{PROFILE_OF_NOTIFY("SCMP_ACT_NOTIFY", LISTENS_AT("/run//b.sock")), FINDING_FOREIGN,
		 FINDING_FOREIGN},
		{PROFILE_OF_NOTIFY("SCMP_ACT_NOTIFY", LISTENS_AT("/run/b.sock2")), FINDING_FOREIGN,
		 FINDING_FOREIGN},
		{PROFILE_OF_NOTIFY("SCMP_ACT_NOTIFY", LISTENS_AT("a.sock")), FINDING_FOREIGN,
		 FINDING_FOREIGN},
		/* Nothing is left to anybody. */
		{PROFILE_OF_NOTIFY("SCMP_ACT_ALLOW", LISTENS_AT("/run/x.sock")), FINDING_CONFINED,
		 FINDING_CONFINED},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (int mode = 0; mode < MODES; mode++) {
			struct policy policy = policy_of_mode(mode);
			struct decision d = decision_for(rows[i].seccomp, &policy, false);

			assert_int_equal(d.finding, rows[i].unnamed);
			if (d.finding == FINDING_FOREIGN)
				assert_int_equal(d.action, mode == MODE_AUDIT ? ACTION_WOULD_REFUSE
									      : ACTION_REFUSE);
			policy.listeners = &listeners;
			assert_int_equal(decision_for(rows[i].seccomp, &policy, false).finding,
					 rows[i].named);
		}
	}
}

static void a_checkpoint_is_not_what_its_configuration_says(void **state)
{
	static const char *const own[] = {"null", PROFILE_OF_ALLOW, PROFILE_OF_WEAK,
					  PROFILE_OF_ERRNO};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		for (int mode = 0; mode < MODES; mode++) {
			bool refuses = mode == MODE_ENFORCE || mode == MODE_DENY;
			struct policy policy = policy_of_mode(mode);
			struct decision d = decision_for(own[i], &policy, true);

			assert_int_equal(d.finding, FINDING_FOREIGN);
			assert_int_equal(d.reason, REASON_RESTORE);
			assert_int_equal(d.action, refuses ? ACTION_REFUSE : ACTION_WOULD_REFUSE);
			policy.restore = RESTORE_ALLOW;
			d = decision_for(own[i], &policy, true);
			assert_int_equal(d.action, ACTION_EXEMPT);
			assert_int_equal(d.reason, REASON_RESTORE);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_of_the_design_holds),
		cmocka_unit_test(nothing_unconfined_is_kept),
		cmocka_unit_test(reasons_say_what_decided),
		cmocka_unit_test(what_cannot_be_read_is_refused),
		cmocka_unit_test(the_containers_own_annotation_is_stronger),
		cmocka_unit_test(a_sandbox_is_never_refused_for_lack_of_a_profile),
		cmocka_unit_test(annotations_count_only_in_their_namespaces),
		cmocka_unit_test(the_flavor_follows_the_engine),
		cmocka_unit_test(a_listener_is_one_that_the_policy_names),
		cmocka_unit_test(a_checkpoint_is_not_what_its_configuration_says),
		cmocka_unit_test(words_for_records_are_stable),
	};

	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
