/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waits in every kind of call that waits, and tells what came of it; for tests of what is done to
 * it meanwhile.
 *
 * blocked all: a process for each kind. Prints "ready" when all wait, reads a line from standard
 * input ("begin") just before something is done to them, another one behind it, lets all go that
 * wait for an event, and prints for each "NAME result errno" with "early" or "late" where a
 * time-out ended before its time or began anew, and "unshare=ERRNO". blocked threads: the same with
 * 50 threads of one process, in those kinds that threads can share. blocked NAME: one kind alone.
 * blocked forks, chain, storm, rseq, vector, burn, signals, headless, late, odd: see there.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECONDS 3
#define KINDS 64

static volatile sig_atomic_t handled;

/* Shared by all processes. */
static struct shared {
	double begin; /* when the first line was read */
	int futex[KINDS];
} * shared;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void handler(int sig)
{
	(void)sig;
	handled++;
}

static void catch (int flags)
{
	struct sigaction sa = {.sa_handler = handler, .sa_flags = flags};

	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGALRM, &sa, NULL);
}

/* ---- the kinds: wait on `fd`, which is readable when all go on, or in whatever it is ---- */

static long k_read(int fd, int i)
{
	char c;

	(void)i;
	return read(fd, &c, 1);
}

static long k_poll(int fd, int i)
{
	struct pollfd p = {fd, POLLIN, 0};

	(void)i;
	return poll(&p, 1, -1);
}

static long k_ppoll(int fd, int i)
{
	struct pollfd p = {fd, POLLIN, 0};

	(void)i;
	return ppoll(&p, 1, NULL, NULL);
}

static long k_select(int fd, int i)
{
	fd_set set;

	(void)i;
	FD_ZERO(&set);
	FD_SET(fd, &set);
	return select(fd + 1, &set, NULL, NULL, NULL);
}

static long k_epoll(int fd, int i)
{
	struct epoll_event e = {.events = EPOLLIN};
	int ep = epoll_create1(0);

	(void)i;
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
	return epoll_wait(ep, &e, 1, -1);
}

static long k_futex(int fd, int i)
{
	(void)fd;
	return syscall(SYS_futex, &shared->futex[i], FUTEX_WAIT, 0, NULL, NULL, 0);
}

static long k_pause(int fd, int i)
{
	(void)fd;
	(void)i;
	catch (0);
	return pause();
}

static long k_sigsuspend(int fd, int i)
{
	sigset_t none;
	long r;

	(void)fd;
	(void)i;
	sigemptyset(&none);
	r = sigsuspend(&none);
	/* The mask of before has to be there again. */
	sigprocmask(SIG_BLOCK, NULL, &none);
	return sigismember(&none, SIGUSR2) ? r : 99;
}

static long k_sigwait(int fd, int i)
{
	sigset_t set;

	(void)fd;
	(void)i;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 8);
}

static long k_wait4(int fd, int i)
{
	pid_t child = fork();

	if (child == 0)
		_exit(k_read(fd, i) == 1 ? 7 : 8);
	int status = 0;
	long r = wait4(child, &status, 0, NULL);

	return r == child ? WEXITSTATUS(status) : r;
}

static long k_waitid(int fd, int i)
{
	pid_t child = fork();
	siginfo_t info;

	if (child == 0)
		_exit(k_read(fd, i) == 1 ? 7 : 8);
	return waitid(P_PID, (id_t)child, &info, WEXITED) == 0 ? info.si_status : -1;
}

static long k_vfork(int fd, int i)
{
	pid_t child = vfork();

	(void)i;
	if (child == 0) {
		char c;

		(void)!read(fd, &c, 1);
		_exit(0);
	}
	return child > 0 ? waitpid(child, NULL, 0) == child : -1;
}

static long k_accept(int fd, int i)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	socklen_t n = sizeof(a);
	int s = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t child;
	long r;

	/* A name that is nobody's: containers may share a network namespace, where threads of two
	 * have the same number. */
	bind(s, (struct sockaddr *)&a, sizeof(a.sun_family));
	getsockname(s, (struct sockaddr *)&a, &n);
	listen(s, 1);
	child = fork();
	if (child == 0) {
		int c = socket(AF_UNIX, SOCK_STREAM, 0);

		k_read(fd, i);
		connect(c, (struct sockaddr *)&a, n);
		_exit(0);
	}
	r = accept(s, NULL, NULL);
	return r > 0;
}

static long k_recvmsg(int fd, int i)
{
	char c;
	struct iovec v = {&c, 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	int pair[2];

	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	if (fork() == 0) {
		k_read(fd, i);
		(void)!write(pair[1], "x", 1);
		_exit(0);
	}
	return recvmsg(pair[0], &m, 0);
}

static long k_msgrcv(int fd, int i)
{
	struct {
		long type;
		char text[8];
	} m = {1, "x"};
	int q = msgget(IPC_PRIVATE, 0600);
	long r;

	if (fork() == 0) {
		k_read(fd, i);
		msgsnd(q, &m, 1, 0);
		_exit(0);
	}
	r = msgrcv(q, &m, 8, 0, 0);
	msgctl(q, IPC_RMID, NULL);
	return r;
}

static long semaphore(int fd, int i, const struct timespec *limit)
{
	struct sembuf down = {0, -1, 0}, up = {0, 1, 0};
	int s = semget(IPC_PRIVATE, 1, 0600);
	long r;

	if (limit == NULL && fork() == 0) {
		k_read(fd, i);
		semop(s, &up, 1);
		_exit(0);
	}
	r = limit != NULL ? semtimedop(s, &down, 1, limit) : semop(s, &down, 1);
	semctl(s, 0, IPC_RMID);
	return r;
}

static long k_semop(int fd, int i)
{
	return semaphore(fd, i, NULL);
}

static long locked(int fd, int i, int with_flock)
{
	int own = memfd_create("blocked", 0), other;
	struct flock lock = {.l_type = F_WRLCK};
	char path[64];
	int ready[2];
	char c;

	(void)!pipe(ready);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", own);
	if (fork() == 0) {
		other = open(path, O_RDWR);
		if (with_flock)
			flock(other, LOCK_EX);
		else
			fcntl(other, F_SETLK, &lock);
		(void)!write(ready[1], "x", 1);
		k_read(fd, i);
		_exit(0);
	}
	(void)!read(ready[0], &c, 1);
	return with_flock ? flock(own, LOCK_EX) : fcntl(own, F_SETLKW, &lock);
}

static long k_flock(int fd, int i)
{
	return locked(fd, i, 1);
}

static long k_fcntl(int fd, int i)
{
	return locked(fd, i, 0);
}

static long k_eventfd(int fd, int i)
{
	int e = eventfd(0, 0);
	uint64_t n = 5;

	if (fork() == 0) {
		k_read(fd, i);
		(void)!write(e, &n, 8);
		_exit(0);
	}
	n = 0;
	(void)!read(e, &n, 8);
	return (long)n;
}

static long k_signalfd(int fd, int i)
{
	struct signalfd_siginfo info;
	sigset_t set;

	(void)fd;
	(void)i;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return read(signalfd(-1, &set, 0), &info, sizeof(info)) == sizeof(info);
}

/* With a time-out. */

static const struct timespec limit = {SECONDS, 0};

static long k_nanosleep(int fd, int i)
{
	(void)fd;
	(void)i;
	return nanosleep(&limit, NULL);
}

static long k_clock_nanosleep(int fd, int i)
{
	(void)fd;
	(void)i;
	return clock_nanosleep(CLOCK_MONOTONIC, 0, &limit, NULL);
}

static long k_clock_absolute(int fd, int i)
{
	struct timespec t;

	(void)fd;
	(void)i;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += SECONDS;
	return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static long k_futex_timeout(int fd, int i)
{
	int word = 0;

	(void)fd;
	(void)i;
	return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &limit, NULL, 0);
}

static long k_poll_timeout(int fd, int i)
{
	(void)fd;
	(void)i;
	return poll(NULL, 0, SECONDS * 1000);
}

static long k_ppoll_timeout(int fd, int i)
{
	(void)fd;
	(void)i;
	return ppoll(NULL, 0, &limit, NULL);
}

static long k_select_timeout(int fd, int i)
{
	struct timeval t = {SECONDS, 0};

	(void)fd;
	(void)i;
	return select(0, NULL, NULL, NULL, &t);
}

static long k_alarm(int fd, int i)
{
	(void)fd;
	(void)i;
	catch (0);
	alarm(SECONDS);
	return pause();
}

/* What any stop cuts short, and nobody can mend: the time that is left is not known. */

static long k_epoll_timeout(int fd, int i)
{
	struct epoll_event e;

	(void)fd;
	(void)i;
	return epoll_wait(epoll_create1(0), &e, 1, SECONDS * 1000);
}

static long k_sigwait_timeout(int fd, int i)
{
	sigset_t set;

	(void)fd;
	(void)i;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return syscall(SYS_rt_sigtimedwait, &set, NULL, &limit, 8);
}

static long k_semop_timeout(int fd, int i)
{
	return semaphore(fd, i, &limit);
}

enum { TIMED = 1, SIGNALED = 2, THREADS = 4 };

static const struct kind {
	const char *name;
	long (*wait)(int fd, int i);
	int flags;
} kinds[] = {
	{"read", k_read, THREADS},
	{"poll", k_poll, THREADS},
	{"ppoll", k_ppoll, THREADS},
	{"select", k_select, THREADS},
	{"epoll", k_epoll, THREADS},
	{"futex", k_futex, THREADS},
	{"pause", k_pause, SIGNALED},
	{"sigsuspend", k_sigsuspend, SIGNALED},
	{"sigwait", k_sigwait, SIGNALED},
	{"wait4", k_wait4, 0},
	{"waitid", k_waitid, 0},
	{"vfork", k_vfork, 0},
	{"accept", k_accept, THREADS},
	{"recvmsg", k_recvmsg, THREADS},
	{"msgrcv", k_msgrcv, THREADS},
	{"semop", k_semop, THREADS},
	{"flock", k_flock, THREADS},
	{"fcntl", k_fcntl, 0},
	{"eventfd", k_eventfd, THREADS},
	{"signalfd", k_signalfd, SIGNALED},
	{"nanosleep", k_nanosleep, TIMED | THREADS},
	{"clock_nanosleep", k_clock_nanosleep, TIMED | THREADS},
	{"clock_absolute", k_clock_absolute, TIMED | THREADS},
	{"futex_timeout", k_futex_timeout, TIMED | THREADS},
	{"poll_timeout", k_poll_timeout, TIMED | THREADS},
	{"ppoll_timeout", k_ppoll_timeout, TIMED | THREADS},
	{"select_timeout", k_select_timeout, TIMED | THREADS},
	{"alarm", k_alarm, TIMED},
	{"epoll_timeout", k_epoll_timeout, 0},
	{"sigwait_timeout", k_sigwait_timeout, 0},
	{"semop_timeout", k_semop_timeout, 0},
};
#define N_KINDS (int)(sizeof(kinds) / sizeof(kinds[0]))

static void tell(const struct kind *kind, int i, int fd)
{
	double start = now(), end;
	const char *time = "";
	char line[128];
	long r;
	int code;

	errno = 0;
	r = kind->wait(fd, i);
	code = errno;
	end = now();
	if (kind->flags & TIMED && end - start < SECONDS - 0.001)
		time = " early";
	else if (kind->flags & TIMED && end > shared->begin + SECONDS)
		time = " late";
	if (kind->flags & SIGNALED && handled > 1)
		time = " twice";
	errno = 0;
	(void)!syscall(SYS_unshare, 0x04000000 /* CLONE_NEWUTS */);
	snprintf(line, sizeof(line), "%s %ld %d%s unshare=%d\n", kind->name, r, code, time, errno);
	(void)!write(1, line, strlen(line));
}

/* ---- starting and releasing ---- */

static void wait_for_line(void)
{
	char c;

	while (read(0, &c, 1) == 1 && c != '\n')
		;
}

static void say_ready(void)
{
	/* Until all have come where they wait. */
	usleep(1000000);
	(void)!write(1, "ready\n", 6);
	wait_for_line();
	shared->begin = now();
	wait_for_line();
}

static int run_processes(const char *only)
{
	pid_t child[KINDS];
	int fds[2];

	(void)!pipe(fds);
	for (int i = 0; i < N_KINDS; i++) {
		sigset_t set;

		child[i] = 0;
		if (only != NULL && strcmp(only, kinds[i].name) != 0)
			continue;
		child[i] = fork();
		if (child[i] != 0)
			continue;
		close(fds[1]);
		catch (SA_RESTART);
		sigemptyset(&set);
		sigaddset(&set, SIGUSR2);
		if (strcmp(kinds[i].name, "pause") != 0)
			sigaddset(&set, SIGUSR1);
		sigprocmask(SIG_BLOCK, &set, NULL);
		tell(&kinds[i], i, fds[0]);
		_exit(0);
	}
	say_ready();
	for (int i = 0; i < 4 * KINDS; i++)
		(void)!write(fds[1], "x", 1);
	for (int i = 0; i < N_KINDS; i++) {
		if (child[i] == 0)
			continue;
		if (kinds[i].flags & SIGNALED)
			kill(child[i], SIGUSR1);
		shared->futex[i] = 1;
		syscall(SYS_futex, &shared->futex[i], FUTEX_WAKE, 1, NULL, NULL, 0);
	}
	for (int i = 0; i < N_KINDS; i++)
		if (child[i] != 0)
			waitpid(child[i], NULL, 0);
	return 0;
}

struct thread {
	int i, fd;
};

static void *run_thread(void *arg)
{
	const struct thread *t = arg;

	tell(&kinds[t->i], t->i, t->fd);
	return NULL;
}

static int run_threads(void)
{
	static struct thread thread[50];
	pthread_t id[50];
	int fds[2], n = 0;

	(void)!pipe(fds);
	catch (SA_RESTART);
	for (int i = 0; n < 50; i = (i + 1) % N_KINDS) {
		if (!(kinds[i].flags & THREADS))
			continue;
		thread[n] = (struct thread){i, fds[0]};
		pthread_create(&id[n], NULL, run_thread, &thread[n]);
		n++;
	}
	say_ready();
	for (int i = 0; i < 4 * KINDS; i++)
		(void)!write(fds[1], "x", 1);
	for (int i = 0; i < N_KINDS; i++) {
		shared->futex[i] = 1;
		syscall(SYS_futex, &shared->futex[i], FUTEX_WAKE, 50, NULL, NULL, 0);
	}
	for (int i = 0; i < n; i++)
		pthread_join(id[i], NULL);
	return 0;
}

/* ---- what does not wait ---- */

static volatile sig_atomic_t over;

static void end(int sig)
{
	(void)sig;
	over = 1;
}

/* A chain of processes of which each makes the next and ends: nothing but freezing catches it. With
 * SIGUSR1 to the first process it ends, and the last one tells what it may. */
static int run_chain(void)
{
	pid_t first = getpid(), next;
	int ended[2];
	char c;

	(void)!pipe(ended);
	signal(SIGUSR1, end);
	next = fork();
	if (next > 0) {
		close(ended[1]);
		(void)!write(1, "ready\n", 6);
		while (!over)
			pause();
		shared->futex[0] = 1;
		(void)!read(ended[0], &c, 1);
		return 0;
	}
	signal(SIGCHLD, SIG_IGN);
	while (!shared->futex[0]) {
		for (volatile int i = 0; i < 20000; i++)
			;
		next = fork();
		if (next != 0)
			_exit(0);
	}
	(void)first;
	errno = 0;
	(void)!syscall(SYS_unshare, 0x04000000);
	printf("unshare=%d\n", errno);
	fflush(stdout);
	return 0;
}

/* Waits for a line, with the first thread gone. */
static void *run_beheaded(void *unused)
{
	char text[512] = "";
	char c;

	while (strstr(text, ") Z ") == NULL) {
		int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

		(void)!read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	(void)!write(1, "ready\n", 6);
	(void)!read(0, &c, 1);
	errno = 0;
	(void)!syscall(SYS_unshare, 0x04000000);
	dprintf(1, "unshare=%d\n", errno);
	_exit(0);
	return unused;
}

/* The first thread ends, another goes on. */
static int run_headless(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_beheaded, NULL) == 0)
		syscall(SYS_exit, 0);
	return 6;
}

/* The same in a child. */
static int run_headless_child(void)
{
	if (fork() == 0)
		return run_headless();
	return wait(NULL) < 0;
}

/* A process that is in vfork for so many seconds, and then waits. */
static void in_vfork(unsigned int seconds, unsigned int then)
{
	if (fork() != 0)
		return;
	if (vfork() == 0) {
		sleep(seconds);
		_exit(0);
	}
	if (then > 0)
		in_vfork(then, 0);
	for (;;)
		pause();
}

/* What cannot be stopped for a while; one begins another of its kind while the other still is. */
static int run_late(void)
{
	signal(SIGUSR1, end);
	in_vfork(1, 2);
	in_vfork(2, 0);
	(void)!write(1, "ready\n", 6);
	while (!over)
		pause();
	errno = 0;
	(void)!syscall(SYS_unshare, 0x04000000);
	dprintf(1, "unshare=%d\n", errno);
	_exit(0);
}

/* A tree of processes that grows and shrinks. */
static int run_forks(void)
{
	signal(SIGUSR1, end);
	(void)!write(1, "ready\n", 6);
	while (!over) {
		pid_t child = fork();

		if (child == 0) {
			if (fork() == 0) {
				usleep(3000);
				_exit(0);
			}
			usleep(1000);
			_exit(0);
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		usleep(200);
	}
	errno = 0;
	(void)!syscall(SYS_unshare, 0x04000000);
	printf("unshare=%d\n", errno);
	return 0;
}

/* Children that are killed wherever they are, in the middle of an exec too. */
static int run_killed(char **argv)
{
	unsigned int after = 1;

	if (argv[2] != NULL)
		for (;;)
			pause();
	signal(SIGUSR1, end);
	(void)!write(1, "ready\n", 6);
	while (!over) {
		pid_t children[4];

		for (size_t i = 0; i < 4; i++) {
			children[i] = fork();
			if (children[i] == 0) {
				execl("/proc/self/exe", argv[0], "killed", "child", NULL);
				_exit(6);
			}
		}
		for (size_t i = 0; i < 4; i++) {
			after = after * 1103515245 + 12345;
			usleep(after >> 16 & 1023);
			kill(children[i], SIGKILL);
			waitpid(children[i], NULL, 0);
		}
	}
	errno = 0;
	(void)!syscall(SYS_unshare, 0x04000000);
	dprintf(1, "unshare=%d\n", errno);
	_exit(0);
}

static void *short_life(void *arg)
{
	return arg;
}

/* Threads that come and go. */
static int run_storm(void)
{
	long n = 0;

	signal(SIGUSR1, end);
	(void)!write(1, "ready\n", 6);
	while (!over) {
		pthread_t id[8];
		void *back;

		for (long i = 0; i < 8; i++)
			if (pthread_create(&id[i], NULL, short_life, (void *)(n + i)) != 0)
				_exit(3);
		for (long i = 0; i < 8; i++)
			if (pthread_join(id[i], &back) != 0 || (long)back != n + i)
				_exit(4);
		n += 8;
	}
	printf("threads=%ld\n", n);
	return 0;
}

#if defined(__aarch64__)
void come_back(void);
__asm__(".text\n"
	"come_back:\n"
	"	mov	x8, #139\n" /* rt_sigreturn */
	"	svc	#0\n");

/* C libraries let handlers return through the vDSO here, which may be what cannot be executed. */
static void catch_end(void)
{
	const struct {
		void (*handler)(int sig);
		unsigned long flags;
		void (*restorer)(void);
		unsigned long mask;
	} sa = {end, SA_RESTART | 0x04000000 /* SA_RESTORER */, come_back, 0};

	if (syscall(SYS_rt_sigaction, SIGUSR1, &sa, NULL, sizeof(sa.mask)) < 0)
		_exit(7);
}
#else
static void catch_end(void)
{
	signal(SIGUSR1, end);
}
#endif

/* Numbers that come out the same each time, in all kinds of registers. */
static int run_burn(void)
{
	double expected = 0;
	long rounds = 0;

	catch_end();
	(void)!write(1, "ready\n", 6);
	while (!over) {
		double a = 1.25, b = 0.5;
		uint64_t h = 1469598103934665603u;
		long double x = 1.0L;

		for (int i = 1; i < 20000; i++) {
			a = a * 1.0000001 + b / i;
			b = b + a * 1e-9;
			h = (h ^ (uint64_t)i) * 1099511628211u;
			x = x + 1.0L / i;
		}
		a += (double)(h % 1000003) + (double)x;
		if (rounds > 0 && a != expected) {
			printf("wrong after %ld\n", rounds);
			return 1;
		}
		expected = a;
		rounds++;
	}
	printf("right\n");
	return 0;
}

/* Real-time signals, which are queued: each has to arrive once, in order. */
static volatile long received, wrong;

static void count(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	if (info->si_value.sival_int != received)
		wrong++;
	received++;
}

static int run_signals(void)
{
	struct sigaction sa = {.sa_sigaction = count, .sa_flags = SA_SIGINFO};
	pid_t target = getpid(), child;
	int status;

	sigaction(SIGRTMIN, &sa, NULL);
	signal(SIGUSR1, end);
	child = fork();
	if (child == 0) {
		union sigval v = {0};

		while (!over) {
			if (sigqueue(target, SIGRTMIN, v) == 0)
				v.sival_int++;
			usleep(50);
		}
		_exit(v.sival_int & 0x7f);
	}
	(void)!write(1, "ready\n", 6);
	while (!over)
		pause();
	kill(child, SIGUSR1);
	while (waitpid(child, &status, 0) < 0)
		;
	printf("%s\n", wrong == 0 && (received & 0x7f) == WEXITSTATUS(status) && received > 0
			       ? "right"
			       : "wrong");
	return 0;
}

/* Computes in the widest vector registers that are usual: loads, a while later stores them. */
#define VECTOR_MAX 256

#if defined(__x86_64__)
static size_t vector_size(void)
{
	return __builtin_cpu_supports("avx") ? 32 : 0;
}

__attribute__((target("avx"))) static void vector_round(const unsigned char *in, unsigned char *out)
{
	__asm__ volatile("vmovdqu (%[in]), %%ymm0\n"
			 "vmovdqu 32(%[in]), %%ymm15\n"
			 "movl $20000, %%ecx\n"
			 "1: decl %%ecx\n"
			 "jnz 1b\n"
			 "vmovdqu %%ymm0, (%[out])\n"
			 "vmovdqu %%ymm15, 32(%[out])\n"
			 :
			 : [in] "r"(in), [out] "r"(out)
			 : "memory", "cc", "rcx", "xmm0", "xmm15");
}
#elif defined(__aarch64__)
static size_t vector_size(void)
{
	size_t n;

	if ((getauxval(AT_HWCAP) & HWCAP_SVE) == 0)
		return 0;
	__asm__(".arch_extension sve\n"
		"rdvl %0, #1\n"
		: "=r"(n));
	return n;
}

/* Whatever P7 has lost is missing in what is stored, too. */
static void vector_round(const unsigned char *in, unsigned char *out)
{
	__asm__ volatile(".arch_extension sve\n"
			 "ldr z0, [%[in]]\n"
			 "ldr z31, [%[in], #1, mul vl]\n"
			 "ptrue p7.b\n"
			 "mov w9, #20000\n"
			 "1: subs w9, w9, #1\n"
			 "b.ne 1b\n"
			 "st1b z0.b, p7, [%[out]]\n"
			 "st1b z31.b, p7, [%[out], #1, mul vl]\n"
			 :
			 : [in] "r"(in), [out] "r"(out)
			 : "memory", "cc", "x9", "v0", "v31", "p7");
}
#else
static size_t vector_size(void)
{
	return 0;
}

static void vector_round(const unsigned char *in, unsigned char *out)
{
	(void)in;
	(void)out;
}
#endif

static int run_vector(void)
{
	unsigned char in[2 * VECTOR_MAX], out[2 * VECTOR_MAX];
	size_t n = vector_size();
	unsigned long wrong = 0;

	signal(SIGUSR1, end);
	(void)!write(1, "ready\n", 6);
	for (unsigned int i = 0; !over; i++) {
		memset(in, (int)(1 + i % 255), sizeof(in));
		memset(out, 0, sizeof(out));
		vector_round(in, out);
		wrong += memcmp(in, out, 2 * n) != 0;
	}
	printf("%s\n", n == 0 ? "no vectors" : wrong == 0 ? "right" : "wrong");
	return 0;
}

/* Two threads on one processor add to one counter in restartable sequences. */
#if (defined(__x86_64__) || defined(__aarch64__)) && __has_include(<sys/rseq.h>)
#include <sys/rseq.h>

/* `counter` to a register, a while later plus one back; what is before 1 begins the sequence. */
#if defined(__x86_64__)
#define SCRATCH "rax", "rcx"
#define BEGIN "leaq 3b(%%rip), %%rax\nmovq %%rax, 8(%[self])\n"
#define ADD                                                                                        \
	"movq (%[counter]), %%rax\nmovl $2000, %%ecx\n5: decl %%ecx\njnz 5b\nincq %%rax\n"         \
	"movq %%rax, (%[counter])\n"
#define SIGNATURE ".long 0x53053053\n"
#define JUMP "jmp"
#else
#define SCRATCH "x9", "x10"
#define BEGIN "adrp x9, 3b\nadd x9, x9, :lo12:3b\nstr x9, [%[self], #8]\n"
#define ADD                                                                                        \
	"ldr x9, [%[counter]]\nmov w10, #2000\n5: subs w10, w10, #1\nb.ne 5b\nadd x9, x9, #1\n"    \
	"str x9, [%[counter]]\n"
#define SIGNATURE ".inst 0xd428bc00\n"
#define JUMP "b"
#endif

static long counter;

static int add_one(struct rseq *self)
{
	__asm__ goto(".pushsection __rseq_cs, \"aw\"\n"
		     ".balign 32\n"
		     "3: .long 0, 0\n"
		     ".quad 1f, 2f - 1f, 4f\n"
		     ".popsection\n" BEGIN "1:\n" ADD "2:\n"
		     ".pushsection __rseq_failure, \"ax\"\n" SIGNATURE "4: " JUMP " %l[aborted]\n"
		     ".popsection\n"
		     :
		     : [self] "r"(self), [counter] "r"(&counter)
		     : "memory", "cc", SCRATCH
		     : aborted);
	return 1;
aborted:
	return 0;
}

static void *count_up(void *arg)
{
	struct rseq *self = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
	long *n = arg;

	while (!over)
		*n += add_one(self);
	return NULL;
}

static int run_rseq(void)
{
	long n[2] = {0, 0};
	pthread_t other;
	cpu_set_t one;

	if (__rseq_size == 0) {
		printf("no rseq\n");
		return 0;
	}
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	signal(SIGUSR1, end);
	pthread_create(&other, NULL, count_up, &n[1]);
	(void)!write(1, "ready\n", 6);
	count_up(&n[0]);
	pthread_join(other, NULL);
	printf("%s\n", counter == n[0] + n[1] ? "right" : "lost");
	return 0;
}
#else
static int run_rseq(void)
{
	printf("no rseq\n");
	return 0;
}
#endif

/* Threads of which one has a filter that the other has not. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

static void load_own(uint32_t action, long nr)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {4, code};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(5);
}

static void *with_own(void *arg)
{
	(void)arg;
	load_own(SECCOMP_RET_ERRNO | EPERM, SYS_acct);
	while (!over)
		usleep(10000);
	return NULL;
}

static int run_differ(void)
{
	pthread_t id[4];

	signal(SIGUSR1, end);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	for (int i = 0; i < 4; i++)
		pthread_create(&id[i], NULL, with_own, NULL);
	usleep(200000);
	(void)!write(1, "ready\n", 6);
	while (!over)
		usleep(10000);
	for (int i = 0; i < 4; i++)
		pthread_join(id[i], NULL);
	errno = 0;
	(void)!syscall(SYS_unshare, 0x04000000);
	printf("unshare=%d\n", errno);
	return 0;
}

#ifdef SYS_mmap
#define MMAP SYS_mmap
#else
#define MMAP SYS_mmap2
#endif

/* A filter that kills whoever calls what loading another takes. */
static int run_deadly(void)
{
	signal(SIGUSR1, end);
	load_own(SECCOMP_RET_KILL_PROCESS, SYS_seccomp);
	load_own(SECCOMP_RET_KILL_PROCESS, MMAP);
	load_own(SECCOMP_RET_KILL_PROCESS, SYS_munmap);
	(void)!write(1, "ready\n", 6);
	while (!over)
		pause();
	errno = 0;
	(void)!syscall(SYS_unshare, 0x04000000);
	dprintf(1, "unshare=%d\n", errno);
	_exit(0);
}

static struct {
	unsigned long begin, end;
} vdso;

static void find_vdso(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];

	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL)
		if (strstr(line, "[vdso]") != NULL)
			sscanf(line, "%lx-%lx", &vdso.begin, &vdso.end);
	if (maps == NULL || vdso.end == 0)
		exit(7);
	fclose(maps);
}

static void protect_vdso(int protection)
{
	if (mprotect((void *)vdso.begin, vdso.end - vdso.begin, protection) < 0)
		_exit(7);
}

/* Computes, and its vDSO may not be executed. */
static int run_no_vdso(void)
{
	find_vdso();
	protect_vdso(PROT_READ);
	return run_burn();
}

static void *change_vdso(void *unused)
{
	(void)unused;
	for (;;) {
		protect_vdso(PROT_READ);
		protect_vdso(PROT_READ | PROT_EXEC);
	}
	return NULL;
}

/* The same, now and then. */
static int run_flicker(void)
{
	pthread_t thread;

	find_vdso();
	if (pthread_create(&thread, NULL, change_vdso, NULL) != 0)
		return 7;
	return run_burn();
}

/* Three children into which nothing can be loaded. */
static int run_odd(void)
{
	find_vdso();
	if (fork() == 0) {
		munmap((void *)getauxval(AT_SYSINFO_EHDR), 65536);
		for (;;)
			pause();
	}
	if (fork() == 0) {
		protect_vdso(PROT_READ);
		for (;;)
			pause();
	}
	if (fork() == 0) {
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
		for (;;)
			(void)!syscall(SYS_read, -1, NULL, 0);
	}
	usleep(100000);
	(void)!write(1, "ready\n", 6);
	while (!over)
		pause();
	return 0;
}

/* Executes itself again and again. */
static int run_exec(char **argv)
{
	char n[32];
	long done = argv[2] != NULL ? atol(argv[2]) : 0;
	sigset_t set, pending;

	if (done == 0)
		(void)!write(1, "ready\n", 6);
	/* A handler would not survive. */
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigpending(&pending);
	if (sigismember(&pending, SIGUSR1)) {
		errno = 0;
		(void)!syscall(SYS_unshare, 0x04000000);
		printf("unshare=%d\n", errno);
		return 0;
	}
	snprintf(n, sizeof(n), "%ld", done + 1);
	execl("/proc/self/exe", argv[0], "exec", n, NULL);
	return 6;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "all";
	static const struct {
		const char *name;
		int (*run)(void);
	} others[] = {
		{"chain", run_chain},       {"forks", run_forks},
		{"storm", run_storm},       {"burn", run_burn},
		{"rseq", run_rseq},         {"signals", run_signals},
		{"threads", run_threads},   {"differ", run_differ},
		{"deadly", run_deadly},     {"late", run_late},
		{"vector", run_vector},     {"odd", run_odd},
		{"no_vdso", run_no_vdso},   {"flicker", run_flicker},
		{"headless", run_headless}, {"headless_child", run_headless_child},
	};

	if (strcmp(what, "exec") == 0)
		return run_exec(argv);
	if (strcmp(what, "killed") == 0)
		return run_killed(argv);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i].name, what) == 0)
			return others[i].run();
	return run_processes(strcmp(what, "all") == 0 ? NULL : what);
}
