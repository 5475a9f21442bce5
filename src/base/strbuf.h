/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text that grows, in memory of an arena: for what is put together off the way of a container's
 * start. Never fails on the way: one that did not fit says so at its end.
 */
#ifndef SECCOMP_GUARD_BASE_STRBUF_H
#define SECCOMP_GUARD_BASE_STRBUF_H

#include "base/base.h"

struct strbuf {
	struct arena *arena;
	char *p;
	size_t n;
	size_t size;
	bool full; /* something was left out */
};

void strbuf_add(struct strbuf *buf, struct span text);
void strbuf_printf(struct strbuf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

/* `text` as a JSON string, with its quotes. */
void strbuf_json_string(struct strbuf *buf, struct span text);

/* The text, NUL-terminated, in the arena; -1 when it did not fit. */
int strbuf_end(struct strbuf *buf, struct span *ret_text, struct error *err);

#endif
