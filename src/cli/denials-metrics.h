/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Denials as counters for Prometheus' textfile collector (node_exporter): by namespace, container,
 * call and what the kernel did. The file is renamed into place whole. Of series there are at most
 * DENIALS_SERIES, and of one container a part of them; what comes later counts as call "_other" of
 * its container, or where there is no room for that, as of container "_other".
 */
#ifndef SECCOMP_GUARD_CLI_DENIALS_METRICS_H
#define SECCOMP_GUARD_CLI_DENIALS_METRICS_H

#include "cli/denials-workload.h"
#include "semantics/denials.h"

#define DENIALS_SERIES 1024

struct denials_series {
	char labels[320]; /* as they are in the file */
	uint64_t count;
};

struct denials_metrics {
	const char *path;
	struct denials_series *series;
	size_t n;
	int64_t started; /* seconds since 1970 */
	/* Since then: records and process events that had no room, records that the kernel itself
	 * dropped since it was started. */
	uint64_t lost_records, lost_events, lost_kernel;
	bool knows_kernel; /* the last one is known */
	bool failed;       /* the last write did, and it has been told */
};

/*
 * Begin with nothing, or with `goes_on` from what the file has, so that counters go on where this
 * program ended before. Fails if the file is something else, or cannot be written.
 */
int denials_metrics_begin(struct denials_metrics *metrics, const char *path, bool goes_on,
			  struct error *err);

/* Add what is in `denials` and was not added before. `workloads` NULL: whose it is is not known. */
void denials_metrics_add(struct denials_metrics *metrics, struct denials *denials,
			 const struct workloads *workloads);

int denials_metrics_write(struct denials_metrics *metrics, struct error *err);

#endif
