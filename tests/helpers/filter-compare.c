/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do two seccomp filters give the same verdict for everything? usage: filter-compare A B   (struct
 * sock_filter)
 *
 * Both programs are run by an interpreter for every system call number of every architecture, and
 * where one of them looks at arguments, for every value at the boundaries of what either compares
 * arguments with on the way, in each half of each argument, and for combinations of them. Exit
 * status 0 and a count, or 1 and the first call on which they differ.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NUMBER 1100
#define MAX_VALUES 4096
#define COMBINATIONS 20000

struct program {
	struct sock_filter insns[BPF_MAXINSNS];
	size_t n;
};

static uint32_t values[MAX_VALUES];
static size_t n_values;

static void die(const char *what, size_t at)
{
	fprintf(stderr, "filter-compare: %s at instruction %zu\n", what, at);
	exit(2);
}

static void load(const char *path, struct program *p)
{
	FILE *file = fopen(path, "re");

	p->n = file ? fread(p->insns, sizeof(p->insns[0]), BPF_MAXINSNS, file) : 0;
	if (p->n == 0)
		die(path, 0);
	fclose(file);
}

static void add_value(uint32_t value)
{
	for (size_t i = 0; i < n_values; i++)
		if (values[i] == value)
			return;
	if (n_values == MAX_VALUES)
		die("too many values", 0);
	values[n_values++] = value;
}

static void add_values(uint32_t k)
{
	add_value(k - 1);
	add_value(k);
	add_value(k + 1);
	add_value(~k);
}

static uint32_t alu(const struct sock_filter *i, uint32_t a, uint32_t x, size_t at)
{
	uint32_t b = BPF_SRC(i->code) == BPF_X ? x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_AND:
		return a & b;
	case BPF_OR:
		return a | b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return a << b;
	case BPF_RSH:
		return a >> b;
	case BPF_NEG:
		return -a;
	default:
		die("unknown arithmetic", at);
		return 0;
	}
}

static bool jumps(const struct sock_filter *i, uint32_t a, uint32_t x, size_t at)
{
	uint32_t b = BPF_SRC(i->code) == BPF_X ? x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_JEQ:
		return a == b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JSET:
		return a & b;
	default:
		die("unknown jump", at);
		return false;
	}
}

/* Classic BPF as in the kernel's net/core/filter.c, with seccomp's load. What arguments are
 * compared with is noted in `values`. */
static uint32_t run(const struct program *p, const struct seccomp_data *data)
{
	uint32_t a = 0, x = 0, mem[BPF_MEMWORDS] = {0};
	bool argument = false;

	for (size_t pc = 0; pc < p->n; pc++) {
		const struct sock_filter *i = &p->insns[pc];

		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			if (BPF_MODE(i->code) == BPF_IMM) {
				a = i->k;
			} else if (BPF_MODE(i->code) == BPF_MEM) {
				a = mem[i->k % BPF_MEMWORDS];
			} else {
				memcpy(&a, (const char *)data + i->k, sizeof(a));
				argument = i->k >= offsetof(struct seccomp_data, args);
			}
			break;
		case BPF_LDX:
			x = BPF_MODE(i->code) == BPF_MEM ? mem[i->k % BPF_MEMWORDS] : i->k;
			break;
		case BPF_ST:
			mem[i->k % BPF_MEMWORDS] = a;
			break;
		case BPF_STX:
			mem[i->k % BPF_MEMWORDS] = x;
			break;
		case BPF_ALU:
			if (argument)
				add_values(i->k);
			a = alu(i, a, x, pc);
			break;
		case BPF_JMP:
			if (argument && BPF_OP(i->code) != BPF_JA)
				add_values(i->k);
			if (BPF_OP(i->code) == BPF_JA)
				pc += i->k;
			else
				pc += jumps(i, a, x, pc) ? i->jt : i->jf;
			break;
		case BPF_RET:
			return BPF_RVAL(i->code) == BPF_A ? a : i->k;
		case BPF_MISC:
			if (BPF_MISCOP(i->code) == BPF_TAX)
				x = a;
			else
				a = x;
			break;
		}
	}
	die("ran out of the program", p->n);
	return 0;
}

static uint64_t compared;
static size_t differ, asked;

static void compare(const struct program *a, const struct program *b,
		    const struct seccomp_data *data)
{
	uint32_t va = run(a, data), vb = run(b, data);

	compared++;
	if (va != vb && differ++ == 0)
		printf("arch %#x number %d (%#x) arguments %#llx %#llx %#llx %#llx %#llx %#llx: "
		       "%#x and "
		       "%#x\n",
		       data->arch, data->nr, (unsigned int)data->nr,
		       (unsigned long long)data->args[0], (unsigned long long)data->args[1],
		       (unsigned long long)data->args[2], (unsigned long long)data->args[3],
		       (unsigned long long)data->args[4], (unsigned long long)data->args[5], va,
		       vb);
}

static uint32_t pick(void)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005U + 1442695040888963407U;
	return values[(state >> 33) % n_values];
}

static void compare_arguments(const struct program *a, const struct program *b,
			      struct seccomp_data *data)
{
	for (int arg = 0; arg < 6; arg++) {
		for (size_t lo = 0; lo < n_values; lo++) {
			for (size_t hi = 0; hi < n_values; hi++) {
				memset(data->args, 0, sizeof(data->args));
				data->args[arg] = (uint64_t)values[hi] << 32 | values[lo];
				compare(a, b, data);
			}
		}
	}
	for (int i = 0; i < COMBINATIONS; i++) {
		for (int arg = 0; arg < 6; arg++)
			data->args[arg] = (uint64_t)(i % 2 ? 0 : pick()) << 32 | pick();
		compare(a, b, data);
	}
}

/* One number: with arguments of zero; as long as that brings up new values to compare with, with
 * all of them. */
static void compare_number(const struct program *a, const struct program *b,
			   struct seccomp_data *data)
{
	size_t before;

	memset(data->args, 0, sizeof(data->args));
	n_values = 0;
	compare(a, b, data);
	if (n_values == 0)
		return;
	asked++;
	add_values(0);
	add_value(0x80000000);
	do {
		before = n_values;
		compare_arguments(a, b, data);
	} while (n_values > before);
}

int main(int argc, char **argv)
{
	static const uint32_t archs[] = {
		AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,   AUDIT_ARCH_AARCH64,  AUDIT_ARCH_ARM,
		AUDIT_ARCH_S390X,  AUDIT_ARCH_S390,   AUDIT_ARCH_PPC64LE,  AUDIT_ARCH_RISCV64,
		AUDIT_ARCH_MIPS,   AUDIT_ARCH_MIPS64, AUDIT_ARCH_MIPSEL64, 0,
	};
	static const uint32_t bases[] = {0,       0x40000000, 4000,       5000,      6000,
					 0xf0000, 0x7ffffc00, 0x80000000, 0xfffffc00};
	static struct program a, b;

	if (argc != 3)
		return 2;
	load(argv[1], &a);
	load(argv[2], &b);
	for (size_t arch = 0; arch < sizeof(archs) / sizeof(archs[0]); arch++) {
		for (size_t base = 0; base < sizeof(bases) / sizeof(bases[0]); base++) {
			for (uint32_t n = 0; n < MAX_NUMBER; n++) {
				struct seccomp_data data = {.nr = (int)(bases[base] + n),
							    .arch = archs[arch]};

				compare_number(&a, &b, &data);
			}
		}
	}
	printf("%llu calls compared, %zu differ; %zu numbers with arguments; %zu and %zu "
	       "instructions\n",
	       (unsigned long long)compared, differ, asked, a.n, b.n);
	return differ > 0;
}
