/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Years begin on 1 March here, so that the leap day is a year's last, and eras of 400 years all
 * have DAYS_OF_ERA days.
 */
#include "base/date.h"

#include "base/number.h"

#include <stdio.h>

#define DAYS_OF_ERA 146097
#define DAYS_TO_1970 719468 /* from 0000-03-01 */

static int64_t days_of_month(int64_t year, int64_t month)
{
	static const char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool digits(struct span text, size_t at, size_t n, int64_t *ret)
{
	uint64_t value;

	if (!number_parse((struct span){text.p + at, n}, 10, 9999, &value))
		return false;
	*ret = (int64_t)value;
	return true;
}

int date_parse(struct span text, struct date *ret_date)
{
	struct date d;

	if (text.n != strlen("2027-03-31") || text.p[4] != '-' || text.p[7] != '-' ||
	    !digits(text, 0, 4, &d.year) || !digits(text, 5, 2, &d.month) ||
	    !digits(text, 8, 2, &d.day) || d.month < 1 || d.month > 12 || d.day < 1 ||
	    d.day > days_of_month(d.year, d.month))
		return -1;
	*ret_date = d;
	return 0;
}

int64_t date_to_days(struct date date)
{
	int64_t y = date.year - (date.month <= 2);
	int64_t day_of_year =
		(153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - DAYS_TO_1970;
}

struct date date_from_days(int64_t days)
{
	int64_t all = days + DAYS_TO_1970, era = all / DAYS_OF_ERA, day = all % DAYS_OF_ERA;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * day_of_year + 2) / 153;

	return (struct date){
		.year = year + era * 400 + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = day_of_year - (153 * month + 2) / 5 + 1,
	};
}

int date_read_moment(struct span text, uint64_t *ret_ms)
{
	struct date date;
	struct span rest = span_skip(text, 10);
	uint64_t seconds = 0, part;
	static const unsigned int scale[] = {3600, 60, 1}, limit[] = {23, 59, 60};

	if (text.n < 10 || date_parse((struct span){text.p, 10}, &date) < 0)
		return -1;
	for (size_t i = 0; i < 3 && rest.n > 0 && rest.p[0] != 'Z'; i++) {
		if (strchr(i == 0 ? "T " : ":", rest.p[0]) == NULL)
			return -1;
		rest = span_skip(rest, 1);
		if (!number_take(&rest, 10, limit[i], &part))
			return -1;
		seconds += part * scale[i];
	}
	if (rest.n > 0 && !span_eq(rest, SPAN("Z")))
		return -1;
	part = (uint64_t)(date_to_days(date) > 0 ? date_to_days(date) : 0);
	*ret_ms = (part * 86400 + seconds) * 1000;
	return 0;
}

const char *date_moment(int64_t seconds, char out[DATE_MOMENT_SIZE])
{
	const struct date date = date_from_days(seconds / 86400);
	unsigned int second = (unsigned int)(seconds % 86400);

	snprintf(out, DATE_MOMENT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02uZ",
		 (unsigned int)date.year % 10000, (unsigned int)date.month % 100,
		 (unsigned int)date.day % 100, second / 3600 % 100, second / 60 % 60, second % 60);
	return out;
}
