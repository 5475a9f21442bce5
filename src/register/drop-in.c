/* SPDX-License-Identifier: Apache-2.0 */
#include "register/drop-in.h"

int drop_in_check(struct registration *r, const char *path, struct error *err)
{
	struct span before;

	if (register_read(r, path, &before, err) < 0)
		return -1;
	return before.p == NULL
		       ? 0
		       : error_set(err,
				   "%s is there already and was not made by this command: move it "
				   "away",
				   path);
}

int drop_in_write(struct registration *r, const char *path, struct strbuf *text, struct error *err)
{
	struct span before, after;

	if (register_read(r, path, &before, err) < 0 || strbuf_end(text, &after, err) < 0)
		return -1;
	return register_plan(r, path, before, after, err);
}

int drop_in_set_default(struct registration *r, const char *path, struct toml_path key, bool ours,
			struct error *err)
{
	struct span before, after;

	if (register_read(r, path, &before, err) < 0 || before.p == NULL)
		return before.p == NULL ? 0 : -1;
	after = before;
	if ((ours ? toml_edit_set(&after, key, "\"" REGISTER_NAME "\"", r->keep, err)
		  : toml_edit_unset(&after, key, r->keep, err)) < 0)
		return error_prefix(err, "%s", path);
	return register_plan(r, path, before, after, err);
}

int drop_in_remove(struct registration *r, const char *path, struct error *err)
{
	struct span before;

	if (register_plan_hooks(r, DROP_IN_HOOKS_DIR, false, err) < 0 ||
	    register_read(r, path, &before, err) < 0)
		return -1;
	return register_plan(r, path, before, (struct span){0}, err);
}

const char *drop_in_append(struct registration *r, struct span array, const char *last)
{
	struct span inner = {array.p + 1, array.n - 2};

	while (inner.n > 0 && strchr(" \t\r\n,", inner.p[inner.n - 1]) != NULL)
		inner.n--;
	return register_printf(r, "[%.*s%s\"%s\"]", (int)inner.n, inner.p, inner.n > 0 ? ", " : "",
			       last);
}
