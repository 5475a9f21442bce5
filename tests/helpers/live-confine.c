/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Injects into one process, as src/confine does, with nothing around it; for tests.
 *
 * live-confine PID [N [PAUSE_US]]: N filters that differ, or the same one once; with LONG in the
 * environment long ones. unshare(2) fails with EOVERFLOW (75) under each of them. Prints a line for
 * each outcome with its number, the last reason, and the longest stop: "confined 1", "why ...",
 * "stopped 312".
 */
#include "live/inject.h"

#include <inttypes.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

#define I386_UNSHARE 310

/* Instructions of a program of which a process can have eight. */
#define LONG 4000

/* Differs by a number of no call, which is compared with in front. */
static void make(struct program *p, unsigned int variant)
{
	const struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1000000 + variant, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, I386_UNSHARE, 2, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 75),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
#if defined(__x86_64__)
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 1, 0),
#else
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_ARM, 0, 0),
#endif
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 75),
	};

	p->flags = 0;
	p->n_insns = ARRAY_SIZE(insns);
	memcpy(p->insns, insns, sizeof(insns));
	if (getenv("LONG") == NULL)
		return;
	/* What does nothing, in front. */
	p->n_insns = LONG;
	for (size_t i = 0; i < LONG - ARRAY_SIZE(insns); i++)
		p->insns[i] = insns[0];
	memcpy(p->insns + LONG - ARRAY_SIZE(insns), insns, sizeof(insns));
}

static uint64_t start_of(pid_t pid)
{
	char path[64], text[1024], *rest;
	unsigned long long start = 0;
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	stat = fopen(path, "r");
	if (stat == NULL || fgets(text, sizeof(text), stat) == NULL)
		exit(2);
	fclose(stat);
	rest = strrchr(text, ')');
	sscanf(rest,
	       ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
	       &start);
	return start;
}

static int has_filters(pid_t pid)
{
	char path[64], line[256];
	int mode = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "r");
	while (status != NULL && fgets(line, sizeof(line), status) != NULL)
		sscanf(line, "Seccomp: %d", &mode);
	if (status != NULL)
		fclose(status);
	return mode != 0;
}

int main(int argc, char **argv)
{
	static const char *const names[] = {"confined", "had-it", "over", "again", "refused"};
	static struct program program;
	const struct inject_job job = {&program, getenv("NO_NEW_PRIVS") != NULL};
	unsigned long n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0, count[5] = {0};
	useconds_t nap = argc > 3 ? (useconds_t)atoi(argv[3]) : 0;
	struct inject_target target = {.pid = argc > 1 ? atoi(argv[1]) : 0};
	struct inject_result result = {0};
	uint64_t longest = 0;
	sigset_t all;

	if (target.pid <= 0)
		return 2;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	target.start = start_of(target.pid);
	for (unsigned long i = 0; i < (n > 0 ? n : 1); i++) {
		make(&program, (unsigned int)i);
		target.filters = (unsigned int)has_filters(target.pid);
		for (int tries = 0; tries < 200; tries++) {
			inject(&target, &job, INJECT_STOP_MS, &result);
			if (result.outcome != INJECT_AGAIN)
				break;
		}
		count[result.outcome]++;
		if (result.stopped_ns > longest)
			longest = result.stopped_ns;
		if (nap > 0)
			usleep(nap);
	}
	for (int i = 0; i < 5; i++)
		if (count[i] > 0)
			printf("%s %lu\n", names[i], count[i]);
	if (result.why[0] != '\0')
		printf("why %s\n", result.why);
	printf("stopped %" PRIu64 "\n", longest / 1000);
	return 0;
}
