/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x86_64, and 32-bit processes on it.
 *
 * The kernel decides about restarting a call after the stop, by orig_rax (a number: a call is in
 * progress) and rax (-512 to -514, -516), as arch/x86/kernel/signal.c has it. So registers that are
 * put back in a stop let a call go on as if nothing had been; with orig_rax -1 no call is in
 * progress.
 */
#include "live/inject-arch.h"

#if defined(__x86_64__)

#include "live/interrupted.h"

#include <errno.h>
#include <linux/audit.h>
#include <stddef.h>
#include <sys/ptrace.h>

#define USER_CS_32 0x23
#define USER_CS_64 0x33
#define FLAGS_TF 0x100ULL
#define INSN_SIZE 2 /* of syscall and of int $0x80 */
#define X32_BIT 0x40000000

/* include/linux/errno.h */
#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ERESTARTNOHAND 514
#define ERESTART_RESTARTBLOCK 516

static const struct {
	int wide, narrow;
} numbers[INJECT_CALLS] = {
	[INJECT_MMAP] = {9, 192},    [INJECT_MUNMAP] = {11, 91},   [INJECT_SECCOMP] = {317, 354},
	[INJECT_PRCTL] = {157, 172}, [INJECT_CAPSET] = {126, 185},
};
static const struct {
	int wide, narrow;
} restart_number = {219, 0}, exit_number = {231, 252};

int inject_arch_get(pid_t tid, struct inject_regs *regs)
{
	/* PTRACE_GETREGS has the 64-bit form for every process, unlike PTRACE_GETREGSET. */
	if (ptrace(PTRACE_GETREGS, tid, NULL, &regs->r) < 0)
		return -1;
	if (regs->r.cs != USER_CS_64 && regs->r.cs != USER_CS_32) {
		errno = ENOEXEC;
		return -1;
	}
	regs->narrow = regs->r.cs == USER_CS_32;
	return 0;
}

int inject_arch_set(pid_t tid, const struct inject_regs *regs)
{
	struct user_regs_struct r = regs->r;

	return (int)ptrace(PTRACE_SETREGS, tid, NULL, &r);
}

void inject_arch_free(struct inject_regs *regs)
{
	(void)regs;
}

/* The number of the call in progress; -1: none. */
static int64_t call_in_progress(const struct inject_regs *regs)
{
	return (int32_t)regs->r.orig_rax;
}

static int result_of(const struct inject_regs *regs)
{
	return (int)(int32_t)regs->r.rax;
}

bool inject_arch_restart(struct inject_regs *regs)
{
	const uint64_t wide[6] = {regs->r.rdi, regs->r.rsi, regs->r.rdx,
				  regs->r.r10, regs->r.r8,  regs->r.r9};
	const uint64_t narrow[6] = {regs->r.rbx, regs->r.rcx, regs->r.rdx,
				    regs->r.rsi, regs->r.rdi, regs->r.rbp};

	if (result_of(regs) != -EINTR || call_in_progress(regs) < 0 ||
	    !interrupted_is_endless(regs->narrow, (unsigned int)call_in_progress(regs),
				    regs->narrow ? narrow : wide))
		return false;
	regs->r.rax = (unsigned long long)-ERESTARTNOHAND;
	return true;
}

void inject_arch_signal(struct inject_regs *regs)
{
	(void)regs;
}

/* Where the thread would go on without us, and with what in rax: what the kernel does to registers
 * in which a call is in progress. */
static void as_restarted(const struct inject_regs *regs, uint64_t *ret_ip, uint64_t *ret_ax)
{
	int64_t nr = call_in_progress(regs);

	*ret_ip = regs->r.rip;
	*ret_ax = regs->r.rax;
	if (nr < 0)
		return;
	switch (result_of(regs)) {
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
	case -ERESTARTNOHAND:
		*ret_ip -= INSN_SIZE;
		*ret_ax = (uint64_t)nr;
		break;
	case -ERESTART_RESTARTBLOCK:
		*ret_ip -= INSN_SIZE;
		*ret_ax = (uint64_t)(regs->narrow ? restart_number.narrow
						  : restart_number.wide | (nr & X32_BIT));
		break;
	}
}

uint32_t inject_arch_audit(const struct inject_regs *regs)
{
	return regs->narrow ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64;
}

int inject_arch_exit_number(const struct inject_regs *regs)
{
	return regs->narrow ? exit_number.narrow : exit_number.wide;
}

bool inject_arch_again(const struct inject_regs *regs, struct seccomp_data *ret_data)
{
	const struct user_regs_struct *r = &regs->r;
	uint64_t ip, ax;

	as_restarted(regs, &ip, &ax);
	if (ip == r->rip)
		return false;
	*ret_data = (struct seccomp_data){.nr = (int)ax,
					  .arch = inject_arch_audit(regs),
					  .instruction_pointer = r->rip,
					  .args = {r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9}};
	if (regs->narrow) {
		const uint64_t args[6] = {r->rbx, r->rcx, r->rdx, r->rsi, r->rdi, r->rbp};

		for (int i = 0; i < 6; i++)
			ret_data->args[i] = (uint32_t)args[i];
	}
	return true;
}

int inject_arch_number(const struct inject_regs *regs, enum inject_call call)
{
	return regs->narrow ? numbers[call].narrow : numbers[call].wide;
}

/* ---- the stub ---- */

/* A load of one register from memory: the bytes before its 32-bit address. In 64-bit code that is
 * from the next instruction on, in 32-bit code absolute. */
struct load {
	unsigned char code[3];
	unsigned char n;
	unsigned short offset; /* in struct user_regs_struct */
};

#define REG(name) offsetof(struct user_regs_struct, name)

static const struct load wide_loads[] = {
	{{0x48, 0x8b, 0x05}, 3, REG(rax)}, {{0x48, 0x8b, 0x3d}, 3, REG(rdi)},
	{{0x48, 0x8b, 0x35}, 3, REG(rsi)}, {{0x48, 0x8b, 0x15}, 3, REG(rdx)},
	{{0x4c, 0x8b, 0x15}, 3, REG(r10)}, {{0x4c, 0x8b, 0x05}, 3, REG(r8)},
	{{0x4c, 0x8b, 0x0d}, 3, REG(r9)},  {{0x48, 0x8b, 0x0d}, 3, REG(rcx)},
	{{0x4c, 0x8b, 0x1d}, 3, REG(r11)}, {{0xff, 0x25}, 2, REG(rip)}, /* jmp */
};
static const struct load narrow_loads[] = {
	{{0x8b, 0x05}, 2, REG(rax)}, {{0x8b, 0x1d}, 2, REG(rbx)}, {{0x8b, 0x0d}, 2, REG(rcx)},
	{{0x8b, 0x15}, 2, REG(rdx)}, {{0x8b, 0x35}, 2, REG(rsi)}, {{0x8b, 0x3d}, 2, REG(rdi)},
	{{0x8b, 0x2d}, 2, REG(rbp)}, {{0xff, 0x25}, 2, REG(rip)}, /* jmp */
};

static const unsigned char wide_enter[INSN_SIZE] = {0x0f, 0x05};
static const unsigned char narrow_enter[INSN_SIZE] = {0xcd, 0x80};

/* All values lie behind this much code. */
#define CODE_SIZE 72

size_t inject_arch_stub(const struct inject_regs *regs, uint64_t at,
			unsigned char out[INJECT_STUB_SIZE])
{
	const struct load *loads = regs->narrow ? narrow_loads : wide_loads;
	size_t n = regs->narrow ? ARRAY_SIZE(narrow_loads) : ARRAY_SIZE(wide_loads);
	size_t size = INSN_SIZE;
	uint64_t ip, ax;

	memset(out, 0xcc, CODE_SIZE);
	memcpy(out, regs->narrow ? narrow_enter : wide_enter, INSN_SIZE);
	as_restarted(regs, &ip, &ax);
	for (size_t i = 0; i < n; i++) {
		size_t value_at = CODE_SIZE + 8 * i;
		uint64_t value;
		uint32_t address;

		memcpy(&value, (const char *)&regs->r + loads[i].offset, sizeof(value));
		value = loads[i].offset == REG(rip) ? ip : loads[i].offset == REG(rax) ? ax : value;
		memcpy(out + value_at, &value, sizeof(value));
		memcpy(out + size, loads[i].code, loads[i].n);
		size += loads[i].n;
		address = (uint32_t)(regs->narrow ? at + value_at : value_at - size - 4);
		memcpy(out + size, &address, sizeof(address));
		size += sizeof(address);
	}
	return CODE_SIZE + 8 * n;
}

int inject_arch_enter(pid_t tid, const struct inject_regs *regs, uint64_t stub,
		      const struct live_call *call)
{
	struct user_regs_struct r = regs->r;

	r.rip = stub;
	r.rax = call->nr;
	r.orig_rax = UINT64_MAX;
	r.eflags &= ~FLAGS_TF;
	if (regs->narrow) {
		r.rbx = call->args[0];
		r.rcx = call->args[1];
		r.rdx = call->args[2];
		r.rsi = call->args[3];
		r.rdi = call->args[4];
		r.rbp = call->args[5];
	} else {
		r.rdi = call->args[0];
		r.rsi = call->args[1];
		r.rdx = call->args[2];
		r.r10 = call->args[3];
		r.r8 = call->args[4];
		r.r9 = call->args[5];
	}
	return (int)ptrace(PTRACE_SETREGS, tid, NULL, &r);
}

int inject_arch_result(pid_t tid, const struct inject_regs *regs, int64_t *ret_result)
{
	struct inject_regs now = *regs;

	if (inject_arch_get(tid, &now) < 0)
		return -1;
	*ret_result = (int64_t)now.r.rax;
	/* An address of a 32-bit process may have its highest bit set, an error lies above them. */
	if (regs->narrow)
		*ret_result = (uint32_t)now.r.rax > (uint32_t)-4096 ? (int64_t)(int32_t)now.r.rax
								    : (int64_t)(uint32_t)now.r.rax;
	return 0;
}

size_t inject_arch_fprog(const struct inject_regs *regs, unsigned short n, uint64_t insns,
			 unsigned char out[16])
{
	size_t at = regs->narrow ? 4 : 8;

	memset(out, 0, 16);
	memcpy(out, &n, sizeof(n));
	/* Little-endian: the low half comes first. */
	memcpy(out + at, &insns, at);
	return 2 * at;
}

#else
typedef int inject_x86_64_is_empty;
#endif
