/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose denial it is: what is known of a container by its identifier. From what the wrapper or the
 * hook announced when it was made (node/announce.h), and else from what its runtime keeps of it,
 * judged as status does. Bounded: of more than WORKLOADS containers the oldest are forgotten.
 */
#ifndef SECCOMP_GUARD_CLI_DENIALS_WORKLOAD_H
#define SECCOMP_GUARD_CLI_DENIALS_WORKLOAD_H

#include "cli/cli.h"
#include "node/forks.h"

#define WORKLOADS 4096

/* Texts are NUL-terminated, "" where nothing is known; what is longer is cut. */
struct denials_workload {
	char id[FORKS_ID_SIZE];
	char engine[16];
	char name_space[128], pod[256], container[256], image[256];
	char profile[256]; /* as records of decisions call it; "": its own */
	char flavor[16];   /* whose RuntimeDefault, where it is that */
	char rule[128];    /* of the policy */
	char bundle[1024];
	bool sandbox;
	bool has_caps;
	uint64_t caps; /* its bounding set */
};

struct workloads {
	struct denials_workload *entry; /* a ring */
	uint64_t *hash;                 /* of the identifiers; 0: a free place */
	size_t next;
	const struct cli_args *args;
	struct cli_judge judge;
	struct enforce_memory empty; /* of the judge */
	struct arena keep, scratch;  /* for listing */
};

/* `policy`: which rule holds for a container that nobody announced. */
int workloads_begin(struct workloads *workloads, const struct cli_args *args, struct error *err);

const struct denials_workload *workloads_find(const struct workloads *workloads, struct span id);

/*
 * Take in an announcement by process `from`. Returns the identifier of the container, which lives
 * as long as its entry, and the process that it begins with; p == NULL: it says nothing.
 */
struct span workloads_announced(struct workloads *workloads, struct span text, int64_t from,
				int64_t *ret_pid);

/* What `denials --json` said of a container, in a log: what is known of one that is gone. */
void workloads_note(struct workloads *workloads, struct span text);

/* Look at all containers that run now, and tell `forks` which processes are theirs. */
void workloads_look(struct workloads *workloads, struct forks *forks);

/* "container web (shop/web-0), docker, 0123456789ab, nginx:1", escaped. Returns out. */
#define WORKLOAD_TEXT_SIZE 1024
const char *workload_text(const struct denials_workload *workload, char out[WORKLOAD_TEXT_SIZE]);

#endif
