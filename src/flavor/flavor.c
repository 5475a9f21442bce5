/* SPDX-License-Identifier: Apache-2.0 */
/* Pick the pieces of a built-in profile; the names of flavors, architectures and kernels. */
#include "flavor/flavor.h"

#include "base/number.h"
#include "base/suggest.h"
#include "flavor/flavor-internal.h"

/* The first name of each architecture is what `uname -m` says, but for x86 (i386 to i686) and arm
 * (armv7l,
 * ...). */
static const struct {
	const char *name;
	enum profile_arch arch;
} arch_names[] = {
	{"x86", PROFILE_ARCH_X86},
	{"i386", PROFILE_ARCH_X86},
	{"i486", PROFILE_ARCH_X86},
	{"i586", PROFILE_ARCH_X86},
	{"i686", PROFILE_ARCH_X86},
	{"386", PROFILE_ARCH_X86},
	{"x86_64", PROFILE_ARCH_X86_64},
	{"amd64", PROFILE_ARCH_X86_64},
	{"arm", PROFILE_ARCH_ARM},
	{"armv6l", PROFILE_ARCH_ARM},
	{"armv7l", PROFILE_ARCH_ARM},
	{"armv8l", PROFILE_ARCH_ARM},
	{"armhf", PROFILE_ARCH_ARM},
	{"aarch64", PROFILE_ARCH_AARCH64},
	{"arm64", PROFILE_ARCH_AARCH64},
	{"mips", PROFILE_ARCH_MIPS},
	{"mipsel", PROFILE_ARCH_MIPSEL},
	{"mipsle", PROFILE_ARCH_MIPSEL},
	{"mips64", PROFILE_ARCH_MIPS64},
	{"mipsel64", PROFILE_ARCH_MIPSEL64},
	{"mips64el", PROFILE_ARCH_MIPSEL64},
	{"mips64le", PROFILE_ARCH_MIPSEL64},
	{"mips64n32", PROFILE_ARCH_MIPS64N32},
	{"mipsel64n32", PROFILE_ARCH_MIPSEL64N32},
	{"ppc", PROFILE_ARCH_PPC},
	{"ppc64", PROFILE_ARCH_PPC64},
	{"ppc64le", PROFILE_ARCH_PPC64LE},
	{"s390", PROFILE_ARCH_S390},
	{"s390x", PROFILE_ARCH_S390X},
	{"riscv64", PROFILE_ARCH_RISCV64},
	{"loongarch64", PROFILE_ARCH_LOONGARCH64},
	{"loong64", PROFILE_ARCH_LOONGARCH64},
};

static bool caps_hold(const struct profile_condition *c, uint64_t caps)
{
	return (c->caps_any == 0 || (c->caps_any & caps) != 0) && (c->caps_none & caps) == 0;
}

bool profile_condition_holds(enum profile_flavor flavor, const struct profile_condition *condition,
			     const struct profile_target *target)
{
	bool any_caps = target->caps_absent && profile_flavors[flavor].absent_caps_hold;

	return (condition->arches & UINT32_C(1) << target->arch) != 0 &&
	       target->kernel >= condition->kernel_min &&
	       target->kernel < condition->kernel_below &&
	       (any_caps || caps_hold(condition, target->caps_absent ? 0 : target->caps));
}

int profile_resolve(enum profile_flavor flavor, const struct profile_target *target,
		    struct arena *arena, struct span *ret_text)
{
	const struct profile_flavor_data *data = &profile_flavors[flavor];
	const struct profile_piece *piece = profile_pieces + data->plan[target->complain].first;
	const struct profile_piece *end = piece + data->plan[target->complain].count;
	char *text = arena->base + arena->used;
	size_t n = 0, room = arena->size - arena->used;

	for (; piece < end; piece++) {
		if (!profile_condition_holds(flavor, &piece->condition, target))
			continue;
		if (piece->length > room - n)
			return -1;
		memcpy(text + n, profile_texts + piece->offset, piece->length);
		n += piece->length;
	}
	arena->used += n;
	*ret_text = (struct span){text, n};
	return 0;
}

struct span profile_file(enum profile_flavor flavor)
{
	return span_of(profile_files[flavor]);
}

int profile_flavor_from_name(struct span name, enum profile_flavor *ret_flavor, struct error *err)
{
	struct suggestion near = suggest(name);

	for (int i = 0; i < PROFILE_FLAVORS; i++) {
		if (span_eq(name, span_of(profile_flavors[i].name))) {
			*ret_flavor = (enum profile_flavor)i;
			return 0;
		}
	}
	for (int i = 0; i < PROFILE_FLAVORS; i++)
		suggest_try(&near, span_of(profile_flavors[i].name));
	error_set(err, "unknown flavor \"%.*s\": known are " PROFILE_FLAVORS_KNOWN, SPAN_ARG(name));
	return error_suggest(err, &near);
}

const char *profile_flavor_name(enum profile_flavor flavor)
{
	return profile_flavors[flavor].name;
}

const char *profile_flavor_source(enum profile_flavor flavor)
{
	return profile_flavors[flavor].source;
}

const char *profile_flavor_date(enum profile_flavor flavor)
{
	return profile_flavors[flavor].date;
}

int profile_arch_from_name(struct span name, enum profile_arch *ret_arch, struct error *err)
{
	struct suggestion near = suggest(name);

	for (size_t i = 0; i < ARRAY_SIZE(arch_names); i++) {
		if (span_eq(name, span_of(arch_names[i].name))) {
			*ret_arch = arch_names[i].arch;
			return 0;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(arch_names); i++)
		suggest_try(&near, span_of(arch_names[i].name));
	error_set(err,
		  "unknown architecture \"%.*s\": known are x86, x86_64, arm, aarch64, "
		  "mips, mipsel, mips64, "
		  "mipsel64, mips64n32, mipsel64n32, ppc, ppc64, ppc64le, s390, s390x, "
		  "riscv64, loongarch64",
		  SPAN_ARG(name));
	return error_suggest(err, &near);
}

const char *profile_arch_name(enum profile_arch arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(arch_names); i++) {
		if (arch_names[i].arch == arch)
			return arch_names[i].name;
	}
	return "unknown";
}

int profile_kernel_from_release(struct span release, uint32_t *ret_kernel, struct error *err)
{
	struct span rest = release;
	uint64_t major, minor;

	if (number_take(&rest, 10, UINT16_MAX, &major) && rest.n > 0 && rest.p[0] == '.') {
		rest = span_skip(rest, 1);
		if (number_take(&rest, 10, UINT16_MAX, &minor)) {
			*ret_kernel = PROFILE_KERNEL(major, minor);
			return 0;
		}
	}
	return error_set(err, "kernel version \"%.*s\" does not begin with MAJOR.MINOR",
			 SPAN_ARG(release));
}
