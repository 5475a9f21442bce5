/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/status.h"

#include "base/jsonout.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* As engines show an identifier. */
#define ID_SHOWN 12

/* ---- counting ---- */

struct status_tally status_count_next(const struct status_report *report, size_t *at)
{
	struct status_tally t = {.name_space = report->entry[*at].name_space};

	for (; *at < report->n && strcmp(report->entry[*at].name_space, t.name_space) == 0; ++*at) {
		t.n++;
		t.by_state[report->entry[*at].state]++;
	}
	return t;
}

const char *status_since(const struct status_entry *e, char out[DATE_MOMENT_SIZE])
{
	return date_moment(process_started_ms(e->container->init) / 1000, out);
}

const char *status_engine(const struct status_entry *e)
{
	if (e->engine != ENGINE_UNKNOWN)
		return engine_name(e->engine);
	return e->container->runtime != NULL ? e->container->runtime : "";
}

const char status_exec_is_bare[] = "what is executed in it later gets no filter";

/* ---- text ---- */

enum column {
	COLUMN_ID,
	COLUMN_ENGINE,
	COLUMN_NAMESPACE,
	COLUMN_POD,
	COLUMN_NAME,
	COLUMN_STATE,
	COLUMN_PROCESSES,
	COLUMN_CONFIGURATION,
	COLUMN_POLICY,
	COLUMN_SINCE,
	COLUMN_IMAGE,
	COLUMNS
};

static const char *const titles[COLUMNS] = {"CONTAINER", "ENGINE", "NAMESPACE", "POD",
					    "NAME",      "STATE",  "FILTERED",  "CONFIGURATION",
					    "POLICY",    "SINCE",  "IMAGE"};

#define CELL_SIZE 256
typedef char row[COLUMNS][CELL_SIZE];

static void put(char cell[CELL_SIZE], const char *text)
{
	text_printable(span_of(text[0] != '\0' ? text : "-"), cell, CELL_SIZE);
}

static void make_row(const struct status_entry *e, row cells)
{
	char text[DATE_MOMENT_SIZE];

	text_printable((struct span){e->container->id, strnlen(e->container->id, ID_SHOWN)},
		       cells[COLUMN_ID], CELL_SIZE);
	put(cells[COLUMN_ENGINE], status_engine(e));
	put(cells[COLUMN_NAMESPACE], e->name_space);
	put(cells[COLUMN_POD], e->pod);
	put(cells[COLUMN_NAME], e->sandbox ? "(sandbox)" : e->name);
	put(cells[COLUMN_STATE], status_name(e->state));
	snprintf(cells[COLUMN_PROCESSES], CELL_SIZE, "%zu of %zu", e->n_confined, e->n_processes);
	put(cells[COLUMN_CONFIGURATION], e->judged ? finding_name(e->finding) : "unknown");
	put(cells[COLUMN_POLICY], e->judged ? action_name(e->action) : "");
	put(cells[COLUMN_SINCE], status_since(e, text));
	put(cells[COLUMN_IMAGE], e->image);
}

static void print_row(row cells, const size_t width[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS - 1; i++)
		printf("%-*s  ", (int)width[i], cells[i]);
	printf("%s\n", cells[COLUMNS - 1]);
}

/* "  process 4711 (sh) has no filter" */
static void print_processes(const struct status_entry *e)
{
	char comm[4 * sizeof(((struct process *)NULL)->comm)];

	for (const struct process *p = e->container->processes; p != NULL; p = p->next) {
		if (!status_has_less(e, p) && p->seccomp != 0)
			continue;
		printf("  process %d (%s) has ", (int)p->pid,
		       text_printable(span_of(p->comm), comm, sizeof(comm)));
		if (p->seccomp == 0)
			printf("no filter");
		else
			printf("%u filter%s", p->filters, p->filters == 1 ? "" : "s");
		if (status_has_less(e, p))
			printf(", and the container's init has %u", e->container->init->filters);
		printf("\n");
	}
}

/* "  confined since: af-alg (2026-11-27T19:16:17Z)" */
static void print_confined(const struct status_entry *e)
{
	for (const struct confined *c = e->confined; c != NULL; c = c->next)
		printf("  loaded by confine at %s: %s%s%s%s%s\n", c->time, c->profile,
		       c->profile[0] != '\0' && c->tighten[0] != '\0' ? ", " : "",
		       c->tighten[0] != '\0' ? "restrictions " : "", c->tighten,
		       strcmp(c->exec, "confined") == 0
			       ? ""
			       : "; what is executed in it later does not have it");
}

/* "  3 processes: as its configuration says" for each text that occurs. */
static void print_filters(const struct status_entry *e)
{
	char shown[4096];

	for (const struct status_filters *f = e->filters; f != NULL; f = f->next) {
		const struct status_filters *other = e->filters;
		size_t n = 0;

		while (other != f && strcmp(other->text, f->text) != 0)
			other = other->next;
		/* It has been told. */
		if (other != f)
			continue;
		for (; other != NULL; other = other->next)
			n += strcmp(other->text, f->text) == 0;
		text_printable(span_of(f->text), shown, sizeof(shown));
		if (n == 1)
			printf("  filters of process %d: %s\n", (int)f->process->pid, shown);
		else
			printf("  filters of %zu processes: %s\n", n, shown);
	}
}

static void print_table(const struct status_report *report)
{
	size_t width[COLUMNS] = {0};
	bool some = false;
	row cells;

	for (size_t i = 0; i < COLUMNS; i++) {
		width[i] = strlen(titles[i]);
		for (size_t k = 0; k < report->n; k++) {
			if (!report->is_shown(&report->entry[k]))
				continue;
			some = true;
			make_row(&report->entry[k], cells);
			width[i] = strlen(cells[i]) > width[i] ? strlen(cells[i]) : width[i];
		}
		snprintf(cells[i], CELL_SIZE, "%s", titles[i]);
	}
	if (!some)
		return;
	for (size_t i = 0; i < COLUMNS; i++)
		put(cells[i], titles[i]);
	print_row(cells, width);
	for (size_t k = 0; k < report->n; k++) {
		const struct status_entry *e = &report->entry[k];
		char why[1024];

		if (!report->is_shown(e))
			continue;
		make_row(e, cells);
		print_row(cells, width);
		if (e->why[0] != '\0')
			printf("  configuration: %s\n",
			       text_printable(span_of(e->why), why, sizeof(why)));
		if (e->exec_is_bare)
			printf("  %s\n", status_exec_is_bare);
		print_processes(e);
		print_confined(e);
		print_filters(e);
	}
	printf("\n");
}

void status_print_text(const struct status_report *report)
{
	char name[CELL_SIZE];

	if (report->n == 0) {
		printf("no container runs\n");
		return;
	}
	print_table(report);
	printf("%-24s %10s", "NAMESPACE", "CONTAINERS");
	for (size_t i = 0; i < STATUS_STATES; i++)
		printf(" %10s", status_name((enum status_state)i));
	printf("\n");
	for (size_t at = 0; at < report->n;) {
		struct status_tally t = status_count_next(report, &at);

		put(name, t.name_space);
		printf("%-24s %10zu", name, t.n);
		for (size_t i = 0; i < STATUS_STATES; i++)
			printf(" %10zu", t.by_state[i]);
		printf("\n");
	}
}

/* ---- JSON ---- */

/* A process takes less than this; one more and the array ends early and says so. */
#define PROCESS_SIZE 2048
#define PROCESSES_SIZE (256U * 1024)

/* Returns false when not all fit. */
static bool list_processes(const struct status_entry *e, char out[PROCESSES_SIZE])
{
	size_t n = 1;

	snprintf(out, PROCESSES_SIZE, "[");
	for (const struct process *p = e->container->processes; p != NULL; p = p->next) {
		char buffer[PROCESS_SIZE];
		struct jsonout object;

		jsonout_begin(&object, buffer, sizeof(buffer));
		jsonout_uint(&object, "pid", (uint64_t)p->pid);
		jsonout_string(&object, "comm", span_of(p->comm));
		jsonout_uint(&object, "seccomp", p->seccomp);
		jsonout_uint(&object, "seccomp_filters", p->filters);
		jsonout_bool(&object, "no_new_privs", p->no_new_privs);
		if (status_has_less(e, p))
			jsonout_bool(&object, "less_than_init", true);
		for (const struct status_filters *f = e->filters; f != NULL; f = f->next) {
			if (f->process != p)
				continue;
			jsonout_string(&object, "filters", span_of(f->text));
			jsonout_uint(&object, "stopped_us", f->stopped_us);
		}
		jsonout_end(&object);
		if (n + object.used + 3 > PROCESSES_SIZE)
			break;
		n += (size_t)snprintf(out + n, PROCESSES_SIZE - n, "%s%s", n > 1 ? "," : "",
				      object.p);
		if (p->next == NULL) {
			snprintf(out + n, PROCESSES_SIZE - n, "]");
			return true;
		}
	}
	snprintf(out + n, PROCESSES_SIZE - n, "]");
	return false;
}

static void add_known(struct jsonout *out, const char *key, const char *value)
{
	if (value != NULL && value[0] != '\0')
		jsonout_string(out, key, span_of(value));
}

/* An array of what confine has loaded. */
static const char *list_confined(const struct status_entry *e, char *out, size_t size)
{
	size_t n = 1;

	snprintf(out, size, "[");
	for (const struct confined *c = e->confined; c != NULL; c = c->next) {
		char buffer[PROCESS_SIZE];
		struct jsonout object;

		jsonout_begin(&object, buffer, sizeof(buffer));
		jsonout_string(&object, "time", span_of(c->time));
		add_known(&object, "profile", c->profile);
		add_known(&object, "tighten", c->tighten);
		jsonout_string(&object, "program_sha256", span_of(c->sha256));
		add_known(&object, "exec", c->exec);
		jsonout_bool(&object, "complete", c->complete);
		jsonout_end(&object);
		if (n + object.used + 3 > size)
			break;
		n += (size_t)snprintf(out + n, size - n, "%s%s", n > 1 ? "," : "", object.p);
	}
	snprintf(out + n, size - n, "]");
	return out;
}

static void print_entry(const struct status_entry *e)
{
	static char buffer[PROCESSES_SIZE + 32768], processes[PROCESSES_SIZE];
	char text[DATE_MOMENT_SIZE], confined[8192];
	struct jsonout out;
	bool all;

	jsonout_begin(&out, buffer, sizeof(buffer));
	jsonout_string(&out, "id", span_of(e->container->id));
	jsonout_string(&out, "state", span_of(status_name(e->state)));
	add_known(&out, "runtime", e->container->runtime);
	add_known(&out, "engine", engine_name(e->engine));
	add_known(&out, "namespace", e->name_space);
	add_known(&out, "pod", e->pod);
	add_known(&out, "container", e->name);
	add_known(&out, "image", e->image);
	if (e->sandbox)
		jsonout_bool(&out, "sandbox", true);
	jsonout_string(&out, "since", span_of(status_since(e, text)));
	jsonout_uint(&out, "pid", (uint64_t)e->container->init->pid);
	if (e->judged) {
		jsonout_string(&out, "finding", span_of(finding_name(e->finding)));
		jsonout_string(&out, "action", span_of(action_name(e->action)));
		jsonout_string(&out, "reason", span_of(reason_name(e->reason)));
	}
	add_known(&out, "rule", e->rule);
	add_known(&out, "why", e->why);
	if (e->confined != NULL)
		jsonout_raw(&out, "confined",
			    span_of(list_confined(e, confined, sizeof(confined))));
	jsonout_uint(&out, "processes_total", e->n_processes);
	jsonout_uint(&out, "processes_confined", e->n_confined);
	if (e->exec_is_bare)
		jsonout_bool(&out, "exec_is_bare", true);
	all = list_processes(e, processes);
	jsonout_raw(&out, "processes", span_of(processes));
	if (!all)
		jsonout_bool(&out, "processes_more", true);
	jsonout_end(&out);
	printf("%s\n", out.p);
}

void status_print_json(const struct status_report *report)
{
	for (size_t i = 0; i < report->n; i++)
		if (report->is_shown(&report->entry[i]))
			print_entry(&report->entry[i]);
	for (size_t at = 0; at < report->n;) {
		struct status_tally t = status_count_next(report, &at);
		char buffer[4096];
		struct jsonout out;

		jsonout_begin(&out, buffer, sizeof(buffer));
		jsonout_string(&out, "summary", span_of(t.name_space));
		jsonout_uint(&out, "containers", t.n);
		for (size_t i = 0; i < STATUS_STATES; i++)
			jsonout_uint(&out, status_name((enum status_state)i), t.by_state[i]);
		jsonout_end(&out);
		printf("%s\n", out.p);
	}
}
