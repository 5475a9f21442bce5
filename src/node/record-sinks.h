/* SPDX-License-Identifier: Apache-2.0 */
/* The sinks of records. Nothing waits for a sink. */
#ifndef SECCOMP_GUARD_NODE_RECORD_SINKS_H
#define SECCOMP_GUARD_NODE_RECORD_SINKS_H

#include "policy/policy.h"

/* More than there are fields. */
#define RECORD_MAX_FIELDS 48

struct record_field {
	const char *key;
	enum { FIELD_STRING, FIELD_WORDS, FIELD_UINT, FIELD_BOOL } kind;
	struct span text; /* FIELD_WORDS: separated by spaces; a list in JSON */
	uint64_t number;
};

/*
 * Fields in the order in which they are written. Where a sink has no room for all, the last ones
 * are left out.
 */
struct record_fields {
	struct record_field field[RECORD_MAX_FIELDS];
	size_t n;
	size_t n_first; /* this many always fit, and "lost" comes after them */
	int priority;   /* syslog(3) */
};

/*
 * Send one record to the sink of `policy`. A record that cannot be sent at once is counted as lost,
 * and the next one that is sent carries the number in "lost". Returns 0, or -1 with a message when
 * this is the first lost record since one was sent.
 */
int record_send(struct record_fields *fields, const struct policy *policy, struct error *err);

/* The record as one JSON object without a newline, in `buffer`. */
struct span record_json(const struct record_fields *fields, char *buffer, size_t size);

/* Could a record be sent where `policy` says? Sends and makes nothing. The message names the place.
 */
int record_check(const struct policy *policy, struct error *err);

#endif
