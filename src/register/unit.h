/* SPDX-License-Identifier: Apache-2.0 */
/* What systemd executes for a service, by its files: the flags of a daemon that does not run yet.
 */
#ifndef SECCOMP_GUARD_REGISTER_UNIT_H
#define SECCOMP_GUARD_REGISTER_UNIT_H

#include "register/register.h"

/*
 * Add to `lines`, by register_add_place(), each file of the unit `service` ("docker.service") in
 * which `needle` counts. Read as systemd.unit(5) has it: of the directories the first one that has
 * the unit counts, and of each drop-in too, those in the order of their names; comments say
 * nothing, and "ExecStart=" takes back what was said before.
 */
int unit_grep(struct registration *r, const char *service, const char *needle, struct strbuf *lines,
	      struct error *err);

#endif
