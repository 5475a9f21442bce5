/* SPDX-License-Identifier: Apache-2.0 */
#include "node/stack.h"

#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>

#define STACK_SIZE (256U << 10)

/* makecontext(3) hands on no pointers. */
static void (*pending_run)(void *arg);
static void *pending_arg;

static void run_pending(void)
{
	pending_run(pending_arg);
}

static int is_large(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur >= STACK_SIZE;
}

void stack_run(void (*run)(void *arg), void *arg)
{
	static ucontext_t here, there;
	void *stack;

	if (is_large()) {
		run(arg);
		return;
	}
	stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED || getcontext(&there) < 0) {
		run(arg);
		return;
	}
	pending_run = run;
	pending_arg = arg;
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = STACK_SIZE;
	there.uc_link = &here;
	makecontext(&there, run_pending, 0);
	swapcontext(&here, &there);
}
