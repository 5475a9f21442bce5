/* SPDX-License-Identifier: Apache-2.0 */
/* A line of the audit log, or what somebody gives for one: read to a call that there is a place
 * for, or refused with a reason. What stands behind it changes nothing. */
#include "semantics/auditline.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct enforce_memory memory = fuzz_memory(0);
	const struct span text = {(const char *)data, size};
	struct error err = {.has_pos = false}, ignored;
	struct auditline line, again;
	enum abi abi;
	char *longer = arena_alloc(&memory.keep, size + 32);

	auditline_is(text);
	if (auditline_read(text, &line, &err) < 0) {
		HOLDS(err.text[0] != '\0');
		return 0;
	}
	HOLDS(line.abi >= 0 && line.abi < ABIS && line.number >= 0 && line.number <= UINT32_MAX);
	HOLDS(line.has_code || line.code == 0);
	HOLDS(oci_action_name(auditline_action(line.code)) != NULL);
	HOLDS(abi_from_name(span_of(abi_infos[line.abi].name), &abi, &ignored) == 0 &&
	      abi == line.abi);
	if (longer == NULL)
		return 0;
	memcpy(longer, text.p, size);
	memcpy(longer + size, " arch=0 syscall=x code=0x0\n", 27);
	HOLDS(auditline_read((struct span){longer, size + 27}, &again, &err) == 0);
	HOLDS(again.abi == line.abi && again.number == line.number);
	HOLDS(!line.has_code || again.code == line.code);
	return 0;
}
