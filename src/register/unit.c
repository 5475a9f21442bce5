/* SPDX-License-Identifier: Apache-2.0 */
#include "register/unit.h"

#include "register/files.h"

#include <glob.h>

/* In the order of their rank. */
static const char *const dirs[] = {"/etc/systemd/system", "/run/systemd/system",
				   "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
				   "/lib/systemd/system"};

static struct span without_blanks(struct span line)
{
	while (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
		line = span_skip(line, 1);
	return line;
}

/* Is it an assignment of nothing to ExecStart, which makes the list of commands empty? */
static bool is_reset(struct span line)
{
	static const struct span key = {"ExecStart", 9};

	if (!span_has_prefix(line, key))
		return false;
	line = without_blanks(span_skip(line, key.n));
	return line.n > 0 && line.p[0] == '=' && without_blanks(span_skip(line, 1)).n == 0;
}

/* Does `needle` count at the end of `text`? *ret_reset: what files before it said does not. */
static bool says(struct span text, const char *needle, bool *ret_reset)
{
	bool found = false;

	*ret_reset = false;
	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		struct span line = {text.p, end != NULL ? (size_t)(end - text.p) : text.n};

		text = span_skip(text, line.n + (end != NULL));
		line = without_blanks(line);
		if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (is_reset(line)) {
			*ret_reset = true;
			found = false;
		}
		found = found || memmem(line.p, line.n, needle, strlen(needle)) != NULL;
	}
	return found;
}

static void look_at(struct registration *r, const char *path, const char *needle,
		    struct strbuf *lines)
{
	struct arena once = *r->scratch;
	struct span text;
	struct error ignored;
	bool reset, found;

	/* Masked by a link to /dev/null, it says nothing. */
	if (files_read(r->options.root, path, &once, &text, &ignored) < 0 || text.n == 0)
		return;
	found = says(text, needle, &reset);
	if (reset)
		lines->n = 0;
	if (found)
		register_add_place(r, path, lines);
}

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* The first of the paths, which are in the order of rank, whose name comes next behind `last`. */
static const char *next_path(const glob_t *found, const char *last)
{
	const char *best = NULL;

	for (size_t i = 0; i < found->gl_pathc; i++) {
		const char *path = found->gl_pathv[i];

		if (strcmp(name_of(path), last) > 0 &&
		    (best == NULL || strcmp(name_of(path), name_of(best)) < 0))
			best = path;
	}
	return best;
}

/* The files that match `suffix` in the directories. */
static int look_at_each(struct registration *r, const char *suffix, const char *needle,
			struct strbuf *lines, struct error *err)
{
	glob_t found = {0};
	const char *path, *last = "";

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		const char *pattern =
			register_printf(r, "%s%s/%s", r->options.root, dirs[i], suffix);

		if (pattern == NULL ||
		    glob(pattern, i > 0 ? GLOB_APPEND : 0, NULL, &found) == GLOB_NOSPACE) {
			globfree(&found);
			return error_set(err, "out of memory");
		}
	}
	while ((path = next_path(&found, last)) != NULL) {
		look_at(r, path + strlen(r->options.root), needle, lines);
		last = name_of(path);
	}
	globfree(&found);
	return 0;
}

int unit_grep(struct registration *r, const char *service, const char *needle, struct strbuf *lines,
	      struct error *err)
{
	const char *drop_ins = register_printf(r, "%s.d/*.conf", service);

	if (drop_ins == NULL)
		return error_set(err, "out of memory");
	if (look_at_each(r, service, needle, lines, err) < 0)
		return -1;
	return look_at_each(r, drop_ins, needle, lines, err);
}
