/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built-in flavors of RuntimeDefault. The rules are data: src/flavor/profiles/ holds one
 * readable file per flavor, flavor.gen.c is generated from them as ready-made pieces of JSON text,
 * and resolving copies the pieces that hold for a container. Nothing is parsed or formatted.
 */
#ifndef SECCOMP_GUARD_FLAVOR_FLAVOR_H
#define SECCOMP_GUARD_FLAVOR_FLAVOR_H

#include "base/base.h"

enum profile_flavor {
	PROFILE_MOBY,
	PROFILE_CONTAINERD,
	PROFILE_CONTAINERS,
	PROFILE_CRIO,
	PROFILE_FLAVORS
};

/* Host architectures, by `uname -m`; the profile lists their 32-bit and sibling ABIs with them. */
enum profile_arch {
	PROFILE_ARCH_UNKNOWN, /* no architecture rule applies; `architectures` is left out */
	PROFILE_ARCH_X86,
	PROFILE_ARCH_X86_64,
	PROFILE_ARCH_ARM,
	PROFILE_ARCH_AARCH64,
	PROFILE_ARCH_MIPS,
	PROFILE_ARCH_MIPSEL,
	PROFILE_ARCH_MIPS64,
	PROFILE_ARCH_MIPSEL64,
	PROFILE_ARCH_MIPS64N32,
	PROFILE_ARCH_MIPSEL64N32,
	PROFILE_ARCH_PPC,
	PROFILE_ARCH_PPC64,
	PROFILE_ARCH_PPC64LE,
	PROFILE_ARCH_S390,
	PROFILE_ARCH_S390X,
	PROFILE_ARCH_RISCV64,
	PROFILE_ARCH_LOONGARCH64,
	PROFILE_ARCHES
};

#define PROFILE_KERNEL(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor))

/* What a profile is resolved for. */
struct profile_target {
	enum profile_arch arch;
	uint32_t kernel; /* PROFILE_KERNEL(major, minor) */
	uint64_t caps;   /* bounding set, bit = capability number */
	/*
	 * The configuration has no process.capabilities; `caps` is not looked at. Podman and CRI-O
	 * then let every condition on capabilities hold, whichever way it goes (containers-common,
	 * pkg/seccomp/seccomp_linux.go); Docker and containerd fail, which is taken as the empty
	 * set.
	 */
	bool caps_absent;
	/*
	 * Denials become SCMP_ACT_LOG, the default action, but for a denial with ENOSYS that is a
	 * rule of its own (clone3): libc reads ENOSYS and falls back on a call that is allowed, now
	 * as under enforce. To let clone3 through and log it would report what will never fail. LOG
	 * needs Linux 4.14.
	 */
	bool complain;
};

/*
 * Write the OCI linux.seccomp object of `flavor` for `target` into `arena`. The bytes depend on the
 * arguments and the profile's date only. -1: the arena is exhausted.
 */
int profile_resolve(enum profile_flavor flavor, const struct profile_target *target,
		    struct arena *arena, struct span *ret_text);

/*
 * The flavor as a profile file in the form of Docker's own: with its conditions on architecture,
 * kernel and capabilities, so that it holds for every container. Resolved for one it says what
 * profile_resolve() says, when process.capabilities is there.
 */
struct span profile_file(enum profile_flavor flavor);

/* For messages. */
#define PROFILE_FLAVORS_KNOWN "moby (Docker), containerd, containers (Podman), crio"
/* "moby", "containerd", "containers", "crio"; -1 with a message that lists them for anything else.
 */
int profile_flavor_from_name(struct span name, enum profile_flavor *ret_flavor, struct error *err);
const char *profile_flavor_name(enum profile_flavor flavor);

/* Where the rules of a flavor come from ("moby/profiles cd3bed8") and their date ("2026-06-30"). */
const char *profile_flavor_source(enum profile_flavor flavor);
const char *profile_flavor_date(enum profile_flavor flavor);

/*
 * By `uname -m` or the engines' names (amd64, arm64, ...); -1 with a message that lists them.
 * `uname -m` says mips64 on little-endian hosts too: there the caller has to know its own byte
 * order.
 */
int profile_arch_from_name(struct span name, enum profile_arch *ret_arch, struct error *err);
const char *profile_arch_name(enum profile_arch arch);

/* "6.18" or "6.18.5-amd64" -> PROFILE_KERNEL(6, 18); -1 with a message when it does not begin with
 * N.N. */
int profile_kernel_from_release(struct span release, uint32_t *ret_kernel, struct error *err);

#endif
