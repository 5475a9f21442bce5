/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Denied calls, put together: one entry for each container, program, call and answer, with its
 * count. Pure; the memory is the caller's, and is the limit: what no longer fits is counted in one
 * number.
 */
#ifndef SECCOMP_GUARD_SEMANTICS_DENIALS_H
#define SECCOMP_GUARD_SEMANTICS_DENIALS_H

#include "semantics/auditline.h"
#include "semantics/habits.h"

struct denial {
	struct denial *next;  /* the one found after it */
	struct denial *chain; /* of those that share a slot */
	uint64_t hash;
	struct auditline line; /* the first; its texts are copies */
	struct span container; /* p == NULL: not told */
	struct span call;      /* its name, n == 0: the number has none */
	/* Records with a number of their own, each counted once; and those without. The journal
	 * shows the same denial in both ways, see denial_count(). */
	uint64_t numbered, unnumbered;
	uint64_t first_ms, last_ms; /* 0: no record had a time */
	int64_t last_pid;
	/* Of what was counted elsewhere, see denials_add_object(): all, and of what began last. */
	uint64_t summed, object_count, object_first_ms;
	uint64_t measured; /* how many are in metrics already */
	uint64_t told;     /* how many are told already, by whom they are told as they come */
	bool args_differ;  /* line.args are those of the first only */
	const struct habit *habit; /* NULL: nothing is known */
	struct denial *cause;      /* it was let through, and made this one possible, or NULL */
	/* Those whose cause it is, in this order, by next_effect. */
	struct denial *effects, *last_effect, *next_effect;
};

#define DENIALS_SLOTS 4096

struct denials {
	struct arena *arena;
	struct denial *slot[DENIALS_SLOTS];
	struct denial *first, *last; /* by denial.next */
	struct denial *newest;       /* the one that the last record went to */
	uint64_t beyond;             /* records for which there was no room */
	/* Hashes of the records that have been counted. */
	uint64_t *seen;
	size_t n_seen, seen_size;
	bool forgets; /* the table of these is full: a record that is there twice counts twice */
};

/* How many entries there is room for, at least. */
#define DENIALS_MAX 16384

/* What `arena` has to have for `records` (a power of two) that can be told apart. */
size_t denials_memory(size_t records);

/* Begin with nothing; -1: the arena is too small. */
int denials_begin(struct denials *denials, struct arena *arena, size_t records);

/*
 * Count a record of AUDITLINE_SECCOMP or AUDITLINE_STRACE. `container`: what is known of it.
 * Returns its entry; NULL where it was counted before, or there is no room.
 */
struct denial *denials_add(struct denials *denials, const struct auditline *line,
			   struct span container);

/* The record of AUDITLINE_SYSCALL that belongs to the record before it: its arguments. */
void denials_add_arguments(struct denials *denials, const struct auditline *line);

/*
 * When all is added: records without a number have no time either, and so often no container,
 * though the same ones with a number have one. They are taken from the entry without a container,
 * whose count may become 0.
 */
void denials_settle(struct denials *denials);

/* How often. Where the same records are there with and without number, one of the two ways shows
 * fewer of them (the kernel's log is limited to ten in five seconds). */
uint64_t denial_count(const struct denial *denial);

/* Was the call let through? */
bool denial_was_let_through(const struct denial *denial);

/* Would the call fail in the kernel all the same, for lack of a capability, in a container that has
 * `caps`? Not where it follows from a new user namespace. */
bool denial_fails_anyway(const struct denial *denial, uint64_t caps);

/* A call that everybody tries and nobody misses. */
bool denial_is_habit(const struct denial *denial);

#endif
