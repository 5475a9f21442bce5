/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/profile-make.h"

#include "cli/slips.h"
#include "filter/filter.h"
#include "profile/profile-file.h"
#include "semantics/startup.h"

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

static void warn_of_slip(void *ctx, const char *slip)
{
	const struct profile_make *m = ctx;

	cli_warn(m->args, "%s:%s", m->name, slip);
}

/* What is valid and hardly meant. */
static void warn(const struct profile_make *m, const struct profilefile *file,
		 struct enforce_memory *memory)
{
	const struct cli_doubts doubts = cli_doubts_about(&file->profile, false, &memory->keep);
	char text[STARTUP_TEXT_SIZE], version[FILTER_VERSION_SIZE];
	struct startup startup;
	struct error ignored;
	enum abi native;

	if (!file->restricts)
		cli_warn(m->args,
			 "%s: restricts nothing: seccomp-guard takes a container with it for "
			 "unconfined, and refuses one that a policy gives it",
			 m->name);
	if (m->is_file)
		cli_slips(m->text, &m->target, memory, warn_of_slip, (void *)(uintptr_t)m);
	/* What a flavor names beyond the library is known, and no mistake. */
	if (doubts.unknown.n > 0 && m->is_file)
		cli_warn(m->args, "%s: libseccomp %s does not know: %.*s", m->name,
			 filter_library_version(version), (int)doubts.unknown.n, doubts.unknown.p);
	if (abi_of_arch(m->target.arch, &native) < 0 ||
	    startup_check(&file->profile, native, &memory->scratch, &startup, &ignored) < 0)
		return;
	startup_text(&startup, text);
	if (text[0] != '\0')
		cli_warn(m->args, "%s: %s", m->name, text);
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
	if (m->edits->n > 0 && (profile_edit(request.text, cli_edits_first(m->edits), &memory->keep,
					     &memory->scratch, &request.text, err) < 0 ||
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
		warn(m, &file, memory);
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
