/* SPDX-License-Identifier: Apache-2.0 */
#include "nri/judge.h"

#include "oci/capability.h"

/*
 * What engines give a container that asks for nothing: containerd pkg/oci/spec.go
 * defaultUnixCaps(), CRI-O internal/config/capabilities.
 */
static const char *const containerd_caps[] = {
	"CAP_AUDIT_WRITE", "CAP_CHOWN",   "CAP_DAC_OVERRIDE",     "CAP_FOWNER",     "CAP_FSETID",
	"CAP_KILL",        "CAP_MKNOD",   "CAP_NET_BIND_SERVICE", "CAP_NET_RAW",    "CAP_SETFCAP",
	"CAP_SETGID",      "CAP_SETPCAP", "CAP_SETUID",           "CAP_SYS_CHROOT",
};
static const char *const crio_caps[] = {
	"CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_FOWNER",
	"CAP_FSETID", "CAP_KILL",         "CAP_NET_BIND_SERVICE",
	"CAP_SETGID", "CAP_SETPCAP",      "CAP_SETUID",
};

static uint64_t default_caps(enum engine engine)
{
	const bool crio = engine == ENGINE_CRIO;
	const char *const *names = crio ? crio_caps : containerd_caps;
	const size_t n = crio ? ARRAY_SIZE(crio_caps) : ARRAY_SIZE(containerd_caps);
	uint64_t caps = 0;

	for (size_t i = 0; i < n; i++)
		caps |= UINT64_C(1) << capability_from_name(span_of(names[i]));
	return caps;
}

/* The way that the policy chooses, or the engine leaves. */
static enum policy_nri way_of(const struct policy *policy, const struct nri_engine *engine)
{
	if (engine->sight == NRI_SEES_NOTHING)
		return NRI_HOOKS;
	/* RuntimeDefault for some capabilities has error numbers; the part for all need not. */
	if (policy->nri == NRI_AUTO || (policy->nri == NRI_POLICY && !engine->takes_errno))
		return NRI_BOTH;
	return policy->nri;
}

/* What only privileged containers get, as far as it is told; see ociconfig_is_privileged(). */
static bool could_be_privileged(const struct nri_container *c)
{
	return c->config.all_devices || c->config.writable_sysfs;
}

/*
 * Is the profile in c->config all that the container has? Where an engine does not tell
 * linux.seccomp one that is told nevertheless was set by a plugin that is asked before this one,
 * and the engine would refuse a second.
 */
static bool knows_profile(const struct nri_container *c, const struct nri_engine *engine)
{
	const bool asked_for_one =
		c->profile_type == NRI_PROFILE_DEFAULT || c->profile_type == NRI_PROFILE_LOCALHOST;

	switch (engine->sight) {
	case NRI_SEES_POLICY:
		/* containerd 2.3 says RuntimeDefault for privileged containers, which have none. */
		return c->config.has_profile || !asked_for_one || could_be_privileged(c);
	case NRI_SEES_TYPE:
		return !c->config.has_profile && !asked_for_one;
	case NRI_SEES_ANNOTATION:
		/* "" is said for none as well as for one that came with an OCI artifact. */
		return !c->config.has_profile &&
		       span_eq(ociconfig_annotation(&c->config,
						    SPAN("io.kubernetes.cri-o.SeccompProfilePath")),
			       SPAN("Unconfined"));
	case NRI_SEES_NOTHING:
		break;
	}
	return false;
}

static bool says_errno(const struct seccomp_profile *profile)
{
	for (const struct seccomp_rule *rule = profile->rules; rule != NULL; rule = rule->next)
		if (rule->has_errno)
			return true;
	return profile->has_default_errno;
}

/*
 * Can it be set without harm or loss, and be known for ours later? A list of flags that is empty
 * does not reach the engine, and without a secret there is no mark.
 */
static bool can_be_set(const struct verdict *v, const struct nri_engine *engine)
{
	const struct seccomp_profile *profile = v->profile_value;
	const struct seccomp_name *first = profile->rules != NULL ? profile->rules->names : NULL;

	return (engine->takes_errno || !says_errno(profile)) &&
	       !(profile->has_flags && profile->flags == 0) && first != NULL &&
	       span_has_prefix(first->name, SPAN(ENFORCE_MARK));
}

/* A profile that depends on the capabilities: see the header. */
static bool is_part(const struct verdict *v, enum policy_nri way)
{
	return v->by_caps && way == NRI_BOTH;
}

static void set_profile(struct nri_judgement *j, const struct nri_engine *engine,
			enum policy_nri way)
{
	const struct verdict *v = &j->verdict;

	if (!can_be_set(v, engine) || (is_part(v, way) && !decision_has_flavor(&v->decision)))
		return;
	j->profile = v->profile_value;
	j->hooks = way == NRI_BOTH;
	/* The hook says nothing where it finds what the policy puts in. */
	j->records = !is_part(v, way);
}

static void settle(struct nri_judgement *j, const struct nri_engine *engine, enum policy_nri way)
{
	const struct decision *d = &j->verdict.decision;

	/* Whether it is privileged the hook can tell. */
	if (d->reason == REASON_PRIVILEGED)
		return;
	if (d->action == ACTION_REFUSE) {
		j->refused = j->records = true;
		j->hooks = false;
	} else if (d->action == ACTION_INJECT) {
		set_profile(j, engine, way);
	} else if (way == NRI_POLICY) {
		j->hooks = false;
		j->records = true;
	}
}

void nri_judge(const struct nri_case *of, struct enforce_memory *memory,
	       struct nri_judgement *ret_judgement)
{
	const struct nri_engine *engine = of->engine;
	const enum policy_nri way = way_of(of->policy, engine);
	struct nri_judgement *j = ret_judgement;
	struct ociconfig config = of->container->config;

	*j = (struct nri_judgement){.hooks = true};
	if (way == NRI_HOOKS || !knows_profile(of->container, engine))
		return;
	config.bounding = way == NRI_BOTH ? CAPABILITY_ALL : default_caps(engine->engine);
	enforce_nri(&config, of->policy, of->host, memory, &j->verdict);
	j->verdict.identity.id = of->container->id;
	settle(j, engine, way);
}
