/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process in a container sees of its confinement: the lines of /proc/self/status that tell,
 * then the errno (0 for success) of system calls that do no harm. Linked statically, so that it
 * runs in an empty rootfs.
 *
 * Each call is given arguments that need no privilege and that the kernel itself answers with
 * something else than EPERM or ENOSYS; so EPERM (or the profile's errno) can only come from a
 * filter.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

static struct utsname names;
static struct sysinfo info;

static const struct {
	const char *name;
	long number;
	long args[3];
} calls[] = {
	{"uname", SYS_uname, {(long)&names}},
	{"sysinfo", SYS_sysinfo, {(long)&info}},
	{"getpgid", SYS_getpgid, {0}},
	{"unshare", SYS_unshare, {0}},
	{"setns", SYS_setns, {-1, 0}},
	{"keyctl", SYS_keyctl, {9999}},
	{"add_key", SYS_add_key, {0, 0, 0}},
	{"clone3", SYS_clone3, {0, 0}},
	{"vsock", SYS_socket, {AF_VSOCK, -1, 0}},
	{"mkdirat", SYS_mkdirat, {-1, (long)"x", 0}},
};

static void show_status(void)
{
	static const char *const wanted[] = {"NoNewPrivs:", "Seccomp:", "Seccomp_filters:"};
	char line[256];
	FILE *f = fopen("/proc/self/status", "re");

	if (!f) {
		printf("status=%d\n", errno);
		return;
	}
	while (fgets(line, sizeof(line), f)) {
		char *value = strchr(line, '\t');

		for (size_t i = 0; value && i < sizeof(wanted) / sizeof(wanted[0]); i++) {
			size_t n = strlen(wanted[i]);

			if (strncmp(line, wanted[i], n) == 0)
				printf("%.*s=%s", (int)(n - 1), wanted[i], value + 1);
		}
	}
	fclose(f);
}

int main(int argc, char *argv[])
{
	show_status();
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		long r = syscall(calls[i].number, calls[i].args[0], calls[i].args[1],
				 calls[i].args[2]);

		printf("%s=%d\n", calls[i].name, r < 0 ? errno : 0);
	}
	fflush(stdout);
	/* "pause": stay until killed, for the create and start form. */
	if (argc > 1 && strcmp(argv[1], "pause") == 0)
		pause();
	return 0;
}
