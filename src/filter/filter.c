/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/filter.h"

#include "oci/seccomp-rule.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <sys/resource.h>

/* ---- names ---- */

/* The longest name in libseccomp's tables has 28 characters. */
#define NAME_MAX_SIZE 64

/* "SCMP_ARCH_X86_64" -> libseccomp's token, by its own name "x86_64". */
static int arch_token(struct span name, uint32_t *ret_token, struct error *err)
{
	static const struct span prefix = {"SCMP_ARCH_", 10};
	struct span rest = span_has_prefix(name, prefix) ? span_skip(name, prefix.n) : name;
	char text[NAME_MAX_SIZE];
	uint32_t token;

	if (rest.n >= sizeof(text))
		return error_set(err, "architecture %.*s: unknown", SPAN_ARG(name));
	for (size_t i = 0; i < rest.n; i++)
		text[i] = (char)(rest.p[i] >= 'A' && rest.p[i] <= 'Z' ? rest.p[i] - 'A' + 'a'
								      : rest.p[i]);
	text[rest.n] = '\0';
	token = seccomp_arch_resolve_name(text);
	if (token == 0)
		return error_set(err, "architecture %.*s: unknown to libseccomp", SPAN_ARG(name));
	*ret_token = token;
	return 0;
}

/* Returns __NR_SCMP_ERROR when libseccomp does not know the name on that architecture. */
static int syscall_number(struct span name, uint32_t arch)
{
	char text[NAME_MAX_SIZE];

	if (name.n >= sizeof(text))
		return __NR_SCMP_ERROR;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	return seccomp_syscall_resolve_name_arch(arch, text);
}

/* ---- rules ---- */

/*
 * Longer rule sets use libseccomp's binary tree, as in runc since 1.2. With few rules 2.5.4 builds
 * bad programs that way.
 */
#define BINARY_TREE_ABOVE 32

/*
 * Each condition can become a rule of its own, so the number must stay small. The longest rule of
 * CRI-O has seven.
 */
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

		if (arch_token(arch->name, &token, err) < 0)
			return -1;
		r = seccomp_arch_add(ctx, token);
		if (r < 0 && r != -EEXIST)
			return error_set(err, "architecture %.*s: %s", SPAN_ARG(arch->name),
					 error_words(-r));
	}
	return 0;
}

/* The conditions of a rule in the form that libseccomp takes. */
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
			int number = syscall_number(name->name, SCMP_ARCH_NATIVE);
			int r = number == __NR_SCMP_ERROR
					? 0
					: add_name(ctx, &conditions, action, number);

			if (r < 0)
				return error_set(err, "rule for %.*s: %s", SPAN_ARG(name->name),
						 error_words(-r));
		}
	}
	/* libseccomp before 2.5.0 has no such attribute; its linear program decides the same. */
	if (n_rules > BINARY_TREE_ABOVE)
		(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return 0;
}

/* libseccomp 2.5 can write a program only to a descriptor. */
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

/* ---- what runc puts before a filter (libcontainer/seccomp/patchbpf/enosys_linux.go) ---- */

/* The largest number among the names of the profile, for one architecture of the filter. */
struct largest {
	uint32_t token;
	uint32_t number;
};

/* libseccomp 2.6 knows 22 architectures. */
#define MAX_ARCHS 32

/* One load, and for each architecture at most one block of each kind. */
#define STUB_MAX (1 + MAX_ARCHS * (6 + 5))

#define X32_BIT 0x40000000U
#define RET_ENOSYS (SECCOMP_RET_ERRNO | ENOSYS)

static void add_largest(const struct seccomp_profile *profile, uint32_t token, struct largest *all,
			size_t *n)
{
	struct largest here = {token, 0};

	for (size_t i = 0; i < *n; i++)
		if (all[i].token == token)
			return;
	for (const struct seccomp_rule *rule = profile->rules; rule; rule = rule->next) {
		for (const struct seccomp_name *name = rule->names; name; name = name->next) {
			int number = syscall_number(name->name, token);

			/* Negative: the name is unknown, or this architecture does not have it. */
			if (number > 0 && (uint32_t)number > here.number)
				here.number = (uint32_t)number;
		}
	}
	if (here.number != 0 && *n < MAX_ARCHS)
		all[(*n)++] = here;
}

/*
 * x32 shares its AUDIT_ARCH with x86_64; bit 30 of the number tells them apart. For the others the
 * token is the AUDIT_ARCH.
 */
static uint32_t audit_arch(uint32_t token)
{
	return token == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : token;
}

/* The block of one architecture. It returns a verdict, or execution goes on after it. */
static size_t stub_block(const struct largest *a, struct sock_filter *out)
{
	struct sock_filter block[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, audit_arch(a->token), 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		/* Is it a number of this ABI, and above the largest? */
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, X32_BIT, 0, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, a->number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, RET_ENOSYS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	};

	if (a->token == SCMP_ARCH_X86_64)
		block[2].jt = 2;
	else if (a->token == SCMP_ARCH_X32)
		block[2].jf = 2;
	memcpy(out, block, sizeof(block));
	return ARRAY_SIZE(block);
}

/* On s390, setup(2) is number 0 and stands for every number that the kernel does not know. */
static size_t stub_setup(const struct largest *a, struct sock_filter *out)
{
	const struct sock_filter block[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, audit_arch(a->token), 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, RET_ENOSYS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	};

	if (a->token != SCMP_ARCH_S390 && a->token != SCMP_ARCH_S390X)
		return 0;
	memcpy(out, block, sizeof(block));
	return ARRAY_SIZE(block);
}

/*
 * Put the stub before `program`: for each architecture of `profile` and for `native`, a number
 * above the largest one of the profile's names gives ENOSYS.
 */
static int add_enosys_stub(const struct seccomp_profile *profile, uint32_t native,
			   struct program *program, struct error *err)
{
	struct sock_filter stub[STUB_MAX];
	struct largest all[MAX_ARCHS];
	size_t n_archs = 0, n = 0;

	if (!seccomp_has_runc_stub(profile))
		return 0;
	add_largest(profile, native, all, &n_archs);
	for (const struct seccomp_arch *arch = profile->archs; arch; arch = arch->next) {
		uint32_t token;

		if (arch_token(arch->name, &token, err) < 0)
			return -1;
		add_largest(profile, token, all, &n_archs);
	}
	stub[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, arch));
	for (size_t i = 0; i < n_archs; i++) {
		n += stub_setup(&all[i], stub + n);
		n += stub_block(&all[i], stub + n);
	}
	if (program->n_insns + n > BPF_MAXINSNS)
		return error_set(err, "the filter has more than %d instructions", BPF_MAXINSNS);
	memmove(program->insns + n, program->insns, program->n_insns * sizeof(stub[0]));
	memcpy(program->insns, stub, n * sizeof(stub[0]));
	program->n_insns = (unsigned short)(program->n_insns + n);
	return 0;
}

/* ---- the program ---- */

int filter_compile(const struct program_request *request, struct program *ret_program,
		   struct error *err)
{
	const struct seccomp_profile *profile = request->profile;
	CLEANUP_CONTEXT scmp_filter_ctx ctx = NULL;
	uint32_t default_action, native;

	if (profile->empty)
		return error_set(err, "an empty linux.seccomp makes no filter");
	if (arch_token(span_of(abi_infos[request->native].oci), &native, err) < 0 ||
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
	return request->runtime == MODEL_RUNC ? add_enosys_stub(profile, native, ret_program, err)
					      : 0;
}

/* A call of another architecture has a number below zero, which libseccomp made up. */
bool filter_knows_syscall(struct span name)
{
	return syscall_number(name, seccomp_arch_native()) != __NR_SCMP_ERROR;
}

const char *filter_library_version(char out[FILTER_VERSION_SIZE])
{
	const struct scmp_version *v = seccomp_version();

	if (v == NULL)
		snprintf(out, FILTER_VERSION_SIZE, "?");
	else
		snprintf(out, FILTER_VERSION_SIZE, "%u.%u.%u", v->major, v->minor, v->micro);
	return out;
}

/* ---- with an end in any case ---- */

/* In the child: the message, or nothing, into the pipe. */
static void check_and_tell(const struct program_request *request, int fd)
{
	static struct program program;
	const struct rlimit limit = {FILTER_CHECK_SECONDS, FILTER_CHECK_SECONDS};
	struct error err;
	size_t n;

	if (setrlimit(RLIMIT_CPU, &limit) < 0)
		_exit(1);
	if (filter_compile(request, &program, &err) == 0)
		_exit(0);
	n = strlen(err.text);
	_exit(write(fd, err.text, n) == (ssize_t)n ? 2 : 1);
}

/* What the child says, to its end. */
static size_t read_message(int fd, char *out, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (used < size && (n = read(fd, out + used, size - used)) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		used += n > 0 ? (size_t)n : 0;
	}
	return used;
}

int filter_check(const struct program_request *request, struct error *err)
{
	char message[sizeof(err->text)];
	int ends[2], status;
	pid_t pid;
	size_t n;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, "pipe: %s", error_words(errno));
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		check_and_tell(request, ends[1]);
	close(ends[1]);
	n = pid > 0 ? read_message(ends[0], message, sizeof(message) - 1) : 0;
	close(ends[0]);
	if (pid < 0)
		return error_set(err, "fork: %s", error_words(errno));
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return error_set(err, "wait: %s", error_words(errno));
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (n > 0)
		return error_set(err, "%.*s", (int)n, message);
	return error_set(
		err,
		"libseccomp makes no program of it within %d seconds of processor time, and "
		"no runtime would: have fewer conditions on one call that overlap",
		FILTER_CHECK_SECONDS);
}
