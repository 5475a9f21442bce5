/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libyaml's events as trees, document by document. JSON is read the same way: YAML 1.2 has it in
 * it, and what libyaml refuses of it (halves of surrogate pairs) is replaced before.
 */
#ifndef SECCOMP_GUARD_YAML_READ_H
#define SECCOMP_GUARD_YAML_READ_H

#include "lint/tree.h"

/* How far values may lie in each other. The schemas of custom resources come to some 40. */
#define YAML_MAX_DEPTH 200

struct yaml_place {
	size_t line, column; /* both from 1; 0: not known */
};

/* Who takes the documents of a text, which may stop the reading by -1 with an error. */
struct yaml_taker {
	int (*document)(void *ctx, struct tree *root, struct error *err);
	/* Called with each scalar that is written, a key or a value, before its document. NULL: it
	 * need not be. */
	void (*scalar)(void *ctx, const struct tree *scalar);
	void *ctx;
};

/*
 * Read `text` and hand the root of each document that is not empty to `taker`. The tree lives in
 * `arena` until that returns. On failure
 * *ret_place is where, as far as libyaml tells; documents before that have been handed out.
 *
 * An alias that stands inside of what its anchor names is an error, and so is a document that does
 * not fit into the arena: aliases are not copied, so that it is as large as what is written.
 */
int yaml_read(struct span text, struct arena *arena, const struct yaml_taker *taker,
	      struct yaml_place *ret_place, struct error *err);

#endif
