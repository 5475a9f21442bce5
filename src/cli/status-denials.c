/* SPDX-License-Identifier: Apache-2.0 */
/* The denials on the page of status --html: what `denials` tells of a log. */
#include "cli/denials-print.h"
#include "cli/denials-read.h"
#include "cli/status.h"

/* One program in a loop can make any number of different ones; a page is for people. */
#define ROWS 200

static struct {
	struct living living;
	struct denials_reader reader;
	struct denials_form form;
} s;

int status_denials_read(const struct cli_args *args, const char *log, struct error *err)
{
	struct denials_profile *usual = &s.form.profile[0];
	struct enforce_host host;

	s.reader.args = s.form.args = args;
	s.reader.living = &s.living;
	host_memory(&usual->memory);
	if (cli_target(args, &host, &usual->target, err) < 0)
		return -1;
	if (abi_of_arch(host.arch, &s.reader.own) < 0)
		s.reader.own = ABI_X86_64;
	s.form.own = s.reader.own;
	if (cli_source_open("moby", &usual->memory, &usual->source, err) < 0 ||
	    denials_read_log(&s.reader, log, err) < 0)
		return -1;
	denials_settle(&s.reader.denials);
	if (s.living.noting)
		s.form.workloads = &s.living.workloads;
	return 0;
}

int status_denials_each(status_denial_visit *visit, void *ctx, struct status_denials *ret_all,
			struct error *err)
{
	static struct denials_row row;

	*ret_all = (struct status_denials){.log = s.reader.name, .lost = s.reader.lost};
	for (const struct denial *d = s.reader.denials.first; d != NULL; d = d->next) {
		if (!denials_is_told(&s.form, d))
			continue;
		if (ret_all->n++ >= ROWS)
			continue;
		if (denials_row(&s.form, d, &row, err) < 0)
			return -1;
		visit(ctx, &row);
	}
	ret_all->left_out = ret_all->n > ROWS ? ret_all->n - ROWS : 0;
	return 0;
}
