/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A build without live injection: --disable-live, or an architecture without a live-ARCH.c. This
 * file replaces live.c, live-init.c, live-trace.c and live-ARCH.c. live_check_init() always fails,
 * so the hook refuses where it would inject. Verifying and killing (live-verify.c) work as ever.
 */
#include "live/live.h"

static int refuse(struct error *err)
{
	return error_set(
		err, "this build of seccomp-guard cannot confine a container that is being created "
		     "(it has no live injection for this architecture, or was configured with "
		     "--disable-live): start containers by seccomp-guard-runtime, or give the "
		     "container a seccomp profile");
}

int live_check_init(pid_t pid, struct live_init *ret_init, struct error *err)
{
	*ret_init = (struct live_init){.pid = pid, .pidfd = -1};
	return refuse(err);
}

void live_init_close(struct live_init *init)
{
	(void)init;
}

bool live_runtime_is_crun(const struct live_init *init)
{
	(void)init;
	return false;
}

int live_inject(const struct live_init *init, const struct live_job *job, struct error *err)
{
	(void)init;
	(void)job;
	return refuse(err);
}
