/* SPDX-License-Identifier: Apache-2.0 */
#include "semantics/argname.h"

#include "base/number.h"

/* Those that RuntimeDefault asks about, and what stands beside them: <linux/sched.h>,
 * <linux/socket.h>, <linux/personality.h>. SIGCHLD is 17 on all but MIPS, where no rule looks. */
static const struct {
	const char *name;
	uint64_t value;
} names[] = {
	{"NULL", 0},
	{"CLONE_NEWTIME", 0x80},
	{"CLONE_VM", 0x100},
	{"CLONE_FS", 0x200},
	{"CLONE_FILES", 0x400},
	{"CLONE_SIGHAND", 0x800},
	{"CLONE_PIDFD", 0x1000},
	{"CLONE_PTRACE", 0x2000},
	{"CLONE_VFORK", 0x4000},
	{"CLONE_PARENT", 0x8000},
	{"CLONE_THREAD", 0x10000},
	{"CLONE_NEWNS", 0x20000},
	{"CLONE_SYSVSEM", 0x40000},
	{"CLONE_SETTLS", 0x80000},
	{"CLONE_PARENT_SETTID", 0x100000},
	{"CLONE_CHILD_CLEARTID", 0x200000},
	{"CLONE_UNTRACED", 0x800000},
	{"CLONE_CHILD_SETTID", 0x1000000},
	{"CLONE_NEWCGROUP", 0x2000000},
	{"CLONE_NEWUTS", 0x4000000},
	{"CLONE_NEWIPC", 0x8000000},
	{"CLONE_NEWUSER", 0x10000000},
	{"CLONE_NEWPID", 0x20000000},
	{"CLONE_NEWNET", 0x40000000},
	{"CLONE_IO", 0x80000000},
	{"SIGCHLD", 17},
	{"AF_UNIX", 1},
	{"AF_LOCAL", 1},
	{"AF_INET", 2},
	{"AF_INET6", 10},
	{"AF_NETLINK", 16},
	{"AF_PACKET", 17},
	{"AF_ALG", 38},
	{"AF_VSOCK", 40},
	{"PER_LINUX", 0},
	{"PER_LINUX32", 8},
	{"UNAME26", 0x20000},
	{"ADDR_NO_RANDOMIZE", 0x40000},
};

static bool one(struct span text, uint64_t *ret_value)
{
	bool negative = text.n > 1 && text.p[0] == '-';
	struct span digits = span_skip(text, negative);
	bool hex = span_has_prefix(digits, SPAN("0x")) || span_has_prefix(digits, SPAN("0X"));

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!span_eq(text, span_of(names[i].name)))
			continue;
		*ret_value = names[i].value;
		return true;
	}
	/* An octal number would be taken for another: none of these arguments is one. */
	if (!hex && digits.n > 1 && digits.p[0] == '0')
		return false;
	if (!number_parse(span_skip(digits, hex ? 2 : 0), hex ? 16 : 10, UINT64_MAX, ret_value))
		return false;
	if (negative)
		*ret_value = -*ret_value;
	return true;
}

bool argname_value(struct span text, uint64_t *ret_value)
{
	uint64_t all = 0, value;

	for (;;) {
		const char *bar = text.n > 0 ? memchr(text.p, '|', text.n) : NULL;
		struct span part = {text.p, bar != NULL ? (size_t)(bar - text.p) : text.n};

		if (!one(part, &value))
			return false;
		all |= value;
		if (bar == NULL)
			break;
		text = span_skip(text, part.n + 1);
	}
	*ret_value = all;
	return true;
}
