/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/filter-internal.h"

#include <seccomp.h>
#include <stdio.h>

/* Longest name in libseccomp's tables has 28 characters. */
#define NAME_MAX_SIZE 64

int filter_arch(struct span name, uint32_t *ret_token, struct error *err)
{
	static const struct span prefix = {"SCMP_ARCH_", 10};
	struct span rest = span_has_prefix(name, prefix) ? span_skip(name, prefix.n) : name;
	char text[NAME_MAX_SIZE];
	uint32_t token;

	if (rest.n >= sizeof(text))
		return error_set(err, "architecture %.*s: unknown", SPAN_ARG(name));
	for (size_t i = 0; i < rest.n; i++)
		text[i] = (char)(rest.p[i] >= 'A' && rest.p[i] <= 'Z' ? rest.p[i] - 'A' + 'a'
								      : rest.p[i]);
	text[rest.n] = '\0';
	token = seccomp_arch_resolve_name(text);
	if (token == 0)
		return error_set(err, "architecture %.*s: unknown to libseccomp", SPAN_ARG(name));
	*ret_token = token;
	return 0;
}

int filter_syscall(struct span name, uint32_t arch)
{
	char text[NAME_MAX_SIZE];

	if (name.n >= sizeof(text))
		return __NR_SCMP_ERROR;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	return seccomp_syscall_resolve_name_arch(arch, text);
}

/* A call that another architecture has gets a number below zero of libseccomp's own. */
bool filter_knows_syscall(struct span name)
{
	return filter_syscall(name, seccomp_arch_native()) != __NR_SCMP_ERROR;
}

const char *filter_library_version(char out[FILTER_VERSION_SIZE])
{
	const struct scmp_version *v = seccomp_version();

	if (v == NULL)
		snprintf(out, FILTER_VERSION_SIZE, "?");
	else
		snprintf(out, FILTER_VERSION_SIZE, "%u.%u.%u", v->major, v->minor, v->micro);
	return out;
}
