/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp-guard confine: what is planned for each container, and how that and its end are told. */
#ifndef SECCOMP_GUARD_CLI_CONFINE_H
#define SECCOMP_GUARD_CLI_CONFINE_H

#include "cli/cli.h"
#include "confine/confine.h"
#include "node/confined.h"
#include "profile/profile-file.h"
#include "program/program.h"

enum plan {
	PLAN_CONFINE,
	PLAN_NOTHING, /* the policy wants nothing that it does not have */
	PLAN_EXEMPT,  /* left out, as the policy exempts it */
	PLAN_CANNOT,
};

/* One container that is asked for. Strings are NUL-terminated, "" where nothing is known. */
struct confine_entry {
	struct container *container;
	enum engine engine;
	const char *name_space, *pod, *name, *image;
	const char *rule; /* of the policy, that matches it */
	enum plan plan;
	const char *why;     /* not PLAN_CONFINE, or not complete */
	const char *profile; /* PLAN_CONFINE: what is loaded, as the command line or the policy
				says it; "" for restrictions alone */
	const struct program *program;
	char sha256[SHA256_HEX_SIZE]; /* of the program */
	size_t index;                 /* in the job */
	struct span exec_profile;     /* what `exec` is to load from now on; absent: exec_why */
	const struct program *exec_program;
	const char *exec;     /* what is executed in it later: "confined", "unconfined" */
	bool exec_is_new;     /* it was not before */
	const char *exec_why; /* "unconfined": why, or "" */
};

/* All that confine works on. */
struct confine_command {
	const struct cli_args *args;
	struct cli_judge judge;
	struct arena keep, scratch;
	struct container_search search;
	struct container *list; /* all that run */
	struct confine_entry *entry;
	size_t n;
	struct tighten tighten;
	bool names_profile; /* the command line says what is loaded; else the policy does */
	bool incomplete;    /* something could not be read, and an error has been told */
};

/* A container that a profile is made for. */
struct confine_material {
	const struct verdict *verdict; /* NULL: its configuration could not be read */
	struct span config;            /* its text, with that */
	struct profile_target target;
	enum profile_flavor flavor;
	enum model_runtime runtime;
};

/* What the command line says is loaded. */
struct confine_named {
	const char *profile; /* a file, "runtime/default", or "": one that allows everything */
	const struct tighten *tighten; /* laid over it */
};

int confine_named_profile(struct confine_command *c, const struct confine_material *m,
			  const struct confine_named *named, struct profilefile *ret_file,
			  struct error *err);

/* The program of a profile, kept once; NULL with the reason. */
const struct program *confine_compile(struct confine_command *c,
				      const struct seccomp_profile *profile,
				      enum model_runtime runtime, struct error *err);

/* What exec is to load: entry->exec_profile and exec_program, or exec_why. */
void confine_plan_exec(struct confine_command *c, const struct confine_material *m,
		       struct confine_entry *e);

/* Which containers, and what for each: entry->plan and what belongs to it. */
int confine_plan(struct confine_command *c, struct error *err);

/* Could --persist do it? Before anything is done. */
int confine_check_persist(struct confine_command *c, struct error *err);

/* Write the restrictions into a file of policy.d. What cannot be read afterwards is taken back. */
int confine_persist(struct confine_command *c, char ret_path[PATH_MAX], struct error *err);

/* What `exec` in the container is to load from now on, before anything is loaded: sets entry->exec.
 */
void confine_set_exec(struct confine_command *c, const struct confine_job *job,
		      struct confine_entry *entry);

/* Is it so still, after all was loaded? Sets entry->exec. */
void confine_confirm_exec(struct confine_command *c, struct confine_entry *entry);

void confine_print(const struct confine_command *c, const struct confine_job *job,
		   const struct confine_progress *progress);

/* "shop/web-0/web (16de5a03636e)". Returns out. */
#define CONFINE_NAME_SIZE 512
const char *confine_name(const struct confine_entry *entry, char out[CONFINE_NAME_SIZE]);

/* Processes of one entry. */
struct confine_counts {
	size_t confined, had_it, refused, killed, no_new_privs;
};
struct confine_counts confine_count(const struct confine_entry *entry,
				    const struct confine_progress *progress);

#endif
