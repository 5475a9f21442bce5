/* SPDX-License-Identifier: Apache-2.0 */
#include "node/auditlog.h"

#include "node/fileio.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Some 27,000 records; the usual one holds 257 of them. */
#define BUFFER_SIZE (16 << 20)

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif
/* <linux/proc_ns.h> of the kernel: the numbers of the initial namespaces. */
#define INITIAL_USER_NS 0xEFFFFFFDU
#define INITIAL_PID_NS 0xEFFFFFFCU

static ino_t namespace_of(const char *pid, const char *type)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/ns/%s", pid, type);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

int auditlog_check_namespaces(struct error *err)
{
	/* The kernel's own thread kthreadd cannot have moved; init may not be looked at. */
	const ino_t machine = namespace_of("2", "net");
	const char *type = NULL;

	if (namespace_of("self", "user") != INITIAL_USER_NS)
		type = "user";
	else if (namespace_of("self", "pid") != INITIAL_PID_NS)
		type = "pid";
	else if (machine != 0 && namespace_of("self", "net") != machine)
		type = "network";
	if (type == NULL)
		return 0;
	return error_set(err,
			 "the kernel's records do not come to this %s namespace: run it on the "
			 "machine itself (in Kubernetes hostPID and hostNetwork), or give it a log",
			 type);
}

/* Other records do not even fill the buffer. */
static int only_seccomp(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type)),
		/* The kernel compares with what it has loaded as big-endian. */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {ARRAY_SIZE(code), code};
	const uint16_t type = AUDIT_SECCOMP;
	unsigned char bytes[2];

	memcpy(bytes, &type, sizeof(type));
	code[1].k = (uint32_t)bytes[0] << 8 | bytes[1];
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

void auditlog_enlarge(int fd)
{
	const int size = BUFFER_SIZE;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

int auditlog_open(struct error *err)
{
	CLEANUP_FD int fd = -1;
	const struct sockaddr_nl group = {.nl_family = AF_NETLINK,
					  .nl_groups = AUDIT_NLGRP_READLOG};

	if (auditlog_check_namespaces(err) < 0)
		return AUDITLOG_NEVER;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT);
	if (fd < 0 && errno == EPROTONOSUPPORT) {
		error_set(err, "this kernel keeps no audit records (audit=0 on its command "
			       "line): no denial is logged anywhere, and only strace shows them");
		return AUDITLOG_NEVER;
	}
	if (fd < 0 || only_seccomp(fd) < 0)
		return error_system(err, errno);
	auditlog_enlarge(fd);
	if (bind(fd, (const struct sockaddr *)&group, sizeof(group)) == 0)
		return take_fd(&fd);
	if (errno != EPERM)
		return error_system(err, errno);
	error_set(err, "reading the kernel's records needs CAP_AUDIT_READ; without it, give "
		       "a log: that of auditd, dmesg or the journal");
	return AUDITLOG_NEVER;
}

int auditlog_next(int fd, char *buffer, size_t size, struct span *ret_text, struct error *err)
{
	for (;;) {
		struct sockaddr_nl from;
		socklen_t from_size = sizeof(from);
		struct nlmsghdr header;
		ssize_t n = recvfrom(fd, buffer, size, MSG_DONTWAIT, (struct sockaddr *)&from,
				     &from_size);

		if (n < 0 && errno == EAGAIN)
			return 0;
		/* ENOBUFS: some were lost, auditlog_lost() knows how many. */
		if (n < 0 && (errno == EINTR || errno == ENOBUFS))
			continue;
		if (n < 0)
			return error_system(err, errno);
		if ((size_t)n < sizeof(header) || from.nl_pid != 0)
			continue;
		memcpy(&header, buffer, sizeof(header));
		if (header.nlmsg_type != AUDIT_SECCOMP)
			continue;
		*ret_text = (struct span){buffer + NLMSG_HDRLEN, (size_t)n - NLMSG_HDRLEN};
		return 1;
	}
}

uint64_t auditlog_lost(int fd)
{
	uint32_t memory[SK_MEMINFO_VARS] = {0};
	socklen_t size = sizeof(memory);

	return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &size) == 0 ? memory[SK_MEMINFO_DROPS]
									  : 0;
}

/* ---- questions ---- */

/* For an answer, which the kernel gives while it is asked, or a little later for lists. */
#define ANSWER_MS 1000

static int ask(int fd, uint16_t type)
{
	const struct nlmsghdr request = {
		.nlmsg_len = sizeof(request), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST};

	return send(fd, &request, sizeof(request), 0) == (ssize_t)sizeof(request) ? 0 : -1;
}

/* The data of the next message of `type`; p == NULL: none came, with errno, which is 0 at the end
 * of a list. */
static struct span next_answer(int fd, uint16_t type, char *buffer, size_t size)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	struct nlmsghdr header;
	int32_t code;

	while (poll(&wait, 1, ANSWER_MS) > 0) {
		ssize_t n = recv(fd, buffer, size, MSG_DONTWAIT);

		if (n < (ssize_t)sizeof(header))
			break;
		memcpy(&header, buffer, sizeof(header));
		if (header.nlmsg_type == type)
			return (struct span){buffer + NLMSG_HDRLEN, (size_t)n - NLMSG_HDRLEN};
		errno = 0;
		if (header.nlmsg_type == NLMSG_DONE)
			break;
		if (header.nlmsg_type != NLMSG_ERROR || (size_t)n < NLMSG_HDRLEN + sizeof(code))
			continue;
		memcpy(&code, buffer + NLMSG_HDRLEN, sizeof(code));
		errno = -code;
		if (code != 0)
			break;
	}
	return (struct span){0};
}

static bool read_status(int fd, struct audit_status *ret_status)
{
	char buffer[NLMSG_HDRLEN + 256] = {0};
	struct span answer = {0};

	if (fd >= 0 && ask(fd, AUDIT_GET) == 0)
		answer = next_answer(fd, AUDIT_GET, buffer, sizeof(buffer));
	/* It grows with the kernel; what is not there is 0 in the buffer. */
	if (answer.p != NULL)
		memcpy(ret_status, answer.p, sizeof(*ret_status));
	return answer.p != NULL;
}

bool auditlog_kernel_lost(int fd, uint64_t *ret_lost)
{
	struct audit_status status;

	if (!read_status(fd, &status))
		return false;
	*ret_lost = status.lost;
	return true;
}

/* Does this condition of a rule hold for the type of a record of seccomp? */
static bool is_met(uint32_t op, uint32_t value)
{
	switch (op) {
	case AUDIT_EQUAL:
		return value == AUDIT_SECCOMP;
	case AUDIT_NOT_EQUAL:
		return value != AUDIT_SECCOMP;
	case AUDIT_GREATER_THAN_OR_EQUAL:
		return AUDIT_SECCOMP >= value;
	case AUDIT_GREATER_THAN:
		return AUDIT_SECCOMP > value;
	case AUDIT_LESS_THAN_OR_EQUAL:
		return AUDIT_SECCOMP <= value;
	case AUDIT_LESS_THAN:
		return AUDIT_SECCOMP < value;
	default:
		return false;
	}
}

/* In the list "exclude" a record is kept back whatever the rule's action is. */
static void look_at_rule(const struct audit_rule_data *rule, struct auditlog_status *status)
{
	uint32_t others = 0;

	if ((rule->flags & ~(uint32_t)AUDIT_FILTER_PREPEND) != AUDIT_FILTER_EXCLUDE)
		return;
	for (uint32_t i = 0; i < rule->field_count && i < AUDIT_MAX_FIELDS; i++) {
		if (rule->fields[i] != AUDIT_MSGTYPE)
			others++;
		else if (!is_met(rule->fieldflags[i], rule->values[i]))
			return;
	}
	status->excluded = true;
	status->excluded_all = status->excluded_all || others == 0;
}

static void look_at_rules(int fd, struct auditlog_status *status)
{
	char buffer[NLMSG_HDRLEN + sizeof(struct audit_rule_data) + PATH_MAX];
	struct audit_rule_data rule;
	struct span answer;

	if (ask(fd, AUDIT_LIST_RULES) < 0)
		return;
	for (;;) {
		answer = next_answer(fd, AUDIT_LIST_RULES, buffer, sizeof(buffer));
		if (answer.n < sizeof(rule))
			return;
		memcpy(&rule, answer.p, sizeof(rule));
		look_at_rule(&rule, status);
	}
}

int auditlog_ask(struct auditlog_status *ret_status, struct error *err)
{
	CLEANUP_FD int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	const struct sockaddr_nl self = {.nl_family = AF_NETLINK};
	struct auditlog_status status = {0};
	struct audit_status kernel;

	if (fd < 0 || bind(fd, (const struct sockaddr *)&self, sizeof(self)) < 0)
		return error_system(err, errno);
	if (!read_status(fd, &kernel))
		return errno == EPERM ? error_set(err, "asking the audit system needs "
						       "CAP_AUDIT_CONTROL")
				      : error_system(err, errno);
	status.lost = kernel.lost;
	status.rate_limit = kernel.rate_limit;
	look_at_rules(fd, &status);
	*ret_status = status;
	return take_fd(&fd);
}

/* ---- actions ---- */

const char *auditlog_unlogged(char out[AUDITLOG_ACTIONS_SIZE])
{
	static const char *const actions[] = {"kill_process", "kill_thread", "trap", "errno",
					      "log"};
	char text[256] = " ";
	CLEANUP_FD int fd = open("/proc/sys/kernel/seccomp/actions_logged", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text + 1, sizeof(text) - 3) : 0;
	size_t used = 0;

	out[0] = '\0';
	if (n <= 0)
		return out;
	for (char *c = text; *c != '\0'; c++)
		*c = *c == '\n' ? ' ' : *c;
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		char word[32];

		snprintf(word, sizeof(word), " %s ", actions[i]);
		if (strstr(text, word) == NULL)
			used += (size_t)snprintf(out + used, AUDITLOG_ACTIONS_SIZE - used, "%s%s",
						 used > 0 ? " " : "", actions[i]);
	}
	return out;
}
