/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A runtime as live injection sees one, that does what real ones never do: it forks an init that
 * waits in a mount namespace of its own, runs a hook with the OCI state, and lets init go when the
 * hook has succeeded.
 *
 * usage: pretend-runtime MODE WITNESS FILE HOOK [ARG...]
 * Init then does what MODE says and, if it lives, executes WITNESS with FILE. Exit status: 1 the
 * hook failed, init was not let go and is killed; 2 an error of our own; 100 + N init was killed by
 * signal N; otherwise init's status.
 */
#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char **witness; /* argv of the program that must not run unconfined */

static void run_witness(void)
{
	execv(witness[0], witness);
	_exit(3);
}

static void *exec_in_thread(void *unused)
{
	run_witness();
	return unused;
}

static void *spin(void *unused)
{
	for (;;)
		usleep(1000);
	return unused;
}

static void start_thread(void *(*body)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, NULL) != 0)
		_exit(2);
}

static void mode_plain(void)
{
	prctl(PR_CAPBSET_DROP, 0, 0, 0, 0);
}

static void mode_keepcaps(void)
{
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
}

static void mode_capset(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];

	syscall(SYS_capget, &head, data);
	syscall(SYS_capset, &head, data);
}

static void mode_none(void)
{
}

static void mode_thread_exec(void)
{
	start_thread(exec_in_thread);
	for (;;)
		pause();
}

static volatile int released;

static void *exec_when_released(void *unused)
{
	while (!released)
		usleep(1000);
	run_witness();
	return unused;
}

/* A thread that was there before the filter and executes the program after it. */
static void mode_late_thread_exec(void)
{
	start_thread(exec_when_released);
	mode_plain();
	/* Until nobody traces us. */
	usleep(50000);
	released = 1;
	for (;;)
		pause();
}

static void mode_many_threads(void)
{
	for (int i = 0; i < 40; i++)
		start_thread(spin);
	mode_plain();
	for (int i = 0; i < 10; i++)
		start_thread(spin);
}

static void mode_unprivileged(void)
{
	if (setresuid(1000, 1000, 1000) < 0)
		_exit(2);
}

static void mode_no_new_privs(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	mode_unprivileged();
}

static void mode_no_memory(void)
{
	struct rlimit none = {4096, 4096};

	setrlimit(RLIMIT_AS, &none);
}

static void mode_die(void)
{
	_exit(7);
}

static void mode_foreign_abi(void)
{
#if defined(__x86_64__)
	long r;

	/* getpid of i386 */
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
#else
	_exit(77);
#endif
}

static volatile sig_atomic_t handled;

static void handler(int unused)
{
	(void)unused;
	handled++;
	(void)!write(-1, "", 0);
}

/* As Go's runtime does it: signals at every moment, whose handlers make system calls. */
static void mode_signals(void)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
	pid_t self = getpid();
	pid_t pest;

	sigaction(SIGURG, &action, NULL);
	pest = fork();
	if (pest == 0)
		for (;;)
			if (kill(self, SIGURG) < 0)
				_exit(0);
	while (handled < 100)
		sched_yield();
	mode_plain();
	while (handled < 200)
		sched_yield();
	kill(pest, SIGKILL);
}

static void mode_stop(void)
{
	pid_t self = getpid();

	pid_t waker = fork();

	/* Again and again: the first may come before the stop. */
	while (waker == 0) {
		usleep(20000);
		if (kill(self, SIGCONT) < 0)
			_exit(0);
	}
	raise(SIGSTOP);
	kill(waker, SIGKILL);
	mode_plain();
}

/* A process, not a thread, that PTRACE_O_TRACECLONE attaches all the same: its exit signal is not
 * SIGCHLD. */
static void mode_clone(void)
{
	long child = syscall(SYS_clone, 0, 0, 0, 0, 0);

	if (child == 0)
		_exit(0);
	waitpid((pid_t)child, NULL, __WALL);
	mode_plain();
}

static const struct {
	const char *name;
	void (*run)(void);
} modes[] = {
	{"plain", mode_plain},
	{"keepcaps", mode_keepcaps},
	{"capset", mode_capset},
	{"none", mode_none},
	{"thread-exec", mode_thread_exec},
	{"late-thread-exec", mode_late_thread_exec},
	{"many-threads", mode_many_threads},
	{"unprivileged", mode_unprivileged},
	{"no-new-privs", mode_no_new_privs},
	{"no-memory", mode_no_memory},
	{"die", mode_die},
	{"foreign-abi", mode_foreign_abi},
	{"signals", mode_signals},
	{"stop", mode_stop},
	{"clone", mode_clone},
};

static void container_init(const char *mode, int go, int ready)
{
	char c;

	if (unshare(CLONE_NEWNS) < 0)
		_exit(2);
	close(ready);
	while (read(go, &c, 1) < 0 && errno == EINTR)
		;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].name, mode) == 0) {
			modes[i].run();
			run_witness();
		}
	_exit(2);
}

static int run_hook(char **argv, pid_t pid)
{
	char state[128];
	int in[2], status;
	pid_t child;

	if (pipe(in) < 0)
		return -1;
	child = fork();
	if (child == 0) {
		dup2(in[0], 0);
		close(in[0]);
		close(in[1]);
		execv(argv[0], argv);
		_exit(127);
	}
	close(in[0]);
	snprintf(state, sizeof(state), "{\"ociVersion\":\"1.0.2\",\"id\":\"x\",\"pid\":%d}",
		 (int)pid);
	/* A hook need not read it. */
	signal(SIGPIPE, SIG_IGN);
	(void)!write(in[1], state, strlen(state));
	signal(SIGPIPE, SIG_DFL);
	close(in[1]);
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(int argc, char **argv)
{
	int go[2], ready[2], status;
	char c;
	pid_t child;

	if (argc < 5 || pipe(go) < 0 || pipe(ready) < 0)
		return 2;
	witness = (char *[]){argv[2], argv[3], NULL};
	child = fork();
	if (child == 0) {
		close(go[1]);
		container_init(argv[1], go[0], ready[1]);
	}
	/* Until it has its namespace. */
	close(ready[1]);
	while (read(ready[0], &c, 1) < 0 && errno == EINTR)
		;
	if (run_hook(argv + 4, child) != 0) {
		/* What a runtime does, but it says so only if init was left alive until now. */
		status = waitpid(child, NULL, WNOHANG) == child ? 4 : 1;
		kill(child, SIGKILL);
		return status;
	}
	close(go[0]);
	(void)!write(go[1], "", 1);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? 100 + WTERMSIG(status) : WEXITSTATUS(status);
}
