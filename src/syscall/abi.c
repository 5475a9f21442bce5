/* SPDX-License-Identifier: Apache-2.0 */
/* The table of ABIs and the ways into it. Pure. */
#include "syscall/abi.h"

#include "base/suggest.h"

/* Values of <linux/audit.h>; sizes and socketcall(2) as libseccomp's src/arch-*.c have them. */
#define ROW(abi, label, number, first, host, table, narrow, mux)                                   \
	[ABI_##abi] = {label,                                                                      \
		       "SCMP_ARCH_" #abi,                                                          \
		       number,                                                                     \
		       first,                                                                      \
		       PROFILE_ARCH_##host,                                                        \
		       ABI_NUMBERS_##table,                                                        \
		       narrow,                                                                     \
		       mux}
const struct abi_info abi_infos[ABIS] = {
	ROW(X86_64, "x86_64", 0xc000003e, 0, X86_64, X86_64, false, false),
	ROW(X86, "x86", 0x40000003, 0, X86_64, X86, true, true),
	ROW(X32, "x32", 0xc000003e, 0x40000000, X86_64, X32, true, false),
	ROW(AARCH64, "aarch64", 0xc00000b7, 0, AARCH64, AARCH64, false, false),
	ROW(ARM, "arm", 0x40000028, 0, AARCH64, ARM, true, false),
	ROW(MIPS, "mips", 0x00000008, 4000, MIPS64, MIPS, true, true),
	ROW(MIPSEL, "mipsel", 0x40000008, 4000, MIPSEL64, MIPS, true, true),
	ROW(MIPS64, "mips64", 0x80000008, 5000, MIPS64, MIPS64, false, false),
	ROW(MIPSEL64, "mipsel64", 0xc0000008, 5000, MIPSEL64, MIPS64, false, false),
	ROW(MIPS64N32, "mips64n32", 0xa0000008, 6000, MIPS64, MIPS64N32, true, false),
	ROW(MIPSEL64N32, "mipsel64n32", 0xe0000008, 6000, MIPSEL64, MIPS64N32, true, false),
	ROW(PPC, "ppc", 0x00000014, 0, PPC64, PPC, true, true),
	ROW(PPC64, "ppc64", 0x80000015, 0, PPC64, PPC64, false, true),
	ROW(PPC64LE, "ppc64le", 0xc0000015, 0, PPC64LE, PPC64, false, true),
	ROW(RISCV64, "riscv64", 0xc00000f3, 0, RISCV64, RISCV64, false, false),
	ROW(S390, "s390", 0x00000016, 0, S390X, S390, true, true),
	ROW(S390X, "s390x", 0x80000016, 0, S390X, S390X, false, true),
	ROW(LOONGARCH64, "loongarch64", 0xc0000102, 0, LOONGARCH64, LOONGARCH64, false, false),
};

/* They have the same names, and x32 is no host's own. */
int abi_of_arch(enum profile_arch arch, enum abi *ret_abi)
{
	if (arch == PROFILE_ARCH_UNKNOWN)
		return -1;
	for (int i = 0; i < ABIS; i++) {
		if (strcmp(abi_infos[i].name, profile_arch_name(arch)) == 0) {
			*ret_abi = (enum abi)i;
			return 0;
		}
	}
	return -1;
}

int abi_from_oci(struct span name, enum abi *ret_abi)
{
	for (int i = 0; i < ABIS; i++) {
		if (span_eq(name, span_of(abi_infos[i].oci))) {
			*ret_abi = (enum abi)i;
			return 0;
		}
	}
	return -1;
}

int abi_from_name(struct span name, enum abi *ret_abi, struct error *err)
{
	enum profile_arch arch;

	struct suggestion near = suggest(name);

	for (int i = 0; i < ABIS; i++) {
		if (span_eq(name, span_of(abi_infos[i].name))) {
			*ret_abi = (enum abi)i;
			return 0;
		}
	}
	if (abi_from_oci(name, ret_abi) == 0 ||
	    (profile_arch_from_name(name, &arch, err) == 0 && abi_of_arch(arch, ret_abi) == 0))
		return 0;
	for (int i = 0; i < ABIS; i++)
		suggest_try(&near, span_of(abi_infos[i].name));
	error_set(err,
		  "unknown architecture \"%.*s\": known are x86_64, x86, x32, aarch64, arm, "
		  "mips, mipsel, "
		  "mips64, "
		  "mipsel64, mips64n32, mipsel64n32, ppc, ppc64, ppc64le, riscv64, s390, "
		  "s390x, loongarch64",
		  SPAN_ARG(name));
	return error_suggest(err, &near);
}

int abi_from_audit(uint32_t audit, int64_t number, enum abi *ret_abi)
{
	for (int i = 0; i < ABIS; i++) {
		if (abi_infos[i].audit == audit) {
			*ret_abi = (enum abi)i;
			if (*ret_abi == ABI_X86_64 && (number & abi_infos[ABI_X32].base) != 0)
				*ret_abi = ABI_X32;
			return 0;
		}
	}
	return -1;
}

int64_t abi_number(enum abi abi, int call)
{
	int32_t number = abi_numbers[abi_infos[abi].table][call];

	return number < 0 ? -1 : (int64_t)abi_infos[abi].base + number;
}

int abi_call(enum abi abi, int64_t number)
{
	const int32_t *numbers = abi_numbers[abi_infos[abi].table];

	number -= abi_infos[abi].base;
	for (int i = 0; i < SYSCALL_COUNT && number >= 0; i++)
		if (numbers[i] == number)
			return i;
	return -1;
}
