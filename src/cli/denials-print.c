/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/denials-print.h"

#include "base/jsonout.h"
#include "filter/filter.h"
#include "semantics/known-programs.h"

#include <inttypes.h>
#include <stdio.h>

#define NAME_SHOWN DENIALS_NAME_SIZE
#define TIME_SIZE DENIALS_TIME_SIZE
#define REASON_SIZE DENIALS_ALLOW_SIZE

/* ---- words ---- */

/* "" where there is no time. */
static const char *time_text(uint64_t ms, char out[TIME_SIZE])
{
	out[0] = '\0';
	return ms > 0 ? date_moment((int64_t)(ms / 1000), out) : out;
}

/* "ERRNO", or of strace "EPERM" */
static const char *answer_text(const struct denial *d)
{
	if (d->line.error != 0)
		return errno_name(d->line.error);
	if (!d->line.has_code)
		return "?";
	return oci_action_name(auditline_action(d->line.code)) + strlen("SCMP_ACT_");
}

/* The arguments as far as each record has the same. */
static void arguments_text(const struct denial *d, char *out, size_t size)
{
	size_t used = 0;
	unsigned int known = 32 - (unsigned int)__builtin_clz(d->line.has_args | 1);

	out[0] = '\0';
	for (unsigned int i = 0; i < known && d->line.has_args != 0; i++) {
		used += (size_t)snprintf(out + used, size - used, i == 0 ? "" : ", ");
		if ((d->line.has_args >> i & 1) != 0)
			used += (size_t)snprintf(out + used, size - used, "0x%" PRIx64,
						 d->line.args[i]);
		else
			used += (size_t)snprintf(out + used, size - used, "-");
	}
}

/* "mount", "x86 mount", "clone(0x10000011)", "462" */
static void call_text(const struct denial *d, enum abi own, char *out, size_t size)
{
	char args[OCI_MAX_ARGS * 24];
	size_t used = 0;

	arguments_text(d, args, sizeof(args));
	if (d->line.abi != own)
		used = (size_t)snprintf(out, size, "%s ", abi_infos[d->line.abi].name);
	if (d->call.n > 0)
		used += (size_t)snprintf(out + used, size - used, "%.*s", SPAN_ARG(d->call));
	else
		used += (size_t)snprintf(out + used, size - used, "%" PRId64, d->line.number);
	if (args[0] != '\0')
		snprintf(out + used, size - used, "(%s)", args);
}

static const char *program_text(const struct denial *d, char out[NAME_SHOWN])
{
	return auditline_name(&d->line, d->line.exe.n > 0 ? d->line.exe : d->line.comm, out,
			      NAME_SHOWN);
}

/* ---- one entry ---- */

/* What is known of a denial when it is told. */
struct telling {
	const struct denials_form *form;
	const struct denial *denial;
	const struct denials_workload *workload; /* NULL: not known */
	const struct denials_profile *profile;
	const struct known_program *known; /* NULL: nothing is known of this program */
	struct allows allows;
};

/* The profile is the one that the container runs with: what it does not deny, nobody but the
 * program itself can have. */
static const char *whose_else(const struct telling *t)
{
	return t->profile->is_made ? "a filter of the program's own"
				   : "another profile, or a filter of the program's own";
}

static const char *profile_text(const struct telling *t, char out[NAME_SHOWN])
{
	if (t->profile->is_made && t->profile->source.is_config) {
		snprintf(out, NAME_SHOWN, "its profile");
		return out;
	}
	return text_printable(span_of(t->profile->source.name), out, NAME_SHOWN);
}

/* What the profile says, and what would have it say otherwise. */
static void allows_text(const struct telling *t, char out[REASON_SIZE])
{
	const struct denial *d = t->denial;
	const struct allows *a = &t->allows;
	char caps[ALLOWS_CAPS_SIZE], profile[NAME_SHOWN], version[FILTER_VERSION_SIZE];

	profile_text(t, profile);
	allows_caps_text(a->caps, " or ", caps);
	if (d->call.n == 0)
		snprintf(out, REASON_SIZE,
			 "no call of that number is known: no profile can name it");
	else if (a->unknown_here)
		snprintf(out, REASON_SIZE,
			 "libseccomp %s does not know the name, so runtimes leave out any rule on "
			 "it: only a newer library or no profile would allow it",
			 filter_library_version(version));
	else if (a->verdict == ALLOWS_ALL)
		snprintf(out, REASON_SIZE, "%s allows it: %s", profile, whose_else(t));
	else if (allows_by_another(&t->allows, &t->denial->line))
		snprintf(out, REASON_SIZE, "%s answers it with %s: %s", profile,
			 oci_action_name(a->denied.action) + strlen("SCMP_ACT_"), whose_else(t));
	else if (a->caps != 0)
		snprintf(out, REASON_SIZE, "%s allows it with %s", profile, caps);
	else if (t->profile->source.is_config)
		snprintf(out, REASON_SIZE, "a rule in the container's own profile would allow it");
	else
		snprintf(out, REASON_SIZE,
			 "no capability makes %s allow it: only a rule of a profile of its own",
			 profile);
	if (a->verdict == ALLOWS_SOME && d->call.n > 0 && !a->unknown_here) {
		size_t n = strlen(out);

		snprintf(out + n, REASON_SIZE - n, "; as it is, only where %s", a->cases);
	}
}

static bool fails_anyway(const struct telling *t)
{
	const struct denials_profile *p = t->profile;

	return denial_fails_anyway(t->denial, p->source.has_caps ? p->source.caps : p->target.caps);
}

/* ---- for people ---- */

/* Red: it did not happen. Yellow: it did. */
static const char *color_of(const struct telling *t)
{
	if (!t->form->color)
		return "";
	return denial_was_let_through(t->denial) ? "\033[33m" : "\033[31m";
}

/* "runtime/default of containerd, by rule "legacy" of the policy" */
static void print_profile(const struct denials_workload *w)
{
	char text[sizeof(w->profile) + sizeof(w->flavor) + sizeof(w->rule) + 64], shown[NAME_SHOWN];
	bool ruled = w->rule[0] != '\0';

	snprintf(text, sizeof(text), "%s%s%s%s%s%s",
		 w->profile[0] != '\0' ? w->profile : "a profile of its own",
		 w->flavor[0] != '\0' ? " of " : "", w->flavor, ruled ? ", by rule \"" : "",
		 w->rule, ruled ? "\" of the policy" : "");
	printf("         with %s\n", text_printable(span_of(text), shown, sizeof(shown)));
}

static void print_workload(const struct telling *t)
{
	char name[WORKLOAD_TEXT_SIZE];

	if (t->workload != NULL)
		printf("         in %s\n", workload_text(t->workload, name));
	else if (t->denial->container.n > 0)
		printf("         in container %s\n",
		       text_printable(t->denial->container, name, sizeof(name)));
	else if (t->form->follows)
		printf("         in no container that is known\n");
	if (t->workload != NULL && (t->workload->has_caps || t->workload->profile[0] != '\0'))
		print_profile(t->workload);
}

static void print_text(const struct telling *t)
{
	const struct denial *d = t->denial;
	char call[DENIALS_CALL_SIZE], name[NAME_SHOWN], when[TIME_SIZE], reason[REASON_SIZE];
	const char *color = color_of(t);

	call_text(d, t->form->own, call, sizeof(call));
	allows_text(t, reason);
	printf("%7" PRIu64 "  %s%-12s%s  %-20s  %-20s  %s\n", denial_count(d), color,
	       answer_text(d), color[0] != '\0' ? "\033[0m" : "", call, time_text(d->last_ms, when),
	       program_text(d, name));
	print_workload(t);
	if (d->cause != NULL) {
		printf("         follows from %.*s, which was let through; ",
		       SPAN_ARG(d->cause->call));
		printf("%s\n", reason);
		return;
	}
	printf("         %s\n", reason);
	if (fails_anyway(t))
		printf("         the kernel itself asks for %s, which the container lacks: fails "
		       "without seccomp, too\n",
		       d->habit->needs);
	if (t->known != NULL)
		printf("         %s is known to %s: %s\n", t->known->name,
		       t->known->fails ? "fail without it" : "do without it", t->known->note);
	else if (d->habit != NULL && d->habit->without != NULL)
		printf("         done without by %s\n", d->habit->without);
}

/* ---- for programs ---- */

static void add_text(struct jsonout *out, const char *key, const char *text)
{
	if (text[0] != '\0')
		jsonout_string(out, key, span_of(text));
}

/* By the names that records of decisions have for the same. */
static void add_workload(struct jsonout *out, const struct telling *t)
{
	const struct denials_workload *w = t->workload;

	if (t->denial->container.n > 0)
		jsonout_string(out, "id", t->denial->container);
	if (w == NULL)
		return;
	add_text(out, "engine", w->engine);
	add_text(out, "namespace", w->name_space);
	add_text(out, "pod", w->pod);
	add_text(out, "container", w->container);
	add_text(out, "image", w->image);
	if (w->sandbox)
		jsonout_bool(out, "sandbox", true);
	add_text(out, "rule", w->rule);
}

static void add_record(struct jsonout *out, const struct denial *d)
{
	char text[ALLOWS_CAPS_SIZE];

	jsonout_uint(out, "count", denial_count(d));
	if (d->last_ms > 0) {
		jsonout_string(out, "first", span_of(time_text(d->first_ms, text)));
		jsonout_string(out, "last", span_of(time_text(d->last_ms, text)));
	}
	if (d->last_pid >= 0)
		jsonout_uint(out, "pid", (uint64_t)d->last_pid);
	if (d->line.exe.n > 0)
		jsonout_string(out, "exe",
			       span_of(auditline_name(&d->line, d->line.exe, text, sizeof(text))));
	if (d->line.comm.n > 0)
		jsonout_string(out, "comm",
			       span_of(auditline_name(&d->line, d->line.comm, text, sizeof(text))));
	jsonout_string(out, "arch", span_of(abi_infos[d->line.abi].name));
	jsonout_string(out, "syscall", d->call);
	jsonout_uint(out, "number", (uint64_t)d->line.number);
	arguments_text(d, text, sizeof(text));
	add_text(out, "arguments", text);
	jsonout_string(out, d->line.error != 0 ? "errno" : "action",
		       span_of(d->line.error != 0 ? answer_text(d)
			       : d->line.has_code ? oci_action_name(auditline_action(d->line.code))
						  : ""));
}

static void add_advice(struct jsonout *out, const struct telling *t)
{
	static const char *const verdicts[] = {"allowed", "by arguments", "denied"};
	const struct denial *d = t->denial;
	char text[ALLOWS_CAPS_SIZE], reason[REASON_SIZE];

	jsonout_string(out, "verdict", span_of(verdicts[t->allows.verdict]));
	if (t->allows.caps != 0)
		jsonout_words(out, "capabilities",
			      span_of(allows_caps_text(t->allows.caps, " ", text)));
	allows_text(t, reason);
	jsonout_string(out, "allow", span_of(reason));
	if (t->allows.unknown_here)
		jsonout_bool(out, "unknown_to_libseccomp", true);
	add_text(out, "cases", t->allows.cases);
	if (allows_by_another(&t->allows, &t->denial->line))
		jsonout_bool(out, "other_filter", true);
	if (d->cause != NULL)
		jsonout_string(out, "follows_from", d->cause->call);
	if (fails_anyway(t))
		jsonout_string(out, "needs", span_of(d->habit->needs));
	if (d->habit != NULL && d->habit->without != NULL)
		jsonout_string(out, "done_without_by", span_of(d->habit->without));
	if (t->known != NULL) {
		jsonout_string(out, "known",
			       t->known->fails ? SPAN("fails") : SPAN("does without"));
		jsonout_string(out, "known_note", span_of(t->known->note));
	}
	if (denial_is_habit(d))
		jsonout_bool(out, "habit", true);
}

static void print_json(const struct telling *t)
{
	const struct denials_workload *w = t->workload;
	char buffer[12288];
	struct jsonout out;

	jsonout_begin(&out, buffer, sizeof(buffer));
	add_record(&out, t->denial);
	add_workload(&out, t);
	add_text(&out, "profile",
		 w != NULL && w->profile[0] != '\0' ? w->profile : t->profile->source.name);
	if (w != NULL)
		add_text(&out, "flavor", w->flavor);
	add_advice(&out, t);
	jsonout_end(&out);
	printf("%s\n", out.p);
}

/* ---- all of them ---- */

/* What is known of it. */
static int look_at(struct denials_form *form, const struct denial *d, struct telling *ret_telling,
		   struct error *err)
{
	struct allows_call call = {d->line.abi, d->line.number, {0}, d->line.has_args};
	struct telling *t = ret_telling;
	struct denials_profile *profile;
	char name[NAME_SHOWN];

	*t = (struct telling){.form = form, .denial = d};
	if (form->workloads != NULL)
		t->workload = workloads_find(form->workloads, d->container);
	/* What the command line names counts for all. */
	profile = denials_profile_of(form->profile,
				     form->args->value[CLI_PROFILE] == NULL ? t->workload : NULL);
	t->profile = profile;
	t->known = known_program(span_of(program_text(d, name)), d->call);
	memcpy(call.args, d->line.args, sizeof(call.args));
	return denials_profile_allows(profile, &call, &t->allows, err);
}

int denials_row(struct denials_form *form, const struct denial *d, struct denials_row *ret_row,
		struct error *err)
{
	struct telling t;
	char name[NAME_SHOWN];

	if (look_at(form, d, &t, err) < 0)
		return -1;
	ret_row->count = denial_count(d);
	ret_row->answer = answer_text(d);
	call_text(d, form->own, ret_row->call, sizeof(ret_row->call));
	time_text(d->last_ms, ret_row->last);
	snprintf(ret_row->program, sizeof(ret_row->program), "%s", program_text(d, name));
	allows_text(&t, ret_row->allow);
	ret_row->where[0] = '\0';
	if (t.workload != NULL)
		workload_text(t.workload, ret_row->where);
	else if (d->container.n > 0)
		text_printable(d->container, ret_row->where, sizeof(ret_row->where));
	return 0;
}

int denials_print_one(struct denials_form *form, const struct denial *d, struct error *err)
{
	struct telling telling;

	if (look_at(form, d, &telling, err) < 0)
		return -1;
	if (form->args->json)
		print_json(&telling);
	else
		print_text(&telling);
	return 0;
}

void denials_print_head(const struct denials_form *form)
{
	if (!form->args->json)
		printf("%7s  %-12s  %-20s  %-20s  %s\n", "COUNT", "KERNEL", "CALL", "LAST",
		       "PROGRAM");
}

static void print_rest(const struct denials *denials, const struct denials_form *f, uint64_t habits)
{
	if (habits > 0 && !f->args->json)
		printf("%7" PRIu64
		       "  of clone3 are left out, which glibc tries and does without; --all "
		       "tells them\n",
		       habits);
	if (f->lost > 0)
		cli_warn(f->args,
			 "the kernel left %" PRIu64
			 " audit records out of its log: these counts are lower bounds",
			 f->lost);
	if (denials->beyond > 0)
		cli_warn(f->args,
			 "there is no room for more programs and calls: %" PRIu64
			 " records are in none of these counts",
			 denials->beyond);
	if (denials->forgets)
		cli_warn(f->args, "too many records to tell whether one was there twice: these "
				  "counts are upper bounds");
}

/* Where the kernel's counts and those of another text overlap nothing may be left. */
bool denials_is_told(const struct denials_form *f, const struct denial *d)
{
	return denial_count(d) > 0 && (!denial_is_habit(d) || f->all || f->args->json);
}

/* What follows from a call is told below it, in text. */
static int print_effects(struct denials_form *form, const struct denial *cause, struct error *err)
{
	for (const struct denial *d = cause->effects; d != NULL; d = d->next_effect)
		if (denials_is_told(form, d) && denials_print_one(form, d, err) < 0)
			return -1;
	return 0;
}

int denials_print(const struct denials *denials, struct denials_form *form, struct error *err)
{
	uint64_t habits = 0;
	bool begun = false;

	for (const struct denial *d = denials->first; d != NULL; d = d->next) {
		if (!denials_is_told(form, d)) {
			habits += denial_count(d);
			continue;
		}
		if (d->cause != NULL && !form->args->json)
			continue;
		if (!begun)
			denials_print_head(form);
		begun = true;
		if (denials_print_one(form, d, err) < 0 ||
		    (!form->args->json && print_effects(form, d, err) < 0))
			return -1;
	}
	print_rest(denials, form, habits);
	return 0;
}
