/* SPDX-License-Identifier: Apache-2.0 */
/* After <cmocka.h>. */
#ifndef SECCOMP_GUARD_TESTS_SKIP_H
#define SECCOMP_GUARD_TESTS_SKIP_H

/* cmocka's skip() says "not ok" of what it skips, which automake takes for a failure. */
#define LEAVE_OUT(why)                                                                             \
	do {                                                                                       \
		print_message("# left out: %s\n", why);                                            \
		return;                                                                            \
	} while (0)

#endif
