/* SPDX-License-Identifier: Apache-2.0 */
/* The use case from bytes to bytes: what comes out, and that a refusal always says why. */
#include "core.h"

#include "oci/seccomp-rule.h"
#include "policy/ready.h"
#include "program/program.h"

#include <errno.h>

/* One file of the host, p.json; what was asked for is remembered. */
static const char *file_text;
static struct {
	char root[64], path[64];
	bool confine;
	int calls;
} asked;

static int load_profile(const struct enforce_file *file, struct arena *keep, struct span *ret_text,
			struct error *err)
{
	char *copy;

	snprintf(asked.root, sizeof(asked.root), "%s", file->root);
	snprintf(asked.path, sizeof(asked.path), "%s", file->path);
	asked.confine = file->confine;
	asked.calls++;
	if (file_text == NULL)
		return error_set(err, "cannot load seccomp profile \"%s\": no such file",
				 file->path);
	copy = arena_strdup(keep, span_of(file_text));
	assert_non_null(copy);
	*ret_text = span_of(copy);
	return 0;
}

/* What "podman" has, in load_profile() above. */
static int engine_profile(enum engine engine, struct enforce_memory *memory, const char **ret_path,
			  struct error *err)
{
	(void)memory;
	if (engine == ENGINE_DOCKER)
		return error_set(err,
				 "cannot tell the seccomp profile of docker: daemon.json:1:2: odd");
	*ret_path = engine == ENGINE_PODMAN ? "/profiles/strict.json" : NULL;
	return 0;
}

static const struct enforce_host host = {
	.arch = PROFILE_ARCH_X86_64,
	.kernel = PROFILE_KERNEL(6, 1),
	.now = NOW,
	.load_profile = load_profile,
	.engine_profile = engine_profile,
};

static void run(struct span text, const struct policy *policy, int slot,
		struct verdict *ret_verdict)
{
	struct enforce_memory memory = test_memory(slot);

	enforce(text, policy, &host, &memory, ret_verdict);
}

#define CONFIG(linux_) "{\"ociVersion\":\"1.0.2\",\"linux\":{" linux_ "}}"
#define WITH_NOTE(value)                                                                           \
	"{\"ociVersion\":\"1.0.2\",\"linux\":{},\"annotations\":{\"seccomp-guard/"                 \
	"profile\":\"" value "\"}}"

static void an_injected_configuration_is_complete(void **state)
{
	struct policy policy = policy_of_mode(MODE_ENFORCE);
	struct verdict v;
	struct ociconfig config;
	char hash[SHA256_HEX_SIZE];

	(void)state;
	run(SPAN(CONFIG("\"seccomp\":null,\"x\":1")), &policy, 1, &v);
	assert_int_equal(v.decision.action, ACTION_INJECT);
	assert_string_equal(v.why.text, "");
	read_config(v.output, &config);
	assert_true(span_eq(config.seccomp, v.profile));
	assert_int_equal(test_judge(&config.profile), FINDING_CONFINED);
	sha256_hex(v.profile, hash);
	assert_string_equal(hash, v.profile_sha256);
}

static void a_second_pass_keeps(void **state)
{
	static const struct span inputs[] = {
		SPAN(CONFIG("")),
		SPAN(CONFIG("\"seccomp\":{}")),
		SPAN(CONFIG("\"seccomp\":" PROFILE_OF_ALLOW)),
		SPAN("{\"ociVersion\":\"1.0.2\"," PROCESS_WITH(CAPS_37) "\"linux\":{}}"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
		for (int flavor = 0; flavor < PROFILE_FLAVORS; flavor++) {
			for (int mode = MODE_COMPLAIN; mode <= MODE_ENFORCE; mode++) {
				struct policy policy = policy_of_mode(mode);
				struct verdict first, second;

				policy.flavor = flavor;
				run(inputs[i], &policy, 1, &first);
				assert_int_equal(first.decision.action, ACTION_INJECT);
				run(first.output, &policy, 0, &second);
				assert_int_equal(second.decision.action, ACTION_KEEP);
				assert_null(second.output.p);
			}
		}
	}
}

static size_t asked_for_log;

static bool takes_log(const char *runtime)
{
	asked_for_log++;
	return strcmp(runtime, "/runc-1.2") == 0;
}

/* Whether the profile is built in or a file; only if it is known who loads it, or that one says so
 * when it is asked, which costs something; and what a second one of ours sees is what the first has
 * made, whatever either knows of who loads it. */
static void denials_are_logged_by_a_flag(void **state)
{
	const unsigned int both = 1U << OCI_FLAG_SPEC_ALLOW | 1U << OCI_FLAG_LOG;

	(void)state;
	for (int i = 0; i < 32; i++) {
		struct policy policy = policy_of_mode(i & 4 ? MODE_COMPLAIN : MODE_ENFORCE);
		struct enforce_host knows = host;
		struct enforce_memory memory[] = {test_memory(0), test_memory(1)};
		bool logs = (i & 1) != 0 && (i & 4) == 0 && (i & 8) == 0;
		struct verdict v, again;
		struct ociconfig config;

		file_text = PROFILE_OF_ERRNO;
		policy.profile = i & 2 ? "/p.json" : NULL;
		policy.denials = DENIALS_LOG;
		knows.logs = (i & 1) != 0 && (i & 16) == 0;
		knows.takes_log = i & 16 ? takes_log : NULL;
		knows.runtime = i & 1 ? "/runc-1.2" : "/runc-1.1";
		knows.kernel = i & 8 ? PROFILE_KERNEL(4, 13) : PROFILE_KERNEL(4, 14);
		asked_for_log = 0;
		enforce(SPAN(CONFIG("")), &policy, &knows, &memory[0], &v);
		assert_int_equal(asked_for_log, (i & 16) != 0 && (i & 4) == 0 && (i & 8) == 0);
		assert_int_equal(v.decision.action, ACTION_INJECT);
		assert_int_equal(v.logs_denials, logs);
		assert_int_equal(ociseccomp_read(v.profile, &memory[0].keep, &memory[0].scratch,
						 &config.profile, &v.why),
				 0);
		assert_int_equal(config.profile.has_flags, logs);
		assert_int_equal(config.profile.flags, logs ? both : 0);
		knows.order = ENFORCE_AFTER_WRAPPER;
		for (int j = 0; j < 2; j++) {
			memory[1] = test_memory(1);
			knows.logs = j != 0;
			enforce(v.output, &policy, &knows, &memory[1], &again);
			assert_int_equal(again.decision.action, ACTION_KEEP);
			assert_true(again.done_before);
		}
		policy.denials = DENIALS_SILENT;
		memory[1] = test_memory(1);
		enforce(SPAN(CONFIG("")), &policy, &knows, &memory[1], &again);
		assert_false(again.logs_denials);
	}
}

static int use;
static const char *asked_of;

static int program_use(const char *runtime)
{
	asked_of = runtime;
	return use;
}

/* Asked only where the policy wants it; a second look knows what the first has made, and nothing
 * else. */
static void a_ready_program_is_put_in_and_known_again(void **state)
{
	(void)state;
	for (int i = 0; i < 8 * 3; i++) {
		struct policy policy = policy_of_mode(i & 4 ? MODE_COMPLAIN : MODE_ENFORCE);
		struct enforce_host knows = host;
		/* read_config() uses the first one. */
		struct enforce_memory memory[] = {test_memory(1), test_memory(0)};
		struct verdict v, again;
		struct ociconfig config;
		bool ready;

		use = i / 8;
		asked_of = NULL;
		policy.filter = i & 1 ? FILTER_READY : FILTER_RUNTIME;
		knows.kernel = i & 2 ? PROFILE_KERNEL(4, 13) : PROFILE_KERNEL(4, 14);
		knows.program_use = program_use;
		knows.runtime = "/r";
		enforce(SPAN(CONFIG("")), &policy, &knows, &memory[0], &v);
		assert_int_equal(asked_of != NULL, (i & 1) != 0 && (i & 2) == 0);
		if (asked_of != NULL && use == READY_NOTHING_IS) {
			assert_string_equal(asked_of, "/r");
			assert_int_equal(v.decision.action, ACTION_REFUSE);
			assert_int_equal(v.decision.reason, REASON_RUNTIME);
			assert_non_null(strstr(v.why.text, "without seccomp"));
			continue;
		}
		ready = asked_of != NULL && use == READY_LOADED;
		assert_int_equal(v.decision.action, ACTION_INJECT);
		assert_int_equal(v.ready, ready);
		read_config(v.output, &config);
		assert_int_equal(ociconfig_annotation(&config, SPAN(OCI_PROGRAM_ANNOTATION)).p !=
					 NULL,
				 ready);
		assert_int_equal(ociconfig_foreign_filter(&config) != NULL, ready);
		ready_recognize(&config, host.arch, &memory[0]);
		assert_int_equal(config.program_known, ready);
		assert_null(ociconfig_foreign_filter(&config));
		for (int order = ENFORCE_FIRST; order <= ENFORCE_AFTER_WRAPPER; order++) {
			memory[1] = test_memory(0);
			knows.order = order;
			enforce(v.output, &policy, &knows, &memory[1], &again);
			assert_int_equal(again.decision.action, ACTION_KEEP);
			assert_int_equal(again.done_before, order == ENFORCE_AFTER_WRAPPER);
		}
	}
}

/* No memory for a program is no reason not to start: the profile is there. */
static void without_memory_the_profile_counts(void **state)
{
	struct policy policy = policy_of_mode(MODE_ENFORCE);
	struct enforce_host knows = host;
	struct enforce_memory memory = test_memory(0);
	struct verdict v;

	(void)state;
	use = READY_LOADED;
	policy.filter = FILTER_READY;
	knows.program_use = program_use;
	memory.scratch.size = PROGRAM_MEMORY_SIZE;
	enforce(SPAN(CONFIG("")), &policy, &knows, &memory, &v);
	assert_int_equal(v.decision.action, ACTION_INJECT);
	assert_false(v.ready);
}

/* runc before 1.2 starts no container with flags; this one it sets by itself. */
static void the_flag_that_is_the_default_is_left_out(void **state)
{
	static const struct {
		const char *flags;
		unsigned int left;
	} rows[] = {
		{"\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"", 0},
		{"\"SECCOMP_FILTER_FLAG_LOG\"", 1U << OCI_FLAG_LOG},
		{"\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\",\"SECCOMP_FILTER_FLAG_LOG\"",
		 1U << OCI_FLAG_LOG | 1U << OCI_FLAG_SPEC_ALLOW},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct policy policy = policy_of_mode(MODE_ENFORCE);
		struct ociconfig config;
		struct verdict v;
		char text[256];

		snprintf(text, sizeof(text),
			 "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":[%s],\"syscalls\":[]}",
			 rows[i].flags);
		file_text = text;
		policy.profile = "/p.json";
		run(SPAN(CONFIG("")), &policy, 1, &v);
		assert_int_equal(v.decision.action, ACTION_INJECT);
		read_config(v.output, &config);
		assert_int_equal(config.profile.has_flags, rows[i].left != 0);
		assert_int_equal(config.profile.flags, rows[i].left);
	}
	file_text = NULL;
}

static void complaining_denies_nothing_but_what_libc_falls_back_on(void **state)
{
	struct policy policy = policy_of_mode(MODE_COMPLAIN);
	struct verdict v;
	struct ociconfig config;

	(void)state;
	for (int from_file = 0; from_file < 2; from_file++) {
		file_text = PROFILE_OF_ERRNO;
		policy.profile = from_file ? "/p.json" : NULL;
		run(SPAN(CONFIG("")), &policy, 1, &v);
		assert_int_equal(v.decision.action, ACTION_INJECT);
		read_config(v.output, &config);
		assert_int_equal(config.profile.default_action, OCI_ACT_LOG);
		for (const struct seccomp_rule *r = config.profile.rules; r != NULL; r = r->next)
			assert_true(oci_action_permits(r->action) ||
				    (r->has_errno && r->errno_ret == ENOSYS));
	}
}

static void nothing_is_put_out_but_by_injection(void **state)
{
	static const struct span inputs[] = {
		SPAN(CONFIG("")),
		SPAN(CONFIG("\"seccomp\":" PROFILE_OF_ERRNO)),
		SPAN(CONFIG("\"seccomp\":" PROFILE_OF_WEAK)),
		SPAN("not json"),
		SPAN(""),
		SPAN(WITH_NOTE("unconfined")),
		SPAN(WITH_NOTE("bogus")),
		SPAN(WITH_NOTE("localhost/p.json")),
	};

	(void)state;
	file_text = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
		for (int mode = 0; mode < MODES; mode++) {
			struct policy policy = policy_of_mode(mode);
			struct verdict v;

			run(inputs[i], &policy, 1, &v);
			assert_true((v.output.p != NULL) == (v.decision.action == ACTION_INJECT));
			if (v.decision.action == ACTION_REFUSE ||
			    v.decision.action == ACTION_WOULD_REFUSE)
				assert_true(v.why.text[0] != '\0');
			if (mode == MODE_AUDIT)
				assert_true(action_keeps(v.decision.action));
		}
	}
}

static void audit_tells_the_profile_it_would_inject(void **state)
{
	struct policy audit = policy_of_mode(MODE_AUDIT), enforcing = policy_of_mode(MODE_ENFORCE);
	struct verdict would, does;

	(void)state;
	run(SPAN(CONFIG("")), &audit, 1, &would);
	run(SPAN(CONFIG("")), &enforcing, 0, &does);
	assert_int_equal(would.decision.action, ACTION_WOULD_INJECT);
	assert_string_equal(would.profile_sha256, does.profile_sha256);
}

static void invalid_configurations_say_where(void **state)
{
	struct policy policy = policy_of_mode(MODE_ENFORCE);
	struct verdict v;

	(void)state;
	run(SPAN("{\"ociVersion\":\"1\",\n\"linux\":7}"), &policy, 1, &v);
	assert_int_equal(v.decision.finding, FINDING_INVALID);
	assert_int_equal(v.decision.action, ACTION_REFUSE);
	assert_true(v.why.has_pos && v.why.pos == 27);
}

static void profile_files_are_asked_for_as_the_policy_says(void **state)
{
	struct policy policy = policy_of_mode(MODE_ENFORCE);
	struct verdict v;

	(void)state;
	file_text = PROFILE_OF_ERRNO;
	asked.calls = 0;
	policy.localhost_root = "/root";
	policy.profile = "/abs/p.json";
	run(SPAN(CONFIG("")), &policy, 1, &v);
	assert_int_equal(v.decision.action, ACTION_INJECT);
	assert_string_equal(asked.path, "/abs/p.json");
	assert_false(asked.confine);
	run(SPAN(WITH_NOTE("localhost/dir/p.json")), &policy, 1, &v);
	assert_int_equal(v.decision.action, ACTION_INJECT);
	assert_string_equal(asked.path, "dir/p.json");
	assert_string_equal(asked.root, "/root");
	assert_true(asked.confine);
	run(SPAN(WITH_NOTE("localhost//etc/p.json")), &policy, 1, &v);
	assert_true(asked.confine);
	run(SPAN(WITH_NOTE("runtime/default")), &policy, 1, &v);
	assert_null(v.decision.profile_path);
	assert_int_equal(asked.calls, 3);
	asked.calls = 0;
	run(SPAN(CONFIG("\"seccomp\":" PROFILE_OF_ERRNO)), &policy, 1, &v);
	assert_int_equal(asked.calls, 0);
}

static void the_engines_own_file_is_used_where_it_has_one(void **state)
{
	static const char *const podman = "{\"ociVersion\":\"1.0.2\",\"linux\":{},\"annotations\":{"
					  "\"io.container.manager\":\"libpod\"%s}}";
	struct policy policy = policy_of_mode(MODE_ENFORCE);
	struct verdict v;
	char text[256];

	(void)state;
	file_text = PROFILE_OF_ERRNO;
	asked.calls = 0;
	policy.engine = true;
	snprintf(text, sizeof(text), podman, "");
	run(span_of(text), &policy, 1, &v);
	assert_int_equal(v.decision.action, ACTION_INJECT);
	assert_string_equal(v.decision.profile_path, "/profiles/strict.json");
	assert_string_equal(asked.path, "/profiles/strict.json");
	assert_false(asked.confine);
	/* Nobody's container, and one that asks for something else. */
	run(SPAN(CONFIG("")), &policy, 1, &v);
	assert_int_equal(v.decision.action, ACTION_INJECT);
	assert_null(v.decision.profile_path);
	snprintf(text, sizeof(text), podman, ",\"seccomp-guard/profile\":\"runtime/default\"");
	run(span_of(text), &policy, 1, &v);
	assert_null(v.decision.profile_path);
	assert_int_equal(asked.calls, 1);
	/* A file that is there and cannot be used is no reason for another profile. */
	file_text = NULL;
	snprintf(text, sizeof(text), podman, "");
	run(span_of(text), &policy, 1, &v);
	assert_int_equal(v.decision.action, ACTION_REFUSE);
	assert_int_equal(v.decision.reason, REASON_PROFILE);
}

static void bad_profile_files_refuse(void **state)
{
	static const struct {
		const char *text;
		const char *part;
	} rows[] = {
		{NULL, "no such file"},
		{"", ""},
		{"not json", ""},
		{"{}", ""},
		{PROFILE_OF_ALLOW, "restricts nothing"},
		{"{\"defaultAction\":\"SCMP_ACT_BOGUS\"}", "SCMP_ACT_BOGUS"},
		{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultAction\":\"SCMP_ACT_ALLOW\"}",
		 "twice"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct policy policy = policy_of_mode(MODE_ENFORCE);
		struct verdict v;

		file_text = rows[i].text;
		policy.profile = "/p.json";
		run(SPAN(CONFIG("")), &policy, 1, &v);
		assert_int_equal(v.decision.action, ACTION_REFUSE);
		assert_int_equal(v.decision.reason, REASON_PROFILE);
		assert_non_null(strstr(v.why.text, rows[i].part));
		policy.mode = MODE_AUDIT;
		run(SPAN(CONFIG("")), &policy, 1, &v);
		assert_int_equal(v.decision.action, ACTION_WOULD_REFUSE);
	}
}

/* Files end with a newline, and some begin with one. */
static void white_space_around_a_profile_file_is_no_matter(void **state)
{
	struct policy policy = policy_of_mode(MODE_ENFORCE);
	struct verdict first, second;

	(void)state;
	file_text = " \n" PROFILE_OF_ERRNO "\n\n";
	policy.profile = "/p.json";
	run(SPAN(CONFIG("")), &policy, 1, &first);
	if (first.decision.action != ACTION_INJECT)
		fail_msg("%s", first.why.text);
	run(first.output, &policy, 0, &second);
	assert_int_equal(second.decision.action, ACTION_KEEP);
}

static void weak_profiles_are_replaced_when_the_policy_says_so(void **state)
{
	struct policy policy = policy_of_mode(MODE_ENFORCE);
	struct verdict v;
	struct ociconfig config;

	(void)state;
	policy.weak = WEAK_REPLACE;
	run(SPAN(CONFIG("\"seccomp\":" PROFILE_OF_WEAK)), &policy, 1, &v);
	assert_int_equal(v.decision.action, ACTION_INJECT);
	read_config(v.output, &config);
	assert_int_equal(test_judge(&config.profile), FINDING_CONFINED);
}

/* A weak container under a policy that names a profile: that is read to judge, and to inject. */
static void a_named_profile_is_read_once(void **state)
{
	static const char podman[] =
		"{\"ociVersion\":\"1.0.2\",\"linux\":{\"seccomp\":" PROFILE_OF_WEAK
		"},\"annotations\":{\"io.container.manager\":\"libpod\"}}";
	static const char *const texts[] = {PROFILE_OF_ERRNO, NULL};

	(void)state;
	for (int engine = 0; engine < 2; engine++) {
		for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
			struct policy policy = policy_of_mode(MODE_ENFORCE);
			struct verdict weak, absent;
			const char *path = engine ? "/profiles/strict.json" : "/p.json";

			policy.weak = WEAK_REPLACE;
			policy.profile = engine ? NULL : path;
			policy.engine = engine != 0;
			file_text = texts[i];
			asked.calls = 0;
			run(SPAN(podman), &policy, 0, &weak);
			assert_int_equal(weak.decision.finding, FINDING_WEAK);
			assert_int_equal(asked.calls, 1);
			assert_string_equal(weak.decision.profile_path, path);
			assert_int_equal(weak.decision.action,
					 texts[i] != NULL ? ACTION_INJECT : ACTION_REFUSE);
			run(SPAN("{\"ociVersion\":\"1.0.2\",\"linux\":{},\"annotations\":{"
				 "\"io.container.manager\":\"libpod\"}}"),
			    &policy, 1, &absent);
			assert_string_equal(weak.profile_sha256, absent.profile_sha256);
			assert_string_equal(weak.why.text, absent.why.text);
		}
	}
}

static void memory_that_ends_refuses(void **state)
{
	static char keep[65536], scratch[65536];
	static const char text[] = CONFIG("\"seccomp\":null");
	bool injected = false;

	(void)state;
	for (size_t size = 0; size <= sizeof(keep); size += 512) {
		struct enforce_memory memory = {{keep, size, 0}, {scratch, size, 0}};
		struct policy policy = policy_of_mode(MODE_ENFORCE);
		struct verdict v;

		enforce(SPAN(text), &policy, &host, &memory, &v);
		if (v.decision.action == ACTION_INJECT)
			injected = true;
		else if (v.decision.action != ACTION_REFUSE || v.why.text[0] == '\0' || injected)
			fail_msg("%zu bytes: %s", size, action_name(v.decision.action));
	}
	assert_true(injected);
}

/* crun refuses such a configuration; with a `linux` made for it, it would start in the host's
 * namespaces. */
static void nothing_is_made_where_there_is_no_linux(void **state)
{
	struct policy policy = policy_of_mode(MODE_ENFORCE);
	struct verdict v;

	(void)state;
	run(SPAN("{\"ociVersion\":\"1.0.2\"}"), &policy, 1, &v);
	assert_int_equal(v.decision.finding, FINDING_ABSENT);
	assert_int_equal(v.decision.action, ACTION_REFUSE);
	assert_non_null(strstr(v.why.text, "no \"linux\""));
	policy.mode = MODE_AUDIT;
	run(SPAN("{\"ociVersion\":\"1.0.2\"}"), &policy, 1, &v);
	assert_int_equal(v.decision.action, ACTION_WOULD_INJECT);
}

/* RuntimeDefault denies keyctl(2). */
#define FILE_OF_KEYCTL                                                                             \
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"read\",\"keyctl\"],"    \
	"\"action\":\"SCMP_ACT_ALLOW\"}]}"

static void what_an_annotation_chooses_is_no_weaker_than_the_policy_says(void **state)
{
	static const struct {
		enum policy_mode mode;
		enum policy_weak weak;
		enum action action;
		const char *profile;
	} rows[] = {
		{MODE_ENFORCE, WEAK_KEEP, ACTION_INJECT, "p.json"},
		{MODE_ENFORCE, WEAK_REPLACE, ACTION_INJECT, NULL},
		{MODE_ENFORCE, WEAK_REFUSE, ACTION_REFUSE, "p.json"},
		{MODE_COMPLAIN, WEAK_REFUSE, ACTION_INJECT, "p.json"},
		{MODE_AUDIT, WEAK_REFUSE, ACTION_WOULD_INJECT, "p.json"},
	};
	static const char *const notes[] = {
		"\"seccomp-guard/profile\"",
		"\"seccomp.security.alpha.kubernetes.io/pod\"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows) * ARRAY_SIZE(notes); i++) {
		size_t row = i / ARRAY_SIZE(notes);
		struct policy policy = policy_of_mode(rows[row].mode);
		struct verdict v;
		char text[256];
		int n = snprintf(text, sizeof(text),
				 "{\"ociVersion\":\"1.0.2\",\"linux\":{},\"annotations\":{%s:"
				 "\"localhost/p.json\"}}",
				 notes[i % ARRAY_SIZE(notes)]);

		policy.weak = rows[row].weak;
		file_text = FILE_OF_KEYCTL;
		run((struct span){text, (size_t)n}, &policy, 1, &v);
		assert_int_equal(v.decision.action, rows[row].action);
		assert_true(decision_is_weak(&v.decision));
		assert_int_equal(syscall_set_count(&v.decision.excess), 1);
		if (rows[row].profile != NULL)
			assert_string_equal(v.decision.profile_path, rows[row].profile);
		else
			assert_null(v.decision.profile_path);
		if (rows[row].action == ACTION_REFUSE) {
			assert_int_equal(v.decision.reason, REASON_WEAK);
			assert_null(v.profile.p);
			assert_non_null(strstr(v.why.text, "names lets through keyctl"));
		}
		/* What the policy lets through is not held against it. */
		policy.profile = "/policy.json";
		run((struct span){text, (size_t)n}, &policy, 1, &v);
		assert_false(decision_is_weak(&v.decision));
	}
}

static void no_listener_comes_in_by_a_file(void **state)
{
	static const struct policy_glob agent = {"/run/agent.sock", NULL};
	static const struct span inputs[] = {SPAN(WITH_NOTE("localhost/p.json")), SPAN(CONFIG(""))};

	(void)state;
	file_text = "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"listenerPath\":\"/run/agent.sock\","
		    "\"syscalls\":[{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}";
	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
		struct policy policy = policy_of_mode(MODE_ENFORCE);
		struct verdict v;

		policy.profile = "/p.json";
		run(inputs[i], &policy, 1, &v);
		assert_int_equal(v.decision.action, ACTION_REFUSE);
		assert_int_equal(v.decision.reason, REASON_PROFILE);
		assert_non_null(strstr(v.why.text, "/run/agent.sock"));
		policy.listeners = &agent;
		run(inputs[i], &policy, 1, &v);
		assert_int_equal(v.decision.action, ACTION_INJECT);
		policy.listeners = NULL;
		policy.mode = MODE_COMPLAIN; /* nobody is asked */
		run(inputs[i], &policy, 1, &v);
		assert_int_equal(v.decision.action, ACTION_INJECT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_injected_configuration_is_complete),
		cmocka_unit_test(a_second_pass_keeps),
		cmocka_unit_test(nothing_is_made_where_there_is_no_linux),
		cmocka_unit_test(denials_are_logged_by_a_flag),
		cmocka_unit_test(a_ready_program_is_put_in_and_known_again),
		cmocka_unit_test(without_memory_the_profile_counts),
		cmocka_unit_test(the_flag_that_is_the_default_is_left_out),
		cmocka_unit_test(complaining_denies_nothing_but_what_libc_falls_back_on),
		cmocka_unit_test(nothing_is_put_out_but_by_injection),
		cmocka_unit_test(audit_tells_the_profile_it_would_inject),
		cmocka_unit_test(invalid_configurations_say_where),
		cmocka_unit_test(profile_files_are_asked_for_as_the_policy_says),
		cmocka_unit_test(the_engines_own_file_is_used_where_it_has_one),
		cmocka_unit_test(bad_profile_files_refuse),
		cmocka_unit_test(white_space_around_a_profile_file_is_no_matter),
		cmocka_unit_test(weak_profiles_are_replaced_when_the_policy_says_so),
		cmocka_unit_test(what_an_annotation_chooses_is_no_weaker_than_the_policy_says),
		cmocka_unit_test(no_listener_comes_in_by_a_file),
		cmocka_unit_test(a_named_profile_is_read_once),
		cmocka_unit_test(memory_that_ends_refuses),
	};

	return cmocka_run_group_tests_name("enforce", tests, NULL, NULL);
}
