/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profile files: from what an administrator wrote to the linux.seccomp object of one container.
 *
 * Two forms are read: linux.seccomp itself (runtime-spec, config-linux.md), and the form of
 * Docker's and Podman's own profiles, which adds archMap, conditions on the container (includes,
 * excludes: caps, arches, minKernel), single names and errno names (moby/profiles,
 * seccomp/seccomp_linux.go; containers-common, pkg/seccomp). The second is a superset of the first,
 * so one reader serves both: a file without any of the additions resolves to itself.
 *
 * The result is a value, which is written anew and never copied from the file. So what is injected
 * depends on what the profile says and not on its layout (crun caches compiled filters by the text,
 * and the runtime has less to parse). Keys that no runtime knows stay out of config.json, and runc
 * and crun read the result alike.
 */
#ifndef SECCOMP_GUARD_PROFILE_PROFILE_FILE_H
#define SECCOMP_GUARD_PROFILE_PROFILE_FILE_H

#include "semantics/judge.h"
#include "flavor/flavor.h"
#include "profile/tighten.h"

/* The engines' own are 20 to 30 kB. */
#define PROFILEFILE_MAX_SIZE (1U << 20)

struct profilefile_request {
	struct span text;
	const struct profile_target *target; /* caps_absent: as if the bounding set were empty */
	struct arena *keep;                  /* for the result */
	struct arena *scratch;               /* given back */
	struct tighten tighten;              /* laid over the result; empty: nothing */
	bool old_calls;         /* without the names that libseccomp 2.5.4 does not know */
	struct span *ret_whole; /* see tighten_request; may be NULL */
};

struct profilefile {
	bool by_caps;   /* some rule depends on the container's capabilities */
	bool restricts; /* the profile as it is keeps some call from running, even if `profile` only
			   complains */
	struct seccomp_profile
		profile; /* what is to be injected: seccomp_write() makes it a text */
};

/*
 * Read, check and resolve. Errors are what a runtime would refuse, or what runc and crun would read
 * differently; they carry the offset in the text and begin with the entry: "syscalls[3].action:
 * ...".
 *
 * With target->complain every denial becomes SCMP_ACT_LOG. NOTIFY does too, because nobody may be
 * there to answer. What a denial covered is logged even where a later or overlapping rule allows
 * it. Rules that say ERRNO with ENOSYS stay, as in the built-in profiles (flavor.h).
 */
int profilefile_resolve(const struct profilefile_request *request, struct profilefile *ret_file,
			struct error *err);

/*
 * The same for a built-in flavor with request->tighten laid over it; request->text is not used.
 * Without restrictions profile_resolve() gives the same meaning as ready-made text.
 */
int profilefile_builtin(enum profile_flavor flavor, const struct profilefile_request *request,
			struct profilefile *ret_file, struct error *err);

/*
 * Write the host's own ABI into `architectures` of a profile that has none, which means the same to
 * libseccomp. But runc before 1.1.15 answers ENOSYS to calls that are newer than the profile on the
 * ABIs of the list alone, and glibc takes their EPERM for the last word. Nothing for profiles
 * without that answer, nor for ABIs that came when no such runc was left: it refuses their names.
 */
int profilefile_name_abi(struct seccomp_profile *profile, enum profile_arch host,
			 struct arena *keep, struct error *err);

/*
 * request->tighten laid over a profile as a configuration has it: *profile is changed. Denials stay
 * what they are, with target->complain too. *ret_changed: whether there was anything to do; if not,
 * *profile is as it was.
 */
int profilefile_overlay(struct seccomp_profile *profile, const struct profilefile_request *request,
			bool *ret_changed, struct error *err);

/*
 * Say the same without defaultErrnoRet, which an engine drops that sets a profile for an NRI
 * plugin: EPERM is what then holds anyway, and for any other number the calls that no rule names
 * are listed with it. A call that has rules for some arguments answers EPERM to the others, and so
 * does one that nobody knows yet. A rule that says what is now the default would be left out by
 * runtimes, and where another rule holds for the same call that one would count: it says EACCES.
 */
int profilefile_list_errno(struct seccomp_profile *profile, struct arena *keep, struct error *err);

#endif
