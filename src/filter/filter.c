/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/filter.h"

#include "filter/filter-internal.h"
#include "oci/seccomp-rule.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>

/* Longer rule sets get libseccomp's binary tree, as in runc since 1.2: with few rules 2.5.4 makes
 * bad programs. */
#define BINARY_TREE_ABOVE 32

/* A rule of each condition is meant to be short; CRI-O's longest has seven. */
#define MAX_CONDITIONS 64

static void release_context(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}
#define CLEANUP_CONTEXT __attribute__((cleanup(release_context)))

static int scmp_action(enum oci_action action, bool has_errno, uint32_t errno_ret,
		       uint32_t *ret_action, struct error *err)
{
	static const uint32_t plain[OCI_ACTIONS] = {
		[OCI_ACT_KILL] = SCMP_ACT_KILL_THREAD,
		[OCI_ACT_KILL_PROCESS] = SCMP_ACT_KILL_PROCESS,
		[OCI_ACT_KILL_THREAD] = SCMP_ACT_KILL_THREAD,
		[OCI_ACT_TRAP] = SCMP_ACT_TRAP,
		[OCI_ACT_ERRNO] = SCMP_ACT_ERRNO(0),
		[OCI_ACT_TRACE] = SCMP_ACT_TRACE(0),
		[OCI_ACT_ALLOW] = SCMP_ACT_ALLOW,
		[OCI_ACT_LOG] = SCMP_ACT_LOG,
	};
	uint32_t value = seccomp_errno(action, has_errno, errno_ret);

	if (action == OCI_ACT_NOTIFY)
		return error_set(
			err, "SCMP_ACT_NOTIFY needs a listener, which live injection cannot give");
	*ret_action = plain[action] | value;
	return 0;
}

static int add_archs(scmp_filter_ctx ctx, const struct seccomp_profile *profile, struct error *err)
{
	for (const struct seccomp_arch *arch = profile->archs; arch; arch = arch->next) {
		uint32_t token;
		int r;

		if (filter_arch(arch->name, &token, err) < 0)
			return -1;
		r = seccomp_arch_add(ctx, token);
		if (r < 0 && r != -EEXIST)
			return error_set(err, "architecture %.*s: %s", SPAN_ARG(arch->name),
					 error_words(-r));
	}
	return 0;
}

/* The conditions of a rule, as libseccomp takes them. */
struct conditions {
	struct scmp_arg_cmp all[MAX_CONDITIONS];
	unsigned int n;
	bool repeated; /* an argument occurs twice: both runtimes then make a rule of each condition
			*/
};

static int read_conditions(const struct seccomp_rule *rule, enum model_runtime runtime,
			   struct conditions *ret, struct error *err)
{
	static const enum scmp_compare ops[OCI_CMPS] = {
		[OCI_CMP_NE] = SCMP_CMP_NE,
		[OCI_CMP_LT] = SCMP_CMP_LT,
		[OCI_CMP_LE] = SCMP_CMP_LE,
		[OCI_CMP_EQ] = SCMP_CMP_EQ,
		[OCI_CMP_GE] = SCMP_CMP_GE,
		[OCI_CMP_GT] = SCMP_CMP_GT,
		[OCI_CMP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
	};
	unsigned int max = runtime == MODEL_CRUN ? OCI_CRUN_CONDITIONS : MAX_CONDITIONS;

	ret->n = 0;
	ret->repeated = seccomp_args_alternate(rule->args);
	for (const struct seccomp_arg *arg = rule->args; arg; arg = arg->next) {
		if (ret->n == max && runtime == MODEL_CRUN)
			return 0;
		if (ret->n == max)
			return error_set(err, "a rule has more than %d conditions", MAX_CONDITIONS);
		ret->all[ret->n++] =
			(struct scmp_arg_cmp){arg->index, ops[arg->op], arg->value, arg->value_two};
	}
	return 0;
}

static int add_name(scmp_filter_ctx ctx, const struct conditions *conditions, uint32_t action,
		    int number)
{
	int r = 0;

	if (!conditions->repeated)
		return seccomp_rule_add_array(ctx, action, number, conditions->n, conditions->all);
	for (unsigned int i = 0; i < conditions->n && r == 0; i++)
		r = seccomp_rule_add_array(ctx, action, number, 1, &conditions->all[i]);
	return r;
}

static int add_rules(scmp_filter_ctx ctx, const struct program_request *request,
		     uint32_t default_action, struct error *err)
{
	struct conditions conditions;
	size_t n_rules = 0;

	for (const struct seccomp_rule *rule = request->profile->rules; rule; rule = rule->next) {
		uint32_t action;

		if (scmp_action(rule->action, rule->has_errno, rule->errno_ret, &action, err) < 0 ||
		    read_conditions(rule, request->runtime, &conditions, err) < 0)
			return -1;
		if (action == default_action)
			continue;
		for (const struct seccomp_name *name = rule->names; name;
		     name = name->next, n_rules++) {
			int number = filter_syscall(name->name, SCMP_ARCH_NATIVE);
			int r = number == __NR_SCMP_ERROR
					? 0
					: add_name(ctx, &conditions, action, number);

			if (r < 0)
				return error_set(err, "rule for %.*s: %s", SPAN_ARG(name->name),
						 error_words(-r));
		}
	}
	/* Before libseccomp 2.5.0 there is no such attribute, and the linear program decides the
	 * same. */
	if (n_rules > BINARY_TREE_ABOVE)
		(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return 0;
}

/* libseccomp 2.5 writes a program to a descriptor only. */
static int export_program(scmp_filter_ctx ctx, struct program *program, struct error *err)
{
	CLEANUP_FD int fd = memfd_create("seccomp-guard-filter", MFD_CLOEXEC);
	ssize_t n;
	int r;

	if (fd < 0)
		return error_set(err, "memfd_create: %s", error_words(errno));
	r = seccomp_export_bpf(ctx, fd);
	if (r < 0)
		return error_set(err, "seccomp_export_bpf: %s", error_words(-r));
	if (lseek(fd, 0, SEEK_END) > (off_t)sizeof(program->insns))
		return error_set(err, "the filter has more than %d instructions", BPF_MAXINSNS);
	n = pread(fd, program->insns, sizeof(program->insns), 0);
	if (n <= 0 || n % (ssize_t)sizeof(program->insns[0]) != 0)
		return error_set(err, "reading the filter: %s",
				 n < 0 ? error_words(errno) : "cut short");
	program->n_insns = (unsigned short)((size_t)n / sizeof(program->insns[0]));
	return 0;
}

/* Leave only `native` in a new filter, which begins with this machine's own architecture. */
static int set_native(scmp_filter_ctx ctx, uint32_t native, struct error *err)
{
	int r = 0;

	if (native != seccomp_arch_native()) {
		r = seccomp_arch_remove(ctx, seccomp_arch_native());
		r = r < 0 ? r : seccomp_arch_add(ctx, native);
	}
	return r < 0 ? error_set(err, "native architecture: %s", error_words(-r)) : 0;
}

int filter_compile(const struct program_request *request, struct program *ret_program,
		   struct error *err)
{
	const struct seccomp_profile *profile = request->profile;
	CLEANUP_CONTEXT scmp_filter_ctx ctx = NULL;
	uint32_t default_action, native;

	if (profile->empty)
		return error_set(err, "an empty linux.seccomp makes no filter");
	if (filter_arch(span_of(abi_infos[request->native].oci), &native, err) < 0 ||
	    scmp_action(profile->default_action, profile->has_default_errno, profile->default_errno,
			&default_action, err) < 0)
		return -1;
	ctx = seccomp_init(default_action);
	if (ctx == NULL)
		return error_set(err, "seccomp_init: the default action is not supported here");
	if (set_native(ctx, native, err) < 0 || add_archs(ctx, profile, err) < 0 ||
	    add_rules(ctx, request, default_action, err) < 0 ||
	    export_program(ctx, ret_program, err) < 0)
		return -1;
	ret_program->flags = program_flags(profile);
	return request->runtime == MODEL_RUNC
		       ? filter_add_enosys_stub(profile, native, ret_program, err)
		       : 0;
}
