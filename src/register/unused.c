/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What needs our runtime to be known: containers that were made with it, which cannot be stopped
 * without it, and a daemon that has it in memory, whatever its configuration says by now.
 */
#include "register/register.h"

#include "register/daemon.h"

static int check_users(struct registration *r, struct error *err)
{
	struct strbuf users = {.arena = r->keep};
	struct span lines;

	if (r->engine->users(r, &users, err) < 0 || strbuf_end(&users, &lines, err) < 0)
		return -1;
	if (lines.n == 0)
		return 0;
	strbuf_printf(&r->notes, "%s", lines.p);
	return error_set(err,
			 "%s has containers that name the runtime \"" REGISTER_NAME
			 "\", and could not stop them without it: remove them first",
			 r->engine->name);
}

/* The daemon, against those of the engine's files that changed last. */
static int find_daemon(struct registration *r, struct daemon_state *ret_found,
		       const char **ret_path, struct error *err)
{
	const char *name = r->engine->daemon, *dir = NULL;

	*ret_found = (struct daemon_state){0};
	if (r->engine->programs != NULL) {
		if (r->engine->programs(r, &dir, err) < 0)
			return -1;
		name = "containerd";
	}
	for (size_t i = 0; name != NULL && i < REGISTER_MAX_FILES && !ret_found->stale; i++) {
		struct daemon_state found = {0};
		const char *path;

		if (register_recall_path(r, i, &path, err) < 0)
			return -1;
		if (path != NULL)
			found = daemon_look_below(r->options.root, name, dir, path);
		/* Of a file whose directory is gone as well nothing can be said. */
		if (found.pid == 0)
			continue;
		*ret_found = found;
		*ret_path = path;
	}
	return 0;
}

static bool is_ours(struct span name)
{
	while (name.n > 0 && name.p[name.n - 1] == '\n')
		name.n--;
	return span_eq(name, SPAN(REGISTER_NAME));
}

/* Does the daemon say itself what it has in force? 1: it is ours, 0: it is not, -1: it says
 * nothing. */
static int ask_daemon(struct registration *r, const char **ret_mend)
{
	struct error ignored;
	struct span name;

	if (r->engine->in_force == NULL || r->engine->in_force(r, &name, ret_mend, &ignored) < 0)
		return -1;
	return is_ours(name);
}

static int check_daemon(struct registration *r, struct error *err)
{
	/* Looking leaves in it what it has found. */
	struct registration copy = *r;
	const char *path = NULL, *mend = r->engine->applies;
	struct register_state now;
	struct daemon_state found;
	int said;

	if (find_daemon(r, &found, &path, err) < 0)
		return -1;
	if (found.pid == 0)
		return 0;
	said = ask_daemon(r, &mend);
	if (said == 0)
		return 0;
	if (r->engine->look(&copy, &now, err) < 0)
		return -1;
	/* Of a configuration that is made at the daemon's start that is what it was told last. */
	if ((!found.stale || r->engine->programs == NULL) && now.handler != NULL &&
	    is_ours(span_of(now.handler)))
		return error_set(err,
				 "it starts containers with \"" REGISTER_NAME
				 "\", its default: \"seccomp-guard unregister %s\" comes first, "
				 "then: %s",
				 r->engine->name, mend);
	if (said < 0 && !found.stale)
		return 0;
	return error_set(err,
			 "process %d has not read what %s says now, and may still start and stop "
			 "containers with \"" REGISTER_NAME "\"; first: %s",
			 found.pid, path, mend);
}

int register_check_unused(struct registration *r, struct error *err)
{
	if (check_users(r, err) < 0)
		return -1;
	/* Hooks and the plugin are not what a container is stopped by. */
	return r->runtime != NULL ? check_daemon(r, err) : 0;
}
