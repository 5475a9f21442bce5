/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seccomp profiles, in the form of the runtime-spec and in Docker's: what is written in a way that
 * nobody means, word by word, and whether a container starts under what it comes to.
 */
#include "lint/profile-internal.h"

#include "base/jsontext.h"
#include "base/suggest.h"
#include "oci/capability.h"
#include "profile/profile-file.h"
#include "semantics/startup.h"
#include "semantics/warnings.h"
#include "syscall/syscall.h"

#include <stdio.h>

/* Keys that a reader knows, of one kind of object. */
struct keys {
	const char *const *name;
	size_t n;
};

static const char *const profile_keys[] = {"defaultAction", "defaultErrnoRet",  "defaultErrno",
					   "architectures", "archMap",          "flags",
					   "listenerPath",  "listenerMetadata", "syscalls"};
static const char *const rule_keys[] = {"names", "name",     "action",   "errnoRet", "errno",
					"args",  "includes", "excludes", "comment"};
static const char *const arg_keys[] = {"index", "value", "valueTwo", "op"};
static const char *const filter_keys[] = {"caps", "arches", "minKernel"};

#define KEYS(list) ((struct keys){(list), ARRAY_SIZE(list)})

/*
 * What includes.arches and excludes.arches may say: libseccomp-golang, ScmpArch.String(), and the
 * names that Docker and Podman have beside them. Their own profiles name some that no host is of.
 */
static const char *const arch_words[] = {
	"amd64",     "arm64",  "arm",      "x86",         "x32",         "mips",    "mips64",
	"mips64n32", "mipsel", "mipsel64", "mipsel64n32", "mips3l64n32", "ppc",     "ppc64",
	"ppc64le",   "s390",   "s390x",    "parisc",      "parisc64",    "riscv64", "loongarch64",
	"loong64",   "m68k",   "sh",       "sheb"};

/* What uname(2) and Go call them. */
static const struct {
	const char *word, *meant;
} other_arch_words[] = {{"x86_64", "amd64"},
			{"aarch64", "arm64"},
			{"i386", "x86"},
			{"i686", "x86"},
			{"386", "x86"}};

/* ---- words ---- */

/* Put "; did you mean" behind `text`, as far as a name is near. */
static const char *with_near(struct error *text, const struct suggestion *near)
{
	error_suggest(text, near);
	return text->text;
}

/* Only keys that look like a known one: anybody may have keys of his own. */
static void check_keys(struct lint *lint, const struct tree *object, struct keys keys)
{
	if (object == NULL || object->type != TREE_MAPPING)
		return;
	for (const struct tree_entry *e = object->first; e != NULL; e = e->next) {
		struct suggestion near = suggest(e->key->text);
		const char *folded = NULL;
		bool known = false;
		struct error text;

		for (size_t i = 0; i < keys.n && !known; i++) {
			known = span_eq(e->key->text, span_of(keys.name[i]));
			if (json_key_folds_to(e->key->text, keys.name[i]))
				folded = keys.name[i];
			suggest_try(&near, span_of(keys.name[i]));
		}
		if (folded != NULL && !known) {
			lint_tell(lint, LINT_UNKNOWN_KEY, e->key, NULL,
				  "engines read \"%.*s\" as \"%s\", as programs in Go ignore case, "
				  "and nobody else does",
				  SPAN_ARG(e->key->text), folded);
			continue;
		}
		if (known || near.name.p == NULL)
			continue;
		error_set(&text, "no engine and no runtime reads a key \"%.*s\"",
			  SPAN_ARG(e->key->text));
		lint_tell(lint, LINT_UNKNOWN_KEY, e->key, NULL, "%s", with_near(&text, &near));
	}
}

static void check_name(struct lint *lint, const struct tree *name)
{
	struct suggestion near = suggest(lint_text(name));
	struct error text;

	if (lint_text(name).p == NULL || syscall_known(name->text))
		return;
	for (int i = 0; i < SYSCALL_COUNT; i++)
		suggest_try(&near, syscall_name(i));
	error_set(&text,
		  "no architecture has a system call \"%.*s\", so the rule does not hold for it",
		  SPAN_ARG(name->text));
	lint_tell(lint, LINT_UNKNOWN_CALL, name, NULL, "%s", with_near(&text, &near));
}

static void check_capability(struct lint *lint, const struct tree *name)
{
	struct span word = lint_text(name);
	struct suggestion near;
	char full[64];
	struct error text;

	if (word.p == NULL || capability_from_name(word) >= 0)
		return;
	snprintf(full, sizeof(full), "%s%.*s", span_has_prefix(word, SPAN("CAP_")) ? "" : "CAP_",
		 (int)(word.n < 48 ? word.n : 48), word.p);
	near = suggest(span_of(full));
	for (int i = 0; i < CAPABILITY_COUNT; i++)
		suggest_try(&near, span_of(capability_name(i)));
	error_set(&text, "no container has a capability \"%.*s\"", SPAN_ARG(word));
	lint_tell(lint, LINT_UNKNOWN_WORD, name, NULL, "%s", with_near(&text, &near));
}

static void check_arch(struct lint *lint, const struct tree *name)
{
	struct span word = lint_text(name);
	struct suggestion near = suggest(word);
	struct error text;

	for (size_t i = 0; i < ARRAY_SIZE(arch_words); i++) {
		if (word.p == NULL || span_eq(word, span_of(arch_words[i])))
			return;
		suggest_try(&near, span_of(arch_words[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(other_arch_words); i++)
		if (span_eq(word, span_of(other_arch_words[i].word)))
			near.name = span_of(other_arch_words[i].meant);
	error_set(&text, "no host is called \"%.*s\" here", SPAN_ARG(word));
	lint_tell(lint, LINT_UNKNOWN_WORD, name, NULL, "%s", with_near(&text, &near));
}

/* Call `check` with each element of a list. */
static void each(struct lint *lint, const struct tree *list,
		 void (*check)(struct lint *lint, const struct tree *element))
{
	if (list == NULL || list->type != TREE_SEQUENCE)
		return;
	for (const struct tree_entry *e = list->first; e != NULL; e = e->next)
		check(lint, e->value);
}

static void check_arg(struct lint *lint, const struct tree *arg)
{
	check_keys(lint, arg, KEYS(arg_keys));
}

static void check_rule(struct lint *lint, const struct tree *rule)
{
	static const char *const filters[] = {"includes", "excludes"};
	const struct tree *name = lint_get(lint, rule, "name");

	check_keys(lint, rule, KEYS(rule_keys));
	each(lint, lint_get(lint, rule, "names"), check_name);
	if (name != NULL && lint_text(name).n > 0)
		check_name(lint, name);
	each(lint, lint_get(lint, rule, "args"), check_arg);
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		const struct tree *filter = lint_get(lint, rule, filters[i]);

		check_keys(lint, filter, KEYS(filter_keys));
		each(lint, lint_get(lint, filter, "caps"), check_capability);
		each(lint, lint_get(lint, filter, "arches"), check_arch);
	}
}

/* ---- what is there, and what is not ---- */

static bool is_empty_list(const struct tree *list)
{
	return list == NULL || list->type != TREE_SEQUENCE || list->first == NULL;
}

static void check_whole(struct lint *lint, const struct tree *root)
{
	const struct tree_entry *flags = lint_entry(lint, root, "flags");

	if (is_empty_list(lint_get(lint, root, "architectures")) &&
	    is_empty_list(lint_get(lint, root, "archMap")))
		lint_tell(lint, LINT_NO_ARCHITECTURES, root, NULL,
			  "no \"architectures\": runc before 1.1.15 answers a call that is newer "
			  "than the profile like any other, and C libraries do not fall back");
	if (flags != NULL && !is_empty_list(flags->value))
		lint_tell(lint, LINT_FLAGS, flags->key, NULL,
			  "runc before 1.2 starts no container with a profile that has \"flags\"");
}

const struct tree *lint_rule_place(const struct lint_resolved *r, const struct seccomp_rule *rule,
				   struct span name)
{
	const struct tree *place, *names;

	if (rule->index >= r->n_rules)
		return r->root;
	place = r->rules[rule->index];
	names = lint_get(r->lint, place, "names");
	if (names != NULL && names->type == TREE_SEQUENCE)
		for (const struct tree_entry *n = names->first; n != NULL; n = n->next)
			if (span_eq(lint_text(n->value), name))
				return n->value;
	return place;
}

static void find_rules(struct lint_resolved *r)
{
	const struct tree *list = lint_get(r->lint, r->root, "syscalls");
	const struct tree_entry *first = list != NULL ? list->first : NULL;
	size_t n = 0;

	for (const struct tree_entry *e = first; e != NULL; e = e->next)
		n++;
	r->rules = arena_alloc(r->scratch, n * sizeof(*r->rules));
	for (const struct tree_entry *e = first; r->rules != NULL && e != NULL; e = e->next)
		r->rules[r->n_rules++] = e->value;
}

/* ---- what it comes to ---- */

static void check_clone3(struct lint *lint, const struct tree *root,
			 const struct seccomp_profile *profile)
{
	const struct seccomp_rule *rule;

	if (!warning_clone3(profile, &rule))
		return;
	if (rule != NULL)
		lint_tell(lint, LINT_CLONE3, root, NULL,
			  "syscalls[%zu] answers clone3 with EPERM, and C libraries do not fall "
			  "back: no threads",
			  rule->index);
	else
		lint_tell(lint, LINT_CLONE3, root, NULL,
			  "no rule names clone3, so crun answers it with EPERM, and C libraries do "
			  "not fall back: no threads (runc answers ENOSYS unless a newer call is "
			  "named)");
}

struct starting {
	struct lint *lint;
	const struct tree *root;
	bool none; /* no container starts */
};

static void tell_startup(void *ctx, bool of_program, const char *text)
{
	const struct starting *s = ctx;
	enum lint_rule_id rule = of_program ? LINT_C_LIBRARY : LINT_HARD_START;

	lint_tell(s->lint, s->none ? LINT_NO_START : rule, s->root, NULL, "%s", text);
}

/* The root is where what is wrong with the whole is told. */
static void check_meaning(struct lint *lint, const struct tree *root,
			  const struct profilefile *file, const struct profilefile_request *request)
{
	struct starting starting = {lint, root, false};
	const struct startup_listener listener = {tell_startup, &starting};
	struct startup startup;
	struct lint_resolved resolved = {.lint = lint,
					 .root = root,
					 .profile = &file->profile,
					 .request = request,
					 .scratch = request->scratch};
	struct error ignored;

	check_clone3(lint, root, &file->profile);
	if (!file->restricts)
		lint_tell(lint, LINT_RESTRICTS_NOTHING, root, NULL,
			  "every call runs under this profile: seccomp-guard takes a container "
			  "with it for unconfined, and refuses one that a policy gives it");
	if (abi_of_arch(request->target->arch, &resolved.native) < 0)
		return;
	find_rules(&resolved);
	lint_profile_rules(&resolved);
	if (file->restricts)
		lint_profile_calls(&resolved);
	if (startup_check(&file->profile, resolved.native, request->scratch, &startup, &ignored) <
	    0)
		return;
	starting.none = startup.no_execve;
	startup_say(&startup, &listener);
}

void lint_profile(struct lint *lint, struct tree *root, const struct profilefile_request *request)
{
	struct tree place = *root;
	struct profilefile file;
	struct error err;

	lint->steps = lint->merges = 0;
	lint->how->counts->profiles++;
	check_keys(lint, root, KEYS(profile_keys));
	check_whole(lint, root);
	each(lint, lint_get(lint, root, "syscalls"), check_rule);
	if (profilefile_resolve(request, &file, &err) == 0) {
		check_meaning(lint, root, &file, request);
		return;
	}
	if (err.has_pos)
		lint_position(lint, request->text, err.pos, &place);
	lint_tell(lint, LINT_INVALID_PROFILE, &place, NULL, "%s", err.text);
}
