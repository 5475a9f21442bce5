/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The empty static program: the measure of the benchmark and of the system call counts. Given a
 * path, it executes that with the remaining words, which is the least that any wrapper has to do.
 */
#include <unistd.h>

extern char **environ;

int main(int argc, char *argv[])
{
	if (argc > 2 && argv[1][0] == '=') {
		execve(argv[2], argv + 2, environ);
		return 127;
	}
	return 0;
}
