/* SPDX-License-Identifier: Apache-2.0 */
/* A profile into a configuration: with its mark, with its program where that is wanted, and read
 * again as a runtime will. */
#include "policy/enforce-internal.h"

#include "oci/splice.h"
#include "policy/ready.h"

#define MARK_DIGITS 32
#define MARK_BITS 64

/* One that is no call's: "seccomp-guard-0123...", and the comma behind it. Returns its length. */
static size_t put_unknown_name(char *p, const unsigned char digest[SHA256_SIZE])
{
	static const char start[] = "\"" ENFORCE_MARK;
	size_t n = strlen(start);

	memcpy(p, start, n);
	for (size_t i = 0; i < MARK_DIGITS; i++)
		p[n++] = "0123456789abcdef"[digest[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
	memcpy(p + n, "\",", 2);
	return n + 2;
}

/* The element of a list of names at its beginning, with the comma behind it; n == 0: the list ends
 * with it, or it is not as calls are called. */
static struct span first_name(struct span names)
{
	const size_t n = strspn(names.p, "\"abcdefghijklmnopqrstuvwxyz_0123456789");

	return n < names.n && names.p[n] == ',' && n <= SYSCALL_MAX_NAME + 2
		       ? (struct span){names.p, n + 1}
		       : (struct span){0};
}

/* The first two of the list over and over again, in an order that says as much, for a crun that
 * fails on names that it does not know. 0: there are no two. */
static size_t put_known_names(char *p, struct span names, const unsigned char digest[SHA256_SIZE])
{
	const struct span zero = first_name(names), one = first_name(span_skip(names, zero.n));
	size_t n = 0;

	for (size_t i = 0; i < MARK_BITS && zero.n > 0 && one.n > 0; i++) {
		const struct span name = digest[i / 8] >> i % 8 & 1 ? one : zero;

		memcpy(p + n, name.p, name.n);
		n += name.n;
	}
	return n;
}

/* *ret is the profile that goes into the configuration: v->profile with a mark. */
int enforce_mark(const struct work *w, struct span *ret, struct error *err)
{
	const struct span profile = w->verdict->profile, list = SPAN("\"names\":[");
	const char *at = memmem(profile.p, profile.n, list.p, list.n);
	struct arena *keep = &w->memory->keep;
	unsigned char digest[SHA256_SIZE];
	struct span secret = {0}, rest;
	struct sha256 hash;
	size_t n;
	char *p;

	if (at != NULL && w->host->secret != NULL)
		secret = w->host->secret(keep);
	*ret = profile;
	if (secret.p == NULL)
		return 0;
	sha256_init(&hash);
	sha256_update(&hash, secret);
	sha256_update(&hash, profile);
	sha256_final(&hash, digest);
	n = (size_t)(at - profile.p) + list.n;
	rest = span_skip(profile, n);
	/* A name is at most what stands between two commas of the list. */
	p = arena_alloc(keep, profile.n + MARK_BITS * (SYSCALL_MAX_NAME + 3));
	if (p == NULL)
		return error_set(err, NO_ROOM);
	memcpy(p, profile.p, n);
	n += ociconfig_fails_on_unknown_calls(&w->config) ? put_known_names(p + n, rest, digest)
							  : put_unknown_name(p + n, digest);
	memcpy(p + n, rest.p, rest.n);
	*ret = (struct span){p, n + rest.n};
	return 0;
}

/*
 * Read the result again, as a runtime will, and see the profile in it that was put in: the proof
 * that splicing did what it says, whatever the configuration looked like.
 */
static int check_output(const struct verdict *v, const struct splice *new,
			struct enforce_memory *memory, struct error *err)
{
	struct ociconfig config;

	if (ociconfig_read(v->output, &memory->keep, &memory->scratch, &config, err) < 0)
		return error_prefix(err, "with a profile in it");
	if (!config.has_profile || !span_eq(config.seccomp, new->profile) ||
	    !span_eq(ociconfig_annotation(&config, SPAN(OCI_PROGRAM_ANNOTATION)), new->program))
		return error_set(err,
				 "after injecting, the configuration does not show the profile");
	return 0;
}

/*
 * The program of new->profile, where the policy wants it ready and the runtime takes it. It is made
 * of the text that goes in, as a second look will make it.
 */
static int add_program(const struct work *w, struct splice *new, enum reason *ret_why,
		       struct error *err)
{
	const struct enforce_host *host = w->host;
	struct enforce_memory *memory = w->memory;
	struct seccomp_profile profile;
	int use = READY_IGNORED;

	/* Since then the kernel has every action that a program may answer. */
	if (w->verdict->decision.filter == FILTER_READY && host->program_use != NULL &&
	    host->kernel >= PROFILE_KERNEL(4, 14))
		use = host->program_use(host->runtime);
	*ret_why = use == READY_NOTHING_IS ? REASON_RUNTIME : REASON_PROFILE;
	if (use == READY_NOTHING_IS)
		return error_set(err,
				 "\"%s\" was built without seccomp and would load no filter: its "
				 "--version lacks +SECCOMP; install one that has it",
				 host->runtime);
	if (use == READY_IGNORED)
		return 0;
	if (ociseccomp_read(new->profile, &memory->keep, &memory->scratch, &profile, err) < 0 ||
	    ready_program(&profile, host->arch, memory, &new->program, err) < 0)
		return error_prefix(err, "\"filter\": \"ready\" in the policy");
	w->verdict->ready = new->program.p != NULL;
	return 0;
}

/* Is what is to be injected there already, as after a first pass in complain? */
static bool is_there(const struct work *w, struct span profile)
{
	return w->config.has_profile && span_eq(w->config.seccomp, profile);
}

void enforce_refuse_program(struct verdict *v)
{
	decide_foreign(&v->decision);
	v->profile = (struct span){0};
	v->profile_value = NULL;
	v->profile_sha256[0] = '\0';
	v->logs_denials = false;
	error_set(&v->why,
		  "annotation \"" OCI_PROGRAM_ANNOTATION
		  "\" has crun load the program of the profile beside it, and the policy wants "
		  "another profile; leave the annotation out");
}

int enforce_inject(const struct work *w, enum reason *ret_why, struct error *err)
{
	const struct ociconfig *config = &w->config;
	struct enforce_memory *memory = w->memory;
	struct verdict *v = w->verdict;
	struct splice new = {0};

	*ret_why = REASON_WRITE;
	if (config->linux_.p == NULL)
		return error_set(err, "there is no \"linux\" to put a seccomp profile into: runc "
				      "would run without namespaces, and crun not at all");
	if (enforce_mark(w, &new.profile, err) < 0)
		return -1;
	if (is_there(w, new.profile)) {
		v->decision.action = ACTION_KEEP;
		return 0;
	}
	if (config->program_known) {
		enforce_refuse_program(v);
		return 0;
	}
	if (add_program(w, &new, ret_why, err) < 0)
		return -1;
	*ret_why = REASON_WRITE;
	if (splice_seccomp(config, &new, &memory->keep, &v->output) < 0)
		return error_set(err, NO_ROOM);
	return check_output(v, &new, memory, err);
}
