/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program in a container that leaves behind what confines it, however short it lives: the first
 * thing it does is to append to FILE. usage: witness FILE [sleep]; FILE "-" is standard output.
 * Linked statically.
 *
 * The lines are those of /proc/self/status that tell, and the errno of keyctl(2), which PROFILE of
 * the tests denies.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	static const char *const wanted[] = {"Seccomp:", "Speculation"};
	FILE *out = argc < 2 || strcmp(argv[1], "-") == 0 ? stdout : fopen(argv[1], "ae");
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];
	long r;

	if (!out)
		return 1;
	fprintf(out, "pid=%d\n", (int)getpid());
	while (status && fgets(line, sizeof(line), status))
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (strncmp(line, wanted[i], strlen(wanted[i])) == 0)
				fputs(line, out);
	r = syscall(SYS_keyctl, 9999, 0, 0, 0, 0);
	fprintf(out, "keyctl=%d\n", r < 0 ? errno : 0);
	fflush(out);
	if (argc > 2 && strcmp(argv[2], "sleep") == 0)
		pause();
	return 0;
}
