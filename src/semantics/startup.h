/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can a container start with this profile? The runtimes load it before they call execve(2), and
 * what they still call in between has to be allowed: with noNewPrivileges that is little, as they
 * load it last then; without, they load it before they drop capabilities and change the user. Pure.
 */
#ifndef SECCOMP_GUARD_SEMANTICS_STARTUP_H
#define SECCOMP_GUARD_SEMANTICS_STARTUP_H

#include "semantics/model.h"
#include "syscall/syscall.h"

enum startup_need {
	STARTUP_RUNC,          /* runc, without noNewPrivileges */
	STARTUP_RUNC_NO_PRIVS, /* runc, with and without */
	STARTUP_CRUN,          /* crun, without; with, it needs execve alone */
	STARTUP_NEEDS,
};

/* Of what the runtimes need, what the profile denies whatever the arguments. */
struct startup {
	bool no_execve; /* no container starts */
	struct syscall_set denied[STARTUP_NEEDS];
};

/* For a host whose own ABI is `native`. Fails where the model of the profile does. */
int startup_check(const struct seccomp_profile *profile, enum abi native, struct arena *scratch,
		  struct startup *ret_startup, struct error *err);

/*
 * What comes of it, in words that say "it" for the profile: "no container starts with it: it denies
 * execve"; "" when nothing does. Returns out.
 */
#define STARTUP_TEXT_SIZE 1024
const char *startup_text(const struct startup *startup, char out[STARTUP_TEXT_SIZE]);

#endif
