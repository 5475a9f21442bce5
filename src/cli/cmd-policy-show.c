/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp-guard policy show: the policy that holds, and where each of its values was written. What
 * it prints is a policy itself, with the places as comments.
 */
#include "cli/cli.h"

#include "base/jsonout.h"
#include "base/jsontext.h"
#include "policy/policy-rules.h"

#include <stdio.h>

struct show {
	bool json;
	const struct policy *policy;
	struct policy defaults; /* as read from policy_defaults_text */
	struct arena *keep;
};

/* ---- a value as it was written, on one line ---- */

struct line {
	char *p;
	size_t n;
};

static void put(struct line *line, const char *text, size_t n)
{
	memcpy(line->p + line->n, text, n);
	line->n += n;
}

/* How long the comment or the white space at the start of `rest` is. */
static size_t blank_length(struct span rest)
{
	const char *end;

	if (span_has_prefix(rest, SPAN("//"))) {
		end = memchr(rest.p, '\n', rest.n);
		return end != NULL ? (size_t)(end - rest.p) : rest.n;
	}
	if (span_has_prefix(rest, SPAN("/*"))) {
		end = memmem(rest.p, rest.n, "*/", 2);
		return end != NULL ? (size_t)(end - rest.p) + 2 : rest.n;
	}
	return strchr(" \t\r\n", rest.p[0]) != NULL ? 1 : 0;
}

/* Copy the string at the start of `rest`, with the control characters escaped that JSON lets stand;
 * returns its length there. */
static size_t put_string(struct line *line, struct span rest)
{
	size_t i = 1;

	put(line, "\"", 1);
	while (i < rest.n && rest.p[i] != '"') {
		char escape[JSON_ESCAPE_SIZE];
		size_t n, width = json_escape(span_skip(rest, i), escape, &n);

		if (rest.p[i] == '\\' && i + 1 < rest.n) {
			put(line, rest.p + i, 2);
			width = 2;
		} else {
			put(line, n > 0 ? escape : rest.p + i, n > 0 ? n : width);
		}
		i += width;
	}
	put(line, "\"", 1);
	return i + 1;
}

/* `raw`, which has been read as JSON with comments, without these and on one line; in `keep`. */
static struct span one_line(struct span raw, struct arena *keep)
{
	/* A character takes no more bytes than its escape. */
	struct line line = {arena_alloc(keep, JSON_ESCAPE_SIZE * raw.n + 1), 0};

	if (line.p == NULL)
		return SPAN("null");
	while (raw.n > 0) {
		size_t n = blank_length(raw);

		if (n == 0 && raw.p[0] == '"') {
			n = put_string(&line, raw);
		} else if (n == 0) {
			put(&line, raw.p, 1);
			if (raw.p[0] == ',' || raw.p[0] == ':')
				put(&line, " ", 1);
			n = 1;
		}
		raw = span_skip(raw, n);
	}
	return (struct span){line.p, line.n};
}

/* ---- one key ---- */

/* Where a value was written; NULL: nowhere, it is the default. */
static const struct policy_file *place_of(const struct show *s, struct span raw, size_t *ret_line)
{
	const struct policy_file *file = host_policy_file_of(s->policy, raw);
	size_t column;

	if (file != NULL)
		text_position(file->text, (size_t)(raw.p - file->text.p), ret_line, &column);
	return file;
}

/* `indent`: of a policy's key, or of a rule's, whose name is `rule` then. */
static void show_text(const struct show *s, const char *key, struct span raw, bool rule, bool last)
{
	const struct span value = one_line(raw, s->keep);
	size_t line = 0;
	const struct policy_file *file = place_of(s, raw, &line);
	char shown[1024];

	printf("%s\"%s\": %.*s%s // ", rule ? "      " : "  ", key, (int)value.n, value.p,
	       last ? "" : ",");
	if (file != NULL)
		printf("%s:%zu\n", text_printable(span_of(file->path), shown, sizeof(shown)), line);
	else
		printf("default\n");
}

static void show_json(const struct show *s, const struct policy_rule *rule, const char *key,
		      struct span raw)
{
	const struct span value = one_line(raw, s->keep);
	size_t line_number = 0, size = value.n + 3 * JSONOUT_MAX_STRING;
	const struct policy_file *file = place_of(s, raw, &line_number);
	char *line = arena_alloc(s->keep, size);
	struct jsonout out;

	if (line == NULL)
		return;
	jsonout_begin(&out, line, size);
	if (rule != NULL)
		jsonout_string(&out, "rule", span_of(rule->name));
	jsonout_string(&out, "key", span_of(key));
	jsonout_raw(&out, "value", value);
	if (file != NULL) {
		jsonout_string(&out, "file", span_of(file->path));
		jsonout_uint(&out, "line", line_number);
	}
	jsonout_end(&out);
	printf("%s\n", out.p);
}

static void show_value(const struct show *s, const struct policy_rule *rule, const char *key,
		       struct span raw, bool last)
{
	const struct arena at_start = *s->keep;

	if (s->json)
		show_json(s, rule, key, raw);
	else
		show_text(s, key, raw, rule != NULL, last);
	*s->keep = at_start;
}

/* ---- all of them ---- */

static void show_rule(const struct show *s, const struct policy_rule *rule)
{
	const struct span *origin = rule->settings.origin;
	size_t left = 0;

	for (size_t i = 0; policy_rule_key(i) != NULL; i++)
		left += origin[i].p != NULL;
	if (!s->json)
		printf("    {\n");
	for (size_t i = 0; policy_rule_key(i) != NULL; i++)
		if (origin[i].p != NULL)
			show_value(s, rule, policy_rule_key(i), origin[i], --left == 0);
	if (!s->json)
		printf("    }%s\n", rule->next != NULL ? "," : "");
}

static void show_rules(const struct show *s)
{
	if (!s->json)
		printf("  \"rules\": [%s", s->policy->rules != NULL ? "\n" : "");
	for (const struct policy_rule *rule = s->policy->rules; rule != NULL; rule = rule->next)
		show_rule(s, rule);
	if (!s->json)
		printf("%s]\n}\n", s->policy->rules != NULL ? "  " : "");
}

static void show_files(const struct show *s)
{
	char files[4096], line[8192];
	const char *off = host_switched_off();
	struct jsonout out;

	host_policy_files(s->policy, files, sizeof(files));
	if (!s->json) {
		printf("// %s%s\n", files[0] != '\0' ? "from " : "no file: all are defaults",
		       files);
		if (off != NULL)
			printf("// %s\n", off);
		return;
	}
	jsonout_begin(&out, line, sizeof(line));
	jsonout_words(&out, "policy_files", span_of(files));
	if (off != NULL)
		jsonout_string(&out, "disabled", span_of(off));
	jsonout_end(&out);
	printf("%s\n", out.p);
}

static void show(const struct show *s)
{
	show_files(s);
	if (!s->json)
		printf("{\n");
	for (size_t i = 0; policy_key(i) != NULL; i++) {
		struct span raw = s->policy->origin[i];

		if (strcmp(policy_key(i), "rules") == 0)
			continue;
		if (raw.p == NULL)
			raw = s->defaults.origin[i];
		/* There is no default for where counters go. */
		if (raw.p != NULL)
			show_value(s, NULL, policy_key(i), raw, false);
	}
	show_rules(s);
}

static int run(const struct cli_args *args)
{
	static struct policy policy;
	static struct show s;
	struct enforce_memory memory;
	const char *path;
	struct error err;

	host_memory(&memory);
	if (cli_policy_path(args, &path) < 0)
		return CLI_ERROR;
	if (host_policy_read(path, &memory, &policy, &err) < 0 ||
	    policy_read(span_of(policy_defaults_text), &memory.keep, &memory.scratch, &s.defaults,
			&err) < 0)
		return cli_error(args, "%s", err.text);
	s.json = args->json;
	s.policy = &policy;
	s.keep = &memory.keep;
	show(&s);
	return CLI_OK;
}

static const struct cli_use uses[] = {{CLI_POLICY, NULL}};

const struct cli_command cli_policy_show = {
	.name = "policy show",
	.run = run,
	.summary = "print the policy that holds, and where it says so",
	.arguments = "[FILE]",
	.min_arguments = 0,
	.max_arguments = 1,
	.no_dash = CLI_POLICY_NO_DASH,
	.takes = "takes one file",
	.about = "Print the policy that holds: each value, and the file and line that say it, or\n"
		 "that it is the default. FILE is a policy, or a directory with policy.json and\n"
		 "policy.d; without it, what --policy says. The output is a policy, too.\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "one JSON object on a line for each value; errors, too",
	.exit_status = "0 shown, 2 error: no container would start.",
};
