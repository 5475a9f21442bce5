/* SPDX-License-Identifier: Apache-2.0 */
#include "node/record.h"

#include "base/jsonout.h"
#include "node/announce.h"
#include "node/host.h"
#include "node/metrics.h"
#include "node/record-sinks.h"
#include "policy/advice.h"
#include "semantics/warnings.h"

#include <limits.h>
#include <stdio.h>
#include <syslog.h>

/* ---- the sentence ---- */

static const struct {
	const char *level;
	int priority;
	const char *sentence; /* %s: the container, and what it has */
} actions[ACTIONS] = {
	[ACTION_KEEP] = {"info", LOG_INFO, "%s has %s seccomp profile: kept"},
	[ACTION_INJECT] = {"info", LOG_INFO, "%s has %s seccomp profile: injected one"},
	[ACTION_REFUSE] = {"error", LOG_ERR, "%s refused"},
	[ACTION_EXEMPT] = {"warning", LOG_WARNING, "%s has %s seccomp profile: exempt"},
	[ACTION_WOULD_INJECT] = {"warning", LOG_WARNING,
				 "%s has %s seccomp profile: would inject one"},
	[ACTION_WOULD_REFUSE] = {"warning", LOG_WARNING, "%s would be refused"},
};

static const char *const has[FINDINGS] = {
	[FINDING_ABSENT] = "no",         [FINDING_UNCONFINED] = "an unconfined",
	[FINDING_WEAK] = "a weak",       [FINDING_CONFINED] = "a confining",
	[FINDING_FOREIGN] = "a foreign", [FINDING_INVALID] = "an unreadable",
};

/* Should somebody look at this decision, whatever the action is? */
static bool is_noteworthy(const struct verdict *v)
{
	const struct decision *d = &v->decision;

	return v->identity.conflict != NULL || v->listener.p != NULL || d->rules.expired != NULL ||
	       d->rules.ending || d->reason == REASON_ANNOTATION_NOT_HONORED ||
	       d->reason == REASON_DISABLED;
}

static void append(char *out, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);
static void append(char *out, size_t size, const char *format, ...)
{
	size_t used = strlen(out);
	va_list args;

	va_start(args, format);
	vsnprintf(out + used, size - used, format, args);
	va_end(args);
}

static void append_rules(char *out, size_t size, const struct rule_choice *rules)
{
	if (rules->clock_unset)
		append(out, size,
		       "; rule \"%s\" does not apply, as the clock is before 2020 and the rule has "
		       "a date",
		       rules->expired->name);
	else if (rules->expired != NULL)
		append(out, size, "; rule \"%s\" expired on %s", rules->expired->name,
		       rules->expired->until);
	if (rules->ending)
		append(out, size, "; rule \"%s\" expires on %s", rules->rule->name,
		       rules->rule->until);
}

const char *record_message(const struct verdict *verdict, char *out, size_t size)
{
	const struct decision *d = &verdict->decision;
	char weakness[DECIDE_WEAKNESS_SIZE], name[IDENTITY_NAME_SIZE], end[ADVICE_SIZE];

	identity_name(&verdict->identity, name);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(out, size, actions[d->action].sentence, name, has[d->finding]);
#pragma GCC diagnostic pop
	if (verdict->why.text[0] != '\0')
		append(out, size, ": %s", verdict->why.text);
	else if (decision_is_weak(d))
		append(out, size, "; %s", decide_weakness(d, weakness, sizeof(weakness)));
	if (verdict->denied_call.p != NULL && verdict->profile.p != NULL)
		append(out, size,
		       "; all of %.*s is denied, as libseccomp makes something else of the rules "
		       "on it together with \"tighten\"",
		       SPAN_ARG(verdict->denied_call));
	if (verdict->listener.p != NULL)
		append(out, size,
		       "; the profile that it had names a listener, \"%.*s\", which is not called",
		       SPAN_ARG(verdict->listener));
	if (verdict->identity.conflict != NULL && d->reason != REASON_IDENTITY)
		append(out, size,
		       "; annotation \"%s\" contradicts others about whose container this is",
		       verdict->identity.conflict);
	append(out, size, "%s", advice(d, end));
	if (d->disabled != NULL)
		append(out, size, "; %s", d->disabled);
	append_rules(out, size, &d->rules);
	return out;
}

const char *record_time(const struct timespec *when, char out[RECORD_TIME_SIZE])
{
	size_t n = strlen(date_moment(when->tv_sec, out)) - 1;

	/* In the place of the Z. */
	snprintf(out + n, RECORD_TIME_SIZE - n, ".%06uZ",
		 (unsigned int)(when->tv_nsec / 1000) % 1000000);
	return out;
}

/* ---- the fields ---- */

static void add_string(struct record_fields *f, const char *key, struct span value)
{
	if (value.n > 0)
		f->field[f->n++] =
			(struct record_field){.key = key, .text = value, .kind = FIELD_STRING};
}

static void add_words(struct record_fields *f, const char *key, struct span value)
{
	add_string(f, key, value);
	if (value.n > 0)
		f->field[f->n - 1].kind = FIELD_WORDS;
}

static void add_uint(struct record_fields *f, const char *key, uint64_t value)
{
	f->field[f->n++] = (struct record_field){.key = key, .number = value, .kind = FIELD_UINT};
}

static void add_bool(struct record_fields *f, const char *key, bool value)
{
	f->field[f->n++] = (struct record_field){.key = key, .number = value, .kind = FIELD_BOOL};
}

static void add_identity(struct record_fields *f, const struct identity *id)
{
	add_string(f, "namespace", id->name_space);
	add_string(f, "pod", id->pod);
	add_string(f, "container", id->container);
	add_string(f, "image", id->image);
	if (id->sandbox)
		add_bool(f, "sandbox", true);
	add_string(f, "contradiction", span_of(id->conflict));
}

static void add_rules(struct record_fields *f, const struct rule_choice *rules)
{
	if (rules->rule != NULL) {
		add_string(f, "rule_reason", span_of(rules->rule->reason));
		add_string(f, "rule_owner", span_of(rules->rule->owner));
		add_string(f, "rule_until", span_of(rules->rule->until));
	}
	if (rules->expired != NULL)
		add_string(f, "expired_rule", span_of(rules->expired->name));
	if (rules->clock_unset)
		add_bool(f, "clock_unset", true);
}

/*
 * The fields that make a record useful. They come first, so that no text of a container can push
 * them out.
 */
static void add_decision(struct record_fields *f, const struct verdict *v, char profile[PATH_MAX])
{
	const struct decision *d = &v->decision;

	add_string(f, "finding", span_of(finding_name(d->finding)));
	add_string(f, "action", span_of(action_name(d->action)));
	add_string(f, "reason", span_of(reason_name(d->reason)));
	if (d->reason != REASON_POLICY)
		add_string(f, "mode", span_of(policy_mode_name(d->mode)));
	if (d->rules.rule != NULL)
		add_string(f, "rule", span_of(d->rules.rule->name));
	if (v->profile.p != NULL)
		add_string(f, "profile", span_of(decision_profile(d, profile, PATH_MAX)));
}

static void add_annotation(struct record_fields *f, const struct decision *d)
{
	if (d->annotation == NULL)
		return;
	add_string(f, "annotation", d->annotation->key);
	add_string(f, "annotation_value", d->annotation->value);
	add_bool(f, "annotation_honored", d->annotation_honored);
}

/* What a weak profile lets through, as much as a record has room for. */
static void add_weak(struct record_fields *f, const struct decision *d, char *names, size_t size)
{
	if (!decision_is_weak(d))
		return;
	syscall_set_names(&d->excess, RECORD_WEAK_SYSCALLS, " ", names, size);
	add_words(f, "weak_syscalls", span_of(names));
	add_uint(f, "weak_syscalls_total", syscall_set_count(&d->excess));
}

static void add_profile(struct record_fields *f, const struct record *r)
{
	const struct verdict *v = r->verdict;

	if (v->profile.p == NULL)
		return;
	if (decision_has_flavor(&v->decision))
		add_string(f, "flavor", span_of(profile_flavor_name(v->decision.flavor)));
	add_string(f, "profile_sha256", span_of(v->profile_sha256));
	add_string(f, "injector", span_of(r->injector));
	if (v->decision.denials == DENIALS_LOG && v->decision.mode != MODE_COMPLAIN)
		add_string(f, "denials",
			   span_of(policy_denials_name(v->logs_denials ? DENIALS_LOG
								       : DENIALS_SILENT)));
	if (v->ready)
		add_string(f, "filter", span_of(policy_filter_name(FILTER_READY)));
	if (r->injector != NULL && strcmp(r->injector, "live") == 0)
		/*
		 * A process that runc or crun adds by `exec` gets the filter that config.json named
		 * at create.
		 */
		add_string(f, "exec",
			   span_of(v->decision.finding == FINDING_WEAK || v->nri_part
					   ? "weak"
					   : "unconfined"));
}

static uint64_t microseconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)((now.tv_sec - start->tv_sec) * 1000000 +
			  (now.tv_nsec - start->tv_nsec) / 1000);
}

/* Texts that fields point to and nothing else keeps. */
struct made_texts {
	char message[4 * JSONOUT_MAX_STRING];
	char weak[RECORD_WEAK_SYSCALLS * (SYSCALL_MAX_NAME + 1)];
	char warnings[WARNINGS_TEXT_SIZE];
	char time[RECORD_TIME_SIZE];
	char bundle[PATH_MAX];
	char profile[PATH_MAX];
	char files[JSONOUT_MAX_STRING];
};

/* An absolute path, so that whoever reads the record can follow it. */
static struct span absolute(const char *path, char out[PATH_MAX])
{
	size_t n;

	if (path == NULL || path[0] == '/' || getcwd(out, PATH_MAX) == NULL)
		return span_of(path);
	n = strlen(out);
	if (strcmp(path, ".") != 0)
		snprintf(out + n, PATH_MAX - n, "/%s", path);
	return span_of(out);
}

static void collect(const struct record *r, const struct policy *policy, struct made_texts *made,
		    struct record_fields *f)
{
	const struct decision *d = &r->verdict->decision;
	bool raised = actions[d->action].priority > LOG_WARNING && is_noteworthy(r->verdict);
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	*f = (struct record_fields){.priority = raised ? LOG_WARNING : actions[d->action].priority};
	add_string(f, "time", span_of(record_time(&now, made->time)));
	add_string(f, "level", span_of(raised ? "warning" : actions[d->action].level));
	add_decision(f, r->verdict, made->profile);
	f->n_first = f->n;
	add_string(f, "msg",
		   span_of(record_message(r->verdict, made->message, sizeof(made->message))));
	add_string(f, "event", SPAN("decision"));
	add_string(f, "version", SPAN(PACKAGE_VERSION));
	add_string(f, "entry", span_of(r->entry));
	add_string(f, "stage", span_of(r->stage));
	add_string(f, "id", r->id != NULL ? span_of(r->id) : r->verdict->identity.id);
	add_string(f, "bundle", absolute(r->bundle, made->bundle));
	add_string(f, "engine", span_of(engine_name(r->verdict->identity.engine)));
	add_profile(f, r);
	if (d->privileged)
		add_bool(f, "privileged", true);
	add_weak(f, d, made->weak, sizeof(made->weak));
	add_words(f, "warnings", span_of(warnings_text(r->verdict->warnings, made->warnings)));
	add_uint(f, "duration_us", microseconds_since(&r->start));
	/* An empty list says that there was no file. */
	if (d->reason != REASON_POLICY)
		f->field[f->n++] =
			(struct record_field){.key = "policy_files",
					      .text = span_of(host_policy_files(
						      policy, made->files, sizeof(made->files))),
					      .kind = FIELD_WORDS};
	/* From here on: texts that can be as long as the author of the container likes. */
	add_identity(f, &r->verdict->identity);
	add_string(f, "listener", r->verdict->listener);
	add_rules(f, &d->rules);
	add_annotation(f, d);
}

/* ---- writing ---- */

static int count(const struct record *r, const char *path, struct error *err)
{
	const struct decision *d = &r->verdict->decision;
	const struct metrics_labels labels = {
		.action = action_name(d->action),
		.finding = finding_name(d->finding),
		.mode = policy_mode_name(d->mode),
		.name_space = r->verdict->identity.name_space,
	};

	return metrics_count(path, &labels, err);
}

/* Will there be records of what is denied, by what the policy says? */
static bool logs_denials(const struct record *r)
{
	const struct decision *d = &r->verdict->decision;

	return r->pid >= 0 && d->action != ACTION_REFUSE &&
	       (d->denials == DENIALS_LOG || d->mode == MODE_COMPLAIN);
}

static void tell_followers(const struct record *r, struct record_fields *fields)
{
	char text[RECORD_MAX_SIZE];

	if (r->pid > 0)
		add_uint(fields, "pid", (uint64_t)r->pid);
	announce(record_json(fields, text, sizeof(text)));
}

int record_write(const struct record *record, const struct policy *policy, struct error *err)
{
	bool tells = logs_denials(record);
	int sent;

	struct error not_counted;
	struct record_fields fields;
	struct made_texts made;
	int counted = policy->metrics != NULL ? count(record, policy->metrics, &not_counted) : 0;

	if (policy->log != LOG_TO_NONE || tells)
		collect(record, policy, &made, &fields);
	if (policy->log == LOG_TO_NONE) {
		sent = counted == 0 ? 0
				    : error_set(err, "decision not counted: %s", not_counted.text);
	} else {
		if (counted < 0)
			add_string(&fields, "metrics_error", span_of(not_counted.text));
		sent = record_send(&fields, policy, err);
	}
	if (tells)
		tell_followers(record, &fields);
	return sent;
}

int record_notice(int priority, const char *event, const char *message, const struct policy *policy,
		  struct error *err)
{
	struct record_fields f = {.priority = priority};
	char at[RECORD_TIME_SIZE];
	struct timespec now;

	if (policy->log == LOG_TO_NONE)
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	add_string(&f, "time", span_of(record_time(&now, at)));
	add_string(&f, "level",
		   span_of(priority >= LOG_INFO      ? "info"
			   : priority >= LOG_WARNING ? "warning"
						     : "error"));
	f.n_first = f.n;
	add_string(&f, "msg", span_of(message));
	add_string(&f, "event", span_of(event));
	add_string(&f, "version", SPAN(PACKAGE_VERSION));
	return record_send(&f, policy, err);
}

static void add_counts(struct record_fields *f, const struct record_confine *r)
{
	add_uint(f, "confined", r->confined);
	add_uint(f, "had_it", r->had_it);
	add_uint(f, "refused", r->refused);
	add_uint(f, "killed", r->killed);
	add_uint(f, "no_new_privs", r->no_new_privs);
}

int record_write_confine(const struct record_confine *r, const struct policy *policy,
			 struct error *err)
{
	bool whole = r->complete && r->killed == 0;
	struct record_fields f = {.priority = whole ? LOG_NOTICE : LOG_WARNING};
	char message[JSONOUT_MAX_STRING], when[RECORD_TIME_SIZE], name[IDENTITY_NAME_SIZE];
	const struct identity identity = {.id = span_of(r->id),
					  .name_space = span_of(r->name_space),
					  .pod = span_of(r->pod),
					  .container = span_of(r->container)};
	struct timespec now;

	if (policy->log == LOG_TO_NONE)
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(message, sizeof(message), "%s, which runs, got a filter: %zu of %zu processes%s%s",
		 identity_name(&identity, name), r->confined + r->had_it,
		 r->confined + r->had_it + r->refused, r->why[0] != '\0' ? "; " : "", r->why);
	add_string(&f, "time", span_of(record_time(&now, when)));
	add_string(&f, "level", whole ? SPAN("info") : SPAN("warning"));
	add_string(&f, "event", SPAN("confine"));
	add_string(&f, "id", span_of(r->id));
	add_string(&f, "profile", span_of(r->profile));
	add_words(&f, "tighten", span_of(r->tighten));
	add_bool(&f, "complete", r->complete);
	f.n_first = f.n;
	add_string(&f, "msg", span_of(message));
	add_counts(&f, r);
	add_string(&f, "exec", span_of(r->exec));
	add_string(&f, "program_sha256", span_of(r->sha256));
	add_string(&f, "version", SPAN(PACKAGE_VERSION));
	add_string(&f, "entry", SPAN("cli"));
	add_string(&f, "bundle", span_of(r->bundle));
	add_string(&f, "engine", span_of(r->engine));
	add_string(&f, "namespace", span_of(r->name_space));
	add_string(&f, "pod", span_of(r->pod));
	add_string(&f, "container", span_of(r->container));
	add_string(&f, "image", span_of(r->image));
	return record_send(&f, policy, err);
}
