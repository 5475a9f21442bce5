/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts for a test in Python: on standard input configurations, each behind a line with its
 * length; on standard output for each a line "ACTION FINDING LENGTH" and LENGTH bytes of new
 * configuration. The argument is the policy.
 */
#include "fuzz.h"

#define MAX_SIZE (2U << 20)

static void judge(struct span text, const struct policy *policy)
{
	struct enforce_memory memory = fuzz_memory(0);
	struct verdict v;

	enforce(text, policy, &fuzz_host, &memory, &v);
	printf("%s %s %zu\n", action_name(v.decision.action), finding_name(v.decision.finding),
	       v.output.n);
	fwrite(v.output.p ? v.output.p : "", 1, v.output.n, stdout);
}

int main(int argc, char *argv[])
{
	static char input[MAX_SIZE];
	struct enforce_memory memory = fuzz_memory(1);
	struct policy policy;
	struct error err;
	char line[32];

	policy_defaults(&policy);
	if (argc == 2 &&
	    policy_read(span_of(argv[1]), &memory.keep, &memory.scratch, &policy, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin) != NULL) {
		size_t n = strtoul(line, NULL, 10);
		char *copy;

		HOLDS(n <= sizeof(input) && fread(input, 1, n, stdin) == n);
		copy = malloc(n ? n : 1);
		HOLDS(copy != NULL);
		memcpy(copy, input, n);
		judge((struct span){copy, n}, &policy);
		fflush(stdout);
		free(copy);
	}
	return 0;
}
