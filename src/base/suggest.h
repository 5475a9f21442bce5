/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the nearest of some names to a word that is none of them. Pure. */
#ifndef SECCOMP_GUARD_BASE_SUGGEST_H
#define SECCOMP_GUARD_BASE_SUGGEST_H

#include "base/base.h"

struct suggestion {
	struct span word;
	struct span name; /* the nearest that was tried; p == NULL: none is near */
	size_t distance;
};

/* Look for names near `word`, which like the names tried has to live as long as the suggestion. */
struct suggestion suggest(struct span word);

/*
 * Try one name. It is near if at most a third of the longer of the two has to change: letters that
 * are left out, put in, exchanged for another or with their neighbor count one each. Letter case,
 * and "_" in the place of "-", count nothing; a word of three letters or more with which the name
 * begins is near too. Of equally near names the first one stays.
 */
void suggest_try(struct suggestion *suggestion, struct span name);

/* Put `; did you mean "NAME"?` behind the text of *err, if a name is near. Returns -1. */
int error_suggest(struct error *err, const struct suggestion *suggestion);

#endif
