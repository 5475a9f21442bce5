/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose a record in a log is, where its process still runs on this machine: its number is that of a
 * process that was started before the record was made, and runs the program that the record names.
 * Of another process, and of a log from elsewhere, nothing is said.
 */
#ifndef SECCOMP_GUARD_CLI_DENIALS_LIVING_H
#define SECCOMP_GUARD_CLI_DENIALS_LIVING_H

#include "cli/denials-workload.h"
#include "semantics/auditline.h"

#define LIVING_KEPT 1024

struct living {
	bool begun, failed; /* what runs has been looked at, or cannot be */
	bool noting;        /* there is a table of containers at least */
	struct forks forks; /* without events */
	struct workloads workloads;
	int64_t booted_ms; /* since 1970 */
	/* What was found of a process, by its number modulo the size. */
	struct living_process {
		int64_t pid; /* 0: nothing yet */
		int64_t start_ms;
		uint64_t exe; /* a hash */
		struct span container;
	} kept[LIVING_KEPT];
};

/* An object that `denials --json` printed: the names in it count for what it says of a container
 * that is gone. */
void living_note(struct living *living, const struct cli_args *args, struct span text);

/* The identifier of the container; p == NULL: not known. Nothing is looked at before the first
 * record that could be of this machine. It lives as long as *living. */
struct span living_container(struct living *living, const struct cli_args *args,
			     const struct auditline *line);

#endif
