/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's program that says when it began: CLOCK_MONOTONIC, in nanoseconds. With an argument
 * it is the least that a hook can do, which is to read the state: crun fails when nobody does.
 */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct timespec now;
	char text[32], state[4096];
	int n;

	(void)argv;
	while (argc > 1)
		if (read(STDIN_FILENO, state, sizeof(state)) <= 0)
			return 0;

	clock_gettime(CLOCK_MONOTONIC, &now);
	n = snprintf(text, sizeof(text), "%lld\n",
		     (long long)now.tv_sec * 1000000000 + (long long)now.tv_nsec);
	return write(STDOUT_FILENO, text, (size_t)n) != n;
}
