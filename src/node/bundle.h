/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file of a bundle: open it safely, read it whole, replace it atomically. */
#ifndef SECCOMP_GUARD_NODE_BUNDLE_H
#define SECCOMP_GUARD_NODE_BUNDLE_H

#include "base/base.h"

#include <limits.h>
#include <sys/stat.h>

struct bundle {
	int dirfd;           /* of the directory */
	int fd;              /* of the file */
	struct stat st;      /* of the file when it was read */
	char path[PATH_MAX]; /* of the file, as the caller named it */
	const char *name;    /* its last component, in path */
	struct span text;
};

/*
 * Open and read config.json in the bundle directory `dir` (NULL: the current one), or with `file`
 * that file, whose path does not start in the bundle (crun --config). It must be a regular file.
 * Nobody but root and the caller may be able to change what the runtime will read after us: neither
 * the file, nor its directory, nor a directory above (safe-path.h). The text lives in `keep`.
 * Messages name the path. The caller ends with bundle_close(), after a failure too.
 */
int bundle_open(const char *dir, const char *file, struct arena *keep, struct bundle *ret_bundle,
		struct error *err);

/* Something to be done on the way. */
struct bundle_step {
	void (*run)(void *ctx);
	void *ctx;
};

/*
 * Replace the file by `text`. It is written to a new file beside the old one, with the same owner,
 * mode and extended attributes, which is then renamed; `before` (or NULL) is run once between the
 * two. On failure the bundle is unchanged. If we are killed on the way, the file is either the old
 * or the new one, and the unfinished copy stays, named .config.json.seccomp-guard.*, until the next
 * replacement in this directory removes it. There is no fsync: a bundle does not outlive a crash.
 */
int bundle_replace(struct bundle *bundle, struct span text, const struct bundle_step *before,
		   struct error *err);

/* What a file is to become, made of what is in it: `make` is called again where that was another's
 * by then. */
struct bundle_edit {
	int (*make)(void *ctx, struct span old, struct span *ret_text, struct error *err);
	void *ctx;
};

/*
 * Replace the file by what `edit` makes of it, for files that others replace, too, by renaming and
 * without a lock. The two files change places, so that what was replaced can be looked at: if it is
 * not what was read, but came in between, the new text is made again of that. What is read in the
 * middle of a second round is the first one's. Where the file system cannot do it, what comes in
 * between is lost, as with bundle_replace(). Nothing is written where nothing would change. `keep`
 * is working memory. On failure the newest file of somebody else is in place.
 */
int bundle_edit(struct bundle *bundle, const struct bundle_edit *edit, struct arena *keep,
		struct error *err);

/*
 * Write the file `name` beside the bundle's own, with the same owner, mode and extended attributes;
 * one that is there is replaced as bundle_replace() does.
 */
int bundle_write_beside(const struct bundle *bundle, const char *name, struct span text,
			struct error *err);

void bundle_close(struct bundle *bundle);

#define CLEANUP_BUNDLE __attribute__((cleanup(bundle_close)))
#define BUNDLE_NONE ((struct bundle){.dirfd = -1, .fd = -1})

#endif
