/* SPDX-License-Identifier: Apache-2.0 */
/* What `denials --json` printed, read again: a denial that is counted already. Pure. */
#ifndef SECCOMP_GUARD_SEMANTICS_DENIAL_OBJECT_H
#define SECCOMP_GUARD_SEMANTICS_DENIAL_OBJECT_H

#include "semantics/denials.h"

struct denial_object {
	struct auditline line;             /* names as auditline_name() gave them, in quotes */
	uint64_t count, first_ms, last_ms; /* 0: no time */
	struct span id, container, name_space, pod; /* p == NULL: not told */
};

/* Is the line one? Cheap. */
bool denial_object_is(struct span text);

/* Read one. What *ret_object points to lives in `keep`; `scratch` is given back. */
int denial_object_read(struct span text, struct arena *keep, struct arena *scratch,
		       struct denial_object *ret_object, struct error *err);

/* Is `name` its container: the name, namespace/pod/name, the pod or namespace/pod, or the
 * identifier, of which 12 digits do? */
bool denial_object_is_of(const struct denial_object *object, struct span name);

/*
 * Count it. Of one and the same that is told again with a greater count, as --follow does, the
 * greater one counts.
 */
void denials_add_object(struct denials *denials, const struct denial_object *object);

#endif
