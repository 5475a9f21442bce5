/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The use case: the bytes of a configuration and a policy in, a verdict out, with the new bytes if
 * there are to be any. Pure; what it needs from outside (a profile file) it asks for through a
 * callback.
 */
#ifndef SECCOMP_GUARD_POLICY_ENFORCE_H
#define SECCOMP_GUARD_POLICY_ENFORCE_H

#include "policy/decide.h"
#include "base/sha256.h"

/* Memory for one verdict; the verdict points into it. */
struct enforce_memory {
	struct arena keep;
	struct arena scratch;
};

/* A profile file. `path` is absolute, or relative to `root`, which it must not leave. */
struct enforce_file {
	const char *root;
	const char *path;
	bool confine; /* an absolute path is an error, too */
};

enum enforce_order {
	ENFORCE_FIRST,
	ENFORCE_AFTER_FILTER,  /* podman's precreate hook */
	ENFORCE_AFTER_WRAPPER, /* that, or the wrapper */
};

/* What enforcing may ask of the host. */
struct enforce_host {
	enum profile_arch arch;
	uint32_t kernel; /* PROFILE_KERNEL() */
	int64_t now;     /* seconds since 1970-01-01 UTC, for the dates of rules */
	/* The text of a profile file, which lives in `keep`. */
	int (*load_profile)(const struct enforce_file *file, struct arena *keep,
			    struct span *ret_text, struct error *err);
	/*
	 * The file that `engine` takes its default profile from, absolute, in
	 * memory->keep; NULL: it has none here. Fails when that cannot be told. May be NULL.
	 */
	int (*engine_profile)(enum engine engine, struct enforce_memory *memory,
			      const char **ret_path, struct error *err);
	/*
	 * Add what the engine's own files tell of the container: its name, image and labels. What
	 * cannot be read, or could have been written by others, is not added. May be NULL.
	 */
	void (*engine_names)(const struct ociconfig *config, struct enforce_memory *memory,
			     struct identity *identity);
	/* Who of ours may have seen the configuration before and put a profile into it. */
	enum enforce_order order;
	/*
	 * What this host knows until it is started again, and no container can: see ENFORCE_MARK.
	 * p NULL: there is nothing of the kind. May be NULL.
	 */
	struct span (*secret)(struct arena *keep);
	/*
	 * What becomes of a ready program with the runtime that is executed next, one of enum
	 * ready_use (policy/ready.h). Asked only where the policy says "filter": "ready". NULL:
	 * that is not known.
	 */
	int (*program_use)(const char *runtime);
	/* Does that runtime take SECCOMP_FILTER_FLAG_LOG? Asked only where a profile is injected
	 * that is to have it. NULL: as `logs` says. */
	bool (*takes_log)(const char *runtime);
	const char *runtime; /* for program_use() and takes_log() */
	bool live;           /* what is injected is loaded live: no new configuration is wanted */
	bool restores;       /* the container comes from a checkpoint, see decide_context */
	bool logs;           /* whoever loads the filter is known to take SECCOMP_FILTER_FLAG_LOG */
};

/*
 * A profile that is injected into a configuration has a first name that begins so and is no system
 * call's, so that runtimes pass it over. Behind it is a hash of the host's secret and the profile.
 *
 * crun, from 1.14 on, keeps the programs that it compiles under a hash of the profile's strings and
 * numbers, without what stands between them and without errnoRet: "socket","call" is there what
 * "socketcall" is, and a valueTwo what a value is. Who brings a profile of his own could prepare
 * the program that containers get which RuntimeDefault is injected into. He cannot know the mark;
 * and as the same profile has the same one, what crun keeps is found again. Where crun is told to
 * fail on names that it does not know, names that are there stand in its place, repeated.
 */
#define ENFORCE_MARK "seccomp-guard-"

/*
 * The path of a profile file as messages say it: `path` if it is absolute, else below `root`;
 * escaped. `out` has ENFORCE_PATH_SIZE bytes. Returns out.
 */
#define ENFORCE_PATH_SIZE 256
const char *enforce_profile_path(const char *root, const char *path, char *out);

struct verdict {
	struct decision decision;
	struct identity identity;
	uint64_t caps;       /* bounding set, for which a built-in profile is resolved */
	struct span profile; /* the linux.seccomp that is injected, or would be; p == NULL: none */
	const struct seccomp_profile
		*profile_value; /* the same; NULL: none, or built in as it is */
	struct span output;     /* ACTION_INJECT, but not live: the whole new configuration */
	char profile_sha256[SHA256_HEX_SIZE]; /* "" when there is no profile */
	/* What is replaced names a listener, so that an agent waits there; p == NULL: not so. */
	struct span listener;
	struct span
		denied_call; /* that "tighten" denies as a whole, see tighten_request.ret_whole */
	bool logs_denials;   /* `profile` has SECCOMP_FILTER_FLAG_LOG, as the policy says */
	bool ready;          /* the program of `profile` is in `output` beside it */
	/* The profile is the one that this policy puts in: it is kept, as whoever put it in has
	 * recorded. */
	bool done_before;
	/*
	 * The profile is the one that the NRI plugin sets of this policy, which does not depend on
	 * the container's capabilities (enforce_nri()); it is no profile of the container's own,
	 * and what is injected is the one for these capabilities.
	 */
	bool nri_part;
	bool by_caps; /* `profile` depends on the capabilities */
	/* Of what the container starts with, see semantics/warnings.h. Built-in profiles have none.
	 */
	unsigned int warnings;
	struct error why; /* refused or would be: what is wrong, for people; else an empty text */
};

/*
 * Judge `text`. A verdict always comes out: what goes wrong on the way makes it a refusal (in
 * audit: would be one), with the reason in ret_verdict->why.
 */
void enforce(struct span text, const struct policy *policy, const struct enforce_host *host,
	     struct enforce_memory *memory, struct verdict *ret_verdict);

/*
 * What an engine tells an NRI plugin of a container, and the profile that it is to set. The engine
 * tells neither capabilities nor masked paths: `config` has all that it tells, and in `bounding`
 * what a built-in profile is resolved for. A container counts as privileged if it could be. What it
 * has is judged as if it had every capability, so that nothing is held against a profile that could
 * be RuntimeDefault's; nothing is spliced. With ACTION_INJECT `profile_value` is what the engine is
 * to set, with the mark, and `output` the same as text; see profilefile_list_errno().
 *
 * For all capabilities (CAPABILITY_ALL) what is set lets through all that it lets through for any:
 * a part of the profile, which breaks no container. enforce() knows it when it comes to the
 * container's configuration later, see verdict.nri_part.
 */
void enforce_nri(const struct ociconfig *config, const struct policy *policy,
		 const struct enforce_host *host, struct enforce_memory *memory,
		 struct verdict *ret_verdict);

#endif
