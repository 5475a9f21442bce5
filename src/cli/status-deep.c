/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard status --deep: the programs themselves, read back and recognized. */
#include "cli/status.h"

#include "base/number.h"
#include "base/strbuf.h"
#include "cli/recognize.h"
#include "node/program-read.h"

#include <stdio.h>

/* Different programs that are looked at in one container, and the steps that comparing them may
 * take, about half a second: who loads them to keep us busy gets no further. Browsers in containers
 * load a handful. */
#define DIFFERENT_MAX 32
#define BUDGET 100000000UL

/* ---- each program once ---- */

struct seen {
	char key[SHA256_HEX_SIZE];
	struct recognition recognition;
	struct seen *next;
};

/* All that the recognition depends on. */
static void make_key(const struct recognize_case *job, const struct paths_code *code,
		     char ret_key[SHA256_HEX_SIZE])
{
	struct {
		size_t n;
		uint64_t bounding;
		enum profile_flavor flavor;
		enum model_runtime runtime;
	} rest = {0};
	unsigned char digest[SHA256_SIZE];
	struct sha256 hash;

	memset(&rest, 0, sizeof(rest));
	rest.n = code->n;
	rest.bounding = job->config->bounding;
	rest.flavor = job->flavor;
	rest.runtime = job->runtime;
	sha256_init(&hash);
	sha256_update(&hash, (struct span){(const char *)&rest, sizeof(rest)});
	sha256_update(&hash,
		      (struct span){(const char *)code->insns, code->n * sizeof(*code->insns)});
	sha256_update(&hash, (struct span){(const char *)&job->config->seccomp.n,
					   sizeof(job->config->seccomp.n)});
	if (job->config->seccomp.n > 0)
		sha256_update(&hash, job->config->seccomp);
	if (job->profile.n > 0)
		sha256_update(&hash, job->profile);
	sha256_final(&hash, digest);
	number_hex(digest, sizeof(digest), ret_key);
}

/* The container whose filters are looked at. */
struct look {
	const struct recognize_case *job;
	const struct status_deep *deep;
	size_t left; /* programs that may still be looked at */
};

static const struct recognition *recognize_once(struct look *look, const struct paths_code *code)
{
	static const struct recognition unknown = {.text = "not looked at: too many different ones",
						   .is_comparable = true};
	const struct recognize_case *job = look->job;
	const struct status_deep *deep = look->deep;
	static struct seen *list;
	char key[SHA256_HEX_SIZE];
	struct seen *seen;

	make_key(job, code, key);
	for (seen = list; seen != NULL; seen = seen->next)
		if (strcmp(seen->key, key) == 0)
			return &seen->recognition;
	seen = look->left > 0 ? arena_alloc(deep->keep, sizeof(*seen)) : NULL;
	if (seen == NULL)
		return &unknown;
	look->left--;
	memcpy(seen->key, key, sizeof(key));
	recognize(job, code, &deep->judge->memory, &seen->recognition);
	seen->next = list;
	list = seen;
	return &seen->recognition;
}

/* ---- one process ---- */

/* What was found of the filters of one process, together. */
struct found {
	bool config, policy, is_comparable;
};

/* `times` of them, one behind the other. */
static void add_filters(struct strbuf *text, const struct recognition *r, size_t times)
{
	strbuf_printf(text, "%s%s", text->n > 0 ? "; " : "", r->text);
	if (times > 1)
		strbuf_printf(text, " (%zu times)", times);
}

static void describe(const struct program_list *programs, struct look *look,
		     struct status_filters *filters, struct found *found)
{
	struct strbuf text = {.arena = look->deep->keep};
	const struct recognition *last = NULL;
	size_t times = 0;
	const struct sock_filter *insns = programs->insns;
	struct error err;
	struct span all;

	for (size_t i = 0; i < programs->n; i++) {
		const struct paths_code code = {insns, programs->n_insns[i]};
		const struct recognition *r = recognize_once(look, &code);

		if (last != NULL && strcmp(last->text, r->text) != 0) {
			add_filters(&text, last, times);
			times = 0;
		}
		last = r;
		times++;
		found->config = found->config || r->what == RECOGNIZED_CONFIG;
		found->policy = found->policy || r->what == RECOGNIZED_POLICY;
		found->is_comparable = found->is_comparable || r->is_comparable;
		insns += programs->n_insns[i];
	}
	if (last != NULL)
		add_filters(&text, last, times);
	else
		strbuf_printf(&text, "none");
	filters->text = strbuf_end(&text, &all, &err) == 0 ? all.p : "";
	filters->stopped_us = programs->stopped_ns / 1000;
}

/* Is it confined by what the container was to be confined by? */
static bool is_as_wanted(const struct status_entry *e, const struct found *found)
{
	if (found->policy ||
	    (found->config && e->finding != FINDING_ABSENT && e->finding != FINDING_UNCONFINED))
		return true;
	/* Nobody can tell. */
	return e->action == ACTION_KEEP && !found->is_comparable;
}

static void look_at_process(struct status_entry *e, const struct process *process,
			    struct look *look)
{
	const struct status_deep *deep = look->deep;
	struct status_filters *filters = arena_alloc(deep->keep, sizeof(*filters));
	const struct program_list *programs;
	struct found found = {0};
	struct error err;
	char message[600];

	if (filters == NULL)
		return;
	*filters = (struct status_filters){.process = process, .next = e->filters};
	if (program_read(process->tid, &programs, &err) == 0) {
		describe(programs, look, filters, &found);
		e->differs = e->differs || (e->judged && !is_as_wanted(e, &found));
		e->filters = filters;
		return;
	}
	if (err.code == ESRCH)
		return;
	snprintf(message, sizeof(message), "the filters of process %d in %s: %s", (int)process->pid,
		 e->container->id, err.text);
	deep->tell(deep->ctx, message);
}

void status_look_deep(struct status_entry *e, const struct status_deep *deep)
{
	struct enforce_memory *memory = &deep->judge->memory;
	struct ociconfig config = {.bounding = e->container->init->bounding};
	const char *runtime = e->container->runtime;
	struct recognize_case job = {.config = &config,
				     .arch = deep->judge->host.arch,
				     .kernel = deep->judge->host.kernel,
				     .runtime = runtime != NULL && strcmp(runtime, "crun") == 0
							? MODEL_CRUN
							: MODEL_RUNC};
	struct look look = {&job, deep, DIFFERENT_MAX};
	struct error err;

	if (deep->verdict != NULL) {
		job.profile = deep->verdict->profile;
		job.flavor = deep->verdict->decision.flavor;
		/* One that cannot be read has been judged invalid. */
		if (ociconfig_read(deep->config, &memory->keep, &memory->scratch, &config, &err) <
		    0)
			config = (struct ociconfig){.bounding = e->container->init->bounding};
	}
	for (const struct process *p = e->container->processes; p != NULL; p = p->next)
		if (p->seccomp != 0)
			look_at_process(e, p, &look);
	if (e->state == STATUS_CONFINED && e->differs)
		e->state = STATUS_WEAK;
}
