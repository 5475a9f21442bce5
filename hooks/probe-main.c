/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp-guard-probe: what `seccomp-guard register` has an engine run in a container, to see
 * whether its containers get a filter. Prints the kernel's own words, the line "Seccomp:" of
 * /proc/self/status, and nothing else. Alone in its root directory, so it is linked statically, and
 * needs no more calls than any program's start.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	static char text[16384];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	const char *line, *end;

	while (fd >= 0 && n < sizeof(text) - 1) {
		ssize_t r = read(fd, text + n, sizeof(text) - 1 - n);

		if (r <= 0)
			break;
		n += (size_t)r;
	}
	line = strstr(text, "\nSeccomp:\t");
	end = line != NULL ? strchr(line + 1, '\n') : NULL;
	if (end == NULL)
		return 1;
	line++;
	return write(STDOUT_FILENO, line, (size_t)(end + 1 - line)) == end + 1 - line ? 0 : 1;
}
