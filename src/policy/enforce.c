/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/enforce.h"

#include "oci/capability.h"
#include "oci/seccomp-write.h"
#include "oci/splice.h"
#include "policy/ready.h"
#include "profile/profile-file.h"

#define NO_ROOM "the configuration is too large to hold another profile"

static int explain_listener(const struct seccomp_profile *profile, struct error *err)
{
	char shown[SPAN_SHOWN];

	if (!profile->has_listener)
		return error_set(err, "SCMP_ACT_NOTIFY needs a \"listenerPath\": as it is, runc "
				      "does not start the container, and under crun it would be "
				      "unconfined");
	return error_set(err,
			 "SCMP_ACT_NOTIFY leaves system calls to whoever listens at \"%s\", which "
			 "the policy does not name in \"listeners\"",
			 text_printable(profile->listener_path, shown, sizeof(shown)));
}

/* Why a decision refuses, for people. */
static void explain_refusal(const struct ociconfig *config, struct verdict *v)
{
	static const char *const has[FINDINGS] = {
		[FINDING_ABSENT] = "no",
		[FINDING_UNCONFINED] = "an unconfined",
		[FINDING_WEAK] = "a weak",
	};
	const struct decision *d = &v->decision;
	char shown[SPAN_SHOWN], weakness[DECIDE_WEAKNESS_SIZE];

	if (d->reason == REASON_IDENTITY)
		error_set(&v->why,
			  "annotation \"%s\" contradicts others about whose container this is, so "
			  "no rule of "
			  "the policy can be followed",
			  v->identity.conflict);
	else if (d->reason == REASON_ANNOTATION_INVALID)
		error_set(&v->why,
			  "annotation \"%s\" must be runtime/default, localhost/PATH or "
			  "unconfined, not \"%s\"",
			  d->annotation->key.p,
			  text_printable(d->annotation->value, shown, sizeof(shown)));
	else if (d->reason == REASON_RESTORE)
		error_set(
			&v->why,
			"a checkpoint brings its own seccomp filters, which are not judged; to let "
			"this container be restored, say \"restore\": \"allow\" in the policy or "
			"in a rule for it");
	else if (d->finding == FINDING_FOREIGN && ociconfig_foreign_filter(config) == NULL)
		explain_listener(&config->profile, &v->why);
	else if (d->finding == FINDING_FOREIGN)
		error_set(&v->why,
			  "annotation \"%s\" makes crun take a filter from outside linux.seccomp, "
			  "which "
			  "cannot be judged",
			  ociconfig_foreign_filter(config));
	else
		error_set(
			&v->why,
			"%s has %s seccomp profile%s, and the policy says \"%s\": "
			"\"%s\"%s%s",
			v->identity.sandbox ? "the pod's sandbox" : "the container",
			has[d->finding], d->reason == REASON_PRIVILEGED ? " and is privileged" : "",
			d->reason == REASON_PRIVILEGED ? "privileged"
			: d->mode == MODE_DENY         ? "mode"
						       : "weak",
			d->reason != REASON_PRIVILEGED && d->mode == MODE_DENY ? "deny" : "refuse",
			decision_is_weak(d) ? "; " : "",
			decision_is_weak(d) ? decide_weakness(d, weakness, sizeof(weakness)) : "");
}

/* A profile to inject: ready-made text, or a value that is rendered at the end. */
struct chosen {
	bool by_caps;     /* it depends on the container's capabilities */
	struct span text; /* p == NULL: `value` */
	struct seccomp_profile value;
};

/* What `enforce` works with. */
struct work {
	const struct policy *policy;
	const struct enforce_host *host;
	struct enforce_memory *memory;
	struct verdict *verdict;
	struct ociconfig config;
	bool logs;                              /* the flag for it can be put in, */
	bool (*takes_log)(const char *runtime); /* or this has to be asked; NULL: it has not */
	bool nri; /* what is injected is set by an engine for an NRI plugin */
	/* The profile that the policy names, once it was asked for: read and resolved once. */
	struct {
		bool asked;
		int result;       /* 0, or -1: as `err` says */
		const char *path; /* of the file; NULL: built in */
		struct chosen profile;
		struct error err;
	} named;
	struct {
		const char *path; /* the decision's; NULL: nothing has been read yet */
		bool confined;
		struct span text;
	} loaded;
};

static struct profile_target target_of(const struct work *w, const struct decision *d)
{
	return (struct profile_target){
		.arch = w->host->arch,
		.kernel = w->host->kernel,
		.caps = w->verdict->caps,
		.complain = d->mode == MODE_COMPLAIN,
	};
}

static struct profilefile_request request_for(const struct work *w, const struct decision *d,
					      const struct profile_target *target)
{
	return (struct profilefile_request){
		.target = target,
		.keep = &w->memory->keep,
		.scratch = &w->memory->scratch,
		.tighten = d->tighten,
		.ret_whole = d == &w->verdict->decision ? &w->verdict->denied_call : NULL,
	};
}

static int builtin_profile(struct work *w, const struct decision *d, struct chosen *ret_profile,
			   struct error *err)
{
	const struct profile_target target = target_of(w, d);
	struct profilefile_request request = request_for(w, d, &target);
	struct profilefile file;

	request.old_calls = ociconfig_fails_on_unknown_calls(&w->config);
	ret_profile->by_caps = true;
	if (tighten_is_empty(&request.tighten) && !request.old_calls) {
		if (profile_resolve(d->flavor, &target, request.keep, &ret_profile->text) < 0)
			return error_set(err, NO_ROOM);
		return 0;
	}
	if (profilefile_builtin(d->flavor, &request, &file, err) < 0)
		return -1;
	*ret_profile = (struct chosen){.by_caps = true, .value = file.profile};
	return 0;
}

const char *enforce_profile_path(const char *root, const char *path, char *out)
{
	size_t n = 0;

	if (path[0] != '/') {
		text_printable(span_of(root), out, ENFORCE_PATH_SIZE / 2);
		n = strlen(out);
		out[n++] = '/';
	}
	text_printable(span_of(path), out + n, ENFORCE_PATH_SIZE - n);
	return out;
}

/* The position is in the profile, so it goes into the message: whoever gets the error knows the
 * configuration. */
static int profile_error(const struct policy *policy, const struct decision *d, struct span text,
			 struct error *err)
{
	char path[ENFORCE_PATH_SIZE];
	size_t line, column;

	enforce_profile_path(policy->localhost_root, d->profile_path, path);
	if (!err->has_pos)
		return error_prefix(err, "seccomp profile \"%s\"", path);
	text_position(text, err->pos, &line, &column);
	err->has_pos = false;
	err->pos = 0;
	return error_prefix(err, "seccomp profile \"%s\":%zu:%zu", path, line, column);
}

/* The text of a file, which is read once. */
static int load_profile(struct work *w, const struct decision *d, struct span *ret_text,
			struct error *err)
{
	const struct enforce_file file = {w->policy->localhost_root, d->profile_path,
					  d->profile_confined};

	if (w->loaded.path != file.path || w->loaded.confined != file.confine) {
		if (w->host->load_profile(&file, &w->memory->keep, &w->loaded.text, err) < 0)
			return -1;
		w->loaded.path = file.path;
		w->loaded.confined = file.confine;
	}
	*ret_text = w->loaded.text;
	return 0;
}

static int file_profile(struct work *w, const struct decision *d, struct chosen *ret_profile,
			struct error *err)
{
	const struct profile_target target = target_of(w, d);
	struct profilefile_request request = request_for(w, d, &target);
	struct profilefile file;

	if (load_profile(w, d, &request.text, err) < 0)
		return -1;
	if (profilefile_resolve(&request, &file, err) < 0)
		return profile_error(w->policy, d, request.text, err);
	if (!file.restricts) {
		error_set(err, "restricts nothing");
		return profile_error(w->policy, d, request.text, err);
	}
	*ret_profile = (struct chosen){.by_caps = file.by_caps, .value = file.profile};
	return 0;
}

/* The profile of a decision that is not to keep the configuration's own: of a file, or built in. */
static int resolve_profile(struct work *w, struct decision *d, struct chosen *ret_profile,
			   struct error *err)
{
	enum engine engine = w->verdict->identity.engine;

	if (d->profile_of_engine && engine != ENGINE_UNKNOWN && w->host->engine_profile != NULL &&
	    w->host->engine_profile(engine, w->memory, &d->profile_path, err) < 0)
		return -1;
	return d->profile_path == NULL ? builtin_profile(w, d, ret_profile, err)
				       : file_profile(w, d, ret_profile, err);
}

/*
 * The profile that the policy names, if it names another than RuntimeDefault: a container that has
 * it already, from an earlier stage or from its engine, is not weak. What it is does not depend on
 * the mode, nor on the annotations of the container, which could else excuse itself. NULL: there is
 * none, or it cannot be used, which matters when it is to be injected.
 */
static const struct seccomp_profile *named_profile(void *ctx, const struct decision *d)
{
	struct work *w = ctx;
	struct decision plain = {
		.mode = MODE_ENFORCE,
		.flavor = d->flavor,
		.tighten = d->tighten,
		.profile_path = d->named_profile.path,
		.profile_of_engine = d->named_profile.of_engine,
	};
	struct chosen *profile = &w->named.profile;

	if (d->named_profile.path == NULL && !d->named_profile.of_engine)
		return NULL;
	if (!w->named.asked) {
		w->named.asked = true;
		w->named.result = resolve_profile(w, &plain, profile, &w->named.err);
		w->named.path = plain.profile_path;
		/* Of an engine that has no file it is the built-in text. */
		if (w->named.result == 0 && profile->text.p != NULL)
			w->named.result = ociseccomp_read(profile->text, &w->memory->keep,
							  &w->memory->scratch, &profile->value,
							  &w->named.err);
	}
	return w->named.result == 0 ? &profile->value : NULL;
}

/* Is what is to be injected what the policy names, as named_profile() resolved it? */
static bool is_named(const struct work *w, const struct decision *d)
{
	return w->named.asked && d->mode != MODE_COMPLAIN &&
	       d->profile_path == d->named_profile.path &&
	       d->profile_of_engine == d->named_profile.of_engine;
}

/* The configuration's own profile with restrictions laid over it; *ret_changed: false when it is
 * tight already. */
static int overlaid_profile(struct work *w, const struct decision *d, struct chosen *ret_profile,
			    bool *ret_changed, struct error *err)
{
	const struct profile_target target = target_of(w, d);
	const struct profilefile_request request = request_for(w, d, &target);

	if (profilefile_overlay(&w->config.profile, &request, ret_changed, err) < 0)
		return error_prefix(
			err, "\"tighten\" in the policy, over the container's own seccomp profile");
	*ret_profile = (struct chosen){.value = w->config.profile};
	return 0;
}

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
static int mark(const struct work *w, struct span *ret, struct error *err)
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

/* The configuration's own profile has its program beside it, which would stay and count, whatever
 * profile takes its place. */
static void refuse_program(struct verdict *v)
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

/* *ret_why is set where it fails. */
static int inject(const struct work *w, enum reason *ret_why, struct error *err)
{
	const struct ociconfig *config = &w->config;
	struct enforce_memory *memory = w->memory;
	struct verdict *v = w->verdict;
	struct splice new = {0};

	*ret_why = REASON_WRITE;
	if (config->linux_.p == NULL)
		return error_set(err, "there is no \"linux\" to put a seccomp profile into: runc "
				      "would run without namespaces, and crun not at all");
	if (mark(w, &new.profile, err) < 0)
		return -1;
	if (is_there(w, new.profile)) {
		v->decision.action = ACTION_KEEP;
		return 0;
	}
	if (config->program_known) {
		refuse_program(v);
		return 0;
	}
	if (add_program(w, &new, ret_why, err) < 0)
		return -1;
	*ret_why = REASON_WRITE;
	if (splice_seccomp(config, &new, &memory->keep, &v->output) < 0)
		return error_set(err, NO_ROOM);
	return check_output(v, &new, memory, err);
}

/* The flag came with Linux 4.14. Under complain what is let through is logged anyway, and what is
 * not (clone3) is tried so often that it would be all there is. */
static bool logs_denials(const struct work *w)
{
	const struct decision *d = &w->verdict->decision;

	if (d->denials != DENIALS_LOG || d->mode == MODE_COMPLAIN ||
	    w->host->kernel < PROFILE_KERNEL(4, 14))
		return false;
	return w->logs || (w->takes_log != NULL && w->takes_log(w->host->runtime));
}

/* With any flags, runc no longer sets the one that it sets without. */
#define BOTH_FLAGS (1U << OCI_FLAG_SPEC_ALLOW | 1U << OCI_FLAG_LOG)

static void set_flags(struct seccomp_profile *value)
{
	value->flags = value->has_flags ? value->flags | 1U << OCI_FLAG_LOG : BOTH_FLAGS;
	value->has_flags = true;
}

/* Of a built-in profile, which is text that begins with a brace and has no flags. */
static int put_flags(struct work *w, struct error *err)
{
	static const char flags[] = "{\"flags\":[\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\","
				    "\"SECCOMP_FILTER_FLAG_LOG\"],";
	struct span *profile = &w->verdict->profile;
	const size_t n = sizeof(flags) - 1;
	char *p = arena_alloc(&w->memory->keep, n + profile->n);

	if (p == NULL)
		return error_set(err, NO_ROOM);
	memcpy(p, flags, n);
	memcpy(p + n, profile->p + 1, profile->n - 1);
	*profile = (struct span){p, n + profile->n - 1};
	return 0;
}

/* As a value that an engine sets without loss. */
static int for_engine(const struct work *w, struct chosen *profile, struct error *err)
{
	struct enforce_memory *memory = w->memory;

	if (profile->text.p != NULL && ociseccomp_read(profile->text, &memory->keep,
						       &memory->scratch, &profile->value, err) < 0)
		return -1;
	profile->text = (struct span){0};
	return profilefile_list_errno(&profile->value, &memory->keep, err);
}

/* The one place where a profile becomes text. */
static int render(struct work *w, const struct chosen *profile, struct error *err)
{
	struct verdict *v = w->verdict;

	v->by_caps = profile->by_caps;
	v->profile = profile->text;
	v->logs_denials = logs_denials(w);
	if (profile->text.p != NULL && v->logs_denials && put_flags(w, err) < 0)
		return -1;
	if (profile->text.p == NULL) {
		struct seccomp_profile *value = arena_alloc(&w->memory->keep, sizeof(*value));

		if (value == NULL)
			return error_set(err, NO_ROOM);
		*value = profile->value;
		if (profilefile_name_abi(value, w->host->arch, &w->memory->keep, err) < 0)
			return -1;
		if (v->logs_denials)
			set_flags(value);
		/* That is what runtimes do without any, and runc before 1.2 does only that. */
		if (value->flags == 1U << OCI_FLAG_SPEC_ALLOW) {
			value->flags = 0;
			value->has_flags = false;
		}
		v->profile_value = value;
		if (seccomp_write(value, &w->memory->keep, &v->profile, err) < 0)
			return -1;
	}
	sha256_hex(v->profile, v->profile_sha256);
	return 0;
}

/* Does `choice`, a profile that is to be injected, let through what neither RuntimeDefault nor the
 * policy's profile does? */
static bool is_weak(struct work *w, const struct seccomp_profile *choice,
		    struct syscall_set *ret_excess)
{
	const struct decision *d = &w->verdict->decision;
	struct profile_target target = target_of(w, d);
	struct judge_request request = {
		.profile = choice,
		.reference = {d->flavor, &target, w->verdict->identity.sandbox},
		.scratch = &w->memory->scratch,
	};

	/* As decide() judges a profile of the container's own. */
	target.caps = w->config.bounding;
	if (judge_profile(&request, ret_excess) == FINDING_CONFINED)
		return false;
	request.accepted = named_profile(w, d);
	return request.accepted == NULL || judge_profile(&request, ret_excess) != FINDING_CONFINED;
}

/*
 * What a container's own profile is judged by holds as well for a file that is put in its place: it
 * leaves nothing to an agent that the policy does not know; and where it is an annotation that has
 * chosen it, it may be no weaker than the policy says. Returns -1 when the file cannot be used; the
 * decision has changed when another one takes its place, or none.
 */
static int review_file(struct work *w, const struct seccomp_profile *profile, struct error *err)
{
	struct decision *d = &w->verdict->decision, denying = *d;
	struct chosen again = {.value = *profile};
	struct syscall_set excess;

	if (d->mode != MODE_COMPLAIN && !policy_knows_listener(d->listeners, profile)) {
		explain_listener(profile, err);
		return profile_error(w->policy, d, (struct span){0}, err);
	}
	if (!d->profile_confined)
		return 0;
	denying.mode = MODE_ENFORCE;
	if (d->mode == MODE_COMPLAIN && file_profile(w, &denying, &again, err) < 0)
		return -1;
	if (is_weak(w, &again.value, &excess))
		decide_weak_choice(d, &excess);
	return 0;
}

/* What the decision says is to be injected; *ret_changed: false when it is there already. */
static int choose_profile(struct work *w, struct chosen *ret_profile, bool *ret_changed,
			  struct error *err)
{
	struct decision *d = &w->verdict->decision;

	*ret_changed = true;
	if (d->overlay)
		return overlaid_profile(w, d, ret_profile, ret_changed, err);
	if (!is_named(w, d))
		return resolve_profile(w, d, ret_profile, err);
	d->profile_path = w->named.path;
	*ret_profile = w->named.profile;
	*err = w->named.err;
	return w->named.result;
}

/* The profile to inject, or none: the verdict then says why. */
static int find_profile(struct work *w, struct error *err)
{
	struct decision *d = &w->verdict->decision;
	struct chosen profile;
	bool changed, was_weak;

	do {
		was_weak = d->weak_choice;
		if (choose_profile(w, &profile, &changed, err) < 0)
			return -1;
		if (!changed) {
			decide_keep(d);
			return 0;
		}
		if (!d->overlay && d->profile_path != NULL &&
		    review_file(w, &profile.value, err) < 0)
			return -1;
		if (action_refuses(d->action)) {
			explain_refusal(&w->config, w->verdict);
			return 0;
		}
		/* Another takes its place. */
	} while (d->weak_choice && !was_weak && d->reason == REASON_WEAK);
	if (w->nri && for_engine(w, &profile, err) < 0)
		return -1;
	return render(w, &profile, err);
}

static void decide_case(struct work *w)
{
	struct verdict *v = w->verdict;
	const struct decide_context context = {
		.arch = w->host->arch,
		.kernel = w->host->kernel,
		.now = w->host->now,
		.restores = w->host->restores,
		.named_profile = named_profile,
		.ctx = w,
		.scratch = &w->memory->scratch,
	};

	decide(&w->config, &v->identity, w->policy, &context, &v->decision);
}

static bool may_be_second(const struct work *w)
{
	return w->host->order == ENFORCE_AFTER_WRAPPER ||
	       (w->host->order == ENFORCE_AFTER_FILTER &&
		w->verdict->identity.engine == ENGINE_PODMAN);
}

/*
 * Does this policy put the profile that is in the configuration into one that has none? `as` says
 * how: for an engine, or not, and in its verdict for which capabilities. Nothing in the
 * configuration is believed for it: whoever writes that very profile himself has what he would have
 * been given.
 */
static bool is_put_in(const struct work *w, struct work *as)
{
	struct verdict *bare = as->verdict;
	struct seccomp_profile profile;
	struct span marked;
	struct error ignored;

	bare->identity = w->verdict->identity;
	as->policy = w->policy;
	as->host = w->host;
	as->memory = w->memory;
	as->config = w->config;
	as->config.bounding = bare->caps;
	as->config.has_profile = false;
	as->config.seccomp = (struct span){0};
	decide_case(as);
	return bare->decision.action == ACTION_INJECT && find_profile(as, &ignored) == 0 &&
	       bare->decision.action == ACTION_INJECT && mark(as, &marked, &ignored) == 0 &&
	       ociseccomp_read(marked, &w->memory->keep, &w->memory->scratch, &profile, &ignored) ==
		       0 &&
	       ociseccomp_same(&profile, &w->config.profile);
}

static void keep_as_before(struct verdict *v, const struct decision *decision)
{
	v->done_before = true;
	v->decision = *decision;
	v->decision.action = ACTION_KEEP;
}

/* Has somebody of ours been here before, who knew the configuration? */
static void recognize_ours(const struct work *w)
{
	struct verdict bare = {.caps = w->verdict->caps};
	/* Who was here before knew who would load it. */
	struct work as = {.verdict = &bare,
			  .logs = (w->config.profile.flags & 1U << OCI_FLAG_LOG) != 0};

	if (is_put_in(w, &as))
		keep_as_before(w->verdict, &bare.decision);
}

static bool has_mark(const struct seccomp_profile *profile)
{
	return profile->rules != NULL && profile->rules->names != NULL &&
	       span_has_prefix(profile->rules->names->name, SPAN(ENFORCE_MARK));
}

/* Has the NRI plugin? What it has set for all capabilities alike is no profile of the container's
 * own. */
static void recognize_nri(struct work *w)
{
	struct verdict bare = {.caps = CAPABILITY_ALL};
	struct work as = {.verdict = &bare, .nri = true};
	const enum engine engine = w->verdict->identity.engine;

	if ((engine != ENGINE_CONTAINERD && engine != ENGINE_CRIO) ||
	    !has_mark(&w->config.profile) || !is_put_in(w, &as))
		return;
	if (bare.by_caps) {
		w->verdict->nri_part = true;
		w->config.has_profile = false;
	} else {
		keep_as_before(w->verdict, &bare.decision);
	}
}

/* Sets done_before, and then the decision, or nri_part. */
static void recognize(struct work *w)
{
	struct verdict *v = w->verdict;

	if (w->config.has_profile && may_be_second(w))
		recognize_ours(w);
	if (w->config.has_profile && !v->done_before && w->host->order != ENFORCE_FIRST)
		recognize_nri(w);
}

/* What there is to know before a decision: whose container it is, and what was done to it. */
static void identify(struct work *w)
{
	struct verdict *v = w->verdict;

	identity_of(&w->config, &v->identity);
	if (w->host->engine_names != NULL &&
	    (w->policy->log != LOG_TO_NONE || policy_asks_names(w->policy)))
		w->host->engine_names(&w->config, w->memory, &v->identity);
}

/* The decision, and the profile if one is to be injected. False: there is nothing to inject, or it
 * cannot be. */
static bool decide_and_find(struct work *w)
{
	struct verdict *v = w->verdict;
	struct error err;

	decide_case(w);
	if (action_refuses(v->decision.action))
		explain_refusal(&w->config, v);
	if (v->decision.action != ACTION_INJECT && v->decision.action != ACTION_WOULD_INJECT)
		return false;
	/* The runtime would have connected to it, with rules that ask it or without. */
	if (w->config.has_profile && w->config.profile.has_listener && !v->decision.overlay)
		v->listener = w->config.profile.listener_path;
	if (find_profile(w, &err) == 0)
		return true;
	decide_failed(&v->decision, REASON_PROFILE);
	v->why = err;
	return false;
}

static void fail_injecting(struct verdict *v, enum reason reason, const struct error *err)
{
	decide_failed(&v->decision, reason);
	v->why = *err;
	v->why.has_pos = false;
}

void enforce(struct span text, const struct policy *policy, const struct enforce_host *host,
	     struct enforce_memory *memory, struct verdict *ret_verdict)
{
	struct verdict *v = ret_verdict;
	struct work w = {.policy = policy,
			 .host = host,
			 .memory = memory,
			 .verdict = v,
			 .logs = host->logs,
			 .takes_log = host->takes_log};
	enum reason failed;
	struct error err;

	*v = (struct verdict){0};
	if (ociconfig_read(text, &memory->keep, &memory->scratch, &w.config, &v->why) < 0) {
		decide_invalid(policy, &v->decision);
		return;
	}
	ready_recognize(&w.config, host->arch, memory);
	identify(&w);
	v->caps = w.config.bounding;
	recognize(&w);
	if (v->done_before || !decide_and_find(&w) || host->live)
		return;
	if (v->decision.action == ACTION_INJECT && inject(&w, &failed, &err) < 0)
		fail_injecting(v, failed, &err);
	else if (v->decision.action == ACTION_WOULD_INJECT && w.config.program_known)
		refuse_program(v);
}

/* With its mark, and as what can be written as a message. */
static int hand_to_engine(struct work *w, struct error *err)
{
	struct enforce_memory *memory = w->memory;
	struct seccomp_profile *value = arena_alloc(&memory->keep, sizeof(*value));
	struct verdict *v = w->verdict;

	if (value == NULL)
		return error_set(err, NO_ROOM);
	if (mark(w, &v->output, err) < 0 ||
	    ociseccomp_read(v->output, &memory->keep, &memory->scratch, value, err) < 0)
		return -1;
	v->profile_value = value;
	return 0;
}

void enforce_nri(const struct ociconfig *config, const struct policy *policy,
		 const struct enforce_host *host, struct enforce_memory *memory,
		 struct verdict *ret_verdict)
{
	struct verdict *v = ret_verdict;
	struct work w = {.policy = policy,
			 .host = host,
			 .memory = memory,
			 .verdict = v,
			 .nri = true,
			 .config = *config};
	struct error err;

	*v = (struct verdict){.caps = config->bounding};
	w.config.bounding = CAPABILITY_ALL;
	identify(&w);
	if (decide_and_find(&w) && v->decision.action == ACTION_INJECT &&
	    hand_to_engine(&w, &err) < 0)
		fail_injecting(v, REASON_WRITE, &err);
}
