/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests: what libseccomp makes of rules, as the runtimes hand them over, and what the
 * kernel makes of that. Reads groups of lines
 *
 *     default ACTION
 *     arch NAME                                        as libseccomp spells it; none is the native
 * one rule ACTION SYSCALL [ARG OP VALUE DATUM]...      numbers as in <seccomp.h> call ARCH SYSCALL
 * [ARG]... number ARCH SYSCALL end
 *
 * and answers each `call` with what the program returns for it, in hexadecimal, or "-" when there
 * is no such call on ARCH; each `number` with what it is, negative when there is no such call; and
 * each `end` with "INSTRUCTIONS SHA256", or with "error WHAT" when a runtime would fail. Unknown
 * names are skipped, and so are rules that say what the default says, as runc and crun do.
 */
#include <config.h>

#include "base/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>

/* BPF_MAXINSNS instructions at most. */
#define MAX_PROGRAM (4096 * sizeof(struct sock_filter))

struct job {
	scmp_filter_ctx ctx;
	uint32_t action; /* the default */
	bool has_arch;   /* else the native one is in, as libseccomp begins */
	bool big_endian; /* the program, and what it looks at */
	char problem[1200];
	unsigned char program[MAX_PROGRAM];
	size_t size; /* bytes; 0: not compiled yet */
};

static void add_arch(struct job *job, const char *name)
{
	uint32_t arch = seccomp_arch_resolve_name(name);
	int r;

	if (!job->has_arch && arch != seccomp_arch_native())
		seccomp_arch_remove(job->ctx, seccomp_arch_native());
	job->has_arch = true;
	r = arch == 0 ? -EINVAL : seccomp_arch_add(job->ctx, arch);
	if (r < 0 && r != -EEXIST)
		snprintf(job->problem, sizeof(job->problem), "arch %s: %d", name, r);
	job->big_endian = (arch & __AUDIT_ARCH_LE) == 0;
}

static void add_rule(struct job *job, char *line)
{
	struct scmp_arg_cmp args[6];
	unsigned int n_args = 0;
	char *save = NULL;
	uint32_t action = (uint32_t)strtoul(strtok_r(line, " ", &save), NULL, 0);
	const char *name = strtok_r(NULL, " ", &save);
	int number = name == NULL ? __NR_SCMP_ERROR : seccomp_syscall_resolve_name(name);
	int r;

	if (number == __NR_SCMP_ERROR || action == job->action)
		return;
	for (char *word; (word = strtok_r(NULL, " ", &save)) != NULL && n_args < ARRAY_SIZE(args);
	     n_args++) {
		args[n_args].arg = (unsigned int)strtoul(word, NULL, 0);
		args[n_args].op = (enum scmp_compare)strtoul(strtok_r(NULL, " ", &save), NULL, 0);
		args[n_args].datum_a = strtoull(strtok_r(NULL, " ", &save), NULL, 0);
		args[n_args].datum_b = strtoull(strtok_r(NULL, " ", &save), NULL, 0);
	}
	r = seccomp_rule_add_array(job->ctx, action, number, n_args, args);
	if (r < 0)
		snprintf(job->problem, sizeof(job->problem), "rule for %s: %s", name, strerror(-r));
}

/* Once for each group: the program as it goes to the kernel. */
static void compile(struct job *job)
{
	FILE *file;

	if (job->size > 0 || job->problem[0] != '\0')
		return;
	file = tmpfile();
	if (file == NULL)
		goto done;
	if (seccomp_export_bpf(job->ctx, fileno(file)) == 0 &&
	    lseek(fileno(file), 0, SEEK_SET) == 0)
		job->size = fread(job->program, 1, MAX_PROGRAM, file);
done:
	if (job->size == 0)
		snprintf(job->problem, sizeof(job->problem), "export");
	if (file != NULL)
		fclose(file);
}

static uint32_t load(const struct job *job, const unsigned char *p, size_t n)
{
	uint32_t value = 0;

	for (size_t i = 0; i < n; i++)
		value = value << 8 | p[job->big_endian ? i : n - 1 - i];
	return value;
}

static void store(const struct job *job, unsigned char *p, size_t n, uint64_t value)
{
	for (size_t i = 0; i < n; i++)
		p[job->big_endian ? n - 1 - i : i] = (unsigned char)(value >> 8 * i);
}

/* The instructions that libseccomp writes (linux/Documentation/networking/filter.rst); another one
 * is a failure. */
static uint32_t run(const struct job *job, const unsigned char data[64])
{
	uint32_t accumulator = 0;

	for (size_t pc = 0; (pc + 1) * 8 <= job->size; pc++) {
		const unsigned char *insn = job->program + pc * 8;
		uint32_t code = load(job, insn, 2), k = load(job, insn + 4, 4);
		bool yes = false;

		switch (code) {
		case BPF_LD | BPF_W | BPF_ABS:
			accumulator = load(job, data + k, 4);
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			accumulator &= k;
			continue;
		case BPF_JMP | BPF_JA:
			pc += k;
			continue;
		case BPF_RET | BPF_K:
			return k;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = accumulator == k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			yes = accumulator > k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = accumulator >= k;
			break;
		default:
			abort();
		}
		pc += insn[yes ? 2 : 3];
	}
	abort();
}

static void call(struct job *job, char *line)
{
	unsigned char data[64] = {0}; /* struct seccomp_data */
	char *save = NULL;
	uint32_t arch = seccomp_arch_resolve_name(strtok_r(line, " ", &save));
	int number = seccomp_syscall_resolve_name_arch(arch, strtok_r(NULL, " ", &save));
	const char *word;

	compile(job);
	if (job->problem[0] != '\0' || number == __NR_SCMP_ERROR || number < 0) {
		puts("-");
		return;
	}
	/* The kernel tells x32 from x86_64 by a bit of the number. */
	store(job, data, 4, (uint32_t)number);
	store(job, data + 4, 4, arch == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : arch);
	for (size_t i = 0; i < 6 && (word = strtok_r(NULL, " ", &save)) != NULL; i++)
		store(job, data + 16 + 8 * i, 8, strtoull(word, NULL, 0));
	printf("%x\n", run(job, data));
}

static void number(char *line)
{
	char *save = NULL;
	uint32_t arch = seccomp_arch_resolve_name(strtok_r(line, " ", &save));

	printf("%d\n", seccomp_syscall_resolve_name_arch(arch, strtok_r(NULL, " ", &save)));
}

static void end(struct job *job)
{
	char hex[SHA256_HEX_SIZE];

	compile(job);
	sha256_hex((struct span){(const char *)job->program, job->size}, hex);
	if (job->problem[0] != '\0')
		printf("error %s\n", job->problem);
	else
		printf("%zu %s\n", job->size / 8, hex);
	seccomp_release(job->ctx);
	job->ctx = NULL;
}

static void begin(struct job *job, const char *action)
{
	job->action = (uint32_t)strtoul(action, NULL, 0);
	job->has_arch = false;
	job->size = 0;
	job->problem[0] = '\0';
	job->ctx = seccomp_init(job->action);
}

int main(void)
{
	static struct job job;
	char line[1024];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "default ", 8) == 0)
			begin(&job, line + 8);
		if (job.ctx == NULL)
			return 1;
		if (strncmp(line, "arch ", 5) == 0)
			add_arch(&job, line + 5);
		else if (strncmp(line, "rule ", 5) == 0)
			add_rule(&job, line + 5);
		else if (strncmp(line, "call ", 5) == 0)
			call(&job, line + 5);
		else if (strncmp(line, "number ", 7) == 0)
			number(line + 7);
		else if (strcmp(line, "end") == 0)
			end(&job);
	}
	return 0;
}
