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
 * users without root are refused. runc takes no lock: what a `runc update` writes in between is
 * kept, see bundle_edit(); but one that has read the state before writes it back without the
 * filter, so ask exec_filter_confirm() a while later.
 *
 * -1: nothing is changed; the message names the file. `scratch` is working memory.
 */
int exec_filter_set(const struct container *container, const struct exec_filter *filter,
		    struct arena *scratch, struct error *err);

/* Do it again where a runtime has taken it back meanwhile. */
int exec_filter_confirm(const struct container *container, const struct exec_filter *filter,
			struct arena *scratch, struct error *err);

#endif
