/* SPDX-License-Identifier: Apache-2.0 */
/* A file of our own beside the engine's: where one exists, nobody else's file is touched. */
#ifndef SECCOMP_GUARD_REGISTER_DROP_IN_H
#define SECCOMP_GUARD_REGISTER_DROP_IN_H

#include "base/toml-edit.h"
#include "register/register.h"

/* Where our hooks' definitions lie, for both engines that read directories of them. */
#define DROP_IN_HOOKS_DIR SYSCONFDIR "/seccomp-guard/hooks.d"

/* Fails where there is a file at `path`, which is not ours then. */
int drop_in_check(struct registration *r, const char *path, struct error *err);

/* Plan that the file is `text`, which ends here. */
int drop_in_write(struct registration *r, const char *path, struct strbuf *text, struct error *err);

/* Plan that the value at `key` is our runtime, or, `ours` false, not there. Nothing where there is
 * no file. */
int drop_in_set_default(struct registration *r, const char *path, struct toml_path key, bool ours,
			struct error *err);

/* Plan that the file is gone, and the definitions of hooks too. */
int drop_in_remove(struct registration *r, const char *path, struct error *err);

/* `array`, the text of a TOML array, with `last` as its last string. NULL: no memory. */
const char *drop_in_append(struct registration *r, struct span array, const char *last);

#endif
