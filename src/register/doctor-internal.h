/* SPDX-License-Identifier: Apache-2.0 */
/* What the checks share. */
#ifndef SECCOMP_GUARD_REGISTER_DOCTOR_INTERNAL_H
#define SECCOMP_GUARD_REGISTER_DOCTOR_INTERNAL_H

#include "node/host.h"
#include "register/doctor.h"
#include "register/register.h"

struct doctor {
	const char *root;
	void (*tell)(void *ctx, const struct doctor_finding *finding);
	void *ctx;
	enum doctor_level worst;
	const char *about, *check; /* of what is looked at now */
	struct enforce_memory memory;
	struct policy policy;
	bool has_policy; /* it could be read */
	bool registered; /* with some engine, by this command or by hand */
	/* The engine that is looked at. */
	struct registration r;
	struct register_state state;
	bool recorded; /* it is registered */
	bool nri;      /* by our plugin */
	bool wrapped;  /* its default is ours */
};

/* Tell a finding of the check that runs. `mend`: a command, or "". */
void doctor_say(struct doctor *d, enum doctor_level level, const char *mend, const char *format,
		...) PRINTF_LIKE(4, 5);

/* The checks of doctor-node.c. */
void doctor_check_actions(struct doctor *d);
void doctor_check_ptrace(struct doctor *d);
void doctor_check_jit(struct doctor *d);
void doctor_check_audit(struct doctor *d);
void doctor_check_containers(struct doctor *d);

/* Of the engine: was its process started before its configuration became what it is? */
void doctor_check_daemon(struct doctor *d);

#endif
