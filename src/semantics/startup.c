/* SPDX-License-Identifier: Apache-2.0 */
#include "semantics/startup-internal.h"

#include <stdio.h>

/* ---- what comes of it ---- */

static struct syscall_set both(const struct syscall_set *a, const struct syscall_set *b)
{
	struct syscall_set set = *a;

	for (size_t i = 0; i < SYSCALL_WORDS; i++)
		set.word[i] &= b->word[i];
	return set;
}

static bool has_any(const struct syscall_set *a, const struct syscall_set *b)
{
	const struct syscall_set set = both(a, b);

	return syscall_set_count(&set) > 0;
}

/* No way of a choice is left. */
static bool is_closed(const struct startup_choice *choice, const struct denied_calls *denials)
{
	if (!has_any(&choice->ways[0], &denials->by[choice->answer]))
		return false;
	for (size_t i = 1; i < choice->n; i++)
		if (!has_any(&choice->ways[i], &denials->any))
			return false;
	return true;
}

static bool is_runtime(size_t subject)
{
	return startup_subjects[subject].linked == NULL;
}

/* What is said of subjects for which there is one model. */
static bool is_of(size_t subject, enum model_runtime runtime)
{
	if (!is_runtime(subject))
		return runtime == MODEL_PROFILE;
	return (strcmp(startup_subjects[subject].name, "crun") == 0) == (runtime == MODEL_CRUN) &&
	       runtime != MODEL_PROFILE;
}

static void apply(const struct denied_calls *denials, enum model_runtime runtime,
		  struct startup *startup)
{
	for (size_t i = 0; i < startup_n_needs; i++) {
		const struct startup_need *need = &startup_needs[i];
		const struct syscall_set set = both(&need->calls, &denials->by[need->answer]);

		if (is_of(need->subject, runtime))
			syscall_set_add_all(&startup->denied[need->subject][need->situation], &set);
	}
	for (size_t i = 0; i < startup_n_choices; i++) {
		const struct startup_choice *choice = &startup_choices[i];

		if (is_of(choice->subject, runtime) && is_closed(choice, denials))
			syscall_set_add_all(&startup->denied[choice->subject][choice->situation],
					    &choice->ways[0]);
	}
}

static void all_calls(enum abi native, struct syscall_set *ret_set)
{
	struct syscall_set others = {0};

	*ret_set = (struct syscall_set){0};
	for (size_t i = 0; i < startup_n_needs; i++)
		syscall_set_add_all(ret_set, &startup_needs[i].calls);
	for (size_t i = 0; i < startup_n_choices; i++)
		for (size_t way = 0; way < startup_choices[i].n; way++)
			syscall_set_add_all(ret_set, &startup_choices[i].ways[way]);
	/* There is such a call on x86 too, where C libraries make set_thread_area(2). */
	if (native == ABI_X86)
		syscall_set_add(&others, syscall_index(SPAN("arch_prctl")));
	syscall_set_remove_all(ret_set, &others);
}

/* With `scratch` by the model, without at once. */
static int check(const struct model_request *of, struct arena *scratch, struct startup *ret_startup,
		 struct error *err)
{
	static const enum model_runtime runtimes[] = {MODEL_RUNC, MODEL_CRUN};
	const int execve_call = syscall_index(SPAN("execve"));
	struct startup startup = {0};
	struct syscall_set calls;

	all_calls(of->native, &calls);
	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
		struct model_request request = *of;
		struct denied_calls denials;

		request.runtime = runtimes[i];
		if (scratch == NULL)
			denied_at_once(&request, &calls, &denials);
		else if (denied_find(&request, &calls, scratch, &denials, err) < 0)
			return -1;
		startup.no_execve |= syscall_set_has(&denials.any, execve_call);
		apply(&denials, runtimes[i], &startup);
		/* Which runtime a program has is not known, and runc's answer is the milder one. */
		if (runtimes[i] == MODEL_RUNC)
			apply(&denials, MODEL_PROFILE, &startup);
	}
	*ret_startup = startup;
	return 0;
}

int startup_check(const struct seccomp_profile *profile, enum abi native, struct arena *scratch,
		  struct startup *ret_startup, struct error *err)
{
	const struct model_request request = {.profile = profile, .abi = native, .native = native};

	return check(&request, scratch, ret_startup, err);
}

void startup_check_at_once(const struct model_request *request, struct startup *ret_startup)
{
	struct error never;

	check(request, NULL, ret_startup, &never);
}

bool startup_lacks(const struct startup *startup, bool of_program)
{
	struct syscall_set lacking = {0};

	for (size_t i = 0; i < STARTUP_SUBJECTS; i++)
		for (size_t j = 0; j < STARTUP_SITUATIONS && is_runtime(i) != of_program; j++)
			syscall_set_add_all(&lacking, &startup->denied[i][j]);
	return syscall_set_count(&lacking) > 0;
}

void startup_with_no_privs(struct startup *startup)
{
	for (size_t i = 0; i < STARTUP_SUBJECTS; i++) {
		if (!is_runtime(i))
			continue;
		startup->denied[i][STARTUP_RUN] = startup->denied[i][STARTUP_RUN_NO_PRIVS];
		startup->denied[i][STARTUP_EXEC] = startup->denied[i][STARTUP_EXEC_NO_PRIVS];
	}
}

/* ---- in words ---- */

/* What is said of one subject. */
struct sentence {
	const char *text; /* NULL: nothing */
	struct syscall_set calls;
	struct syscall_set more; /* without noNewPrivileges, beside these */
};

static struct sentence about(const struct syscall_set *always, const struct syscall_set *without,
			     const char *text, const char *text_without)
{
	struct sentence s = {0};

	if (syscall_set_count(always) > 0) {
		s = (struct sentence){text, *always, *without};
		syscall_set_remove_all(&s.more, always);
	} else if (syscall_set_count(without) > 0) {
		s = (struct sentence){.text = text_without, .calls = *without};
	}
	return s;
}

enum { ABOUT_RUN, ABOUT_EXEC, ABOUT_KINDS };

static struct sentence sentence_of(const struct startup *startup, size_t subject, int kind)
{
	const struct syscall_set *denied = startup->denied[subject];
	struct syscall_set exec[2] = {denied[STARTUP_EXEC_NO_PRIVS], denied[STARTUP_EXEC]};

	if (!is_runtime(subject))
		return kind == ABOUT_RUN ? about(&denied[STARTUP_RUN], &denied[STARTUP_RUN],
						 "programs do not start with it", NULL)
					 : (struct sentence){0};
	if (kind == ABOUT_RUN)
		return about(&denied[STARTUP_RUN_NO_PRIVS], &denied[STARTUP_RUN],
			     "starts no container with it",
			     "starts no container without noNewPrivileges with it");
	/* Only what is missing beyond what keeps the container from starting. */
	syscall_set_remove_all(&exec[0], &denied[STARTUP_RUN]);
	syscall_set_remove_all(&exec[1], &denied[STARTUP_RUN]);
	return about(&exec[0], &exec[1], "executes nothing in a container with it",
		     "executes nothing in a container without noNewPrivileges with it");
}

static bool same(const struct sentence *a, const struct sentence *b)
{
	return a->text == b->text && memcmp(&a->calls, &b->calls, sizeof(a->calls)) == 0 &&
	       memcmp(&a->more, &b->more, sizeof(a->more)) == 0;
}

static bool same_name(size_t a, size_t b)
{
	const struct startup_subject *x = &startup_subjects[a], *y = &startup_subjects[b];

	return strcmp(x->name, y->name) == 0 && is_runtime(a) == is_runtime(b) &&
	       (x->linked == NULL || strcmp(x->linked, y->linked) == 0);
}

/* Of the subjects of one name that come first; returns where the next name begins. */
static size_t say_of(const struct startup *startup, size_t first, int kind,
		     const struct startup_listener *listener)
{
	const struct startup_subject *s = &startup_subjects[first];
	const struct sentence one = sentence_of(startup, first, kind);
	char names[1024], more[1024], versions[64], text[STARTUP_SENTENCE_SIZE];
	size_t last = first;

	snprintf(versions, sizeof(versions), "%s", s->version);
	while (last + 1 < STARTUP_SUBJECTS && same_name(first, last + 1)) {
		const struct sentence next = sentence_of(startup, last + 1, kind);

		if (!same(&one, &next))
			break;
		last++;
		snprintf(versions, sizeof(versions), "%s to %s", s->version,
			 startup_subjects[last].version);
	}
	if (one.text == NULL)
		return last + 1;
	syscall_set_names(&one.calls, SYSCALL_COUNT, ", ", names, sizeof(names));
	syscall_set_names(&one.more, SYSCALL_COUNT, ", ", more, sizeof(more));
	snprintf(text, sizeof(text), "%s%s%s %s %s: it denies %s%s%s",
		 s->linked != NULL ? s->linked : "", s->linked != NULL ? " " : "", s->name,
		 versions, one.text, names,
		 more[0] != '\0' ? ", and where noNewPrivileges is not set also " : "", more);
	listener->say(listener->ctx, s->linked != NULL, text);
	return last + 1;
}

void startup_say(const struct startup *startup, const struct startup_listener *listener)
{
	if (startup->no_execve) {
		listener->say(listener->ctx, false,
			      "no container starts with it: it denies execve");
		return;
	}
	for (int kind = 0; kind < ABOUT_KINDS; kind++)
		for (size_t i = 0; i < STARTUP_SUBJECTS;)
			i = say_of(startup, i, kind, listener);
}

static void append(void *ctx, bool of_program, const char *text)
{
	char *out = ctx;
	size_t used = strlen(out);

	(void)of_program;
	snprintf(out + used, STARTUP_TEXT_SIZE - used, "%s%s", used > 0 ? "; " : "", text);
}

const char *startup_text(const struct startup *startup, char out[STARTUP_TEXT_SIZE])
{
	const struct startup_listener listener = {append, out};

	out[0] = '\0';
	startup_say(startup, &listener);
	return out;
}
