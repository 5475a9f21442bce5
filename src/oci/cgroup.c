/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/cgroup.h"

#define ID_SIZE 64

static const char *const prefixes[] = {"cri-containerd-", "crio-", "docker-", "libpod-",
				       "nerdctl-"};

static bool is_id(struct span text)
{
	if (text.n != ID_SIZE)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (strchr("0123456789abcdef", text.p[i]) == NULL)
			return false;
	return true;
}

static const char *find_last(struct span text, char c)
{
	for (size_t i = text.n; i-- > 0;)
		if (text.p[i] == c)
			return text.p + i;
	return NULL;
}

static struct span id_in(struct span component)
{
	static const struct span scope = {".scope", 6};
	const char *colon = find_last(component, ':');

	if (component.n > scope.n && span_eq(span_skip(component, component.n - scope.n), scope))
		component.n -= scope.n;
	/* A cgroup manager that was told another's form: kubepods.slice:cri-containerd:ID */
	if (colon != NULL)
		component = span_skip(component, (size_t)(colon + 1 - component.p));
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		struct span prefix = span_of(prefixes[i]);

		if (span_has_prefix(component, prefix)) {
			component = span_skip(component, prefix.n);
			break;
		}
	}
	return is_id(component) ? component : (struct span){0};
}

/* "12:pids:/kubepods/pod1/ID" */
static struct span id_in_line(struct span line)
{
	const char *slash = line.n > 0 ? memchr(line.p, '/', line.n) : NULL;
	struct span rest = {slash, slash != NULL ? line.n - (size_t)(slash - line.p) : 0};

	while (rest.n > 0) {
		const char *end = memchr(rest.p, '/', rest.n);
		struct span component = {rest.p, end != NULL ? (size_t)(end - rest.p) : rest.n};
		struct span id = component.n > 0 ? id_in(component) : (struct span){0};

		if (id.p != NULL)
			return id;
		rest = span_skip(rest, component.n + 1);
	}
	return (struct span){0};
}

struct span cgroup_container(struct span text)
{
	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		struct span line = {text.p, end != NULL ? (size_t)(end - text.p) : text.n};
		struct span id = id_in_line(line);

		if (id.p != NULL)
			return id;
		text = span_skip(text, line.n + 1);
	}
	return (struct span){0};
}
