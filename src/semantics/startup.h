/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can a container start with this profile? The runtimes load it before they call execve(2), and
 * what they still call in between has to be allowed: with noNewPrivileges that is little, as they
 * load it last then; without, they load it before they drop capabilities and change the user. Then
 * the program's C library has calls of its own before main(). What is known is for runtimes and C
 * libraries of given releases (startup.list), for x86_64; other ABIs are taken to be alike. Pure.
 */
#ifndef SECCOMP_GUARD_SEMANTICS_STARTUP_H
#define SECCOMP_GUARD_SEMANTICS_STARTUP_H

#include "semantics/model.h"
#include "syscall/syscall.h"

/* A runtime of a release, or a C library and how it is linked. */
struct startup_subject {
	const char *name, *version;
	const char *linked; /* NULL: a runtime */
};

#define STARTUP_SUBJECTS 12
extern const struct startup_subject startup_subjects[STARTUP_SUBJECTS];

/* In the order of startup.list. A program has the first alone. */
enum startup_situation {
	STARTUP_RUN,
	STARTUP_RUN_NO_PRIVS, /* with noNewPrivileges */
	STARTUP_EXEC,
	STARTUP_EXEC_NO_PRIVS,
	STARTUP_SITUATIONS,
};

/* Of what has to be allowed, what the profile denies whatever the arguments. */
struct startup {
	bool no_execve; /* no container starts */
	struct syscall_set denied[STARTUP_SUBJECTS][STARTUP_SITUATIONS];
};

/* For a host whose own ABI is `native`. Fails where the model of the profile does. */
int startup_check(const struct seccomp_profile *profile, enum abi native, struct arena *scratch,
		  struct startup *ret_startup, struct error *err);

/* The same by denied_at_once(): of request->profile, for a host whose own ABI is request->native.
 */
void startup_check_at_once(const struct model_request *request, struct startup *ret_startup);

/* Does any runtime lack something, or with `of_program` the programs of any C library? */
bool startup_lacks(const struct startup *startup, bool of_program);

/* Leave out what does not concern a container with noNewPrivileges. */
void startup_with_no_privs(struct startup *startup);

/*
 * What comes of it, a sentence for each runtime or C library that comes to nothing, in words that
 * say "it" for the profile: "no container starts with it: it denies execve". `of_program`: it is
 * about what programs do themselves.
 */
#define STARTUP_SENTENCE_SIZE 2400
struct startup_listener {
	void (*say)(void *ctx, bool of_program, const char *text);
	void *ctx;
};
void startup_say(const struct startup *startup, const struct startup_listener *listener);

/* All of them, with "; " between; "" when there is none. Returns out. */
#define STARTUP_TEXT_SIZE 4096
const char *startup_text(const struct startup *startup, char out[STARTUP_TEXT_SIZE]);

#endif
