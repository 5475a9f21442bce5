/* SPDX-License-Identifier: Apache-2.0 */
/* What stands on a hook's standard input: it is a state, a configuration, or neither, and never
 * both. */
#include "oci/state.h"

#include "fuzz.h"

/* A string of the result, whole and in memory that was asked for. */
static void look_at(const char *text, const struct enforce_memory *memory, size_t size)
{
	if (text == NULL)
		return;
	HOLDS(text >= memory->keep.base && text < memory->keep.base + memory->keep.used);
	HOLDS(strlen(text) <= size);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct enforce_memory memory = fuzz_memory(0), other = fuzz_memory(1);
	const struct span text = {(const char *)data, size};
	struct error err = {.has_pos = false}, ignored;
	struct ociconfig config;
	struct ocistate state;

	if (ocistate_read(text, &memory.keep, &memory.scratch, &state, &err) < 0) {
		HOLDS(err.text[0] != '\0' && (!err.has_pos || err.pos <= size));
		return 0;
	}
	look_at(state.id, &memory, size);
	look_at(state.status, &memory, size);
	look_at(state.bundle, &memory, size);
	HOLDS(state.is_state || (state.status == NULL && !state.has_pid));
	HOLDS(state.has_pid || state.pid == 0);
	if (state.is_state)
		HOLDS(ociconfig_read(text, &other.keep, &other.scratch, &config, &ignored) < 0);
	return 0;
}
