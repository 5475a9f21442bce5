/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is doubtful about a profile. Names that the installed libseccomp does not know: both
 * runtimes skip such a name silently (runc libcontainer/seccomp/seccomp_linux.go, crun
 * libcrun/seccomp.c). The default action then holds for the call: if the rule denied it and the
 * default allows, the call runs.
 */
#include "cli/cli.h"

#include "filter/filter.h"
#include "oci/seccomp-rule.h"
#include "semantics/startup.h"
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
			    !filter_knows_syscall(name->name) &&
			    !span_has_prefix(name->name, SPAN(ENFORCE_MARK)))
				add_word(words, shown_name(name->name, shown));
}

struct cli_doubts cli_doubts_about(const struct seccomp_profile *profile, bool all,
				   struct arena *keep)
{
	struct words words = {arena_alloc(keep, MAX_SIZE), 0, false};

	if (words.p == NULL)
		return (struct cli_doubts){.more = true};
	collect(profile, true, &words);
	if (all)
		collect(profile, false, &words);
	return (struct cli_doubts){.unknown = {words.p, words.n}, .more = words.full};
}

/* ---- one container's profile ---- */

/* What keeps this container from starting, in `keep`; NULL: nothing, or it cannot be told. */
static const char *startup_of(struct cli_judge *judge, const struct ociconfig *config,
			      const struct seccomp_profile *profile)
{
	struct enforce_memory *memory = &judge->memory;
	char text[STARTUP_TEXT_SIZE];
	struct startup startup;
	struct error ignored;
	enum abi native;

	if (abi_of_arch(judge->host.arch, &native) < 0 ||
	    startup_check(profile, native, &memory->scratch, &startup, &ignored) < 0)
		return NULL;
	if (config->no_new_privileges)
		startup_with_no_privs(&startup);
	startup_text(&startup, text);
	return text[0] != '\0' ? arena_strdup(&memory->keep, span_of(text)) : NULL;
}

struct cli_doubts cli_doubts_of(struct cli_judge *judge, struct span config,
				const struct verdict *v, bool all)
{
	struct enforce_memory *memory = &judge->memory;
	const struct seccomp_profile *profile = v->profile_value;
	struct cli_doubts doubts;
	struct ociconfig read;
	struct error ignored;

	if (config.p == NULL || v->decision.finding == FINDING_INVALID)
		return (struct cli_doubts){0};
	/* Ready-made text of a built-in flavor. What it names is the engines' own, and known to be
	 * ahead of libseccomp's: so nothing of it matters, but with `all` it is told. */
	if (v->profile.p != NULL && decision_has_flavor(&v->decision)) {
		struct seccomp_profile builtin;

		if (!all)
			return (struct cli_doubts){0};
		if (ociseccomp_read(v->profile, &memory->keep, &memory->scratch, &builtin,
				    &ignored) < 0)
			return (struct cli_doubts){.more = true};
		return cli_doubts_about(&builtin, true, &memory->keep);
	}
	if (ociconfig_read(config, &memory->keep, &memory->scratch, &read, &ignored) < 0)
		return (struct cli_doubts){.more = true};
	if (profile == NULL && !read.has_profile)
		return (struct cli_doubts){0};
	if (profile == NULL)
		profile = &read.profile;
	doubts = cli_doubts_about(profile, all, &memory->keep);
	doubts.startup = startup_of(judge, &read, profile);
	return doubts;
}
