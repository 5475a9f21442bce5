/* SPDX-License-Identifier: Apache-2.0 */
/* The policy: seccomp-guard-policy(5). Pure: text in, settings out. */
#ifndef SECCOMP_GUARD_POLICY_POLICY_H
#define SECCOMP_GUARD_POLICY_POLICY_H

#include "base/base.h"
#include "flavor/flavor.h"
#include "profile/tighten.h"

#define POLICY_MAX_SIZE (256U << 10)

enum policy_mode { MODE_AUDIT, MODE_COMPLAIN, MODE_ENFORCE, MODE_DENY, MODES };

/* The lists below go from lenient to strict: policy_strictest() takes the largest. */
enum policy_weak { WEAK_KEEP, WEAK_REPLACE, WEAK_REFUSE, WEAKS };

enum policy_privileged {
	PRIVILEGED_EXEMPT,
	PRIVILEGED_ENFORCE,
	PRIVILEGED_REFUSE,
};

/* What a createRuntime hook does about an unconfined container: confine its init, or refuse. */
enum policy_hook {
	HOOK_LIVE,
	HOOK_REFUSE,
};

/* What becomes of a checkpoint that is restored, with filters that nobody has judged. */
enum policy_restore {
	RESTORE_ALLOW,
	RESTORE_REFUSE,
};

/* Does what is injected have the kernel write a record of each denied call, with
 * SECCOMP_FILTER_FLAG_LOG? */
enum policy_denials {
	DENIALS_SILENT,
	DENIALS_LOG,
};

/* Who makes the filter of what is injected: the runtime, of linux.seccomp; or we, where the runtime
 * takes a ready program. */
enum policy_filter {
	FILTER_RUNTIME,
	FILTER_READY,
};

/* How the NRI plugin confines a container (nri/judge.h). */
enum policy_nri {
	NRI_AUTO, /* both, where the engine can */
	NRI_HOOKS,
	NRI_POLICY,
	NRI_BOTH,
};

enum policy_log {
	LOG_TO_SYSLOG,
	LOG_TO_JOURNALD,
	LOG_TO_STDERR,
	LOG_TO_NONE,
	LOG_TO_FILE,
};

/* Which flavor "runtime/default" means; auto follows the engine that made the configuration. */
#define POLICY_FLAVOR_AUTO (-1)

struct policy_glob {
	const char *pattern;
	struct policy_glob *next;
};

struct policy_rule;

/* A file that was read, kept for those who tell where a setting comes from. */
struct policy_file {
	const char *path;
	struct span text;
	const struct policy_file *next;
};

/* As many keys as a policy or a rule may have. */
#define POLICY_MAX_KEYS 20

struct policy {
	enum policy_mode mode;
	const char *profile; /* NULL: runtime/default; else the path of a profile file: absolute, or
				below localhost_root */
	bool engine;     /* the engine's own file, where it has one; else as `profile` NULL says */
	bool unconfined; /* a rule's exemption; never set at the top level */
	int flavor;      /* enum profile_flavor, or POLICY_FLAVOR_AUTO */
	enum policy_weak weak;
	enum policy_privileged privileged;
	enum policy_hook hook;
	enum policy_restore restore;
	enum policy_denials denials;
	enum policy_filter filter;
	const struct policy_glob *listeners; /* paths, no patterns: see policy_knows_listener() */
	bool honor_annotations;
	const struct policy_glob *honor_namespaces; /* NULL: all */
	struct tighten tighten; /* laid over the profile of every container; empty: nothing */
	/* Not for rules. */
	const char *file; /* the last one read, for messages; NULL: there is none */
	const char *
		disabled; /* the kill switch is on: everything passes, and this is why; NULL: off */
	const char *localhost_root;
	enum policy_nri nri;
	enum policy_log log;
	const char *log_path;                 /* LOG_TO_FILE */
	const char *metrics;                  /* file of Prometheus counters; NULL: none */
	const struct tighten_custom *customs; /* all that there are, those of rules too */
	const struct policy_rule *rules; /* in the order in which they are tried; policy-rules.h */
	const struct policy_file *files; /* whoever reads files fills it in; NULL: the defaults */
	/* The value of each key as it was written, in the text that was read last of those that
	 * have it; by index, see policy_key(). p == NULL: in none. In a rule's settings: of the
	 * keys of the rule, see policy_rule_key(). */
	struct span origin[POLICY_MAX_KEYS];
};

/* What holds without a policy file. */
void policy_defaults(struct policy *ret_policy);

/* The same as the text of a policy: read over anything, it gives the defaults. */
extern const char policy_defaults_text[];

/* The keys of a policy, and of a rule, by index; NULL behind the last. */
const char *policy_key(size_t i);
const char *policy_rule_key(size_t i);

/*
 * Read the text of a policy file over *policy, which holds the defaults or an earlier file: its
 * rules come behind those that are there, its other keys replace theirs. Strings live in `keep`;
 * the policy points into `text`, too.
 * Fails, with an offset, on anything that it does not know: a policy is never followed in part.
 */
int policy_read(struct span text, struct arena *keep, struct arena *scratch, struct policy *policy,
		struct error *err);

const char *policy_mode_name(enum policy_mode mode);
const char *policy_weak_name(enum policy_weak weak);
const char *policy_privileged_name(enum policy_privileged privileged);
const char *policy_hook_name(enum policy_hook hook);
const char *policy_restore_name(enum policy_restore restore);
const char *policy_denials_name(enum policy_denials denials);
const char *policy_filter_name(enum policy_filter filter);
const char *policy_nri_name(enum policy_nri nri);

/*
 * Is the agent that answers for what `profile` leaves to one (SCMP_ACT_NOTIFY) among `listeners`?
 * It decides about these calls and can let all of them run, so who may choose it may choose
 * anything. True when nothing is left to an agent. Paths are compared as they are written.
 */
bool policy_knows_listener(const struct policy_glob *listeners,
			   const struct seccomp_profile *profile);

/* Are annotations of this workload followed? `name_space` is empty where the engine has none. */
bool policy_honors_annotations(const struct policy *policy, struct span name_space);

/* Shell pattern (* and ? and no others) against the whole of `text`. */
bool policy_glob_matches(const char *pattern, struct span text);

#endif
