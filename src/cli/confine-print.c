/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/confine.h"

#include "base/jsonout.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ID_SHOWN 12
#define PROCESS_SIZE 1024
#define PROCESSES_SIZE (256U * 1024)

const char *confine_name(const struct confine_entry *e, char out[CONFINE_NAME_SIZE])
{
	char name[CONFINE_NAME_SIZE];

	snprintf(name, sizeof(name), "%s%s%s%s%s", e->name_space,
		 e->name_space[0] != '\0' ? "/" : "", e->pod, e->pod[0] != '\0' ? "/" : "",
		 e->name);
	if (name[0] != '\0')
		snprintf(out, CONFINE_NAME_SIZE, "%.400s (%.*s)", name, ID_SHOWN, e->container->id);
	else
		snprintf(out, CONFINE_NAME_SIZE, "%.400s", e->container->id);
	return out;
}

struct confine_counts confine_count(const struct confine_entry *e,
				    const struct confine_progress *progress)
{
	struct confine_counts n = {0};

	for (size_t i = 0; e->plan == PLAN_CONFINE && i < progress->n; i++) {
		const struct confine_process *p = &progress->process[i];

		if (p->container != e->index)
			continue;
		n.confined += p->outcome == INJECT_DONE;
		n.had_it += p->outcome == INJECT_HAD_IT;
		n.refused += p->outcome == INJECT_REFUSED;
		n.killed += p->killed;
		n.no_new_privs += p->set_no_new_privs;
	}
	return n;
}

/* ---- text ---- */

static bool is_dry(const struct confine_command *c)
{
	return c->args->value[CLI_DRY_RUN] != NULL;
}

static void print_line(const char *text)
{
	char shown[2048];

	printf("%s\n", text_printable(span_of(text), shown, sizeof(shown)));
}

/* Processes about which there is something to say. */
static void print_processes(const struct confine_command *c, const struct confine_entry *e,
			    const struct confine_progress *progress)
{
	for (size_t i = 0; i < progress->n; i++) {
		const struct confine_process *p = &progress->process[i];
		char line[512];

		if (p->container != e->index)
			continue;
		if (p->outcome == INJECT_REFUSED)
			snprintf(line, sizeof(line), "  process %d (%s) %s: %s", (int)p->pid,
				 p->comm,
				 p->killed   ? "could not be confined and was killed"
				 : is_dry(c) ? "cannot be confined"
					     : "is not confined",
				 p->why);
		else if (p->set_no_new_privs)
			snprintf(line, sizeof(line), "  process %d (%s) %s no_new_privs",
				 (int)p->pid, p->comm, is_dry(c) ? "gets" : "has got");
		else
			continue;
		print_line(line);
	}
}

static void print_confined(const struct confine_command *c, const struct confine_job *job,
			   const struct confine_entry *e, const struct confine_progress *progress)
{
	const struct confine_counts n = confine_count(e, progress);
	const struct confine_container *result = &job->containers[e->index];
	char name[CONFINE_NAME_SIZE], line[2 * CONFINE_NAME_SIZE];

	confine_name(e, name);
	if (is_dry(c))
		snprintf(line, sizeof(line), "%s: would confine %zu of %zu processes", name,
			 n.confined, n.confined + n.refused);
	else
		snprintf(line, sizeof(line), "%s: %s: %zu confined, %zu had it%s%s", name,
			 confine_is_complete(job, progress, e->index) ? "confined"
								      : "not all confined",
			 n.confined, n.had_it, result->frozen ? ", frozen for a moment" : "",
			 result->ended ? ", ended meanwhile" : "");
	print_line(line);
	print_processes(c, e, progress);
	if (result->why[0] != '\0') {
		snprintf(line, sizeof(line), "  %s", result->why);
		print_line(line);
	}
	if (!is_dry(c)) {
		snprintf(line, sizeof(line), "  exec: what is executed in it later %s%s%s",
			 strcmp(e->exec, "confined") == 0 ? "has it, too" : "does not have it",
			 e->exec_why[0] != '\0' ? ": " : "", e->exec_why);
		print_line(line);
	}
}

static int compare_ns(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* For how long processes were stopped, in microseconds: the middle and the worst of a hundred. */
static size_t stop_times(const struct confine_progress *progress, uint64_t *ret_p50,
			 uint64_t *ret_p99)
{
	static uint64_t ns[CONFINE_PROCESSES];
	size_t n = 0;

	for (size_t i = 0; i < progress->n; i++)
		if (progress->process[i].stopped_ns > 0)
			ns[n++] = progress->process[i].stopped_ns;
	if (n == 0)
		return 0;
	qsort(ns, n, sizeof(ns[0]), compare_ns);
	*ret_p50 = ns[n / 2] / 1000;
	*ret_p99 = ns[n - 1 - n / 100] / 1000;
	return n;
}

static void print_text(const struct confine_command *c, const struct confine_job *job,
		       const struct confine_progress *progress)
{
	static const char *const words[] = {
		[PLAN_NOTHING] = "nothing to do: the policy keeps what it has",
		[PLAN_EXEMPT] = "left out: exempt by the policy",
		[PLAN_CANNOT] = "cannot be confined: ",
	};
	char name[CONFINE_NAME_SIZE], line[2 * CONFINE_NAME_SIZE];
	uint64_t p50, p99;
	size_t n;

	if (c->n == 0)
		print_line("no container was found that runs");
	for (size_t i = 0; i < c->n; i++) {
		const struct confine_entry *e = &c->entry[i];

		if (e->plan == PLAN_CONFINE) {
			print_confined(c, job, e, progress);
			continue;
		}
		snprintf(line, sizeof(line), "%s: %s%s", confine_name(e, name), words[e->plan],
			 e->plan == PLAN_CANNOT ? e->why : "");
		print_line(line);
	}
	n = progress != NULL ? stop_times(progress, &p50, &p99) : 0;
	if (n > 0)
		printf("%zu process%s stopped for %" PRIu64 " us (p50), %" PRIu64 " us (p99)\n", n,
		       n == 1 ? " was" : "es were", p50, p99);
}

/* ---- JSON ---- */

static void list_processes(const struct confine_entry *e, const struct confine_progress *progress,
			   char out[PROCESSES_SIZE])
{
	static const char *const outcomes[] = {[INJECT_DONE] = "confined",
					       [INJECT_HAD_IT] = "had-it",
					       [INJECT_REFUSED] = "refused"};
	size_t used = 1;

	snprintf(out, PROCESSES_SIZE, "[");
	for (size_t i = 0; progress != NULL && i < progress->n; i++) {
		const struct confine_process *p = &progress->process[i];
		char buffer[PROCESS_SIZE];
		struct jsonout object;

		if (p->container != e->index)
			continue;
		jsonout_begin(&object, buffer, sizeof(buffer));
		jsonout_uint(&object, "pid", (uint64_t)p->pid);
		jsonout_string(&object, "comm", span_of(p->comm));
		jsonout_string(&object, "outcome", span_of(outcomes[p->outcome]));
		if (p->why[0] != '\0')
			jsonout_string(&object, "why", span_of(p->why));
		if (p->killed)
			jsonout_bool(&object, "killed", true);
		if (p->set_no_new_privs)
			jsonout_bool(&object, "no_new_privs", true);
		jsonout_uint(&object, "stopped_us", p->stopped_ns / 1000);
		jsonout_end(&object);
		if (used + object.used + 3 > PROCESSES_SIZE)
			break;
		used += (size_t)snprintf(out + used, PROCESSES_SIZE - used, "%s%s",
					 used > 1 ? "," : "", object.p);
	}
	snprintf(out + used, PROCESSES_SIZE - used, "]");
}

static void add_known(struct jsonout *out, const char *key, const char *value)
{
	if (value != NULL && value[0] != '\0')
		jsonout_string(out, key, span_of(value));
}

static void print_json_confined(const struct confine_command *c, struct jsonout *out,
				const struct confine_job *job, const struct confine_entry *e,
				const struct confine_progress *progress)
{
	static char processes[PROCESSES_SIZE];
	const struct confine_counts n = confine_count(e, progress);
	const struct confine_container *result = &job->containers[e->index];

	jsonout_string(out, "profile", span_of(e->profile));
	jsonout_string(out, "program_sha256", span_of(e->sha256));
	jsonout_bool(out, "complete", confine_is_complete(job, progress, e->index));
	jsonout_uint(out, "confined", n.confined);
	jsonout_uint(out, "had_it", n.had_it);
	jsonout_uint(out, "refused", n.refused);
	jsonout_uint(out, "killed", n.killed);
	jsonout_uint(out, "no_new_privs", n.no_new_privs);
	jsonout_bool(out, "frozen", result->frozen);
	if (!is_dry(c)) {
		jsonout_string(out, "exec", span_of(e->exec));
		add_known(out, "exec_why", e->exec_why);
	}
	add_known(out, "why", result->why);
	list_processes(e, progress, processes);
	jsonout_raw(out, "processes", span_of(processes));
}

static void print_json(const struct confine_command *c, const struct confine_job *job,
		       const struct confine_progress *progress)
{
	static const char *const plans[] = {"confine", "nothing", "exempt", "cannot"};
	static char buffer[PROCESSES_SIZE + 16384];

	for (size_t i = 0; i < c->n; i++) {
		const struct confine_entry *e = &c->entry[i];
		struct jsonout out;

		jsonout_begin(&out, buffer, sizeof(buffer));
		jsonout_string(&out, "id", span_of(e->container->id));
		add_known(&out, "namespace", e->name_space);
		add_known(&out, "pod", e->pod);
		add_known(&out, "container", e->name);
		jsonout_string(&out, "plan", span_of(plans[e->plan]));
		if (e->plan == PLAN_CONFINE)
			print_json_confined(c, &out, job, e, progress);
		else
			add_known(&out, "why", e->why);
		jsonout_end(&out);
		printf("%s\n", out.p);
	}
}

void confine_print(const struct confine_command *c, const struct confine_job *job,
		   const struct confine_progress *progress)
{
	(c->args->json ? print_json : print_text)(c, job, progress);
}
