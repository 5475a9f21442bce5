/* SPDX-License-Identifier: Apache-2.0 */
#include "semantics/danger.h"

/* clang-format off: a table, a row for each kind. */
/*
 * Sources: the kernel's manual pages, capabilities(7), docs.docker.com/engine/security/seccomp, and
 * the engines' own profiles, which let some of these through with a capability.
 */
const struct dangerous_calls dangerous_calls[] = {
	{"bpf", "load programs into the kernel, whose verifier has had many holes"},
	{"perf_event_open",
	 "look at what other processes and the kernel do, and have had holes that give root"},
	{"userfaultfd",
	 "hold the kernel at a page fault, which decides races in it for an attacker"},
	{"io_uring_setup io_uring_enter io_uring_register",
	 "make calls that no seccomp filter sees"},
	{"keyctl add_key request_key",
	 "reach the kernel's keys, which are not divided among containers"},
	{"clone unshare", "make user namespaces, in which a process has every capability and "
			  "reaches more of the kernel"},
	{"clone3", "make user namespaces by flags in memory, which no filter sees"},
	{"setns", "enter the namespaces of other processes"},
	{"mount umount umount2 pivot_root move_mount mount_setattr fsopen fsconfig fsmount fspick "
	 "open_tree open_tree_attr",
	 "change what is mounted, with CAP_SYS_ADMIN or in a user namespace"},
	{"open_by_handle_at", "open files of the host by number, with CAP_DAC_READ_SEARCH"},
	{"init_module finit_module delete_module create_module", "change the kernel's modules"},
	{"kexec_load kexec_file_load", "start another kernel"},
	{"iopl ioperm", "reach devices by I/O ports"},
	{"reboot", "stop the machine"},
	{"swapon swapoff", "change where the machine swaps to"},
	{"settimeofday clock_settime clock_settime64 stime", "set the clock of the machine"},
	{"syslog", "read the kernel's log, with addresses in it"},
	{"acct", "write a record of each process of the machine"},
	{"quotactl quotactl_fd", "change quotas of file systems"},
	{"fanotify_init", "watch, and with CAP_SYS_ADMIN hold up, what others do with files"},
	{"personality", "turn off the random layout of memory", true},
	{"ptrace process_vm_readv process_vm_writev kcmp process_madvise pidfd_getfd",
	 "reach into other processes; before Linux 4.8 ptrace gets past every filter"},
	{"mbind set_mempolicy set_mempolicy_home_node get_mempolicy move_pages migrate_pages",
	 "move memory between nodes, code of the kernel that has had holes", true},
	{"vm86 vm86old", "run 16-bit code, by parts of the kernel that hardly anybody looks at"},
	{"socket",
	 "make sockets of the host's hypervisor (AF_VSOCK), which belong to no network namespace"},
	{"nfsservctl uselib sysfs _sysctl ustat lookup_dcookie get_kernel_syms query_module",
	 "are of no use any more, and only more code to attack", true},
};
/* clang-format on */

const size_t n_dangerous_calls = ARRAY_SIZE(dangerous_calls);

static bool has(const char *calls, struct span call)
{
	while (*calls != '\0') {
		size_t n = strcspn(calls, " ");

		if (span_eq((struct span){calls, n}, call))
			return true;
		calls += n + (calls[n] == ' ');
	}
	return false;
}

const struct dangerous_calls *danger_of(struct span call)
{
	for (size_t i = 0; i < n_dangerous_calls; i++)
		if (has(dangerous_calls[i].calls, call))
			return &dangerous_calls[i];
	return NULL;
}
