/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of strace, with what -f, -o, -n, -t and -T add:
 *   unshare(CLONE_NEWUSER) = -1 EPERM (Operation not permitted)
 *   --- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, ..., si_syscall=__NR_io_setup, ...} ---
 * An error may be the kernel's own answer; SIGSYS with SYS_SECCOMP is a filter's.
 */
#include "semantics/auditline-internal.h"

#include "base/number.h"
#include "semantics/argname.h"

static const char signal_mark[] = "--- SIGSYS {", signal_code[] = "si_code=SYS_SECCOMP";

struct strace {
	struct span call, args;
	int error; /* 0: SIGSYS */
	struct span arch;
	int64_t pid;
};

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static struct span skip_blanks(struct span text)
{
	while (text.n > 0 && text.p[0] == ' ')
		text = span_skip(text, 1);
	return text;
}

static struct span after(struct span text, const char *what)
{
	const char *p = text.n > 0 ? memmem(text.p, text.n, what, strlen(what)) : NULL;

	return p != NULL ? span_skip(text, (size_t)(p - text.p) + strlen(what)) : (struct span){0};
}

/* "[pid 12] " or "12 ", then the time in whatever form and the number of the call in brackets. */
static struct span skip_prefix(struct span text, int64_t *ret_pid)
{
	struct span rest = skip_blanks(text);
	uint64_t pid;

	*ret_pid = -1;
	if (span_has_prefix(rest, SPAN("[pid ")))
		rest = skip_blanks(span_skip(rest, strlen("[pid ")));
	text = rest;
	if (number_take(&rest, 10, INT32_MAX, &pid) && rest.n > 0 &&
	    (rest.p[0] == ' ' || rest.p[0] == ']')) {
		*ret_pid = (int64_t)pid;
		text = span_skip(rest, 1);
	}
	while (text.n > 0 && strchr("0123456789:.+-[] ", text.p[0]) != NULL &&
	       !span_has_prefix(text, SPAN("---")))
		text = span_skip(text, 1);
	return text;
}

/* The result: what stands behind the last " = -1 E". */
static int error_of(struct span text, size_t *ret_end)
{
	static const struct {
		const char *result;
		int error;
	} results[] = {{" = -1 EPERM", EPERM}, {" = -1 ENOSYS", ENOSYS}};

	for (size_t at = text.n; at-- > 0;) {
		for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
			struct span rest = span_skip(text, at);

			if (!span_has_prefix(rest, span_of(results[i].result)))
				continue;
			*ret_end = at;
			return results[i].error;
		}
	}
	return 0;
}

static bool is_signal(struct span text, struct strace *ret)
{
	struct span call;

	if (!span_has_prefix(text, span_of(signal_mark)) || after(text, signal_code).p == NULL)
		return false;
	call = after(text, "si_syscall=");
	ret->arch = after(text, "si_arch=AUDIT_ARCH_");
	for (size_t i = 0; i < ret->arch.n; i++)
		if (strchr(",} ", ret->arch.p[i]) != NULL)
			ret->arch.n = i;
	if (span_has_prefix(call, SPAN("__NR_")))
		call = span_skip(call, strlen("__NR_"));
	for (ret->call = (struct span){call.p, 0};
	     ret->call.n < call.n && is_name(call.p[ret->call.n]);)
		ret->call.n++;
	return ret->call.n > 0;
}

static bool take_apart(struct span text, struct strace *ret_strace)
{
	struct strace s = {0};
	size_t end;

	text = skip_prefix(text, &s.pid);
	if (!is_signal(text, &s)) {
		while (s.call.n < text.n && is_name(text.p[s.call.n]))
			s.call = (struct span){text.p, s.call.n + 1};
		if (s.call.n == 0 || s.call.n == text.n || text.p[s.call.n] != '(')
			return false;
		s.error = error_of(text, &end);
		if (s.error == 0 || end <= s.call.n)
			return false;
		s.args = (struct span){s.call.p + s.call.n + 1, end - s.call.n - 1};
		while (s.args.n > 0 && s.args.p[s.args.n - 1] == ' ')
			s.args.n--;
		if (s.args.n > 0 && s.args.p[s.args.n - 1] == ')')
			s.args.n--;
	}
	*ret_strace = s;
	return true;
}

bool auditline_is_strace(struct span text)
{
	struct strace s;

	/* Most lines of a log are told from it by their first words, before anything is searched.
	 */
	return take_apart(text, &s);
}

/* Arguments up to the first that is in brackets or quotes, in which there may be a comma. */
static void read_arguments(struct span rest, bool is_clone, struct auditline *line)
{
	for (unsigned int i = 0; i < OCI_MAX_ARGS && rest.n > 0; i++) {
		struct span arg = rest, flags;
		unsigned int index = i;
		size_t n = 0;

		while (n < rest.n && strchr(",{[\"(", rest.p[n]) == NULL)
			n++;
		if (n < rest.n && rest.p[n] != ',')
			return;
		arg.n = n;
		/* clone(child_stack=NULL, flags=CLONE_NEWUSER|SIGCHLD): the first for the kernel.
		 */
		flags = after(arg, "flags=");
		if (is_clone && flags.p == NULL)
			index = OCI_MAX_ARGS;
		else if (is_clone)
			index = 0;
		if (index < OCI_MAX_ARGS &&
		    argname_value(flags.p != NULL ? flags : arg, &line->args[index]))
			line->has_args |= 1U << index;
		rest = skip_blanks(span_skip(rest, n + 1));
	}
}

int auditline_read_strace(struct span text, struct auditline *line, struct error *err)
{
	struct strace s;
	struct error ignored;
	uint64_t number;
	char arch[32];
	size_t n = 0;
	int call;

	if (!take_apart(text, &s))
		return error_set(err, "no line of strace on a call that failed");
	line->pid = s.pid;
	line->error = s.error;
	/* AUDIT_ARCH_X86_64 and so on, in capitals. */
	for (; n < s.arch.n && n < sizeof(arch); n++)
		arch[n] = s.arch.p[n] >= 'A' && s.arch.p[n] <= 'Z' ? (char)(s.arch.p[n] + 32)
								   : s.arch.p[n];
	line->has_abi = n > 0 && abi_from_name((struct span){arch, n}, &line->abi, &ignored) == 0;
	call = syscall_index(s.call);
	line->number = call >= 0 ? abi_number(line->abi, call) : -1;
	if (span_has_prefix(s.call, SPAN("syscall_0x")) &&
	    number_parse(span_skip(s.call, strlen("syscall_0x")), 16, UINT32_MAX, &number))
		line->number = (int64_t)number;
	if (line->number < 0)
		return error_set(err, "there is no system call %.*s on %s", SPAN_ARG(s.call),
				 abi_infos[line->abi].name);
	if (s.error == 0) {
		line->has_code = true;
		line->code = 0x00030000; /* SECCOMP_RET_TRAP; a kill looks the same to strace */
	}
	read_arguments(s.args, span_eq(s.call, SPAN("clone")), line);
	return 0;
}
