/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Room to judge in, where whoever starts containers has left a process hardly any stack
 * (RLIMIT_STACK): the runtimes need some kilobytes of it, judging a profile some tens.
 */
#ifndef SECCOMP_GUARD_NODE_STACK_H
#define SECCOMP_GUARD_NODE_STACK_H

/*
 * Call `run(arg)`: as it is where the limit leaves enough, else on a stack of its own, which is
 * never unmapped. For the main thread of a program, and not from within `run`. Where a stack cannot
 * be had, as it is.
 */
void stack_run(void (*run)(void *arg), void *arg);

#endif
