/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As many processes as the first argument says, one after the other, each of which makes one call
 * that RuntimeDefault denies and ends. Prints how many there were, and waits to be killed, unless
 * there is another argument; with "flood" it makes all the calls by itself. Linked statically, so
 * that it runs in an empty rootfs.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	int wanted = argc > 1 ? atoi(argv[1]) : 0, made = 0;

	if (argc > 2 && strcmp(argv[2], "flood") == 0)
		for (; made < wanted; made++)
			syscall(SYS_unshare, CLONE_FS);
	for (int i = made; i < wanted; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			/* Nothing is to be undone, whatever it answers. */
			syscall(SYS_unshare, CLONE_FS);
			_exit(0);
		}
		made += pid > 0 && waitpid(pid, NULL, 0) == pid;
	}
	printf("%d\n", made);
	fflush(stdout);
	while (argc == 2)
		pause();
	return 0;
}
