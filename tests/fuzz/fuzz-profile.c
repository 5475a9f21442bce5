/* SPDX-License-Identifier: Apache-2.0 */
/* A profile file: what it resolves to is what the runtimes agree on, is judged the same, and
 * resolves to itself. */
#include "fuzz.h"

#include "oci/seccomp-write.h"
#include "profile/profile-file.h"

static const struct profile_target targets[] = {
	{.arch = PROFILE_ARCH_X86_64, .kernel = PROFILE_KERNEL(6, 1), .caps = 0x21},
	{.arch = PROFILE_ARCH_AARCH64, .kernel = PROFILE_KERNEL(4, 8), .caps = UINT64_MAX},
	{.arch = PROFILE_ARCH_X86_64, .kernel = PROFILE_KERNEL(6, 1), .complain = true},
	{.arch = PROFILE_ARCH_UNKNOWN, .caps_absent = true},
};

/* The object alone, read as a runtime would. */
static bool restricts(struct span object, enum profile_arch arch, struct arena *keep,
		      struct arena *scratch)
{
	struct seccomp_profile profile;
	struct error err;

	HOLDS(ociseccomp_read(object, keep, scratch, &profile, &err) == 0);
	return judge_restricts(&profile, arch, scratch);
}

static void check_target(struct span text, const struct profile_target *target)
{
	struct enforce_memory memory = fuzz_memory(0);
	struct profilefile_request request = {text, target, &memory.keep, &memory.scratch};
	struct profilefile file, again;
	struct span object, second;
	struct error err;

	if (profilefile_resolve(&request, &file, &err) < 0) {
		HOLDS(err.text[0] != '\0' && (!err.has_pos || err.pos <= text.n));
		return;
	}
	HOLDS(memory.scratch.used == 0);
	if (!file.restricts || seccomp_write(&file.profile, &memory.keep, &object, &err) < 0)
		return;
	HOLDS(target->complain || restricts(object, target->arch, &memory.keep, &memory.scratch));
	request.text = object;
	HOLDS(profilefile_resolve(&request, &again, &err) == 0);
	HOLDS(seccomp_write(&again.profile, &memory.keep, &second, &err) == 0);
	HOLDS(target->complain || span_eq(second, object));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		check_target((struct span){(const char *)data, size}, &targets[i]);
	return 0;
}
