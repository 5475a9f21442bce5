/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a container fail or surprise with a profile, by the value of the profile alone and in
 * one pass over it, so that each start can ask. What needs the text, or a model of each ABI, is
 * lint's (lint/profile.c), which has a rule of each name here. Pure.
 */
#ifndef SECCOMP_GUARD_SEMANTICS_WARNINGS_H
#define SECCOMP_GUARD_SEMANTICS_WARNINGS_H

#include "semantics/model.h"

enum warning {
	WARNING_NO_START,
	WARNING_HARD_START, /* a runtime that is known lacks what it calls, see startup.h, */
	WARNING_C_LIBRARY,  /* or the programs of a C library */
	WARNING_CLONE3,
	WARNING_NO_ARCHITECTURES,
	WARNING_FLAGS,
	/* A name that no kernel's call can have, for its case or a blank. Other names that are not
	 * known may be newer than this table, as an engine's own profile is. */
	WARNING_UNKNOWN_CALL,
	WARNINGS,
};

struct warnings_request {
	const struct seccomp_profile *profile;
	enum abi native;        /* the host's own */
	bool no_new_privileges; /* of the container */
	bool live;              /* loaded behind the runtime's back, which lacks nothing then */
	struct span mark;       /* what a name begins with that is meant to be no call's */
	struct arena *scratch;  /* given back */
};

/* As bits. 0 where there is no memory left. */
unsigned int warnings_of(const struct warnings_request *request);

/* The id of lint's rule. */
const char *warning_name(enum warning warning);

/* The ids, with a space between; "" for none. Returns out. */
#define WARNINGS_TEXT_SIZE 128
const char *warnings_text(unsigned int warnings, char out[WARNINGS_TEXT_SIZE]);

/*
 * Is clone3 answered with EPERM? C libraries take clone(2) in its place for ENOSYS, and for no
 * other error. *ret_rule is the rule that does; NULL: no rule names it, and crun takes the default.
 */
bool warning_clone3(const struct seccomp_profile *profile, const struct seccomp_rule **ret_rule);

#endif
