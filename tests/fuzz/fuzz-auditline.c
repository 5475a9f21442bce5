/* SPDX-License-Identifier: Apache-2.0 */
/* A line of the audit log, or what somebody gives for one: read to a call that there is a place
 * for, or refused with a reason. What a process is called changes nothing. */
#include "semantics/auditline.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct enforce_memory memory = fuzz_memory(0);
	const struct span text = {(const char *)data, size};
	struct error err = {.has_pos = false}, ignored;
	struct auditline line = {.form = AUDITLINE_NONE}, again;
	enum abi abi;
	static const char
		head[] = "type=SECCOMP msg=audit(1.0:9) : pid=7 comm=",
		tail[] = " exe=/x sig=SIG0 arch=i386 syscall=mount compat=1 ip=0x0 code=errno ";
	char *longer = arena_alloc(&memory.keep, size + sizeof(head) + sizeof(tail));
	char name[64], *unwrapped = arena_alloc(&memory.keep, size + 1);

	if (unwrapped != NULL)
		auditline_unwrap(text, unwrapped);
	auditline_lost(text);
	if (auditline_form(text) == AUDITLINE_NONE)
		return 0;
	if (auditline_read(text, ABI_X86_64, &line, &err) < 0) {
		HOLDS(err.text[0] != '\0');
		return 0;
	}
	HOLDS(line.abi >= 0 && line.abi < ABIS && line.number >= 0 && line.number <= UINT32_MAX);
	HOLDS(line.has_code || line.code == 0);
	auditline_name(&line, line.comm, name, sizeof(name));
	auditline_name(&line, line.exe, name, sizeof(name));
	HOLDS(oci_action_name(auditline_action(line.code)) != NULL);
	HOLDS(abi_from_name(span_of(abi_infos[line.abi].name), &abi, &ignored) == 0 &&
	      abi == line.abi);
	if (longer == NULL || memchr(data, '\n', size) != NULL ||
	    memchr(data, '\035', size) != NULL)
		return 0;
	/* Whatever it is, as the name of a process it changes nothing. */
	memcpy(longer, head, sizeof(head));
	memcpy(longer + sizeof(head) - 1, text.p, size);
	memcpy(longer + sizeof(head) - 1 + size, tail, sizeof(tail));
	HOLDS(auditline_read((struct span){longer, sizeof(head) + sizeof(tail) - 2 + size},
			     ABI_X86_64, &again, &err) == 0);
	HOLDS(again.form == AUDITLINE_SECCOMP && again.abi == ABI_X86 && again.number == 21);
	HOLDS(again.has_code && again.code == 0x50000 && again.pid == 7 && again.serial == 9);
	return 0;
}
