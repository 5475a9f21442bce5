/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile by meaning: for each system call of one ABI the argument regions, their verdicts, and
 * the rule that each comes from, as runc, crun and libseccomp make it of a linux.seccomp object.
 * What they do (observed on libseccomp 2.5.4 to 2.6.1; docs/profiles.md):
 *  - a rule that says what the default says is left out;
 *  - of several rules for one call the first without conditions wins, over later ones and over
 * earlier ones with conditions;
 *  - conditions on one argument that occurs twice in an entry are alternatives;
 *  - arguments are compared in 64 bits, on 32-bit ABIs and x32 in the low 32;
 *  - where there is socketcall(2) and ipc(2), a rule on a call that they do too becomes one on them
 * as well, with the first argument the number of the call there and the other conditions kept, on
 * what are pointers then;
 *  - the same conditions with two verdicts are an error, and the container does not start; this is
 * looked for among the first MODEL_MOST_RULES rules on a call;
 *  - an ABI that is neither listed nor the host's own is killed.
 * Where rules with conditions overlap and disagree, libseccomp's tree decides and not the order;
 * the model takes the first that holds, and says so (`contested`). Of some sets of rules libseccomp
 * makes programs that nobody meant: model-doubt.c.
 */
#ifndef SECCOMP_GUARD_SEMANTICS_MODEL_H
#define SECCOMP_GUARD_SEMANTICS_MODEL_H

#include "oci/seccomp-rule.h"
#include "syscall/abi.h"
#include "semantics/argspace.h"

struct model_verdict {
	enum oci_action action; /* not OCI_ACT_KILL: that is KILL_THREAD by another name */
	uint32_t number;        /* errno, or the message to the tracer; 0 for other actions */
};

/* All conditions hold: then this verdict. At most one condition for each argument, by rising
 * argument. */
struct model_rule {
	struct model_rule *next;
	const struct seccomp_rule *written;
	struct model_verdict verdict;
	size_t n_conditions;
	struct argspace_condition conditions[OCI_MAX_ARGS];
	/* How others go with it, for model-doubt.c. */
	bool behind;   /* one before it has the first of its conditions and says something else */
	bool complete; /* another rule says the rest about the last condition */
	bool excepted; /* as in "EINVAL if a0 == 16 and a2 == 9" beside "allow if a0 != 16" and
			  "allow if a2 != 9": may be lost, and then falls to the default */
};

/*
 * Of more rules on one call nobody knows what libseccomp makes: the call is doubtful, and they are
 * not held against each other, which takes the square of their number. The engines have some ten.
 */
#define MODEL_MOST_RULES 1000

enum model_runtime {
	MODEL_PROFILE, /* what the profile says, whatever the runtime adds or drops */
	MODEL_RUNC,    /* answers ENOSYS above the highest number that the profile names */
	MODEL_CRUN,    /* reads OCI_CRUN_CONDITIONS of an entry */
};

/* What runc's stub answers: ENOSYS. */
#define MODEL_STUB_ERRNO 38

/* Is `number` one that the stub answers, where `highest` is the highest that the profile names? On
 * s390 number 0 stands for every number that the kernel does not know (runc, patchbpf,
 * generateEnosysStub()). */
static inline bool model_is_beyond(enum abi abi, int64_t highest, int64_t number)
{
	return number > highest || ((abi == ABI_S390 || abi == ABI_S390X) && number == 0);
}

struct model {
	const struct seccomp_profile *profile;
	enum abi abi;
	bool covered;    /* else the ABI is killed, and the rest is not set */
	bool stub;       /* runc's answer is in front */
	int64_t highest; /* number, for the stub; -1: no call that exists on the ABI is named */
	struct model_verdict default_verdict;
	struct model_rule *calls[SYSCALL_COUNT]; /* by index of the name; NULL: the default */
	/*
	 * Calls of whose rules libseccomp may make something else, for arguments that nobody can
	 * tell: rules are lost, or count where their conditions do not hold (model_find_doubt()).
	 */
	struct syscall_set doubtful;
};

/*
 * What `profile` means on `abi` of a host whose own ABI is `native`, under `runtime`. *ret_model
 * points into `arena` and the profile. Fails when the arena is exhausted, or with the offset of the
 * rule when the runtimes would fail.
 */
struct model_request {
	const struct seccomp_profile *profile;
	enum abi abi;
	enum abi native;
	enum model_runtime runtime;
	/* model_calls() of the profile, for who builds several models of it; NULL: not at hand. */
	const int16_t *calls;
};

/* The index of each name of the profile (syscall.h), one rule behind the other; -1: no call is
 * called so. In `arena`; NULL: it is exhausted. */
const int16_t *model_calls(const struct seccomp_profile *profile, struct arena *arena);

int model_build(const struct model_request *request, struct arena *arena, struct model *ret_model,
		struct error *err);

/* Fill in model->doubtful; model_build() has done so. */
void model_find_doubt(struct model *model);

/*
 * Where rules overlap and libseccomp decides between them, or a call is doubtful: make of a model
 * all that may be let through, or what is let through in any case.
 */
void model_at_most(struct model *model);
void model_at_least(struct model *model);

/*
 * Can a process under the filter have the call run? A tracer can let it run, and where ptrace(2) is
 * allowed a process can be the tracer of its child; a listener can, and where the runtime gives the
 * filter none (crun) a process can be that (seccomp(2), SECCOMP_USER_NOTIF_FLAG_CONTINUE).
 */
static inline bool model_permits(const struct seccomp_profile *profile, enum oci_action action)
{
	return oci_action_permits(action) || action == OCI_ACT_TRACE ||
	       (action == OCI_ACT_NOTIFY && !profile->has_listener);
}

enum model_source { MODEL_BY_RULE, MODEL_BY_DEFAULT, MODEL_BY_STUB, MODEL_BY_ABI };

struct model_answer {
	struct model_verdict verdict;
	enum model_source source;
	const struct model_rule *rule; /* MODEL_BY_RULE */
	bool contested; /* another rule holds too, with another verdict, and libseccomp decides
			   between them */
	bool doubtful;  /* the call is, see model.doubtful, or the rule may be lost */
};

/* The verdict for one call by its number on the ABI, known or not. */
struct model_answer model_evaluate(const struct model *model, int64_t number,
				   const uint64_t args[OCI_MAX_ARGS]);

static inline bool model_verdict_eq(struct model_verdict a, struct model_verdict b)
{
	return a.action == b.action && a.number == b.number;
}

/* Have the two, as they were built, the same rules on a call? libseccomp then makes the same of
 * them, whatever that is. */
bool model_same_rules(const struct model *a, const struct model *b, int call);

/* A region of arguments, and what one or two models say about all of it. */
struct model_leaf {
	const struct argspace *space;   /* OCI_MAX_ARGS of them */
	uint64_t example[OCI_MAX_ARGS]; /* arguments in it */
	struct model_answer answer[2];
};

/* Returns whether to go on. */
typedef bool model_visit(void *ctx, const struct model_leaf *leaf);

/*
 * Cut the arguments of a call, as far as `space` leaves them open, into regions on which each of
 * the one or two models has one answer, and visit those that are not empty. Fails when there are
 * too many to look at.
 */
struct model_walk {
	const struct model *models[2]; /* the second may be NULL */
	int64_t number;
	const struct argspace *space; /* OCI_MAX_ARGS of them; NULL: every argument is open */
	model_visit *visit;
	void *ctx;
	unsigned long *budget; /* counted down, a condition is some hundred; NULL: what takes a
				  second or two */
};
int model_walk(const struct model_walk *walk, struct error *err);

#endif
