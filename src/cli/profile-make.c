/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/profile-make.h"

#include "cli/lint-profile.h"
#include "filter/filter.h"
#include "profile/profile-file.h"

/*
 * Does the kernel take the filter that a runtime would make of `profile`? Asked of libseccomp,
 * which knows this machine's architecture and nothing of who listens to SCMP_ACT_NOTIFY.
 */
static int check_filter(const struct profile_make *m, const struct seccomp_profile *profile,
			struct error *err)
{
	struct program_request request = {.profile = profile, .runtime = MODEL_RUNC};

	if (m->target.arch != m->host_arch || profile->has_listener ||
	    abi_of_arch(m->host_arch, &request.native) < 0)
		return 0;
	return filter_check(&request, err);
}

/* Of a flavor that was changed the changes are meant, and places in its text mean nothing. */
static void warn_of(void *ctx, const struct lint_finding *f)
{
	const struct profile_make *m = ctx;
	const enum lint_rule_id rule = (enum lint_rule_id)(f->rule - lint_rules);

	if (m->is_file)
		cli_warn(m->args, "%s:%zu:%zu: %s [%s]", m->name, f->line, f->column, f->text,
			 f->rule->id);
	else if (rule == LINT_NO_START || rule == LINT_HARD_START || rule == LINT_C_LIBRARY ||
		 rule == LINT_RESTRICTS_NOTHING)
		cli_warn(m->args, "%s: %s", m->name, f->text);
}

/* What is valid and hardly meant. */
static void warn(const struct profile_make *m, const struct profilefile *file, struct span text,
		 struct enforce_memory *memory)
{
	const struct cli_doubts doubts = cli_doubts_about(&file->profile, false, &memory->keep);
	const struct cli_lint_profile lint = {.text = text,
					      .target = &m->target,
					      .keep = &memory->keep,
					      .tell = warn_of,
					      .ctx = (void *)m};
	char version[FILTER_VERSION_SIZE];

	cli_lint_profile(&lint);
	/* What a flavor names beyond the library is known, and no mistake. */
	if (doubts.unknown.n > 0 && m->is_file)
		cli_warn(m->args, "%s: libseccomp %s does not know: %.*s", m->name,
			 filter_library_version(version), (int)doubts.unknown.n, doubts.unknown.p);
}

static void warn_edits(const struct profile_make *m)
{
	char version[FILTER_VERSION_SIZE];

	for (const struct profile_edit *e = cli_edits_first(m->edits); e != NULL; e = e->next)
		if (e->allow && !filter_knows_syscall(e->call.name))
			cli_warn(m->args,
				 "libseccomp %s does not know %.*s: runtimes leave the rule out",
				 filter_library_version(version), SPAN_ARG(e->call.name));
}

/* The text as it is, and as the edits have it; resolved. */
static int resolve(const struct profile_make *m, struct enforce_memory *memory,
		   struct span *ret_text, struct profilefile *ret_file, struct error *err)
{
	struct profilefile_request request = {
		.text = m->text,
		.target = &m->target,
		.keep = &memory->keep,
		.scratch = &memory->scratch,
		.tighten = m->tighten,
	};

	if (profilefile_resolve(&request, ret_file, err) < 0)
		return host_error_in(m->name, request.text, err);
	if (m->edits->n > 0 && (profile_edit(&request.text, cli_edits_first(m->edits),
					     &memory->keep, &memory->scratch, err) < 0 ||
				profilefile_resolve(&request, ret_file, err) < 0))
		return error_prefix(err, "%s, as changed", m->name);
	if (check_filter(m, &ret_file->profile, err) < 0)
		return error_prefix(err, "%s", m->name);
	*ret_text = request.text;
	return 0;
}

int profile_make(const struct profile_make *m, struct enforce_memory *memory, struct error *err)
{
	const struct profile_edit *first = cli_edits_first(m->edits);
	struct profile_form form = m->form;
	struct profilefile file;
	struct span text;

	if (resolve(m, memory, &text, &file, err) < 0)
		return -1;
	if (m->is_file || m->edits->n > 0)
		warn(m, &file, text, memory);
	warn_edits(m);
	if (form.format == PROFILE_FORMAT_MOBY) {
		profile_print_text(text);
		return 0;
	}
	if (profilefile_name_abi(&file.profile, m->target.arch, &memory->keep, err) < 0)
		return -1;
	form.comments = first != NULL ? &first->call : NULL;
	return profile_print(&file.profile, &form, memory, err);
}
