/* SPDX-License-Identifier: Apache-2.0 */
#include "semantics/startup.h"

#include "oci/seccomp-rule.h"

#include <stdio.h>

#define RUNC (1U << STARTUP_RUNC)
#define ALWAYS (1U << STARTUP_RUNC | 1U << STARTUP_RUNC_NO_PRIVS)
#define CRUN (1U << STARTUP_CRUN)

/*
 * Found with runc 1.1.5 and crun 1.8.1 on x86_64, by denying each call that they make in vain
 * (EPERM) and looking whether the container starts. tests/integration/test-startup.py does so
 * again.
 */
static const struct {
	const char *call;
	unsigned int needs;
} calls[] = {
	{"capget", RUNC},          {"capset", RUNC | CRUN},
	{"chdir", RUNC},           {"close", ALWAYS},
	{"execve", ALWAYS | CRUN}, {"fstat", RUNC},
	{"fstatfs", ALWAYS},       {"getcwd", RUNC},
	{"getdents64", ALWAYS},    {"getppid", RUNC},
	{"newfstatat", RUNC},      {"openat", ALWAYS},
	{"prctl", RUNC | CRUN},    {"read", RUNC},
	{"rt_sigaction", CRUN},    {"rt_sigprocmask", CRUN},
	{"setgid", RUNC},          {"setgroups", RUNC},
	{"setresgid", CRUN},       {"setresuid", CRUN},
	{"setuid", RUNC},
};

static bool find_permitted(void *ctx, const struct model_leaf *leaf)
{
	bool *permitted = ctx;

	*permitted |= oci_action_permits(leaf->answer[0].verdict.action);
	return !*permitted;
}

/* Denied whatever the arguments; false where that cannot be told. */
static bool is_denied(const struct model *model, int64_t number)
{
	bool permitted = false;
	const struct model_walk walk = {.models = {model, NULL},
					.number = number,
					.visit = find_permitted,
					.ctx = &permitted};
	struct error ignored;

	return model_walk(&walk, &ignored) == 0 && !permitted;
}

int startup_check(const struct seccomp_profile *profile, enum abi native, struct arena *scratch,
		  struct startup *ret_startup, struct error *err)
{
	const struct model_request request = {profile, native, native, MODEL_PROFILE};
	const size_t used = scratch->used;
	struct model *model = arena_alloc(scratch, sizeof(*model));
	struct startup startup = {0};
	int r = model != NULL ? model_build(&request, scratch, model, err)
			      : error_set(err, "out of memory");

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(calls); i++) {
		int call = syscall_index(span_of(calls[i].call));
		int64_t number = call < 0 ? -1 : abi_number(native, call);

		if (number < 0 || !is_denied(model, number))
			continue;
		for (int need = 0; need < STARTUP_NEEDS; need++)
			if ((calls[i].needs >> need & 1) != 0)
				syscall_set_add(&startup.denied[need], call);
		startup.no_execve |= strcmp(calls[i].call, "execve") == 0;
	}
	scratch->used = used;
	if (r < 0)
		return -1;
	*ret_startup = startup;
	return 0;
}

static void append(char *out, const char *sentence, const struct syscall_set *denied)
{
	char names[256];
	size_t used = strlen(out), left = syscall_set_names(denied, 8, ", ", names, sizeof(names));

	used += (size_t)snprintf(out + used, STARTUP_TEXT_SIZE - used, "%s%s: it denies %s",
				 used > 0 ? "; " : "", sentence, names);
	if (left > 0)
		snprintf(out + used, STARTUP_TEXT_SIZE - used, " and %zu more", left);
}

const char *startup_text(const struct startup *startup, char out[STARTUP_TEXT_SIZE])
{
	const struct syscall_set *denied = startup->denied;

	out[0] = '\0';
	if (startup->no_execve) {
		snprintf(out, STARTUP_TEXT_SIZE, "no container starts with it: it denies execve");
		return out;
	}
	if (syscall_set_count(&denied[STARTUP_RUNC_NO_PRIVS]) > 0)
		append(out, "runc starts no container with it", &denied[STARTUP_RUNC_NO_PRIVS]);
	else if (syscall_set_count(&denied[STARTUP_RUNC]) > 0)
		append(out, "runc starts no container without noNewPrivileges with it",
		       &denied[STARTUP_RUNC]);
	if (syscall_set_count(&denied[STARTUP_CRUN]) > 0)
		append(out, "crun starts no container without noNewPrivileges with it",
		       &denied[STARTUP_CRUN]);
	return out;
}
