/* SPDX-License-Identifier: Apache-2.0 */
#include "semantics/danger.h"

#define KEYS "reaches keyrings, which belong to no namespace"
#define CLOCK "sets the node's clock"
#define SPACES                                                                                     \
	"makes user namespaces, in which a process has every capability and reaches much more of " \
	"the kernel"
#define MODULES "changes the kernel's modules"
#define MOUNTS "changes what is mounted"
#define URING "hands the kernel work that no filter sees"
#define PORTS "reaches the machine's ports"
#define PROCESSES "reaches into other processes"

/* clang-format off: a table, a row for each call. */
static const struct {
	const char *call, *because;
} calls[DANGERS] = {
	{"acct", "writes the node's accounting"},
	{"add_key", KEYS},
	{"adjtimex", CLOCK},
	{"bpf", "loads programs into the kernel"},
	{"clock_adjtime", CLOCK},
	{"clock_adjtime64", CLOCK},
	{"clock_settime", CLOCK},
	{"clock_settime64", CLOCK},
	{"clone", SPACES},
	{"clone3", SPACES},
	{"create_module", MODULES},
	{"delete_module", MODULES},
	{"finit_module", MODULES},
	{"fsconfig", MOUNTS},
	{"fsmount", MOUNTS},
	{"fsopen", MOUNTS},
	{"fspick", MOUNTS},
	{"init_module", MODULES},
	{"io_uring_enter", URING},
	{"io_uring_register", URING},
	{"io_uring_setup", URING},
	{"ioperm", PORTS},
	{"iopl", PORTS},
	{"kexec_file_load", "starts another kernel"},
	{"kexec_load", "starts another kernel"},
	{"keyctl", KEYS},
	{"mount", MOUNTS},
	{"mount_setattr", MOUNTS},
	{"move_mount", MOUNTS},
	{"open_by_handle_at", "opens files by their number, outside of the container's own, too"},
	{"open_tree", MOUNTS},
	{"open_tree_attr", MOUNTS},
	{"perf_event_open", "watches other processes and the kernel"},
	{"pidfd_getfd", PROCESSES},
	{"pivot_root", MOUNTS},
	{"process_vm_readv", PROCESSES},
	{"process_vm_writev", PROCESSES},
	{"ptrace", PROCESSES},
	{"quotactl", "changes the quotas of the node's file systems"},
	{"quotactl_fd", "changes the quotas of the node's file systems"},
	{"reboot", "restarts the node"},
	{"request_key", KEYS},
	{"setns", "enters other namespaces"},
	{"settimeofday", CLOCK},
	{"socket",
	 "reaches the hypervisor (AF_VSOCK) and the kernel's ciphers (AF_ALG) with some families"},
	{"stime", CLOCK},
	{"swapoff", "changes the node's swap"},
	{"swapon", "changes the node's swap"},
	{"syslog", "reads and clears the kernel's log"},
	{"umount", MOUNTS},
	{"umount2", MOUNTS},
	{"unshare", SPACES},
	{"userfaultfd", "holds up the kernel in the middle of an access, which exploits use"},
};
/* clang-format on */

const char *danger_of(struct span call)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (span_eq(call, span_of(calls[i].call)))
			return calls[i].because;
	return NULL;
}
