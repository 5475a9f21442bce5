/* SPDX-License-Identifier: Apache-2.0 */
/* A build without live injection: nothing that runs can be confined. Replaces inject.c,
 * inject-session.c and inject-ARCH.c. */
#include "live/inject.h"

static const char reason[] = "this build of seccomp-guard cannot confine what runs (it has no live "
			     "injection for this architecture, or was configured with "
			     "--disable-live)";

int inject_check(const struct program *program, struct error *err)
{
	(void)program;
	return error_set(err, "%s", reason);
}

void inject(struct inject_target *target, const struct inject_job *job, unsigned int wait_ms,
	    struct inject_result *ret_result)
{
	(void)target;
	(void)job;
	(void)wait_ms;
	*ret_result = (struct inject_result){.outcome = INJECT_REFUSED};
}

int inject_hold(pid_t tid)
{
	(void)tid;
	errno = ENOSYS;
	return -1;
}

void inject_held(struct inject_target *target, const pid_t *tids, size_t n,
		 const struct inject_job *job, struct inject_result *ret_result)
{
	(void)tids;
	(void)n;
	inject(target, job, 0, ret_result);
}

void inject_look(const struct inject_target *target, const struct inject_job *job,
		 struct inject_outlook *ret_outlook)
{
	(void)target;
	(void)job;
	*ret_outlook = (struct inject_outlook){.possible = false};
}
