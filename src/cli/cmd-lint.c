/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard lint: what is wrong with files before they reach a node. */
#include "cli/cli.h"

#include "base/text-diff.h"
#include "cli/document.h"
#include "cli/lint-print.h"
#include "node/fileio.h"

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
#define LATER_SIZE (64U << 20) /* what is told behind the last file */

#define MAX_DIRECTORIES 32 /* in each other */

struct run {
	const struct cli_args *args;
	struct lint_how how;
	struct lint_counts counts;
	struct lint_print print;
	struct enforce_host host;     /* this machine, or another of --arch */
	struct profile_target target; /* a container there */
	struct arena keep, trees;
	size_t files;
	int status;
	bool changed; /* something was mended */
	bool named;   /* the file at hand is, by itself, and not found in a directory */
	/* Of the file at hand. */
	const char *path;
	struct span text;
	struct document document;
	struct lint lint;
};

/* ---- telling ---- */

static void tell(void *ctx, const struct lint_finding *finding)
{
	struct run *r = ctx;

	lint_print_finding(&r->print, finding->path != NULL ? finding->path : r->path, finding);
}

static void fail(struct run *r, const char *path, const struct yaml_place *place,
		 const struct error *err)
{
	lint_print_error(&r->print, path, place, err);
	r->status = CLI_ERROR;
}

/* ---- one file ---- */

static int lint_profile_tree(void *ctx, struct tree *root, struct error *err)
{
	struct run *r = ctx;
	const struct profilefile_request request = {
		.text = r->text, .target = &r->target, .keep = &r->keep, .scratch = &r->trees};

	(void)err;
	lint_profile(&r->lint, root, &request);
	return 0;
}

static int lint_config_tree(void *ctx, struct tree *root, struct error *err)
{
	struct run *r = ctx;
	const struct enforce_memory memory = {r->keep, r->trees};
	const struct lint_request request = {r->document.config, &r->host, &r->target, &memory};

	(void)err;
	lint_config(&r->lint, root, &request);
	return 0;
}

static bool has_key(const struct tree *root, const char *key)
{
	for (const struct tree_entry *e = root->type == TREE_MAPPING ? root->first : NULL;
	     e != NULL; e = e->next)
		if (e->key->type == TREE_SCALAR && span_eq(e->key->text, span_of(key)))
			return true;
	return false;
}

/* YAML takes what JSON does not, as a comma behind the last value: a profile or a configuration
 * that runtimes do not read is a finding, and no other document. */
static int lint_tree(void *ctx, struct tree *root, struct error *err)
{
	struct run *r = ctx;
	const bool may_be_json = root->flow && !r->document.is_json && !r->how.kics;

	if (may_be_json && has_key(root, "ociVersion"))
		return lint_config_tree(ctx, root, err);
	if (may_be_json && has_key(root, "defaultAction"))
		return lint_profile_tree(ctx, root, err);
	return lint_document(&r->lint, root, err);
}

/* It may have comments, and is then no YAML. */
static void lint_policy_text(struct run *r)
{
	const struct enforce_memory memory = {r->keep, r->trees};
	const struct lint_request request = {r->text, &r->host, &r->target, &memory};

	lint_policy(&r->lint, &request);
}

/* What each kind of document is read as; NULL: it is ignored. */
static int (*const readers[DOCUMENT_KINDS])(void *ctx, struct tree *root, struct error *err) = {
	[DOCUMENT_UNKNOWN] = lint_tree,
	[DOCUMENT_MANIFEST] = lint_tree,
	[DOCUMENT_PROFILE] = lint_profile_tree,
	[DOCUMENT_CONFIG] = lint_config_tree,
};

/* JSON of another kind is ignored, also where it has comments and is so no YAML. */
static void recognize_text(struct run *r)
{
	const struct span text = r->text;
	size_t i = 0;

	r->document = (struct document){.kind = DOCUMENT_UNKNOWN, .config = text};
	while (i < text.n && memchr(" \t\r\n", text.p[i], 4) != NULL)
		i++;
	if (i < text.n && memchr("{[/", text.p[i], 3) != NULL)
		document_of(text, &r->trees, &r->document);
}

static bool is_read(const struct run *r)
{
	const enum document_kind kind = r->document.kind;

	if (r->how.kics)
		return kind == DOCUMENT_UNKNOWN || kind == DOCUMENT_MANIFEST;
	return kind == DOCUMENT_POLICY || readers[kind] != NULL;
}

static void take_scalar(void *ctx, const struct tree *scalar)
{
	struct run *r = ctx;

	lint_scalar(&r->lint, scalar);
}

/* -1, with the place as far as it is known, where the text cannot be read. */
static int lint_text_once(struct run *r, const char *path, struct span text,
			  struct yaml_place *ret_place, struct error *err)
{
	struct yaml_taker taker = {.scalar = take_scalar, .ctx = r};
	bool unit;

	*ret_place = (struct yaml_place){0, 0};
	r->path = r->how.path = path;
	r->text = text;
	recognize_text(r);
	taker.document = readers[r->document.kind];
	unit = lint_is_unit(text);
	if (unit ? r->how.kics : !is_read(r)) {
		r->counts.ignored++;
		return 0;
	}
	if (lint_begin(&r->lint, &r->how, text, &r->keep, err) < 0)
		return -1;
	if (unit)
		lint_quadlet(&r->lint);
	else if (r->document.kind == DOCUMENT_POLICY)
		lint_policy_text(r);
	else if (yaml_read(text, &r->trees, &taker, ret_place, err) < 0)
		return -1;
	lint_end(&r->lint);
	return 0;
}

/*
 * Can nothing in the text be what is judged, whatever is wrong with it? A repository has files of
 * other tools, in forms of their own that look like JSON or YAML.
 */
static bool is_of_others(struct span text)
{
	/* One of these is in each document that something is found in. */
	static const char *const words[] = {"containers", "Containers",    "Namespace",
					    "services",   "defaultAction", "ociVersion",
					    "seccomp",    "rules",         "mode"};

	/* In UTF-16 they are not found. */
	if (text.n == 0 || memchr(text.p, '\0', text.n) != NULL)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (memmem(text.p, text.n, words[i], strlen(words[i])) != NULL)
			return false;
	return true;
}

static void tell_unread(struct run *r, const struct yaml_place *place, struct error *err)
{
	/* With comments it is no YAML. */
	if ((r->document.is_json && r->document.kind == DOCUMENT_UNKNOWN) ||
	    (!r->named && is_of_others(r->text))) {
		r->counts.ignored++;
		return;
	}
	/* Not each template fails to be YAML; those that do not are told by what is wrong in them.
	 */
	if (memmem(r->text.p, r->text.n, "{{", 2) != NULL)
		error_set(err, "looks like a template of Helm: render it first, helm template "
			       "CHART | seccomp-guard lint -");
	fail(r, r->path, place, err);
}

/* ---- --fix ---- */

static void ignore(void *ctx, const struct lint_finding *finding)
{
	(void)ctx;
	(void)finding;
}

/* Why patch(1) does not take a difference with this name, for GNU's own safety rules; NULL: it
 * does. */
static const char *why_no_patch(const char *path)
{
	const struct span up = SPAN("..");
	struct stat st;

	if (path[0] == '/')
		return "whose name is absolute: say \"patch FILE\", or run lint in a directory "
		       "above";
	for (const char *p = path; *p != '\0'; p += strspn(p, "/")) {
		const struct span name = {p, strcspn(p, "/")};

		if (span_eq(name, up))
			return "whose name has \"..\": say \"patch FILE\", or run lint in a "
			       "directory above";
		p += name.n;
	}
	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode)
		       ? "that is a symbolic link: lint the file that it leads to"
		       : NULL;
}

/* Print what mends the text, and return the text as it then is; `text` itself where nothing does.
 * What is found in that is told by whoever looks at it. */
static struct span mended(struct run *r, const char *path, struct span text)
{
	const struct arena at_start = r->trees;
	const struct lint_how how = r->how;
	const struct lint_counts counts = r->counts;
	struct strbuf diff = {.arena = &r->trees};
	struct yaml_place place;
	struct span after;
	struct error err;
	int status;

	r->how.fix = true;
	r->how.tell = ignore;
	r->how.set = NULL;
	status = lint_text_once(r, path, text, &place, &err);
	r->how = how;
	r->counts = counts;
	if (status < 0 || lint_apply(&r->lint, &r->keep, &after, &err) < 0)
		return text;
	text_diff(&diff, path, text, after);
	if (diff.n > 0 && why_no_patch(path) != NULL)
		cli_warn(r->args, "lint: %s: patch -p0 changes no file %s", path,
			 why_no_patch(path));
	if (diff.n > 0)
		fwrite(diff.p, 1, diff.n, stdout);
	r->changed |= diff.n > 0;
	r->trees = at_start;
	return after;
}

/* What is read of a file: all that it may be, or only a unit (.pod is Perl's, too). */
enum reading { READ_NOTHING, READ_ALL, READ_UNITS };

static void lint_text_of(struct run *r, const char *path, struct span text)
{
	struct yaml_place place;
	struct error err;

	r->files++;
	if (r->args->value[CLI_FIX] != NULL)
		text = mended(r, path, text);
	if (lint_text_once(r, path, text, &place, &err) < 0)
		tell_unread(r, &place, &err);
}

static void lint_file(struct run *r, const char *path, enum reading reading)
{
	const struct arena at_start = r->keep;
	struct span text;
	struct error err;

	if (cli_read(path, MAX_SIZE, &r->keep, &text, &err) < 0)
		fail(r, path, NULL, &err);
	else if (reading == READ_ALL || lint_is_unit(text))
		lint_text_of(r, path, text);
	r->keep = at_start;
	lint_print_progress(&r->print, r->files);
}

/* ---- directories ---- */

static bool is_visible(const char *name)
{
	return name[0] != '.';
}

static bool ends_in(const char *name, const char *end)
{
	size_t n = strlen(name);

	return n > strlen(end) && strcmp(name + n - strlen(end), end) == 0;
}

static enum reading reading_of(const char *directory, const char *name)
{
	static const struct {
		const char *end;
		enum reading reading;
	} ends[] = {{".yaml", READ_ALL},        {".yml", READ_ALL},   {".json", READ_ALL},
		    {".container", READ_UNITS}, {".pod", READ_UNITS}, {".build", READ_UNITS}};

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (ends_in(name, ends[i].end))
			return ends[i].reading;
	/* What is laid over a quadlet. */
	return ends_in(directory, ".container.d") && ends_in(name, ".conf") ? READ_UNITS
									    : READ_NOTHING;
}

/* Why what is found in a directory is not looked at, though its name or its kind says that it
 * should be; NULL: it is, or need not be. */
static const char *why_skipped(const struct stat *st, const struct stat *target,
			       enum reading reading)
{
	if (S_ISLNK(st->st_mode) && S_ISDIR(target->st_mode))
		return "a link to a directory, which is not followed";
	if (reading == READ_NOTHING || S_ISREG(target->st_mode))
		return NULL;
	return S_ISFIFO(target->st_mode)   ? "a FIFO"
	       : S_ISSOCK(target->st_mode) ? "a socket"
	       : S_ISDIR(target->st_mode)  ? NULL
					   : "a device";
}

static bool is_regular(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int list_directory(struct run *r, const char *path, struct file_name **ret_list,
			  struct error *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_system(err, errno);
	return file_list(fd, is_visible, &r->keep, ret_list, err);
}

/* A directory whose config.json is a configuration: what else is in it, such as a root file system,
 * is not about it. */
static bool lint_bundle(struct run *r, const char *path)
{
	const struct arena at_start = r->keep;
	char name[PATH_MAX];
	struct error ignored;
	bool is_bundle = false;

	if (snprintf(name, sizeof(name), "%s/config.json", path) >= (int)sizeof(name) ||
	    !is_regular(name) || cli_read(name, MAX_SIZE, &r->keep, &r->text, &ignored) < 0)
		return false;
	recognize_text(r);
	is_bundle = r->document.kind == DOCUMENT_CONFIG;
	if (is_bundle)
		lint_text_of(r, name, r->text);
	r->keep = at_start;
	return is_bundle;
}

static void lint_directory(struct run *r, const char *path, int depth);

/* Links to files are followed, those to directories are not. */
static void lint_entry_of(struct run *r, const char *directory, const char *name, int depth)
{
	const enum reading reading = reading_of(directory, name);
	const char *reason;
	struct stat st, target;

	if (lstat(name, &st) == 0 && S_ISDIR(st.st_mode)) {
		lint_directory(r, name, depth + 1);
	} else if (stat(name, &target) < 0) {
		/* Reading it tells why. */
		if (reading != READ_NOTHING)
			lint_file(r, name, reading);
	} else if ((reason = why_skipped(&st, &target, reading)) != NULL) {
		lint_print_skipped(&r->print, name, reason);
	} else if (reading != READ_NOTHING && target.st_size == 0) {
		/* Not opened: files of the kernel have no size, and some wait for what comes. */
		r->files++;
	} else if (reading != READ_NOTHING) {
		lint_file(r, name, reading);
	}
}

static void lint_directory(struct run *r, const char *path, int depth)
{
	const struct arena at_start = r->keep;
	struct file_name *list = NULL;
	struct error err;

	if (lint_bundle(r, path))
		return;
	if (depth == MAX_DIRECTORIES) {
		error_set(&err, "more than %d directories in each other", MAX_DIRECTORIES);
		fail(r, path, NULL, &err);
	} else if (list_directory(r, path, &list, &err) < 0) {
		fail(r, path, NULL, &err);
	}
	for (; list != NULL; list = list->next) {
		char name[PATH_MAX];

		if (snprintf(name, sizeof(name), "%s/%s", path, list->name) >= (int)sizeof(name)) {
			error_system(&err, ENAMETOOLONG);
			fail(r, path, NULL, &err);
		} else {
			lint_entry_of(r, path, name, depth);
		}
	}
	r->keep = at_start;
}

static int lint_path_given(void *ctx, const char *path)
{
	struct run *r = ctx;
	struct stat st;

	r->named = strcmp(path, "-") == 0 || stat(path, &st) < 0 || !S_ISDIR(st.st_mode);
	if (!r->named)
		lint_directory(r, path, 0);
	else
		lint_file(r, path, READ_ALL);
	return CLI_OK;
}

/* ---- the command ---- */

/* Below --root; the path has no ".." in it. */
static bool profile_exists(void *ctx, const char *path)
{
	const struct run *r = ctx;
	char name[PATH_MAX];

	return snprintf(name, sizeof(name), "%s/%s", r->args->value[CLI_ROOT], path) <
		       (int)sizeof(name) &&
	       is_regular(name);
}

/* Of a path that begins where the file at hand is. */
static bool file_exists(void *ctx, const char *path)
{
	const struct run *r = ctx;
	const char *slash = strrchr(r->path, '/');
	int n = slash != NULL && path[0] != '/' ? (int)(slash - r->path) + 1 : 0;
	char name[PATH_MAX];

	/* Of standard input it is not known. */
	return strcmp(r->path, "-") == 0 ||
	       (snprintf(name, sizeof(name), "%.*s%s", n, r->path, path) < (int)sizeof(name) &&
		is_regular(name));
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

/* The machine that is judged for. */
static int set_target(struct run *r, struct error *err)
{
	const char *arch = r->args->value[CLI_ARCH];
	const char *flavor = r->args->value[CLI_FLAVOR];

	if (cli_target(r->args, &r->host, &r->target, err) < 0 ||
	    (arch != NULL && profile_arch_from_name(span_of(arch), &r->target.arch, err) < 0) ||
	    (flavor != NULL && profile_flavor_from_name(span_of(flavor), &r->how.flavor, err) < 0))
		return -1;
	r->host.arch = r->target.arch;
	/* What engines of this machine say is nothing about the file. */
	r->host.engine_profile = NULL;
	r->host.engine_names = NULL;
	return 0;
}

static int run(const struct cli_args *args)
{
	struct run r = {.args = args, .status = CLI_OK};
	const char *root = args->value[CLI_ROOT];
	const bool sarif = args->value[CLI_SARIF] != NULL, fix = args->value[CLI_FIX] != NULL;
	struct arena later;
	struct lint_set set;
	struct error err;

	r.how = (struct lint_how){.kics = args->value[CLI_KICS] != NULL,
				  .counts = &r.counts,
				  .profile_exists = root != NULL ? profile_exists : NULL,
				  .file_exists = file_exists,
				  .tell = tell,
				  .suppressed_too = sarif,
				  .ctx = &r};
	if (args->json + sarif + fix > 1 || (fix && r.how.kics))
		return cli_error(args, "lint: --json, --sarif and --fix exclude each other, and "
				       "--kics and --fix do");
	if (set_target(&r, &err) < 0)
		return cli_error(args, "lint: %s", err.text);
	if (map(KEEP_SIZE, &r.keep, &err) < 0 || map(TREES_SIZE, &r.trees, &err) < 0 ||
	    map(LATER_SIZE, &later, &err) < 0)
		return cli_error(args, "%s", err.text);
	lint_print_begin(&r.print, args,
			 sarif        ? LINT_SARIF
			 : args->json ? LINT_JSON
				      : LINT_TEXT,
			 &later);
	if (fix)
		r.print.to = stderr; /* the difference alone is on standard output */
	lint_set_begin(&set, &later);
	r.how.set = r.how.kics ? NULL : &set;
	cli_each_argument(args, lint_path_given, &r);
	if (lint_set_end(&set, &r.how, &err) < 0)
		r.status = cli_error(args, "lint: %s", err.text);
	if (r.status == CLI_OK &&
	    (r.changed || r.counts.found[LINT_ERROR] + r.counts.found[LINT_WARNING] > 0))
		r.status = CLI_NO;
	lint_print_end(&r.print, r.files, &r.counts, r.status);
	return r.status;
}

static const struct cli_use uses[] = {
	{CLI_ROOT, "where nodes keep Localhost profiles, such as\n"
		   "/var/lib/kubelet/seccomp: tell which are not there"},
	{CLI_FLAVOR, "whose RuntimeDefault profiles are held against: moby,\n"
		     "containerd, containers, crio [moby]"},
	{CLI_ARCH, "of the nodes, as uname -m prints it [this machine's]"},
	{CLI_KICS, "only what the query f377b83e of KICS reports"},
	{CLI_SARIF, NULL},
	{CLI_FIX, NULL},
};

const struct cli_command cli_lint = {
	.name = "lint",
	.run = run,
	.summary = "find what is wrong in manifests and profiles",
	.arguments = "FILE...",
	.min_arguments = 1,
	.max_arguments = SIZE_MAX,
	.files = SIZE_MAX,
	.takes = "takes files or directories",
	.about = "Find containers without a seccomp profile in manifests of Kubernetes, compose\n"
		 "files, quadlets of podman and configurations of the runtime-spec, and what is\n"
		 "hardly meant in profiles and policies. FILE is one of these, a bundle, a\n"
		 "directory with files .yaml, .yml, .json, .container, .pod and .build, or - for\n"
		 "standard input. What each rule is about is in seccomp-guard-lint(1).\n",
	.uses = uses,
	.n_uses = ARRAY_SIZE(uses),
	.json = "one JSON object on a line for each finding, and one\n"
		"that counts; errors, too",
	.exit_status = "0 nothing but notes, 1 warnings or errors were found, 2 a file\n"
		       "could not be read.",
};
