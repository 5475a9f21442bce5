/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ABIs by which a process can enter the kernel, and the numbers that system calls have there.
 * Numbers are what the kernel, its audit log and runc's ENOSYS go by; what decides about a
 * container goes by names, and asks here only which of them an ABI has.
 */
#ifndef SECCOMP_GUARD_SYSCALL_ABI_H
#define SECCOMP_GUARD_SYSCALL_ABI_H

#include "flavor/flavor.h"
#include "syscall/syscall.h"

enum abi {
	ABI_X86_64,
	ABI_X86,
	ABI_X32,
	ABI_AARCH64,
	ABI_ARM,
	ABI_MIPS,
	ABI_MIPSEL,
	ABI_MIPS64,
	ABI_MIPSEL64,
	ABI_MIPS64N32,
	ABI_MIPSEL64N32,
	ABI_PPC,
	ABI_PPC64,
	ABI_PPC64LE,
	ABI_RISCV64,
	ABI_S390,
	ABI_S390X,
	ABI_LOONGARCH64,
	ABIS
};

/* ABIs that differ in byte order only share their numbers: the columns of
 * src/flavor/profiles/syscalls.list. */
enum abi_number_table {
	ABI_NUMBERS_X86,
	ABI_NUMBERS_X86_64,
	ABI_NUMBERS_X32,
	ABI_NUMBERS_ARM,
	ABI_NUMBERS_AARCH64,
	ABI_NUMBERS_MIPS,
	ABI_NUMBERS_MIPS64,
	ABI_NUMBERS_MIPS64N32,
	ABI_NUMBERS_PPC,
	ABI_NUMBERS_PPC64,
	ABI_NUMBERS_RISCV64,
	ABI_NUMBERS_S390,
	ABI_NUMBERS_S390X,
	ABI_NUMBERS_LOONGARCH64,
	ABI_NUMBERS
};

/* By index of the name (syscall.h), without the ABI's base; -1: there is no such call. Generated.
 */
extern const int32_t abi_numbers[ABI_NUMBERS][SYSCALL_COUNT];

struct abi_info {
	const char *name; /* "x86_64" */
	const char *oci;  /* "SCMP_ARCH_X86_64" */
	uint32_t audit;   /* AUDIT_ARCH_*, as seccomp(2) and the audit log have it */
	int32_t base;     /* added to each number */
	enum profile_arch
		native; /* the host that runs it, the 64-bit one where there is a choice */
	enum abi_number_table table;
	bool narrow;      /* libseccomp looks at the low 32 bits of arguments */
	bool multiplexed; /* has socketcall(2) and ipc(2) */
};

extern const struct abi_info abi_infos[ABIS];

/* By the bit for it in AUDIT_ARCH_* (__AUDIT_ARCH_LE of <linux/audit.h>). */
static inline bool abi_is_big_endian(enum abi abi)
{
	return (abi_infos[abi].audit & UINT32_C(0x40000000)) == 0;
}

/* By `name` of the table, the OCI name, or the names of profile_arch_from_name(); -1 with a message
 * that lists them. */
int abi_from_name(struct span name, enum abi *ret_abi, struct error *err);

/* The element of `architectures` that `name` is; -1 when it is none of these ABIs (PARISC). */
int abi_from_oci(struct span name, enum abi *ret_abi);

/* AUDIT_ARCH_* and a number from the same source, which tells x32 from x86_64; -1 when there is no
 * such ABI. */
int abi_from_audit(uint32_t audit, int64_t number, enum abi *ret_abi);

/* The host's own ABI. PROFILE_ARCH_UNKNOWN has none: -1. */
int abi_of_arch(enum profile_arch arch, enum abi *ret_abi);

/* The number of the system call with index `call` (syscall.h), or -1. */
int64_t abi_number(enum abi abi, int call);

/* The index of the system call with this number, or -1. */
int abi_call(enum abi abi, int64_t number);

#endif
