/* SPDX-License-Identifier: Apache-2.0 */
/* From what a policy says to regions of calls. */
#include "profile/tighten-data.h"

/* A mask that says "this argument is an int". */
#define INT_MASK UINT64_C(0xffffffff)

struct list {
	const struct tighten_request *request;
	struct region *work;
	struct tighten_region *first, **tail;
};

static int add_ban(struct list *l, struct span call, const struct conjunction *where)
{
	struct tighten_region *ban = arena_alloc(l->request->scratch, sizeof(*ban));

	if (ban == NULL)
		return -1;
	*ban = (struct tighten_region){call, *where, NULL};
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

static int add_named_ban(struct list *l, const struct tighten_ban *data, struct span call)
{
	static const struct conjunction always;
	bool second = l->request->clone_flags_second && span_eq(call, SPAN("clone"));

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
	for (size_t i = 0; i < tighten_n_bans; i++) {
		const struct tighten_ban *data = &tighten_bans[i];

		if ((l->request->tighten.named >> data->name & 1) == 0)
			continue;
		for (size_t k = 0; k < TIGHTEN_MAX_CALLS && data->calls[k] != NULL; k++)
			if (add_named_ban(l, data, span_of(data->calls[k])) < 0)
				return -1;
	}
	return 0;
}

/*
 * Where the condition is on all of an int, a value that does not fit into an int is restricted with
 * it: the kernel would see another one, and what is left of a range without one value of each 2^32
 * could not be said.
 */
static void custom_region(const struct tighten_custom *custom, struct region *ret)
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
		custom_region(custom, l->work);
		for (const struct seccomp_name *name = custom->names; name != NULL;
		     name = name->next)
			for (size_t i = 0; i < l->work->n; i++)
				if (add_ban(l, name->name, &l->work->part[i]) < 0)
					return -1;
	}
	return 0;
}

int tighten_regions(const struct tighten_request *request, struct region *work,
		    const struct tighten_region **ret_first)
{
	struct list l = {.request = request, .work = work};

	l.tail = &l.first;
	if (add_named(&l) < 0 || add_custom(&l) < 0)
		return -1;
	*ret_first = l.first;
	return 0;
}
