/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that C libraries make today and the profile denies, and calls that it should rather not
 * let through. */
#include "lint/calls.h"
#include "lint/profile-internal.h"

#include "semantics/danger.h"
#include "semantics/denied.h"
#include "semantics/judge.h"

#include <stdio.h>

/* Call `use` with each word of a list that is a system call. */
static void each_call(const char *words, void (*use)(void *ctx, int call), void *ctx)
{
	while (*words != '\0') {
		const size_t n = strcspn(words, " ");
		const int call = syscall_index((struct span){words, n});

		if (call >= 0)
			use(ctx, call);
		words += words[n] == ' ' ? n + 1 : n;
	}
}

static void add(void *ctx, int call)
{
	syscall_set_add(ctx, call);
}

static struct syscall_set set_of(const char *words)
{
	struct syscall_set set = {0};

	each_call(words, add, &set);
	return set;
}

/* ---- newer than the profile ---- */

static void all_newer(struct syscall_set *ret_set)
{
	*ret_set = (struct syscall_set){0};
	for (size_t i = 0; i < n_newer_calls; i++) {
		each_call(newer_calls[i].call, add, ret_set);
		each_call(newer_calls[i].older, add, ret_set);
	}
}

/* Is one of the older calls there on this ABI, and let through for some arguments? */
static bool has_older(const struct newer_call *newer, enum abi abi,
		      const struct denied_calls *denied)
{
	const struct syscall_set older = set_of(newer->older);

	for (int call = 0; (call = syscall_set_next(&older, call)) >= 0; call++)
		if (abi_number(abi, call) >= 0 && !syscall_set_has(&denied->any, call))
			return true;
	return false;
}

static void tell_newer(const struct lint_resolved *r, const struct newer_call *newer)
{
	const struct syscall_set older = set_of(newer->older);
	const bool falls_back = newer->habit == NEWER_ENOSYS;
	char names[128];

	syscall_set_names(&older, SYSCALL_COUNT, " or ", names, sizeof(names));
	lint_tell(r->lint, LINT_NEWER_CALL, r->root, NULL,
		  "denies %s (Linux %s), made by %s since %s: %s %s%s", newer->call, newer->kernel,
		  newer->does, newer->since,
		  falls_back ? "it goes back to" : "it does not go back to", names,
		  falls_back ? " for ENOSYS only" : "");
}

/* Calls that are tried by habit are told of together. */
static void tell_tried(const struct lint_resolved *r, const struct syscall_set *tried)
{
	char text[768] = "";

	for (size_t i = 0; i < n_newer_calls; i++) {
		const struct newer_call *newer = &newer_calls[i];

		if (syscall_set_has(tried, syscall_index(span_of(newer->call))))
			snprintf(text + strlen(text), sizeof(text) - strlen(text),
				 "%s%s (Linux %s, %s)", text[0] != '\0' ? ", " : "", newer->call,
				 newer->kernel,
				 newer->since != NULL ? newer->since : "no C library");
	}
	if (text[0] != '\0')
		lint_tell(r->lint, LINT_NEWER_TRIED, r->root, NULL,
			  "denies with another error than ENOSYS: %s", text);
}

/* By crun, which unlike runc answers no call with ENOSYS by itself. */
static void check_newer(const struct lint_resolved *r)
{
	struct syscall_set asked, told = {0}, tried = {0};

	all_newer(&asked);
	for (int abi = 0; abi < ABIS; abi++) {
		const struct model_request request = {r->profile, (enum abi)abi, r->native,
						      MODEL_CRUN};
		struct denied_calls denied;
		struct error ignored;

		/* What is not covered denies the older ones, too. */
		if (denied_find(&request, &asked, r->scratch, &denied, &ignored) < 0)
			continue;
		for (size_t i = 0; i < n_newer_calls; i++) {
			const struct newer_call *newer = &newer_calls[i];
			const int call = syscall_index(span_of(newer->call));
			const bool to_enosys = syscall_set_has(&denied.by[DENIED_ENOSYS], call);

			if (!syscall_set_has(&denied.any, call) || syscall_set_has(&told, call) ||
			    (to_enosys && newer->habit != NEWER_NO_OTHER) ||
			    !has_older(newer, (enum abi)abi, &denied))
				continue;
			syscall_set_add(&told, call);
			if (newer->habit == NEWER_NO_OTHER || newer->habit == NEWER_ENOSYS)
				tell_newer(r, newer);
			else
				syscall_set_add(&tried, call);
		}
	}
	tell_tried(r, &tried);
}

/* ---- beyond RuntimeDefault ---- */

static struct syscall_set common(const struct syscall_set *a, const struct syscall_set *b)
{
	struct syscall_set set = *a;

	for (size_t i = 0; i < SYSCALL_WORDS; i++)
		set.word[i] &= b->word[i];
	return set;
}

/* The first rule that lets one of `calls` through, and which it is. */
static const struct seccomp_rule *rule_with(const struct lint_resolved *r,
					    const struct syscall_set *calls, struct span *ret_name)
{
	for (const struct seccomp_rule *rule = r->profile->rules; rule != NULL; rule = rule->next) {
		if (!model_permits(r->profile, rule->action))
			continue;
		for (const struct seccomp_name *n = rule->names; n != NULL; n = n->next) {
			const int call = syscall_index(n->name);

			if (call >= 0 && syscall_set_has(calls, call)) {
				*ret_name = n->name;
				return rule;
			}
		}
	}
	return NULL;
}

static void tell_dangerous(const struct lint_resolved *r, const struct syscall_set *calls,
			   const char *reason)
{
	char names[320];
	struct span name = {0};
	const struct seccomp_rule *rule = rule_with(r, calls, &name);

	syscall_set_names(calls, SYSCALL_COUNT, ", ", names, sizeof(names));
	lint_tell(r->lint, LINT_DANGEROUS_CALL,
		  rule != NULL ? lint_rule_place(r, rule, name) : r->root, NULL,
		  "lets through %s, which RuntimeDefault does not: with it a process can %s", names,
		  reason);
}

/* "bpf, mount and 3 more"; "" for none. */
static const char *short_names(const struct syscall_set *calls, char *out, size_t size)
{
	const size_t left = syscall_set_names(calls, 12, ", ", out, size);

	if (left > 0)
		snprintf(out + strlen(out), size - strlen(out), " and %zu more", left);
	return out;
}

static void all_dangerous(struct syscall_set *ret_set)
{
	*ret_set = (struct syscall_set){0};
	for (size_t i = 0; i < n_dangerous_calls; i++)
		each_call(dangerous_calls[i].calls, add, ret_set);
}

/* Of a profile that lets through what it does not name. */
static void tell_open(const struct lint_resolved *r, const struct syscall_set *excess)
{
	struct syscall_set known;
	char names[512];

	all_dangerous(&known);
	known = common(&known, excess);
	lint_tell(r->lint, LINT_ALLOWS_BY_DEFAULT, r->root, NULL,
		  "lets through what it does not name, and so %zu calls that RuntimeDefault "
		  "denies%s%s",
		  syscall_set_count(excess), syscall_set_count(&known) > 0 ? ", as " : "",
		  short_names(&known, names, sizeof(names)));
}

/*
 * What RuntimeDefault denies today and earlier releases of it let through, as io_uring: it makes no
 * profile weak (reference.h), and is dangerous all the same.
 */
static void add_tolerated(const struct lint_resolved *r, struct syscall_set *excess)
{
	const struct profilefile_request request = {
		.target = r->request->target, .keep = r->request->keep, .scratch = r->scratch};
	struct model_request model = {r->profile, r->native, r->native, MODEL_PROFILE};
	const size_t used = r->scratch->used;
	struct denied_calls mine, theirs;
	struct syscall_set known;
	struct profilefile file;
	struct error ignored;

	all_dangerous(&known);
	if (denied_find(&model, &known, r->scratch, &mine, &ignored) == 0 &&
	    profilefile_builtin(r->lint->how->flavor, &request, &file, &ignored) == 0) {
		model.profile = &file.profile;
		if (denied_find(&model, &known, r->scratch, &theirs, &ignored) == 0) {
			syscall_set_remove_all(&theirs.any, &mine.any);
			syscall_set_add_all(excess, &theirs.any);
		}
	}
	r->scratch->used = used;
}

static void check_excess(const struct lint_resolved *r)
{
	const struct judge_request request = {
		.profile = r->profile,
		.reference = {r->lint->how->flavor, r->request->target, false},
		.scratch = r->scratch,
	};
	struct syscall_set excess;
	char names[512];

	judge_profile(&request, &excess);
	add_tolerated(r, &excess);
	if (model_permits(r->profile, r->profile->default_action)) {
		tell_open(r, &excess);
		return;
	}
	for (size_t i = 0; i < n_dangerous_calls; i++) {
		const struct syscall_set named = set_of(dangerous_calls[i].calls);
		const struct syscall_set found = common(&named, &excess);

		if (syscall_set_count(&found) > 0)
			tell_dangerous(r, &found, dangerous_calls[i].reason);
		syscall_set_remove_all(&excess, &named);
	}
	if (syscall_set_count(&excess) > 0)
		lint_tell(r->lint, LINT_BEYOND_DEFAULT, r->root, NULL,
			  "lets through %s, which RuntimeDefault denies",
			  short_names(&excess, names, sizeof(names)));
}

void lint_profile_calls(const struct lint_resolved *resolved)
{
	check_newer(resolved);
	check_excess(resolved);
}
