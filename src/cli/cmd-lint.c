/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard lint: what is wrong with manifests and profiles before they reach a
 * node. */
#include "cli/cli.h"

#include "base/jsonout.h"
#include "cli/document.h"
#include "lint/lint.h"
#include "node/fileio.h"
#include "yaml/read.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* etcd takes no object of more than 1.5 MiB; a file may hold many. */
#define MAX_SIZE (16U << 20)

/* Texts, and what is remembered of directories; trees. Memory is used as far as files need it. */
#define KEEP_SIZE (64U << 20)
#define TREES_SIZE (256U << 20)

#define MAX_DIRECTORIES 32 /* in each other */

struct run {
	const struct cli_args *args;
	struct lint_how how;
	struct lint_counts counts;
	struct profile_target target; /* of profiles: a container of this machine */
	struct arena keep, trees;
	size_t files;
	int status;
	/* Of the file at hand. */
	const char *path;
	struct span text;
	struct lint lint;
};

/* ---- telling ---- */

static void print_finding(void *ctx, const struct lint_finding *f)
{
	const struct run *r = ctx;
	const char *severity = lint_severity_name(f->rule->severity);
	char path[4 * PATH_MAX], text[4 * JSONOUT_MAX_STRING];
	char line[8 * JSONOUT_MAX_STRING];
	struct jsonout out;

	if (!r->args->json) {
		printf("%s:%zu:%zu: %s: %s [%s]\n    %s\n",
		       text_printable(span_of(r->path), path, sizeof(path)), f->line, f->column,
		       severity, text_printable(span_of(f->text), text, sizeof(text)), f->rule->id,
		       f->rule->mend);
		return;
	}
	jsonout_begin(&out, line, sizeof(line));
	jsonout_string(&out, "path", span_of(r->path));
	jsonout_uint(&out, "line", f->line);
	jsonout_uint(&out, "column", f->column);
	jsonout_string(&out, "severity", span_of(severity));
	jsonout_string(&out, "rule", span_of(f->rule->id));
	jsonout_string(&out, "text", span_of(f->text));
	jsonout_string(&out, "mend", span_of(f->rule->mend));
	jsonout_end(&out);
	printf("%s\n", out.p);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void print_summary(const struct run *r)
{
	const struct lint_counts *c = &r->counts;
	char line[1024];
	struct jsonout out;

	if (!r->args->json) {
		printf("%zu file%s, %zu object%s, %zu container%s, %zu profile%s: %zu error%s, %zu "
		       "warning%s, "
		       "%zu note%s; %zu suppressed",
		       r->files, plural(r->files), c->objects, plural(c->objects), c->containers,
		       plural(c->containers), c->profiles, plural(c->profiles),
		       c->found[LINT_ERROR], plural(c->found[LINT_ERROR]), c->found[LINT_WARNING],
		       plural(c->found[LINT_WARNING]), c->found[LINT_NOTE],
		       plural(c->found[LINT_NOTE]), c->suppressed);
		if (c->windows > 0)
			printf("; left out: %zu of Windows", c->windows);
		printf("; ignored: %zu other document%s\n", c->ignored, plural(c->ignored));
		return;
	}
	jsonout_begin(&out, line, sizeof(line));
	jsonout_uint(&out, "files", r->files);
	jsonout_uint(&out, "objects", c->objects);
	jsonout_uint(&out, "containers", c->containers);
	jsonout_uint(&out, "profiles", c->profiles);
	jsonout_uint(&out, "errors", c->found[LINT_ERROR]);
	jsonout_uint(&out, "warnings", c->found[LINT_WARNING]);
	jsonout_uint(&out, "notes", c->found[LINT_NOTE]);
	jsonout_uint(&out, "suppressed", c->suppressed);
	jsonout_uint(&out, "windows", c->windows);
	jsonout_uint(&out, "ignored", c->ignored);
	jsonout_end(&out);
	printf("%s\n", out.p);
}

static void fail(struct run *r, const char *path, const struct yaml_place *place,
		 const struct error *err)
{
	if (place != NULL && place->line > 0)
		cli_error(r->args, "%s:%zu:%zu: %s", path, place->line, place->column, err->text);
	else
		cli_error(r->args, "%s: %s", path, err->text);
	r->status = CLI_ERROR;
}

/* ---- one file ---- */

static int lint_tree(void *ctx, struct tree *root, struct error *err)
{
	struct run *r = ctx;

	return lint_document(&r->lint, root, err);
}

static int lint_profile_tree(void *ctx, struct tree *root, struct error *err)
{
	struct run *r = ctx;
	const struct profilefile_request request = {
		.text = r->text, .target = &r->target, .keep = &r->keep, .scratch = &r->trees};

	(void)err;
	lint_profile(&r->lint, root, &request);
	return 0;
}

/* JSON of another kind is ignored, also where it has comments and is so no YAML. */
static enum document_kind kind_of(struct run *r, struct span text)
{
	struct document document = {.kind = DOCUMENT_UNKNOWN};
	size_t i = 0;

	while (i < text.n && memchr(" \t\r\n", text.p[i], 4) != NULL)
		i++;
	if (i < text.n && memchr("{[/", text.p[i], 3) != NULL)
		document_of(text, &r->trees, &document);
	return document.kind;
}

static void lint_text_of(struct run *r, const char *path, struct span text)
{
	const enum document_kind kind = kind_of(r, text);
	struct yaml_place place = {0, 0};
	struct error err;

	r->path = path;
	r->text = text;
	r->files++;
	if (kind != DOCUMENT_UNKNOWN && kind != DOCUMENT_MANIFEST &&
	    (kind != DOCUMENT_PROFILE || r->how.kics)) {
		r->counts.ignored++;
		return;
	}
	if (lint_begin(&r->lint, &r->how, &r->counts, text, &r->keep, &err) < 0) {
		fail(r, path, NULL, &err);
		return;
	}
	if (yaml_read(text, &r->trees, kind == DOCUMENT_PROFILE ? lint_profile_tree : lint_tree, r,
		      &place, &err) == 0) {
		lint_end(&r->lint);
		return;
	}
	/* Not each template fails to be YAML; those that do not are told by what is wrong in them.
	 */
	if (memmem(text.p, text.n, "{{", 2) != NULL)
		error_set(&err, "looks like a template of Helm: render it first, helm template "
				"CHART | seccomp-guard lint -");
	fail(r, path, &place, &err);
}

static void lint_file(struct run *r, const char *path)
{
	const struct arena at_start = r->keep;
	struct span text;
	struct error err;

	if (cli_read(path, MAX_SIZE, &r->keep, &text, &err) < 0)
		fail(r, path, NULL, &err);
	else
		lint_text_of(r, path, text);
	r->keep = at_start;
}

/* ---- directories ---- */

static bool is_visible(const char *name)
{
	return name[0] != '.';
}

static bool is_manifest(const char *name)
{
	static const char *const ends[] = {".yaml", ".yml", ".json"};
	size_t n = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (n > strlen(ends[i]) && strcmp(name + n - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

static int list_directory(struct run *r, const char *path, struct file_name **ret_list,
			  struct error *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_system(err, errno);
	return file_list(fd, is_visible, &r->keep, ret_list, err);
}

static void lint_directory(struct run *r, const char *path, int depth)
{
	const struct arena at_start = r->keep;
	struct file_name *list = NULL;
	struct error err;

	if (depth == MAX_DIRECTORIES) {
		error_set(&err, "more than %d directories in each other", MAX_DIRECTORIES);
		fail(r, path, NULL, &err);
	} else if (list_directory(r, path, &list, &err) < 0) {
		fail(r, path, NULL, &err);
	}
	for (; list != NULL; list = list->next) {
		char name[PATH_MAX];
		struct stat st, target;

		if (snprintf(name, sizeof(name), "%s/%s", path, list->name) >= (int)sizeof(name)) {
			error_system(&err, ENAMETOOLONG);
			fail(r, path, NULL, &err);
		} else if (lstat(name, &st) == 0 && S_ISDIR(st.st_mode)) {
			lint_directory(r, name, depth + 1);
		} else if (is_manifest(name) &&
			   (stat(name, &target) < 0 || S_ISREG(target.st_mode))) {
			/* Links to files are followed, those to directories are not. */
			lint_file(r, name);
		}
	}
	r->keep = at_start;
}

static int lint_path_given(void *ctx, const char *path)
{
	struct run *r = ctx;
	struct stat st;

	if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		lint_directory(r, path, 0);
	else
		lint_file(r, path);
	return CLI_OK;
}

/* ---- the command ---- */

/* Below --root; the path has no ".." in it. */
static bool profile_exists(void *ctx, const char *path)
{
	const struct run *r = ctx;
	char name[PATH_MAX];
	struct stat st;

	return snprintf(name, sizeof(name), "%s/%s", r->args->value[CLI_ROOT], path) <
		       (int)sizeof(name) &&
	       stat(name, &st) == 0 && S_ISREG(st.st_mode);
}

/* Under a limit, what there is; then large documents do not fit. */
static int map(size_t size, struct arena *ret_arena, struct error *err)
{
	for (; size >= 1U << 20; size /= 2) {
		void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (p != MAP_FAILED) {
			*ret_arena = (struct arena){p, size, 0};
			return 0;
		}
	}
	return error_system(err, ENOMEM);
}

static int run(const struct cli_args *args)
{
	struct run r = {.args = args, .status = CLI_OK};
	const char *root = args->value[CLI_ROOT];
	struct enforce_host host;
	struct stat st;
	struct error err;

	r.how = (struct lint_how){.kics = args->value[CLI_KICS] != NULL,
				  .profile_exists = root != NULL ? profile_exists : NULL,
				  .tell = print_finding,
				  .ctx = &r};
	if (root != NULL && (stat(root, &st) < 0 || !S_ISDIR(st.st_mode)))
		return cli_error(args, "--root %s: no such directory", root);
	if (cli_target(args, &host, &r.target, &err) < 0)
		return cli_error(args, "%s", err.text);
	if (args->value[CLI_ARCH] != NULL &&
	    profile_arch_from_name(span_of(args->value[CLI_ARCH]), &r.target.arch, &err) < 0)
		return cli_error(args, "lint: %s", err.text);
	if (map(KEEP_SIZE, &r.keep, &err) < 0 || map(TREES_SIZE, &r.trees, &err) < 0)
		return cli_error(args, "%s", err.text);
	cli_each_argument(args, lint_path_given, &r);
	print_summary(&r);
	if (r.status == CLI_OK && r.counts.found[LINT_ERROR] + r.counts.found[LINT_WARNING] > 0)
		r.status = CLI_NO;
	return r.status;
}

static const struct cli_use uses[] = {
	{CLI_ROOT, "where nodes keep Localhost profiles, such as\n"
		   "/var/lib/kubelet/seccomp: tell which are not there"},
	{CLI_ARCH, "of the nodes, as uname -m prints it [this machine's]"},
	{CLI_KICS, "only what the query f377b83e of KICS reports"},
};

const struct cli_command cli_lint = {
	.name = "lint",
	.run = run,
	.summary = "find what is wrong in manifests and profiles",
	.arguments = "FILE...",
	.min_arguments = 1,
	.max_arguments = SIZE_MAX,
	.takes = "takes files or directories",
	.about = "Find containers without a seccomp profile in manifests of Kubernetes, YAML or\n"
		 "JSON, and what is hardly meant in profiles. FILE is one of both, a directory\n"
		 "with files .yaml, .yml and .json, or - for standard input. What each rule is\n"
		 "about is in seccomp-guard-lint(1).\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "one JSON object on a line for each finding, and one\n"
		"that counts; errors, too",
	.exit_status = "0 nothing but notes, 1 warnings or errors were found, 2 a file\n"
		       "could not be read.",
};
