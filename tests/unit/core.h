/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the core share: memory, a policy, configurations. */
#ifndef SECCOMP_GUARD_TEST_CORE_H
#define SECCOMP_GUARD_TEST_CORE_H

#include "policy/enforce.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* 2026-11-22 00:00:00 UTC */
#define NOW INT64_C(1795305600)

/* Fresh memory; what came from the same slot before is gone. */
static inline struct enforce_memory test_memory(int slot)
{
	static char keep[2][1U << 20], scratch[2][1U << 21];

	return (struct enforce_memory){{keep[slot], sizeof(keep[slot]), 0},
				       {scratch[slot], sizeof(scratch[slot]), 0}};
}

static inline void read_config(struct span text, struct ociconfig *ret_config)
{
	struct enforce_memory memory = test_memory(0);
	struct error err;

	if (ociconfig_read(text, &memory.keep, &memory.scratch, ret_config, &err) < 0)
		fail_msg("%.*s: %s", (int)text.n, text.p, err.text);
}

/* The finding for a profile on that host, by Docker's RuntimeDefault for no capabilities. */
static inline enum finding test_judge(const struct seccomp_profile *profile)
{
	static char memory[1U << 20];
	struct arena scratch = {memory, sizeof(memory), 0};
	const struct profile_target target = {.arch = PROFILE_ARCH_X86_64,
					      .kernel = PROFILE_KERNEL(6, 18)};
	const struct judge_request request = {
		profile, {PROFILE_MOBY, &target, false}, NULL, &scratch};
	struct syscall_set excess;

	return judge_profile(&request, &excess);
}

static inline struct policy policy_of_mode(enum policy_mode mode)
{
	struct policy policy;

	policy_defaults(&policy);
	policy.mode = mode;
	return policy;
}

/* An x86_64 host with a current kernel. */
static inline struct decide_context test_context(int64_t now, struct arena *scratch)
{
	return (struct decide_context){.arch = PROFILE_ARCH_X86_64,
				       .kernel = PROFILE_KERNEL(6, 18),
				       .now = now,
				       .scratch = scratch};
}

/* linux.seccomp objects by what they amount to. */
#define PROFILE_OF_ALLOW "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}"
#define PROFILE_OF_WEAK                                                                            \
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mount\"],"              \
	"\"action\":\"SCMP_ACT_ERRNO\"}]}"
#define PROFILE_OF_ERRNO                                                                           \
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"read\"],"               \
	"\"action\":\"SCMP_ACT_ALLOW\"}]}"

/* What makes a container privileged: no masked paths, all devices, all
 * capabilities. */
#define CAPS_37                                                                                    \
	"\"CAP_CHOWN\",\"CAP_DAC_OVERRIDE\",\"CAP_DAC_READ_SEARCH\",\"CAP_FOWNER\",\"CAP_"         \
	"FSETID\","                                                                                \
	"\"CAP_KILL\",\"CAP_SETGID\",\"CAP_SETUID\",\"CAP_SETPCAP\",\"CAP_LINUX_IMMUTABLE\","      \
	"\"CAP_NET_BIND_SERVICE\",\"CAP_NET_BROADCAST\",\"CAP_NET_ADMIN\",\"CAP_NET_RAW\","        \
	"\"CAP_IPC_LOCK\",\"CAP_IPC_OWNER\",\"CAP_SYS_MODULE\",\"CAP_SYS_RAWIO\",\"CAP_SYS_"       \
	"CHROOT\","                                                                                \
	"\"CAP_SYS_PTRACE\",\"CAP_SYS_PACCT\",\"CAP_SYS_ADMIN\",\"CAP_SYS_BOOT\",\"CAP_SYS_"       \
	"NICE\","                                                                                  \
	"\"CAP_SYS_RESOURCE\",\"CAP_SYS_TIME\",\"CAP_SYS_TTY_CONFIG\",\"CAP_MKNOD\",\"CAP_"        \
	"LEASE\","                                                                                 \
	"\"CAP_AUDIT_WRITE\",\"CAP_AUDIT_CONTROL\",\"CAP_SETFCAP\",\"CAP_MAC_OVERRIDE\","          \
	"\"CAP_MAC_ADMIN\",\"CAP_SYSLOG\",\"CAP_WAKE_ALARM\",\"CAP_BLOCK_SUSPEND\""
#define PROCESS_WITH(caps) "\"process\":{\"capabilities\":{\"bounding\":[" caps "]}},"
#define DEVICES_OPEN "\"resources\":{\"devices\":[{\"allow\":true,\"access\":\"rwm\"}]}"

#endif
