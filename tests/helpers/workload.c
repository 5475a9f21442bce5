/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A workload that works in an unconfined container and that RuntimeDefault breaks: it makes
 * namespaces of its own, mounts in them, keeps something in a keyring, and wants its addresses as
 * they are. Prints the errno of each step, 0 for success. Needs no privilege. Linked statically, so
 * that it runs in an empty rootfs.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEYCTL_READ 11
#define KEY_SPEC_PROCESS_KEYRING (-2)

static void step(const char *name, long result)
{
	printf("%s=%d\n", name, result < 0 ? errno : 0);
}

int main(void)
{
	char secret[8] = "";
	long key;

	step("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNS));
	step("mount", mount("tmpfs", "/tmp", "tmpfs", 0, NULL));
	step("umount", umount("/tmp"));
	key = syscall(SYS_add_key, "user", "seccomp-guard-test", "secret", 6,
		      KEY_SPEC_PROCESS_KEYRING);
	step("add_key", key);
	step("keyctl", syscall(SYS_keyctl, KEYCTL_READ, key, secret, sizeof(secret)));
	step("personality", personality(ADDR_NO_RANDOMIZE));
	return 0;
}
