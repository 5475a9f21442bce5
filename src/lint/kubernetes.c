/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifests of Kubernetes: what each container will run with. Sources: core/v1 types.go and
 * validation.go of Kubernetes 1.31; the Pod Security Standards.
 */
#include "lint/lint-internal.h"

#include "base/suggest.h"

#include <stdio.h>

#define SEEN_AS "seccomp.security.alpha.kubernetes.io/"

/* A container without a profile, of its own or of the pod's. */
struct lacking {
	const struct tree *container;
	struct lacking *next;
};

/* Whose containers are being looked at. */
struct pod {
	char who[320]; /* Deployment "web" */
	struct tree *spec;
	const struct tree *profile; /* the pod's seccompProfile; NULL: none */
	bool windows;
	unsigned int refusals; /* by levels of its namespace */
	/* What mends it. A change of the pod's own would reach containers of which a comment says
	 * that they are meant as they are. */
	struct lacking *lacking;
	bool spared;             /* a comment is about such a container */
	const struct tree *type; /* of the pod's profile: to be changed; NULL: not */
	bool type_spared;
};

/* A kind of container lists. */
static const struct list {
	const char *key, *word;
} lists[] = {{"initContainers", "init container"},
	     {"containers", "container"},
	     {"ephemeralContainers", "ephemeral container"}};

/* ---- keys that are there twice ---- */

/* Readers take the first, the last, or none; only for what decides. */
static void check_twice(struct lint *lint, const char *who, const struct tree *tree,
			const char *key)
{
	const struct tree_entry *last = lint_entry(lint, tree, key);

	if (last == NULL)
		return;
	for (const struct tree_entry *e = tree->first; e != last; e = e->next)
		if (e->key->type == TREE_SCALAR && span_eq(e->key->text, span_of(key))) {
			lint_tell(lint, LINT_DUPLICATE_KEY, last->key, NULL,
				  "%s: \"%s\" is here twice, first in line %zu", who, key,
				  e->key->line);
			return;
		}
}

static void check_all_twice(struct lint *lint, const char *who, const struct tree *tree)
{
	static const char *const keys[] = {"securityContext",  "seccompProfile", "type",
					   "localhostProfile", "privileged",     "containers",
					   "initContainers"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		check_twice(lint, who, tree, keys[i]);
}

/* ---- profiles ---- */

/* NULL for a profile that is null, which is as good as none. */
static const struct tree *profile_of(struct lint *lint, const struct tree *owner)
{
	const struct tree *profile = lint_path(lint, owner, "securityContext.seccompProfile");

	return profile == NULL || lint_is_null(profile) ? NULL : profile;
}

/* Kubernetes' rule for a path that stays below a directory (validateLocalDescendingPath). */
static bool descends(struct span path)
{
	if (path.n == 0 || path.p[0] == '/')
		return false;
	while (path.n > 0) {
		const char *slash = memchr(path.p, '/', path.n);
		struct span name = {path.p, slash != NULL ? (size_t)(slash - path.p) : path.n};

		if (span_eq(name, SPAN("..")))
			return false;
		path = span_skip(path, name.n + 1);
	}
	return true;
}

static void check_localhost(struct lint *lint, const char *who, const struct tree *profile,
			    const struct tree *whole)
{
	const struct tree *at = lint_get(lint, profile, "localhostProfile");
	struct span path = lint_text(at);
	char name[512];

	if (path.n == 0) {
		lint_tell(lint, LINT_LOCALHOST_PATH, at != NULL ? at : profile, whole,
			  "%s: type Localhost without localhostProfile", who);
		return;
	}
	if (!descends(path) || path.n >= sizeof(name) || memchr(path.p, '\0', path.n) != NULL) {
		lint_tell(lint, LINT_LOCALHOST_PATH, at, whole,
			  "%s: localhostProfile \"%.*s\" does not stay below the kubelet's "
			  "directory of profiles",
			  who, SPAN_ARG(path));
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)path.n, path.p);
	if (lint->how->profile_exists != NULL && !lint->how->profile_exists(lint->how->ctx, name))
		lint_tell(lint, LINT_LOCALHOST_MISSING, at, whole,
			  "%s: there is no profile \"%.*s\"", who, SPAN_ARG(path));
}

/* What is to be done about a type. */
enum mend { MEND_NOTHING, MEND_TYPE, MEND_SPARED };

static enum mend mend_type(bool told)
{
	return told ? MEND_TYPE : MEND_SPARED;
}

/* RuntimeDefault in other letters. */
static bool is_runtime_default(struct span word)
{
	static const char right[] = "runtimedefault";

	for (size_t i = 0; i < word.n; i++)
		if (i >= sizeof(right) - 1 || (word.p[i] | 0x20) != right[i])
			return false;
	return word.n == sizeof(right) - 1;
}

static enum mend check_unknown_type(struct lint *lint, const char *who, const struct tree *at,
				    const struct tree *whole)
{
	static const char *const types[] = {"RuntimeDefault", "Localhost", "Unconfined"};
	struct span type = lint_text(at);
	struct suggestion near = suggest(type);
	struct error text;
	bool told;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		suggest_try(&near, span_of(types[i]));
	error_set(&text, "%s: seccompProfile.type is \"%.*s\": the API server refuses that", who,
		  SPAN_ARG(type));
	error_suggest(&text, &near);
	told = lint_tell(lint, LINT_UNKNOWN_TYPE, at, whole, "%s", text.text);
	return is_runtime_default(type) ? mend_type(told) : MEND_NOTHING;
}

/* `whole` is the container, also where the profile is the pod's. */
static enum mend check_profile(struct lint *lint, const char *who, const struct tree *profile,
			       const struct tree *whole)
{
	const struct tree *type = lint_get(lint, profile, "type");
	const struct tree *stray = lint_get(lint, profile, "localhostProfile");
	struct span word = lint_text(type);

	if (word.p == NULL) {
		lint_tell(lint, LINT_UNKNOWN_TYPE, profile, whole,
			  "%s: seccompProfile without a type: the API server refuses that", who);
		return MEND_NOTHING;
	}
	if (span_eq(word, SPAN("Localhost"))) {
		check_localhost(lint, who, profile, whole);
		return MEND_NOTHING;
	}
	if (lint_text(stray).p != NULL)
		lint_tell(lint, LINT_STRAY_PROFILE, stray, whole,
			  "%s: localhostProfile with type %.*s: the API server refuses that", who,
			  SPAN_ARG(word));
	if (span_eq(word, SPAN("Unconfined")))
		return mend_type(lint_tell(lint, LINT_UNCONFINED, type, whole,
					   "%s: seccompProfile.type is Unconfined", who));
	return span_eq(word, SPAN("RuntimeDefault")) ? MEND_NOTHING
						     : check_unknown_type(lint, who, type, whole);
}

/* ---- what mends it ---- */

static void note_type(struct lint *lint, struct pod *pod, const struct tree *profile,
		      enum mend mend)
{
	const struct tree *type = lint_get(lint, profile, "type");

	if (profile == pod->profile) {
		pod->type_spared |= mend == MEND_SPARED;
		if (mend == MEND_TYPE)
			pod->type = type;
	} else if (mend == MEND_TYPE) {
		lint_fix_type(lint, type);
	}
}

static void note_lacking(struct lint *lint, struct pod *pod, const struct tree *container,
			 bool told)
{
	struct lacking *lacking;

	pod->spared |= !told;
	if (!told || !lint->how->fix)
		return;
	lacking = arena_alloc(lint->keep, sizeof(*lacking));
	if (lacking == NULL)
		return;
	*lacking = (struct lacking){container, pod->lacking};
	pod->lacking = lacking;
}

static void fix_pod(struct lint *lint, const struct pod *pod)
{
	if (pod->type != NULL && !pod->type_spared)
		lint_fix_type(lint, pod->type);
	if (pod->lacking != NULL && !pod->spared)
		lint_fix_absent(lint, pod->spec);
	for (const struct lacking *l = pod->spared ? pod->lacking : NULL; l != NULL; l = l->next)
		lint_fix_absent(lint, l->container);
}

/* ---- a container ---- */

static bool says_unconfined(struct lint *lint, const struct tree *profile)
{
	return span_eq(lint_text(lint_get(lint, profile, "type")), SPAN("Unconfined"));
}

/* Of a container with the profile `own` (NULL: none), for which `profile` holds. */
static unsigned int refusals_of(struct lint *lint, const struct tree *own,
				const struct tree *profile, bool privileged)
{
	return (privileged ? LINT_IS_PRIVILEGED : 0U) |
	       (profile == NULL ? LINT_LACKS_PROFILE : 0U) |
	       (says_unconfined(lint, own) ? LINT_SAYS_UNCONFINED : 0U);
}

static void check_container(struct lint *lint, struct pod *pod, const struct list *list,
			    struct tree *container)
{
	const struct tree *own = profile_of(lint, container);
	const struct tree *profile = own != NULL ? own : pod->profile;
	struct tree *privileged = lint_path(lint, container, "securityContext.privileged");
	struct span name = lint_text(lint_get(lint, container, "name"));
	char who[512];

	if (container->type != TREE_MAPPING)
		return;
	if (pod->windows) {
		lint->how->counts->windows++;
		return;
	}
	lint->how->counts->containers++;
	pod->refusals |= refusals_of(lint, own, profile, lint_is_true(privileged));
	snprintf(who, sizeof(who), "%s, %s \"%.*s\"", pod->who, list->word, SPAN_ARG(name));
	check_all_twice(lint, who, container);
	check_all_twice(lint, who, lint_get(lint, container, "securityContext"));
	check_all_twice(lint, who, own);
	if (lint_is_true(privileged))
		lint_tell(lint, LINT_PRIVILEGED, privileged, container,
			  "%s: privileged, so it runs Unconfined%s", who,
			  profile != NULL ? ", whatever seccompProfile says" : "");
	else if (profile != NULL)
		note_type(lint, pod, profile, check_profile(lint, who, profile, container));
	else
		note_lacking(lint, pod, container,
			     lint_tell(lint, LINT_NO_PROFILE, container, container,
				       "%s: no seccomp profile, so it runs Unconfined unless the "
				       "kubelet has seccompDefault",
				       who));
}

/* ---- annotations of old ---- */

/*
 * Kubernetes has not read any of them since 1.27. The first was never one of pods: it belonged to
 * PodSecurityPolicy, and yet KICS' query takes it for a profile.
 */
static void check_annotations(struct lint *lint, const struct pod *pod, struct tree *metadata)
{
	const struct tree *annotations = lint_get(lint, metadata, "annotations");
	const struct tree_entry *e = annotations != NULL && annotations->type == TREE_MAPPING
					     ? annotations->first
					     : NULL;

	for (; e != NULL && lint_goes_on(lint); e = e->next) {
		struct span key = e->key->text;
		bool of_policy = span_eq(key, SPAN(SEEN_AS "defaultProfileName"));

		if (!of_policy && !span_eq(key, SPAN(SEEN_AS "pod")) &&
		    !span_has_prefix(key, SPAN("container." SEEN_AS)))
			continue;
		lint_tell(lint, LINT_LEGACY_ANNOTATION, e->key, NULL, "%s: annotation %.*s: %s",
			  pod->who, SPAN_ARG(key),
			  of_policy ? "no kubelet ever read it (it was for PodSecurityPolicy), "
				      "though KICS takes it for a profile"
				    : "ignored since Kubernetes 1.27");
	}
}

/* ---- a pod's spec ---- */

static bool is_windows(struct lint *lint, const struct tree *spec)
{
	const struct tree *selector = lint_get(lint, spec, "nodeSelector");

	return span_eq(lint_text(lint_path(lint, spec, "os.name")), SPAN("windows")) ||
	       span_eq(lint_text(lint_get(lint, selector, "kubernetes.io/os")), SPAN("windows"));
}

static bool has_containers(struct lint *lint, const struct tree *spec)
{
	const struct tree *containers = lint_get(lint, spec, "containers");

	return containers != NULL && containers->type == TREE_SEQUENCE;
}

/* `owner`: Deployment "web". `metadata` is the pod's. */
static void check_pod(struct lint *lint, const char *owner, struct tree *spec,
		      struct tree *metadata)
{
	struct pod pod = {
		.spec = spec, .profile = profile_of(lint, spec), .windows = is_windows(lint, spec)};

	snprintf(pod.who, sizeof(pod.who), "%s", owner);
	check_annotations(lint, &pod, metadata);
	check_all_twice(lint, owner, spec);
	check_all_twice(lint, owner, lint_get(lint, spec, "securityContext"));
	check_all_twice(lint, owner, pod.profile);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct tree *list = lint_get(lint, spec, lists[i].key);

		for (const struct tree_entry *e =
			     list != NULL && list->type == TREE_SEQUENCE ? list->first : NULL;
		     e != NULL && lint_goes_on(lint); e = e->next)
			check_container(lint, &pod, &lists[i], e->value);
	}
	fix_pod(lint, &pod);
	if (!pod.windows && says_unconfined(lint, pod.profile))
		pod.refusals |= LINT_SAYS_UNCONFINED;
	lint_set_pod(lint, owner, pod.refusals);
}

/*
 * All of template.spec with containers, at any depth: that is where workloads keep the spec of
 * their pods, those of Kubernetes and those of others. Recursion is bounded by YAML_MAX_DEPTH: an
 * alias comes after what it stands for, which then has been seen.
 */
static bool walk_templates(struct lint *lint, const char *owner, struct tree *tree)
{
	struct tree *template = lint_get(lint, tree, "template");
	struct tree *spec = lint_get(lint, template, "spec");
	bool found = false;

	if (tree->seen)
		return false;
	tree->seen = true;
	if (has_containers(lint, spec)) {
		check_twice(lint, owner, template, "spec");
		check_pod(lint, owner, spec, lint_get(lint, template, "metadata"));
		found = true;
	}
	for (const struct tree_entry *e = tree->first; e != NULL; e = e->next)
		found |= walk_templates(lint, owner, e->value);
	return found;
}

/* ---- namespaces ---- */

static void check_namespace(struct lint *lint, const char *who, struct tree *root)
{
	static const char label[] = "pod-security.kubernetes.io/enforce";
	const struct tree *labels = lint_path(lint, root, "metadata.labels");
	const struct tree *level = lint_get(lint, labels, label);
	struct span word = lint_text(level);

	lint_set_namespace(lint, root, lint_text(lint_path(lint, root, "metadata.name")), word);
	if (word.p == NULL)
		lint_tell(lint, LINT_NAMESPACE_LEVEL, root, NULL,
			  "%s: without the label %s no profile is demanded, unless the API server "
			  "is configured to",
			  who, label);
	else if (span_eq(word, SPAN("privileged")))
		lint_tell(lint, LINT_NAMESPACE_LEVEL, level, NULL, "%s: privileged demands nothing",
			  who);
	else if (span_eq(word, SPAN("baseline")))
		lint_tell(lint, LINT_NAMESPACE_LEVEL, level, NULL,
			  "%s: baseline forbids Unconfined, and lets in what asks for no profile",
			  who);
	else if (!span_eq(word, SPAN("restricted")))
		lint_tell(lint, LINT_UNKNOWN_LEVEL, level, NULL, "%s: there is no level \"%.*s\"",
			  who, SPAN_ARG(word));
}

/* ---- an object ---- */

/* `core`: it is of the API "v1", where a Pod is a pod and a Namespace a namespace. */
static void check_object(struct lint *lint, struct tree *root, struct span kind, bool core)
{
	struct span name = lint_text(lint_path(lint, root, "metadata.name"));
	struct tree *spec = lint_get(lint, root, "spec");
	bool judged = true;
	char who[320];

	if (name.p == NULL)
		name = lint_text(lint_path(lint, root, "metadata.generateName"));
	snprintf(who, sizeof(who), "%.*s \"%.*s\"", SPAN_ARG(kind), SPAN_ARG(name));
	lint->object = root;
	lint->name_space = lint_text(lint_path(lint, root, "metadata.namespace"));
	if (core && span_eq(kind, SPAN("Namespace"))) {
		check_namespace(lint, who, root);
	} else if (core && span_eq(kind, SPAN("Pod")) && has_containers(lint, spec)) {
		check_twice(lint, who, root, "spec");
		check_pod(lint, who, spec, lint_get(lint, root, "metadata"));
	} else {
		judged = walk_templates(lint, who, root);
	}
	lint->how->counts->objects += judged;
	lint->how->counts->ignored += !judged;
}

/* The items of a PodList and the like name neither kind nor API. */
static void check_list(struct lint *lint, const struct tree *items, struct span kind, bool core)
{
	const struct span of_items = {kind.p, kind.n - strlen("List")};

	for (const struct tree_entry *e = items->first; e != NULL && lint_goes_on(lint);
	     e = e->next) {
		struct span own = lint_text(lint_get(lint, e->value, "kind"));
		struct span api = lint_text(lint_get(lint, e->value, "apiVersion"));

		check_object(lint, e->value, own.p != NULL ? own : of_items,
			     api.p != NULL ? span_eq(api, SPAN("v1")) : core);
	}
}

void lint_kubernetes(struct lint *lint, struct tree *root)
{
	const struct tree *items = lint_get(lint, root, "items");
	struct span kind = lint_text(lint_get(lint, root, "kind"));
	struct span api = lint_text(lint_get(lint, root, "apiVersion"));

	if (kind.p == NULL || api.p == NULL)
		lint->how->counts->ignored++;
	else if (items != NULL && items->type == TREE_SEQUENCE && kind.n >= 4 &&
		 memcmp(kind.p + kind.n - 4, "List", 4) == 0)
		check_list(lint, items, kind, span_eq(api, SPAN("v1")));
	else
		check_object(lint, root, kind, span_eq(api, SPAN("v1")));
}
