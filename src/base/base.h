/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lowest layer: spans of bytes, the error value, a bounded arena and cleanup attributes.
 * Includes libc only and makes no system call.
 *
 * Error contract of the whole project: a function that can fail returns 0, or -1 with the reason in
 * its last argument, a struct error that the caller owns and that needs no freeing. Outputs are
 * named ret_x and are not touched on failure. Only entry points print.
 */
#ifndef SECCOMP_GUARD_BASE_BASE_H
#define SECCOMP_GUARD_BASE_BASE_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

/* Bytes owned by somebody else; not NUL-terminated. An absent span has p == NULL. */
struct span {
	const char *p;
	size_t n;
};

#define SPAN(literal) ((struct span){(literal), sizeof(literal) - 1})

/* For printf's "%.*s": messages carry at most this much of a foreign text. */
#define SPAN_SHOWN 128
#define SPAN_ARG(s) (int)((s).n > SPAN_SHOWN ? SPAN_SHOWN : (s).n), ((s).n > 0 ? (s).p : "")

static inline struct span span_of(const char *text)
{
	return (struct span){text, text ? strlen(text) : 0};
}

static inline bool span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool span_has_prefix(struct span s, struct span prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline struct span span_skip(struct span s, size_t n)
{
	return n < s.n ? (struct span){s.p + n, s.n - n} : (struct span){s.p ? s.p + s.n : NULL, 0};
}

/*
 * What went wrong, as a text for people. `code` is for callers that treat some failures in a way of
 * their own: the error number of the system call that failed, or 0 when none did and what was found
 * is not as it has to be. `pos` is the offset in the parsed text (bytes, from 0) when has_pos is
 * set; the entry point turns it into line and column.
 */
struct error {
	char text[480];
	int code;
	size_t pos;
	bool has_pos;
};

/*
 * Set *err and return -1, so that a function can end with `return error_set(err, ...)`. The code is
 * 0.
 */
int error_set(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);
int error_at(struct error *err, size_t pos, const char *format, ...) PRINTF_LIKE(3, 4);

/* Put "prefix: " before the text of *err, and leave the rest; returns -1. */
int error_prefix(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * strerror() for messages that engines read: podman and docker take any output of a runtime that
 * says "no such file or directory" or "permission denied" for a mistake in the container's command,
 * tell the user so, and exit with 127 or 126 (podman libpod/oci_util.go, moby daemon/errors.go).
 */
const char *error_words(int number);

/* The same as error_set() for a system call that failed with `number`, in words. */
static inline int error_system(struct error *err, int number)
{
	error_set(err, "%s", error_words(number));
	err->code = number;
	return -1;
}

/* Line and column (both from 1, column in bytes) of offset `pos` in `text`. */
void text_position(struct span text, size_t pos, size_t *ret_line, size_t *ret_column);

/* Length of the well-formed UTF-8 sequence (Unicode, table 3-7) at the start of the `n` bytes of
 * `text`; 0 if there is none. */
size_t utf8_sequence(const char *text, size_t n);

/*
 * Copy `in` to `out` (`size` bytes, always NUL-terminated) for a terminal or a log: control
 * characters and bytes above 0x7e come out as \xNN, a backslash as two. Cuts with "..." when it
 * does not fit. Returns out.
 */
const char *text_printable(struct span in, char *out, size_t size);

/*
 * Memory for one decision. Blocks are taken one behind the other, and the owner of `base` gives all
 * of them back at once. The hot path uses a static buffer: it never allocates, and its size is the
 * limit of everything that input can make grow.
 */
struct arena {
	char *base;
	size_t size;
	size_t used;
};

/* `size` bytes, aligned for any type and not cleared; NULL when the arena is exhausted. */
void *arena_alloc(struct arena *arena, size_t size);

/* A NUL-terminated copy of `s`; NULL when the arena is exhausted. */
char *arena_strdup(struct arena *arena, struct span s);

static inline void cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define CLEANUP_FD __attribute__((cleanup(cleanup_fd)))

/* Hand the descriptor in *fd to the caller: *fd no longer owns it. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
