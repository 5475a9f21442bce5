/* SPDX-License-Identifier: Apache-2.0 */
/* What runc puts before a filter (libcontainer/seccomp/patchbpf/enosys_linux.go), with the same
 * verdicts. */
#include "filter/filter-internal.h"
#include "oci/seccomp-rule.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>

/* The largest number that the profile names, for each architecture of the filter. */
struct largest {
	uint32_t token;
	uint32_t number;
};

/* libseccomp 2.6 knows 22 architectures. */
#define MAX_ARCHS 32

/* A load, and for each architecture at most one block of each kind. */
#define STUB_MAX (1 + MAX_ARCHS * (6 + 5))

#define X32_BIT 0x40000000U
#define RET_ENOSYS (SECCOMP_RET_ERRNO | ENOSYS)

static void add_largest(const struct seccomp_profile *profile, uint32_t token, struct largest *all,
			size_t *n)
{
	struct largest here = {token, 0};

	for (size_t i = 0; i < *n; i++)
		if (all[i].token == token)
			return;
	for (const struct seccomp_rule *rule = profile->rules; rule; rule = rule->next) {
		for (const struct seccomp_name *name = rule->names; name; name = name->next) {
			int number = filter_syscall(name->name, token);

			/* Negative: unknown, or a name that this architecture does not have. */
			if (number > 0 && (uint32_t)number > here.number)
				here.number = (uint32_t)number;
		}
	}
	if (here.number != 0 && *n < MAX_ARCHS)
		all[(*n)++] = here;
}

/* x32 shares its AUDIT_ARCH with x86_64, where bit 30 of the number tells them apart; the others
 * are their token. */
static uint32_t audit_arch(uint32_t token)
{
	return token == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : token;
}

/* The block of one architecture, which ends the stub with a verdict or falls out of the block at
 * its end. */
static size_t stub_block(const struct largest *a, struct sock_filter *out)
{
	struct sock_filter block[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, audit_arch(a->token), 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		/* Is it a number of this ABI, and above the largest? */
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, X32_BIT, 0, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, a->number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, RET_ENOSYS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	};

	if (a->token == SCMP_ARCH_X86_64)
		block[2].jt = 2;
	else if (a->token == SCMP_ARCH_X32)
		block[2].jf = 2;
	memcpy(out, block, sizeof(block));
	return ARRAY_SIZE(block);
}

/* On s390, setup(2) is number 0 and stands for every number that the kernel does not know. */
static size_t stub_setup(const struct largest *a, struct sock_filter *out)
{
	const struct sock_filter block[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, audit_arch(a->token), 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, RET_ENOSYS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	};

	if (a->token != SCMP_ARCH_S390 && a->token != SCMP_ARCH_S390X)
		return 0;
	memcpy(out, block, sizeof(block));
	return ARRAY_SIZE(block);
}

int filter_add_enosys_stub(const struct seccomp_profile *profile, uint32_t native,
			   struct program *program, struct error *err)
{
	struct sock_filter stub[STUB_MAX];
	struct largest all[MAX_ARCHS];
	size_t n_archs = 0, n = 0;

	if (!seccomp_has_runc_stub(profile))
		return 0;
	add_largest(profile, native, all, &n_archs);
	for (const struct seccomp_arch *arch = profile->archs; arch; arch = arch->next) {
		uint32_t token;

		if (filter_arch(arch->name, &token, err) < 0)
			return -1;
		add_largest(profile, token, all, &n_archs);
	}
	stub[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, arch));
	for (size_t i = 0; i < n_archs; i++) {
		n += stub_setup(&all[i], stub + n);
		n += stub_block(&all[i], stub + n);
	}
	if (program->n_insns + n > BPF_MAXINSNS)
		return error_set(err, "the filter has more than %d instructions", BPF_MAXINSNS);
	memmove(program->insns + n, program->insns, program->n_insns * sizeof(stub[0]));
	memcpy(program->insns, stub, n * sizeof(stub[0]));
	program->n_insns = (unsigned short)(program->n_insns + n);
	return 0;
}
