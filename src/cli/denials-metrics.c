/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/denials-metrics.h"

#include "base/number.h"
#include "node/fileio.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

/* Of the series these are for "_other" only, one for each thing that the kernel can do. */
#define FOR_OTHER 16

/* A container makes what calls it likes, by any number: beyond these its further ones are one, for
 * each thing that the kernel can do. For that one there is room whatever others have done. */
#define OF_ONE 128
#define FOR_CONTAINERS 256

/* A Kubernetes name has at most 63 characters, or 253. */
#define LABEL_MAX 96

static const char head[] =
	"# HELP seccomp_guard_denials_total System calls that a seccomp filter denied or logged.\n"
	"# TYPE seccomp_guard_denials_total counter\n";
static const char series_name[] = "seccomp_guard_denials_total";

/* ---- the series ---- */

/* What would need escaping, and what is no text, is no name of anything. */
static void put_label(char *out, const char *name, struct span value)
{
	char plain[LABEL_MAX + 1];
	size_t n = value.n < LABEL_MAX ? value.n : LABEL_MAX, used = strlen(out);

	for (size_t i = 0; i < n; i++)
		plain[i] =
			value.p[i] > ' ' && value.p[i] < 0x7f && strchr("\"\\", value.p[i]) == NULL
				? value.p[i]
				: '_';
	plain[n] = '\0';
	snprintf(out + used, sizeof(((struct denials_series *)NULL)->labels) - used, "%s%s=\"%s\"",
		 used > 0 ? "," : "", name, plain);
}

/* The series, made if there are fewer than `room`; else NULL. */
static struct denials_series *find(struct denials_metrics *m, const char *labels, size_t room)
{
	struct denials_series *s = m->series;

	while (s < m->series + m->n && strcmp(s->labels, labels) != 0)
		s++;
	if (s < m->series + m->n)
		return s;
	if (m->n >= room)
		return NULL;
	m->n++;
	snprintf(s->labels, sizeof(s->labels), "%s", labels);
	s->count = 0;
	return s;
}

/* Those whose labels begin with the first `n` bytes of these. */
static size_t number_of(const struct denials_metrics *m, const char *labels, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < m->n; i++)
		found += strncmp(m->series[i].labels, labels, n) == 0;
	return found;
}

static struct span answer_of(const struct denial *d)
{
	static const char prefix[] = "SCMP_ACT_";

	if (!d->line.has_code)
		return SPAN("_unknown");
	return span_skip(span_of(oci_action_name(auditline_action(d->line.code))),
			 sizeof(prefix) - 1);
}

static struct denials_series *series_of(struct denials_metrics *m, const struct denial *d,
					const struct denials_workload *w)
{
	struct denials_series *found;
	char labels[sizeof(found->labels)] = "", number[24];
	struct span container = SPAN("_unknown");
	size_t whose;

	if (w != NULL)
		container = w->container[0] != '\0' ? span_of(w->container)
			    : w->sandbox            ? SPAN("_sandbox")
						    : SPAN("_unnamed");
	else if (d->container.n > 0)
		container = SPAN("_unnamed");
	snprintf(number, sizeof(number), "%" PRId64, d->line.number);
	put_label(labels, "namespace", span_of(w != NULL ? w->name_space : ""));
	put_label(labels, "container", container);
	whose = strlen(labels);
	put_label(labels, "syscall", d->call.n > 0 ? d->call : span_of(number));
	put_label(labels, "action", answer_of(d));
	found = find(m, labels,
		     number_of(m, labels, whose) < OF_ONE
			     ? DENIALS_SERIES - FOR_OTHER - FOR_CONTAINERS
			     : 0);
	if (found != NULL)
		return found;
	labels[whose] = '\0';
	put_label(labels, "syscall", SPAN("_other"));
	put_label(labels, "action", answer_of(d));
	found = find(m, labels, DENIALS_SERIES - FOR_OTHER);
	if (found != NULL)
		return found;
	labels[0] = '\0';
	put_label(labels, "namespace", SPAN("_other"));
	put_label(labels, "container", SPAN("_other"));
	put_label(labels, "syscall", SPAN("_other"));
	put_label(labels, "action", answer_of(d));
	return find(m, labels, DENIALS_SERIES);
}

void denials_metrics_add(struct denials_metrics *m, struct denials *denials,
			 const struct workloads *workloads)
{
	for (struct denial *d = denials->first; d != NULL; d = d->next) {
		uint64_t more = denial_count(d) - d->measured;
		struct denials_series *s;

		if (more == 0)
			continue;
		s = series_of(m, d,
			      workloads != NULL ? workloads_find(workloads, d->container) : NULL);
		if (s != NULL)
			s->count += more;
		d->measured += more;
	}
}

/* ---- the file ---- */

static int write_series(const struct denials_metrics *m, FILE *to)
{
	fputs(head, to);
	for (size_t i = 0; i < m->n; i++)
		fprintf(to, "%s{%s} %" PRIu64 "\n", series_name, m->series[i].labels,
			m->series[i].count);
	fprintf(to,
		"# HELP seccomp_guard_denials_start_time_seconds Since when denials are followed, "
		"in seconds since 1970.\n"
		"# TYPE seccomp_guard_denials_start_time_seconds gauge\n"
		"seccomp_guard_denials_start_time_seconds %" PRId64 "\n"
		"# HELP seccomp_guard_denials_lost_total Records and process events that could not "
		"be read since then: counts are lower bounds.\n"
		"# TYPE seccomp_guard_denials_lost_total counter\n"
		"seccomp_guard_denials_lost_total{what=\"records\"} %" PRIu64 "\n"
		"seccomp_guard_denials_lost_total{what=\"process events\"} %" PRIu64 "\n",
		m->started, m->lost_records, m->lost_events);
	if (m->knows_kernel)
		fprintf(to,
			"# HELP seccomp_guard_audit_lost_total Audit records of any kind that the "
			"kernel dropped since it was started.\n"
			"# TYPE seccomp_guard_audit_lost_total counter\n"
			"seccomp_guard_audit_lost_total %" PRIu64 "\n",
			m->lost_kernel);
	return ferror(to) != 0 ? -1 : 0;
}

/* The collector reads no name that begins with a dot. */
static int temporary(const struct denials_metrics *m, char out[PATH_MAX], struct error *err)
{
	const char *slash = strrchr(m->path, '/');
	const char *name = slash != NULL ? slash + 1 : m->path;
	int n = snprintf(out, PATH_MAX, "%.*s.%s.%ld", (int)(name - m->path), m->path, name,
			 (long)getpid());

	return n < 0 || n >= PATH_MAX ? error_system(err, ENAMETOOLONG) : 0;
}

int denials_metrics_write(struct denials_metrics *m, struct error *err)
{
	char path[PATH_MAX];
	int fd, r;
	FILE *to;

	if (temporary(m, path, err) < 0)
		return -1;
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	to = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (to == NULL) {
		error_system(err, errno);
		return error_prefix(err, "%s", m->path);
	}
	r = fchmod(fd, 0644) < 0 || write_series(m, to) < 0 ? -1 : 0;
	if (fclose(to) != 0 || r < 0 || rename(path, m->path) < 0) {
		error_system(err, errno);
		unlink(path);
		return error_prefix(err, "%s", m->path);
	}
	return 0;
}

/* A line of our own: name{labels} number. */
static void take_line(struct denials_metrics *m, struct span line)
{
	char labels[sizeof(m->series->labels)];
	const char *end = line.n > 0 ? memrchr(line.p, '}', line.n) : NULL;
	struct denials_series *s;
	struct span name = span_of(series_name), inside;
	uint64_t count;

	if (end == NULL || !span_has_prefix(line, name) || line.p[name.n] != '{')
		return;
	inside = (struct span){line.p + name.n + 1, (size_t)(end - line.p) - name.n - 1};
	if (inside.n >= sizeof(labels) ||
	    !number_parse(span_skip(line, (size_t)(end - line.p) + 2), 10, UINT64_MAX, &count))
		return;
	snprintf(labels, sizeof(labels), "%.*s", (int)inside.n, inside.p);
	s = find(m, labels, DENIALS_SERIES);
	if (s != NULL)
		s->count += count;
}

static int take_file(struct denials_metrics *m, struct error *err)
{
	static char text[1 << 20];
	int fd = open(m->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct arena arena = {text, sizeof(text), 0};
	struct span rest;
	struct error why;
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && errno == ELOOP)
		return error_set(err, "is a symbolic link, which would be replaced: name the file "
				      "that it leads to");
	if (fd < 0)
		return error_system(err, errno);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    file_read_stream(fd, sizeof(text) / 2, &arena, &rest, &why) < 0 ||
	    !span_has_prefix(rest, span_of(head))) {
		close(fd);
		return error_set(err, "is not a file of these counters");
	}
	close(fd);
	while (rest.n > 0) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end != NULL ? (size_t)(end - rest.p) : rest.n;

		take_line(m, (struct span){rest.p, n});
		rest = span_skip(rest, n + 1);
	}
	return 0;
}

int denials_metrics_begin(struct denials_metrics *m, const char *path, bool goes_on,
			  struct error *err)
{
	void *p = mmap(NULL, DENIALS_SERIES * sizeof(*m->series), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return error_system(err, errno);
	*m = (struct denials_metrics){.path = path, .series = p, .started = time(NULL)};
	if (take_file(m, err) < 0)
		return error_prefix(err, "%s", path);
	if (!goes_on)
		m->n = 0;
	return denials_metrics_write(m, err);
}
