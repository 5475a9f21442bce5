/* SPDX-License-Identifier: Apache-2.0 */
#include "register/probe.h"

#include "node/host.h"
#include "policy/policy-rules.h"
#include "register/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

/* The root directory of the container: not in /run or /tmp, which may be mounted noexec. That above
 * it is there, as the registration is recorded in it. */
#define ABOVE "/var/lib/seccomp-guard/probe."
#define DIR ABOVE "XXXXXX"

const char *probe_result_name(enum probe_result result)
{
	static const char *const names[] = {"none", "confined", "as-policy", "unconfined",
					    "refused"};

	return names[result];
}

/* ---- the container's directory ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

/* With what the engine has made in it, but nothing that may be mounted there. */
static void remove_directory(const char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* Whoever has made it holds it as long as it is needed; the kernel lets go of it for who is killed.
 */
static int hold(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

void probe_remove_left(void)
{
	glob_t found = {0};

	if (glob(ABOVE "??????", GLOB_NOSORT, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		CLEANUP_FD int fd = hold(found.gl_pathv[i]);
		char tar[PATH_MAX];

		if (fd < 0)
			continue;
		snprintf(tar, sizeof(tar), "%s.tar", found.gl_pathv[i]);
		unlink(tar);
		remove_directory(found.gl_pathv[i]);
	}
	globfree(&found);
}

/* *ret_fd: to be closed behind it. */
static int make_directory(struct registration *r, char *dir, int *ret_fd, struct error *err)
{
	const char *path;
	struct span program;

	if (files_read("", PKGLIBEXECDIR REGISTER_PROBE, r->keep, &program, err) < 0)
		return -1;
	if (program.p == NULL)
		return error_set(err, PKGLIBEXECDIR REGISTER_PROBE
				 " is not installed, which it would run");
	if (mkdtemp(dir) == NULL)
		return error_set(err, "%s: %s", dir, error_words(errno));
	*ret_fd = hold(dir);
	path = register_printf(r, "%s" REGISTER_PROBE, dir);
	if (path != NULL && chmod(dir, 0755) == 0 && files_write("", path, program, err) == 0 &&
	    chmod(path, 0755) == 0)
		return 0;
	remove_directory(dir);
	return error_set(err, "%s cannot be written", dir);
}

/* ---- what the policy says of it ---- */

/* Why a container that asks for no filter gets none, by the policy; NULL: it should have one.
 * *ret_refuses: none is started. */
static const char *why_unconfined(struct registration *r, const struct register_probe *p,
				  bool *ret_refuses)
{
	const struct identity id = {.engine = p->engine, .container = span_of(p->name)};
	const struct ociconfig config = {0};
	const struct workload workload = {&id, &config, time(NULL)};
	struct enforce_memory memory = {*r->keep, *r->scratch};
	struct policy policy, own;
	struct rule_choice ignored;
	struct error err;

	*ret_refuses = false;
	if (host_policy(NULL, &memory, &policy, &err) < 0)
		return NULL;
	if (policy.disabled != NULL)
		return "the kill switch is on";
	policy_for(&policy, &workload, &own, &ignored);
	*ret_refuses = own.mode == MODE_DENY;
	if (own.mode == MODE_AUDIT)
		return "its mode \"audit\" only records";
	return own.unconfined ? "one of its rules exempts it" : NULL;
}

/* ---- what became of it ---- */

#define ASKED "a container that asks for no filter "

static enum probe_result judge(struct registration *r, const struct register_probe *p,
			       const char **ret_text)
{
	const struct span out = p->result.out;
	const struct span said =
		p->result.message.n > 0 ? p->result.message : SPAN("without a word");
	bool refuses;
	const char *why = why_unconfined(r, p, &refuses);

	if (span_has_prefix(out, SPAN("Seccomp:\t2"))) {
		*ret_text = ASKED "has one: the kernel says Seccomp: 2 of it";
		return PROBE_CONFINED;
	}
	if (span_has_prefix(out, SPAN("Seccomp:\t0")) && why != NULL) {
		*ret_text = register_printf(r,
					    ASKED "starts without one (the kernel says Seccomp: "
						  "0), as the policy says: %s",
					    why);
		return PROBE_AS_POLICY;
	}
	if (span_has_prefix(out, SPAN("Seccomp:\t0"))) {
		*ret_text = ASKED "has none, though the policy wants one: the kernel says "
				  "Seccomp: 0 of it; \"seccomp-guard doctor\" may know why";
		return PROBE_UNCONFINED;
	}
	/* Podman puts the name of the runtime, which is ours, before what that says. */
	if (memmem(said.p, said.n, "seccomp-guard: container", 24) != NULL &&
	    memmem(said.p, said.n, " refused", 8) != NULL) {
		*ret_text =
			register_printf(r, ASKED "is refused%s: %.*s",
					refuses ? ", as the policy says" : "", (int)said.n, said.p);
		return refuses ? PROBE_AS_POLICY : PROBE_REFUSED;
	}
	*ret_text = register_printf(r, "no probe container, it does not start: %.*s; try: %s",
				    (int)said.n, said.p, r->engine->try);
	return PROBE_NONE;
}

/* ---- ^C ---- */

static volatile sig_atomic_t interrupted;

static void note_signal(int number)
{
	interrupted = number;
}

/* Have the engine start it. A signal meanwhile ends the engine's tool, if it goes to both, but not
 * what is to be cleaned up after that. */
static int run(struct registration *r, struct register_probe *probe, struct error *err)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGTERM};
	const struct sigaction note = {.sa_handler = note_signal};
	struct sigaction before[ARRAY_SIZE(signals)];
	int failed;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &note, &before[i]);
	failed = r->engine->probe(r, probe, err);
	remove_directory(probe->dir);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &before[i], NULL);
	if (interrupted != 0)
		raise(interrupted);
	return failed;
}

enum probe_result probe_registration(struct registration *r, bool restarted, const char **ret_text)
{
	char dir[] = DIR, name[64];
	struct register_probe probe = {.dir = dir, .name = name, .restarted = restarted};
	CLEANUP_FD int fd = -1;
	struct error err;

	snprintf(name, sizeof(name), "seccomp-guard-probe-%ld", (long)getpid());
	if (r->options.root[0] == '\0')
		probe_remove_left();
	if (r->options.root[0] != '\0')
		error_set(&err, "none is started below another root");
	else if (r->engine->probe == NULL)
		error_set(&err, "%s starts none without a pod", r->engine->name);
	else if (make_directory(r, dir, &fd, &err) == 0 && run(r, &probe, &err) == 0)
		return judge(r, &probe, ret_text);
	*ret_text = register_printf(r, "no probe container: %s; try: %s", err.text, r->engine->try);
	return PROBE_NONE;
}
