/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the author of a pod can write into a configuration, read in the engines' sources of August
 * 2026:
 *
 * containerd, internal/cri/server/container_create.go buildLinuxSpec and
 * podsandbox/sandbox_run_linux.go: the pod's annotations that the handler lets through
 * (pod_annotations, container_annotations) come first, then annotations.DefaultCRIAnnotations,
 * which replaces what has the same key. So what that function writes can be believed, and only
 * that: container-name and image-name are written for containers only, and podsandbox.image-name
 * not by 1.x.
 *
 * CRI-O, containers, internal/factory/container/container.go SpecAddAnnotations: the pod's
 * annotations, then CRI-O's own, then those of the container in the request, then its labels. The
 * kubelet makes the latter two itself (pkg/kubelet/kuberuntime/labels.go), but when a container is
 * restored from a checkpoint image its annotations are the image's (server/container_restore.go).
 * Labels are the request's in each case.
 *
 * CRI-O, sandboxes, server/sandbox_run_linux.go: CRI-O's own first, then all annotations of the
 * pod, then its labels, among which the kubelet and CRI-O set io.kubernetes.pod.namespace and .name
 * and CRI-O io.kubernetes.container.name=POD. So here the pod's author can replace everything but
 * those labels: even io.container.manager and io.kubernetes.cri-o.ContainerType.
 *
 * A namespace under CRI-O therefore has to stand in both places, io.kubernetes.cri-o.SandboxName,
 * which is CRI-O's word in containers, and io.kubernetes.pod.namespace, which is its word in
 * sandboxes and which only a container that was not made by a kubelet can lack.
 *
 * podman, libpod/container_internal_common.go: io.container.manager=libpod, unless the user has set
 * that key. docker: no annotations of its own; linux.cgroupsPath shows it, unless another parent
 * was asked for (daemon/oci_linux.go).
 *
 * Nobody can take an annotation away. So an engine is told by keys that it always writes, and if
 * there are those of two engines one set is forged: nothing is believed then, whichever it is.
 */
#include "oci/identity.h"

#include <stdio.h>

/* Of the identifiers that engines make. */
#define ID_DIGITS 64

/* A Kubernetes name has no underscore: k8s_<container>_<pod>_<namespace>_<uid>_<attempt>, without
 * <container> for a sandbox (CRI-O server/naming.go). */
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

/* A key whose value, where it is written, has to be `expected`. */
static bool agrees(const struct ociconfig *config, const char *key, struct span expected)
{
	struct span value = ociconfig_annotation(config, span_of(key));

	return value.p == NULL || span_eq(value, expected);
}

/* Fills *id; returns NULL, or the key that contradicts another. */
static const char *from_crio(const struct ociconfig *config, struct identity *id)
{
	static const char container_key[] = "io.kubernetes.container.name";
	struct span sandbox = ociconfig_annotation(config, SPAN("io.kubernetes.cri-o.SandboxName"));
	struct span name = ociconfig_annotation(config, SPAN("io.kubernetes.cri-o.Name"));
	const char *conflict = NULL;

	id->pod = crio_name_part(sandbox, 1);
	id->name_space = crio_name_part(sandbox, 2);
	/* "POD" is no name that Kubernetes would accept for a container. */
	id->sandbox = span_eq(ociconfig_annotation(config, span_of(container_key)), SPAN("POD"));
	if (!agrees(config, "io.kubernetes.pod.name", id->pod)) {
		id->pod = (struct span){0};
		conflict = "io.kubernetes.pod.name";
	}
	if (!agrees(config, "io.kubernetes.pod.namespace", id->name_space)) {
		id->name_space = (struct span){0};
		conflict = "io.kubernetes.pod.namespace";
	}
	if (id->sandbox || conflict != NULL)
		return conflict;
	id->container = ociconfig_annotation(config, span_of(container_key));
	if (id->container.p == NULL)
		id->container = crio_name_part(name, 1);
	id->image = ociconfig_annotation(config, SPAN("io.kubernetes.cri-o.ImageName"));
	return NULL;
}

static void from_containerd(const struct ociconfig *config, struct identity *id)
{
	struct span type = ociconfig_annotation(config, SPAN("io.kubernetes.cri.container-type"));

	id->sandbox = span_eq(type, SPAN("sandbox"));
	id->pod = ociconfig_annotation(config, SPAN("io.kubernetes.cri.sandbox-name"));
	id->name_space = ociconfig_annotation(config, SPAN("io.kubernetes.cri.sandbox-namespace"));
	if (id->sandbox)
		return;
	id->container = ociconfig_annotation(config, SPAN("io.kubernetes.cri.container-name"));
	id->image = ociconfig_annotation(config, SPAN("io.kubernetes.cri.image-name"));
}

const char *engine_name(enum engine engine)
{
	static const char *const names[ENGINES] = {
		[ENGINE_CONTAINERD] = "containerd", [ENGINE_CRIO] = "cri-o",
		[ENGINE_PODMAN] = "podman",         [ENGINE_DOCKER] = "docker",
		[ENGINE_BUILDAH] = "buildah",
	};

	return names[engine];
}

/* What an engine always writes. */
static const struct mark {
	const char *key;
	const char *value; /* NULL: any */
	enum engine engine;
} marks[] = {
	{"io.kubernetes.cri.sandbox-id", NULL, ENGINE_CONTAINERD},
	{"io.kubernetes.cri-o.SandboxName", NULL, ENGINE_CRIO},
	{"io.container.manager", "cri-o", ENGINE_CRIO},
	{"io.container.manager", "libpod", ENGINE_PODMAN},
};

static bool has_mark(const struct ociconfig *config, const struct mark *mark)
{
	struct span value = ociconfig_annotation(config, span_of(mark->key));

	return value.p != NULL && (mark->value == NULL || span_eq(value, span_of(mark->value)));
}

/* "/libpod_parent/libpod-ID" and "/docker/ID" with the cgroupfs driver, "PARENT:libpod:ID" with
 * systemd's; CRI-O and containerd alike. */
static struct span id_of(struct span cgroup)
{
	struct span id = span_skip(cgroup, cgroup.n > ID_DIGITS ? cgroup.n - ID_DIGITS : 0);

	if (cgroup.n <= ID_DIGITS || strchr("/:-", id.p[-1]) == NULL)
		return (struct span){0};
	for (size_t i = 0; i < id.n; i++)
		if (strchr("0123456789abcdef", id.p[i]) == NULL)
			return (struct span){0};
	return id;
}

/* "/docker/ID" with cgroup v1 drivers, "PARENT:docker:ID" with systemd's. */
static bool is_docker_cgroup(struct span path)
{
	const struct span prefix = SPAN("/docker/"), middle = SPAN(":docker:");

	if (span_has_prefix(path, prefix))
		return memchr(path.p + prefix.n, '/', path.n - prefix.n) == NULL;
	return path.n > 0 && memmem(path.p, path.n, middle.p, middle.n) != NULL;
}

/*
 * buildah writes no annotation and no cgroup. What shows it is the directory that it makes for each
 * step, whose name begins with its own, and from which the root and a file of its own come (buildah
 * run_linux.go and run_common.go).
 */
static bool is_buildah(const struct ociconfig *config)
{
	const struct span root = SPAN("/mnt/rootfs"), file = SPAN("/run/.containerenv");
	struct span path = config->root_path, own = config->own_files[OWN_CONTAINERENV];
	size_t name;

	if (path.n <= root.n || own.n <= file.n || path.n - root.n != own.n - file.n)
		return false;
	path.n -= root.n;
	own.n -= file.n;
	for (name = path.n; name > 0 && path.p[name - 1] != '/';)
		name--;
	return span_eq(path, own) && strcmp(path.p + path.n, root.p) == 0 &&
	       strcmp(own.p + own.n, file.p) == 0 &&
	       span_has_prefix(span_skip(path, name), SPAN("buildah"));
}

/* The engine that left marks; *ret_conflict is a mark of another one. */
static enum engine find_engine(const struct ociconfig *config, const char **ret_conflict)
{
	enum engine engine = is_docker_cgroup(config->cgroups_path) ? ENGINE_DOCKER
			     : is_buildah(config)                   ? ENGINE_BUILDAH
								    : ENGINE_UNKNOWN;

	*ret_conflict = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		if (!has_mark(config, &marks[i]))
			continue;
		if (engine != ENGINE_UNKNOWN && engine != marks[i].engine)
			*ret_conflict = marks[i].key;
		engine = marks[i].engine;
	}
	return engine;
}

void identity_of(const struct ociconfig *config, struct identity *ret_identity)
{
	struct identity id = {0};

	id.engine = find_engine(config, &id.conflict);
	if (id.conflict != NULL)
		id.engine = ENGINE_UNKNOWN;
	if (id.engine == ENGINE_CONTAINERD)
		from_containerd(config, &id);
	if (id.engine == ENGINE_CRIO)
		id.conflict = from_crio(config, &id);
	if (id.conflict != NULL)
		id.sandbox = false;
	id.id = id_of(config->cgroups_path);
	*ret_identity = id;
}

const char *identity_name(const struct identity *id, char *out)
{
	/* As engines show an identifier; names that somebody gave are shown whole. */
	struct span brief = {id->id.p, id->id.n == ID_DIGITS ? 12 : id->id.n};
	struct span name = id->container.n > 0 ? id->container
			   : id->pod.n == 0    ? brief
					       : (struct span){0};
	size_t n = (size_t)snprintf(out, IDENTITY_NAME_SIZE, "%s%s%.*s",
				    id->sandbox ? "the pod's sandbox" : "container",
				    name.n > 0 ? " " : "", SPAN_ARG(name));

	if (id->pod.n > 0)
		snprintf(out + n, IDENTITY_NAME_SIZE - n, " (%.*s/%.*s)", SPAN_ARG(id->name_space),
			 SPAN_ARG(id->pod));
	return out;
}
