/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filter programs: classic BPF as seccomp(2) takes it, made from a profile without libseccomp. A
 * program decides what the model of the profile says (semantics/model.h), for every number and
 * every argument; where rules overlap, the first one counts. libseccomp is asked only where the
 * question is what a runtime will make of a profile.
 */
#ifndef SECCOMP_GUARD_PROGRAM_PROGRAM_H
#define SECCOMP_GUARD_PROGRAM_PROGRAM_H

#include "semantics/model.h"

#include <linux/filter.h>

/* Large: keep it in static storage. */
struct program {
	unsigned int flags; /* for seccomp(2): the profile's, or the runtimes' default SPEC_ALLOW */
	unsigned short n_insns;
	struct sock_filter insns[BPF_MAXINSNS];
};

/* Memory that compiling RuntimeDefault takes, with room; a profile with many conditions takes more.
 */
#define PROGRAM_MEMORY_SIZE (1U << 20)

struct program_request {
	const struct seccomp_profile *profile;
	enum abi native; /* the host's own ABI, always covered */
	enum model_runtime runtime;
};

/*
 * The program of request->profile. The same profile gives the same bytes, whatever came before.
 * `scratch` is working memory. Fails, with the offset of the rule where one is to blame, when the
 * runtimes would refuse the profile, when it needs a listener (SCMP_ACT_NOTIFY), or when it takes
 * more than BPF_MAXINSNS instructions.
 */
int program_compile(const struct program_request *request, struct arena *scratch,
		    struct program *ret_program, struct error *err);

/* How many conditions a profile puts on system calls, those of a rule for each of its names: making
 * the program may take the square of that. */
size_t program_conditions(const struct seccomp_profile *profile);

/*
 * The instructions in base64 (RFC 4648, 4), in this machine's byte order and without anything
 * around them, as crun takes them. -1: the arena is exhausted.
 */
int program_encode(const struct program *program, struct arena *arena, struct span *ret_text);

/* For seccomp(2), with the program of `profile`; see struct program. */
unsigned int program_flags(const struct seccomp_profile *profile);

/* What a program returns for a verdict: SECCOMP_RET_* with the number in its low 16 bits. */
uint32_t program_value(struct model_verdict verdict);

#endif
