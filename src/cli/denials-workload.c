/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/denials-workload.h"

#include "base/json-scan.h"
#include "base/number.h"
#include "node/container.h"
#include "node/record.h"

#include <stdio.h>
#include <sys/mman.h>

/* As for status: address space for a large node; only what is used becomes memory. */
#define LISTING_MEMORY (128U << 20)
#define JUDGE_MEMORY (40U << 20)
#define SCRATCH_SHARE 4

static char *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p != MAP_FAILED ? p : NULL;
}

/* ---- the table ---- */

static uint64_t hash_of(struct span id)
{
	uint64_t hash = hash_bytes(HASH_START, id.p, id.n);

	return hash + (hash == 0);
}

static struct denials_workload *find(const struct workloads *w, struct span id)
{
	uint64_t hash = hash_of(id);

	for (size_t i = 0; id.n > 0 && i < WORKLOADS; i++)
		if (w->hash[i] == hash && span_eq(id, span_of(w->entry[i].id)))
			return &w->entry[i];
	return NULL;
}

const struct denials_workload *workloads_find(const struct workloads *workloads, struct span id)
{
	return find(workloads, id);
}

static void copy(char *out, size_t size, struct span text)
{
	snprintf(out, size, "%.*s", (int)(text.n < size ? text.n : size - 1),
		 text.n > 0 ? text.p : "");
}
#define COPY(field, text) copy(field, sizeof(field), text)

/* The entry of a container, with nothing in it but its identifier; NULL: that is too long. */
static struct denials_workload *new_entry(struct workloads *w, struct span id)
{
	struct denials_workload *entry = find(w, id);

	if (id.n == 0 || id.n >= sizeof(entry->id))
		return NULL;
	if (entry == NULL) {
		entry = &w->entry[w->next];
		w->hash[w->next] = hash_of(id);
		w->next = (w->next + 1) % WORKLOADS;
	}
	memset(entry, 0, sizeof(*entry));
	COPY(entry->id, id);
	return entry;
}

/* ---- by its bundle ---- */

static void tell_nobody(void *ctx, const char *message)
{
	(void)ctx;
	(void)message;
}

static void take_verdict(struct denials_workload *entry, const struct verdict *v)
{
	const struct decision *d = &v->decision;
	bool is_ours = v->done_before || d->action == ACTION_INJECT;
	char profile[PATH_MAX];

	COPY(entry->engine, span_of(engine_name(v->identity.engine)));
	COPY(entry->name_space, v->identity.name_space);
	COPY(entry->pod, v->identity.pod);
	COPY(entry->container, v->identity.container);
	COPY(entry->image, v->identity.image);
	entry->sandbox = v->identity.sandbox;
	if (d->rules.rule != NULL)
		COPY(entry->rule, span_of(d->rules.rule->name));
	if (is_ours)
		COPY(entry->profile, span_of(decision_profile(d, profile, sizeof(profile))));
	if (is_ours && decision_has_flavor(d))
		COPY(entry->flavor, span_of(profile_flavor_name(d->flavor)));
	entry->caps = v->caps;
	entry->has_caps = d->finding != FINDING_INVALID;
}

/* Judge the configuration in entry->bundle, if it is still there. */
static void look_at_bundle(struct workloads *w, struct denials_workload *entry)
{
	const struct container container = {.id = entry->id, .bundle = entry->bundle};
	struct container_search place = {.root = "", .tell = tell_nobody};
	char path[PATH_MAX];
	struct verdict v;
	struct span text;
	struct error ignored;
	struct enforce_memory before = w->judge.memory;

	place.keep = &w->judge.memory.keep;
	if (entry->bundle[0] != '\0' &&
	    container_read_config(&container, &place, path, &text, &ignored) == 0) {
		cli_judge_text(&w->judge, path, text, text, &v);
		take_verdict(entry, &v);
	}
	w->judge.memory = before;
}

/* ---- what is announced ---- */

enum announced {
	ANNOUNCED_ID,
	ANNOUNCED_BUNDLE,
	ANNOUNCED_ENGINE,
	ANNOUNCED_NAMESPACE,
	ANNOUNCED_POD,
	ANNOUNCED_CONTAINER,
	ANNOUNCED_IMAGE,
	ANNOUNCED_PROFILE,
	ANNOUNCED_FLAVOR,
	ANNOUNCED_RULE,
	ANNOUNCED_EXEC,
	ANNOUNCED_TEXTS,
	ANNOUNCED_SANDBOX = ANNOUNCED_TEXTS,
	ANNOUNCED_PID,
};

struct announcement {
	struct span text[ANNOUNCED_TEXTS];
	bool sandbox;
	uint64_t pid;
	struct arena *arena;
};

static void seen(void *ctx, size_t field, const struct json_value *value)
{
	struct announcement *a = ctx;
	char *copied;

	if (field == ANNOUNCED_SANDBOX)
		a->sandbox = value->boolean;
	else if (field == ANNOUNCED_PID)
		a->pid = value->num;
	else if ((copied = arena_strdup(a->arena, value->str)) != NULL)
		a->text[field] = (struct span){copied, value->str.n};
}

/* By the names of the fields of a record. */
static const struct json_field announced_fields[] = {
	[ANNOUNCED_ID] = {"id", JSON_WANT_STRING},
	[ANNOUNCED_BUNDLE] = {"bundle", JSON_WANT_STRING},
	[ANNOUNCED_ENGINE] = {"engine", JSON_WANT_STRING},
	[ANNOUNCED_NAMESPACE] = {"namespace", JSON_WANT_STRING},
	[ANNOUNCED_POD] = {"pod", JSON_WANT_STRING},
	[ANNOUNCED_CONTAINER] = {"container", JSON_WANT_STRING},
	[ANNOUNCED_IMAGE] = {"image", JSON_WANT_STRING},
	[ANNOUNCED_PROFILE] = {"profile", JSON_WANT_STRING},
	[ANNOUNCED_FLAVOR] = {"flavor", JSON_WANT_STRING},
	[ANNOUNCED_RULE] = {"rule", JSON_WANT_STRING},
	[ANNOUNCED_EXEC] = {"exec_in", JSON_WANT_STRING},
	[ANNOUNCED_SANDBOX] = {"sandbox", JSON_WANT_BOOL},
	[ANNOUNCED_PID] = {"pid", JSON_WANT_UINT32},
};
static const struct json_schema announced_schema = {JSON_STRUCT, "announcement", announced_fields,
						    ARRAY_SIZE(announced_fields), .seen = seen};

/* What the record of the decision says counts; the names that it lacks, as they are read only where
 * a policy asks for them, come from the bundle. */
static void take_record(struct workloads *w, struct denials_workload *entry,
			const struct announcement *a)
{
	COPY(entry->bundle, a->text[ANNOUNCED_BUNDLE]);
	look_at_bundle(w, entry);
	if (entry->engine[0] == '\0')
		COPY(entry->engine, a->text[ANNOUNCED_ENGINE]);
	if (a->text[ANNOUNCED_NAMESPACE].n > 0)
		COPY(entry->name_space, a->text[ANNOUNCED_NAMESPACE]);
	if (a->text[ANNOUNCED_POD].n > 0)
		COPY(entry->pod, a->text[ANNOUNCED_POD]);
	if (a->text[ANNOUNCED_CONTAINER].n > 0)
		COPY(entry->container, a->text[ANNOUNCED_CONTAINER]);
	if (a->text[ANNOUNCED_IMAGE].n > 0)
		COPY(entry->image, a->text[ANNOUNCED_IMAGE]);
	COPY(entry->profile, a->text[ANNOUNCED_PROFILE]);
	COPY(entry->flavor, a->text[ANNOUNCED_FLAVOR]);
	COPY(entry->rule, a->text[ANNOUNCED_RULE]);
	entry->sandbox = a->sandbox;
}

static bool read_announcement(struct workloads *w, struct span text, struct announcement *ret)
{
	static const struct json_form form = {.root = &announced_schema, .own = true};
	struct announcement a = {.arena = &w->judge.memory.keep};
	struct error ignored;

	if (json_scan(text, &form, &w->judge.memory.scratch, &a, &ignored) < 0)
		return false;
	*ret = a;
	return true;
}

void workloads_note(struct workloads *w, struct span text)
{
	const struct enforce_memory before = w->judge.memory;
	struct denials_workload *entry;
	struct announcement a;

	if (read_announcement(w, text, &a) && find(w, a.text[ANNOUNCED_ID]) == NULL &&
	    (entry = new_entry(w, a.text[ANNOUNCED_ID])) != NULL) {
		a.text[ANNOUNCED_BUNDLE] = (struct span){0};
		/* A flavor's name is what it was held against for want of anything better. */
		if (a.text[ANNOUNCED_PROFILE].n > 0 &&
		    memchr(a.text[ANNOUNCED_PROFILE].p, '/', a.text[ANNOUNCED_PROFILE].n) == NULL)
			a.text[ANNOUNCED_PROFILE] = (struct span){0};
		take_record(w, entry, &a);
	}
	w->judge.memory = before;
}

struct span workloads_announced(struct workloads *w, struct span text, int64_t from,
				int64_t *ret_pid)
{
	const struct enforce_memory before = w->judge.memory;
	struct announcement a;
	struct denials_workload *entry = NULL;

	if (read_announcement(w, text, &a)) {
		if (a.text[ANNOUNCED_EXEC].n > 0)
			entry = find(w, a.text[ANNOUNCED_EXEC]);
		else
			entry = new_entry(w, a.text[ANNOUNCED_ID]);
		if (entry != NULL && a.text[ANNOUNCED_EXEC].n == 0)
			take_record(w, entry, &a);
	}
	w->judge.memory = before;
	if (entry == NULL)
		return (struct span){0};
	*ret_pid = a.pid > 0 ? (int64_t)a.pid : from;
	return span_of(entry->id);
}

/* ---- what runs ---- */

static void take_container(struct workloads *w, const struct container *c)
{
	struct denials_workload *entry = find(w, span_of(c->id));

	/* An identifier that somebody chose may come again for another container. */
	if (entry != NULL && (c->bundle == NULL || strcmp(entry->bundle, c->bundle) == 0))
		return;
	entry = new_entry(w, span_of(c->id));
	if (entry == NULL)
		return;
	COPY(entry->engine, span_of(engine_name(c->engine)));
	COPY(entry->bundle, span_of(c->bundle));
	look_at_bundle(w, entry);
}

void workloads_look(struct workloads *w, struct forks *forks)
{
	const struct container_search search = {
		.root = "", .keep = &w->keep, .scratch = &w->scratch, .tell = tell_nobody};
	struct container *list;
	struct error ignored;

	w->keep.used = w->scratch.used = 0;
	if (container_list(&search, &list, &ignored) == 0)
		for (const struct container *c = list; c != NULL; c = c->next) {
			take_container(w, c);
			forks_tell_group(forks, c->group, span_of(c->id));
			for (const struct process *p = c->processes; p != NULL; p = p->next)
				forks_tell(forks, p->pid, span_of(c->id));
		}
	/* It is needed seldom, and a node may have a hundred thousand processes. */
	madvise(w->keep.base, w->keep.size, MADV_DONTNEED);
	madvise(w->scratch.base, w->scratch.size, MADV_DONTNEED);
}

/* ---- the beginning, and words ---- */

static int begin_judge(struct workloads *w, struct error *err)
{
	char *memory = map(JUDGE_MEMORY);
	struct cli_judge *judge = &w->judge;

	if (memory == NULL)
		return error_system(err, errno);
	judge->memory.scratch = (struct arena){memory, JUDGE_MEMORY / SCRATCH_SHARE, 0};
	judge->memory.keep = (struct arena){memory + judge->memory.scratch.size,
					    JUDGE_MEMORY - judge->memory.scratch.size, 0};
	if (host_init(&judge->host, err) < 0)
		return -1;
	/* A policy that is broken stops starts; that denials are told does not depend on it. */
	if (host_policy_read(w->args->value[CLI_POLICY], &judge->memory, &judge->policy, err) < 0) {
		cli_warn(w->args, "denials: policy: %s: rules are not told", err->text);
		policy_defaults(&judge->policy);
	}
	/* What was injected is to be found again, and engines' own names are wanted. */
	judge->host.order = ENFORCE_AFTER_WRAPPER;
	judge->policy.log = LOG_TO_STDERR;
	return 0;
}

int workloads_begin(struct workloads *w, const struct cli_args *args, struct error *err)
{
	char *listing = map(LISTING_MEMORY);

	*w = (struct workloads){.args = args};
	w->entry = (struct denials_workload *)(void *)map(WORKLOADS * sizeof(*w->entry));
	w->hash = (uint64_t *)(void *)map(WORKLOADS * sizeof(*w->hash));
	if (listing == NULL || w->entry == NULL || w->hash == NULL)
		return error_system(err, errno);
	w->scratch = (struct arena){listing, LISTING_MEMORY / SCRATCH_SHARE, 0};
	w->keep = (struct arena){listing + w->scratch.size, LISTING_MEMORY - w->scratch.size, 0};
	return begin_judge(w, err);
}

const char *workload_text(const struct denials_workload *w, char out[WORKLOAD_TEXT_SIZE])
{
	const struct identity identity = {.id = span_of(w->id),
					  .name_space = span_of(w->name_space),
					  .pod = span_of(w->pod),
					  .container = span_of(w->container),
					  .sandbox = w->sandbox};
	char text[WORKLOAD_TEXT_SIZE], name[IDENTITY_NAME_SIZE];
	bool named = w->container[0] != '\0' || w->pod[0] != '\0';

	snprintf(text, sizeof(text), "%s%s%s%s%.12s%s%s", identity_name(&identity, name),
		 w->engine[0] != '\0' ? ", " : "", w->engine, named ? ", " : "", named ? w->id : "",
		 w->image[0] != '\0' ? ", " : "", w->image);
	return text_printable(span_of(text), out, WORKLOAD_TEXT_SIZE);
}
