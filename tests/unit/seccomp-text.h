/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of linux.seccomp objects, for the tests of what they amount to. */
#ifndef SECCOMP_GUARD_TEST_SECCOMP_TEXT_H
#define SECCOMP_GUARD_TEST_SECCOMP_TEXT_H

#include "core.h"

#define RULE(names, action, more)                                                                  \
	"{\"names\":[" names "],\"action\":\"SCMP_ACT_" action "\"" more "}"
#define ARGS(list) ",\"args\":[" list "]"
#define ARG(index, op, more) "{\"index\":" #index ",\"op\":\"SCMP_CMP_" op "\"" more "}"
#define PROFILE(action, rules)                                                                     \
	"{\"defaultAction\":\"SCMP_ACT_" action "\",\"syscalls\":[" rules "]}"

#define FOR(archs, action, rules)                                                                  \
	"{\"defaultAction\":\"SCMP_ACT_" action "\",\"architectures\":[" archs                     \
	"],\"syscalls\":[" rules "]}"
#define LISTENED(action, path, rules)                                                              \
	"{\"defaultAction\":\"SCMP_ACT_" action "\",\"listenerPath\":" path                        \
	",\"syscalls\":[" rules "]}"
#define X86_64 "\"SCMP_ARCH_X86_64\""
#define RISCV64 "\"SCMP_ARCH_RISCV64\""

/* A list of all there is, allowed one by one under a default that denies. */
static inline const char *allow_all_but(const char *missing, const char *action, char *out,
					size_t size)
{
	size_t n =
		(size_t)snprintf(out, size,
				 "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"action\":"
				 "\"SCMP_ACT_%s\",\"names\":[\"read\"",
				 action);

	for (int i = 0; i < SYSCALL_COUNT; i++) {
		struct span name = syscall_name(i);

		if (!span_eq(name, span_of(missing)))
			n += (size_t)snprintf(out + n, size - n, ",\"%.*s\"", (int)name.n, name.p);
	}
	snprintf(out + n, size - n, "]}]}");
	return out;
}

#endif
