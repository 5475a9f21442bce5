/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/recognize.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>

/* Calls up to this number are known to every libseccomp that runtimes come with: those of Linux
 * 5.17. Newer ones have the same number on each ABI, but for what x86_64 got in a gap. */
#define LAST_KNOWN 450
#define LAST_BEFORE_GAP 334
#define FIRST_AFTER_GAP 424
#define X32_BIT 0x40000000U

/* Names of calls that are told of a program of somebody's own. */
#define NAMES_SHOWN 6

static bool runs(uint32_t value)
{
	switch (value & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		return true;
	default:
		return false;
	}
}

/* ---- the same? ---- */

/* Has every number in the leaf been given to a call that libseccomp may not know? */
static bool is_young(const struct paths_leaf *leaf)
{
	const struct argspace *numbers = &leaf->words[PATHS_WORD_NR];
	uint64_t x32 = numbers->low & X32_BIT, low = numbers->low - x32, high = numbers->high - x32;

	return low > LAST_KNOWN || (leaf->example[PATHS_WORD_ARCH] == AUDIT_ARCH_X86_64 &&
				    low > LAST_BEFORE_GAP && high < FIRST_AFTER_GAP);
}

/* codes[0] is what is loaded. */
static bool stop_at_difference(void *ctx, const struct paths_leaf *leaf)
{
	bool *same = ctx;

	*same = leaf->value[0] == leaf->value[1] || (!runs(leaf->value[0]) && is_young(leaf));
	return *same;
}

static bool means(const struct recognize_case *job, const struct paths_code *code,
		  const struct program *program, struct arena *scratch)
{
	bool same = true;
	struct paths_walk walk = {.codes = {*code, {program->insns, program->n_insns}},
				  .visit = stop_at_difference,
				  .ctx = &same,
				  .scratch = scratch,
				  .budget = job->budget};
	struct error err;
	size_t used = scratch->used;
	int rc;

	if (code->n == program->n_insns &&
	    memcmp(code->insns, program->insns, code->n * sizeof(*code->insns)) == 0)
		return true;
	rc = paths_walk(&walk, &err);
	scratch->used = used;
	return rc == 0 && same;
}

/* Does the program mean `profile`, as it is or as the runtime makes it? */
static bool is_of(const struct recognize_case *job, const struct seccomp_profile *profile,
		  const struct paths_code *code, struct arena *scratch)
{
	const enum model_runtime runtimes[] = {job->runtime, MODEL_PROFILE};
	static struct program program;
	size_t used = scratch->used;
	bool same = false;
	enum abi native;
	struct error err;

	if (abi_of_arch(job->arch, &native) < 0 || profile->empty)
		return false;
	for (size_t i = 0; !same && i < ARRAY_SIZE(runtimes); i++) {
		const struct program_request request = {profile, native, runtimes[i]};

		same = program_compile(&request, scratch, &program, &err) == 0 &&
		       means(job, code, &program, scratch);
		scratch->used = used;
	}
	return same;
}

/* One that leaves calls to an agent cannot. */
static bool can_be_made(const struct recognize_case *job, struct arena *scratch)
{
	static struct program program;
	struct program_request request = {.profile = &job->config->profile,
					  .runtime = job->runtime};
	size_t used = scratch->used;
	struct error err;
	int rc = abi_of_arch(job->arch, &request.native);

	if (rc == 0)
		rc = program_compile(&request, scratch, &program, &err);
	scratch->used = used;
	return rc == 0;
}

static bool is_text(const struct recognize_case *job, struct span text,
		    const struct paths_code *code, struct enforce_memory *memory)
{
	struct seccomp_profile profile;
	struct error err;

	return ociseccomp_read(text, &memory->keep, &memory->scratch, &profile, &err) == 0 &&
	       is_of(job, &profile, code, &memory->scratch);
}

static int default_text(const struct recognize_case *job, enum profile_flavor flavor,
			struct arena *keep, struct span *ret_text)
{
	const struct profile_target target = {
		.arch = job->arch, .kernel = job->kernel, .caps = job->config->bounding};

	return profile_resolve(flavor, &target, keep, ret_text);
}

/* ---- what else it is ---- */

struct more {
	struct syscall_set calls;
};

static bool has(const struct argspace *space, uint64_t x)
{
	if (x < space->low || x > space->high || (x & space->mask) != space->value)
		return false;
	for (const struct argspace_not *n = space->nots; n != NULL; n = n->next)
		if ((x & n->mask) == n->value)
			return false;
	return true;
}

/* Take the calls that codes[0] lets through and codes[1] does not. */
static bool take_more(void *ctx, const struct paths_leaf *leaf)
{
	const struct argspace *numbers = &leaf->words[PATHS_WORD_NR];
	struct more *more = ctx;
	uint32_t arch = leaf->example[PATHS_WORD_ARCH];

	if (!runs(leaf->value[0]) || runs(leaf->value[1]))
		return true;
	for (int call = 0; call < SYSCALL_COUNT; call++) {
		for (int abi = 0; abi < ABIS; abi++) {
			int64_t nr;

			if (abi_infos[abi].audit != arch)
				continue;
			nr = abi_number((enum abi)abi, call);
			if (nr >= 0 && has(numbers, (uint64_t)nr))
				syscall_set_add(&more->calls, call);
		}
	}
	return true;
}

static void describe_own(const struct recognize_case *job, const struct paths_code *code,
			 struct enforce_memory *memory, struct recognition *r)
{
	static struct program program;
	struct more more = {0};
	struct paths_walk walk = {.visit = take_more,
				  .ctx = &more,
				  .scratch = &memory->scratch,
				  .budget = job->budget};
	struct seccomp_profile profile;
	char names[256];
	struct error err;
	enum abi native;
	struct span text;
	size_t n, left;

	snprintf(r->text, sizeof(r->text), "own, which cannot be followed");
	if (abi_of_arch(job->arch, &native) < 0 ||
	    default_text(job, job->flavor, &memory->keep, &text) < 0 ||
	    ociseccomp_read(text, &memory->keep, &memory->scratch, &profile, &err) < 0 ||
	    program_compile(&(struct program_request){&profile, native, MODEL_PROFILE},
			    &memory->scratch, &program, &err) < 0)
		return;
	walk.codes[0] = *code;
	walk.codes[1] = (struct paths_code){program.insns, program.n_insns};
	if (paths_walk(&walk, &err) < 0)
		return;
	n = syscall_set_count(&more.calls);
	left = syscall_set_names(&more.calls, NAMES_SHOWN, ", ", names, sizeof(names));
	if (n == 0)
		snprintf(r->text, sizeof(r->text),
			 "own, lets through nothing that RuntimeDefault of %s denies",
			 profile_flavor_name(job->flavor));
	else
		snprintf(r->text, sizeof(r->text),
			 "own, lets through what RuntimeDefault of %s denies: %s%s",
			 profile_flavor_name(job->flavor), names, left > 0 ? " and more" : "");
}

/* ", RuntimeDefault of moby (2026-06-30)" or without the comma; "" where it is none. */
static bool name_default(const struct recognize_case *job, const struct paths_code *code,
			 struct enforce_memory *memory, struct recognition *r)
{
	for (int i = 0; i < PROFILE_FLAVORS; i++) {
		enum profile_flavor flavor =
			(enum profile_flavor)((job->flavor + (unsigned int)i) % PROFILE_FLAVORS);
		const struct enforce_memory before = *memory;
		size_t n = strlen(r->text);
		struct span text;
		bool same = default_text(job, flavor, &memory->keep, &text) == 0 &&
			    is_text(job, text, code, memory);

		*memory = before;
		if (!same)
			continue;
		snprintf(r->text + n, sizeof(r->text) - n, "%sRuntimeDefault of %s (%s)",
			 n > 0 ? ", " : "", profile_flavor_name(flavor),
			 profile_flavor_date(flavor));
		return true;
	}
	return false;
}

void recognize(const struct recognize_case *job, const struct paths_code *code,
	       struct enforce_memory *memory, struct recognition *ret_recognition)
{
	const struct enforce_memory before = *memory;
	struct recognition r = {.what = RECOGNIZED_OWN};

	r.is_comparable = job->config->has_profile && can_be_made(job, &memory->scratch);
	if (job->config->has_profile && is_of(job, &job->config->profile, code, &memory->scratch)) {
		r.what = RECOGNIZED_CONFIG;
		snprintf(r.text, sizeof(r.text), "as its configuration says");
	} else if (job->profile.p != NULL && is_text(job, job->profile, code, memory)) {
		r.what = RECOGNIZED_POLICY;
		snprintf(r.text, sizeof(r.text), "as the policy says");
	}
	*memory = before;
	if (!name_default(job, code, memory, &r) && r.what == RECOGNIZED_OWN)
		describe_own(job, code, memory, &r);
	*memory = before;
	*ret_recognition = r;
}
