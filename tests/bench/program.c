/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a filter program costs: program [ROUNDS] <PROFILE
 *
 * For the linux.seccomp object on standard input: instructions, the time to make them, and the time
 * in which the kernel takes them, in microseconds, of our program and of libseccomp's. Medians of
 * the rounds, which take turns. Each load is in a process of its own.
 */
#include "filter/filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>

#define MAX_ROUNDS 10000

static char text[1 << 20], memory[3][1 << 22];
static struct program program;

struct maker {
	const char *name;
	int (*make)(const struct program_request *request);
	double made[MAX_ROUNDS], loaded[MAX_ROUNDS];
	unsigned int n_insns;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "program: %s\n", what);
	exit(2);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int make_ours(const struct program_request *request)
{
	struct arena scratch = {memory[2], sizeof(memory[2]), 0};
	struct error err;

	return program_compile(request, &scratch, &program, &err);
}

static int make_theirs(const struct program_request *request)
{
	struct error err;

	return filter_compile(request, &program, &err);
}

/* In a child, which the filter then stays with. */
static double load(void)
{
	struct sock_fprog prog = {program.n_insns, program.insns};
	double taken = -1;
	int fds[2];

	if (pipe(fds) < 0)
		die("pipe");
	if (fork() == 0) {
		double start;
		long r;

		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		start = now_us();
		r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, program.flags, &prog);
		taken = r == 0 ? now_us() - start : -1;
		(void)!write(fds[1], &taken, sizeof(taken));
		_exit(0);
	}
	close(fds[1]);
	if (read(fds[0], &taken, sizeof(taken)) != sizeof(taken) || taken < 0)
		die("the kernel does not take the program");
	close(fds[0]);
	wait(NULL);
	return taken;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof(*values), compare);
	return values[n / 2];
}

int main(int argc, char **argv)
{
	static struct maker makers[] = {{.name = "ours", .make = make_ours},
					{.name = "libseccomp", .make = make_theirs}};
	struct arena keep = {memory[0], sizeof(memory[0]), 0};
	struct arena scratch = {memory[1], sizeof(memory[1]), 0};
	int rounds = argc > 1 ? atoi(argv[1]) : 100;
	struct seccomp_profile profile;
	struct program_request request = {.profile = &profile, .runtime = MODEL_RUNC};
	enum profile_arch arch;
	struct utsname host;
	struct error err;
	size_t n = fread(text, 1, sizeof(text), stdin);

	if (rounds < 1 || rounds > MAX_ROUNDS || uname(&host) < 0 ||
	    profile_arch_from_name(span_of(host.machine), &arch, &err) < 0 ||
	    abi_of_arch(arch, &request.native) < 0)
		die("usage: program [ROUNDS] <PROFILE");
	if (ociseccomp_read((struct span){text, n}, &keep, &scratch, &profile, &err) < 0)
		die(err.text);
	for (int round = 0; round < rounds; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
			double start = now_us();

			if (makers[i].make(&request) < 0)
				die("the profile cannot be compiled");
			makers[i].made[round] = now_us() - start;
			makers[i].loaded[round] = load();
			makers[i].n_insns = program.n_insns;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
		printf("%-12s %5u instructions, made in %8.1f us, loaded in %7.1f us\n",
		       makers[i].name, makers[i].n_insns, median(makers[i].made, rounds),
		       median(makers[i].loaded, rounds));
	return 0;
}
