/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter of what is executed in a container later. `exec` asks neither config.json nor init: it
 * loads what the runtime has kept since the container was made, runc a profile in state.json, crun
 * a program in seccomp.bpf. A container that was confined after its start has neither, until they
 * are written here.
 *
 * Observed with runc 1.1.5 and 1.3.6, crun 1.8.1 and 1.28.
 */
#ifndef SECCOMP_GUARD_NODE_EXEC_FILTER_H
#define SECCOMP_GUARD_NODE_EXEC_FILTER_H

#include "node/container.h"
#include "program/program.h"

/*
 * Does what is executed in the container get a filter? Reads only. -1 with a message when the
 * runtime's files do not tell.
 */
int exec_filter_look(const struct container *container, struct arena *scratch, bool *ret_has,
		     struct error *err);

struct exec_filter {
	const struct seccomp_profile *profile;
	const struct program *program; /* of that profile */
};

/*
 * From now on `exec` loads `filter` in place of what it would have loaded. The file is replaced
 * atomically. Nobody but root may be able to write to the runtime's directory, so containers of
 * users without root are refused. runc takes no lock: a `runc update` at this very moment can
 * write back what it read before, so the file is read again afterwards; what it writes between our
 * reading and our writing is lost from its state, not from the control group.
 *
 * -1: nothing is changed, or another process has changed it back; the message names the file.
 * `scratch` is working memory.
 */
int exec_filter_set(const struct container *container, const struct exec_filter *filter,
		    struct arena *scratch, struct error *err);

#endif
