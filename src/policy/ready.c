/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/ready.h"

#include "program/program.h"

int ready_program(const struct seccomp_profile *profile, enum profile_arch arch,
		  struct enforce_memory *memory, struct span *ret_text, struct error *err)
{
	struct program_request request = {.profile = profile, .runtime = MODEL_CRUN};
	struct arena *scratch = &memory->scratch;
	size_t used = scratch->used;
	struct program *program;
	int r;

	*ret_text = (struct span){0};
	if (abi_of_arch(arch, &request.native) < 0 || seccomp_notifies(profile) ||
	    program_conditions(profile) > READY_MAX_CONDITIONS ||
	    scratch->size - scratch->used < sizeof(*program) + PROGRAM_MEMORY_SIZE)
		return 0;
	program = arena_alloc(scratch, sizeof(*program));
	r = program_compile(&request, scratch, program, err);
	if (r == 0 && program_encode(program, &memory->keep, ret_text) < 0)
		r = error_set(err, "the configuration is too large to hold a ready program");
	scratch->used = used;
	return r;
}

void ready_recognize(struct ociconfig *config, enum profile_arch arch,
		     struct enforce_memory *memory)
{
	struct span there = ociconfig_annotation(config, SPAN(OCI_PROGRAM_ANNOTATION)), ours;
	struct error ignored;

	config->program_known =
		there.p != NULL && config->has_profile &&
		ready_program(&config->profile, arch, memory, &ours, &ignored) == 0 &&
		ours.p != NULL && span_eq(there, ours);
}
