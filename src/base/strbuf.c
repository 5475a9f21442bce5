/* SPDX-License-Identifier: Apache-2.0 */
#include "base/strbuf.h"

#include "base/jsontext.h"

#include <stdio.h>

/* Room for `n` bytes and the NUL behind them. */
static bool reserve(struct strbuf *buf, size_t n)
{
	size_t wanted = 2 * (buf->n + n) + 64;
	char *p;

	if (buf->full || buf->size - buf->n > n)
		return !buf->full;
	p = arena_alloc(buf->arena, wanted);
	if (p == NULL) {
		buf->full = true;
		return false;
	}
	if (buf->n > 0)
		memcpy(p, buf->p, buf->n);
	buf->p = p;
	buf->size = wanted;
	return true;
}

void strbuf_add(struct strbuf *buf, struct span text)
{
	if (text.n == 0 || !reserve(buf, text.n))
		return;
	memcpy(buf->p + buf->n, text.p, text.n);
	buf->n += text.n;
}

void strbuf_printf(struct strbuf *buf, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0 || !reserve(buf, (size_t)n))
		return;
	va_start(args, format);
	vsnprintf(buf->p + buf->n, (size_t)n + 1, format, args);
	va_end(args);
	buf->n += (size_t)n;
}

void strbuf_json_string(struct strbuf *buf, struct span text)
{
	strbuf_add(buf, SPAN("\""));
	while (text.n > 0) {
		char escape[JSON_ESCAPE_SIZE];
		size_t n, width = json_escape(text, escape, &n);

		strbuf_add(buf, n > 0 ? (struct span){escape, n} : (struct span){text.p, width});
		text = span_skip(text, width);
	}
	strbuf_add(buf, SPAN("\""));
}

int strbuf_end(struct strbuf *buf, struct span *ret_text, struct error *err)
{
	if (!reserve(buf, 0))
		return error_set(err, "out of memory");
	buf->p[buf->n] = '\0';
	*ret_text = (struct span){buf->p, buf->n};
	return 0;
}
