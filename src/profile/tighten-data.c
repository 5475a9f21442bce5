/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"
#include "profile/tighten-internal.h"

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
	[TIGHTEN_PTRACE] = "ptrace", [TIGHTEN_FOREIGN_ABI] = "foreign-abi",
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

#define MAX_CALLS 4

/* Calls, and the arguments for which they are restricted: those where one of the conditions holds.
 */
struct restriction {
	enum tighten_name name;
	const char *const calls[MAX_CALLS];
	size_t n_args; /* 0: all arguments */
	struct seccomp_arg args[2];
};

/*
 * io_uring makes sockets too (IORING_OP_SOCKET), past every filter; clone3(2) has its flags in
 * memory, which no filter sees. socketpair(2) makes none of these sockets, but loads the family's
 * module on the way to saying so.
 */
static const struct restriction restrictions[] = {
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

const char *tighten_name(enum tighten_name name)
{
	return names[name];
}

int tighten_from_name(struct span name, enum tighten_name *ret_name, struct error *err)
{
	struct suggestion near = suggest(name);
	char shown[SPAN_SHOWN];

	for (int i = 0; i < TIGHTEN_NAMES; i++) {
		if (span_eq(name, span_of(names[i]))) {
			*ret_name = (enum tighten_name)i;
			return 0;
		}
	}
	for (int i = 0; i < TIGHTEN_NAMES; i++)
		suggest_try(&near, span_of(names[i]));
	error_set(err,
		  "\"%s\" is no restriction: known are af-alg, af-vsock, userns, io-uring, "
		  "keyctl, bpf, ptrace, foreign-abi",
		  text_printable(name, shown, sizeof(shown)));
	return error_suggest(err, &near);
}

int tighten_from_list(const char *list, struct tighten *ret_tighten, struct error *err)
{
	while (*list != '\0') {
		size_t n = strcspn(list, ",");
		enum tighten_name name;

		if (tighten_from_name((struct span){list, n}, &name, err) < 0)
			return -1;
		ret_tighten->named |= 1U << name;
		list += list[n] == ',' ? n + 1 : n;
	}
	return 0;
}

/* ---- from what a policy says to regions of calls ---- */

/* A mask that says "this argument is an int". */
#define INT_MASK UINT64_C(0xffffffff)

struct list {
	const struct tighten_request *request;
	struct region *work;
	struct tighten_ban *first, **tail;
};

static int add_ban(struct list *l, struct span call, const struct conjunction *where)
{
	struct tighten_ban *ban = arena_alloc(l->request->scratch, sizeof(*ban));

	if (ban == NULL)
		return -1;
	*ban = (struct tighten_ban){call, *where, NULL};
	*l->tail = ban;
	l->tail = &ban->next;
	return 0;
}

static struct conjunction one_condition(const struct seccomp_arg *arg, uint32_t index)
{
	struct conjunction where = {.used = 1U << index};

	where.arg[index] = *arg;
	where.arg[index].index = index;
	return where;
}

static int add_named_ban(struct list *l, const struct restriction *data, struct span call)
{
	static const struct conjunction always;
	/* Their clone(2) has its flags in the second argument. */
	bool s390 = l->request->arch == PROFILE_ARCH_S390 || l->request->arch == PROFILE_ARCH_S390X;
	bool second = s390 && span_eq(call, SPAN("clone"));

	if (data->n_args == 0)
		return add_ban(l, call, &always);
	for (size_t i = 0; i < data->n_args; i++) {
		struct conjunction where = one_condition(&data->args[i], second ? 1 : 0);

		if (add_ban(l, call, &where) < 0)
			return -1;
	}
	return 0;
}

static int add_named(struct list *l)
{
	for (size_t i = 0; i < ARRAY_SIZE(restrictions); i++) {
		const struct restriction *data = &restrictions[i];

		if ((l->request->tighten.named >> data->name & 1) == 0)
			continue;
		for (size_t k = 0; k < MAX_CALLS && data->calls[k] != NULL; k++)
			if (add_named_ban(l, data, span_of(data->calls[k])) < 0)
				return -1;
	}
	return 0;
}

/*
 * A condition on all of an int (MASKED_EQ with INT_MASK) becomes two: the value itself, and every
 * value that does not fit into an int. The kernel looks at the low 32 bits of the latter, so it may
 * see the restricted value; and a range without one value in each 2^32 could not be said in OCI.
 */
static void custom_regions(const struct tighten_custom *custom, struct region *ret)
{
	const struct seccomp_arg too_wide = {.op = OCI_CMP_GT, .value = INT_MASK};

	ret->full = false;
	ret->n = 1;
	ret->part[0] = (struct conjunction){0};
	for (const struct seccomp_arg *arg = custom->args; arg != NULL; arg = arg->next) {
		bool is_int = arg->op == OCI_CMP_MASKED_EQ && arg->value == INT_MASK;
		size_t n = ret->n;

		for (size_t i = 0; i < n; i++) {
			struct conjunction other = ret->part[i], *part = &ret->part[i];

			part->used |= 1U << arg->index;
			part->arg[arg->index] = *arg;
			if (!is_int)
				continue;
			part->arg[arg->index].op = OCI_CMP_EQ;
			part->arg[arg->index].value = arg->value_two & INT_MASK;
			other.used |= 1U << arg->index;
			other.arg[arg->index] = too_wide;
			other.arg[arg->index].index = arg->index;
			region_add(ret, &other);
		}
	}
}

static int add_custom(struct list *l)
{
	const struct tighten_custom *custom = l->request->tighten.custom;

	for (size_t n = 0; custom != NULL && n < l->request->tighten.n_custom;
	     custom = custom->next, n++) {
		custom_regions(custom, l->work);
		for (const struct seccomp_name *name = custom->names; name != NULL;
		     name = name->next)
			for (size_t i = 0; i < l->work->n; i++)
				if (add_ban(l, name->name, &l->work->part[i]) < 0)
					return -1;
	}
	return 0;
}

int tighten_bans(const struct tighten_request *request, struct region *work,
		 const struct tighten_ban **ret_first)
{
	struct list l = {.request = request, .work = work};

	l.tail = &l.first;
	if (add_named(&l) < 0 || add_custom(&l) < 0)
		return -1;
	*ret_first = l.first;
	return 0;
}
