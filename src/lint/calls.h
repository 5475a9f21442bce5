/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of system calls that profiles are often wrong about, as tables: calls.c. */
#ifndef SECCOMP_GUARD_LINT_CALLS_H
#define SECCOMP_GUARD_LINT_CALLS_H

#include <stddef.h>

/*
 * A call that C libraries make today where they made another before. Profiles that are older allow
 * the one and deny the other.
 */
enum newer_habit {
	NEWER_NO_OTHER, /* the library does not go back to the older one */
	NEWER_ENOSYS,   /* it does for ENOSYS, and for no other error */
	NEWER_ANY,      /* it does for any error, or goes on without */
	NEWER_WRAPPER,  /* only programs that want it make it, by this name */
};

struct newer_call {
	const char *call;
	const char *kernel; /* Linux has it since */
	const char *older;  /* what was called before; separated by a space: any of them */
	const char *since;  /* which library since when; NULL: none has it yet */
	const char *does;   /* what makes it */
	enum newer_habit habit;
};

extern const struct newer_call newer_calls[];
extern const size_t n_newer_calls;

#endif
