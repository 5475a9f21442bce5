/* SPDX-License-Identifier: Apache-2.0 */
/* The difference of two texts, line by line, as diff -u prints it. Pure. */
#ifndef SECCOMP_GUARD_BASE_TEXT_DIFF_H
#define SECCOMP_GUARD_BASE_TEXT_DIFF_H

#include "base/strbuf.h"

/*
 * Add to `out` the unified diff, with three lines of context, from `before` to `after`, which both
 * are called `path`; nothing where they are equal. p == NULL is a file that is not there
 * (/dev/null). What takes more than 8000 lines away or puts them in is shown as exchanged whole. A
 * path that is more than a plain word stands in quotes, as GNU patch reads it.
 */
void text_diff(struct strbuf *out, const char *path, struct span before, struct span after);

#endif
