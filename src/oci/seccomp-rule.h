/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What runc, crun and libseccomp make of what a linux.seccomp object says: which actions are the
 * same, which rules count, how conditions combine. The one place for it; whoever judges, rewrites
 * or compiles profiles asks here.
 */
#ifndef SECCOMP_GUARD_OCI_SECCOMP_RULE_H
#define SECCOMP_GUARD_OCI_SECCOMP_RULE_H

#include "oci/seccomp.h"

/* ---- actions ---- */

/* SCMP_ACT_KILL is SCMP_ACT_KILL_THREAD to libseccomp; every other action is itself. */
static inline enum oci_action oci_action_effective(enum oci_action action)
{
	return action == OCI_ACT_KILL ? OCI_ACT_KILL_THREAD : action;
}

/* Does `action` let the system call run? */
static inline bool oci_action_permits(enum oci_action action)
{
	return action == OCI_ACT_ALLOW || action == OCI_ACT_LOG;
}

/*
 * The number that goes into the filter: the low 16 bits, and EPERM where none is written (runc
 * getAction(), crun get_seccomp_action()). 0 for actions that carry none.
 */
uint32_t seccomp_errno(enum oci_action action, bool has_errno, uint32_t errno_ret);

/* ---- rules ---- */

/* Does `rule` say what the default says? Both runtimes leave such a rule out. */
bool seccomp_rule_is_default(const struct seccomp_profile *profile,
			     const struct seccomp_rule *rule);

/* Does the profile leave a call to a listener (SCMP_ACT_NOTIFY)? */
bool seccomp_notifies(const struct seccomp_profile *profile);

/*
 * Does runc put its stub in front of the filter, which answers ENOSYS above the highest number that
 * the profile names (libcontainer/seccomp/patchbpf)? Not where the default lets calls through or
 * leaves them to a tracer, nor where it says ENOSYS itself. crun has no such stub.
 */
bool seccomp_has_runc_stub(const struct seccomp_profile *profile);

/* ---- conditions ---- */

/*
 * Are the conditions of a rule alternatives? All must hold, but where an argument occurs twice both
 * runtimes make a rule of each condition. runc uses all of them, crun the first OCI_CRUN_CONDITIONS
 * and drops the others silently (CRI-O's own profile has seven). With more than six there is always
 * an argument that occurs twice.
 */
#define OCI_CRUN_CONDITIONS 6
size_t seccomp_args_count(const struct seccomp_arg *args);
bool seccomp_args_alternate(const struct seccomp_arg *args);

/* The operator that holds where `op` does not; OCI_CMP_NE for OCI_CMP_MASKED_EQ, under its mask. */
enum oci_cmp oci_cmp_opposite(enum oci_cmp op);

/* ---- socketcall(2) and ipc(2) ---- */

/*
 * Calls that some ABIs also do by a number in the first argument of another call. On those,
 * libseccomp makes two rules of each rule on such a call (src/syscalls.c, abi_rule_add()).
 */
struct oci_multiplexed {
	const char *call;
	const char *by;  /* "socketcall" or "ipc" */
	uint32_t number; /* its first argument then; <linux/net.h>, <linux/ipc.h> */
};
#define OCI_MULTIPLEXED 32
extern const struct oci_multiplexed oci_multiplexed[OCI_MULTIPLEXED];

/* The call by which `call` can be done, too; NULL: none. */
const char *oci_multiplexer(struct span call);

#endif
