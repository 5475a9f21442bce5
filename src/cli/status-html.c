/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp-guard status --html: one page for those who would rather look. It loads nothing and runs
 * nothing, and says so to the browser. What colors say words say too; it is to be read in print and
 * in the dark.
 */
#include "cli/status.h"

#include "base/strbuf.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	"'unsafe-inline'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<title>seccomp-guard: what runs confined</title>\n<style>\n"
	":root { color-scheme: light dark; --text: #1a1a1a; --back: #fff; --line: #767676;\n"
	"  --bad: #a40000; --doubt: #6b4e00; --good: #005a2b; }\n"
	"@media (prefers-color-scheme: dark) {\n"
	"  :root { --text: #eee; --back: #14171a; --line: #8a8f94; --bad: #ff9d94;\n"
	"    --doubt: #ffd479; --good: #8fe3ae; } }\n"
	"body { color: var(--text); background: var(--back); font: 1rem/1.5 system-ui, "
	"sans-serif;\n"
	"  margin: 1.5rem auto; max-width: 75rem; padding: 0 1rem; }\n"
	"table { border-collapse: collapse; margin: 0 0 2rem; width: 100%; }\n"
	"caption { font-size: 1.2rem; font-weight: bold; padding: .5rem 0; text-align: left; }\n"
	"th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left;\n"
	"  vertical-align: top; overflow-wrap: break-word; }\n"
	"thead th { border-bottom-width: 2px; }\n"
	"tbody th, .long { overflow-wrap: anywhere; min-width: 8rem; }\n"
	".n { text-align: right; font-variant-numeric: tabular-nums; }\n"
	".unconfined { color: var(--bad); font-weight: bold; text-decoration: underline; }\n"
	".weak { color: var(--doubt); font-weight: bold; }\n"
	".confined { color: var(--good); }\n"
	".exempt { font-style: italic; }\n"
	"@media print { :root { --text: #000; --back: #fff; --line: #000; --bad: #000;\n"
	"    --doubt: #000; --good: #000; } body { font-size: 9pt; margin: 0; max-width: none; }\n"
	"  thead { display: table-header-group; } tr { break-inside: avoid; } }\n"
	"</style>\n</head>\n<body>\n";

/* Text between tags or in quotes: whatever a container calls itself. */
static void add_text(struct strbuf *page, const char *text)
{
	char shown[4096];

	text_printable(span_of(text), shown, sizeof(shown));
	for (const char *p = shown; *p != '\0'; p++) {
		if (strchr("&<>\"'", *p) != NULL)
			strbuf_printf(page, "&#%d;", *p);
		else
			strbuf_add(page, (struct span){p, 1});
	}
}

static void add_cell(struct strbuf *page, const char *text)
{
	strbuf_printf(page, "<td>");
	add_text(page, text);
	strbuf_printf(page, "</td>");
}

static void add_head(struct strbuf *page, const char *caption, const char *const titles[], size_t n)
{
	strbuf_printf(page, "<table>\n<caption>%s</caption>\n<thead><tr>", caption);
	for (size_t i = 0; i < n; i++)
		strbuf_printf(page, "<th scope=\"col\">%s</th>", titles[i]);
	strbuf_printf(page, "</tr></thead>\n<tbody>\n");
}

static void add_end(struct strbuf *page)
{
	strbuf_printf(page, "</tbody>\n</table>\n");
}

/* ---- the tables ---- */

static void add_summary(struct strbuf *page, const struct status_report *report)
{
	strbuf_printf(page, "<table>\n<caption>Coverage by namespace</caption>\n<thead><tr>"
			    "<th scope=\"col\">Namespace</th><th scope=\"col\" class=\"n\">"
			    "Containers</th>");
	for (size_t i = 0; i < STATUS_STATES; i++)
		strbuf_printf(page, "<th scope=\"col\" class=\"n\">%s</th>",
			      status_name((enum status_state)i));
	strbuf_printf(page, "</tr></thead>\n<tbody>\n");
	for (size_t at = 0; at < report->n;) {
		struct status_tally t = status_count_next(report, &at);

		strbuf_printf(page, "<tr><th scope=\"row\">");
		add_text(page, t.name_space[0] != '\0' ? t.name_space : "(none)");
		strbuf_printf(page, "</th><td class=\"n\">%zu</td>", t.n);
		for (size_t i = 0; i < STATUS_STATES; i++)
			strbuf_printf(page, "<td class=\"n%s%s\">%zu</td>",
				      t.by_state[i] > 0 ? " " : "",
				      t.by_state[i] > 0 ? status_name((enum status_state)i) : "",
				      t.by_state[i]);
		strbuf_printf(page, "</tr>\n");
	}
	add_end(page);
}

/* As engines show one of theirs. Returns out. */
#define ID_SIZE 128
static const char *short_id(const struct status_entry *e, char out[ID_SIZE])
{
	snprintf(out, ID_SIZE, strlen(e->container->id) == 64 ? "%.12s" : "%s", e->container->id);
	return out;
}

/* "shop/web-0 web", else the identifier, as the heading of a row. */
static void add_name(struct strbuf *page, const struct status_entry *e)
{
	char id[ID_SIZE];

	strbuf_printf(page, "<tr><th scope=\"row\">");
	if (e->pod[0] != '\0') {
		add_text(page, e->name_space);
		strbuf_printf(page, "/");
		add_text(page, e->pod);
		strbuf_printf(page, " ");
	}
	add_text(page, e->sandbox ? "(sandbox)" : e->name);
	if (e->pod[0] == '\0' && e->name[0] == '\0')
		add_text(page, short_id(e, id));
	strbuf_printf(page, "</th>");
}

/* What is not as it should be, for people. */
static void add_reasons(struct strbuf *page, const struct status_entry *e)
{
	strbuf_printf(page, "<td>");
	if (e->why[0] != '\0') {
		add_text(page, e->why);
		strbuf_printf(page, "<br>");
	}
	if (e->weakness[0] != '\0') {
		add_text(page, e->weakness);
		strbuf_printf(page, "<br>");
	}
	if (e->exec_is_bare)
		strbuf_printf(page, "%s<br>", status_exec_is_bare);
	for (const struct process *p = e->container->processes; p != NULL; p = p->next) {
		if (p->seccomp != 0 && !status_has_less(e, p))
			continue;
		strbuf_printf(page, "process %d (", (int)p->pid);
		add_text(page, p->comm);
		strbuf_printf(page, ") has %s<br>",
			      p->seccomp == 0 ? "no filter" : "fewer filters than the init");
	}
	for (const struct status_filters *f = e->filters; f != NULL; f = f->next) {
		strbuf_printf(page, "filters of process %d: ", (int)f->process->pid);
		add_text(page, f->text);
		strbuf_printf(page, "<br>");
	}
	strbuf_printf(page, "</td>");
}

static void add_problems(struct strbuf *page, const struct status_report *report)
{
	static const char *const titles[] = {"Container", "State", "Policy would", "Why"};
	bool begun = false;

	for (size_t i = 0; i < report->n; i++) {
		const struct status_entry *e = &report->entry[i];

		if (e->state != STATUS_UNCONFINED && e->state != STATUS_WEAK)
			continue;
		if (!begun)
			add_head(page, "Unconfined or weak", titles, ARRAY_SIZE(titles));
		begun = true;
		add_name(page, e);
		strbuf_printf(page, "<td class=\"%s\">%s</td>", status_name(e->state),
			      status_name(e->state));
		add_cell(page, e->judged ? action_name(e->action) : "unknown");
		add_reasons(page, e);
		strbuf_printf(page, "</tr>\n");
	}
	if (begun)
		add_end(page);
	else
		strbuf_printf(page, "<p>Nothing is unconfined or weak.</p>\n");
}

static void add_exempt(struct strbuf *page, const struct status_report *report)
{
	static const char *const titles[] = {
		"Container", "Why", "Rule", "Until", "Owner", "Reason", "Filtered processes"};
	bool begun = false;

	for (size_t i = 0; i < report->n; i++) {
		const struct status_entry *e = &report->entry[i];

		if (e->state != STATUS_EXEMPT)
			continue;
		if (!begun)
			add_head(page, "Exempt", titles, ARRAY_SIZE(titles));
		begun = true;
		add_name(page, e);
		add_cell(page, reason_name(e->reason));
		add_cell(page, e->rule);
		add_cell(page, e->until[0] != '\0' ? e->until : "for ever");
		add_cell(page, e->owner);
		add_cell(page, e->rule_reason);
		strbuf_printf(page, "<td>%zu of %zu</td></tr>\n", e->n_confined, e->n_processes);
	}
	if (begun)
		add_end(page);
}

static void add_all(struct strbuf *page, const struct status_report *report)
{
	static const char *const titles[] = {"Container",    "Identifier", "Engine",
					     "State",        "Filtered",   "Configuration",
					     "Policy would", "Since",      "Image"};
	char text[DATE_MOMENT_SIZE], id[ID_SIZE];

	add_head(page, "All containers", titles, ARRAY_SIZE(titles));
	for (size_t i = 0; i < report->n; i++) {
		const struct status_entry *e = &report->entry[i];

		if (!report->is_shown(e))
			continue;
		add_name(page, e);
		add_cell(page, short_id(e, id));
		add_cell(page, status_engine(e));
		strbuf_printf(page, "<td class=\"%s\">%s</td><td>%zu of %zu</td>",
			      status_name(e->state), status_name(e->state), e->n_confined,
			      e->n_processes);
		add_cell(page, e->judged ? finding_name(e->finding) : "unknown");
		add_cell(page, e->judged ? action_name(e->action) : "");
		add_cell(page, status_since(e, text));
		strbuf_printf(page, "<td class=\"long\">");
		add_text(page, e->image);
		strbuf_printf(page, "</td></tr>\n");
	}
	add_end(page);
}

/* ---- denials ---- */

static void add_denial(void *ctx, const struct denials_row *row)
{
	struct strbuf *page = ctx;

	strbuf_printf(page, "<tr><th scope=\"row\">");
	add_text(page, row->where[0] != '\0' ? row->where : "(not known)");
	strbuf_printf(page, "</th>");
	add_cell(page, row->program);
	add_cell(page, row->call);
	strbuf_printf(page, "<td class=\"n\">%" PRIu64 "</td>", row->count);
	add_cell(page, row->answer);
	add_cell(page, row->last);
	add_cell(page, row->allow);
	strbuf_printf(page, "</tr>\n");
}

static int add_denials(struct strbuf *page, struct error *err)
{
	static const char *const titles[] = {
		"Container", "Program", "Call", "Count", "Kernel", "Last", "What would allow it"};
	const size_t before = page->n;
	struct status_denials all;

	add_head(page, "Denials", titles, ARRAY_SIZE(titles));
	if (status_denials_each(add_denial, page, &all, err) < 0)
		return -1;
	if (all.n > 0)
		add_end(page);
	else
		page->n = before;
	strbuf_printf(page, "<p>%s denied calls in ", all.n > 0 ? "These are the" : "No");
	add_text(page, all.log);
	if (all.left_out > 0)
		strbuf_printf(page, "; %zu more are left out", all.left_out);
	if (all.lost > 0)
		strbuf_printf(page,
			      "; the kernel left %" PRIu64
			      " records out of it, so the counts are lower bounds",
			      all.lost);
	strbuf_printf(page, ".</p>\n");
	return 0;
}

int status_write_html(const struct status_report *report, struct arena *keep, struct span *ret_page,
		      struct error *err)
{
	struct strbuf page = {.arena = keep};
	char now[DATE_MOMENT_SIZE], host[256] = "";

	gethostname(host, sizeof(host) - 1);
	strbuf_add(&page, span_of(head));
	strbuf_printf(&page, "<h1>What runs confined on ");
	add_text(&page, host);
	strbuf_printf(&page, "</h1>\n<p>By seccomp-guard " PACKAGE_VERSION ", %s.</p>\n",
		      date_moment((int64_t)time(NULL), now));
	if (report->n == 0) {
		strbuf_printf(&page, "<p>No container runs.</p>\n");
	} else {
		add_summary(&page, report);
		add_problems(&page, report);
		add_exempt(&page, report);
		add_all(&page, report);
	}
	if (report->with_denials && add_denials(&page, err) < 0)
		return -1;
	strbuf_printf(&page, "</body>\n</html>\n");
	return strbuf_end(&page, ret_page, err);
}
