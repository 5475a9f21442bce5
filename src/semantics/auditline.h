/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of text about a system call that a filter saw, in any form that people have:
 *  - the kernel's record of a seccomp action (Linux kernel/auditsc.c, audit_seccomp()), as it is in
 *    audit.log, from ausearch with and without -i, in the kernel's log with whatever prefix, and as
 *    journalctl shows it, JSON included;
 *  - the record of a system call (type=SYSCALL), which follows the record of one that a filter
 *    logged, and has its arguments;
 *  - a line of strace on a call that failed, or on SIGSYS.
 * What stands before the record says who wrote the line, and one that a program wrote is none of
 * these. Beyond that a text is worth what its file is.
 */
#ifndef SECCOMP_GUARD_SEMANTICS_AUDITLINE_H
#define SECCOMP_GUARD_SEMANTICS_AUDITLINE_H

#include "syscall/abi.h"
#include "oci/seccomp.h"

enum auditline_form {
	AUDITLINE_NONE,    /* not about system calls */
	AUDITLINE_SECCOMP, /* what a filter did */
	AUDITLINE_SYSCALL, /* what became of a call that was made: no denial */
	AUDITLINE_STRACE,
};

struct auditline {
	enum auditline_form form;
	enum abi abi;
	bool has_abi; /* the line says it: all do but strace's */
	int64_t number;
	bool has_code;
	uint32_t code; /* what the filter returned: SECCOMP_RET_* */
	/* The number of an error that strace shows, 0: none. Whether a filter or the kernel itself
	 * answers so cannot be told. */
	int error;
	int64_t pid; /* of the process, as the kernel of the machine counts; -1: not told */
	/*
	 * When, in milliseconds since 1970, and the number of the record, both as in
	 * audit(SEC.MS:SERIAL). What journalctl shows of audit[PID] has neither. The form of
	 * ausearch -i has only the number, as its date depends on the locale: then ms is 0.
	 */
	bool has_serial;
	uint64_t ms, serial;
	/*
	 * As the line has them: in quotes; or in hexadecimal digits when the name has a blank, a
	 * quote or a control character (auditline_name()); or p == NULL. With `decoded`, from
	 * ausearch -i, as they are: a name with blanks in it cannot be told from what follows.
	 */
	struct span comm, exe;
	bool decoded;
	/* Arguments, as far as the line has them: those of the bits in `has_args`. */
	uint64_t args[OCI_MAX_ARGS];
	unsigned int has_args;
};

/* What is the text, by its mark? Cheap: for going through a large log. */
enum auditline_form auditline_form(struct span text);

/*
 * Read a line for which auditline_form() is not AUDITLINE_NONE. The part of it that a process can
 * choose, its name, is never taken for another field: what stands behind the name is read from the
 * end. `own` is the ABI of a line that says none. Fails where the line is cut, or has an
 * architecture or a call that is not known. What *ret_line points to lies in `text`.
 */
int auditline_read(struct span text, enum abi own, struct auditline *ret_line, struct error *err);

/*
 * What is to be read of a line of JSON (journalctl -o json, dmesg -J): the string of its member
 * MESSAGE or msg, unescaped into `buffer`, which has room for text.n bytes; nothing, if its other
 * members say that a program wrote it. Any other line is returned as it is.
 */
struct span auditline_unwrap(struct span text, char *buffer);

/* A comm or exe for people: decoded, and then escaped as by text_printable(). Returns out. */
const char *auditline_name(const struct auditline *line, struct span name, char *out, size_t size);

/* How many audit records the kernel's log leaves out, as far as this line of it says so
 * ("kauditd_printk_skb: 42 callbacks suppressed"); else 0. */
uint64_t auditline_lost(struct span text);

/* The action of SECCOMP_RET_* value `code`. */
enum oci_action auditline_action(uint32_t code);

#endif
