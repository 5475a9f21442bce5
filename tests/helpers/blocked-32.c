/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A 32-bit program that needs no library: waits in the call that its argument begins with, and
 * tells what came of it. Built by tests/live/test-inject.py with -m32 -nostdlib.
 *
 * nanosleep, poll: for three seconds; early or late as in blocked.c. read, epoll: from standard
 * input, until a second line.
 */
#define NR_exit 1
#define NR_read 3
#define NR_write 4
#define NR_poll 168
#define NR_nanosleep 162
#define NR_clock_gettime 265
#define NR_epoll_wait 256
#define NR_epoll_ctl 255
#define NR_epoll_create1 329
#define NR_unshare 310

static long call(long nr, long a, long b, long c, long d)
{
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "0"(nr), "b"(a), "c"(b), "d"(c), "S"(d)
			 : "memory");
	return r;
}

static long now(void)
{
	long t[2];

	call(NR_clock_gettime, 1, (long)t, 0, 0);
	return t[0] % 100000 * 1000 + t[1] / 1000000;
}

static void say(const char *text)
{
	long n = 0;

	while (text[n])
		n++;
	call(NR_write, 1, (long)text, n, 0);
}

static void say_number(long n)
{
	char text[16], *p = text + 15;
	unsigned long u = n < 0 ? -(unsigned long)n : (unsigned long)n;

	*p = 0;
	do
		*--p = (char)('0' + u % 10);
	while (u /= 10);
	if (n < 0)
		*--p = '-';
	say(p);
}

struct __attribute__((packed)) event {
	unsigned int events;
	unsigned long long data;
};

static void run(const char *what)
{
	long t[2] = {3, 0}, start, r, ep;
	struct event e = {1, 0};
	char c;

	say("ready\n");
	start = now();
	if (what[0] == 'n') {
		r = call(NR_nanosleep, (long)t, 0, 0, 0);
	} else if (what[0] == 'p') {
		r = call(NR_poll, 0, 0, 3000, 0);
	} else if (what[0] == 'e') {
		ep = call(NR_epoll_create1, 0, 0, 0, 0);
		call(NR_epoll_ctl, ep, 1, 0, (long)&e);
		r = call(NR_epoll_wait, ep, (long)&e, 1, -1);
	} else {
		r = call(NR_read, 0, (long)&c, 1, 0);
	}
	say_number(r);
	if (what[0] == 'n' || what[0] == 'p') {
		if (now() - start < 2999)
			say(" early");
		/* Whoever does something to it does so after more than a second. */
		if (now() - start > 4000)
			say(" late");
	}
	say(" unshare=");
	say_number(call(NR_unshare, 0x04000000, 0, 0, 0));
	say("\n");
	call(NR_exit, 0, 0, 0, 0);
}

__attribute__((used)) void begin(long *stack)
{
	run((const char *)stack[2]);
}

__asm__(".globl _start\n_start:\n\tmov %esp, %eax\n\tpush %eax\n\tcall begin\n");
