/* SPDX-License-Identifier: Apache-2.0 */
/* A document of YAML or JSON as values that know their place. Made by yaml/read.c in an arena. */
#ifndef SECCOMP_GUARD_LINT_TREE_H
#define SECCOMP_GUARD_LINT_TREE_H

#include "base/base.h"

enum tree_type {
	TREE_SCALAR,
	TREE_SEQUENCE,
	TREE_MAPPING,
};

#define TREE_NOWHERE SIZE_MAX

struct tree_entry;

/*
 * An alias is the value that its anchor names, not a copy: a value may have several parents, and
 * none has itself below it.
 */
struct tree {
	enum tree_type type;
	bool plain; /* of a scalar: without quotes, so that it may be null, a boolean or a number */
	bool flow;  /* of a collection: in brackets */
	bool shared;         /* an alias stands for it elsewhere */
	bool seen;           /* the walk of lint.c has been here */
	size_t line, column; /* both from 1; of columns, characters */
	/* Where it is written, in bytes, with its anchor and tag; of a collection only the begin,
	 * and of both nothing in texts that are not UTF-8: then they are TREE_NOWHERE. */
	size_t begin, end;
	struct span text; /* of a scalar */
	struct tree_entry *first;
};

/* One element of a sequence, or one key of a mapping with its value. */
struct tree_entry {
	struct tree *key; /* NULL in a sequence */
	struct tree *value;
	struct tree_entry *next;
};

#endif
