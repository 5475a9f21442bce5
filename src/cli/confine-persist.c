/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp-guard confine --persist: what was loaded becomes policy, for the next start. A file of
 * its own in policy.d, which comes last, so that nothing that somebody has written changes.
 */
#include "cli/confine.h"

#include "base/date.h"
#include "base/json-edit.h"
#include "base/strbuf.h"
#include "register/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define FILE_NAME "policy.d/zz-confine.json"

/* The names of restrictions as a JSON list. */
static int list_of(const struct tighten *tighten, struct arena *arena, struct span *ret_text,
		   struct error *err)
{
	struct strbuf text = {.arena = arena};
	bool first = true;

	strbuf_printf(&text, "[");
	for (int i = 0; i < TIGHTEN_NAMES; i++) {
		if ((tighten->named >> i & 1) == 0)
			continue;
		strbuf_printf(&text, "%s\"%s\"", first ? "" : ", ",
			      tighten_name((enum tighten_name)i));
		first = false;
	}
	strbuf_printf(&text, "]");
	return strbuf_end(&text, ret_text, err);
}

static int path_of(const struct confine_command *c, char out[PATH_MAX], struct error *err)
{
	const char *named = c->args->value[CLI_POLICY];
	const char *dir = host_policy_directory;
	char absolute[PATH_MAX];
	struct stat st;

	if (named != NULL && (stat(named, &st) < 0 || !S_ISDIR(st.st_mode)))
		return error_set(err, "--persist writes into policy.d: give --policy a directory");
	if (named != NULL) {
		dir = realpath(named, absolute);
		if (dir == NULL)
			return error_system(err, errno);
	}
	if ((size_t)snprintf(out, PATH_MAX, "%s/" FILE_NAME, dir) >= PATH_MAX)
		return error_set(err, "%s: the path is too long", dir);
	return 0;
}

/* ---- what is said ---- */

static void add_quoted(struct strbuf *text, const char *word)
{
	strbuf_printf(text, "\"");
	for (; *word != '\0'; word++)
		strbuf_printf(text, *word == '"' || *word == '\\' ? "\\%c" : "%c", *word);
	strbuf_printf(text, "\"");
}

/* A rule for a namespace, or for one container of it. */
static void add_rule(struct strbuf *text, const char *name_space, const char *container,
		     struct span list)
{
	time_t now = time(NULL);
	struct date date = date_from_days((int64_t)now / 86400);

	strbuf_printf(text, "{\"name\": \"confine %s%s%s\", \"match\": {", name_space,
		      container != NULL && name_space[0] != '\0' ? "/" : "",
		      container != NULL ? container : "");
	if (name_space[0] != '\0') {
		strbuf_printf(text, "\"namespace\": [");
		add_quoted(text, name_space);
		strbuf_printf(text, "]%s", container != NULL ? ", " : "");
	}
	if (container != NULL) {
		strbuf_printf(text, "\"container\": [");
		add_quoted(text, container);
		strbuf_printf(text, "]");
	}
	strbuf_printf(text,
		      "}, \"tighten\": %.*s, \"reason\": \"confine --persist, %04d-%02d-%02d\"}",
		      (int)list.n, list.p, (int)date.year, (int)date.month, (int)date.day);
}

static bool is_pattern(const char *word)
{
	return strpbrk(word, "*?[\\") != NULL;
}

/* A rule that matches already counts instead: only who has written it knows what it is for. */
static int check_entry(const struct confine_entry *e, struct error *err)
{
	char name[CONFINE_NAME_SIZE];

	if (e->rule[0] != '\0')
		return error_set(err,
				 "%s: rule \"%s\" of the policy matches it: add the "
				 "restrictions there",
				 confine_name(e, name), e->rule);
	if (e->name[0] == '\0' || e->name[0] == '(' || is_pattern(e->name) ||
	    is_pattern(e->name_space))
		return error_set(err,
				 "%s: it has no name that a rule could match: use --namespace "
				 "or --all",
				 confine_name(e, name));
	return 0;
}

static int make_rules(struct confine_command *c, struct span list, struct strbuf *text,
		      struct error *err)
{
	const char *name_space = c->args->value[CLI_NAMESPACE];

	if (name_space != NULL) {
		for (size_t i = 0; i < c->n; i++)
			if (c->entry[i].plan == PLAN_CONFINE &&
			    check_entry(&c->entry[i], err) < 0 && c->entry[i].rule[0] != '\0')
				return -1;
		add_rule(text, name_space, NULL, list);
		return 0;
	}
	for (size_t i = 0; i < c->n; i++) {
		if (c->entry[i].plan != PLAN_CONFINE)
			continue;
		if (check_entry(&c->entry[i], err) < 0)
			return -1;
		strbuf_printf(text, text->n > 0 ? ",\n    " : "");
		add_rule(text, c->entry[i].name_space, c->entry[i].name, list);
	}
	return 0;
}

/* `rules` behind those that are there, with every byte of them kept. */
static int append_rules(struct confine_command *c, struct span *text, struct span rules,
			struct error *err)
{
	struct strbuf list = {.arena = &c->keep};
	struct span old, made;

	if (json_find(*text, JSON_PATH("rules"), &c->keep, &old, err) < 0)
		return -1;
	if (old.p == NULL)
		old = SPAN("[]");
	/* Up to the bracket. */
	strbuf_printf(&list, "%.*s%s\n    %.*s\n  ]", (int)old.n - 1, old.p,
		      memchr(old.p, '{', old.n) != NULL ? "\n    ," : "", (int)rules.n, rules.p);
	if (strbuf_end(&list, &made, err) < 0)
		return -1;
	return json_edit_set(text, JSON_PATH("rules"), made.p, &c->keep, err);
}

static int edit(struct confine_command *c, struct span *text, struct error *err)
{
	struct strbuf rules = {.arena = &c->scratch};
	struct tighten all = c->tighten;
	struct span list, made;

	if (text->p == NULL)
		*text = SPAN("{\n}\n");
	if (c->args->value[CLI_ALL] != NULL) {
		if (c->judge.policy.tighten.custom != NULL)
			return error_set(err, "\"tighten\" of the policy has restrictions that are "
					      "written out: add to it by hand");
		all.named |= c->judge.policy.tighten.named;
		if (list_of(&all, &c->keep, &list, err) < 0)
			return -1;
		return json_edit_set(text, JSON_PATH("tighten"), list.p, &c->keep, err);
	}
	if (list_of(&c->tighten, &c->keep, &list, err) < 0 ||
	    make_rules(c, list, &rules, err) < 0 || strbuf_end(&rules, &made, err) < 0)
		return -1;
	return append_rules(c, text, made, err);
}

/* ---- doing it ---- */

int confine_check_persist(struct confine_command *c, struct error *err)
{
	char path[PATH_MAX];
	struct span text;

	if (tighten_is_empty(&c->tighten) || c->args->value[CLI_PROFILE] != NULL)
		return error_set(err, "--persist goes with --tighten alone: which profile a "
				      "container gets is said by \"profile\" in the policy");
	if (path_of(c, path, err) < 0 || files_read("", path, &c->keep, &text, err) < 0)
		return -1;
	return edit(c, &text, err);
}

int confine_persist(struct confine_command *c, char ret_path[PATH_MAX], struct error *err)
{
	const char *named = c->args->value[CLI_POLICY];
	struct enforce_memory memory = {c->keep, c->scratch};
	struct policy policy;
	struct span old, text;
	struct error ignored;

	if (path_of(c, ret_path, err) < 0 || files_read("", ret_path, &c->keep, &old, err) < 0)
		return -1;
	text = old;
	if (edit(c, &text, err) < 0 || files_write("", ret_path, text, err) < 0)
		return -1;
	memory.keep = c->keep;
	if (host_policy_read(named, &memory, &policy, err) == 0)
		return 0;
	/* As before. */
	(void)files_put("", ret_path, old, &ignored);
	return -1;
}
