/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules on one call that overlap, as random as they come: what the judgment says of them is
 * compared with every way through the program that libseccomp makes of them. Whatever the program
 * lets through, the judgment has let through; whatever the judgment lets through for certain, the
 * program does; and where the model has no doubt, that is what happens.
 */
#include "overlap.h"

#include "filter/filter.h"
#include "model-program.h"
#include "program/paths.h"
#include "semantics/model.h"

#include <inttypes.h>
#include <linux/seccomp.h>

#define MAX_INSNS 2048
#define STEPS 2000000UL

enum which { MOST, LEAST, PLAIN, MODELS };

struct comparison {
	const struct overlap *overlap;
	const struct model *model;
	int call;
	enum which which;
};

static bool permits(uint32_t value)
{
	value &= SECCOMP_RET_ACTION_FULL;
	return value == SECCOMP_RET_ALLOW || value == SECCOMP_RET_LOG || value == SECCOMP_RET_TRACE;
}

static bool is_certain(const struct comparison *c, const uint64_t args[OCI_MAX_ARGS])
{
	struct model_answer answer =
		model_evaluate(c->model, abi_number(c->model->abi, c->call), args);

	return !answer.contested && !answer.doubtful;
}

static bool compare(void *ctx, const struct paths_leaf *leaf)
{
	static const char *const says[MODELS] = {"at most", "at least", "without doubt"};
	const struct comparison *c = ctx;
	uint32_t program = leaf->value[0], model = leaf->value[1];
	uint64_t args[OCI_MAX_ARGS];

	for (size_t i = 0; i < OCI_MAX_ARGS; i++)
		args[i] = (uint64_t)leaf->example[5 + 2 * i] << 32 | leaf->example[4 + 2 * i];
	if (c->which == MOST      ? !permits(program) || permits(model)
	    : c->which == LEAST   ? permits(program) || !permits(model)
	    : is_certain(c, args) ? program == model
				  : true)
		return true;
	overlap_print(&c->overlap->profile);
	fprintf(stderr,
		"%.*s(%#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64
		") on %s: the program returns %#x, the model says %s %#x\n",
		SPAN_ARG(syscall_name(c->call)), args[0], args[1], args[2], args[3],
		abi_infos[c->model->abi].name, program, says[c->which], model);
	abort();
}

static void look(const struct comparison *c, const struct program *program, struct arena *scratch)
{
	static struct sock_filter insns[MAX_INSNS];
	const enum abi abi = c->model->abi;
	unsigned long budget = STEPS;
	struct argspace words[PATHS_WORDS];
	struct paths_walk walk = {
		.codes = {{program->insns, program->n_insns},
			  {insns, model_program(c->model, c->call, insns, MAX_INSNS)}},
		.words = words,
		.visit = compare,
		.ctx = (void *)(uintptr_t)c,
		.scratch = scratch,
		.budget = &budget,
	};
	struct error err;

	HOLDS(walk.codes[1].n > 0);
	paths_of_call(abi_infos[abi].audit, (uint32_t)abi_number(abi, c->call), words);
	if (paths_walk(&walk, &err) < 0)
		HOLDS(strstr(err.text, "too many ways") != NULL);
}

/* Each call that has rules with conditions: socketcall(2) too, where the call is one of its. */
static void look_at_calls(const struct overlap *o, const struct program *program, enum abi abi,
			  struct arena *scratch)
{
	for (enum which which = MOST; which < MODELS; which++) {
		size_t used = scratch->used;
		struct model model;

		HOLDS(overlap_model(&o->profile, abi, scratch, &model) == 0);
		if (which == MOST)
			model_at_most(&model);
		else if (which == LEAST)
			model_at_least(&model);
		for (int call = 0; call < SYSCALL_COUNT; call++) {
			const struct comparison c = {o, &model, call, which};

			if (abi_number(abi, call) >= 0 &&
			    (call == o->call || call == syscall_index(SPAN("socketcall"))))
				look(&c, program, scratch);
		}
		scratch->used = used;
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct program program;
	struct enforce_memory memory = fuzz_memory(0);
	struct overlap o;

	overlap_read((struct overlap_bytes){.p = data, .n = size}, &o);
	if (overlap_compile(&o.profile, &memory, &program) < 0)
		return 0;
	for (enum abi abi = ABI_X86_64; abi <= ABI_X32; abi++)
		look_at_calls(&o, &program, abi, &memory.scratch);
	return 0;
}
