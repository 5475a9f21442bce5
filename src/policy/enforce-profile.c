/* SPDX-License-Identifier: Apache-2.0 */
/* Which profile is injected: chosen, resolved, reviewed, and made text at the end. */
#include "policy/enforce-internal.h"

#include "oci/seccomp-write.h"
#include "profile/profile-file.h"

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
		enforce_explain_listener(profile, err);
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

int enforce_find_profile(struct work *w, struct error *err)
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
			enforce_explain_refusal(&w->config, w->verdict);
			return 0;
		}
		/* Another takes its place. */
	} while (d->weak_choice && !was_weak && d->reason == REASON_WEAK);
	if (w->nri && for_engine(w, &profile, err) < 0)
		return -1;
	return render(w, &profile, err);
}

void enforce_decide(struct work *w)
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
