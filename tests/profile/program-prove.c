/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests: does our program of a profile mean the same as libseccomp's? Reads lines
 *
 *     NATIVE RUNTIME PROFILE        x86_64 runc {"defaultAction": ...}
 *
 * and goes through every way of both programs at once, for all data. Answers each line with one of
 *
 *     same OURS THEIRS LEAVES DROPPED              instructions, ways, and names left out: see
 * below differs N OVERLAPPING ARCH NR A0 ... A5 OURS THEIRS    ways; one of them, rather one where
 * the rules of the profile do not contradict each other refused WHO WHY ours, theirs, both stuck
 * libseccomp did not come to an end; nothing follows
 *
 * With --broken, our program is changed in one place, once for each instruction. The answer is
 * "noticed CHANGES", or "unnoticed INSTRUCTION".
 *
 * Names that the libseccomp at hand does not know on one of the ABIs, as its tables are older, are
 * left out of the profile first.
 */
#include "filter/filter.h"
#include "program/paths.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define STUCK_SECONDS 3

static char line[1 << 20], memory[4][1 << 24];
static struct program ours, theirs;

enum kind { PLAIN, SEVERAL, CONTESTED, KINDS };

struct result {
	unsigned long leaves, differ[KINDS];
	uint32_t words[PATHS_WORDS], value[2];
	enum kind shown;
	const struct seccomp_profile *profile;
	struct program_request request;
	struct model models[ABIS];
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "program-prove: %s\n", what);
	exit(2);
}

static void stuck(int signal_number)
{
	(void)signal_number;
	(void)!write(STDOUT_FILENO, "stuck\n", 6);
	_exit(0);
}

/* ---- names that libseccomp does not know ---- */

/* By the number: of a call that socketcall(2) does too, the name has another one in libseccomp. */
static bool known_on(enum abi abi, struct span name)
{
	int call = syscall_index(name);
	int64_t number = call < 0 ? -1 : abi_number(abi, call);
	char *theirs_name;
	bool same;

	if (number < 0)
		return true;
	theirs_name = seccomp_syscall_resolve_num_arch(
		seccomp_arch_resolve_name(abi_infos[abi].name), (int)number);
	same = theirs_name != NULL && span_eq(name, span_of(theirs_name));
	free(theirs_name);
	return same;
}

static bool known(const struct seccomp_profile *profile, enum abi native, struct span name)
{
	enum abi abi;

	if (syscall_index(name) < 0 || !known_on(native, name))
		return false;
	for (const struct seccomp_arch *a = profile->archs; a != NULL; a = a->next)
		if (abi_from_oci(a->name, &abi) == 0 && !known_on(abi, name))
			return false;
	return true;
}

static unsigned int drop_unknown(struct seccomp_profile *profile, enum abi native)
{
	unsigned int dropped = 0;

	for (struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next) {
		for (struct seccomp_name **n = &rule->names; *n != NULL;) {
			if (known(profile, native, (*n)->name)) {
				n = &(*n)->next;
			} else {
				*n = (*n)->next;
				dropped++;
			}
		}
	}
	return dropped;
}

/* ---- the other byte order ---- */

static bool is_action(uint32_t value)
{
	static const uint32_t actions[] = {SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO, SECCOMP_RET_TRACE,
					   SECCOMP_RET_LOG, SECCOMP_RET_ALLOW};

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if ((value & SECCOMP_RET_ACTION_FULL) == actions[i])
			return true;
	return value == SECCOMP_RET_KILL_PROCESS || value == SECCOMP_RET_KILL_THREAD;
}

/*
 * libseccomp writes for the host of the filter, but 2.5.4 leaves some returns as they are here. The
 * stub is in this order.
 */
static void to_our_order(struct program *p)
{
	for (size_t i = 0; i < p->n_insns; i++) {
		struct sock_filter *insn = &p->insns[i];
		bool swapped = insn->code > UINT8_MAX;

		if (swapped)
			insn->code = __builtin_bswap16(insn->code);
		if (BPF_CLASS(insn->code) == BPF_RET)
			swapped = !is_action(insn->k);
		if (swapped)
			insn->k = __builtin_bswap32(insn->k);
	}
}

/* ---- comparing ---- */

static enum kind kind_of(const struct result *r, const uint32_t words[PATHS_WORDS])
{
	bool little = (abi_infos[r->request.native].audit & __AUDIT_ARCH_LE) != 0;
	const struct model_rule *rule;
	uint64_t args[OCI_MAX_ARGS];
	enum abi abi;
	int call;

	if (abi_from_audit(words[PATHS_WORD_ARCH], words[PATHS_WORD_NR], &abi) < 0)
		return PLAIN;
	for (size_t i = 0; i < OCI_MAX_ARGS; i++)
		args[i] = (uint64_t)words[4 + 2 * i + (little ? 1 : 0)] << 32 |
			  words[4 + 2 * i + (little ? 0 : 1)];
	if (model_evaluate(&r->models[abi], words[PATHS_WORD_NR], args).contested)
		return CONTESTED;
	call = abi_call(abi, words[PATHS_WORD_NR]);
	rule = call < 0 ? NULL : r->models[abi].calls[call];
	return rule != NULL && rule->next != NULL ? SEVERAL : PLAIN;
}

static bool compare(void *ctx, const struct paths_leaf *leaf)
{
	struct result *r = ctx;
	enum kind kind;

	r->leaves++;
	if (leaf->value[0] == leaf->value[1])
		return true;
	kind = kind_of(r, leaf->example);
	if (kind < r->shown) {
		r->shown = kind;
		memcpy(r->words, leaf->example, sizeof(r->words));
		memcpy(r->value, leaf->value, sizeof(r->value));
	}
	r->differ[kind]++;
	return true;
}

static bool stop_at_difference(void *ctx, const struct paths_leaf *leaf)
{
	bool *differs = ctx;

	*differs = leaf->value[0] != leaf->value[1];
	return !*differs;
}

static void print_difference(const struct result *r)
{
	bool little = (abi_infos[r->request.native].audit & __AUDIT_ARCH_LE) != 0;

	printf("differs %lu %lu %lu %x %u", r->differ[PLAIN], r->differ[SEVERAL],
	       r->differ[CONTESTED], r->words[PATHS_WORD_ARCH], r->words[PATHS_WORD_NR]);
	for (size_t i = 0; i < OCI_MAX_ARGS; i++)
		printf(" %llx", (unsigned long long)r->words[4 + 2 * i + (little ? 1 : 0)] << 32 |
					r->words[4 + 2 * i + (little ? 0 : 1)]);
	printf(" %x %x\n", r->value[0], r->value[1]);
}

static void build_models(struct result *r, struct arena *arena)
{
	struct error err;

	for (int abi = 0; abi < ABIS; abi++) {
		struct model_request request = {r->profile, (enum abi)abi, r->request.native,
						r->request.runtime};

		(void)model_build(&request, arena, &r->models[abi], &err);
	}
}

static void prove(const struct program_request *request, unsigned int dropped)
{
	static struct result r;
	struct arena scratch = {memory[2], sizeof(memory[2]), 0};
	struct arena models = {memory[3], sizeof(memory[3]), 0};
	struct error err = {0}, their_err = {0};
	struct paths_walk walk = {.visit = compare, .ctx = &r, .scratch = &scratch};
	int mine, other;

	memset(&r, 0, sizeof(r));
	r.shown = KINDS;
	r.profile = request->profile;
	r.request = *request;
	mine = program_compile(request, &scratch, &ours, &err);
	alarm(STUCK_SECONDS);
	other = filter_compile(request, &theirs, &their_err);
	alarm(0);
	if (mine < 0 || other < 0) {
		printf("refused %s %s%s%s\n",
		       mine == 0    ? "theirs"
		       : other == 0 ? "ours"
				    : "both",
		       err.text, err.text[0] != '\0' ? "; " : "", their_err.text);
		return;
	}
	to_our_order(&theirs);
	build_models(&r, &models);
	walk.codes[0] = (struct paths_code){ours.insns, ours.n_insns};
	walk.codes[1] = (struct paths_code){theirs.insns, theirs.n_insns};
	if (paths_walk(&walk, &err) < 0)
		die(err.text);
	if (r.shown < KINDS)
		print_difference(&r);
	else if (ours.flags != theirs.flags)
		die("flags differ");
	else
		printf("same %u %u %lu %u\n", ours.n_insns, theirs.n_insns, r.leaves, dropped);
}

/* A program that is wrong in one instruction is noticed, whichever it is. */
static void prove_broken(const struct program_request *request)
{
	struct arena scratch = {memory[2], sizeof(memory[2]), 0};
	static struct program broken;
	struct paths_walk walk = {.visit = stop_at_difference, .scratch = &scratch};
	struct error err;
	bool differs = false;

	if (program_compile(request, &scratch, &ours, &err) < 0)
		die(err.text);
	walk.ctx = &differs;
	walk.codes[0] = (struct paths_code){ours.insns, ours.n_insns};
	walk.codes[1] = (struct paths_code){broken.insns, ours.n_insns};
	for (size_t i = 0; i < ours.n_insns; i++) {
		struct sock_filter *insn = &broken.insns[i];

		broken = ours;
		if (BPF_CLASS(insn->code) == BPF_LD)
			insn->k = insn->k == 0 ? 4 : insn->k - 4;
		else if (BPF_CLASS(insn->code) != BPF_JMP)
			insn->k ^= 1;
		else if (BPF_OP(insn->code) == BPF_JA)
			insn->k--;
		else
			*insn = (struct sock_filter){insn->code, insn->jf, insn->jt, insn->k};
		if (paths_walk(&walk, &err) < 0)
			die(err.text);
		if (!differs) {
			printf("unnoticed %zu\n", i);
			return;
		}
	}
	printf("noticed %u\n", ours.n_insns);
}

int main(int argc, char **argv)
{
	bool broken = argc > 1 && strcmp(argv[1], "--broken") == 0;

	static const char *const runtimes[] = {"profile", "runc", "crun"};

	signal(SIGALRM, stuck);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct arena keep = {memory[0], sizeof(memory[0]), 0};
		struct arena scratch = {memory[1], sizeof(memory[1]), 0};
		char *save = NULL, *host = strtok_r(line, " ", &save),
		     *runtime = strtok_r(NULL, " ", &save);
		struct program_request request = {0};
		struct seccomp_profile profile;
		struct error err;

		save[strcspn(save, "\n")] = '\0';
		if (abi_from_name(span_of(host), &request.native, &err) < 0 ||
		    ociseccomp_read(span_of(save), &keep, &scratch, &profile, &err) < 0)
			die(err.text);
		for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++)
			if (strcmp(runtime, runtimes[i]) == 0)
				request.runtime = (enum model_runtime)i;
		request.profile = &profile;
		if (broken)
			prove_broken(&request);
		else
			prove(&request, drop_unknown(&profile, request.native));
		fflush(stdout);
	}
	return 0;
}
