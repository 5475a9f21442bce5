/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/seccomp-rule.h"

#include <errno.h>

uint32_t seccomp_errno(enum oci_action action, bool has_errno, uint32_t errno_ret)
{
	if (!oci_action_takes_errno(action))
		return 0;
	return has_errno ? errno_ret & 0xffff : EPERM;
}

static uint32_t default_errno(const struct seccomp_profile *profile)
{
	return seccomp_errno(profile->default_action, profile->has_default_errno,
			     profile->default_errno);
}

bool seccomp_rule_is_default(const struct seccomp_profile *profile, const struct seccomp_rule *rule)
{
	return oci_action_effective(rule->action) ==
		       oci_action_effective(profile->default_action) &&
	       seccomp_errno(rule->action, rule->has_errno, rule->errno_ret) ==
		       default_errno(profile);
}

bool seccomp_notifies(const struct seccomp_profile *profile)
{
	const struct seccomp_rule *rule = profile->rules;

	while (rule != NULL && (rule->action != OCI_ACT_NOTIFY || rule->names == NULL))
		rule = rule->next;
	return rule != NULL || (!profile->empty && profile->default_action == OCI_ACT_NOTIFY);
}

bool seccomp_has_runc_stub(const struct seccomp_profile *profile)
{
	if (profile->default_action == OCI_ACT_ERRNO)
		return default_errno(profile) != ENOSYS;
	return !oci_action_permits(profile->default_action) &&
	       profile->default_action != OCI_ACT_TRACE;
}

size_t seccomp_args_count(const struct seccomp_arg *args)
{
	size_t n = 0;

	for (const struct seccomp_arg *arg = args; arg != NULL; arg = arg->next)
		n++;
	return n;
}

bool seccomp_args_alternate(const struct seccomp_arg *args)
{
	unsigned int seen = 0;

	for (const struct seccomp_arg *arg = args; arg != NULL; arg = arg->next) {
		if (seen >> arg->index & 1)
			return true;
		seen |= 1U << arg->index;
	}
	return false;
}

enum oci_cmp oci_cmp_opposite(enum oci_cmp op)
{
	static const enum oci_cmp opposite[OCI_CMPS] = {
		[OCI_CMP_NE] = OCI_CMP_EQ,        [OCI_CMP_LT] = OCI_CMP_GE,
		[OCI_CMP_LE] = OCI_CMP_GT,        [OCI_CMP_EQ] = OCI_CMP_NE,
		[OCI_CMP_GE] = OCI_CMP_LT,        [OCI_CMP_GT] = OCI_CMP_LE,
		[OCI_CMP_MASKED_EQ] = OCI_CMP_NE,
	};

	return opposite[op];
}

const struct oci_multiplexed oci_multiplexed[OCI_MULTIPLEXED] = {
	{"accept", "socketcall", 5},
	{"accept4", "socketcall", 18},
	{"bind", "socketcall", 2},
	{"connect", "socketcall", 3},
	{"getpeername", "socketcall", 7},
	{"getsockname", "socketcall", 6},
	{"getsockopt", "socketcall", 15},
	{"listen", "socketcall", 4},
	{"recv", "socketcall", 10},
	{"recvfrom", "socketcall", 12},
	{"recvmmsg", "socketcall", 19},
	{"recvmsg", "socketcall", 17},
	{"send", "socketcall", 9},
	{"sendmmsg", "socketcall", 20},
	{"sendmsg", "socketcall", 16},
	{"sendto", "socketcall", 11},
	{"setsockopt", "socketcall", 14},
	{"shutdown", "socketcall", 13},
	{"socket", "socketcall", 1},
	{"socketpair", "socketcall", 8},
	{"msgctl", "ipc", 14},
	{"msgget", "ipc", 13},
	{"msgrcv", "ipc", 12},
	{"msgsnd", "ipc", 11},
	{"semctl", "ipc", 3},
	{"semget", "ipc", 2},
	{"semop", "ipc", 1},
	{"semtimedop", "ipc", 4},
	{"shmat", "ipc", 21},
	{"shmctl", "ipc", 24},
	{"shmdt", "ipc", 22},
	{"shmget", "ipc", 23},
};

const char *oci_multiplexer(struct span call)
{
	for (size_t i = 0; i < OCI_MULTIPLEXED; i++)
		if (span_eq(call, span_of(oci_multiplexed[i].call)))
			return oci_multiplexed[i].by;
	return NULL;
}
