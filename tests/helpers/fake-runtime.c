/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands where the OCI runtime would: prints as one JSON object what it was given (argv,
 * environment, descriptors, directory, umask, signals, identity), so that a test can compare a call
 * through the wrapper with a direct one. It is linked statically and opens nothing before it has
 * looked.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static void show_string(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void show_list(const char *name, char *const list[])
{
	printf("\"%s\":[", name);
	for (size_t i = 0; list[i]; i++) {
		printf("%s", i ? "," : "");
		show_string(list[i]);
	}
	printf("],");
}

/* Numbers 0 to 255 rather than /proc/self/fd: reading a directory would itself be a descriptor. */
static void show_descriptors(void)
{
	const char *comma = "";

	printf("\"fds\":{");
	for (int fd = 0; fd < 256; fd++) {
		char path[32], target[512] = "?";
		int flags = fcntl(fd, F_GETFD), status = fcntl(fd, F_GETFL);

		if (flags < 0)
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (readlink(path, target, sizeof(target) - 1) < 0)
			target[0] = '\0';
		printf("%s\"%d\":[%d,%d,%lld,", comma, fd, flags, status,
		       (long long)lseek(fd, 0, SEEK_CUR));
		show_string(target);
		printf("]");
		comma = ",";
	}
	printf("},");
}

static void show_signals(void)
{
	sigset_t blocked;
	const char *comma = "";

	sigprocmask(SIG_SETMASK, NULL, &blocked);
	printf("\"blocked\":[");
	for (int i = 1; i < 65; i++) {
		if (sigismember(&blocked, i) == 1) {
			printf("%s%d", comma, i);
			comma = ",";
		}
	}
	comma = "";
	printf("],\"ignored\":[");
	for (int i = 1; i < 65; i++) {
		struct sigaction now;

		if (sigaction(i, NULL, &now) == 0 && now.sa_handler == SIG_IGN) {
			printf("%s%d", comma, i);
			comma = ",";
		}
	}
	printf("],");
}

int main(int argc, char *argv[])
{
	char cwd[4096] = "", exe[4096] = "";
	mode_t mask = umask(0);
	int death = 0;

	(void)argc;
	umask(mask);
	printf("{");
	show_list("argv", argv);
	show_list("env", environ);
	show_descriptors();
	show_signals();
	if (!getcwd(cwd, sizeof(cwd)) || readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0)
		return 99;
	printf("\"cwd\":");
	show_string(cwd);
	printf(",\"exe\":");
	show_string(exe);
	prctl(PR_GET_PDEATHSIG, &death);
	printf(",\"umask\":%u,\"pid\":%d,\"ppid\":%d,\"sid\":%d,\"pgid\":%d,\"pdeathsig\":%d,"
	       "\"dumpable\":%d,"
	       "\"nnp\":%d}\n",
	       (unsigned)mask, getpid(), getppid(), getsid(0), getpgrp(), death,
	       prctl(PR_GET_DUMPABLE), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	fflush(stdout);
	/* The exit status is the runtime's own, also when it says something. */
	return getenv("FAKE_RUNTIME_EXIT") ? atoi(getenv("FAKE_RUNTIME_EXIT")) : 0;
}
