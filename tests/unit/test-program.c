/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filter programs that are made of profiles, and the reading of programs. That they mean the same
 * as libseccomp's: tests/profile/test_programs.py.
 */
#include "seccomp-text.h"

#include "../fuzz/model-program.h"
#include "program/paths.h"

#include <linux/seccomp.h>

static char memory[2][1U << 22];
static struct program program;

/* ---- what is made ---- */

static struct seccomp_profile read_profile(const char *json)
{
	static char keep_memory[1U << 20], scratch_memory[1U << 20];
	struct arena keep = {keep_memory, sizeof(keep_memory), 0};
	struct arena scratch = {scratch_memory, sizeof(scratch_memory), 0};
	struct seccomp_profile profile;
	struct error err;

	if (ociseccomp_read(span_of(json), &keep, &scratch, &profile, &err) < 0)
		fail_msg("%s", err.text);
	return profile;
}

static const char *flavor_text(enum profile_flavor flavor, enum profile_arch arch)
{
	const struct profile_target target = {.arch = arch, .kernel = PROFILE_KERNEL(6, 18)};
	static char out[1U << 16];
	struct arena arena = {out, sizeof(out) - 1, 0};
	struct span text;

	assert_int_equal(profile_resolve(flavor, &target, &arena, &text), 0);
	out[text.n] = '\0';
	return out;
}

/* Into `program`; the arena begins at `offset`. */
static int make(const struct seccomp_profile *profile, enum abi native, size_t offset,
		struct error *err)
{
	struct arena scratch = {memory[0] + offset, sizeof(memory[0]) - offset, 0};
	struct program_request request = {profile, native, MODEL_RUNC};
	int r = program_compile(&request, &scratch, &program, err);

	assert_int_equal(scratch.used, 0);
	return r;
}

/* RFC 4648: what is left over of groups of three bytes is padded. */
static void test_encoded(void **state)
{
	static const char *const texts[] = {
		"", "/wABAgMEBQY=", "/wABAgMEBQb/AAECAwQFBg==", "/wABAgMEBQb/AAECAwQFBv8AAQIDBAUG"};
	static const unsigned char insn[] = {0xff, 0, 1, 2, 3, 4, 5, 6};
	char out[64];

	(void)state;
	for (unsigned short n = 0; n < ARRAY_SIZE(texts); n++) {
		struct arena arena = {out, sizeof(out), 0};
		struct span text;

		for (int i = 0; i < n; i++)
			memcpy(&program.insns[i], insn, sizeof(insn));
		program.n_insns = n;
		assert_int_equal(program_encode(&program, &arena, &text), 0);
		assert_true(span_eq(text, span_of(texts[n])));
		arena = (struct arena){out, text.n - 1, 0};
		if (n > 0)
			assert_int_equal(program_encode(&program, &arena, &text), -1);
	}
}

/* RuntimeDefault comes to so many instructions at most, in so much memory. */
static void test_size(void **state)
{
	struct seccomp_profile profile;
	struct error err;

	(void)state;
	for (int flavor = 0; flavor < PROFILE_FLAVORS; flavor++) {
		profile =
			read_profile(flavor_text((enum profile_flavor)flavor, PROFILE_ARCH_X86_64));
		memset(memory[0], 0, sizeof(memory[0]));
		assert_int_equal(make(&profile, ABI_X86_64, 0, &err), 0);
		assert_in_range(program.n_insns, 200, 265);
		assert_int_equal(program.flags, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
		for (size_t i = PROGRAM_MEMORY_SIZE / 2; i < sizeof(memory[0]); i++)
			assert_int_equal(memory[0][i], 0);
		profile.archs = NULL;
		assert_int_equal(make(&profile, ABI_X86_64, 0, &err), 0);
		assert_in_range(program.n_insns, 60, 100);
	}
}

/* The same bytes, whatever lay in the memory and wherever that is. */
static void test_stable(void **state)
{
	struct seccomp_profile profile =
		read_profile(flavor_text(PROFILE_CONTAINERS, PROFILE_ARCH_X86_64));
	static struct program first;
	struct error err;

	(void)state;
	memset(memory[0], 0x55, sizeof(memory[0]));
	assert_int_equal(make(&profile, ABI_X86_64, 0, &err), 0);
	first = program;
	memset(&program, 0xaa, sizeof(program));
	memset(memory[0], 0xaa, sizeof(memory[0]));
	assert_int_equal(make(&profile, ABI_X86_64, 4096, &err), 0);
	assert_int_equal(program.n_insns, first.n_insns);
	assert_memory_equal(program.insns, first.insns, first.n_insns * sizeof(first.insns[0]));
}

static void test_refused(void **state)
{
	static const struct {
		const char *json, *why;
	} cases[] = {
		{"{}", "an empty linux.seccomp"},
		{PROFILE("NOTIFY", ""), "SCMP_ACT_NOTIFY"},
		{PROFILE("ALLOW", RULE("\"mount\"", "NOTIFY", "")), "SCMP_ACT_NOTIFY"},
		{FOR("\"SCMP_ARCH_S390X\"", "ERRNO", RULE("\"read\"", "ALLOW", "")),
		 "SCMP_ARCH_S390X: its byte order is not that of x86_64"},
		{FOR("\"SCMP_ARCH_PARISC\"", "ERRNO", RULE("\"read\"", "ALLOW", "")),
		 "SCMP_ARCH_PARISC: no filter"},
		{PROFILE("ERRNO",
			 RULE("\"read\"", "ALLOW", ARGS(ARG(0, "EQ", ",\"value\":1"))) "," RULE(
				 "\"read\"", "LOG", ARGS(ARG(0, "EQ", ",\"value\":1")))),
		 "two things of read"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct seccomp_profile profile = read_profile(cases[i].json);
		struct error err = {0};

		assert_int_equal(make(&profile, ABI_X86_64, 0, &err), -1);
		assert_non_null(strstr(err.text, cases[i].why));
	}
}

/* `n` rules, each on another range of an argument. */
static const char *many_rules(int n)
{
	static char json[1U << 20];
	char *at = json + sprintf(json, "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[");

	for (int i = 0; i < n; i++)
		at += sprintf(at,
			      "%s{\"names\":[\"ioctl\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{"
			      "\"index\":1,\"value\":%d,\"op\":\"SCMP_CMP_EQ\"}]}",
			      i > 0 ? "," : "", 2 * i);
	strcpy(at, "]}");
	return json;
}

/* As many instructions as the kernel takes, with jumps that are too long for one; then no more. */
static void test_limit(void **state)
{
	struct seccomp_profile profile = read_profile(many_rules(4000));
	struct error err;

	(void)state;
	assert_int_equal(make(&profile, ABI_X86_64, 0, &err), 0);
	assert_in_range(program.n_insns, 4000, BPF_MAXINSNS);
	for (size_t i = 0; i < program.n_insns; i++)
		if (BPF_CLASS(program.insns[i].code) == BPF_JMP &&
		    BPF_OP(program.insns[i].code) != BPF_JA)
			assert_true(i + 1 + program.insns[i].jt < program.n_insns &&
				    i + 1 + program.insns[i].jf < program.n_insns);
	profile = read_profile(many_rules(4090));
	assert_int_equal(make(&profile, ABI_X86_64, 0, &err), -1);
	assert_non_null(strstr(err.text, "more than the 4096 instructions"));
	profile = read_profile(many_rules(4097));
	assert_int_equal(make(&profile, ABI_X86_64, 0, &err), -1);
	assert_non_null(strstr(err.text, "more than 4096 conditions"));
	assert_true(err.has_pos);
}

/* ---- the program says what the model says ---- */

struct meaning {
	const struct seccomp_profile *profile;
	struct model models[ABIS];
	bool built[ABIS];
	enum abi native;
	unsigned long leaves;
	uint32_t asked[PATHS_WORDS];
};

static void build_models(struct meaning *m)
{
	struct arena arena = {memory[1], sizeof(memory[1]), 0};
	struct error err;

	memset(m->built, 0, sizeof(m->built));
	for (int abi = 0; abi < ABIS; abi++) {
		struct model_request request = {m->profile, (enum abi)abi, m->native, MODEL_RUNC};

		m->built[abi] = model_build(&request, &arena, &m->models[abi], &err) == 0;
	}
}

static uint64_t argument(const uint32_t words[PATHS_WORDS], enum abi native, size_t i)
{
	bool little = (abi_infos[native].audit & 0x40000000) != 0;

	return (uint64_t)words[4 + 2 * i + (little ? 1 : 0)] << 32 |
	       words[4 + 2 * i + (little ? 0 : 1)];
}

/* What the model says to this data. Numbers between the ABIs of x86 are libseccomp's affair. */
static uint32_t expected(const struct meaning *m, const uint32_t words[PATHS_WORDS])
{
	uint32_t number = words[PATHS_WORD_NR];
	uint64_t args[OCI_MAX_ARGS];
	enum abi abi;

	if (abi_from_audit(words[PATHS_WORD_ARCH], number, &abi) < 0)
		return SECCOMP_RET_KILL_THREAD;
	for (size_t i = 0; i < OCI_MAX_ARGS; i++)
		args[i] = argument(words, m->native, i);
	return program_value(model_evaluate(&m->models[abi], number, args).verdict);
}

static bool holds_expected(void *ctx, const struct paths_leaf *leaf)
{
	struct meaning *m = ctx;
	uint32_t number = leaf->example[PATHS_WORD_NR];

	m->leaves++;
	if (leaf->example[PATHS_WORD_ARCH] != abi_infos[ABI_X86_64].audit || number < 0x40000000 ||
	    m->models[ABI_X32].covered)
		assert_int_equal(leaf->value[0], expected(m, leaf->example));
	return true;
}

static void walk_program(struct meaning *m, const struct argspace *words, paths_visit *visit)
{
	static char scratch_memory[1U << 20];
	struct arena scratch = {scratch_memory, sizeof(scratch_memory), 0};
	const struct paths_walk walk = {.codes = {{program.insns, program.n_insns}},
					.words = words,
					.visit = visit,
					.ctx = m,
					.scratch = &scratch};
	struct error err;

	if (paths_walk(&walk, &err) < 0)
		fail_msg("%s", err.text);
}

/* Every region of the model, by an example: the program asked about just that. */
static bool agrees(void *ctx, const struct paths_leaf *leaf)
{
	struct meaning *m = ctx;

	m->leaves++;
	assert_int_equal(leaf->value[0], expected(m, m->asked));
	return true;
}

static bool ask_program(void *ctx, const struct model_leaf *leaf)
{
	struct meaning *m = ctx;
	bool little = (abi_infos[m->native].audit & 0x40000000) != 0;
	struct argspace words[PATHS_WORDS];
	unsigned long before = m->leaves;

	for (size_t i = 0; i < OCI_MAX_ARGS; i++) {
		m->asked[4 + 2 * i + (little ? 0 : 1)] = (uint32_t)leaf->example[i];
		m->asked[4 + 2 * i + (little ? 1 : 0)] = (uint32_t)(leaf->example[i] >> 32);
	}
	paths_all(words);
	for (size_t i = 0; i < PATHS_WORDS; i++)
		words[i].low = words[i].high = m->asked[i];
	walk_program(m, words, agrees);
	assert_int_equal(m->leaves, before + 1);
	return true;
}

static void ask_model(struct meaning *m, enum abi abi, const char *name)
{
	int64_t number = abi_number(abi, syscall_index(span_of(name)));
	struct model_walk walk = {
		.models = {&m->models[abi]}, .number = number, .visit = ask_program, .ctx = m};
	struct error err;

	if (number < 0)
		return;
	memset(m->asked, 0, sizeof(m->asked));
	m->asked[PATHS_WORD_NR] = (uint32_t)number;
	m->asked[PATHS_WORD_ARCH] = abi_infos[abi].audit;
	if (model_walk(&walk, &err) < 0)
		fail_msg("%s", err.text);
}

static bool same(void *ctx, const struct paths_leaf *leaf)
{
	struct meaning *m = ctx;

	m->leaves++;
	assert_int_equal(leaf->value[0], leaf->value[1]);
	return true;
}

/* The program against one that tests the rules of a call in turn, for all arguments. */
static void ask_the_book(struct meaning *m, enum abi abi, const char *name)
{
	static struct sock_filter book[BPF_MAXINSNS];
	const struct model *model = &m->models[abi];
	const int call = syscall_index(span_of(name));
	const int64_t number = abi_number(abi, call);
	struct argspace words[PATHS_WORDS];
	struct paths_walk walk = {.codes = {{program.insns, program.n_insns}, {book, 0}},
				  .words = words,
				  .visit = same,
				  .ctx = m,
				  .scratch = &(struct arena){memory[0], sizeof(memory[0]), 0}};
	struct error err;

	/* The book has no stub, and is written for little-endian arguments. */
	if (number < 0 || (model->stub && number > model->highest) ||
	    (abi_infos[abi].audit & 0x40000000) == 0)
		return;
	walk.codes[1].n = model_program(model, call, book, ARRAY_SIZE(book));
	assert_true(walk.codes[1].n > 0);
	paths_of_call(abi_infos[abi].audit, (uint32_t)number, words);
	if (paths_walk(&walk, &err) < 0)
		fail_msg("%s", err.text);
}

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 8;
}

static const char *random_profile(uint32_t *seed, const char *archs)
{
	static const char *const actions[] = {"ALLOW",        "LOG",   "TRAP", "KILL",
					      "KILL_PROCESS", "ERRNO", "TRACE"};
	static const char *const names[] = {"clone", "socket", "accept4",        "semop",
					    "read",  "mseal",  "restart_syscall"};
	static const char *const values[] = {"0",          "1",
					     "40",         "4294967295",
					     "4294967296", "18446744073709551615",
					     "2113929216", "9223372036854775808"};
	static char json[1U << 16];
	char *at = json + sprintf(json, "{\"defaultAction\":\"SCMP_ACT_%s\",%s\"syscalls\":[",
				  actions[next(seed) % 7], archs);

	for (uint32_t i = 0, n = 1 + next(seed) % 8; i < n; i++) {
		at += sprintf(at, "%s{\"names\":[\"%s\"],\"action\":\"SCMP_ACT_%s\",\"args\":[",
			      i > 0 ? "," : "", names[next(seed) % ARRAY_SIZE(names)],
			      actions[next(seed) % 7]);
		for (uint32_t k = 0, args = next(seed) % 4; k < args; k++)
			at += sprintf(at,
				      "%s{\"index\":%u,\"value\":%s,\"valueTwo\":%s,\"op\":\"%s\"}",
				      k > 0 ? "," : "", k + (next(seed) % 8 == 0),
				      values[next(seed) % 8], values[next(seed) % 8],
				      oci_cmp_name((enum oci_cmp)(next(seed) % OCI_CMPS)));
		at += sprintf(at, "]}");
	}
	strcpy(at, "]}");
	return json;
}

/* Both byte orders, and ABIs that share numbers, arguments and AUDIT_ARCHs. */
static void test_meaning(void **state)
{
	static const struct {
		enum abi native;
		const char *archs;
	} hosts[] = {
		{ABI_X86_64,
		 "\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"],"},
		{ABI_X86_64, "\"architectures\":[\"SCMP_ARCH_X86\"],"},
		{ABI_AARCH64, "\"architectures\":[\"SCMP_ARCH_ARM\"],"},
		{ABI_S390X, "\"architectures\":[\"SCMP_ARCH_S390\"],"},
		{ABI_MIPS64, "\"architectures\":[\"SCMP_ARCH_MIPS64N32\",\"SCMP_ARCH_MIPS\"],"},
		{ABI_PPC64LE, ""},
	};
	static const char *const calls[] = {"clone", "socket", "accept4",    "semop",
					    "ipc",   "read",   "socketcall", "mseal"};
	static struct meaning m;
	uint32_t seed = 7;
	unsigned long made = 0;

	(void)state;
	for (int i = 0; i < 600; i++) {
		const size_t host = (size_t)i % ARRAY_SIZE(hosts);
		struct seccomp_profile profile =
			read_profile(random_profile(&seed, hosts[host].archs));
		struct error err;

		m.profile = &profile;
		m.native = hosts[host].native;
		if (make(&profile, m.native, 0, &err) < 0) {
			assert_non_null(strstr(err.text, "two things"));
			continue;
		}
		made++;
		build_models(&m);
		walk_program(&m, NULL, holds_expected);
		for (int abi = 0; abi < ABIS; abi++)
			for (size_t k = 0; m.models[abi].covered && k < ARRAY_SIZE(calls); k++) {
				ask_model(&m, (enum abi)abi, calls[k]);
				ask_the_book(&m, (enum abi)abi, calls[k]);
			}
	}
	assert_true(made > 300 && m.leaves > 20000);
}

/* ---- reading ---- */

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
#define IF(op, value, yes, no) BPF_JUMP(BPF_JMP | BPF_##op | BPF_K, value, yes, no)

struct sums {
	uint64_t size[4]; /* of a word's values, by what is returned */
	size_t word;
};

static bool add_up(void *ctx, const struct paths_leaf *leaf)
{
	struct sums *sums = ctx;
	const struct argspace *space = &leaf->words[sums->word];

	assert_true(leaf->value[0] < 4);
	assert_null(space->nots);
	sums->size[leaf->value[0]] += space->high - space->low + 1;
	return true;
}

static int read_paths(const struct sock_filter *insns, size_t n, struct sums *sums,
		      struct error *err)
{
	struct arena scratch = {memory[1], sizeof(memory[1]), 0};
	const struct paths_walk walk = {
		.codes = {{insns, n}}, .visit = add_up, .ctx = sums, .scratch = &scratch};

	*sums = (struct sums){.word = PATHS_WORD_NR};
	return paths_walk(&walk, err);
}

static void test_reading(void **state)
{
	/* Through memory, the other register, a constant and a long jump. */
	const struct sock_filter insns[] = {
		LOAD(0),
		BPF_STMT(BPF_ST, 3),
		BPF_STMT(BPF_LD | BPF_IMM, 6),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 4),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_MEM, 3),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 0, 1),
		BPF_STMT(BPF_JMP | BPF_JA, 2),
		IF(JEQ, 3, 0, 2),
		RETURN(1),
		RETURN(2),
		RETURN(3),
	};
	struct sums sums;
	struct error err;

	(void)state;
	assert_int_equal(read_paths(insns, ARRAY_SIZE(insns), &sums, &err), 0);
	assert_int_equal(sums.size[1], 1);
	assert_int_equal(sums.size[2], UINT32_MAX - 10U);
	assert_int_equal(sums.size[3], 10);
}

static void test_not_readable(void **state)
{
	const struct sock_filter computing[] = {LOAD(0), BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1),
						IF(JEQ, 3, 0, 0), RETURN(0)};
	const struct sock_filter returning[] = {LOAD(0), BPF_STMT(BPF_RET | BPF_A, 0)};
	const struct sock_filter open[] = {LOAD(0), IF(JEQ, 3, 0, 1), RETURN(0)};
	struct sums sums;
	struct error err;

	(void)state;
	assert_int_equal(read_paths(computing, 4, &sums, &err), -1);
	assert_non_null(strstr(err.text, "instruction 1 "));
	assert_int_equal(read_paths(returning, 2, &sums, &err), -1);
	assert_non_null(strstr(err.text, "instruction 1 "));
	assert_int_equal(read_paths(open, 3, &sums, &err), -1);
	assert_non_null(strstr(err.text, "does not end"));
}

/* A budget ends a walk that would not end for ages. */
static void test_budget(void **state)
{
	struct sock_filter insns[2 * 32 * 4 + 1];
	struct arena scratch = {memory[1], sizeof(memory[1]), 0};
	struct sums sums = {.word = 0};
	unsigned long budget = 100000;
	struct paths_walk walk = {.codes = {{insns, ARRAY_SIZE(insns)}},
				  .visit = add_up,
				  .ctx = &sums,
				  .scratch = &scratch,
				  .budget = &budget};
	struct error err;

	(void)state;
	for (unsigned int i = 0; i < 128; i++) {
		insns[2 * i] = (struct sock_filter)LOAD(16 + 4 * (i / 32));
		insns[2 * i + 1] = (struct sock_filter)IF(JSET, 1U << i % 32, 0, 0);
	}
	insns[256] = (struct sock_filter)RETURN(0);
	assert_int_equal(paths_walk(&walk, &err), -1);
	assert_non_null(strstr(err.text, "too many ways"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encoded), cmocka_unit_test(test_size),
		cmocka_unit_test(test_stable),  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limit),   cmocka_unit_test(test_meaning),
		cmocka_unit_test(test_reading), cmocka_unit_test(test_not_readable),
		cmocka_unit_test(test_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
