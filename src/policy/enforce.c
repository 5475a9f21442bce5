/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/enforce.h"

#include "profile/profile-file.h"
#include "oci/splice.h"

static int explain_listener(const struct seccomp_profile *profile, struct error *err)
{
	char shown[SPAN_SHOWN];

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
			"\"%s\"%s%s%s%s%s",
			v->identity.sandbox ? "the pod's sandbox" : "the container",
			has[d->finding], d->reason == REASON_PRIVILEGED ? " and is privileged" : "",
			d->reason == REASON_PRIVILEGED ? "privileged"
			: d->mode == MODE_DENY         ? "mode"
						       : "weak",
			d->reason != REASON_PRIVILEGED && d->mode == MODE_DENY ? "deny" : "refuse",
			d->rules.rule != NULL ? " (rule \"" : "",
			d->rules.rule != NULL ? d->rules.rule->name : "",
			d->rules.rule != NULL ? "\")" : "", decision_is_weak(d) ? "; " : "",
			decision_is_weak(d) ? decide_weakness(d, weakness, sizeof(weakness)) : "");
}

static int join(const struct iovec *pieces, size_t n, struct arena *arena, struct span *ret,
		struct error *err)
{
	size_t size = 0, used = 0;
	char *p;

	for (size_t i = 0; i < n; i++)
		size += pieces[i].iov_len;
	p = arena_alloc(arena, size);
	if (p == NULL)
		return error_set(err, "the configuration is too large to hold another profile");
	for (size_t i = 0; i < n; i++) {
		memcpy(p + used, pieces[i].iov_base, pieces[i].iov_len);
		used += pieces[i].iov_len;
	}
	*ret = (struct span){p, size};
	return 0;
}

/* What `enforce` works with. */
struct work {
	const struct policy *policy;
	const struct enforce_host *host;
	struct enforce_memory *memory;
	struct ociconfig config;
};

static struct profile_target target_of(const struct verdict *v, const struct enforce_host *host)
{
	return (struct profile_target){
		.arch = host->arch,
		.kernel = host->kernel,
		.caps = v->caps,
		.complain = v->decision.mode == MODE_COMPLAIN,
	};
}

static struct profilefile_request request_for(const struct verdict *v,
					      const struct profile_target *target,
					      struct enforce_memory *memory)
{
	return (struct profilefile_request){
		.target = target,
		.keep = &memory->keep,
		.scratch = &memory->scratch,
		.tighten = v->decision.tighten,
	};
}

static int builtin_profile(struct work *w, const struct verdict *v, struct span *ret_profile,
			   struct error *err)
{
	const struct profile_target target = target_of(v, w->host);
	const struct profilefile_request request = request_for(v, &target, w->memory);
	struct profilefile file;
	struct profile_text text;

	if (tighten_is_empty(&request.tighten)) {
		profile_resolve(v->decision.flavor, &target, &text);
		return join(text.piece, text.n_pieces, &w->memory->keep, ret_profile, err);
	}
	if (profilefile_builtin(v->decision.flavor, &request, &file, err) < 0)
		return -1;
	*ret_profile = file.object;
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

static int file_profile(struct work *w, const struct verdict *v, struct span *ret_profile,
			struct error *err)
{
	const struct decision *d = &v->decision;
	const struct profile_target target = target_of(v, w->host);
	struct profilefile_request request = request_for(v, &target, w->memory);
	struct profilefile file;

	if (w->host->load_profile(w->policy->localhost_root, d->profile_path, d->profile_confined,
				  &w->memory->keep, &request.text, err) < 0)
		return -1;
	if (profilefile_resolve(&request, &file, err) < 0)
		return profile_error(w->policy, d, request.text, err);
	if (!file.restricts) {
		error_set(err, "restricts nothing");
		return profile_error(w->policy, d, request.text, err);
	}
	*ret_profile = file.object;
	return 0;
}

/* The configuration's own profile with restrictions laid over it; ret_profile->p is NULL when it is
 * tight already. */
static int overlaid_profile(struct work *w, const struct verdict *v, struct span *ret_profile,
			    struct error *err)
{
	const struct profile_target target = target_of(v, w->host);
	const struct profilefile_request request = request_for(v, &target, w->memory);

	if (profilefile_overlay(&w->config.profile, &request, ret_profile, err) < 0)
		return error_prefix(
			err, "\"tighten\" in the policy, over the container's own seccomp profile");
	return 0;
}

/*
 * Read the result again, as a runtime will, and see the profile in it that was put in: the proof
 * that splicing did what it says, whatever the configuration looked like.
 */
static int check_output(const struct verdict *v, struct enforce_memory *memory, struct error *err)
{
	struct ociconfig config;

	if (ociconfig_read(v->output, &memory->keep, &memory->scratch, &config, err) < 0)
		return error_prefix(err, "with a profile in it");
	if (!config.has_profile || !span_eq(config.seccomp, v->profile))
		return error_set(err,
				 "after injecting, the configuration does not show the profile");
	return 0;
}

static int inject(const struct ociconfig *config, struct enforce_memory *memory, struct verdict *v,
		  struct error *err)
{
	const struct iovec profile = {(char *)(uintptr_t)v->profile.p, v->profile.n};
	struct iovec pieces[1 + SPLICE_EXTRA_PIECES];
	size_t n;

	if (config->linux_.p == NULL)
		return error_set(err, "there is no \"linux\" to put a seccomp profile into: runc "
				      "would run without "
				      "namespaces, and crun not at all");
	/* The profile is there already, as after a first pass in complain: nothing is to be
	 * written. */
	if (config->has_profile && span_eq(config->seccomp, v->profile)) {
		v->decision.action = ACTION_KEEP;
		return 0;
	}
	n = splice_seccomp(config, &profile, 1, pieces);
	if (join(pieces, n, &memory->keep, &v->output, err) < 0)
		return -1;
	return check_output(v, memory, err);
}

static int choose_profile(struct work *w, struct verdict *v, struct error *err)
{
	struct span profile = {0};
	int r;

	if (v->decision.profile_of_engine && v->identity.engine != NULL &&
	    w->host->engine_profile != NULL &&
	    w->host->engine_profile(v->identity.engine, w->memory, &v->decision.profile_path, err) <
		    0)
		return -1;
	r = v->decision.overlay                ? overlaid_profile(w, v, &profile, err)
	    : v->decision.profile_path == NULL ? builtin_profile(w, v, &profile, err)
					       : file_profile(w, v, &profile, err);
	if (r < 0)
		return -1;
	if (profile.p == NULL) {
		decide_keep(&v->decision);
		return 0;
	}
	v->profile = profile;
	sha256_hex(&(struct iovec){(char *)(uintptr_t)profile.p, profile.n}, 1, v->profile_sha256);
	return 0;
}

/* The profile that `chosen` would inject under enforce, whatever the mode is. */
static int plain_profile(struct work *w, const struct verdict *v, struct decision chosen,
			 struct seccomp_profile *ret_profile, struct error *err)
{
	struct verdict plain = *v;

	chosen.mode = MODE_ENFORCE;
	chosen.overlay = false;
	plain.decision = chosen;
	if (choose_profile(w, &plain, err) < 0)
		return -1;
	return ociseccomp_read(plain.profile, &w->memory->keep, &w->memory->scratch, ret_profile,
			       err);
}

/*
 * The profile that the policy names, if it names another than RuntimeDefault: a container that has
 * it already, from an earlier stage or from its engine, is not weak. What it is does not depend on
 * the mode, nor on the annotations of the container, which could else excuse itself. -1: there is
 * none, or it cannot be used, which matters when it is to be injected.
 */
static int read_named_profile(struct work *w, const struct verdict *v,
			      struct seccomp_profile *ret_profile)
{
	struct decision chosen = v->decision;
	struct error ignored;

	if (chosen.named_profile.path == NULL && !chosen.named_profile.of_engine)
		return -1;
	chosen.profile_path = chosen.named_profile.path;
	chosen.profile_of_engine = chosen.named_profile.of_engine;
	chosen.profile_confined = false;
	return plain_profile(w, v, chosen, ret_profile, &ignored);
}

/* Does `choice`, a profile that is to be injected, let through what neither RuntimeDefault nor the
 * policy's profile does? */
static bool is_weak(struct work *w, const struct verdict *v, const struct seccomp_profile *choice,
		    struct syscall_set *ret_excess)
{
	const struct profile_target target = target_of(v, w->host);
	struct seccomp_profile named;
	struct judge_request request = {
		.profile = choice,
		.reference = {v->decision.flavor, &target, v->identity.sandbox},
		.scratch = &w->memory->scratch,
	};

	if (judge_profile(&request, ret_excess) == FINDING_CONFINED)
		return false;
	if (read_named_profile(w, v, &named) < 0)
		return true;
	request.accepted = &named;
	return judge_profile(&request, ret_excess) != FINDING_CONFINED;
}

/*
 * What a container's own profile is judged by holds as well for a file that is put in its place: it
 * leaves nothing to an agent that the policy does not know; and where it is an annotation that has
 * chosen it, it may be no weaker than the policy says. Returns -1 when the file cannot be used; the
 * decision has changed when another one takes its place, or none.
 */
static int review_file(struct work *w, struct verdict *v, struct error *err)
{
	struct decision *d = &v->decision;
	struct seccomp_profile profile;
	struct syscall_set excess;

	if (d->mode == MODE_COMPLAIN ? plain_profile(w, v, *d, &profile, err) < 0
				     : ociseccomp_read(v->profile, &w->memory->keep,
						       &w->memory->scratch, &profile, err) < 0)
		return -1;
	if (d->mode != MODE_COMPLAIN && !policy_knows_listener(d->listeners, &profile)) {
		explain_listener(&profile, err);
		return profile_error(w->policy, d, (struct span){0}, err);
	}
	if (d->profile_confined && is_weak(w, v, &profile, &excess))
		decide_weak_choice(d, &excess);
	return 0;
}

/* The profile to inject, or none: *v then says why. */
static int find_profile(struct work *w, struct verdict *v, struct error *err)
{
	const char *path;

	if (choose_profile(w, v, err) < 0)
		return -1;
	path = v->decision.profile_path;
	if (v->profile.p == NULL || v->decision.overlay || path == NULL)
		return 0;
	if (review_file(w, v, err) < 0)
		return -1;
	if (action_refuses(v->decision.action)) {
		v->profile = (struct span){0};
		v->profile_sha256[0] = '\0';
		explain_refusal(&w->config, v);
		return 0;
	}
	return v->decision.reason == REASON_WEAK && v->decision.weak_choice
		       ? choose_profile(w, v, err)
		       : 0;
}

static void decide_case(struct work *w, struct verdict *v)
{
	struct seccomp_profile accepted;
	struct decide_context context = {
		.arch = w->host->arch,
		.kernel = w->host->kernel,
		.now = w->host->now,
		.restores = w->host->restores,
		.scratch = &w->memory->scratch,
	};

	decide(&w->config, &v->identity, w->policy, &context, &v->decision);
	if (v->decision.finding != FINDING_WEAK || read_named_profile(w, v, &accepted) < 0)
		return;
	context.accepted = &accepted;
	decide(&w->config, &v->identity, w->policy, &context, &v->decision);
}

void enforce(struct span text, const struct policy *policy, const struct enforce_host *host,
	     struct enforce_memory *memory, struct verdict *ret_verdict)
{
	struct verdict *v = ret_verdict;
	struct work w = {.policy = policy, .host = host, .memory = memory};
	struct error err;

	*v = (struct verdict){0};
	if (ociconfig_read(text, &memory->keep, &memory->scratch, &w.config, &v->why) < 0) {
		decide_invalid(policy, &v->decision);
		return;
	}
	identity_of(&w.config, &v->identity);
	v->caps = w.config.bounding;
	decide_case(&w, v);
	if (action_refuses(v->decision.action))
		explain_refusal(&w.config, v);
	if (v->decision.action != ACTION_INJECT && v->decision.action != ACTION_WOULD_INJECT)
		return;
	if (find_profile(&w, v, &err) < 0) {
		decide_failed(&v->decision, REASON_PROFILE);
		v->why = err;
	} else if (v->decision.action == ACTION_INJECT && inject(&w.config, memory, v, &err) < 0) {
		decide_failed(&v->decision, REASON_WRITE);
		v->why = err;
		v->why.has_pos = false;
	}
}
