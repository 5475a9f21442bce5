/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can a process that a filter holds back from keyctl(2) by TRACE or NOTIFY have it run all the
 * same, by itself? Prints the errno of a keyctl(2) that the kernel does not know (EOPNOTSUPP when
 * it runs): "alone", "traced" by the parent, and "listened" to by a filter of its own.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *how)
{
	printf("%s=%d\n", how, syscall(SYS_keyctl, 9999) < 0 ? errno : 0);
	fflush(stdout);
}

static void be_traced(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		show("traced");
		_exit(0);
	}
	waitpid(pid, &status, 0);
	ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL);
	do
		ptrace(PTRACE_CONT, pid, 0, 0);
	while (waitpid(pid, &status, 0) == pid && !WIFEXITED(status) && !WIFSIGNALED(status));
}

static void *let_continue(void *listener)
{
	for (;;) {
		struct seccomp_notif call;
		struct seccomp_notif_resp answer = {.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};

		memset(&call, 0, sizeof(call));
		if (ioctl(*(int *)listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
			return NULL;
		answer.id = call.id;
		if (ioctl(*(int *)listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) < 0)
			return NULL;
	}
}

static void be_listened_to(void)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_keyctl, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {sizeof(program) / sizeof(program[0]), program};
	static int listener;
	pthread_t thread;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
	if (listener < 0)
		printf("listened=%d\n", -errno);
	else if (pthread_create(&thread, NULL, let_continue, &listener) != 0)
		printf("listened=no thread\n");
	else
		show("listened");
}

int main(void)
{
	show("alone");
	be_traced();
	be_listened_to();
	return 0;
}
