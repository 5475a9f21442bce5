/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aarch64. Unlike on x86, the kernel prepares the restart of a call before the stop
 * (arch/arm64/kernel/signal.c): pc is at the `svc` again and x0 has its argument. So the saved
 * registers make the call anew by themselves. What is lost is that a call with a time-out that had
 * to go on with the rest of it (restart_syscall(2)), and x0 of a call that any stop ends with
 * EINTR: both are known from what /proc showed before the stop. 32-bit processes are not handled.
 */
#include "live/inject-arch.h"

#if defined(__aarch64__)

#include "live/interrupted.h"

#include <elf.h>
#include <asm/ptrace.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define INSN_SIZE 4
#define INSN_SVC 0xd4000001u
#define TIMER_ABSTIME 1
#define PSTATE_BTYPE (3ULL << 10)
#ifndef NT_ARM_SSVE
#define NT_ARM_SSVE 0x40b
#endif

static const int numbers[INJECT_CALLS] = {
	[INJECT_MMAP] = SYS_mmap,   [INJECT_MUNMAP] = SYS_munmap, [INJECT_SECCOMP] = SYS_seccomp,
	[INJECT_PRCTL] = SYS_prctl, [INJECT_CAPSET] = SYS_capset,
};

/* Does the call that it waited in go on with the rest of its time? Of futex(2) those that wait
 * for no lock. */
static bool has_rest(const struct inject_regs *regs)
{
	unsigned int op = (unsigned int)regs->waited.args[1] & FUTEX_CMD_MASK;

	switch (regs->waited.nr) {
	case SYS_nanosleep:
		return true;
	case SYS_clock_nanosleep:
		return (regs->waited.args[1] & TIMER_ABSTIME) == 0;
	case SYS_futex:
		return regs->waited.args[3] != 0 && (op == FUTEX_WAIT || op == FUTEX_WAIT_BITSET);
	case SYS_restart_syscall:
		return true;
	default:
		return false;
	}
}

static bool is_svc(pid_t tid, uint64_t pc)
{
	long word;

	errno = 0;
	word = ptrace(PTRACE_PEEKTEXT, tid, (void *)(uintptr_t)(pc & ~7ULL), NULL);
	return errno == 0 && (uint32_t)((uint64_t)word >> (pc % 8 != 0 ? 32 : 0)) == INSN_SVC;
}

/*
 * A thread that was stopped already (SIGSTOP, the freezer) has left its call, and so /proc shows
 * none; but the registers have it, as the kernel has prepared its restart. One that was stopped
 * just before its first `svc` cannot be told from it; its nanosleep(2) ends early.
 */
static void take_from_regs(struct inject_regs *regs)
{
	regs->waited.nr = (int64_t)regs->r.regs[8];
	for (int i = 0; i < 6; i++)
		regs->waited.args[i] = regs->r.regs[i];
	regs->waited.sp = regs->r.sp;
	regs->waited.pc = regs->r.pc + INSN_SIZE;
}

/* Is it about to make that call again? */
static bool is_at_call(const struct inject_regs *regs)
{
	return waited_is_that(&regs->waited, &regs->r) &&
	       regs->r.pc == regs->waited.pc - INSN_SIZE && regs->r.regs[0] == regs->waited.args[0];
}

/*
 * A system call leaves of the registers Z0 to Z31 what lies in V0 to V31, nothing of P0 to P15 and
 * FFR, and ends streaming mode (Documentation/arm64/sve.rst, sme.rst). So they are saved, where the
 * thread is using them. -1 with errno.
 */
static int save_vector(pid_t tid, struct inject_regs *regs)
{
	static const int sets[] = {NT_ARM_SVE, NT_ARM_SSVE};

	inject_arch_free(regs);
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		struct user_sve_header header = {0};
		struct iovec iov = {&header, sizeof(header)};

		if (ptrace(PTRACE_GETREGSET, tid, (void *)(intptr_t)sets[i], &iov) < 0 ||
		    iov.iov_len < sizeof(header) ||
		    (header.flags & SVE_PT_REGS_MASK) != SVE_PT_REGS_SVE)
			continue;
		regs->vector = malloc(header.size);
		iov = (struct iovec){regs->vector, header.size};
		if (regs->vector == NULL ||
		    ptrace(PTRACE_GETREGSET, tid, (void *)(intptr_t)sets[i], &iov) < 0)
			return -1;
		regs->vector_size = iov.iov_len;
		regs->vector_set = sets[i];
		return 0;
	}
	return 0;
}

void inject_arch_free(struct inject_regs *regs)
{
	free(regs->vector);
	regs->vector = NULL;
}

int inject_arch_get(pid_t tid, struct inject_regs *regs)
{
	struct iovec iov = {&regs->r, sizeof(regs->r)};

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &iov) < 0)
		return -1;
	if (iov.iov_len != sizeof(regs->r)) {
		errno = ENOEXEC;
		return -1;
	}
	if (save_vector(tid, regs) < 0)
		return -1;
	if (regs->waited.was_stopped && regs->waited.nr < 0 && is_svc(tid, regs->r.pc))
		take_from_regs(regs);
	/* What it does later is its own. */
	regs->waited.was_stopped = false;
	if (is_at_call(regs) && has_rest(regs))
		regs->r.regs[8] = SYS_restart_syscall;
	else if (!is_at_call(regs) && !waited_is_cut_short(&regs->waited, &regs->r))
		regs->waited.nr = -1;
	return 0;
}

static int set_regs(pid_t tid, struct user_regs_struct *r)
{
	struct iovec iov = {r, sizeof(*r)};
	int none = -1;
	struct iovec no_call = {&none, sizeof(none)};

	if (ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &iov) < 0)
		return -1;
	/* No call is in progress with these. */
	return (int)ptrace(PTRACE_SETREGSET, tid, NT_ARM_SYSTEM_CALL, &no_call);
}

int inject_arch_set(pid_t tid, const struct inject_regs *regs)
{
	struct user_regs_struct r = regs->r;
	struct iovec vector = {regs->vector, regs->vector_size};

	if (regs->vector != NULL &&
	    ptrace(PTRACE_SETREGSET, tid, (void *)(intptr_t)regs->vector_set, &vector) < 0)
		return -1;
	return set_regs(tid, &r);
}

bool inject_arch_restart(struct inject_regs *regs)
{
	if (!waited_is_cut_short(&regs->waited, &regs->r))
		return false;
	waited_again(&regs->waited, &regs->r);
	return true;
}

void inject_arch_signal(struct inject_regs *regs)
{
	/* signal(7): never restarted after a handler. Others depend on SA_RESTART, which nobody can
	 * see from outside, and are restarted. */
	static const int ends[] = {SYS_ppoll, SYS_pselect6, SYS_rt_sigsuspend, SYS_nanosleep,
				   SYS_clock_nanosleep};
	bool is_end =
		regs->waited.nr >= 0 && interrupted_is_one(false, (unsigned int)regs->waited.nr);

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		is_end = is_end || regs->waited.nr == ends[i];
	if (!is_end)
		return;
	regs->r.regs[0] = (uint64_t)-EINTR;
	regs->r.regs[8] = (uint64_t)regs->waited.nr;
	regs->r.pc += INSN_SIZE;
	regs->waited.nr = -1;
}

bool inject_arch_again(const struct inject_regs *regs, struct seccomp_data *ret_data)
{
	if (regs->waited.nr < 0)
		return false;
	*ret_data = (struct seccomp_data){.nr = (int)regs->r.regs[8],
					  .arch = AUDIT_ARCH_AARCH64,
					  .instruction_pointer = regs->r.pc};
	for (int i = 0; i < 6; i++)
		ret_data->args[i] = regs->r.regs[i];
	return true;
}

uint32_t inject_arch_audit(const struct inject_regs *regs)
{
	(void)regs;
	return AUDIT_ARCH_AARCH64;
}

int inject_arch_exit_number(const struct inject_regs *regs)
{
	(void)regs;
	return SYS_exit_group;
}

int inject_arch_number(const struct inject_regs *regs, enum inject_call call)
{
	(void)regs;
	return numbers[call];
}

/*
 * svc #0; ldr xN, [value] for x0 to x5 and x8; ldr x17, [pc]; ret x17. x17 is what a linker's stub
 * may use between any two functions; it is not put back. A "br" may land only where the code says
 * so (BTI), a "ret" anywhere.
 */
size_t inject_arch_stub(const struct inject_regs *regs, uint64_t at,
			unsigned char out[INJECT_STUB_SIZE])
{
	static const unsigned int order[] = {0, 1, 2, 3, 4, 5, 8};
	/* svc, the loads, the load of pc, ret, and one to align. */
	const size_t n = ARRAY_SIZE(order), code = 4 * (n + 3 + (n + 3) % 2);
	uint32_t insn = INSN_SVC;
	size_t size = 0;

	(void)at;
	memset(out, 0, code);
	memcpy(out, &insn, sizeof(insn));
	for (size_t i = 0; i <= n; i++) {
		uint64_t value = i < n ? regs->r.regs[order[i]] : regs->r.pc;
		unsigned int reg = i < n ? order[i] : 17;
		size_t value_at = code + 8 * i;

		size += INSN_SIZE;
		/* LDR (literal): the distance from the instruction in words. */
		insn = 0x58000000u | (uint32_t)((value_at - size) / 4) << 5 | reg;
		memcpy(out + size, &insn, sizeof(insn));
		memcpy(out + value_at, &value, sizeof(value));
	}
	insn = 0xd65f0220u; /* ret x17 */
	memcpy(out + size + INSN_SIZE, &insn, sizeof(insn));
	return code + 8 * (n + 1);
}

int inject_arch_enter(pid_t tid, const struct inject_regs *regs, uint64_t stub,
		      const struct live_call *call)
{
	struct user_regs_struct r = regs->r;

	r.pc = stub;
	/* Stopped between a branch and where it lands: not in the stub (BTI). */
	r.pstate &= ~PSTATE_BTYPE;
	for (int i = 0; i < 6; i++)
		r.regs[i] = call->args[i];
	r.regs[8] = call->nr;
	return set_regs(tid, &r);
}

int inject_arch_result(pid_t tid, const struct inject_regs *regs, int64_t *ret_result)
{
	struct user_regs_struct r;
	struct iovec iov = {&r, sizeof(r)};

	(void)regs;
	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &iov) < 0)
		return -1;
	*ret_result = (int64_t)r.regs[0];
	return 0;
}

size_t inject_arch_fprog(const struct inject_regs *regs, unsigned short n, uint64_t insns,
			 unsigned char out[16])
{
	(void)regs;
	memset(out, 0, 16);
	memcpy(out, &n, sizeof(n));
	memcpy(out + 8, &insns, sizeof(insns));
	return 16;
}

#else
typedef int inject_aarch64_is_empty;
#endif
