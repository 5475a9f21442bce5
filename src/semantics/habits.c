/* SPDX-License-Identifier: Apache-2.0 */
#include "semantics/habits.h"

#define ADMIN "CAP_SYS_ADMIN"
#define SPACES "clone unshare"

/* clang-format off: a table, a row for each call. */
static const struct habit habits[] = {
	/* call, the kernel asks for, only after, who does without it, always */
	{"add_key", NULL, NULL, "systemd, for each service: no keyring of its own", false},
	{"bpf", ADMIN, NULL, NULL, false},
	{"clock_settime", "CAP_SYS_TIME", NULL, NULL, false},
	{"clone", NULL, NULL,
	 "vsftpd, Firefox: their sessions are isolated less. Not Chromium, bubblewrap", false},
	{"clone3", NULL, NULL, "glibc, once a thread or process: it goes on with clone", true},
	{"finit_module", "CAP_SYS_MODULE", NULL, NULL, false},
	{"fsconfig", ADMIN, "clone unshare fsopen", NULL, false},
	{"fsmount", ADMIN, "clone unshare fsopen", NULL, false},
	{"fsopen", ADMIN, SPACES, "systemd, mount", false},
	{"get_mempolicy", NULL, NULL,
	 "libnuma before 2.0.19 at the start of a program (mariadbd, ffmpeg, fio, ps): it only "
	 "probes. Not numactl",
	 false},
	{"init_module", "CAP_SYS_MODULE", NULL, NULL, false},
	{"io_uring_enter", NULL, "io_uring_setup", "see io_uring_setup", false},
	{"io_uring_register", NULL, "io_uring_setup", "see io_uring_setup", false},
	{"io_uring_setup", NULL, NULL,
	 "libuv (node, bind) and MariaDB: they take epoll, threads or libaio, and may be slower. "
	 "Not fio",
	 false},
	{"kcmp", NULL, NULL, "systemd, comparing descriptors", false},
	{"keyctl", NULL, NULL,
	 "PAM (sshd, su) and systemd: no keyring of the session. Not runc, crun, keyutils", false},
	{"mbind", NULL, "get_mempolicy", NULL, false},
	{"mount", ADMIN, SPACES, "systemd as process 1", false},
	{"mount_setattr", ADMIN, "clone unshare open_tree", "systemd as process 1", false},
	{"move_mount", ADMIN, SPACES, NULL, false},
	{"open_tree", ADMIN, SPACES, "systemd as process 1", false},
	{"perf_event_open", NULL, NULL, "node_exporter: the kernel says EACCES, too. Not perf",
	 false},
	{"personality", NULL, NULL, "gdb: addresses are random, and debugging works. Not setarch",
	 false},
	{"pivot_root", ADMIN, SPACES, NULL, false},
	{"quotactl", NULL, NULL, "smbd, Firefox, dockerd: nothing on file systems without quota",
	 false},
	{"reboot", "CAP_SYS_BOOT", NULL, "systemd as process 1", false},
	{"set_mempolicy", NULL, "get_mempolicy", "see get_mempolicy", false},
	{"setdomainname", ADMIN, SPACES, NULL, false},
	{"sethostname", ADMIN, SPACES, "systemd as process 1", false},
	{"setns", ADMIN, SPACES, NULL, false},
	{"swapoff", ADMIN, NULL, NULL, false},
	{"swapon", ADMIN, NULL, NULL, false},
	{"syslog", "CAP_SYSLOG", NULL, "dmesg, klogd", false},
	{"umount2", ADMIN, SPACES, "systemd as process 1", false},
	{"unshare", NULL, NULL, "smbd (CLONE_FS), Firefox, systemd. Not buildah, unshare", false},
	{"vhangup", "CAP_SYS_TTY_CONFIG", NULL, NULL, false},
};
/* clang-format on */

const struct habit *habit_of(struct span call)
{
	for (size_t i = 0; i < ARRAY_SIZE(habits); i++)
		if (span_eq(call, span_of(habits[i].call)))
			return &habits[i];
	return NULL;
}
