/* SPDX-License-Identifier: Apache-2.0 */
/* Lines about denied calls in every form, and what is put together from them. */
#include "semantics/argname.h"
#include "semantics/danger.h"
#include "semantics/denials.h"
#include "oci/cgroup.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define HEAD "auid=4294967295 uid=0 gid=0 ses=4294967295 "
#define TAIL " sig=0 arch=c000003e syscall=272 compat=0 ip=0x7f code=0x50000"
#define NAMES "pid=4242 comm=\"app\" exe=\"/bin/app\""
#define STAMP "audit(1764000000.123:456): "

static int read_line(const char *text, struct auditline *ret_line, struct error *err)
{
	return auditline_read(span_of(text), ABI_X86_64, ret_line, err);
}

static struct auditline line_of(const char *text)
{
	struct auditline line;
	struct error err;

	if (read_line(text, &line, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return line;
}

static void every_form_is_read(void **state)
{
	static const struct {
		const char *text;
		bool serial, time;
	} rows[] = {
		{"type=SECCOMP msg=" STAMP HEAD NAMES TAIL, true, true},
		{"node=n1 type=SECCOMP msg=" STAMP HEAD "subj=docker-default (enforce) " NAMES TAIL,
		 true, true},
		{"type=SECCOMP msg=" STAMP HEAD NAMES TAIL
		 "\035AUID=\"unset\" UID=\"root\" ARCH=x86_64 SYSCALL=read",
		 true, true},
		{"type=SECCOMP msg=" STAMP HEAD NAMES TAIL
		 " AUID=\"unset\" UID=\"root\" ARCH=x86_64 SYSCALL=read",
		 true, true},
		{"type=SECCOMP msg=audit(11/24/25 10:00:00.123:456) : auid=unset uid=root pid=4242 "
		 "comm=app exe=/bin/app "
		 "sig=SIG0 arch=x86_64 syscall=unshare compat=0 ip=0x7f code=errno ",
		 true, false},
		{"[ 5399.109688] audit: type=1326 " STAMP HEAD NAMES TAIL "\n", true, true},
		{"Nov 27 16:41:22 host kernel: [ 5399.109688] audit: type=1326 " STAMP HEAD NAMES
			 TAIL "\r\n",
		 true, true},
		{"<5>[ 5399.1] audit: type=1326 " STAMP HEAD NAMES TAIL, true, true},
		{"5,12,5399109688,-;audit: type=1326 " STAMP HEAD NAMES TAIL, true, true},
		{"Nov 27 16:41:22 host audit[4242]: SECCOMP " HEAD NAMES TAIL, false, false},
		{"SECCOMP " HEAD NAMES TAIL, false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct auditline line = line_of(rows[i].text);
		char name[32];

		assert_int_equal(line.form, AUDITLINE_SECCOMP);
		assert_int_equal(line.abi, ABI_X86_64);
		assert_int_equal(line.number, 272);
		assert_true(line.has_code);
		assert_int_equal(auditline_action(line.code), OCI_ACT_ERRNO);
		assert_int_equal(line.pid, 4242);
		assert_int_equal(line.has_serial, rows[i].serial);
		assert_int_equal(line.serial, rows[i].serial ? 456 : 0);
		assert_int_equal(line.ms, rows[i].time ? UINT64_C(1764000000123) : 0);
		assert_string_equal(auditline_name(&line, line.comm, name, sizeof(name)), "app");
		assert_string_equal(auditline_name(&line, line.exe, name, sizeof(name)),
				    "/bin/app");
	}
}

static void a_line_of_json_is_unwrapped(void **state)
{
	const char *texts[] = {
		"{\"_PID\":\"7\", \"MESSAGE\" : \"SECCOMP " HEAD
		"pid=4242 comm=\\\"a\\u0041\\\" exe=\\\"/x\\\"" TAIL "\"}",
		"{\"pri\":5,\"msg\":\"audit: type=1326 " STAMP HEAD
		"pid=4242 comm=\\\"aA\\\" exe=\\\"/x\\\"" TAIL "\"},",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char buffer[1024], name[32];
		struct span text = auditline_unwrap(span_of(texts[i]), buffer);
		struct auditline line;
		struct error err;

		assert_int_equal(auditline_read(text, ABI_X86_64, &line, &err), 0);
		assert_string_equal(auditline_name(&line, line.comm, name, sizeof(name)), "aA");
	}
	assert_ptr_equal(auditline_unwrap(SPAN("type=x \"msg\""), NULL).p[0] == 't' ? state : NULL,
			 state);
}

/* What a process calls itself is between comm= and the kernel's fields; without quotes in the form
 * of ausearch -i. */
static void a_name_does_not_pose_as_a_field(void **state)
{
	static const char *const names[] = {
		"x pid=1 arch=40000003 syscall=0 compat=0 ip=0x1 code=0x7fff0000",
		"x\" pid=1 exe=\"/y\" sig=31 arch=i386 syscall=read compat=1 ip=0x1 code=log "
		"exe=/z",
		"type=SYSCALL x arch=i386 syscall=read",
		"x audit(1.0:1): exe=",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char text[1024];
		struct auditline line;

		snprintf(text, sizeof(text),
			 "type=SECCOMP msg=" STAMP HEAD
			 "pid=4242 comm=%s exe=/x sig=SIG0 arch=x86_64 syscall=unshare "
			 "compat=0 ip=0x7f code=errno ",
			 names[i]);
		line = line_of(text);
		assert_int_equal(line.form, AUDITLINE_SECCOMP);
		assert_int_equal(line.abi, ABI_X86_64);
		assert_int_equal(line.number, 272);
		assert_int_equal(line.pid, 4242);
		assert_int_equal(line.serial, 456);
		assert_int_equal(auditline_action(line.code), OCI_ACT_ERRNO);
	}
	/* A name alone makes no record. */
	assert_int_equal(auditline_form(SPAN("type=USER pid=1 comm=type=SECCOMP")), AUDITLINE_NONE);
}

static void names_in_hexadecimal_are_decoded(void **state)
{
	struct auditline line = line_of("type=SECCOMP msg=" STAMP HEAD
					"pid=1 comm=4361636865322049 exe=\"41424344\"" TAIL);
	char name[32];

	(void)state;
	assert_string_equal(auditline_name(&line, line.comm, name, sizeof(name)), "Cache2 I");
	assert_string_equal(auditline_name(&line, line.exe, name, sizeof(name)), "41424344");
	line = line_of("type=SECCOMP msg=" STAMP HEAD "pid=1 comm=1B5B33316D exe=(null)" TAIL);
	assert_string_equal(auditline_name(&line, line.comm, name, sizeof(name)), "\\x1b[31m");
}

static void numbers_are_those_of_the_kernel(void **state)
{
	static const struct {
		const char *call;
		int64_t number;
		enum abi abi;
	} rows[] = {
		{"arch=c000003e syscall=-1", 4294967295, ABI_X32},
		{"arch=c000003e syscall=1073742096", 1073742096, ABI_X32},
		{"arch=40000003 syscall=21", 21, ABI_X86},
		{"arch=i386 syscall=mount", 21, ABI_X86},
		{"arch=x86_64 syscall=unknown-syscall(462)", 462, ABI_X86_64},
		{"arch=x86_64 syscall=unknown-syscall(-1)", 4294967295, ABI_X32},
		{"arch=c00000b7 syscall=40", 40, ABI_AARCH64},
	};
	struct auditline line;
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[256];

		snprintf(text, sizeof(text), "type=1326 %s compat=0 ip=0x0 code=0x0", rows[i].call);
		line = line_of(text);
		assert_int_equal(line.number, rows[i].number);
		assert_int_equal(line.abi, rows[i].abi);
	}
	assert_int_equal(read_line("type=1326 arch=c000003e syscall=4294967296", &line, &err), -1);
	assert_int_equal(read_line("type=1326 arch=deadbeef syscall=1", &line, &err), -1);
}

/* A record that the kernel's buffer or a terminal cut anywhere is an error, or still says the same:
 * no other call. */
static void a_cut_line_never_says_another_call(void **state)
{
	static const char whole[] = "audit: type=1326 " STAMP HEAD NAMES TAIL;

	(void)state;
	for (size_t n = 0; n < sizeof(whole); n++) {
		struct span text = {whole, n};
		struct auditline line;
		struct error err;

		if (auditline_form(text) == AUDITLINE_NONE ||
		    auditline_read(text, ABI_X86_64, &line, &err) < 0)
			continue;
		assert_int_equal(line.number, 272);
		assert_int_equal(line.abi, ABI_X86_64);
	}
}

static void strace_is_read(void **state)
{
	struct auditline line = line_of("[pid  55] 12:00:01.5 unshare(CLONE_NEWUSER)   = -1 EPERM "
					"(Operation not permitted)");

	(void)state;
	assert_int_equal(line.form, AUDITLINE_STRACE);
	assert_int_equal(line.pid, 55);
	assert_int_equal(line.number, 272);
	assert_int_equal(line.error, EPERM);
	assert_int_equal(line.args[0], 0x10000000);
	assert_int_equal(line.has_args, 1);
	line = line_of("77 clone(child_stack=NULL, flags=CLONE_NEWUSER|SIGCHLD) = -1 ENOSYS "
		       "(Function not implemented) <0.1>");
	assert_int_equal(line.args[0], 0x10000011);
	assert_int_equal(line.error, ENOSYS);
	line = line_of("openat(AT_FDCWD, \"/x, y = -1 EPERM\", O_RDONLY) = -1 EPERM (Operation not "
		       "permitted)");
	assert_int_equal(line.has_args, 0);
	line = line_of("--- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x7f, "
		       "si_syscall=__NR_io_setup, "
		       "si_arch=AUDIT_ARCH_X86_64} ---");
	assert_true(line.has_code);
	assert_int_equal(line.number, 206);
	assert_true(line.has_abi);
	assert_int_equal(auditline_form(SPAN("read(3, \"x\", 1) = 1")), AUDITLINE_NONE);
	assert_int_equal(auditline_form(SPAN("open(\"x\") = -1 ENOENT (No such file)")),
			 AUDITLINE_NONE);
	assert_int_equal(auditline_form(SPAN("--- SIGSYS {si_signo=SIGSYS, si_code=SI_USER} ---")),
			 AUDITLINE_NONE);
}

static void arguments_have_names(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} rows[] = {{"AF_ALG", 38},
		    {"CLONE_NEWUSER|SIGCHLD", 0x10000011},
		    {"0x10|1", 0x11},
		    {"-1", UINT64_MAX},
		    {"NULL", 0}};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_true(argname_value(span_of(rows[i].text), &value));
		assert_int_equal(value, rows[i].value);
	}
	assert_false(argname_value(SPAN("AF_NOSUCH"), &value));
	assert_false(argname_value(SPAN("CLONE_NEWUSER|"), &value));
	assert_false(argname_value(SPAN("0x40 /* SIGRT_32 */"), &value));
	assert_false(argname_value(SPAN(""), &value));
}

/* ---- put together ---- */

static struct denials begin(void)
{
	static char memory[16U << 20];
	static struct arena arena;
	struct denials denials;

	arena = (struct arena){memory, sizeof(memory), 0};
	assert_int_equal(denials_begin(&denials, &arena, 1024), 0);
	return denials;
}

static struct denial *add(struct denials *denials, int serial, const char *rest)
{
	char text[512];
	struct auditline line;

	snprintf(text, sizeof(text), "type=SECCOMP msg=audit(%d.000:%d): pid=7 comm=\"x\" %s",
		 1000 + serial, serial, rest);
	line = line_of(text);
	return denials_add(denials, &line, (struct span){0});
}

#define CALL(exe, nr, code)                                                                        \
	"exe=\"" exe "\" sig=0 arch=c000003e syscall=" nr " compat=0 ip=0x0 code=" code

static void a_record_that_is_there_twice_counts_once(void **state)
{
	struct denials denials = begin();
	struct auditline line =
		line_of("SECCOMP auid=0 pid=7 comm=\"x\" " CALL("/a", "272", "0x50000"));
	struct denial *d = add(&denials, 5, CALL("/a", "272", "0x50000"));

	(void)state;
	assert_null(add(&denials, 5, CALL("/a", "272", "0x50000")));
	assert_ptr_equal(add(&denials, 3, CALL("/a", "272", "0x50001")), d);
	assert_int_equal(denial_count(d), 2);
	assert_int_equal(d->first_ms, 1003000);
	assert_int_equal(d->last_ms, 1005000);
	/* The journal's way, without a number: of the same denials it shows more. */
	for (int i = 0; i < 3; i++)
		assert_ptr_equal(denials_add(&denials, &line, (struct span){0}), d);
	assert_int_equal(denial_count(d), 3);
	assert_ptr_not_equal(add(&denials, 6, CALL("/b", "272", "0x50000")), d);
	assert_ptr_not_equal(add(&denials, 7, CALL("/a", "272", "0x7ffc0000")), d);
	assert_ptr_not_equal(add(&denials, 8, CALL("/a", "165", "0x50000")), d);
}

/* Only a record with a time can be attributed, and the journal shows the same ones without. */
static void what_has_no_time_is_what_has_a_container(void **state)
{
	struct denials denials = begin();
	const char *call = CALL("/a", "272", "0x50000");
	struct auditline without, with;
	char text[512];
	struct denial *rest, *web;

	(void)state;
	snprintf(text, sizeof(text), "SECCOMP auid=0 pid=7 comm=\"x\" %s", call);
	without = line_of(text);
	rest = add(&denials, 1, call);
	for (int i = 0; i < 4; i++)
		denials_add(&denials, &without, (struct span){0});
	snprintf(text, sizeof(text), "type=SECCOMP msg=audit(1000.0:50): pid=7 comm=\"x\" %s",
		 call);
	with = line_of(text);
	web = denials_add(&denials, &with, SPAN("web"));
	for (with.serial = 51; with.serial < 53; with.serial++)
		assert_ptr_equal(denials_add(&denials, &with, SPAN("web")), web);
	denials_settle(&denials);
	assert_int_equal(denial_count(web), 3);
	/* Four at all: three of the container, and the one that has a number but no container. */
	assert_int_equal(denial_count(rest), 1);
}

static void what_follows_has_its_cause(void **state)
{
	struct denials denials = begin();
	struct denial *clone = add(&denials, 1, CALL("/bwrap", "56", "0x7ffc0000"));
	struct denial *mount = add(&denials, 2, CALL("/bwrap", "165", "0x7ffc0000"));

	(void)state;
	assert_ptr_equal(mount->cause, clone);
	assert_ptr_equal(add(&denials, 3, CALL("/bwrap", "155", "0x7ffc0000"))->cause, clone);
	assert_ptr_equal(clone->effects, mount);
	assert_int_equal(mount->next_effect->line.number, 155);
	assert_null(mount->next_effect->next_effect);
	assert_null(add(&denials, 4, CALL("/mount", "165", "0x7ffc0000"))->cause);
	/* A call that was denied leads to nothing. */
	assert_null(add(&denials, 5, CALL("/bwrap", "165", "0x50000"))->cause);
	assert_null(clone->cause);
}

static void arguments_are_those_that_all_have(void **state)
{
	struct denials denials = begin();
	struct denial *d = NULL;

	(void)state;
	for (int i = 0; i < 2; i++) {
		char text[256];
		struct auditline line;

		d = add(&denials, 1 + i, CALL("/a", "272", "0x7ffc0000"));
		snprintf(text, sizeof(text),
			 "type=SYSCALL msg=audit(1.0:9): arch=c000003e syscall=272 success=yes "
			 "exit=0 "
			 "a0=10000000 a1=%d a2=0 a3=0 items=0 pid=7 comm=\"x\" exe=\"/a\" "
			 "key=(null)",
			 i);
		line = line_of(text);
		assert_int_equal(line.form, AUDITLINE_SYSCALL);
		denials_add_arguments(&denials, &line);
	}
	assert_int_equal(d->line.has_args, 0xd);
	assert_int_equal(d->line.args[0], 0x10000000);
	assert_int_equal(denial_count(d), 2);
}

static void only_clone3_with_an_error_is_a_habit(void **state)
{
	struct denials denials = begin();

	(void)state;
	assert_true(denial_is_habit(add(&denials, 1, CALL("/a", "435", "0x50000"))));
	assert_false(denial_is_habit(add(&denials, 2, CALL("/a", "435", "0x80000000"))));
	assert_false(denial_is_habit(add(&denials, 3, CALL("/a", "435", "0x7ffc0000"))));
	assert_false(denial_is_habit(add(&denials, 4, CALL("/a", "272", "0x50000"))));
}

/* Programs with ever new names: what does not fit is counted, and nothing else happens. */
static void memory_has_an_end(void **state)
{
	static char memory[256U << 10];
	struct arena arena = {memory, sizeof(memory), 0};
	struct denials denials;
	uint64_t counted = 0;

	(void)state;
	assert_int_equal(denials_begin(&denials, &arena, 1024), 0);
	for (int i = 1; i <= 5000; i++) {
		char rest[256];

		snprintf(rest, sizeof(rest),
			 "exe=\"/%d\" sig=0 arch=c000003e syscall=272 compat=0 ip=0x0 code=0x50000",
			 i);
		add(&denials, i, rest);
	}
	for (const struct denial *d = denials.first; d != NULL; d = d->next)
		counted += denial_count(d);
	assert_true(counted > 100 && denials.beyond > 100);
	assert_int_equal(counted + denials.beyond, 5000);
	assert_true(denials.forgets);
}

static void what_the_kernel_leaves_out_is_counted(void **state)
{
	(void)state;
	assert_int_equal(auditline_lost(SPAN("[ 5.1] kauditd_printk_skb: 42 callbacks suppressed")),
			 42);
	assert_int_equal(auditline_lost(SPAN("net_ratelimit: 42 callbacks suppressed")), 0);
	assert_int_equal(auditline_lost(SPAN("")), 0);
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "ffffffffffffffff0123456789abcdef0123456789abcdef0123456789abcdef"

static void cgroups_name_containers(void **state)
{
	static const char *const named[] = {
		"0::/system.slice/docker-" ID ".scope\n",
		"9:pids:/docker/" ID "\n0::/\n",
		"0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope\n",
		"0::/kubepods/burstable/pod1/" ID,
		"0::/machine.slice/libpod-" ID ".scope/container\n",
		"0::/kubepods.slice/crio-" ID ".scope/container",
		"0::/kubepods.slice/kubepods-pod1.slice/crio-" ID ".scope\n",
		"9:pids:/kubepods/burstable/pod1/crio-" ID "\n0::/\n",
		"0::/kubepods-burstable.slice:cri-containerd:" ID "\n",
		/* A container in a container is the outer one's. */
		"0::/docker/" ID "/docker/" OTHER "\n",
		"0::/docker/" ID "/docker-" OTHER ".scope\n",
	};
	static const char *const others[] = {
		"",
		"0::/\n",
		"0::/system.slice/ssh.service\n",
		"0::/machine.slice/libpod-conmon-" ID ".scope\n",
		"0::/system.slice/crio-conmon-" ID ".scope\n",
		"9:pids:/kubepods/burstable/pod1/crio-conmon-" ID "\n",
		"4:memory:/api/42368899ab0997fcb2a632aa51f3d3fa\n",
		"0::/docker-" ID "0.scope\n",
		ID,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(named); i++)
		assert_true(span_eq(cgroup_container(span_of(named[i])), SPAN(ID)));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_null(cgroup_container(span_of(others[i])).p);
}

static void dangers_are_calls(void **state)
{
	size_t words = 0, found = 0;

	(void)state;
	for (size_t i = 0; i < n_dangerous_calls; i++) {
		words++;
		for (const char *c = dangerous_calls[i].calls; *c != '\0'; c++)
			words += *c == ' ';
	}
	for (int i = 0; i < SYSCALL_COUNT; i++)
		found += danger_of(syscall_name(i)) != NULL;
	/* None is misspelt, and none there twice. */
	assert_int_equal(found, words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_read),
		cmocka_unit_test(a_line_of_json_is_unwrapped),
		cmocka_unit_test(a_name_does_not_pose_as_a_field),
		cmocka_unit_test(names_in_hexadecimal_are_decoded),
		cmocka_unit_test(numbers_are_those_of_the_kernel),
		cmocka_unit_test(a_cut_line_never_says_another_call),
		cmocka_unit_test(strace_is_read),
		cmocka_unit_test(arguments_have_names),
		cmocka_unit_test(a_record_that_is_there_twice_counts_once),
		cmocka_unit_test(what_has_no_time_is_what_has_a_container),
		cmocka_unit_test(what_follows_has_its_cause),
		cmocka_unit_test(arguments_are_those_that_all_have),
		cmocka_unit_test(only_clone3_with_an_error_is_a_habit),
		cmocka_unit_test(memory_has_an_end),
		cmocka_unit_test(cgroups_name_containers),
		cmocka_unit_test(what_the_kernel_leaves_out_is_counted),
		cmocka_unit_test(dangers_are_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
