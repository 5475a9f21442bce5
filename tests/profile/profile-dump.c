/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests: each line of standard input, "FLAVOR ARCH KERNEL CAPS ENFORCE" (CAPS in
 * hexadecimal, or "absent"; ENFORCE is "enforce" or "complain"), is answered by a line: the
 * profile.
 */
#include "flavor/flavor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int dump(const char *line)
{
	char flavor_name[32], arch_name[32], kernel[32], caps[32], mode[32];
	struct profile_target target = {.arch = PROFILE_ARCH_UNKNOWN};
	enum profile_flavor flavor;
	static char memory[1 << 16];
	struct arena arena = {memory, sizeof(memory), 0};
	struct span text;
	struct error err;

	if (sscanf(line, "%31s %31s %31s %31s %31s", flavor_name, arch_name, kernel, caps, mode) !=
	    5)
		return -1;
	if (profile_flavor_from_name(span_of(flavor_name), &flavor, &err) < 0 ||
	    profile_kernel_from_release(span_of(kernel), &target.kernel, &err) < 0 ||
	    (strcmp(arch_name, "unknown") != 0 &&
	     profile_arch_from_name(span_of(arch_name), &target.arch, &err) < 0)) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	target.caps_absent = strcmp(caps, "absent") == 0;
	target.caps = strtoull(caps, NULL, 16);
	target.complain = strcmp(mode, "complain") == 0;
	if (profile_resolve(flavor, &target, &arena, &text) < 0)
		return -1;
	fwrite(text.p, 1, text.n, stdout);
	putchar('\n');
	return 0;
}

int main(void)
{
	char line[256];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (dump(line) < 0) {
			fprintf(stderr, "profile-dump: cannot answer %s", line);
			return 1;
		}
	}
	return 0;
}
