/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seccomp filter that a process runs under, as struct sock_filter on stdout. usage: filter-dump
 * PID [INDEX] INDEX 0, the default, is the filter loaded last. Needs CAP_SYS_ADMIN and
 * CONFIG_CHECKPOINT_RESTORE.
 */
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

int main(int argc, char **argv)
{
	static struct sock_filter insns[BPF_MAXINSNS];
	pid_t pid = argc > 1 ? atoi(argv[1]) : 0;
	long index = argc > 2 ? atol(argv[2]) : 0;
	int status;
	long n;

	if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0 || ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0 ||
	    waitpid(pid, &status, __WALL) != pid) {
		perror("filter-dump: stopping the process");
		return 1;
	}
	n = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, index, insns);
	if (n < 0)
		perror("filter-dump: PTRACE_SECCOMP_GET_FILTER");
	ptrace(PTRACE_DETACH, pid, 0, 0);
	if (n <= 0)
		return 1;
	return fwrite(insns, sizeof(insns[0]), (size_t)n, stdout) == (size_t)n ? 0 : 1;
}
