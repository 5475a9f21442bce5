/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is well and what is not on a node: engines, policy, runtimes, kernel, containers. Only
 * looks; what it starts are the engines' and runtimes' own tools that print something.
 */
#ifndef SECCOMP_GUARD_REGISTER_DOCTOR_H
#define SECCOMP_GUARD_REGISTER_DOCTOR_H

#include "base/base.h"

/*
 * A problem is what is against the policy. That mode audit, or a rule, lets containers start
 * unconfined is somebody's decision, and a stage of each rollout: it is a warning, or a node could
 * never be called ready before it enforces, and no alarm would tell that stage from a registration
 * that somebody took back. Whether anything runs without a filter is `seccomp-guard status`.
 */
enum doctor_level {
	DOCTOR_OK,
	DOCTOR_NOTE,    /* to be known */
	DOCTOR_WARNING, /* something does not do what somebody may think */
	DOCTOR_PROBLEM, /* a registered engine starts containers unconfined against the policy, or
			   none */
};

struct doctor_finding {
	enum doctor_level level;
	const char *about; /* an engine's name, or "node" */
	const char *check; /* the name of the check */
	const char *text;
	const char *mend; /* a command; "": there is none */
};

/* "ok", "note", "warning", "problem" */
const char *doctor_level_name(enum doctor_level level);

/*
 * Look at the system below `root` ("": this one), and call `tell` with each finding. Returns the
 * worst of their levels.
 */
enum doctor_level doctor(const char *root,
			 void (*tell)(void *ctx, const struct doctor_finding *finding), void *ctx);

#endif
