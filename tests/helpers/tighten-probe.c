/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process in a container may do of what restrictions are about: for each call its errno, 0
 * for success. Those whose names begin with i386 go through int 0x80, so that the kernel takes them
 * for calls of a 32-bit program.
 */
#include <errno.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef AF_ALG
#define AF_ALG 38
#endif
#define HIGH (long)(1ULL << 32) /* none where long is that short */

/* The container must not change by being looked at: arguments are such that the kernel fails or
 * forgets at once. */
static const struct {
	const char *name;
	long number, args[5];
} calls[] = {
	{"alg", SYS_socket, {AF_ALG, SOCK_SEQPACKET, 0}},
	{"alg-high", SYS_socket, {HIGH | AF_ALG, SOCK_SEQPACKET, 0}},
	{"vsock", SYS_socket, {AF_VSOCK, SOCK_STREAM, 0}},
	{"vsock-high", SYS_socket, {HIGH | AF_VSOCK, SOCK_STREAM, 0}},
	{"alg-pair", SYS_socketpair, {AF_ALG, SOCK_SEQPACKET, 0}},
	{"inet", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
	{"inet6", SYS_socket, {AF_INET6, SOCK_DGRAM, 0}},
	{"unix", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
	{"netlink", SYS_socket, {AF_NETLINK, SOCK_RAW, 0}},
	{"clone3", SYS_clone3, {0, 0}},
	{"io_uring_setup", SYS_io_uring_setup, {0, 0}},
	{"keyctl", SYS_keyctl, {9999}},
	{"add_key", SYS_add_key, {0, 0, 0}},
	{"bpf", SYS_bpf, {9999, 0, 0}},
	{"ptrace", SYS_ptrace, {PTRACE_CONT, 0, 0, 0}},
};

static void show(const char *name, long result)
{
	printf("%s=%d\n", name, result < 0 ? errno : 0);
}

/* A child that ends at once. */
static long clone_child(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid((pid_t)pid, NULL, 0);
	return pid;
}

/* unshare(2), in a child, as what follows would be done by another user. */
static long unshare_in_child(long (*unshare_it)(unsigned long flags), unsigned long flags)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(unshare_it(flags) < 0 ? errno : 0);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return -1;
	errno = WEXITSTATUS(status);
	return errno != 0 ? -1 : 0;
}

static long native_unshare(unsigned long flags)
{
	return syscall(SYS_unshare, flags);
}

static void *thread(void *arg)
{
	return arg;
}

static long run_thread(void)
{
	static int mark;
	void *result = NULL;
	pthread_t id;

	errno = pthread_create(&id, NULL, thread, &mark);
	if (errno != 0 || pthread_join(id, &result) != 0)
		return -1;
	return result == &mark ? 0 : -1;
}

#ifdef __x86_64__
static long call32(long number, uint32_t a, uint32_t b, uint32_t c)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c)
			 : "memory", "r8", "r9", "r10", "r11");
	errno = result < 0 ? (int)-result : 0;
	return result < 0 ? -1 : result;
}

static long i386_unshare(unsigned long flags)
{
	return call32(310, (uint32_t)flags, 0, 0);
}

static void show_i386(void)
{
	uint32_t *args = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (args == MAP_FAILED)
		return;
	args[0] = AF_ALG;
	args[1] = SOCK_SEQPACKET;
	show("i386-getpid", call32(20, 0, 0, 0));
	show("i386-alg", call32(359, AF_ALG, SOCK_SEQPACKET, 0));
	show("i386-inet", call32(359, AF_INET, SOCK_STREAM, 0));
	show("i386-socketcall-alg", call32(102, 1, (uint32_t)(uintptr_t)args, 0));
	args[0] = AF_INET;
	args[1] = SOCK_STREAM;
	show("i386-socketcall-inet", call32(102, 1, (uint32_t)(uintptr_t)args, 0));
	show("i386-unshare", unshare_in_child(i386_unshare, CLONE_NEWUSER));
}
#else
static void show_i386(void)
{
}
#endif

int main(void)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		const long *a = calls[i].args;

		show(calls[i].name, syscall(calls[i].number, a[0], a[1], a[2], a[3], a[4]));
	}
	show("unshare", unshare_in_child(native_unshare, CLONE_NEWUSER));
	show("unshare-files", unshare_in_child(native_unshare, CLONE_FILES));
	show("fork", clone_child(0));
	show("clone-newuser", clone_child(CLONE_NEWUSER));
	show("thread", run_thread());
	show_i386();
	return 0;
}
