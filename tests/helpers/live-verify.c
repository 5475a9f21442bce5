/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: live-verify PID TIMEOUT_MS [kill]: live_verify(), and with "kill" live_kill() when it
 * fails. Says "opened" on stdout and waits for a line on stdin when it has the process.
 */
#include "live/live.h"

#include <stdio.h>
#include <stdlib.h>

static int fail(const struct error *err)
{
	fprintf(stderr, "live-verify: %s\n", err->text);
	return 1;
}

int main(int argc, char **argv)
{
	CLEANUP_LIVE_PROCESS struct live_process process = LIVE_PROCESS_NONE;
	struct error err = {0};
	int status;

	if (argc < 3 || live_open(atoi(argv[1]), &process, &err) < 0)
		return fail(&err);
	if (process.pidfd < 0)
		return puts("over") < 0;
	puts("opened");
	fflush(stdout);
	getchar();
	if (live_verify(&process, 1, (unsigned int)atoi(argv[2]), &err) == 0)
		return 0;
	status = fail(&err);
	if (argc > 3 && live_kill(&process, &err) < 0)
		fail(&err);
	return status;
}
