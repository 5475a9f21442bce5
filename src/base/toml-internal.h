/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of toml share. */
#ifndef SECCOMP_GUARD_BASE_TOML_INTERNAL_H
#define SECCOMP_GUARD_BASE_TOML_INTERNAL_H

#include "base/toml.h"

struct toml_parser {
	struct span text;
	size_t at;
	struct arena *arena;
	toml_visit *visit;
	void *ctx;
	struct error *err;
	struct span path[TOML_MAX_DEPTH];
	size_t n_path;
	unsigned int depth; /* of arrays and inline tables */
	bool pathless;      /* in an array */
};

/* The byte `ahead` of where the parser is; -1 at the end. */
static inline int toml_peek(const struct toml_parser *p, size_t ahead)
{
	return p->text.n - p->at > ahead ? (unsigned char)p->text.p[p->at + ahead] : -1;
}

/* An error at the parser's place; returns -1. */
int toml_fail(struct toml_parser *p, const char *what);

/* The string that begins here, of any of the four kinds, or only of those on one line. */
int toml_string(struct toml_parser *p, bool multiline, struct span *ret_string);

#endif
