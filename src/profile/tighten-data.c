/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/tighten-data.h"

#include <errno.h>

#define AF_ALG 38
#define AF_VSOCK 40
/* The kernel has 46 (AF_MAX). It looks at 32 bits of the argument only, so that a larger value is a
 * family in disguise. */
#define LAST_FAMILY 63
#define NEW_USER 0x10000000

static const char *const names[TIGHTEN_NAMES] = {
	[TIGHTEN_AF_ALG] = "af-alg", [TIGHTEN_AF_VSOCK] = "af-vsock",
	[TIGHTEN_USERNS] = "userns", [TIGHTEN_IO_URING] = "io-uring",
	[TIGHTEN_KEYCTL] = "keyctl", [TIGHTEN_BPF] = "bpf",
	[TIGHTEN_PTRACE] = "ptrace",
};

#define FAMILY(family)                                                                             \
	2,                                                                                         \
	{                                                                                          \
		{.op = OCI_CMP_GT, .value = LAST_FAMILY},                                          \
		{                                                                                  \
			.op = OCI_CMP_EQ, .value = (family)                                        \
		}                                                                                  \
	}
#define FLAG(flag)                                                                                 \
	1,                                                                                         \
	{                                                                                          \
		{                                                                                  \
			.op = OCI_CMP_MASKED_EQ, .value = (flag), .value_two = (flag)              \
		}                                                                                  \
	}

/*
 * io_uring makes sockets too (IORING_OP_SOCKET), past every filter; clone3(2) has its flags in
 * memory, which no filter sees. socketpair(2) makes none of these sockets, but loads the family's
 * module on the way to saying so.
 */
const struct tighten_ban tighten_bans[] = {
	{TIGHTEN_AF_ALG, {"socket", "socketpair"}, FAMILY(AF_ALG)},
	{TIGHTEN_AF_ALG, {"io_uring_setup"}, 0, {{0}}},
	{TIGHTEN_AF_VSOCK, {"socket", "socketpair"}, FAMILY(AF_VSOCK)},
	{TIGHTEN_AF_VSOCK, {"io_uring_setup"}, 0, {{0}}},
	{TIGHTEN_USERNS, {"clone", "unshare"}, FLAG(NEW_USER)},
	{TIGHTEN_USERNS, {"clone3"}, 0, {{0}}},
	{TIGHTEN_IO_URING, {"io_uring_setup", "io_uring_enter", "io_uring_register"}, 0, {{0}}},
	{TIGHTEN_KEYCTL, {"add_key", "keyctl", "request_key"}, 0, {{0}}},
	{TIGHTEN_BPF, {"bpf"}, 0, {{0}}},
	{TIGHTEN_PTRACE, {"process_vm_readv", "process_vm_writev", "ptrace"}, 0, {{0}}},
};
const size_t tighten_n_bans = ARRAY_SIZE(tighten_bans);

/* Calls for which C libraries and programs have another way when the kernel does not know them. */
uint32_t tighten_errno(struct span call)
{
	static const char *const unknown[] = {"clone3", "io_uring_setup", "io_uring_enter",
					      "io_uring_register"};

	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		if (span_eq(call, span_of(unknown[i])))
			return ENOSYS;
	return EPERM;
}

/* Linux: include/uapi/linux/net.h and ipc.h; libseccomp allows the one with the other
 * (src/arch-x86.c). */
const char *tighten_multiplexer(struct span call)
{
	static const struct {
		const char *call, *by;
	} calls[] = {
		{"accept", "socketcall"},
		{"accept4", "socketcall"},
		{"bind", "socketcall"},
		{"connect", "socketcall"},
		{"getpeername", "socketcall"},
		{"getsockname", "socketcall"},
		{"getsockopt", "socketcall"},
		{"listen", "socketcall"},
		{"msgctl", "ipc"},
		{"msgget", "ipc"},
		{"msgrcv", "ipc"},
		{"msgsnd", "ipc"},
		{"recv", "socketcall"},
		{"recvfrom", "socketcall"},
		{"recvmmsg", "socketcall"},
		{"recvmsg", "socketcall"},
		{"semctl", "ipc"},
		{"semget", "ipc"},
		{"semop", "ipc"},
		{"semtimedop", "ipc"},
		{"send", "socketcall"},
		{"sendmmsg", "socketcall"},
		{"sendmsg", "socketcall"},
		{"sendto", "socketcall"},
		{"setsockopt", "socketcall"},
		{"shmat", "ipc"},
		{"shmctl", "ipc"},
		{"shmdt", "ipc"},
		{"shmget", "ipc"},
		{"shutdown", "socketcall"},
		{"socket", "socketcall"},
		{"socketpair", "socketcall"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (span_eq(call, span_of(calls[i].call)))
			return calls[i].by;
	return NULL;
}

const char *tighten_name(enum tighten_name name)
{
	return names[name];
}

int tighten_from_name(struct span name, enum tighten_name *ret_name, struct error *err)
{
	char shown[SPAN_SHOWN];

	for (int i = 0; i < TIGHTEN_NAMES; i++) {
		if (span_eq(name, span_of(names[i]))) {
			*ret_name = (enum tighten_name)i;
			return 0;
		}
	}
	return error_set(err,
			 "\"%s\" is no restriction: known are af-alg, af-vsock, userns, io-uring, "
			 "keyctl, bpf, "
			 "ptrace",
			 text_printable(name, shown, sizeof(shown)));
}
