/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lint-print.h"

#include "base/jsonout.h"
#include "base/jsontext.h"

#include <limits.h>
#include <time.h>

#define PROGRESS_MS 200

/* ---- progress ---- */

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void hide_progress(struct lint_print *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}

void lint_print_progress(struct lint_print *p, size_t files)
{
	int64_t now = p->progress ? now_ms() : 0;

	if (!p->progress || now - p->shown_at < PROGRESS_MS)
		return;
	fprintf(stderr, "\r\033[K%zu files read", files);
	p->shown = true;
	p->shown_at = now;
}

/* ---- SARIF ---- */

/* A string in quotes. */
static void add_string(struct strbuf *out, struct span text)
{
	char escaped[JSON_ESCAPE_SIZE];
	size_t n;

	strbuf_add(out, SPAN("\""));
	while (text.n > 0) {
		size_t width = json_escape(text, escaped, &n);

		strbuf_add(out, n > 0 ? (struct span){escaped, n} : (struct span){text.p, width});
		text = span_skip(text, width);
	}
	strbuf_add(out, SPAN("\""));
}

/* A path as a URI (RFC 3986): relative to the directory that lint runs in, or file:///. */
static void add_uri(struct strbuf *out, const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~/";

	if (strcmp(path, "-") == 0)
		path = "stdin";
	strbuf_add(out, SPAN("\""));
	if (path[0] == '/')
		strbuf_add(out, SPAN("file://"));
	for (; *path != '\0'; path++)
		strbuf_printf(out, strchr(plain, *path) != NULL ? "%c" : "%%%02X",
			      (unsigned char)*path);
	strbuf_add(out, SPAN("\""));
}

static void add_location(struct strbuf *out, const char *path, size_t line, size_t column)
{
	strbuf_add(out,
		   SPAN("\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":"));
	add_uri(out, path);
	strbuf_add(out, SPAN("}"));
	if (line > 0)
		strbuf_printf(out, ",\"region\":{\"startLine\":%zu,\"startColumn\":%zu}", line,
			      column);
	strbuf_add(out, SPAN("}}]"));
}

static void add_rule(struct strbuf *out, const struct lint_rule *rule)
{
	strbuf_add(out, SPAN("{\"id\":"));
	add_string(out, span_of(rule->id));
	strbuf_add(out, SPAN(",\"shortDescription\":{\"text\":"));
	add_string(out, span_of(rule->text));
	strbuf_add(out, SPAN("},\"help\":{\"text\":"));
	add_string(out, span_of(rule->mend));
	strbuf_printf(out, "},\"defaultConfiguration\":{\"level\":\"%s\"}}",
		      lint_severity_name(rule->severity));
}

static void add_result(struct strbuf *out, const char *path, const struct lint_finding *f)
{
	strbuf_add(out, SPAN("{\"ruleId\":"));
	add_string(out, span_of(f->rule->id));
	strbuf_printf(out, ",\"ruleIndex\":%zu,\"level\":\"%s\",\"message\":{\"text\":",
		      (size_t)(f->rule - lint_rules), lint_severity_name(f->rule->severity));
	add_string(out, span_of(f->text));
	strbuf_add(out, SPAN("},"));
	add_location(out, path, f->line, f->column);
	if (f->reason.p != NULL) {
		strbuf_add(out,
			   SPAN(",\"suppressions\":[{\"kind\":\"inSource\",\"justification\":"));
		add_string(out, f->reason);
		strbuf_add(out, SPAN("}]"));
	}
	strbuf_add(out, SPAN("}"));
}

/* Room for the rules, and then for one result at a time: a path in escapes, and short texts. */
static struct arena room(void)
{
	static char bytes[256U << 10];

	return (struct arena){bytes, sizeof(bytes), 0};
}

static void sarif_begin(void)
{
	struct arena arena = room();
	struct strbuf out = {.arena = &arena};

	strbuf_printf(&out,
		      "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
		      "\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{"
		      "\"name\":\"seccomp-guard\",\"version\":\"%s\",\"rules\":[",
		      PACKAGE_VERSION);
	for (size_t i = 0; i < LINT_RULES; i++) {
		strbuf_add(&out, i > 0 ? SPAN(",\n") : SPAN("\n"));
		add_rule(&out, &lint_rules[i]);
	}
	fwrite(out.p, 1, out.n, stdout);
	fputs("]}},\"columnKind\":\"unicodeCodePoints\",\"results\":[", stdout);
}

static void sarif_finding(struct lint_print *p, const char *path, const struct lint_finding *f)
{
	struct arena arena = room();
	struct strbuf out = {.arena = &arena};

	add_result(&out, path, f);
	printf("%s\n", p->any ? "," : "");
	fwrite(out.p, 1, out.n, stdout);
	p->any = true;
}

/* Beyond the arena the rest is only told on standard error. */
static void sarif_notify(struct lint_print *p, const char *level, const char *path,
			 const struct yaml_place *place, const char *text)
{
	struct strbuf one = {.arena = p->arena};

	strbuf_add(&one, p->errors.n > 0 ? SPAN(",\n") : SPAN("\n"));
	strbuf_printf(&one, "{\"level\":\"%s\",\"message\":{\"text\":", level);
	add_string(&one, span_of(text));
	strbuf_add(&one, SPAN("},"));
	add_location(&one, path, place != NULL ? place->line : 0,
		     place != NULL ? place->column : 0);
	strbuf_add(&one, SPAN("}"));
	if (!one.full)
		strbuf_add(&p->errors, (struct span){one.p, one.n});
}

static void sarif_end(const struct lint_print *p, int status)
{
	printf("],\n\"invocations\":[{\"executionSuccessful\":%s,\"exitCode\":%d,"
	       "\"toolExecutionNotifications\":[",
	       status == CLI_ERROR ? "false" : "true", status);
	if (p->errors.n > 0)
		fwrite(p->errors.p, 1, p->errors.n, stdout);
	printf("]}]}]}\n");
}

/* ---- text and JSON ---- */

/* `by_hand`: what could be mended for certain is. */
static void text_finding(FILE *to, const char *path, const struct lint_finding *f, bool by_hand)
{
	char shown[4 * PATH_MAX], text[4 * JSONOUT_MAX_STRING];

	fprintf(to, "%s:%zu:%zu: %s: %s [%s]\n    %s%s\n",
		text_printable(span_of(path), shown, sizeof(shown)), f->line, f->column,
		lint_severity_name(f->rule->severity),
		text_printable(span_of(f->text), text, sizeof(text)), f->rule->id,
		by_hand ? "by hand: " : "", f->rule->mend);
}

static void json_finding(const char *path, const struct lint_finding *f)
{
	char line[8 * JSONOUT_MAX_STRING];
	struct jsonout out;

	jsonout_begin(&out, line, sizeof(line));
	jsonout_string(&out, "path", span_of(path));
	jsonout_uint(&out, "line", f->line);
	jsonout_uint(&out, "column", f->column);
	jsonout_string(&out, "severity", span_of(lint_severity_name(f->rule->severity)));
	jsonout_string(&out, "rule", span_of(f->rule->id));
	jsonout_string(&out, "text", span_of(f->text));
	jsonout_string(&out, "mend", span_of(f->rule->mend));
	jsonout_end(&out);
	printf("%s\n", out.p);
}

static void json_end(size_t files, size_t skipped, const struct lint_counts *c)
{
	char line[1024];
	struct jsonout out;

	jsonout_begin(&out, line, sizeof(line));
	jsonout_uint(&out, "files", files);
	jsonout_uint(&out, "objects", c->objects);
	jsonout_uint(&out, "containers", c->containers);
	jsonout_uint(&out, "profiles", c->profiles);
	jsonout_uint(&out, "policies", c->policies);
	jsonout_uint(&out, "errors", c->found[LINT_ERROR]);
	jsonout_uint(&out, "warnings", c->found[LINT_WARNING]);
	jsonout_uint(&out, "notes", c->found[LINT_NOTE]);
	jsonout_uint(&out, "suppressed", c->suppressed);
	jsonout_uint(&out, "windows", c->windows);
	jsonout_uint(&out, "ignored", c->ignored);
	jsonout_uint(&out, "skipped", skipped);
	jsonout_end(&out);
	printf("%s\n", out.p);
}

/* "2 containers", with ", " or "; " behind it. */
static void count(FILE *to, size_t n, const char *one, const char *many, const char *behind)
{
	fprintf(to, "%zu %s%s", n, n == 1 ? one : many, behind);
}

static void text_end(FILE *to, size_t files, size_t skipped, const struct lint_counts *c)
{
	count(to, files, "file", "files", ", ");
	count(to, c->objects, "object", "objects", ", ");
	count(to, c->containers, "container", "containers", ", ");
	count(to, c->profiles, "profile", "profiles", ", ");
	count(to, c->policies, "policy", "policies", ": ");
	count(to, c->found[LINT_ERROR], "error", "errors", ", ");
	count(to, c->found[LINT_WARNING], "warning", "warnings", ", ");
	count(to, c->found[LINT_NOTE], "note", "notes", "; ");
	fprintf(to, "%zu suppressed; ", c->suppressed);
	if (skipped > 0)
		fprintf(to, "skipped: %zu; ", skipped);
	if (c->windows > 0)
		fprintf(to, "left out: %zu of Windows; ", c->windows);
	fprintf(to, "ignored: ");
	count(to, c->ignored, "other document", "other documents", "\n");
}

/* ---- all formats ---- */

void lint_print_begin(struct lint_print *p, const struct cli_args *args, enum lint_format format,
		      struct arena *arena)
{
	*p = (struct lint_print){.args = args,
				 .format = format,
				 .to = stdout,
				 .progress = format == LINT_TEXT && isatty(STDERR_FILENO) != 0,
				 .arena = arena,
				 .errors = {.arena = arena}};
	p->shown_at = p->progress ? now_ms() : 0;
	if (format == LINT_SARIF)
		sarif_begin();
}

void lint_print_finding(struct lint_print *p, const char *path, const struct lint_finding *finding)
{
	hide_progress(p);
	if (p->format == LINT_SARIF)
		sarif_finding(p, path, finding);
	else if (p->format == LINT_JSON)
		json_finding(path, finding);
	else
		text_finding(p->to, path, finding, p->args->value[CLI_FIX] != NULL);
}

void lint_print_error(struct lint_print *p, const char *path, const struct yaml_place *place,
		      const struct error *err)
{
	hide_progress(p);
	if (place != NULL && place->line > 0)
		cli_error(p->args, "%s:%zu:%zu: %s", path, place->line, place->column, err->text);
	else
		cli_error(p->args, "%s: %s", path, err->text);
	if (p->format == LINT_SARIF)
		sarif_notify(p, "error", path, place, err->text);
}

void lint_print_skipped(struct lint_print *p, const char *path, const char *reason)
{
	char text[128];

	hide_progress(p);
	snprintf(text, sizeof(text), "skipped: %s", reason);
	cli_warn(p->args, "lint: %s: %s", path, text);
	if (p->format == LINT_SARIF)
		sarif_notify(p, "note", path, NULL, text);
	p->skipped++;
}

void lint_print_end(struct lint_print *p, size_t files, const struct lint_counts *counts,
		    int status)
{
	hide_progress(p);
	if (p->format == LINT_SARIF)
		sarif_end(p, status);
	else if (p->format == LINT_JSON)
		json_end(files, p->skipped, counts);
	else
		text_end(p->to, files, p->skipped, counts);
}
