/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in a profile that the installed libseccomp does not know. Both runtimes skip such a name
 * silently (runc libcontainer/seccomp/seccomp_linux.go, crun libcrun/seccomp.c). The default action
 * then holds for the call: if the rule denied it and the default allows, the call runs.
 */
#include "cli/cli.h"

#include "filter/filter.h"
#include "oci/seccomp-rule.h"
#include "syscall/syscall.h"

#define MAX_SIZE 4096
#define SHOWN 64 /* a name, escaped; real ones have 28 characters at most */

/* Escaped, and with no space in it. */
static struct span shown_name(struct span name, char out[SHOWN])
{
	text_printable(name, out, SHOWN);
	for (char *c = strchr(out, ' '); c != NULL; c = strchr(c, ' '))
		*c = '?';
	return span_of(out[0] != '\0' ? out : "?");
}

static bool has_word(const char *words, size_t n, struct span word)
{
	size_t at = 0;

	while (at < n) {
		const char *space = memchr(words + at, ' ', n - at);
		size_t end = space != NULL ? (size_t)(space - words) : n;

		if (span_eq((struct span){words + at, end - at}, word))
			return true;
		at = end + 1;
	}
	return false;
}

/*
 * Does it matter that the runtimes skip this name? A misspelled name always matters. A system call
 * that is newer than the library matters if the rule denies it and the default allows it. The other
 * way round is common and harmless: the engines' own profiles allow twenty such calls.
 */
static bool matters(const struct seccomp_profile *profile, const struct seccomp_rule *rule,
		    struct span name)
{
	return !syscall_known(name) ||
	       (oci_action_permits(profile->default_action) && !oci_action_permits(rule->action));
}

struct words {
	char *p;
	size_t n;
	bool full;
};

static void add_word(struct words *words, struct span word)
{
	if (has_word(words->p, words->n, word))
		return;
	words->full = word.n + 1 > MAX_SIZE - words->n;
	if (words->full)
		return;
	if (words->n > 0)
		words->p[words->n++] = ' ';
	memcpy(words->p + words->n, word.p, word.n);
	words->n += word.n;
}

/* Add the names of `profile` that libseccomp does not know, those that matter or the others, as
 * long as there is room. */
static void collect(const struct seccomp_profile *profile, bool that_matter, struct words *words)
{
	char shown[SHOWN];

	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		for (const struct seccomp_name *name = rule->names; name != NULL && !words->full;
		     name = name->next)
			if (matters(profile, rule, name->name) == that_matter &&
			    !filter_knows_syscall(name->name))
				add_word(words, shown_name(name->name, shown));
}

struct cli_unknown cli_unknown_in(const struct seccomp_profile *profile, bool all,
				  struct arena *keep)
{
	struct words words = {arena_alloc(keep, MAX_SIZE), 0, false};

	if (words.p == NULL)
		return (struct cli_unknown){.more = true};
	collect(profile, true, &words);
	if (all)
		collect(profile, false, &words);
	return (struct cli_unknown){{words.p, words.n}, words.full};
}

struct cli_unknown cli_unknown_syscalls(struct span config, const struct verdict *v, bool all,
					struct enforce_memory *memory)
{
	struct ociconfig read;
	struct error ignored;

	/* The names of the built-in flavors are the engines' own, and known to be ahead of
	 * libseccomp's. */
	if (v->profile.p != NULL && decision_has_flavor(&v->decision))
		return (struct cli_unknown){0};
	if (v->profile_value != NULL)
		return cli_unknown_in(v->profile_value, all, &memory->keep);
	if (config.p == NULL || v->decision.finding == FINDING_INVALID)
		return (struct cli_unknown){0};
	if (ociconfig_read(config, &memory->keep, &memory->scratch, &read, &ignored) < 0)
		return (struct cli_unknown){.more = true};
	return read.has_profile ? cli_unknown_in(&read.profile, all, &memory->keep)
				: (struct cli_unknown){0};
}
