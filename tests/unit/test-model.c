/* SPDX-License-Identifier: Apache-2.0 */
/* The model of profiles: what runtimes do to them, and regions that are exact. libseccomp:
 * tests/profile/test_model.py. */
#include "core.h"

#include "semantics/model.h"

static char memory[3][1 << 18];

/* The result lives until the next call. */
static int build_on(enum abi abi, const char *json, enum model_runtime runtime,
		    struct model *ret_model, struct error *err)
{
	static struct seccomp_profile profile;
	struct arena keep = {memory[0], sizeof(memory[0]), 0};
	struct arena scratch = {memory[1], sizeof(memory[1]), 0};
	struct arena regions = {memory[2], sizeof(memory[2]), 0};
	struct model_request request = {&profile, abi, abi, runtime};

	assert_int_equal(ociseccomp_read(span_of(json), &keep, &scratch, &profile, err), 0);
	return model_build(&request, &regions, ret_model, err);
}

static int build(const char *json, enum model_runtime runtime, struct model *ret_model,
		 struct error *err)
{
	return build_on(ABI_X86_64, json, runtime, ret_model, err);
}

static struct model_answer ask(const struct model *m, const char *name, uint64_t first)
{
	const uint64_t args[OCI_MAX_ARGS] = {first};

	return model_evaluate(m, abi_number(ABI_X86_64, syscall_index(span_of(name))), args);
}

static void test_stub(void **state)
{
	static const char json[] = "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":"
				   "[\"read\",\"close\"],"
				   "\"action\":\"SCMP_ACT_ALLOW\"}]}";
	struct model m;
	struct error err;

	(void)state;
	assert_int_equal(build(json, MODEL_RUNC, &m, &err), 0);
	assert_int_equal(m.highest, 3);
	assert_int_equal(ask(&m, "write", 0).source, MODEL_BY_DEFAULT);
	assert_int_equal(ask(&m, "mseal", 0).source, MODEL_BY_STUB);
	assert_int_equal(ask(&m, "mseal", 0).verdict.number, 38);
	assert_int_equal(build(json, MODEL_CRUN, &m, &err), 0);
	assert_int_equal(ask(&m, "mseal", 0).source, MODEL_BY_DEFAULT);
	assert_int_equal(ask(&m, "mseal", 0).verdict.number, 1);
}

static struct seccomp_rule many_rules[3000];

/* `n` rules on ioctl(2), each for another value; the last one kills where rule `like` allows. */
static int build_many(size_t n, size_t like, struct model *ret_model, struct error *err)
{
	static struct seccomp_arg args[3000];
	static struct seccomp_name name = {.name = SPAN("ioctl")};
	static char room[2 << 20];
	const struct seccomp_profile profile = {.default_action = OCI_ACT_ERRNO,
						.rules = many_rules};
	const struct model_request request = {&profile, ABI_X86_64, ABI_X86_64, MODEL_PROFILE};
	struct arena arena = {room, sizeof(room), 0};

	for (size_t i = 0; i < n; i++) {
		args[i] = (struct seccomp_arg){.index = 1, .op = OCI_CMP_EQ, .value = i};
		many_rules[i] =
			(struct seccomp_rule){.names = &name,
					      .action = OCI_ACT_ALLOW,
					      .args = &args[i],
					      .index = i,
					      .next = i + 1 < n ? &many_rules[i + 1] : NULL};
	}
	if (like < n) {
		args[n - 1].value = args[like].value;
		many_rules[n - 1].action = OCI_ACT_KILL_PROCESS;
	}
	return model_build(&request, &arena, ret_model, err);
}

/* Rules on one call that nobody looks at in pairs are in doubt, and so let it through where it is
 * judged; up to there equalities are not. */
static void test_many_rules_on_one_call(void **state)
{
	const int ioctl = syscall_index(SPAN("ioctl"));
	struct model model;
	struct error err;

	(void)state;
	for (size_t n = MODEL_MOST_RULES; n <= MODEL_MOST_RULES + 1; n++) {
		assert_int_equal(build_many(n, SIZE_MAX, &model, &err), 0);
		assert_int_equal(syscall_set_has(&model.doubtful, ioctl), n > MODEL_MOST_RULES);
	}
}

/* That takes the square of their number: behind so many no rule is held against the others, and
 * what contradicts one is in doubt like all of them. */
static void test_rules_held_against_each_other(void **state)
{
	const int ioctl = syscall_index(SPAN("ioctl"));
	const struct model_rule *rule;
	struct model model;
	struct error err;
	size_t n = 0;

	(void)state;
	assert_int_equal(build_many(MODEL_MOST_RULES, 0, &model, &err), -1);
	assert_non_null(strstr(err.text, "syscalls[0] and syscalls[999] say two things of ioctl"));
	assert_int_equal(build_many(ARRAY_SIZE(many_rules), 0, &model, &err), 0);
	assert_true(syscall_set_has(&model.doubtful, ioctl));
	for (rule = model.calls[ioctl]; rule != NULL; rule = rule->next)
		assert_ptr_equal(rule->written, &many_rules[n++]);
	assert_int_equal(n, ARRAY_SIZE(many_rules));
	assert_true(ask(&model, "ioctl", 0).contested && ask(&model, "ioctl", 0).doubtful);
	model_at_most(&model);
	assert_int_equal(model.calls[ioctl]->verdict.action, OCI_ACT_ALLOW);
	assert_int_equal(model.calls[ioctl]->n_conditions, 0);
}

static bool note_source(void *ctx, const struct model_leaf *leaf)
{
	*(enum model_source *)ctx = leaf->answer[0].source;
	return false;
}

/* What model_evaluate() and model_walk() say about a number; they have to agree. */
static enum model_source source_of(const struct model *m, int64_t number)
{
	const uint64_t args[OCI_MAX_ARGS] = {0};
	enum model_source source = MODEL_BY_ABI;
	const struct model_walk walk = {
		.models = {m}, .number = number, .visit = note_source, .ctx = &source};
	struct error err;

	assert_int_equal(model_walk(&walk, &err), 0);
	assert_int_equal(source, model_evaluate(m, number, args).source);
	return source;
}

/* s390 enters the kernel with 0 for a number that does not fit into its instruction, or is not
 * known: runc answers that by its stub, too. */
static void test_stub_of_number_zero(void **state)
{
	static const char json[] = "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":"
				   "[\"restart_syscall\",\"read\"],"
				   "\"action\":\"SCMP_ACT_ALLOW\"}]}";
	static const enum abi abis[] = {ABI_S390, ABI_S390X, ABI_X86, ABI_PPC64};
	struct model m;
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(abis); i++) {
		bool s390 = abis[i] == ABI_S390 || abis[i] == ABI_S390X;
		int64_t restart = abi_number(abis[i], syscall_index(SPAN("restart_syscall")));
		enum model_source zero = s390           ? MODEL_BY_STUB
					 : restart == 0 ? MODEL_BY_RULE
							: MODEL_BY_DEFAULT;

		assert_int_equal(build_on(abis[i], json, MODEL_RUNC, &m, &err), 0);
		assert_int_equal(source_of(&m, 0), zero);
		assert_int_equal(source_of(&m, 1), MODEL_BY_DEFAULT);
		assert_int_equal(source_of(&m, m.highest + 1), MODEL_BY_STUB);
		assert_int_equal(build_on(abis[i], json, MODEL_CRUN, &m, &err), 0);
		assert_int_equal(source_of(&m, 0), restart == 0 ? MODEL_BY_RULE : MODEL_BY_DEFAULT);
	}
}

static void test_six_conditions(void **state)
{
	char json[1024] = "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":["
			  "\"clone\"],\"action\":"
			  "\"SCMP_ACT_ALLOW\",\"args\":[";
	struct model m;
	struct error err;

	(void)state;
	for (int i = 0; i < 7; i++)
		snprintf(json + strlen(json), sizeof(json) - strlen(json),
			 "%s{\"index\":0,\"value\":%d,\"op\":\"SCMP_CMP_EQ\"}", i ? "," : "", i);
	strcat(json, "]}]}");
	assert_int_equal(build(json, MODEL_RUNC, &m, &err), 0);
	assert_int_equal(ask(&m, "clone", 6).verdict.action, OCI_ACT_ALLOW);
	assert_int_equal(build(json, MODEL_CRUN, &m, &err), 0);
	assert_int_equal(ask(&m, "clone", 5).verdict.action, OCI_ACT_ALLOW);
	assert_int_equal(ask(&m, "clone", 6).verdict.action, OCI_ACT_ERRNO);
}

static void test_conflict(void **state)
{
	static const char json[] =
		"{\"defaultAction\":\"SCMP_ACT_KILL\",\"syscalls\":[{\"names\":[\"clone\"],"
		"\"action\":\"SCMP_"
		"ACT_ALLOW\","
		"\"args\":[{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":["
		"\"clone\"],"
		"\"action\":"
		"\"SCMP_ACT_LOG\",\"args\":[{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}]}]}";
	struct model m;
	struct error err = {0};

	(void)state;
	assert_int_equal(build(json, MODEL_PROFILE, &m, &err), -1);
	assert_non_null(strstr(err.text, "syscalls[0] and syscalls[1] say two things of clone"));
}

/* ---- the regions of a walk: each argument value is in exactly one, and it says what the model
 * says ---- */

struct found {
	const struct model *model;
	uint64_t args[OCI_MAX_ARGS];
	size_t hits;
};

static bool inside(const struct argspace *s, uint64_t x)
{
	if (x < s->low || x > s->high || (x & s->mask) != s->value)
		return false;
	for (const struct argspace_not *n = s->nots; n != NULL; n = n->next)
		if ((x & n->mask) == n->value)
			return false;
	return true;
}

static bool look(void *ctx, const struct model_leaf *leaf)
{
	struct found *f = ctx;
	struct model_answer answer;

	for (size_t i = 0; i < OCI_MAX_ARGS; i++) {
		assert_true(inside(&leaf->space[i], leaf->example[i]));
		if (!inside(&leaf->space[i], f->args[i]))
			return true;
	}
	f->hits++;
	answer = model_evaluate(f->model, 56, f->args);
	assert_ptr_equal(answer.rule, leaf->answer[0].rule);
	return true;
}

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 8;
}

/* Small values, and now and then high bits. */
static uint64_t some_value(uint32_t *seed)
{
	uint64_t value = next(seed) % 16;

	return next(seed) % 4 == 0   ? value << 32 | next(seed) % 4
	       : next(seed) % 8 == 0 ? ~value
				     : value;
}

static void random_rules(uint32_t *seed, char *json, size_t size)
{
	static const char *const actions[] = {"SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRAP"};
	size_t n = (size_t)snprintf(json, size,
				    "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[");

	for (uint32_t i = 0; i < 5; i++) {
		n += (size_t)snprintf(json + n, size - n,
				      "%s{\"names\":[\"clone\"],\"action\":\"%s\",\"args\":[",
				      i ? "," : "", actions[next(seed) % 3]);
		for (uint32_t j = 0; j < 1 + i % 3; j++) {
			enum oci_cmp op = (enum oci_cmp)(next(seed) % OCI_CMPS);

			n += (size_t)snprintf(
				json + n, size - n,
				"%s{\"index\":%u,\"value\":%llu,\"valueTwo\":%llu,\"op\":\"%s\"}",
				j ? "," : "", j, (unsigned long long)some_value(seed),
				(unsigned long long)some_value(seed), oci_cmp_name(op));
		}
		n += (size_t)snprintf(json + n, size - n, "]}");
	}
	snprintf(json + n, size - n, "]}");
}

static void test_regions(void **state)
{
	uint32_t seed = 7, built = 0;
	struct model m;
	struct found f = {.model = &m};
	struct model_walk walk = {.models = {&m}, .number = 56, .visit = look, .ctx = &f};
	struct error err;
	char json[4096];

	(void)state;
	for (int i = 0; i < 300; i++) {
		random_rules(&seed, json, sizeof(json));
		if (build(json, MODEL_PROFILE, &m, &err) < 0)
			continue;
		built++;
		for (int j = 0; j < 30; j++) {
			for (size_t k = 0; k < 3; k++)
				f.args[k] = some_value(&seed);
			f.hits = 0;
			assert_int_equal(model_walk(&walk, &err), 0);
			assert_int_equal(f.hits, 1);
		}
	}
	assert_true(built > 100);
}

static void test_numbers(void **state)
{
	enum abi abi;

	(void)state;
	assert_int_equal(abi_from_audit(0xc000003e, 0x40000001, &abi), 0);
	assert_int_equal(abi, ABI_X32);
	assert_int_equal(abi_from_audit(0xc000003e, 1, &abi), 0);
	assert_int_equal(abi, ABI_X86_64);
	assert_int_equal(abi_from_audit(0x12345678, 1, &abi), -1);
	assert_int_equal(abi_call(ABI_X86_64, 165), syscall_index(SPAN("mount")));
	assert_int_equal(abi_call(ABI_X86_64, -1), -1);
	assert_int_equal(abi_number(ABI_MIPS64, syscall_index(SPAN("read"))), 5000);
	assert_int_equal(abi_number(ABI_AARCH64, syscall_index(SPAN("fork"))), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stub),
		cmocka_unit_test(test_stub_of_number_zero),
		cmocka_unit_test(test_six_conditions),
		cmocka_unit_test(test_conflict),
		cmocka_unit_test(test_regions),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_many_rules_on_one_call),
		cmocka_unit_test(test_rules_held_against_each_other),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
