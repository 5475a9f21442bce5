/* SPDX-License-Identifier: Apache-2.0 */
/* usage: live-verify PID TIMEOUT_MS [kill]: live_verify(), and with "kill" live_kill() when it
 * fails. */
#include "live/live.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	struct error err = {0};
	pid_t pid = argc > 2 ? atoi(argv[1]) : 0;

	if (live_verify(pid, (unsigned int)(argc > 2 ? atoi(argv[2]) : 0), &err) == 0)
		return 0;
	fprintf(stderr, "live-verify: %s\n", err.text);
	if (argc > 3 && live_kill(pid, &err) < 0)
		fprintf(stderr, "live-verify: %s\n", err.text);
	return 1;
}
