/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/profiles/ by generate.py; `make update-generated` writes it, `make check` compares. */
#include "profile-data.h"

const char profile_texts[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":1"
	",\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"]"
	",\"architectures\":[\"SCMP_ARCH_AARCH64\",\"SCMP_ARCH_ARM\"]"
	",\"architectures\":[\"SCMP_ARCH_MIPS64\",\"SCMP_ARCH_MIPS\",\"SCMP_ARCH_MIPS64N32\"]"
	",\"architectures\":[\"SCMP_ARCH_S390X\",\"SCMP_ARCH_S390\"]"
	",\"architectures\":[\"SCMP_ARCH_MIPS64N32\",\"SCMP_ARCH_MIPS\",\"SCMP_ARCH_MIPS64\"]"
	",\"architectures\":[\"SCMP_ARCH_MIPSEL64\",\"SCMP_ARCH_MIPSEL\",\"SCMP_ARCH_MIPSEL64N32\"]"
	",\"architectures\":[\"SCMP_ARCH_MIPSEL64N32\",\"SCMP_ARCH_MIPSEL\",\"SCMP_ARCH_MIPSEL64\"]"
	",\"architectures\":[\"SCMP_ARCH_RISCV64\"]"
	",\"syscalls\":["
	"{\"names\":[\"_llseek\",\"_newselect\",\"accept\",\"accept4\",\"access\",\"adjtimex\",\"alarm\","
	"\"bind\",\"brk\",\"capget\",\"capset\",\"chdir\",\"chmod\",\"chown\",\"chown32\","
	"\"clock_adjtime\",\"clock_adjtime64\",\"clock_getres\",\"clock_getres_time64\","
	"\"clock_gettime\",\"clock_gettime64\",\"clock_nanosleep\",\"clock_nanosleep_time64\",\"close\","
	"\"close_range\",\"connect\",\"copy_file_range\",\"creat\",\"dup\",\"dup2\",\"dup3\","
	"\"epoll_create\",\"epoll_create1\",\"epoll_ctl\",\"epoll_ctl_old\",\"epoll_pwait\","
	"\"epoll_pwait2\",\"epoll_wait\",\"epoll_wait_old\",\"eventfd\",\"eventfd2\",\"execve\","
	"\"execveat\",\"exit\",\"exit_group\",\"faccessat\",\"faccessat2\",\"fadvise64\","
	"\"fadvise64_64\",\"fallocate\",\"fanotify_mark\",\"fchdir\",\"fchmod\",\"fchmodat\","
	"\"fchmodat2\",\"fchown\",\"fchown32\",\"fchownat\",\"fcntl\",\"fcntl64\",\"fdatasync\","
	"\"fgetxattr\",\"flistxattr\",\"flock\",\"fork\",\"fremovexattr\",\"fsetxattr\",\"fstat\","
	"\"fstat64\",\"fstatat64\",\"fstatfs\",\"fstatfs64\",\"fsync\",\"ftruncate\",\"ftruncate64\","
	"\"futex\",\"futex_time64\",\"futimesat\",\"get_robust_list\",\"get_thread_area\",\"getcpu\","
	"\"getcwd\",\"getdents\",\"getdents64\",\"getegid\",\"getegid32\",\"geteuid\",\"geteuid32\","
	"\"getgid\",\"getgid32\",\"getgroups\",\"getgroups32\",\"getitimer\",\"getpeername\",\"getpgid\","
	"\"getpgrp\",\"getpid\",\"getppid\",\"getpriority\",\"getrandom\",\"getresgid\",\"getresgid32\","
	"\"getresuid\",\"getresuid32\",\"getrlimit\",\"getrusage\",\"getsid\",\"getsockname\","
	"\"getsockopt\",\"gettid\",\"gettimeofday\",\"getuid\",\"getuid32\",\"getxattr\","
	"\"inotify_add_watch\",\"inotify_init\",\"inotify_init1\",\"inotify_rm_watch\",\"io_cancel\","
	"\"io_destroy\",\"io_getevents\",\"io_setup\",\"io_submit\",\"ioctl\",\"ioprio_get\","
	"\"ioprio_set\",\"ipc\",\"kill\",\"landlock_add_rule\",\"landlock_create_ruleset\","
	"\"landlock_restrict_self\",\"lchown\",\"lchown32\",\"lgetxattr\",\"link\",\"linkat\",\"listen\","
	"\"listxattr\",\"llistxattr\",\"lremovexattr\",\"lseek\",\"lsetxattr\",\"lstat\",\"lstat64\","
	"\"madvise\",\"membarrier\",\"memfd_create\",\"memfd_secret\",\"mincore\",\"mkdir\",\"mkdirat\","
	"\"mknod\",\"mknodat\",\"mlock\",\"mlock2\",\"mlockall\",\"mmap\",\"mmap2\",\"mprotect\","
	"\"mq_getsetattr\",\"mq_notify\",\"mq_open\",\"mq_timedreceive\",\"mq_timedreceive_time64\","
	"\"mq_timedsend\",\"mq_timedsend_time64\",\"mq_unlink\",\"mremap\",\"msgctl\",\"msgget\","
	"\"msgrcv\",\"msgsnd\",\"msync\",\"munlock\",\"munlockall\",\"munmap\",\"name_to_handle_at\","
	"\"nanosleep\",\"newfstatat\",\"open\",\"openat\",\"openat2\",\"pause\",\"pidfd_open\","
	"\"pidfd_send_signal\",\"pipe\",\"pipe2\",\"pkey_alloc\",\"pkey_free\",\"pkey_mprotect\","
	"\"poll\",\"ppoll\",\"ppoll_time64\",\"prctl\",\"pread64\",\"preadv\",\"preadv2\",\"prlimit64\","
	"\"process_mrelease\",\"pselect6\",\"pselect6_time64\",\"pwrite64\",\"pwritev\",\"pwritev2\","
	"\"read\",\"readahead\",\"readlink\",\"readlinkat\",\"readv\",\"recv\",\"recvfrom\",\"recvmmsg\","
	"\"recvmmsg_time64\",\"recvmsg\",\"remap_file_pages\",\"removexattr\",\"rename\",\"renameat\","
	"\"renameat2\",\"restart_syscall\",\"rmdir\",\"rseq\",\"rt_sigaction\",\"rt_sigpending\","
	"\"rt_sigprocmask\",\"rt_sigqueueinfo\",\"rt_sigreturn\",\"rt_sigsuspend\",\"rt_sigtimedwait\","
	"\"rt_sigtimedwait_time64\",\"rt_tgsigqueueinfo\",\"sched_get_priority_max\","
	"\"sched_get_priority_min\",\"sched_getaffinity\",\"sched_getattr\",\"sched_getparam\","
	"\"sched_getscheduler\",\"sched_rr_get_interval\",\"sched_rr_get_interval_time64\","
	"\"sched_setaffinity\",\"sched_setattr\",\"sched_setparam\",\"sched_setscheduler\","
	"\"sched_yield\",\"seccomp\",\"select\",\"semctl\",\"semget\",\"semop\",\"semtimedop\","
	"\"semtimedop_time64\",\"send\",\"sendfile\",\"sendfile64\",\"sendmmsg\",\"sendmsg\",\"sendto\","
	"\"set_robust_list\",\"set_thread_area\",\"set_tid_address\",\"setfsgid\",\"setfsgid32\","
	"\"setfsuid\",\"setfsuid32\",\"setgid\",\"setgid32\",\"setgroups\",\"setgroups32\",\"setitimer\","
	"\"setpgid\",\"setpriority\",\"setregid\",\"setregid32\",\"setresgid\",\"setresgid32\","
	"\"setresuid\",\"setresuid32\",\"setreuid\",\"setreuid32\",\"setrlimit\",\"setsid\","
	"\"setsockopt\",\"setuid\",\"setuid32\",\"setxattr\",\"shmat\",\"shmctl\",\"shmdt\",\"shmget\","
	"\"shutdown\",\"sigaltstack\",\"signalfd\",\"signalfd4\",\"sigprocmask\",\"sigreturn\","
	"\"socketcall\",\"socketpair\",\"splice\",\"stat\",\"stat64\",\"statfs\",\"statfs64\",\"statx\","
	"\"symlink\",\"symlinkat\",\"sync\",\"sync_file_range\",\"syncfs\",\"sysinfo\",\"tee\","
	"\"tgkill\",\"time\",\"timer_create\",\"timer_delete\",\"timer_getoverrun\",\"timer_gettime\","
	"\"timer_gettime64\",\"timer_settime\",\"timer_settime64\",\"timerfd_create\","
	"\"timerfd_gettime\",\"timerfd_gettime64\",\"timerfd_settime\",\"timerfd_settime64\",\"times\","
	"\"tkill\",\"truncate\",\"truncate64\",\"ugetrlimit\",\"umask\",\"uname\",\"unlink\","
	"\"unlinkat\",\"utime\",\"utimensat\",\"utimensat_time64\",\"utimes\",\"vfork\",\"wait4\","
	"\"waitid\",\"waitpid\",\"write\",\"writev\""
	",\"cachestat\",\"futex_requeue\",\"futex_wait\",\"futex_waitv\",\"futex_wake\",\"getxattrat\","
	"\"io_pgetevents\",\"io_pgetevents_time64\",\"listmount\",\"listxattrat\",\"map_shadow_stack\","
	"\"mseal\",\"removexattrat\",\"setxattrat\",\"statmount\",\"uretprobe\",\"vmsplice\","
	"\"riscv_hwprobe\""
	",\"swapcontext\""
	",\"sync_file_range2\""
	",\"arm_fadvise64_64\",\"arm_sync_file_range\",\"breakpoint\",\"cacheflush\",\"set_tls\""
	",\"arch_prctl\""
	",\"modify_ldt\""
	",\"s390_pci_mmio_read\",\"s390_pci_mmio_write\",\"s390_runtime_instr\""
	",\"riscv_flush_icache\""
	",\"open_by_handle_at\""
	",\"bpf\""
	",\"clone\",\"clone3\",\"fanotify_init\",\"fsconfig\",\"fsmount\",\"fsopen\",\"fspick\","
	"\"lookup_dcookie\",\"lsm_get_self_attr\",\"lsm_list_modules\",\"lsm_set_self_attr\",\"mount\","
	"\"mount_setattr\",\"move_mount\",\"open_tree\",\"quotactl\",\"quotactl_fd\",\"setdomainname\","
	"\"sethostname\",\"setns\",\"umount\",\"umount2\",\"unshare\""
	",\"perf_event_open\""
	",\"chroot\""
	",\"delete_module\",\"finit_module\",\"init_module\""
	",\"acct\""
	",\"kcmp\",\"pidfd_getfd\",\"process_madvise\""
	",\"ioperm\",\"iopl\""
	",\"clock_settime\",\"clock_settime64\",\"settimeofday\",\"stime\""
	",\"vhangup\""
	",\"process_vm_readv\",\"process_vm_writev\",\"ptrace\""
	",\"syslog\""
	",\"reboot\""
	",\"get_mempolicy\",\"mbind\",\"set_mempolicy\",\"set_mempolicy_home_node\""
	"],\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\","
	"\"args\":[{\"index\":0,\"value\":0,\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":[\"personality\"],"
	"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":8,\"op\":\"SCMP_CMP_EQ\"}]},"
	"{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
	"\"value\":131072,\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":[\"personality\"],"
	"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":131080,\"op\":\"SCMP_CMP_EQ\"}]},"
	"{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
	"\"value\":4294967295,\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":[\"socket\"],"
	"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":38,\"op\":\"SCMP_CMP_LT\"}]},"
	"{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":39,"
	"\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\","
	"\"args\":[{\"index\":0,\"value\":40,\"op\":\"SCMP_CMP_GT\"}]}"
	",{\"names\":[\"clone\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
	"\"value\":2114060288,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}"
	",{\"names\":[\"clone\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":1,"
	"\"value\":2114060288,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}"
	",{\"names\":[\"clone3\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38}"
	"]}"
	"{\"defaultAction\":\"SCMP_ACT_LOG\""
	",\"architectures\":[\"SCMP_ARCH_LOONGARCH64\"]"
	",\"cachestat\",\"futex_requeue\",\"futex_wait\",\"futex_waitv\",\"futex_wake\",\"getxattrat\","
	"\"io_pgetevents\",\"io_pgetevents_time64\",\"listmount\",\"listxattrat\",\"map_shadow_stack\","
	"\"mseal\",\"removexattrat\",\"setxattrat\",\"statmount\",\"uretprobe\",\"vmsplice\","
	"\"lsm_get_self_attr\",\"lsm_list_modules\",\"lsm_set_self_attr\""
	",\"riscv_flush_icache\",\"riscv_hwprobe\""
	",\"clone\",\"clone3\",\"fanotify_init\",\"fsconfig\",\"fsmount\",\"fsopen\",\"fspick\","
	"\"lookup_dcookie\",\"mount\",\"mount_setattr\",\"move_mount\",\"open_tree\",\"quotactl\","
	"\"quotactl_fd\",\"setdomainname\",\"sethostname\",\"setns\",\"umount\",\"umount2\",\"unshare\""
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38"
	",\"fanotify_init\",\"fsconfig\",\"fsmount\",\"fsopen\",\"fspick\",\"get_mempolicy\",\"keyctl\","
	"\"mbind\",\"mount\",\"mount_setattr\",\"move_mount\",\"open_tree\",\"pidfd_getfd\","
	"\"pivot_root\",\"process_vm_readv\",\"process_vm_writev\",\"ptrace\",\"reboot\","
	"\"set_mempolicy\",\"setns\",\"signal\",\"syslog\",\"umount\",\"umount2\""
	",\"clone\",\"clone3\",\"futex_requeue\",\"futex_wait\",\"futex_waitv\",\"futex_wake\","
	"\"unshare\""
	",\"lookup_dcookie\",\"quotactl\",\"quotactl_fd\",\"setdomainname\",\"sethostname\""
	",\"delete_module\",\"finit_module\",\"init_module\",\"query_module\""
	",\"kcmp\",\"process_madvise\""
	"],\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\","
	"\"args\":[{\"index\":0,\"value\":0,\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":[\"personality\"],"
	"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":8,\"op\":\"SCMP_CMP_EQ\"}]},"
	"{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
	"\"value\":131072,\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":[\"personality\"],"
	"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":131080,\"op\":\"SCMP_CMP_EQ\"}]},"
	"{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
	"\"value\":4294967295,\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":[\"socket\"],"
	"\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1,\"args\":[{\"index\":0,\"value\":40,"
	"\"op\":\"SCMP_CMP_EQ\"}]}"
	",{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":22,\"args\":[{\"index\":0,"
	"\"value\":16,\"op\":\"SCMP_CMP_EQ\"},{\"index\":2,\"value\":9,\"op\":\"SCMP_CMP_EQ\"}]},"
	"{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":16,"
	"\"op\":\"SCMP_CMP_EQ\"},{\"index\":2,\"value\":9,\"op\":\"SCMP_CMP_NE\"}]},"
	"{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":16,"
	"\"op\":\"SCMP_CMP_NE\"}]}"
	",{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":40,"
	"\"op\":\"SCMP_CMP_NE\"}]}"
	",{\"names\":[\"bdflush\",\"cachestat\",\"io_pgetevents\",\"io_pgetevents_time64\","
	"\"kexec_file_load\",\"kexec_load\",\"map_shadow_stack\",\"migrate_pages\",\"move_pages\","
	"\"nfsservctl\",\"nice\",\"oldfstat\",\"oldlstat\",\"oldolduname\",\"oldstat\",\"olduname\","
	"\"pciconfig_iobase\",\"pciconfig_read\",\"pciconfig_write\",\"sgetmask\",\"ssetmask\","
	"\"swapoff\",\"swapon\",\"syscall\",\"sysfs\",\"uselib\",\"userfaultfd\",\"ustat\",\"vm86\","
	"\"vm86old\",\"vmsplice\""
	"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1}]}"
	"],\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\","
	"\"args\":[{\"index\":0,\"value\":0,\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":[\"personality\"],"
	"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":8,\"op\":\"SCMP_CMP_EQ\"}]},"
	"{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
	"\"value\":131072,\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":[\"personality\"],"
	"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":131080,\"op\":\"SCMP_CMP_EQ\"}]},"
	"{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
	"\"value\":4294967295,\"op\":\"SCMP_CMP_EQ\"}]}"
	",{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":16,"
	"\"op\":\"SCMP_CMP_EQ\"},{\"index\":2,\"value\":9,\"op\":\"SCMP_CMP_NE\"}]}"
	",{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":16,"
	"\"op\":\"SCMP_CMP_LT\"}]},{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\","
	"\"args\":[{\"index\":0,\"value\":17,\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":[\"socket\"],"
	"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":18446744073709551614,"
	"\"valueTwo\":18,\"op\":\"SCMP_CMP_MASKED_EQ\"}]},{\"names\":[\"socket\"],"
	"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":18446744073709551612,"
	"\"valueTwo\":20,\"op\":\"SCMP_CMP_MASKED_EQ\"}]},{\"names\":[\"socket\"],"
	"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":18446744073709551608,"
	"\"valueTwo\":24,\"op\":\"SCMP_CMP_MASKED_EQ\"}]},{\"names\":[\"socket\"],"
	"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":18446744073709551608,"
	"\"valueTwo\":32,\"op\":\"SCMP_CMP_MASKED_EQ\"}]},{\"names\":[\"socket\"],"
	"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":40,\"op\":\"SCMP_CMP_GT\"}]}"
	",\"clone\",\"clone3\",\"lookup_dcookie\",\"quotactl\",\"quotactl_fd\",\"setdomainname\","
	"\"sethostname\",\"unshare\""
	",{\"names\":[\"clone\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1,\"args\":[{\"index\":0,"
	"\"value\":131072,\"valueTwo\":131072,\"op\":\"SCMP_CMP_MASKED_EQ\"},{\"index\":0,"
	"\"value\":67108864,\"valueTwo\":67108864,\"op\":\"SCMP_CMP_MASKED_EQ\"},{\"index\":0,"
	"\"value\":134217728,\"valueTwo\":134217728,\"op\":\"SCMP_CMP_MASKED_EQ\"},{\"index\":0,"
	"\"value\":268435456,\"valueTwo\":268435456,\"op\":\"SCMP_CMP_MASKED_EQ\"},{\"index\":0,"
	"\"value\":536870912,\"valueTwo\":536870912,\"op\":\"SCMP_CMP_MASKED_EQ\"},{\"index\":0,"
	"\"value\":1073741824,\"valueTwo\":1073741824,\"op\":\"SCMP_CMP_MASKED_EQ\"},{\"index\":0,"
	"\"value\":33554432,\"valueTwo\":33554432,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}"
	",{\"names\":[\"clone\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1,\"args\":[{\"index\":1,"
	"\"value\":131072,\"valueTwo\":131072,\"op\":\"SCMP_CMP_MASKED_EQ\"},{\"index\":1,"
	"\"value\":67108864,\"valueTwo\":67108864,\"op\":\"SCMP_CMP_MASKED_EQ\"},{\"index\":1,"
	"\"value\":134217728,\"valueTwo\":134217728,\"op\":\"SCMP_CMP_MASKED_EQ\"},{\"index\":1,"
	"\"value\":268435456,\"valueTwo\":268435456,\"op\":\"SCMP_CMP_MASKED_EQ\"},{\"index\":1,"
	"\"value\":536870912,\"valueTwo\":536870912,\"op\":\"SCMP_CMP_MASKED_EQ\"},{\"index\":1,"
	"\"value\":1073741824,\"valueTwo\":1073741824,\"op\":\"SCMP_CMP_MASKED_EQ\"},{\"index\":1,"
	"\"value\":33554432,\"valueTwo\":33554432,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}"
	",\"futex_requeue\",\"futex_wait\",\"futex_waitv\",\"futex_wake\"";

const struct profile_piece profile_pieces[] = {
	/* moby, enforce */
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 0, 53}, {0x0, 0x0, 0x00004, 0x0, 0xffffffff, 53, 69},
	{0x0, 0x0, 0x00010, 0x0, 0xffffffff, 122, 54}, {0x0, 0x0, 0x00080, 0x0, 0xffffffff, 176, 76},
	{0x0, 0x0, 0x08000, 0x0, 0xffffffff, 252, 53}, {0x0, 0x0, 0x00200, 0x0, 0xffffffff, 305, 76},
	{0x0, 0x0, 0x00100, 0x0, 0xffffffff, 381, 82}, {0x0, 0x0, 0x00400, 0x0, 0xffffffff, 463, 82},
	{0x0, 0x0, 0x10000, 0x0, 0xffffffff, 545, 38}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 583, 13},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 596, 4221}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 4817, 253},
	{0x0, 0x0, 0x02000, 0x0, 0xffffffff, 5070, 14}, {0x0, 0x0, 0x02018, 0x0, 0xffffffff, 5084, 19},
	{0x0, 0x0, 0x00018, 0x0, 0xffffffff, 5103, 77}, {0x0, 0x0, 0x00004, 0x0, 0xffffffff, 5180, 13},
	{0x0, 0x0, 0x00006, 0x0, 0xffffffff, 5193, 13}, {0x0, 0x0, 0x0c000, 0x0, 0xffffffff, 5206, 64},
	{0x0, 0x0, 0x10000, 0x0, 0xffffffff, 5270, 21}, {0x4, 0x0, 0x3ffff, 0x0, 0xffffffff, 5291, 20},
	{0x8000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5311, 6}, {0x200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5317, 289},
	{0x4000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5606, 18}, {0x40000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5624, 9},
	{0x10000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5633, 45}, {0x100000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5678, 7},
	{0x80000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5685, 39}, {0x20000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5724, 16},
	{0x2000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5740, 57}, {0x4000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5797, 10},
	{0x0, 0x0, 0x3ffff, 0x40008, 0xffffffff, 5807, 48}, {0x80000, 0x0, 0x3ffff, 0x0, 0x40008, 5807, 48},
	{0x400200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5855, 9}, {0x400000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5864, 9},
	{0x800000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5873, 66}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 5939, 851},
	{0x0, 0x200000, 0x33fff, 0x0, 0xffffffff, 6790, 112}, {0x0, 0x200000, 0x0c000, 0x0, 0xffffffff, 6902, 112},
	{0x0, 0x200000, 0x3ffff, 0x0, 0xffffffff, 7014, 61}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7075, 2},
	/* moby, complain */
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7077, 31}, {0x0, 0x0, 0x00004, 0x0, 0xffffffff, 53, 69},
	{0x0, 0x0, 0x00010, 0x0, 0xffffffff, 122, 54}, {0x0, 0x0, 0x00080, 0x0, 0xffffffff, 176, 76},
	{0x0, 0x0, 0x08000, 0x0, 0xffffffff, 252, 53}, {0x0, 0x0, 0x00200, 0x0, 0xffffffff, 305, 76},
	{0x0, 0x0, 0x00100, 0x0, 0xffffffff, 381, 82}, {0x0, 0x0, 0x00400, 0x0, 0xffffffff, 463, 82},
	{0x0, 0x0, 0x10000, 0x0, 0xffffffff, 545, 38}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 583, 13},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 596, 4221}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 4817, 253},
	{0x0, 0x0, 0x02000, 0x0, 0xffffffff, 5070, 14}, {0x0, 0x0, 0x02018, 0x0, 0xffffffff, 5084, 19},
	{0x0, 0x0, 0x00018, 0x0, 0xffffffff, 5103, 77}, {0x0, 0x0, 0x00004, 0x0, 0xffffffff, 5180, 13},
	{0x0, 0x0, 0x00006, 0x0, 0xffffffff, 5193, 13}, {0x0, 0x0, 0x0c000, 0x0, 0xffffffff, 5206, 64},
	{0x0, 0x0, 0x10000, 0x0, 0xffffffff, 5270, 21}, {0x4, 0x0, 0x3ffff, 0x0, 0xffffffff, 5291, 20},
	{0x8000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5311, 6}, {0x200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5317, 289},
	{0x4000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5606, 18}, {0x40000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5624, 9},
	{0x10000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5633, 45}, {0x100000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5678, 7},
	{0x80000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5685, 39}, {0x20000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5724, 16},
	{0x2000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5740, 57}, {0x4000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5797, 10},
	{0x0, 0x0, 0x3ffff, 0x40008, 0xffffffff, 5807, 48}, {0x80000, 0x0, 0x3ffff, 0x0, 0x40008, 5807, 48},
	{0x400200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5855, 9}, {0x400000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5864, 9},
	{0x800000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5873, 66}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 5939, 851},
	{0x0, 0x200000, 0x33fff, 0x0, 0xffffffff, 6790, 112}, {0x0, 0x200000, 0x0c000, 0x0, 0xffffffff, 6902, 112},
	{0x0, 0x200000, 0x3ffff, 0x0, 0xffffffff, 7014, 61}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7075, 2},
	/* containerd, enforce */
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 0, 53}, {0x0, 0x0, 0x00004, 0x0, 0xffffffff, 53, 69},
	{0x0, 0x0, 0x00010, 0x0, 0xffffffff, 122, 54}, {0x0, 0x0, 0x00080, 0x0, 0xffffffff, 176, 76},
	{0x0, 0x0, 0x08000, 0x0, 0xffffffff, 252, 53}, {0x0, 0x0, 0x10000, 0x0, 0xffffffff, 545, 38},
	{0x0, 0x0, 0x20000, 0x0, 0xffffffff, 7108, 42}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 583, 13},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 596, 4221}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7150, 296},
	{0x0, 0x0, 0x02000, 0x0, 0xffffffff, 5070, 14}, {0x0, 0x0, 0x02018, 0x0, 0xffffffff, 5084, 19},
	{0x0, 0x0, 0x00018, 0x0, 0xffffffff, 5103, 77}, {0x0, 0x0, 0x00004, 0x0, 0xffffffff, 5180, 13},
	{0x0, 0x0, 0x00006, 0x0, 0xffffffff, 5193, 13}, {0x0, 0x0, 0x0c000, 0x0, 0xffffffff, 5206, 64},
	{0x0, 0x0, 0x10000, 0x0, 0xffffffff, 7446, 37}, {0x4, 0x0, 0x3ffff, 0x0, 0xffffffff, 5291, 20},
	{0x8000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5311, 6}, {0x200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 7483, 230},
	{0x4000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5606, 18}, {0x40000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5624, 9},
	{0x10000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5633, 45}, {0x100000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5678, 7},
	{0x80000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5685, 39}, {0x20000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5724, 16},
	{0x2000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5740, 57}, {0x4000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5797, 10},
	{0x0, 0x0, 0x3ffff, 0x40008, 0xffffffff, 5807, 48}, {0x80000, 0x0, 0x3ffff, 0x0, 0x40008, 5807, 48},
	{0x400200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5855, 9}, {0x400000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5864, 9},
	{0x800000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5873, 66}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 5939, 851},
	{0x0, 0x200000, 0x33fff, 0x0, 0xffffffff, 6790, 112}, {0x0, 0x200000, 0x0c000, 0x0, 0xffffffff, 6902, 112},
	{0x0, 0x200000, 0x3ffff, 0x0, 0xffffffff, 7014, 61}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7075, 2},
	/* containerd, complain */
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7077, 31}, {0x0, 0x0, 0x00004, 0x0, 0xffffffff, 53, 69},
	{0x0, 0x0, 0x00010, 0x0, 0xffffffff, 122, 54}, {0x0, 0x0, 0x00080, 0x0, 0xffffffff, 176, 76},
	{0x0, 0x0, 0x08000, 0x0, 0xffffffff, 252, 53}, {0x0, 0x0, 0x10000, 0x0, 0xffffffff, 545, 38},
	{0x0, 0x0, 0x20000, 0x0, 0xffffffff, 7108, 42}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 583, 13},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 596, 4221}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7150, 296},
	{0x0, 0x0, 0x02000, 0x0, 0xffffffff, 5070, 14}, {0x0, 0x0, 0x02018, 0x0, 0xffffffff, 5084, 19},
	{0x0, 0x0, 0x00018, 0x0, 0xffffffff, 5103, 77}, {0x0, 0x0, 0x00004, 0x0, 0xffffffff, 5180, 13},
	{0x0, 0x0, 0x00006, 0x0, 0xffffffff, 5193, 13}, {0x0, 0x0, 0x0c000, 0x0, 0xffffffff, 5206, 64},
	{0x0, 0x0, 0x10000, 0x0, 0xffffffff, 7446, 37}, {0x4, 0x0, 0x3ffff, 0x0, 0xffffffff, 5291, 20},
	{0x8000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5311, 6}, {0x200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 7483, 230},
	{0x4000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5606, 18}, {0x40000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5624, 9},
	{0x10000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5633, 45}, {0x100000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5678, 7},
	{0x80000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5685, 39}, {0x20000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5724, 16},
	{0x2000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5740, 57}, {0x4000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5797, 10},
	{0x0, 0x0, 0x3ffff, 0x40008, 0xffffffff, 5807, 48}, {0x80000, 0x0, 0x3ffff, 0x0, 0x40008, 5807, 48},
	{0x400200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5855, 9}, {0x400000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5864, 9},
	{0x800000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5873, 66}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 5939, 851},
	{0x0, 0x200000, 0x33fff, 0x0, 0xffffffff, 6790, 112}, {0x0, 0x200000, 0x0c000, 0x0, 0xffffffff, 6902, 112},
	{0x0, 0x200000, 0x3ffff, 0x0, 0xffffffff, 7014, 61}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7075, 2},
	/* containers, enforce */
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7713, 54}, {0x0, 0x0, 0x00004, 0x0, 0xffffffff, 53, 69},
	{0x0, 0x0, 0x00010, 0x0, 0xffffffff, 122, 54}, {0x0, 0x0, 0x00080, 0x0, 0xffffffff, 176, 76},
	{0x0, 0x0, 0x08000, 0x0, 0xffffffff, 252, 53}, {0x0, 0x0, 0x00200, 0x0, 0xffffffff, 305, 76},
	{0x0, 0x0, 0x00100, 0x0, 0xffffffff, 381, 82}, {0x0, 0x0, 0x00400, 0x0, 0xffffffff, 463, 82},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 583, 13}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 596, 4221},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7767, 282}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 8049, 83},
	{0x0, 0x0, 0x02000, 0x0, 0xffffffff, 5070, 14}, {0x0, 0x0, 0x02018, 0x0, 0xffffffff, 5084, 19},
	{0x0, 0x0, 0x00018, 0x0, 0xffffffff, 5103, 77}, {0x0, 0x0, 0x00004, 0x0, 0xffffffff, 5180, 13},
	{0x0, 0x0, 0x00006, 0x0, 0xffffffff, 5193, 13}, {0x0, 0x0, 0x0c000, 0x0, 0xffffffff, 5206, 64},
	{0x0, 0x0, 0x10000, 0x0, 0xffffffff, 5270, 21}, {0x4, 0x0, 0x3ffff, 0x0, 0xffffffff, 5291, 20},
	{0x8000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5311, 6}, {0x200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 8132, 72},
	{0x4000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5606, 18}, {0x40000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5624, 9},
	{0x10000, 0x0, 0x3ffff, 0x0, 0xffffffff, 8204, 60}, {0x100000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5678, 7},
	{0x80000, 0x0, 0x3ffff, 0x0, 0xffffffff, 8264, 25}, {0x20000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5724, 16},
	{0x2000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5740, 57}, {0x4000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5797, 10},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 8289, 668}, {0x0, 0x20000000, 0x3ffff, 0x0, 0xffffffff, 8957, 390},
	{0x20000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 9347, 98}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 9445, 399},
	{0x0, 0x4, 0x3ffff, 0x0, 0xffffffff, 5291, 20}, {0x0, 0x200000, 0x3ffff, 0x0, 0xffffffff, 8132, 72},
	{0x0, 0x40000, 0x3ffff, 0x0, 0xffffffff, 5624, 9}, {0x0, 0x10000, 0x3ffff, 0x0, 0xffffffff, 8204, 60},
	{0x0, 0x100000, 0x3ffff, 0x0, 0xffffffff, 5678, 7}, {0x0, 0x80000, 0x3ffff, 0x0, 0xffffffff, 8264, 25},
	{0x0, 0x20000, 0x3ffff, 0x0, 0xffffffff, 5724, 16}, {0x0, 0x2000000, 0x3ffff, 0x0, 0xffffffff, 5740, 57},
	{0x0, 0x4000000, 0x3ffff, 0x0, 0xffffffff, 5797, 10}, {0x0, 0x8000200000, 0x3ffff, 0x0, 0xffffffff, 5311, 6},
	{0x0, 0x4000200000, 0x3ffff, 0x0, 0xffffffff, 5606, 18}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 9844, 43},
	/* containers, complain */
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7077, 31}, {0x0, 0x0, 0x00004, 0x0, 0xffffffff, 53, 69},
	{0x0, 0x0, 0x00010, 0x0, 0xffffffff, 122, 54}, {0x0, 0x0, 0x00080, 0x0, 0xffffffff, 176, 76},
	{0x0, 0x0, 0x08000, 0x0, 0xffffffff, 252, 53}, {0x0, 0x0, 0x00200, 0x0, 0xffffffff, 305, 76},
	{0x0, 0x0, 0x00100, 0x0, 0xffffffff, 381, 82}, {0x0, 0x0, 0x00400, 0x0, 0xffffffff, 463, 82},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 583, 13}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 596, 4221},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7767, 282}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 8049, 83},
	{0x0, 0x0, 0x02000, 0x0, 0xffffffff, 5070, 14}, {0x0, 0x0, 0x02018, 0x0, 0xffffffff, 5084, 19},
	{0x0, 0x0, 0x00018, 0x0, 0xffffffff, 5103, 77}, {0x0, 0x0, 0x00004, 0x0, 0xffffffff, 5180, 13},
	{0x0, 0x0, 0x00006, 0x0, 0xffffffff, 5193, 13}, {0x0, 0x0, 0x0c000, 0x0, 0xffffffff, 5206, 64},
	{0x0, 0x0, 0x10000, 0x0, 0xffffffff, 5270, 21}, {0x4, 0x0, 0x3ffff, 0x0, 0xffffffff, 5291, 20},
	{0x8000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5311, 6}, {0x200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 8132, 72},
	{0x4000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5606, 18}, {0x40000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5624, 9},
	{0x10000, 0x0, 0x3ffff, 0x0, 0xffffffff, 8204, 60}, {0x100000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5678, 7},
	{0x80000, 0x0, 0x3ffff, 0x0, 0xffffffff, 8264, 25}, {0x20000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5724, 16},
	{0x2000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5740, 57}, {0x4000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5797, 10},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 9887, 557}, {0x0, 0x20000000, 0x3ffff, 0x0, 0xffffffff, 10444, 139},
	{0x20000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 9347, 98}, {0x0, 0x20000000, 0x3ffff, 0x0, 0xffffffff, 10583, 842},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7075, 2},
	/* crio, enforce */
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7713, 54}, {0x0, 0x0, 0x00004, 0x0, 0xffffffff, 53, 69},
	{0x0, 0x0, 0x00010, 0x0, 0xffffffff, 122, 54}, {0x0, 0x0, 0x00080, 0x0, 0xffffffff, 176, 76},
	{0x0, 0x0, 0x08000, 0x0, 0xffffffff, 252, 53}, {0x0, 0x0, 0x00200, 0x0, 0xffffffff, 305, 76},
	{0x0, 0x0, 0x00100, 0x0, 0xffffffff, 381, 82}, {0x0, 0x0, 0x00400, 0x0, 0xffffffff, 463, 82},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 583, 13}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 596, 4221},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7767, 282}, {0x0, 0x0, 0x02000, 0x0, 0xffffffff, 5070, 14},
	{0x0, 0x0, 0x02018, 0x0, 0xffffffff, 5084, 19}, {0x0, 0x0, 0x00018, 0x0, 0xffffffff, 5103, 77},
	{0x0, 0x0, 0x00004, 0x0, 0xffffffff, 5180, 13}, {0x0, 0x0, 0x00006, 0x0, 0xffffffff, 5193, 13},
	{0x0, 0x0, 0x0c000, 0x0, 0xffffffff, 5206, 64}, {0x0, 0x0, 0x10000, 0x0, 0xffffffff, 5270, 21},
	{0x4, 0x0, 0x3ffff, 0x0, 0xffffffff, 5291, 20}, {0x8000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5311, 6},
	{0x200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 11425, 99}, {0x4000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5606, 18},
	{0x40000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5624, 9}, {0x10000, 0x0, 0x3ffff, 0x0, 0xffffffff, 8204, 60},
	{0x100000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5678, 7}, {0x80000, 0x0, 0x3ffff, 0x0, 0xffffffff, 8264, 25},
	{0x20000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5724, 16}, {0x2000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5740, 57},
	{0x4000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5797, 10}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 8289, 668},
	{0x0, 0x20000000, 0x3ffff, 0x0, 0xffffffff, 8957, 390}, {0x20000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 9347, 98},
	{0x0, 0x200000, 0x33fff, 0x0, 0xffffffff, 6790, 112}, {0x0, 0x200000, 0x0c000, 0x0, 0xffffffff, 6902, 112},
	{0x0, 0x200000, 0x33fff, 0x0, 0xffffffff, 11524, 599}, {0x0, 0x200000, 0x0c000, 0x0, 0xffffffff, 12123, 599},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 9445, 399}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 12722, 56},
	{0x0, 0x4, 0x3ffff, 0x0, 0xffffffff, 5291, 20}, {0x0, 0x200000, 0x3ffff, 0x0, 0xffffffff, 8132, 72},
	{0x0, 0x40000, 0x3ffff, 0x0, 0xffffffff, 5624, 9}, {0x0, 0x10000, 0x3ffff, 0x0, 0xffffffff, 8204, 60},
	{0x0, 0x100000, 0x3ffff, 0x0, 0xffffffff, 5678, 7}, {0x0, 0x80000, 0x3ffff, 0x0, 0xffffffff, 8264, 25},
	{0x0, 0x20000, 0x3ffff, 0x0, 0xffffffff, 5724, 16}, {0x0, 0x2000000, 0x3ffff, 0x0, 0xffffffff, 5740, 57},
	{0x0, 0x4000000, 0x3ffff, 0x0, 0xffffffff, 5797, 10}, {0x0, 0x8000200000, 0x3ffff, 0x0, 0xffffffff, 5311, 6},
	{0x0, 0x4000200000, 0x3ffff, 0x0, 0xffffffff, 5606, 18}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 9844, 43},
	/* crio, complain */
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7077, 31}, {0x0, 0x0, 0x00004, 0x0, 0xffffffff, 53, 69},
	{0x0, 0x0, 0x00010, 0x0, 0xffffffff, 122, 54}, {0x0, 0x0, 0x00080, 0x0, 0xffffffff, 176, 76},
	{0x0, 0x0, 0x08000, 0x0, 0xffffffff, 252, 53}, {0x0, 0x0, 0x00200, 0x0, 0xffffffff, 305, 76},
	{0x0, 0x0, 0x00100, 0x0, 0xffffffff, 381, 82}, {0x0, 0x0, 0x00400, 0x0, 0xffffffff, 463, 82},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 583, 13}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 596, 4221},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7767, 282}, {0x0, 0x0, 0x02000, 0x0, 0xffffffff, 5070, 14},
	{0x0, 0x0, 0x02018, 0x0, 0xffffffff, 5084, 19}, {0x0, 0x0, 0x00018, 0x0, 0xffffffff, 5103, 77},
	{0x0, 0x0, 0x00004, 0x0, 0xffffffff, 5180, 13}, {0x0, 0x0, 0x00006, 0x0, 0xffffffff, 5193, 13},
	{0x0, 0x0, 0x0c000, 0x0, 0xffffffff, 5206, 64}, {0x0, 0x0, 0x10000, 0x0, 0xffffffff, 5270, 21},
	{0x4, 0x0, 0x3ffff, 0x0, 0xffffffff, 5291, 20}, {0x8000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5311, 6},
	{0x200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 11425, 99}, {0x4000200000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5606, 18},
	{0x40000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5624, 9}, {0x10000, 0x0, 0x3ffff, 0x0, 0xffffffff, 8204, 60},
	{0x100000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5678, 7}, {0x80000, 0x0, 0x3ffff, 0x0, 0xffffffff, 8264, 25},
	{0x20000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5724, 16}, {0x2000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5740, 57},
	{0x4000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 5797, 10}, {0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 9887, 557},
	{0x0, 0x20000000, 0x3ffff, 0x0, 0xffffffff, 10444, 139}, {0x20000000, 0x0, 0x3ffff, 0x0, 0xffffffff, 9347, 98},
	{0x0, 0x20000000, 0x3ffff, 0x0, 0xffffffff, 10583, 842}, {0x0, 0x200000, 0x33fff, 0x0, 0xffffffff, 6790, 112},
	{0x0, 0x200000, 0x0c000, 0x0, 0xffffffff, 6902, 112}, {0x0, 0x200000, 0x3ffff, 0x0, 0xffffffff, 7014, 61},
	{0x0, 0x0, 0x3ffff, 0x0, 0xffffffff, 7075, 2},
};

const struct profile_flavor_data profile_flavors[PROFILE_FLAVORS] = {
	[PROFILE_MOBY] = {
		"moby", "moby/profiles cd3bed8 (seccomp/v0.2.3)", "2026-06-30",
		{{0, 40}, {40, 40}}, false,
	},
	[PROFILE_CONTAINERD] = {
		"containerd", "containerd/containerd 301026e (2.3.4)", "2026-08-22",
		{{80, 38}, {118, 38}}, false,
	},
	[PROFILE_CONTAINERS] = {
		"containers", "containers/container-libs 9869b8f (common/v0.68.0)", "2026-06-12",
		{{156, 46}, {202, 35}}, true,
	},
	[PROFILE_CRIO] = {
		"crio", "cri-o/cri-o f954a17 (containers-common 0.66.2)", "2026-08-21",
		{{237, 50}, {287, 37}}, true,
	},
};

_Static_assert(50 <= PROFILE_MAX_PIECES, "more pieces than a resolved profile may have");
_Static_assert(PROFILE_ARCHES == 18 && PROFILE_FLAVORS == 4, "src/profiles/ knows others");
