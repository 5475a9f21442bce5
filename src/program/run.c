/* SPDX-License-Identifier: Apache-2.0 */
#include "program/run.h"

/* The accumulator compared with the constant of the jump; -1: no such comparison. */
static int holds(const struct sock_filter *insn, uint32_t a)
{
	switch (insn->code) {
	case BPF_JMP | BPF_JEQ | BPF_K:
		return a == insn->k;
	case BPF_JMP | BPF_JGT | BPF_K:
		return a > insn->k;
	case BPF_JMP | BPF_JGE | BPF_K:
		return a >= insn->k;
	case BPF_JMP | BPF_JSET | BPF_K:
		return (a & insn->k) != 0;
	default:
		return -1;
	}
}

uint32_t program_run(const struct sock_filter *insns, size_t n, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t at = 0; at < n; at++) {
		const struct sock_filter *insn = &insns[at];
		int jump;

		switch (insn->code) {
		case BPF_RET | BPF_K:
			return insn->k;
		case BPF_LD | BPF_W | BPF_ABS:
			if (insn->k % 4 != 0 || insn->k + 4 > sizeof(*data))
				return SECCOMP_RET_KILL_PROCESS;
			memcpy(&a, (const char *)data + insn->k, sizeof(a));
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= insn->k;
			continue;
		case BPF_JMP | BPF_JA:
			at += insn->k;
			continue;
		}
		jump = holds(insn, a);
		if (jump < 0)
			return SECCOMP_RET_KILL_PROCESS;
		at += jump ? insn->jt : insn->jf;
	}
	return SECCOMP_RET_KILL_PROCESS;
}
