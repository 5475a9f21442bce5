/* SPDX-License-Identifier: Apache-2.0 */
/* Whose container it is, from what engines write; and that two engines' words together are believed
 * by nobody. */
#include "core.h"

static struct identity identity(const char *annotations, struct ociconfig *config)
{
	static char text[2048];
	struct identity id;
	int n = snprintf(text, sizeof(text), "{\"ociVersion\":\"1.0.2\",\"annotations\":{%s}}",
			 annotations);

	assert_in_range(n, 0, sizeof(text) - 1);
	read_config((struct span){text, (size_t)n}, config);
	identity_of(config, &id);
	return id;
}

#define CRI(more)                                                                                  \
	"\"io.kubernetes.cri.container-type\":\"container\",\"io.kubernetes.cri.sandbox-id\":"     \
	"\"f\","                                                                                   \
	"\"io.kubernetes.cri.sandbox-name\":\"web-0\",\"io.kubernetes.cri.sandbox-namespace\":"    \
	"\"prod\","                                                                                \
	"\"io.kubernetes.cri.container-name\":\"app\",\"io.kubernetes.cri.image-name\":\"r/"       \
	"i:1\"" more
#define CRIO(more)                                                                                 \
	"\"io.container.manager\":\"cri-o\",\"io.kubernetes.cri-o.ContainerType\":\"container\","  \
	"\"io.kubernetes.cri-o.SandboxName\":\"k8s_web-0_prod_uid_0\","                            \
	"\"io.kubernetes.cri-o.Name\":\"k8s_app_web-0_prod_uid_0\",\"io.kubernetes.cri-o."         \
	"ImageName\":\"r/"                                                                         \
	"i:1\"" more

static void expect(const struct identity *id, enum engine engine)
{
	assert_int_equal(id->engine, engine);
	assert_true(span_eq(id->name_space, SPAN("prod")) && span_eq(id->pod, SPAN("web-0")));
	assert_true(span_eq(id->container, SPAN("app")) && span_eq(id->image, SPAN("r/i:1")));
	assert_false(id->sandbox || id->conflict);
}

static void kubernetes_engines_name_their_workload(void **state)
{
	struct ociconfig c;
	struct identity id;

	(void)state;
	id = identity(CRI(""), &c);
	expect(&id, ENGINE_CONTAINERD);
	id = identity(CRIO(""), &c);
	expect(&id, ENGINE_CRIO);
}

static void sandboxes_have_no_container(void **state)
{
	struct ociconfig c;
	struct identity id = identity(
		"\"io.kubernetes.cri.container-type\":\"sandbox\","
		"\"io.kubernetes.cri.sandbox-id\":\"f\",\"io.kubernetes.cri.sandbox-name\":"
		"\"web-0\",\"io.kubernetes.cri.sandbox-namespace\":\"prod\"",
		&c);

	(void)state;
	assert_true(id.sandbox && id.container.n == 0 && span_eq(id.name_space, SPAN("prod")));
}

static void other_engines_have_no_namespace(void **state)
{
	struct ociconfig c;
	struct identity id;

	(void)state;
	id = identity("\"io.container.manager\":\"libpod\"", &c);
	assert_int_equal(id.engine, ENGINE_PODMAN);
	assert_true(id.name_space.n == 0 && !id.conflict);
	id = identity("", &c);
	assert_true(id.engine == ENGINE_UNKNOWN && id.name_space.n == 0 && !id.conflict);
	id = identity("\"io.container.manager\":\"someone\"", &c);
	assert_int_equal(id.engine, ENGINE_UNKNOWN);
}

/* Docker has no annotations; its cgroup is the container's own, directly below its parent. */
static void docker_shows_by_its_cgroup(void **state)
{
	static const struct {
		const char *path;
		enum engine engine;
	} rows[] = {
		{"/docker/a", ENGINE_DOCKER},
		{"/docker/a/b", ENGINE_UNKNOWN},
		{"/docker/a/", ENGINE_UNKNOWN},
		{"/docker", ENGINE_UNKNOWN},
		{"/x/docker/a", ENGINE_UNKNOWN},
		{"system.slice:docker:a", ENGINE_DOCKER},
		{"system.slice:dockerd:a", ENGINE_UNKNOWN},
		{"", ENGINE_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ociconfig c;
		struct identity id;
		char text[256];

		snprintf(text, sizeof(text),
			 "{\"ociVersion\":\"1\",\"linux\":{\"cgroupsPath\":\"%s\"}}", rows[i].path);
		read_config(span_of(text), &c);
		identity_of(&c, &id);
		if (id.engine != rows[i].engine)
			fail_msg("\"%s\"", rows[i].path);
	}
}

static void words_of_two_engines_are_a_conflict(void **state)
{
	static const char *const posing[] = {
		CRIO(",\"io.kubernetes.cri.sandbox-id\":\"f\",\"io.kubernetes.cri.sandbox-"
		     "namespace\":\"x\""),
		CRI(",\"io.container.manager\":\"libpod\""),
		CRI(",\"io.container.manager\":\"cri-o\",\"io.kubernetes.cri-o.SandboxName\":\"k8s_"
		    "p_x_u_"
		    "0\""),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(posing); i++) {
		struct ociconfig c;
		struct identity id = identity(posing[i], &c);

		assert_true(id.conflict);
		assert_true(id.engine == ENGINE_UNKNOWN && id.name_space.n == 0 &&
			    id.container.n == 0);
	}
}

/* CRI-O joins names by underscores, which Kubernetes names do not have. */
static void odd_crio_names_do_not_end_the_reading(void **state)
{
	static const char *const names[] = {"",         "_",   "k8s",      "k8s_web",
					    "k8s_web_", "___", "k8s__prod"};
	char text[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct ociconfig c;
		struct identity id;

		snprintf(text, sizeof(text),
			 "\"io.container.manager\":\"cri-o\",\"io.kubernetes.cri-o.SandboxName\":"
			 "\"%s\"",
			 names[i]);
		id = identity(text, &c);
		assert_int_equal(id.engine, ENGINE_CRIO);
		assert_true(id.name_space.n <= strlen(names[i]));
	}
	{
		struct ociconfig c;
		struct identity id = identity("\"io.container.manager\":\"cri-o\"", &c);

		assert_true(id.name_space.n == 0 && id.pod.n == 0 && id.container.n == 0);
	}
}

static void buildah_shows_by_the_directory_of_a_step(void **state)
{
#define STEP(root, file)                                                                           \
	"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"" root                                     \
	"\"},\"mounts\":[{\"source\":\"" file                                                      \
	"\",\"destination\":\"/run/.containerenv\",\"type\":\"bind\"}]}"
	static const struct {
		const char *text;
		enum engine engine;
	} rows[] = {
		{STEP("/var/tmp/buildah92/mnt/rootfs", "/var/tmp/buildah92/run/.containerenv"),
		 ENGINE_BUILDAH},
		{STEP("/var/tmp/buildah92/mnt/rootfs", "/var/tmp/buildah93/run/.containerenv"),
		 ENGINE_UNKNOWN},
		{STEP("/var/tmp/other/mnt/rootfs", "/var/tmp/other/run/.containerenv"),
		 ENGINE_UNKNOWN},
		{STEP("/mnt/rootfs", "/run/.containerenv"), ENGINE_UNKNOWN},
		{STEP("/var/tmp/buildah92/mnt/root", "/var/tmp/buildah92/run/.containerenv"),
		 ENGINE_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ociconfig c;
		struct identity id;

		read_config(span_of(rows[i].text), &c);
		identity_of(&c, &id);
		assert_int_equal(id.engine, rows[i].engine);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kubernetes_engines_name_their_workload),
		cmocka_unit_test(sandboxes_have_no_container),
		cmocka_unit_test(other_engines_have_no_namespace),
		cmocka_unit_test(docker_shows_by_its_cgroup),
		cmocka_unit_test(buildah_shows_by_the_directory_of_a_step),
		cmocka_unit_test(words_of_two_engines_are_a_conflict),
		cmocka_unit_test(odd_crio_names_do_not_end_the_reading),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
