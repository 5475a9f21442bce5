/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/calls.h"

#include "base/base.h"

/* clang-format off: tables, a row for each call. */

/*
 * Sources: the commit that made the library call it, and the first release that has this commit;
 * bminor/glibc up to 2.43, bminor/musl up to 1.2.6. What they do about an error is in the same
 * files. glibc, sysdeps/unix/sysv/linux unless said otherwise:
 *   openat            b41152d716 open64.c
 *   newfstatat        30f1c74394, 6073bae64c fstat64.c, fstatat64.c
 *   faccessat2        3d3ab573a5 faccessat.c; musl 55fb9a17
 *   fchmodat2         65341f7bbe fchmodat.c; musl d0ed307e
 *   execveat          43ffc53a35 fexecve.c; musl e36f80cb
 *   statx             NEWS of 2.28, statx.c; musl b817541f
 *   getrandom         6f4e0fcfa2 stdlib/arc4random.c
 *   close_range       607449506f closefrom.c, 882d6e17bc spawni.c
 *   rseq              95e114a091 sysdeps/nptl/dl-tls_init_tp.c
 *   clock_gettime64   ec138c67cb; musl 72f50245
 *   clock_nanosleep_time64  2e44b10b42; musl 1334e366
 *   ppoll_time64      258c242128; musl 07af0181
 *   futex_time64      323592fdc9 nptl/futex-internal.c; musl 1492bdf5
 *   openat2, mseal    NEWS of 2.43; epoll_pwait2 of 2.35; pidfd_open of 2.36; renameat2 of 2.28
 * clone3 (d8ea0d0168, glibc 2.34) has a rule of its own.
 */
const struct newer_call newer_calls[] = {
	{"openat", "2.6.16", "open", "glibc 2.26", "open()", NEWER_NO_OTHER},
	{"newfstatat", "2.6.16", "stat lstat fstat", "glibc 2.33", "stat() and lstat()",
	 NEWER_NO_OTHER},
	{"faccessat2", "5.8", "faccessat access", "glibc 2.33 and musl 1.2.2",
	 "faccessat() with flags", NEWER_ENOSYS},
	{"fchmodat2", "6.6", "fchmodat", "glibc 2.39 and musl 1.2.5", "fchmodat() with flags",
	 NEWER_ENOSYS},
	{"execveat", "3.19", "execve", "glibc 2.27 and musl 1.1.21", "fexecve()", NEWER_ENOSYS},
	{"statx", "4.11", "newfstatat stat", "glibc 2.28 and musl 1.2.5",
	 "statx(), which coreutils use", NEWER_ENOSYS},
	{"getrandom", "3.17", "openat", "glibc 2.36",
	 "arc4random(), which ends the program otherwise", NEWER_ENOSYS},
	{"clock_gettime64", "5.1", "clock_gettime", "glibc 2.31 and musl 1.1.24",
	 "clock_gettime() of 32 bits", NEWER_ENOSYS},
	{"clock_nanosleep_time64", "5.1", "clock_nanosleep nanosleep", "glibc 2.31 and musl 1.1.24",
	 "nanosleep() of 32 bits", NEWER_ENOSYS},
	{"ppoll_time64", "5.1", "ppoll poll", "glibc 2.31 and musl 1.2.5", "ppoll() of 32 bits",
	 NEWER_ENOSYS},
	{"futex_time64", "5.1", "futex", "glibc 2.33 and musl 1.1.24",
	 "waiting for a lock of 32 bits", NEWER_ENOSYS},
	{"close_range", "5.9", "close", "glibc 2.34", "closefrom()", NEWER_ANY},
	{"rseq", "4.18", "set_robust_list", "glibc 2.35", "the start of a thread", NEWER_ANY},
	{"openat2", "5.6", "openat", "glibc 2.43", "openat2()", NEWER_WRAPPER},
	{"mseal", "6.10", "mprotect", "glibc 2.43", "mseal()", NEWER_WRAPPER},
	{"epoll_pwait2", "5.11", "epoll_pwait epoll_wait", "glibc 2.35", "epoll_pwait2()",
	 NEWER_WRAPPER},
	{"pidfd_open", "5.3", "kill", "glibc 2.36", "pidfd_open()", NEWER_WRAPPER},
	{"renameat2", "3.15", "rename renameat", "glibc 2.28", "renameat2()", NEWER_WRAPPER},
	{"futex_waitv", "5.16", "futex", NULL, "programs, by its number", NEWER_WRAPPER},
};

const size_t n_newer_calls = ARRAY_SIZE(newer_calls);

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
	 "open_tree",
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
	{"personality", "turn off the random layout of memory"},
	{"ptrace process_vm_readv process_vm_writev kcmp process_madvise pidfd_getfd",
	 "reach into other processes; before Linux 4.8 ptrace gets past every filter"},
	{"mbind set_mempolicy set_mempolicy_home_node get_mempolicy move_pages migrate_pages",
	 "move memory between nodes, code of the kernel that has had holes"},
	{"vm86 vm86old", "run 16-bit code, by parts of the kernel that hardly anybody looks at"},
	{"socket",
	 "make sockets of the host's hypervisor (AF_VSOCK), which belong to no network namespace"},
	{"nfsservctl uselib sysfs _sysctl ustat lookup_dcookie get_kernel_syms query_module",
	 "are of no use any more, and only more code to attack"},
};

const size_t n_dangerous_calls = ARRAY_SIZE(dangerous_calls);
