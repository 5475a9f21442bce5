/* SPDX-License-Identifier: Apache-2.0 */
#include "semantics/known-programs.h"

#define FAILS true
#define WITHOUT false

/* clang-format off: a table, a row for each program and call. */
static const struct known_program programs[] = {
	{"buildah", "unshare", FAILS,
	 "Error during unshare(CLONE_NEWUSER): Operation not permitted"},
	{"bwrap", "clone", FAILS, "No permissions to create new namespace; then pivot_root"},
	{"chromium", "clone", FAILS, "No usable sandbox!; --no-sandbox runs"},
	{"crun", "keyctl", FAILS, "create keyring: Operation not permitted; then pivot_root"},
	{"dig", "io_uring_setup", WITHOUT, "epoll and threads instead"},
	{"dockerd", "quotactl", WITHOUT, "nothing where there is no quota"},
	{"ffmpeg", "get_mempolicy", WITHOUT, "libnuma only probes"},
	{"ffprobe", "get_mempolicy", WITHOUT, "libnuma only probes"},
	{"fio", "get_mempolicy", WITHOUT, "libnuma only probes"},
	{"fio", "io_uring_setup", FAILS,
	 "func=io_queue_init, error=Operation not permitted; other engines run"},
	{"firefox-esr", "clone", WITHOUT, "a layer of its sandbox less"},
	{"firefox-esr", "quotactl", WITHOUT, "nothing where there is no quota"},
	{"firefox-esr", "unshare", WITHOUT, "a layer of its sandbox less"},
	{"gdb", "personality", WITHOUT, "a warning: addresses stay random"},
	{"keyctl", "add_key", FAILS, "add_key: Operation not permitted"},
	{"keyctl", "keyctl", FAILS, "Unable to dump key: Operation not permitted"},
	{"mariadbd", "get_mempolicy", WITHOUT, "libnuma only probes"},
	{"mariadbd", "io_uring_setup", WITHOUT, "libaio instead; its log blames a sysctl"},
	{"named", "io_uring_setup", WITHOUT, "epoll and threads instead"},
	{"node", "io_uring_setup", WITHOUT, "epoll and threads instead"},
	{"numactl", "get_mempolicy", FAILS, "get_mempolicy: Operation not permitted"},
	{"numactl", "set_mempolicy", FAILS, "set_mempolicy: Operation not permitted"},
	{"perf", "perf_event_open", FAILS, "No permission to enable task-clock event."},
	{"pkill", "get_mempolicy", WITHOUT, "libnuma only probes"},
	{"podman", "clone", FAILS, "cannot clone: Operation not permitted"},
	{"prometheus-node-exporter", "perf_event_open", WITHOUT, "the kernel denies it as well"},
	{"ps", "get_mempolicy", WITHOUT, "libnuma only probes"},
	{"rndc", "io_uring_setup", WITHOUT, "epoll and threads instead"},
	{"runc", "keyctl", FAILS, "unable to join session keyring"},
	{"runuser", "keyctl", WITHOUT, "no keyring of the session"},
	{"setarch", "personality", FAILS, "failed to set personality"},
	{"smbd", "quotactl", WITHOUT, "nothing where there is no quota"},
	{"smbd", "unshare", WITHOUT, "threads share a working directory"},
	{"sshd", "keyctl", WITHOUT, "no keyring of the session"},
	{"sshd-session", "keyctl", WITHOUT, "no keyring of the session"},
	{"su", "keyctl", WITHOUT, "no keyring of the session"},
	{"systemd", "add_key", WITHOUT, "services have no keyring of their own"},
	{"systemd", "kcmp", WITHOUT, "it compares descriptors in another way"},
	{"systemd", "keyctl", WITHOUT, "services have no keyring of their own"},
	{"unshare", "unshare", FAILS, "unshare failed: Operation not permitted"},
	{"vsftpd", "clone", WITHOUT, "sessions are isolated less"},
};
/* clang-format on */

const struct known_program *known_program(struct span exe, struct span call)
{
	for (const char *slash; exe.n > 0 && (slash = memchr(exe.p, '/', exe.n)) != NULL;)
		exe = span_skip(exe, (size_t)(slash - exe.p) + 1);
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (span_eq(exe, span_of(programs[i].name)) &&
		    span_eq(call, span_of(programs[i].call)))
			return &programs[i];
	return NULL;
}
