/* SPDX-License-Identifier: Apache-2.0 */
/* Random rules that overlap, from bytes: profiles of which libseccomp may make what nobody meant.
 */
#ifndef SECCOMP_GUARD_TEST_OVERLAP_H
#define SECCOMP_GUARD_TEST_OVERLAP_H

#include "fuzz.h"

#include "filter/filter.h"
#include "oci/seccomp-write.h"
#include "profile/profile-internal.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>

/* libseccomp 2.5.4 loses parts of its own tree. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return 1;
}

#define OVERLAP_RULES 6
#define OVERLAP_FILLERS 40

#define OVERLAP_VALUES 3

/* What a profile is made from, and what its conditions have in common. */
struct overlap_bytes {
	const unsigned char *p;
	size_t n;
	uint64_t values[OVERLAP_VALUES]; /* most conditions are on one of these */
	unsigned int n_ops;              /* inequalities are behind the others */
	unsigned int n_args;
};

/* A profile with up to OVERLAP_RULES rules with conditions on one call, and others that only take
 * part in the shape of the program. */
struct overlap {
	struct seccomp_profile profile;
	int call;
	struct seccomp_arch archs[3];
	struct seccomp_rule rules[OVERLAP_RULES], filler;
	struct seccomp_name names[OVERLAP_RULES], fillers[OVERLAP_FILLERS];
	struct seccomp_arg args[OVERLAP_RULES][OCI_MAX_ARGS];
};

static inline unsigned int overlap_next(struct overlap_bytes *b, unsigned int below)
{
	if (b->n == 0)
		return 0;
	b->n--;
	return *b->p++ % below;
}

/* Values that meet each other, and the borders of halves and of ints. */
static inline uint64_t overlap_value(struct overlap_bytes *b)
{
	static const uint64_t values[] = {0,
					  1,
					  2,
					  3,
					  7,
					  0x11,
					  17,
					  16,
					  38,
					  40,
					  41,
					  0xff,
					  0x10000000,
					  0x7e020000,
					  0x7fffffff,
					  0x80000000,
					  0xfffffffe,
					  0xffffffff,
					  0x100000000,
					  0x100000001,
					  0x100000028,
					  0x2800000028,
					  0xff00000000,
					  0xffffffff00000000,
					  0x7fffffffffffffff,
					  0x8000000000000000,
					  UINT64_MAX - 1,
					  UINT64_MAX};

	return values[overlap_next(b, ARRAY_SIZE(values))];
}

static inline uint64_t overlap_common_value(struct overlap_bytes *b)
{
	unsigned int i = overlap_next(b, OVERLAP_VALUES + 2);

	return i < OVERLAP_VALUES ? b->values[i] : overlap_value(b);
}

static inline void overlap_arg(struct overlap_bytes *b, struct seccomp_arg *arg)
{
	static const unsigned char ops[] = {
		OCI_CMP_NE,        OCI_CMP_EQ, OCI_CMP_NE, OCI_CMP_EQ, OCI_CMP_MASKED_EQ,
		OCI_CMP_MASKED_EQ, OCI_CMP_LT, OCI_CMP_LE, OCI_CMP_GE, OCI_CMP_GT};

	arg->op = (enum oci_cmp)ops[overlap_next(b, b->n_ops)];
	arg->value = overlap_common_value(b);
	arg->value_two = arg->op == OCI_CMP_MASKED_EQ ? overlap_common_value(b) & arg->value : 0;
}

/* One to three conditions, each on an argument of its own, or now and then one written twice. */
static inline void overlap_args(struct overlap_bytes *b, struct seccomp_rule *rule,
				struct seccomp_arg *args)
{
	unsigned int n = 1 + overlap_next(b, b->n_args), from = overlap_next(b, 2);
	struct seccomp_arg **tail = &rule->args;

	for (unsigned int i = 0; i < n; i++) {
		args[i] = (struct seccomp_arg){.index = from + i};
		if (overlap_next(b, 16) == 0)
			args[i].index = from;
		overlap_arg(b, &args[i]);
		*tail = &args[i];
		tail = &args[i].next;
	}
}

/*
 * The conditions of an earlier rule, all or only the first, with the last one turned around or
 * about another value: what people write, and what libseccomp's tree puts side by side.
 */
static inline void overlap_like(struct overlap_bytes *b, const struct seccomp_rule *other,
				struct seccomp_rule *rule, struct seccomp_arg *args)
{
	static const enum oci_cmp opposite[OCI_CMPS] = {
		[OCI_CMP_NE] = OCI_CMP_EQ,        [OCI_CMP_LT] = OCI_CMP_GE,
		[OCI_CMP_LE] = OCI_CMP_GT,        [OCI_CMP_EQ] = OCI_CMP_NE,
		[OCI_CMP_GE] = OCI_CMP_LT,        [OCI_CMP_GT] = OCI_CMP_LE,
		[OCI_CMP_MASKED_EQ] = OCI_CMP_NE,
	};
	struct seccomp_arg **tail = &rule->args, *last = args;
	bool all = overlap_next(b, 3) != 0;

	for (const struct seccomp_arg *arg = other->args; arg != NULL && (all || last == args);
	     arg = arg->next) {
		*last = *arg;
		last->next = NULL;
		*tail = last;
		tail = &last->next;
		last++;
	}
	if (overlap_next(b, 3) != 0)
		last[-1].op = opposite[last[-1].op];
	else
		last[-1].value = overlap_common_value(b);
	if (last[-1].op == OCI_CMP_MASKED_EQ)
		last[-1].value_two &= last[-1].value;
}

static inline void overlap_rules(struct overlap_bytes *b, struct overlap *o)
{
	static const enum oci_action actions[] = {
		OCI_ACT_ALLOW, OCI_ACT_ERRNO, OCI_ACT_ALLOW, OCI_ACT_ERRNO,
		OCI_ACT_ERRNO, OCI_ACT_TRACE, OCI_ACT_TRAP,  OCI_ACT_LOG,
	};
	static const char *const names[] = {"clone", "socket", "personality", "unshare", "ioctl"};
	unsigned int n = 2 + overlap_next(b, OVERLAP_RULES - 1);
	const char *name = names[overlap_next(b, ARRAY_SIZE(names))];
	struct seccomp_rule **tail = &o->profile.rules;

	o->call = syscall_index(span_of(name));
	for (unsigned int i = 0; i < n; i++) {
		struct seccomp_rule *rule = &o->rules[i];

		*rule = (struct seccomp_rule){.index = i, .has_errno = true};
		rule->action = actions[overlap_next(b, ARRAY_SIZE(actions))];
		rule->errno_ret = oci_action_takes_errno(rule->action) ? 2 + i % 2 : 0;
		o->names[i] = (struct seccomp_name){.name = span_of(name)};
		rule->names = &o->names[i];
		if (i > 0 && overlap_next(b, 2) == 0)
			overlap_like(b, &o->rules[overlap_next(b, i)], rule, o->args[i]);
		else
			overlap_args(b, rule, o->args[i]);
		*tail = rule;
		tail = &rule->next;
	}
	*tail = &o->filler;
}

/* Returns what is left of the bytes. */
static inline struct overlap_bytes overlap_read(struct overlap_bytes b, struct overlap *o)
{
	static const enum oci_action defaults[] = {OCI_ACT_ERRNO, OCI_ACT_ALLOW, OCI_ACT_ERRNO,
						   OCI_ACT_KILL_PROCESS};
	static const char *const archs[] = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
	unsigned int n_fillers = overlap_next(&b, 2) ? OVERLAP_FILLERS : 2, k = 0;
	struct seccomp_name **tail = &o->filler.names;

	*o = (struct overlap){.filler = {.action = OCI_ACT_ALLOW, .index = OVERLAP_RULES}};
	o->profile.default_action = defaults[overlap_next(&b, ARRAY_SIZE(defaults))];
	if (o->profile.default_action == OCI_ACT_ALLOW)
		o->filler.action = OCI_ACT_LOG;
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		o->archs[i] = (struct seccomp_arch){
			span_of(archs[i]), i + 1 < ARRAY_SIZE(archs) ? &o->archs[i + 1] : NULL};
	o->profile.archs = o->archs;
	b.n_args = 1 + overlap_next(&b, 3);
	b.n_ops = (unsigned int[]){4, 6, 10}[overlap_next(&b, 3)];
	for (size_t i = 0; i < OVERLAP_VALUES; i++)
		b.values[i] = overlap_value(&b);
	overlap_rules(&b, o);
	for (int call = 0; call < SYSCALL_COUNT && k < n_fillers; call += 7) {
		if (call == o->call || abi_number(ABI_X86_64, call) < 0)
			continue;
		o->fillers[k].name = syscall_name(call);
		*tail = &o->fillers[k];
		tail = &o->fillers[k++].next;
	}
	return b;
}

/* What it means to libseccomp on an x86_64 host under crun. -1: the rules contradict each other. */
static inline int overlap_model(const struct seccomp_profile *profile, enum abi abi,
				struct arena *scratch, struct model *ret_model)
{
	const struct model_request request = {
		.profile = profile, .abi = abi, .native = ABI_X86_64, .runtime = MODEL_CRUN};
	struct error err;

	return model_build(&request, scratch, ret_model, &err);
}

static sigjmp_buf overlap_too_long;

static inline void overlap_give_up(int signal)
{
	(void)signal;
	siglongjmp(overlap_too_long, 1);
}

/*
 * libseccomp does not come to an end with every profile, also in the order of profile-order.c: its
 * list then leads back to itself. Nothing is allocated there, so that it can be left. -1 for such.
 */
static inline int overlap_compile_in_time(const struct seccomp_profile *profile,
					  struct program *program)
{
	static const struct itimerval limit = {.it_value = {.tv_sec = 1}}, off;
	const struct program_request request = {profile, ABI_X86_64, MODEL_CRUN};
	struct error err;
	int r = -1;

	signal(SIGVTALRM, overlap_give_up);
	if (sigsetjmp(overlap_too_long, 1) == 0) {
		setitimer(ITIMER_VIRTUAL, &limit, NULL);
		r = filter_compile(&request, program, &err);
	}
	setitimer(ITIMER_VIRTUAL, &off, NULL);
	return r;
}

/*
 * As crun compiles it. -1 for rules that contradict each other, and when libseccomp says that they
 * do: no runtime starts that.
 */
static inline int overlap_compile(struct seccomp_profile *profile, struct enforce_memory *memory,
				  struct program *program)
{
	size_t used = memory->scratch.used;
	struct model model;
	struct error err;
	int r = profilefile_order(profile, &memory->keep, &memory->scratch, &err);

	for (enum abi abi = ABI_X86_64; abi <= ABI_X32 && r == 0; abi++)
		r = overlap_model(profile, abi, &memory->scratch, &model);
	memory->scratch.used = used;
	return r < 0 ? -1 : overlap_compile_in_time(profile, program);
}

/* As JSON, for whoever has to look at it. */
static inline void overlap_print(const struct seccomp_profile *profile)
{
	static char text[1U << 16];
	struct arena arena = {text, sizeof(text), 0};
	struct span json;
	struct error err;

	if (seccomp_write(profile, &arena, &json, &err) == 0)
		fprintf(stderr, "%.*s\n", (int)json.n, json.p);
}

#endif
