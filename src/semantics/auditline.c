/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of a record of the audit log. Pure. */
#include "semantics/auditline.h"

#include "base/number.h"

/* AUDIT_SECCOMP of <linux/audit.h>: as a number, as auditd writes it, and as journald does. */
static const char *const types[] = {"type=1326", "type=SECCOMP", "]: SECCOMP auid="};

/* The value of "key=" at the start of a word, the first one; values have no blanks, the kernel sees
 * to that. */
static struct span field(struct span text, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i + n <= text.n; i++) {
		struct span value = {text.p + i + n, 0};

		if ((i > 0 && text.p[i - 1] != ' ') || memcmp(text.p + i, key, n) != 0)
			continue;
		while (i + n + value.n < text.n && strchr(" \n\r\t\035", value.p[value.n]) == NULL)
			value.n++;
		return value;
	}
	return (struct span){0};
}

bool auditline_is(struct span text)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (memmem(text.p, text.n, types[i], strlen(types[i])) != NULL)
			return true;
	return false;
}

/* The kernel prints the number as an int: what is too large for one is negative. */
static bool read_number(struct span call, uint64_t *ret_number)
{
	bool negative = call.n > 1 && call.p[0] == '-';

	if (!number_parse(span_skip(call, negative), 10, UINT32_MAX, ret_number))
		return false;
	if (negative)
		*ret_number = (uint32_t) - *ret_number;
	return true;
}

int auditline_read(struct span text, struct auditline *ret_line, struct error *err)
{
	struct span arch = field(text, "arch="), call = field(text, "syscall="),
		    code = field(text, "code=0x");
	struct auditline line = {0};
	uint64_t audit = 0, nr = 0, value = 0;
	struct error ignored;
	bool by_number;
	int index;

	if (arch.n == 0 || call.n == 0)
		return error_set(err, "a line of the audit log without arch= and syscall=");
	/* The number tells x32 from x86_64. */
	by_number = read_number(call, &nr);
	index = by_number ? -1 : syscall_index(call);
	if (!(number_parse(arch, 16, UINT64_MAX, &audit) && audit <= UINT32_MAX &&
	      abi_from_audit((uint32_t)audit, (int64_t)nr, &line.abi) == 0) &&
	    abi_from_name(arch, &line.abi, &ignored) < 0)
		return error_set(err, "unknown architecture arch=%.*s", SPAN_ARG(arch));
	line.number = index >= 0 ? abi_number(line.abi, index) : (int64_t)nr;
	if (line.number < 0 || (index < 0 && !by_number))
		return error_set(err, "there is no system call %.*s on %s", SPAN_ARG(call),
				 abi_infos[line.abi].name);
	line.has_code = number_parse(code, 16, UINT64_MAX, &value) && value <= UINT32_MAX;
	line.code = line.has_code ? (uint32_t)value : 0;
	*ret_line = line;
	return 0;
}

enum oci_action auditline_action(uint32_t code)
{
	static const struct {
		uint32_t code;
		enum oci_action action;
	} actions[] = {
		{0x80000000, OCI_ACT_KILL_PROCESS}, {0x00030000, OCI_ACT_TRAP},
		{0x00050000, OCI_ACT_ERRNO},        {0x7fc00000, OCI_ACT_NOTIFY},
		{0x7ff00000, OCI_ACT_TRACE},        {0x7ffc0000, OCI_ACT_LOG},
		{0x7fff0000, OCI_ACT_ALLOW},
	};

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if ((code & 0xffff0000) == actions[i].code)
			return actions[i].action;
	return OCI_ACT_KILL_THREAD;
}
