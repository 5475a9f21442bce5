/* SPDX-License-Identifier: Apache-2.0 */
#include "identity.h"

/* CRI-O's names: k8s_<pod>_<namespace>_<uid>_<attempt>; Kubernetes names have no underscore. */
static struct span crio_name_part(struct span name, unsigned int wanted)
{
	unsigned int part = 0;
	size_t start = 0;

	for (size_t i = 0; i <= name.n; i++) {
		if (i < name.n && name.p[i] != '_')
			continue;
		if (part == wanted)
			return (struct span){name.p + start, i - start};
		part++;
		start = i + 1;
	}
	return (struct span){0};
}

static void from_crio(const struct ociconfig *config, struct identity *id)
{
	struct span sandbox = ociconfig_annotation(config, SPAN("io.kubernetes.cri-o.SandboxName"));
	struct span name = ociconfig_annotation(config, SPAN("io.kubernetes.cri-o.Name"));

	id->engine = "cri-o";
	id->sandbox = span_eq(ociconfig_annotation(config, SPAN("io.kubernetes.cri-o.ContainerType")),
			      SPAN("sandbox"));
	id->pod = crio_name_part(sandbox, 1);
	id->name_space = crio_name_part(sandbox, 2);
	id->container = id->sandbox ? (struct span){0} : crio_name_part(name, 1);
	id->image = ociconfig_annotation(config, SPAN("io.kubernetes.cri-o.ImageName"));
}

static void from_containerd(const struct ociconfig *config, struct identity *id)
{
	id->engine = "containerd";
	id->sandbox = span_eq(ociconfig_annotation(config, SPAN("io.kubernetes.cri.container-type")),
			      SPAN("sandbox"));
	id->pod = ociconfig_annotation(config, SPAN("io.kubernetes.cri.sandbox-name"));
	id->name_space = ociconfig_annotation(config, SPAN("io.kubernetes.cri.sandbox-namespace"));
	id->container = ociconfig_annotation(config, SPAN("io.kubernetes.cri.container-name"));
	id->image = ociconfig_annotation(config, id->sandbox ? SPAN("io.kubernetes.cri.podsandbox.image-name")
							     : SPAN("io.kubernetes.cri.image-name"));
}

static void from_podman(const struct ociconfig *config, struct identity *id)
{
	(void)config;
	id->engine = "podman";
}

static const struct {
	const char *key;
	const char *value; /* NULL: any */
	void (*fill)(const struct ociconfig *config, struct identity *id);
} engines[] = {
	{"io.container.manager", "cri-o", from_crio},
	{"io.container.manager", "libpod", from_podman},
	{"io.kubernetes.cri.sandbox-id", NULL, from_containerd},
};

void identity_of(const struct ociconfig *config, struct identity *ret_identity)
{
	*ret_identity = (struct identity){0};
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
		struct span found = ociconfig_annotation(config, span_of(engines[i].key));

		if (found.p == NULL ||
		    (engines[i].value != NULL && !span_eq(found, span_of(engines[i].value))))
			continue;
		if (ret_identity->engine != NULL) {
			*ret_identity = (struct identity){.conflict = true};
			return;
		}
		engines[i].fill(config, ret_identity);
	}
}
