/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the programs on the way to the runtime cost: bench WRAPPER HOOK EMPTY [ROUNDS]
 *
 * Everything is started in turn in each round, on one CPU, so that whatever else the machine does
 * hits all alike. EMPTY is an empty static program. It is also the runtime behind the wrapper, and
 * it can execute itself, which is the least that any wrapper has to do. Two views of the same
 * times:
 *
 *   own     the time less that of executing the runtime, against EMPTY: what the guard adds, in
 * empty programs chain   the whole time against EMPTY executing EMPTY: what an engine sees
 */
#include "flavor/flavor.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/utsname.h>
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
	long kb;
	int calls;
};

static char work[200], programs[200];

static void die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* A configuration of about `size` bytes; annotations make up the size, as labels and mounts do in
 * real ones.
 */
static char *make_config(size_t size, const char *seccomp)
{
	char *text = malloc(size + 8192), *at = text;

	if (!text)
		die("malloc");
	at += sprintf(at,
		      "{\"ociVersion\":\"1.0.2\",\"process\":{\"args\":[\"/bin/true\"],\"cwd\":\"/"
		      "\",\"user\":{\"uid\":0,"
		      "\"gid\":0},\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\",\"CAP_"
		      "SETUID\"]}},"
		      "\"root\":{\"path\":\"rootfs\"},\"linux\":{\"namespaces\":[{\"type\":\"pid\"}"
		      ",{\"type\":"
		      "\"mount\"}]%s%s,"
		      "\"maskedPaths\":[\"/proc/kcore\"]},\"annotations\":{\"x\":\"\"",
		      seccomp ? ",\"seccomp\":" : "", seccomp ? seccomp : "");
	for (int i = 0; (size_t)(at - text) + 70 < size; i++)
		at += sprintf(at, ",\"org.example.label-%06d\":\"some value of ordinary length\"",
			      i);
	strcpy(at, "}}");
	return text;
}

/* Docker's RuntimeDefault, for the capabilities of make_config(). */
static char *make_profile(void)
{
	struct profile_target target = {.kernel = PROFILE_KERNEL(6, 18),
					.caps = 1 << 0 | 1 << 5 | 1 << 7};
	static char memory[1 << 16];
	struct arena arena = {memory, sizeof(memory) - 1, 0}; /* all zeros behind the text */
	struct utsname host;
	struct span text;
	struct error err;

	if (uname(&host) < 0 ||
	    profile_arch_from_name(span_of(host.machine), &target.arch, &err) < 0)
		die("uname");
	if (profile_resolve(PROFILE_MOBY, &target, &arena, &text) < 0)
		die("profile_resolve");
	return memory;
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

/* Start `argv` for `s` and wait for it: microseconds. */
static double start(const struct subject *s, const char *const argv[])
{
	posix_spawn_file_actions_t actions;
	char input[400] = "/dev/null";
	struct timespec a, b;
	int status, failed;
	pid_t pid;

	if (s->filter)
		snprintf(input, sizeof(input), "%s/config.json", s->dir);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	clock_gettime(CLOCK_MONOTONIC, &a);
	failed = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
	if (failed || waitpid(pid, &status, 0) != pid)
		die(argv[0]);
	clock_gettime(CLOCK_MONOTONIC, &b);
	posix_spawn_file_actions_destroy(&actions);
	if (status != 0) {
		fprintf(stderr, "bench: %s: status %#x\n", s->name, (unsigned)status);
		exit(2);
	}
	return (double)(b.tv_sec - a.tv_sec) * 1e6 + (double)(b.tv_nsec - a.tv_nsec) / 1e3;
}

/* The peak memory of `pid` so far in kB; 0 when it has none any more. */
static long peak(pid_t pid)
{
	char path[64], line[256];
	long kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmHWM: %ld", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb;
}

static void become(const struct subject *s)
{
	char input[400] = "/dev/null";

	if (s->filter)
		snprintf(input, sizeof(input), "%s/config.json", s->dir);
	if (!freopen(input, "r", stdin) || !freopen("/dev/null", "w", stdout))
		_exit(126);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	execv(s->argv[0], (char *const *)(uintptr_t)s->argv);
	_exit(127);
}

/*
 * Once, apart from the times: from one system call to the next, for their number and for the peak
 * memory, which the kernel's account of a dead process would not tell apart from that of the
 * process that forked it.
 */
static void trace(struct subject *s)
{
	int status, stops = 0;
	pid_t pid;

	if (s->inject)
		write_file(s->dir, "config.json", s->config);
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0)
		become(s);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		long kb = peak(pid);

		if (stops++ == 0)
			ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)PTRACE_O_TRACEEXEC);
		if (status >> 16 != 0)
			stops--;
		s->kb = kb > s->kb ? kb : s->kb;
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	}
	/* Each call stops twice, but for the first execve, which counts as the first stop, and
	 * exit. */
	s->calls = stops / 2 + 1;
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
		trace(&subjects[i]);
	}
	for (int r = -10; r < rounds; r++) {
		for (int i = 0; i < n; i++) {
			struct subject *s = &subjects[(i + r + 10) % n];
			double us;

			if (s->inject)
				write_file(s->dir, "config.json", s->config);
			us = start(s, s->argv);
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

	printf("%d rounds in %s; times in microseconds; own and chain as ratios\n", rounds, work);
	printf("%-22s %8s %8s  %7s %7s %7s  %7s %7s  %6s %8s\n", "", "p50", "p99", "own50", "own99",
	       "limit", "chain50", "chain99", "calls", "peak kB");
	for (int i = 0; i < n; i++) {
		const struct subject *s = &subjects[i];
		double exec50 = at(chain, rounds, 50) - at(empty, rounds, 50);
		double exec99 = at(chain, rounds, 99) - at(empty, rounds, 99);
		double own50 =
			(at(s, rounds, 50) - (s->chain ? exec50 : 0)) / at(empty, rounds, 50);
		double own99 =
			(at(s, rounds, 99) - (s->chain ? exec99 : 0)) / at(empty, rounds, 99);

		printf("%-22s %8.1f %8.1f  %7.2f %7.2f ", s->name, at(s, rounds, 50),
		       at(s, rounds, 99), own50, own99);
		if (s->limit > 0)
			printf("%6.2f%c ", s->limit, own50 > s->limit ? '!' : ' ');
		else
			printf("%7s ", "");
		if (s->chain)
			printf(" %7.2f %7.2f ", at(s, rounds, 50) / at(chain, rounds, 50),
			       at(s, rounds, 99) / at(chain, rounds, 99));
		else
			printf(" %7s %7s ", "", "");
		printf(" %6d %8ld\n", s->calls, s->kb);
		over += s->limit > 0 && own50 > s->limit;
	}
	return over;
}

/*
 * A copy of a program on disk, as installing it makes one: what the linker wrote lies in the page
 * cache in smaller pieces, and what is on a tmpfs too, and takes longer to map.
 */
static const char *copy_program(const char *path, const char *name)
{
	char *copy = malloc(300), command[1200];

	if (!copy)
		die("malloc");
	snprintf(copy, 300, "%s/%s", programs, name);
	snprintf(command, sizeof(command), "cp '%s' '%s'", path, copy);
	if (system(command) != 0)
		die(command);
	return copy;
}

/* What the wrapper looks for in crun, at the end of a program that is a little larger than crun. */
static void append_text(const char *path)
{
	static const char text[] = "run.oci.seccomp_bpf_data +SECCOMP";
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd < 0 || write(fd, text, sizeof(text)) != sizeof(text) || close(fd) < 0)
		die(path);
}

static void make_directories(void)
{
	/* Bundles are in /run with most engines, which is in memory. */
	snprintf(work, sizeof(work), "%s/seccomp-guard-bench.XXXXXX",
		 getenv("BENCH_DIR")             ? getenv("BENCH_DIR")
		 : access("/dev/shm", W_OK) == 0 ? "/dev/shm"
						 : "/tmp");
	if (!mkdtemp(work))
		die(work);
	snprintf(programs, sizeof(programs), "%s/seccomp-guard-bench.XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/var/tmp");
	if (!mkdtemp(programs))
		die(programs);
}

static void remove_directories(void)
{
	char command[1200];

	snprintf(command, sizeof(command), "rm -rf '%s' '%s'", work, programs);
	if (system(command) != 0)
		die(command);
}

static void stay_on_one_cpu(void)
{
	int cpu = sched_getcpu();
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)(cpu < 0 ? 0 : cpu), &one);
	sched_setaffinity(0, sizeof(one), &one);
}

struct paths {
	const char *runtime, *crun, *empty, *wrapper, *hook;
	char policy[300], ready[300];
};

#define WRAP                                                                                       \
	p->wrapper, "--guard-policy", p->policy, "--guard-runtime", p->runtime, "--root",          \
		"/run/runc"
#define CREATE WRAP, "create", "--bundle", "BUNDLE", "ID"
#define WEAK                                                                                       \
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mount\"],\"action\":"   \
	"\"SCMP_ACT_"                                                                              \
	"ERRNO\"}]}"

/* Returns how many rows are over their limit. */
static int measure_all(const struct paths *p, int rounds)
{
	char *profile = make_profile();
	struct subject subjects[] = {
		{.name = "empty", .argv = {p->runtime}},
		{.name = "empty-exec-empty", .argv = {p->empty, "=", p->runtime}, .chain = 1},
		{.name = "pass", .argv = {WRAP, "state", "ID"}, .chain = 1, .limit = 1.3},
		{.name = "confined-22k",
		 .argv = {CREATE},
		 .chain = 1,
		 .limit = 1.6,
		 .config = make_config(22000, profile)},
		{.name = "weak-22k",
		 .argv = {CREATE},
		 .chain = 1,
		 .config = make_config(22000, WEAK)},
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
		{.name = "inject-ready-22k",
		 .argv = {p->wrapper, "--guard-policy", p->ready, "--guard-runtime", p->crun,
			  "create", "--bundle", "BUNDLE", "ID"},
		 .chain = 1,
		 .inject = 1,
		 .config = make_config(22000, NULL)},
		{.name = "inject-200k",
		 .argv = {CREATE},
		 .chain = 1,
		 .inject = 1,
		 .config = make_config(200000, NULL)},
		{.name = "filter-confined-22k",
		 .argv = {p->hook, "--policy", p->policy},
		 .filter = 1,
		 .limit = 1.6,
		 .config = make_config(22000, profile)},
		{.name = "filter-inject-22k",
		 .argv = {p->hook, "--policy", p->policy},
		 .filter = 1,
		 .limit = 2,
		 .config = make_config(22000, NULL)},
	};
	int n = sizeof(subjects) / sizeof(subjects[0]);

	measure(subjects, n, rounds);
	return report(subjects, n, rounds);
}

int main(int argc, char *argv[])
{
	int rounds = argc > 4 ? atoi(argv[4]) : 1000, over;
	struct paths paths;

	if (argc < 4 || rounds < 1 || rounds > MAX_ROUNDS) {
		fprintf(stderr, "usage: bench WRAPPER HOOK EMPTY [ROUNDS]\n");
		return 2;
	}
	make_directories();
	stay_on_one_cpu();
	umask(022);
	/* The wrapper knows a runtime by its name. */
	paths.runtime = copy_program(argv[3], "runc");
	paths.crun = copy_program(argv[3], "crun");
	append_text(paths.crun);
	paths.empty = copy_program(argv[3], "empty");
	paths.wrapper = copy_program(argv[1], "wrapper");
	paths.hook = copy_program(argv[2], "hook");
	snprintf(paths.policy, sizeof(paths.policy), "%s/policy.json", work);
	write_file(work, "policy.json", "{\"log\":{\"to\":\"none\"}}");
	snprintf(paths.ready, sizeof(paths.ready), "%s/ready.json", work);
	write_file(work, "ready.json", "{\"filter\":\"ready\",\"log\":{\"to\":\"none\"}}");
	over = measure_all(&paths, rounds);
	remove_directories();
	if (over)
		printf("%d over the limit\n", over);
	return 0;
}
