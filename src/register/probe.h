/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof of a registration: the engine starts one container that asks for no filter, and a
 * program in it says what the kernel says of it. Nothing of it is left.
 */
#ifndef SECCOMP_GUARD_REGISTER_PROBE_H
#define SECCOMP_GUARD_REGISTER_PROBE_H

#include "register/register.h"

enum probe_result {
	PROBE_NONE,       /* no container was started, and why */
	PROBE_CONFINED,   /* it has a filter */
	PROBE_AS_POLICY,  /* it has none, or was refused, as the policy says */
	PROBE_UNCONFINED, /* it has none, and by the policy it should */
	PROBE_REFUSED,    /* it was refused, and by the policy it should not be */
};

/* "none", "confined", "as-policy", "unconfined", "refused" */
const char *probe_result_name(enum probe_result result);

/*
 * r->engine is registered. `restarted`: it was just told to read its configuration, and may still
 * be at it. *ret_text is a sentence for people, in r->keep.
 */
enum probe_result probe_registration(struct registration *r, bool restarted, const char **ret_text);

/*
 * Remove what probes have left whose program was killed: containers, images and directories, of any
 * engine. r->notes tells of them.
 */
void probe_remove_left(struct registration *r);

/* What such probes of r->engine may have left: names, in r->keep; NULL: nothing. Changes nothing.
 */
const char *probe_left(struct registration *r);

#endif
