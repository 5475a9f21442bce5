/* SPDX-License-Identifier: Apache-2.0 */
/* Which container a cgroup is of, by the names that engines give. Pure. */
#ifndef SECCOMP_GUARD_OCI_CGROUP_H
#define SECCOMP_GUARD_OCI_CGROUP_H

#include "base/base.h"

/*
 * The identifier of the container in the text of /proc/PID/cgroup: 64 hexadecimal digits, alone or
 * as in cri-containerd-ID.scope, crio-ID, docker-ID.scope, libpod-ID.scope. Of containers in
 * containers it is the outermost one. p == NULL: no line names one. "/" is no answer: on version 1
 * that is what a process that has ended says.
 */
struct span cgroup_container(struct span text);

#endif
