/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the query "Seccomp Profile Is Not Configured" of KICS reports, to the letter
 * (Checkmarx/kics, assets/queries/k8s/seccomp_profile_is_not_configured/query.rego), and at the
 * same lines: also where Kubernetes does otherwise. It knows neither ephemeral containers nor
 * privileged ones nor lists, and takes an annotation that no kubelet ever read for a profile.
 */
#include "lint/lint-internal.h"

static const char annotation[] = "seccomp.security.alpha.kubernetes.io/defaultProfileName";

/* What the query asks about a document once. */
struct document {
	struct span kind, name;
	struct tree *spec;
	bool annotated;
};

/* The pod's spec, wherever it is; the first path that is there counts. */
static struct tree *find_spec(struct lint *lint, const struct tree *root)
{
	static const char *const paths[] = {"spec.job_template.spec.template.spec",
					    "spec.jobTemplate.spec.template.spec",
					    "spec.template.spec", "spec"};
	struct tree *spec = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(paths) && spec == NULL; i++)
		spec = lint_path(lint, root, paths[i]);
	return spec;
}

/* The annotation, at any depth, is one way of being configured; another value is a finding. */
static void walk_annotations(struct lint *lint, struct document *d, struct tree *tree)
{
	const struct tree_entry *e = lint_entry(
		lint, lint_get(lint, lint_get(lint, tree, "metadata"), "annotations"), annotation);

	if (tree->seen)
		return;
	tree->seen = true;
	if (e != NULL && !lint_is_null(e->value)) {
		d->annotated = true;
		if (!span_eq(lint_text(e->value), SPAN("runtime/default")))
			lint_tell(lint, LINT_KICS, e->key, NULL,
				  "%.*s \"%.*s\": annotation %s is \"%.*s\", not "
				  "\"runtime/default\"",
				  SPAN_ARG(d->kind), SPAN_ARG(d->name), annotation,
				  SPAN_ARG(lint_text(e->value)));
	}
	for (e = tree->first; e != NULL; e = e->next)
		walk_annotations(lint, d, e->value);
}

/*
 * securityContext.seccompProfile.type below `tree`: its entry, or NULL, and then *ret_deepest is
 * the last key of the three that is there; NULL: none is.
 */
static const struct tree_entry *find_type(struct lint *lint, const struct tree *tree,
					  const struct tree **ret_deepest)
{
	static const char *const keys[] = {"securityContext", "seccompProfile", "type"};
	const struct tree_entry *e = NULL;

	*ret_deepest = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		e = lint_entry(lint, tree, keys[i]);
		if (e == NULL)
			return NULL;
		*ret_deepest = e->key;
		tree = e->value;
	}
	return e;
}

static bool is_accepted(const struct tree_entry *type)
{
	struct span text = lint_text(type->value);

	return span_eq(text, SPAN("RuntimeDefault")) || span_eq(text, SPAN("Localhost"));
}

/* *reported_pod: a pod's type is one finding, however many containers have it. */
static void check_container(struct lint *lint, const struct document *d, struct tree *container,
			    bool *reported_pod)
{
	const struct tree *deepest, *pod_deepest;
	const struct tree_entry *own = find_type(lint, container, &deepest);
	const struct tree_entry *pods = find_type(lint, d->spec, &pod_deepest);
	struct span name = lint_text(lint_get(lint, container, "name"));

	lint->how->counts->containers++;
	if (own != NULL && !is_accepted(own) && name.p != NULL)
		lint_tell(lint, LINT_KICS, own->key, NULL,
			  "%.*s \"%.*s\", container \"%.*s\": seccompProfile.type is \"%.*s\"",
			  SPAN_ARG(d->kind), SPAN_ARG(d->name), SPAN_ARG(name),
			  SPAN_ARG(lint_text(own->value)));
	if (own != NULL)
		return;
	if (pods != NULL && !is_accepted(pods) && !*reported_pod) {
		*reported_pod = true;
		lint_tell(lint, LINT_KICS, pods->key, NULL,
			  "%.*s \"%.*s\": the pod's seccompProfile.type is \"%.*s\"",
			  SPAN_ARG(d->kind), SPAN_ARG(d->name), SPAN_ARG(lint_text(pods->value)));
	}
	if (pods == NULL && !d->annotated && name.p != NULL)
		lint_tell(lint, LINT_KICS, deepest != NULL ? deepest : container, NULL,
			  "%.*s \"%.*s\", container \"%.*s\": seccompProfile.type is not set",
			  SPAN_ARG(d->kind), SPAN_ARG(d->name), SPAN_ARG(name));
}

static void check_list(struct lint *lint, const struct document *d, const struct tree *list,
		       bool *reported_pod)
{
	if (list == NULL || list->type != TREE_SEQUENCE)
		return;
	for (const struct tree_entry *e = list->first; e != NULL; e = e->next)
		check_container(lint, d, e->value, reported_pod);
}

void lint_kics(struct lint *lint, struct tree *root)
{
	struct document d = {.kind = lint_text(lint_get(lint, root, "kind")),
			     .name = lint_text(lint_path(lint, root, "metadata.name")),
			     .spec = find_spec(lint, root)};
	bool reported_pod = false;

	/* A result without a kind or a name is none. */
	if (d.kind.p == NULL || d.name.p == NULL) {
		lint->how->counts->ignored++;
		return;
	}
	lint->how->counts->objects++;
	walk_annotations(lint, &d, root);
	check_list(lint, &d, lint_get(lint, d.spec, "initContainers"), &reported_pod);
	check_list(lint, &d, lint_get(lint, d.spec, "containers"), &reported_pod);
}
