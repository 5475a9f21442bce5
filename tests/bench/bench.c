/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the programs on the way to the runtime cost: bench WRAPPER HOOK EMPTY [ROUNDS]
 *
 * Everything is started in turn in each round, on one CPU, so that whatever else the machine does hits all
 * alike. EMPTY is an empty static program. It is also the runtime behind the wrapper, and it can execute
 * itself, which is the least that any wrapper has to do. Two views of the same times:
 *
 *   own     the time less that of executing the runtime, against EMPTY: what the guard adds, in empty
 * programs chain   the whole time against EMPTY executing EMPTY: what an engine sees
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_ROUNDS 100000
#define ARGS 12

extern char **environ;

struct subject {
	const char *name;
	const char *config; /* text of config.json; written anew before each start when `inject` */
	const char *argv[ARGS];
	char dir[300];      /* the bundle */
	double limit;       /* of the own ratio at p50; 0: none */
	int inject, filter; /* filter: config.json is standard input */
	int chain;          /* ends in the runtime */
	double *us;
	long rss;
	int calls;
};

/* Engines keep bundles in tmpfs, below /run. */
static char work[] = "/dev/shm/seccomp-guard-bench.XXXXXX";

static void die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* A configuration of about `size` bytes; annotations make up the size, as labels and mounts do in real ones.
 */
static char *make_config(size_t size, const char *seccomp)
{
	char *text = malloc(size + 8192), *at = text;

	if (!text)
		die("malloc");
	at += sprintf(
		at,
		"{\"ociVersion\":\"1.0.2\",\"process\":{\"args\":[\"/bin/true\"],\"cwd\":\"/"
		"\",\"user\":{\"uid\":0,"
		"\"gid\":0},\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\",\"CAP_SETUID\"]}},"
		"\"root\":{\"path\":\"rootfs\"},\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":"
		"\"mount\"}]%s%s,"
		"\"maskedPaths\":[\"/proc/kcore\"]},\"annotations\":{\"x\":\"\"",
		seccomp ? ",\"seccomp\":" : "", seccomp ? seccomp : "");
	for (int i = 0; (size_t)(at - text) + 70 < size; i++)
		at += sprintf(at, ",\"org.example.label-%06d\":\"some value of ordinary length\"", i);
	strcpy(at, "}}");
	return text;
}

/* A profile that restricts, with as many names as the engines' own. */
static char *make_profile(void)
{
	char *text = malloc(16384), *at = text;

	if (!text)
		die("malloc");
	at += sprintf(at, "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":1,\"architectures\":["
			  "\"SCMP_ARCH_X86_64\"],"
			  "\"syscalls\":[{\"names\":[\"read\",\"write\"");
	for (int i = 0; i < 350; i++)
		at += sprintf(at, ",\"no_such_call_%d\"", i);
	strcpy(at, "],\"action\":\"SCMP_ACT_ALLOW\"}]}");
	return text;
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[400];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) < 0)
		die(path);
}

static void prepare(struct subject *s)
{
	snprintf(s->dir, sizeof(s->dir), "%s/%s", work, s->name);
	if (mkdir(s->dir, 0700) < 0)
		die(s->dir);
	if (s->config)
		write_file(s->dir, "config.json", s->config);
	for (int i = 0; i < ARGS && s->argv[i]; i++)
		if (strcmp(s->argv[i], "BUNDLE") == 0)
			s->argv[i] = s->dir;
}

/* Start `argv` for `s` and wait for it: microseconds, and the peak memory into *rss when it is not NULL. */
static double start(const struct subject *s, const char *const argv[], long *rss)
{
	posix_spawn_file_actions_t actions;
	char input[400] = "/dev/null";
	struct timespec a, b;
	struct rusage usage;
	int status, failed;
	pid_t pid;

	if (s->filter)
		snprintf(input, sizeof(input), "%s/config.json", s->dir);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	clock_gettime(CLOCK_MONOTONIC, &a);
	failed = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
	if (failed || wait4(pid, &status, 0, &usage) != pid)
		die(argv[0]);
	clock_gettime(CLOCK_MONOTONIC, &b);
	posix_spawn_file_actions_destroy(&actions);
	if (status != 0) {
		fprintf(stderr, "bench: %s: status %#x\n", s->name, (unsigned)status);
		exit(2);
	}
	if (rss)
		*rss = usage.ru_maxrss;
	return (double)(b.tv_sec - a.tv_sec) * 1e6 + (double)(b.tv_nsec - a.tv_nsec) / 1e3;
}

/* How many system calls it makes in all, by strace; -1 where there is none. */
static int count_calls(const struct subject *s)
{
	char path[300];
	const char *argv[ARGS + 4] = {"strace", "-qq", "-o", path};
	int lines = 0, c;
	FILE *f;

	if (access("/usr/bin/strace", X_OK) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/trace", work);
	for (int i = 0; i < ARGS && s->argv[i]; i++)
		argv[i + 4] = s->argv[i];
	if (s->inject)
		write_file(s->dir, "config.json", s->config);
	start(s, argv, NULL);
	f = fopen(path, "re");
	if (!f)
		die(path);
	while ((c = getc(f)) != EOF)
		lines += c == '\n';
	fclose(f);
	return lines;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double at(const struct subject *s, int rounds, int percent)
{
	return s->us[(long)rounds * percent / 100];
}

static void measure(struct subject *subjects, int n, int rounds)
{
	for (int i = 0; i < n; i++) {
		subjects[i].us = calloc((size_t)rounds, sizeof(double));
		if (!subjects[i].us)
			die("calloc");
		prepare(&subjects[i]);
		subjects[i].calls = count_calls(&subjects[i]);
	}
	for (int r = -10; r < rounds; r++) {
		for (int i = 0; i < n; i++) {
			struct subject *s = &subjects[(i + r + 10) % n];
			double us;

			if (s->inject)
				write_file(s->dir, "config.json", s->config);
			us = start(s, s->argv, &s->rss);
			if (r >= 0)
				s->us[r] = us;
		}
	}
	for (int i = 0; i < n; i++)
		qsort(subjects[i].us, (size_t)rounds, sizeof(double), compare);
}

/* subjects[0] is the empty program, subjects[1] the empty program that executes itself. */
static int report(const struct subject *subjects, int n, int rounds)
{
	const struct subject *empty = &subjects[0], *chain = &subjects[1];
	int over = 0;

	printf("%d rounds; times in microseconds; own and chain as ratios (see tests/bench/bench.c)\n",
	       rounds);
	printf("%-22s %8s %8s  %7s %7s %7s  %7s %7s  %6s %8s\n", "", "p50", "p99", "own50", "own99", "limit",
	       "chain50", "chain99", "calls", "peak kB");
	for (int i = 0; i < n; i++) {
		const struct subject *s = &subjects[i];
		double exec50 = at(chain, rounds, 50) - at(empty, rounds, 50);
		double exec99 = at(chain, rounds, 99) - at(empty, rounds, 99);
		double own50 = (at(s, rounds, 50) - (s->chain ? exec50 : 0)) / at(empty, rounds, 50);
		double own99 = (at(s, rounds, 99) - (s->chain ? exec99 : 0)) / at(empty, rounds, 99);

		printf("%-22s %8.1f %8.1f  %7.2f %7.2f ", s->name, at(s, rounds, 50), at(s, rounds, 99),
		       own50, own99);
		if (s->limit > 0)
			printf("%6.2f%c ", s->limit, own50 > s->limit ? '!' : ' ');
		else
			printf("%7s ", "");
		if (s->chain)
			printf(" %7.2f %7.2f ", at(s, rounds, 50) / at(chain, rounds, 50),
			       at(s, rounds, 99) / at(chain, rounds, 99));
		else
			printf(" %7s %7s ", "", "");
		printf(" %6d %8ld\n", s->calls, s->rss);
		over += s->limit > 0 && own50 > s->limit;
	}
	return over;
}

int main(int argc, char *argv[])
{
	int rounds = argc > 4 ? atoi(argv[4]) : 1000, cpu = sched_getcpu(), over;
	char runtime[300], policy[300], command[1200];
	cpu_set_t one;

	if (argc < 4 || rounds < 1 || rounds > MAX_ROUNDS) {
		fprintf(stderr, "usage: bench WRAPPER HOOK EMPTY [ROUNDS]\n");
		return 2;
	}
	if (!mkdtemp(work))
		die(work);
	CPU_ZERO(&one);
	CPU_SET((size_t)(cpu < 0 ? 0 : cpu), &one);
	sched_setaffinity(0, sizeof(one), &one);
	umask(022);
	/* The wrapper knows a runtime by its name. */
	snprintf(runtime, sizeof(runtime), "%s/runc", work);
	snprintf(command, sizeof(command), "cp '%s' '%s'", argv[3], runtime);
	if (system(command) != 0)
		die(command);
	snprintf(policy, sizeof(policy), "%s/policy.json", work);
	write_file(work, "policy.json", "{\"log\":{\"to\":\"none\"}}");

#define WRAP argv[1], "--guard-policy", policy, "--guard-runtime", runtime, "--root", "/run/runc"
#define CREATE WRAP, "create", "--bundle", "BUNDLE", "ID"
	char *profile = make_profile();
	struct subject subjects[] = {
		{.name = "empty", .argv = {runtime}},
		{.name = "empty-exec-empty", .argv = {argv[3], "=", runtime}, .chain = 1},
		{.name = "pass", .argv = {WRAP, "state", "ID"}, .chain = 1, .limit = 1.3},
		{.name = "confined-22k",
		 .argv = {CREATE},
		 .chain = 1,
		 .limit = 1.6,
		 .config = make_config(22000, profile)},
		{.name = "inject-2k",
		 .argv = {CREATE},
		 .chain = 1,
		 .limit = 2,
		 .inject = 1,
		 .config = make_config(2000, NULL)},
		{.name = "inject-22k",
		 .argv = {CREATE},
		 .chain = 1,
		 .limit = 2,
		 .inject = 1,
		 .config = make_config(22000, NULL)},
		{.name = "inject-200k",
		 .argv = {CREATE},
		 .chain = 1,
		 .inject = 1,
		 .config = make_config(200000, NULL)},
		{.name = "filter-confined-22k",
		 .argv = {argv[2], "--policy", policy},
		 .filter = 1,
		 .limit = 1.6,
		 .config = make_config(22000, profile)},
		{.name = "filter-inject-22k",
		 .argv = {argv[2], "--policy", policy},
		 .filter = 1,
		 .limit = 2,
		 .config = make_config(22000, NULL)},
	};
	int n = sizeof(subjects) / sizeof(subjects[0]);

	measure(subjects, n, rounds);
	over = report(subjects, n, rounds);
	snprintf(command, sizeof(command), "rm -rf '%s'", work);
	if (system(command) != 0)
		die(command);
	if (over)
		printf("%d over the limit\n", over);
	return over ? 1 : 0;
}
