/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters of decisions for Prometheus' textfile collector (node_exporter). The file is in the text
 * format at every moment, and a counter is the decimal digits in it: 256 bytes for each series,
 * aligned, counted up by compare-and-swap in shared memory. So no writer ever waits for another, or
 * for the collector, nothing is lost between them, and nobody has to fold anything together.
 *
 * The file has to be on a local file system. It is made when it is missing; removing it starts from
 * zero.
 */
#ifndef SECCOMP_GUARD_NODE_METRICS_H
#define SECCOMP_GUARD_NODE_METRICS_H

#include "base/base.h"

/* The labels of one series. `name_space` may be any text; what would need escaping is replaced. */
struct metrics_labels {
	const char *action;
	const char *finding;
	const char *mode;
	struct span name_space;
};

/*
 * Count one decision, under namespace "_other" when there is no room for another series. Never
 * waits. Fails with a message that names the file.
 */
int metrics_count(const char *path, const struct metrics_labels *labels, struct error *err);

/* Could a decision be counted in `path`? Makes and changes nothing. The message names the file. */
int metrics_check(const char *path, struct error *err);

#endif
