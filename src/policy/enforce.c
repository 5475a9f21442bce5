/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/enforce-internal.h"

#include "oci/capability.h"
#include "policy/ready.h"
#include "semantics/warnings.h"

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
	enforce_decide(as);
	return bare->decision.action == ACTION_INJECT && enforce_find_profile(as, &ignored) == 0 &&
	       bare->decision.action == ACTION_INJECT && enforce_mark(as, &marked, &ignored) == 0 &&
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

	enforce_decide(w);
	if (action_refuses(v->decision.action))
		enforce_explain_refusal(&w->config, v);
	if (v->decision.action != ACTION_INJECT && v->decision.action != ACTION_WOULD_INJECT)
		return false;
	/* The runtime would have connected to it, with rules that ask it or without. */
	if (w->config.has_profile && w->config.profile.has_listener && !v->decision.overlay)
		v->listener = w->config.profile.listener_path;
	if (enforce_find_profile(w, &err) == 0)
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

/* The profile that the container starts with, as a value; NULL: none, one that is built in, or not
 * known: what would be laid over its own may have been laid over this value. */
static const struct seccomp_profile *starts_with(const struct work *w)
{
	const struct decision *d = &w->verdict->decision;

	if (d->action == ACTION_INJECT)
		return w->verdict->profile_value;
	if (d->action == ACTION_REFUSE || d->finding == FINDING_INVALID ||
	    d->finding == FINDING_FOREIGN || (d->action == ACTION_WOULD_INJECT && d->overlay))
		return NULL;
	return w->config.has_profile ? &w->config.profile : NULL;
}

static void warn(const struct work *w)
{
	struct verdict *v = w->verdict;
	struct warnings_request request = {
		.profile = starts_with(w),
		/* An NRI plugin is not told: then only what is lacked in any case. */
		.no_new_privileges = w->nri || w->config.no_new_privileges,
		.live = w->host->live && v->decision.action == ACTION_INJECT,
		.mark = SPAN(ENFORCE_MARK),
		.scratch = &w->memory->scratch,
	};

	if (request.profile == NULL || abi_of_arch(w->host->arch, &request.native) < 0)
		return;
	v->warnings = warnings_of(&request);
	/* The flag was put in for a runtime that is known to take it. */
	if (v->logs_denials)
		v->warnings &= ~(1U << WARNING_FLAGS);
	/* All that a sandbox does is to wait. CRI-O's own profile for it is such a one. */
	if (v->identity.sandbox)
		v->warnings &= ~(1U << WARNING_CLONE3);
}

static void judge_text(struct work *w, struct span text)
{
	struct verdict *v = w->verdict;
	enum reason failed;
	struct error err;

	if (ociconfig_read(text, &w->memory->keep, &w->memory->scratch, &w->config, &v->why) < 0) {
		decide_invalid(w->policy, &v->decision);
		return;
	}
	ready_recognize(&w->config, w->host->arch, w->memory);
	identify(w);
	v->caps = w->config.bounding;
	recognize(w);
	if (v->done_before || !decide_and_find(w) || w->host->live)
		return;
	if (v->decision.action == ACTION_INJECT && enforce_inject(w, &failed, &err) < 0)
		fail_injecting(v, failed, &err);
	else if (v->decision.action == ACTION_WOULD_INJECT && w->config.program_known)
		enforce_refuse_program(v);
}

void enforce(struct span text, const struct policy *policy, const struct enforce_host *host,
	     struct enforce_memory *memory, struct verdict *ret_verdict)
{
	struct work w = {.policy = policy,
			 .host = host,
			 .memory = memory,
			 .verdict = ret_verdict,
			 .logs = host->logs,
			 .takes_log = host->takes_log};

	*ret_verdict = (struct verdict){0};
	judge_text(&w, text);
	warn(&w);
}

/* With its mark, and as what can be written as a message. */
static int hand_to_engine(struct work *w, struct error *err)
{
	struct enforce_memory *memory = w->memory;
	struct seccomp_profile *value = arena_alloc(&memory->keep, sizeof(*value));
	struct verdict *v = w->verdict;

	if (value == NULL)
		return error_set(err, NO_ROOM);
	if (enforce_mark(w, &v->output, err) < 0 ||
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
	warn(&w);
}
