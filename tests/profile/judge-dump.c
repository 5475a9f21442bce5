/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests: each line of standard input, "FLAVOR ARCH KERNEL CAPS JSON" (CAPS in hexadecimal,
 * FLAVOR perhaps with
 * "-sandbox" behind it), where JSON is a linux.seccomp object, is answered by a line "FINDING
 * NAME...": the calls that it lets through and RuntimeDefault of the flavor does not.
 */
#include "semantics/judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int read_target(char *words[4], struct reference *ret_reference,
		       struct profile_target *ret_target)
{
	struct profile_target target = {.arch = PROFILE_ARCH_UNKNOWN,
					.caps = strtoull(words[3], NULL, 16)};
	char *sandbox = strstr(words[0], "-sandbox");
	struct error err;

	if (sandbox != NULL)
		*sandbox = '\0';
	ret_reference->sandbox = sandbox != NULL;
	ret_reference->target = ret_target;
	if (profile_flavor_from_name(span_of(words[0]), &ret_reference->flavor, &err) < 0 ||
	    (strcmp(words[1], "unknown") != 0 &&
	     profile_arch_from_name(span_of(words[1]), &target.arch, &err) < 0) ||
	    profile_kernel_from_release(span_of(words[2]), &target.kernel, &err) < 0)
		return -1;
	*ret_target = target;
	return 0;
}

static int dump(char *line)
{
	static char keep[4 << 20], scratch[4 << 20], names[SYSCALL_COUNT * (SYSCALL_MAX_NAME + 1)];
	struct arena keep_arena = {keep, sizeof(keep), 0},
		     scratch_arena = {scratch, sizeof(scratch), 0};
	char *words[4], *rest = line;
	struct profile_target target;
	struct seccomp_profile profile;
	struct judge_request request = {.profile = &profile, .scratch = &scratch_arena};
	struct syscall_set excess;
	enum finding finding;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = strsep(&rest, " ");
	if (rest == NULL || read_target(words, &request.reference, &target) < 0)
		return -1;
	if (ociseccomp_read(span_of(rest), &keep_arena, &scratch_arena, &profile, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	finding = judge_profile(&request, &excess);
	syscall_set_names(&excess, SYSCALL_COUNT, " ", names, sizeof(names));
	printf("%s%s%s\n", finding_name(finding), names[0] != '\0' ? " " : "", names);
	return scratch_arena.used == 0 ? 0 : -1;
}

int main(void)
{
	static char line[1 << 20];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (dump(line) < 0) {
			fprintf(stderr, "judge-dump: cannot answer %.200s\n", line);
			return 1;
		}
	}
	return 0;
}
