/* SPDX-License-Identifier: Apache-2.0 */
/* Dates of the Gregorian calendar, in days since 1970-01-01. Time zones are no matter: all is UTC.
 */
#ifndef SECCOMP_GUARD_BASE_DATE_H
#define SECCOMP_GUARD_BASE_DATE_H

#include "base/base.h"

struct date {
	int64_t year; /* from 0 on */
	int64_t month, day;
};

/* "2027-03-31"; -1, without a message, for what is no date. */
int date_parse(struct span text, struct date *ret_date);

/* "2026-11-27", "2026-11-27T16:41" or "2026-11-27 16:41:22", with or without Z, to milliseconds
 * since 1970; -1, without a message, for what is none. */
int date_read_moment(struct span text, uint64_t *ret_ms);

/* "2026-11-27T16:41:22Z", of seconds since 1970 and up to the year 9999; returns `out`. */
#define DATE_MOMENT_SIZE 32
const char *date_moment(int64_t seconds, char out[DATE_MOMENT_SIZE]);

int64_t date_to_days(struct date date);
struct date date_from_days(int64_t days);

#endif
