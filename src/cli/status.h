/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard status: what is told of each running container, and how. */
#ifndef SECCOMP_GUARD_CLI_STATUS_H
#define SECCOMP_GUARD_CLI_STATUS_H

#include "base/date.h"
#include "cli/cli.h"
#include "cli/denials-print.h"
#include "node/confined.h"
#include "node/container.h"
#include "policy/decide.h"

/* What is known of a container by its policy and by the kernel together. */
enum status_state {
	STATUS_CONFINED,   /* every process has a filter, and the policy wants nothing else */
	STATUS_WEAK,       /* every process has one, of a profile that is weak, cannot be judged, or
			      lets through what the policy restricts */
	STATUS_UNCONFINED, /* the policy would confine it, and a process has no filter */
	STATUS_EXEMPT,     /* the policy lets it be, whatever it has */
	STATUS_STATES,
};

const char *status_name(enum status_state state);

/* The filters of one process, with --deep. */
struct status_filters {
	const struct process *process;
	const char *text;    /* each one, the oldest first, with "; " between; or why it could not
				be read */
	uint64_t stopped_us; /* for how long the process was stopped, at most */
	struct status_filters *next;
};

/* One container. Strings are NUL-terminated, "" where nothing is known. */
struct status_entry {
	const struct container *container;
	enum engine engine;
	const char *name_space, *pod, *name, *image;
	bool sandbox;
	bool judged; /* its configuration could be found; else the next three mean nothing */
	enum finding finding;
	enum action action;
	enum reason reason;
	const char *rule; /* of the policy, and the rest of what it says for people */
	const char *until, *owner, *rule_reason;
	const char *weakness; /* what is too much, in words */
	const char *why;
	enum status_state state;
	size_t n_processes;
	size_t n_confined; /* of these: with a filter */
	/* Its init has a filter, and what is executed in it gets none. */
	bool exec_is_bare;
	/* A process has no filter that is as the configuration, or the policy, has it. */
	bool differs;
	struct status_filters *filters;  /* NULL: not looked at */
	const struct confined *confined; /* what confine has loaded into it; NULL: nothing */
};

/* Has the process less than the init of its container? */
bool status_has_less(const struct status_entry *entry, const struct process *process);

/* What is needed to look at the filters of an entry. */
struct status_deep {
	struct cli_judge *judge;
	struct span config;            /* its text; absent: it could not be read */
	const struct verdict *verdict; /* NULL with that */
	struct arena *keep;            /* for the result */
	void (*tell)(void *ctx, const char *message);
	void *ctx;
};

/* Read back the filters of each process and recognize them; entry->state is then by these. */
void status_look_deep(struct status_entry *entry, const struct status_deep *deep);

/* Print `n` entries, which are in the order of their namespaces, and a summary by namespace of all
 * that `is_shown` does not hold back. */
struct status_report {
	const struct status_entry *entry;
	size_t n;
	bool (*is_shown)(const struct status_entry *entry); /* the others are only counted */
	bool with_denials; /* on the page; status_denials_read() was called */
};

void status_print_text(const struct status_report *report);
void status_print_json(const struct status_report *report);

/* The same as one HTML page that needs nothing else; the text lives in `keep`. */
int status_write_html(const struct status_report *report, struct arena *keep, struct span *ret_page,
		      struct error *err);

/* Read a log as `denials` does; "-" is standard input. To be called once. */
int status_denials_read(const struct cli_args *args, const char *log, struct error *err);

struct status_denials {
	const char *log;    /* its name */
	uint64_t lost;      /* records that it says are not in it */
	size_t n, left_out; /* entries, and of these not visited */
};

typedef void status_denial_visit(void *ctx, const struct denials_row *row);

/* Visit what it has, and tell how much there is. */
int status_denials_each(status_denial_visit *visit, void *ctx, struct status_denials *ret_all,
			struct error *err);

/* The containers of one namespace. */
struct status_tally {
	const char *name_space;
	size_t n;
	size_t by_state[STATUS_STATES];
};

/* Count the entries of one namespace from *at on, which is moved behind them. */
struct status_tally status_count_next(const struct status_report *report, size_t *at);

/* When the container's init was started: "2026-11-27T19:16:17Z". Returns out. */
const char *status_since(const struct status_entry *entry, char out[DATE_MOMENT_SIZE]);

/* What status_entry.exec_is_bare says, for people. */
extern const char status_exec_is_bare[];

/* The engine's name, else the runtime's; "" where neither is known. */
const char *status_engine(const struct status_entry *entry);

#endif
