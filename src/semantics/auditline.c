/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of a record of the audit log. Pure. */
#include "semantics/auditline.h"

#include "base/number.h"
#include "semantics/auditline-internal.h"

/* AUDIT_SECCOMP and AUDIT_SYSCALL of <linux/audit.h>: as a number, as auditd writes it, and as
 * journald does. */
static const struct {
	const char *mark;
	enum auditline_form form;
} marks[] = {
	{"type=1326", AUDITLINE_SECCOMP},     {"type=SECCOMP", AUDITLINE_SECCOMP},
	{"SECCOMP auid=", AUDITLINE_SECCOMP}, {"type=1300", AUDITLINE_SYSCALL},
	{"type=SYSCALL", AUDITLINE_SYSCALL},
};

static struct span find(struct span text, const char *what)
{
	const char *p = text.n > 0 ? memmem(text.p, text.n, what, strlen(what)) : NULL;

	return p != NULL ? (struct span){p, text.n - (size_t)(p - text.p)} : (struct span){0};
}

/* What stands before the name of the process. */
static struct span head_of(struct span text)
{
	struct span comm = find(text, " comm=");

	return comm.p != NULL ? (struct span){text.p, (size_t)(comm.p - text.p)} : text;
}

/* ---- what stands before a record ---- */

static bool ends_with(struct span text, const char *end)
{
	size_t n = strlen(end);

	return text.n >= n && memcmp(text.p + text.n - n, end, n) == 0;
}

static bool has_blank(struct span text)
{
	return text.n > 0 && memchr(text.p, ' ', text.n) != NULL;
}

/* Of "<13>" and "12,5,99,-;": programs write into the kernel's log too, but under a facility of
 * their own, and the priority holds both (syslog(2)). */
#define PRIORITIES 8

static bool is_priority_of_kernel(struct span text)
{
	bool raw = span_has_prefix(text, SPAN("<"));
	uint64_t priority;

	text = span_skip(text, raw);
	return number_take(&text, 10, UINT32_MAX, &priority) && priority < PRIORITIES &&
	       (raw ? span_eq(text, SPAN(">"))
		    : span_has_prefix(text, SPAN(",")) && ends_with(text, ";") && !has_blank(text));
}

/* Where it opens; 0: there is none. */
static size_t last_bracket(struct span text)
{
	while (text.n > 0 && text.p[--text.n] != '[')
		;
	return text.n;
}

/* "Nov 27 16:41:22 HOST kernel: ": the first name in the line is that of who wrote it, and what
 * looks like one behind it is theirs. */
static bool is_written_by(struct span text, const char *who)
{
	struct span name = find(text, ": ");

	if (name.n != strlen(": "))
		return false;
	text.n -= name.n;
	if (ends_with(text, "]"))
		text.n = last_bracket(text);
	if (!ends_with(text, who))
		return false;
	text.n -= strlen(who);
	return text.n == 0 || text.p[text.n - 1] == ' ';
}

/* Of `[ 5399.109688] ` and the like at the end, and of the thread behind it, `[ 5399.109688][ T1]
 * `, which kernels with CONFIG_PRINTK_CALLER add. */
static struct span without_time(struct span text)
{
	while (ends_with(text, "] ") || ends_with(text, "]"))
		text.n = last_bracket(text);
	return text;
}

/*
 * Is a line with this before the mark of a record from the kernel, as far as a line can say it?
 * What a program says of itself is in logs as well: what a container prints, what logger(1) is
 * given, what CAP_AUDIT_WRITE lets into the audit log between quotes.
 */
static bool is_from_kernel(struct span before, bool by_journal)
{
	while (before.n > 0 && before.p[0] == ' ')
		before = span_skip(before, 1);
	/* journalctl -o verbose and export. */
	if (span_has_prefix(before, SPAN("MESSAGE=")))
		before = span_skip(before, strlen("MESSAGE="));
	if (before.n == 0)
		return true;
	if (by_journal)
		return is_written_by(before, "audit");
	/* "node=HOST " of auditd, and "FILE:" of grep. */
	if (span_has_prefix(before, SPAN("node=")) || ends_with(before, ":"))
		return !has_blank((struct span){before.p, before.n - 1});
	if (!ends_with(before, "audit: "))
		return false;
	before.n -= strlen("audit: ");
	before = without_time(before);
	/* A time by itself: "2026-11-27T16:41:21,109688+00:00 ". */
	return before.n == 0 || is_priority_of_kernel(before) || is_written_by(before, "kernel") ||
	       (span_has_prefix(before, SPAN("kern ")) && ends_with(before, ": ")) ||
	       (before.p[0] >= '0' && before.p[0] <= '9' && ends_with(before, " ") &&
		!has_blank((struct span){before.p, before.n - 1}));
}

enum auditline_form auditline_form(struct span text)
{
	struct span head = head_of(text), first = {0};
	size_t which = 0;

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		struct span found = find(head, marks[i].mark);

		if (found.p != NULL && (first.p == NULL || found.p < first.p)) {
			first = found;
			which = i;
		}
	}
	if (first.p != NULL && is_from_kernel((struct span){text.p, (size_t)(first.p - text.p)},
					      marks[which].mark[0] != 't'))
		return marks[which].form;
	return auditline_is_strace(text) ? AUDITLINE_STRACE : AUDITLINE_NONE;
}

/* The value of "key=" at the start of a word, the first one; values have no blanks, the kernel sees
 * to that. */
static struct span field(struct span text, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i + n <= text.n; i++) {
		struct span value = {text.p + i + n, 0};

		if ((i > 0 && text.p[i - 1] != ' ') || memcmp(text.p + i, key, n) != 0)
			continue;
		while (i + n + value.n < text.n && value.p[value.n] != ' ')
			value.n++;
		return value;
	}
	return (struct span){0};
}

/* ---- the fields behind the name ---- */

enum tail_field {
	TAIL_SIG,
	TAIL_ARCH,
	TAIL_SYSCALL,
	TAIL_COMPAT,
	TAIL_IP,
	TAIL_CODE,
	/* What auditd puts behind a record (log_format = ENRICHED); the call in it is not right. */
	TAIL_AUID,
	TAIL_UID,
	TAIL_GID,
	TAIL_ENRICHED_ARCH,
	TAIL_ENRICHED_SYSCALL,
	TAIL_FIELDS
};

struct tail {
	struct span value[TAIL_FIELDS];
	struct span before; /* the text in front of them */
	bool cut;           /* the call's number is the last of the line, and may be cut short */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static struct span trimmed(struct span text)
{
	while (text.n > 0 && is_blank(text.p[text.n - 1]))
		text.n--;
	return text;
}

/* The field that the word at the end of `text` is; false when it is none of them. */
static bool take_last(struct span *text, enum tail_field *ret_field, struct span *ret_value)
{
	static const char *const keys[TAIL_FIELDS] = {
		"sig=",  "arch=", "syscall=", "compat=", "ip=",      "code=",
		"AUID=", "UID=",  "GID=",     "ARCH=",   "SYSCALL=",
	};
	size_t start;

	*text = trimmed(*text);
	for (start = text->n; start > 0 && !is_blank(text->p[start - 1]); start--)
		;
	for (size_t i = 0; i < TAIL_FIELDS; i++) {
		struct span word = span_skip(*text, start);

		if (!span_has_prefix(word, span_of(keys[i])))
			continue;
		*ret_field = (enum tail_field)i;
		*ret_value = span_skip(word, strlen(keys[i]));
		text->n = start;
		return true;
	}
	return false;
}

/*
 * Words from the end of the line, as long as they are fields of that kind and none is there twice.
 * Whatever the process calls itself, the kernel's own words are nearer to the end.
 */
static void read_tail(struct span text, struct tail *ret_tail)
{
	struct tail tail = {0};
	struct span value;
	enum tail_field field;
	size_t n = 0;

	tail.before = trimmed(text);
	while (take_last(&text, &field, &value) && tail.value[field].p == NULL) {
		tail.value[field] = value;
		tail.before = trimmed(text);
		tail.cut |= n++ == 0 && field == TAIL_SYSCALL;
	}
	*ret_tail = tail;
}

/* ---- values ---- */

/* The kernel prints the number as an int: what is too large for one is negative. With -i ausearch
 * prints a number that it has no name for as unknown-syscall(462). */
static bool read_number(struct span call, uint64_t *ret_number)
{
	static const struct span unknown = {"unknown-syscall(", 16};
	bool negative;

	if (span_has_prefix(call, unknown) && call.p[call.n - 1] == ')')
		call = (struct span){call.p + unknown.n, call.n - unknown.n - 1};
	negative = call.n > 1 && call.p[0] == '-';
	if (!number_parse(span_skip(call, negative), 10, UINT32_MAX, ret_number))
		return false;
	if (negative)
		*ret_number = (uint32_t) - *ret_number;
	return true;
}

static int read_call(struct span arch, struct span call, struct auditline *line, struct error *err)
{
	uint64_t audit = 0, nr = 0;
	struct error ignored;
	bool by_number;
	int index;

	if (arch.n == 0 || call.n == 0)
		return error_set(err, "a line of the audit log without arch= and syscall=");
	/* The number tells x32 from x86_64. */
	by_number = read_number(call, &nr);
	index = by_number ? -1 : syscall_index(call);
	if (!(number_parse(arch, 16, UINT32_MAX, &audit) &&
	      abi_from_audit((uint32_t)audit, (int64_t)nr, &line->abi) == 0) &&
	    abi_from_name(arch, &line->abi, &ignored) < 0)
		return error_set(err, "unknown architecture arch=%.*s", SPAN_ARG(arch));
	if (line->abi == ABI_X86_64 && by_number && (nr & 0x40000000) != 0)
		line->abi = ABI_X32;
	line->has_abi = true;
	line->number = index >= 0 ? abi_number(line->abi, index) : (int64_t)nr;
	if (line->number < 0 || (index < 0 && !by_number))
		return error_set(err, "there is no system call %.*s on %s", SPAN_ARG(call),
				 abi_infos[line->abi].name);
	return 0;
}

/* A number, or a word of ausearch -i (audit's lib/seccomp_action_table.h). */
static void read_code(struct span text, struct auditline *line)
{
	static const struct {
		const char *word;
		uint32_t code;
	} words[] = {
		{"kill", 0},           {"kill-thread", 0},    {"kill-process", 0x80000000},
		{"trap", 0x00030000},  {"errno", 0x00050000}, {"user-notif", 0x7fc00000},
		{"trace", 0x7ff00000}, {"log", 0x7ffc0000},   {"allow", 0x7fff0000},
	};
	uint64_t value;

	if (span_has_prefix(text, SPAN("0x")) &&
	    number_parse(span_skip(text, 2), 16, UINT32_MAX, &value)) {
		line->has_code = true;
		line->code = (uint32_t)value;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!span_eq(text, span_of(words[i].word)))
			continue;
		line->has_code = true;
		line->code = words[i].code;
	}
}

/* audit(1764000000.123:456), or with a date in the place of the seconds. */
static void read_stamp(struct span head, struct auditline *line)
{
	struct span rest = find(head, "audit("), number;
	uint64_t seconds, ms, serial;

	if (rest.p == NULL)
		return;
	rest = number = span_skip(rest, strlen("audit("));
	if (number_take(&number, 10, UINT32_MAX, &seconds) && number.n > 0 && number.p[0] == '.') {
		number = span_skip(number, 1);
		if (number_take(&number, 10, 999, &ms))
			line->ms = seconds * 1000 + ms;
	}
	rest.n = strnlen(rest.p, rest.n);
	number = find(rest, ")");
	for (const char *p = number.p; p != NULL && p > rest.p; p--) {
		if (p[-1] != ':')
			continue;
		line->has_serial = number_parse((struct span){p, (size_t)(number.p - p)}, 10,
						UINT64_MAX, &serial);
		line->serial = line->has_serial ? serial : 0;
		break;
	}
	if (!line->has_serial)
		line->ms = 0;
}

static void read_pid(struct span head, struct auditline *line)
{
	uint64_t pid;

	line->pid = number_parse(field(head, "pid="), 10, INT32_MAX, &pid) ? (int64_t)pid : -1;
}

/* Of `names`, " comm=C exe=E", and with `decoded` whatever a process has made of it. */
static void read_names(struct span names, struct auditline *line)
{
	struct span exe = find(names, " exe="), comm = span_skip(names, strlen(" comm="));

	if (!span_has_prefix(names, SPAN(" comm=")))
		return;
	line->comm = comm;
	if (exe.p == NULL)
		return;
	line->comm.n = exe.p > comm.p ? (size_t)(exe.p - comm.p) : 0;
	line->exe = span_skip(exe, strlen(" exe="));
}

/* ---- records ---- */

static int read_seccomp(struct span text, struct auditline *line, struct error *err)
{
	struct span head = head_of(text);
	struct tail tail;
	uint64_t audit;

	read_tail(text, &tail);
	read_pid(head, line);
	read_stamp(head, line);
	if (tail.before.n > head.n)
		read_names(span_skip(tail.before, head.n), line);
	line->decoded = tail.value[TAIL_ARCH].n > 0 &&
			!number_parse(tail.value[TAIL_ARCH], 16, UINT32_MAX, &audit);
	if (tail.cut && line->pid >= 0)
		return error_set(err, "the line is cut: nothing stands behind syscall=%.*s",
				 SPAN_ARG(tail.value[TAIL_SYSCALL]));
	read_code(tail.value[TAIL_CODE], line);
	return read_call(tail.value[TAIL_ARCH], tail.value[TAIL_SYSCALL], line, err);
}

/* The call stands before the name here. */
static int read_syscall(struct span text, struct auditline *line, struct error *err)
{
	struct span head = head_of(text), names = span_skip(text, head.n);
	struct span exe = find(names, " exe=");

	read_pid(head, line);
	read_stamp(head, line);
	if (exe.p != NULL)
		names.n = (size_t)(exe.p - names.p) + strlen(" exe=") +
			  field(span_skip(exe, 1), "exe=").n;
	read_names(names, line);
	for (unsigned int i = 0; i < 4; i++) {
		const char key[] = {'a', (char)('0' + i), '=', '\0'};

		if (number_parse(field(head, key), 16, UINT64_MAX, &line->args[i]))
			line->has_args |= 1U << i;
	}
	return read_call(field(head, "arch="), field(head, "syscall="), line, err);
}

int auditline_read(struct span text, enum abi own, struct auditline *ret_line, struct error *err)
{
	struct auditline line = {.form = auditline_form(text), .abi = own, .pid = -1};
	const char *enriched = text.n > 0 ? memchr(text.p, '\035', text.n) : NULL;
	int r;

	if (enriched != NULL)
		text.n = (size_t)(enriched - text.p);
	text = trimmed(text);
	if (line.form == AUDITLINE_STRACE)
		r = auditline_read_strace(text, &line, err);
	else
		r = line.form == AUDITLINE_SYSCALL ? read_syscall(text, &line, err)
						   : read_seccomp(text, &line, err);
	if (r < 0)
		return -1;
	*ret_line = line;
	return 0;
}

/* ---- around records ---- */

/* One character of a JSON string; those above 0x7f that are escaped become '?'. */
static size_t unescape(struct span rest, char *ret_c)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	struct span digits = {rest.p + 2, 4};
	const char *known;
	uint64_t value;

	*ret_c = rest.p[0];
	if (rest.p[0] != '\\' || rest.n < 2)
		return 1;
	known = memchr(from, rest.p[1], sizeof(from) - 1);
	*ret_c = known != NULL ? to[known - from] : rest.p[1];
	if (rest.p[1] != 'u' || rest.n < 6)
		return 2;
	*ret_c = number_parse(digits, 16, UINT16_MAX, &value) && value < 0x80 ? (char)value : '?';
	return 6;
}

/* The value of a member, without blanks and the quote before it. Names in a text are escaped, and
 * so are none. */
static struct span member(struct span text, const char *name)
{
	struct span rest = find(span_skip(find(text, name), strlen(name)), ":");

	while (rest.n > 0 && (rest.p[0] == ':' || rest.p[0] == '"' || is_blank(rest.p[0])))
		rest = span_skip(rest, 1);
	return rest;
}

/* The journal says what an entry came by, and dmesg under which priority. */
static bool is_a_programs(struct span text)
{
	struct span by = member(text, "\"_TRANSPORT\""), priority = member(text, "\"pri\"");
	uint64_t value;

	if (by.n > 0 && !span_has_prefix(by, SPAN("kernel\"")) &&
	    !span_has_prefix(by, SPAN("audit\"")))
		return true;
	return number_take(&priority, 10, UINT32_MAX, &value) && value >= PRIORITIES;
}

struct span auditline_unwrap(struct span text, char *buffer)
{
	struct span rest = find(text, "\"MESSAGE\"");
	size_t n = 0;

	while (text.n > 0 && is_blank(text.p[0]))
		text = span_skip(text, 1);
	if (rest.p == NULL)
		rest = find(text, "\"msg\"");
	if (text.n == 0 || (text.p[0] != '{' && text.p[0] != '"') || rest.p == NULL)
		return text;
	if (is_a_programs(text))
		return (struct span){buffer, 0};
	rest = find(span_skip(rest, strlen("\"msg\"")), ":");
	while (rest.n > 0 && (rest.p[0] == ':' || is_blank(rest.p[0])))
		rest = span_skip(rest, 1);
	if (rest.n == 0 || rest.p[0] != '"')
		return text;
	rest = span_skip(rest, 1);
	while (rest.n > 0 && rest.p[0] != '"')
		rest = span_skip(rest, unescape(rest, &buffer[n++]));
	return (struct span){buffer, n};
}

const char *auditline_name(const struct auditline *line, struct span name, char *out, size_t size)
{
	char text[256];
	size_t n = 0;

	if (name.n >= 2 && name.p[0] == '"' && name.p[name.n - 1] == '"')
		return text_printable((struct span){name.p + 1, name.n - 2}, out, size);
	if (line->decoded || name.n % 2 != 0 || name.n == 0)
		return text_printable(name, out, size);
	for (size_t i = 0; i + 1 < name.n && n < sizeof(text); i += 2) {
		uint64_t byte;

		if (!number_parse((struct span){name.p + i, 2}, 16, UINT8_MAX, &byte))
			return text_printable(name, out, size);
		text[n++] = (char)byte;
	}
	return text_printable((struct span){text, n}, out, size);
}

uint64_t auditline_lost(struct span text)
{
	struct span rest =
		span_skip(find(text, "kauditd_printk_skb: "), strlen("kauditd_printk_skb: "));
	uint64_t n;

	return number_take(&rest, 10, UINT64_MAX, &n) &&
			       span_has_prefix(rest, SPAN(" callbacks suppressed"))
		       ? n
		       : 0;
}

enum oci_action auditline_action(uint32_t code)
{
	static const struct {
		uint32_t code;
		enum oci_action action;
	} actions[] = {
		{0x80000000, OCI_ACT_KILL_PROCESS}, {0x00030000, OCI_ACT_TRAP},
		{0x00050000, OCI_ACT_ERRNO},        {0x7fc00000, OCI_ACT_NOTIFY},
		{0x7ff00000, OCI_ACT_TRACE},        {0x7ffc0000, OCI_ACT_LOG},
		{0x7fff0000, OCI_ACT_ALLOW},
	};

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if ((code & 0xffff0000) == actions[i].code)
			return actions[i].action;
	return OCI_ACT_KILL_THREAD;
}
