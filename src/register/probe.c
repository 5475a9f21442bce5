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

/* The root directory of the container, probe.ENGINE.XXXXXX: not in /run or /tmp, which may be
 * mounted noexec. That above it is there, as the registration is recorded in it. */
#define ABOVE "/var/lib/seccomp-guard/probe."
#define SUFFIX "XXXXXX"
#define SUFFIX_SIZE 6

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

/* What the container and what belongs to it are called. Images take no capital letters. */
static const char *name_of(struct registration *r, const char *dir)
{
	const unsigned char *c = (const unsigned char *)dir + strlen(dir) - SUFFIX_SIZE;

	return register_printf(r, REGISTER_NAME "-probe-%02x%02x%02x%02x%02x%02x", c[0], c[1], c[2],
			       c[3], c[4], c[5]);
}

/* The engine whose probe had the directory; NULL: it is none's. */
static const struct register_engine *engine_of(const char *dir)
{
	const char *name = dir + strlen(ABOVE), *dot = strchr(name, '.');

	for (size_t i = 0; dot != NULL && register_engines[i] != NULL; i++)
		if (strlen(dot + 1) == SUFFIX_SIZE && strchr(dot + 1, '.') == NULL &&
		    strlen(register_engines[i]->name) == (size_t)(dot - name) &&
		    memcmp(register_engines[i]->name, name, (size_t)(dot - name)) == 0)
			return register_engines[i];
	return NULL;
}

/* Call `found` for each that nobody holds. */
static void each_left(void (*found)(struct registration *r, const struct register_engine *engine,
				    const char *dir),
		      struct registration *r)
{
	glob_t paths = {0};

	if (glob(ABOVE "*", GLOB_NOSORT, NULL, &paths) != 0)
		return;
	for (size_t i = 0; i < paths.gl_pathc; i++) {
		const char *dir = paths.gl_pathv[i];
		const struct register_engine *engine = engine_of(dir);
		CLEANUP_FD int fd = engine != NULL ? hold(dir) : -1;

		if (fd >= 0)
			found(r, engine, dir);
	}
	globfree(&paths);
}

/* The directory goes last: as long as it is there, the rest is looked for. */
static void remove_left(struct registration *r, const struct register_engine *engine,
			const char *dir)
{
	struct registration other = {
		.options = r->options, .engine = engine, .keep = r->keep, .scratch = r->scratch};
	const char *name = name_of(r, dir), *tar = register_printf(r, "%s.tar", dir);
	struct error err;

	if (name == NULL || tar == NULL)
		return;
	unlink(tar);
	if (engine->unprobe != NULL && register_installed(engine, "", r->keep) &&
	    engine->unprobe(&other, name, &err) < 0) {
		strbuf_printf(&r->notes,
			      "what a killed probe may have left, called %s, cannot be looked for "
			      "in %s: %s\n",
			      name, engine->name, err.text);
		return;
	}
	remove_directory(dir);
	strbuf_printf(&r->notes, "removed what a killed probe had left in %s, called %s\n",
		      engine->name, name);
}

void probe_remove_left(struct registration *r)
{
	each_left(remove_left, r);
}

static void note_left(struct registration *r, const struct register_engine *engine, const char *dir)
{
	if (engine == r->engine)
		strbuf_printf(&r->notes, "%s%s", r->notes.n > 0 ? ", " : "", name_of(r, dir));
}

const char *probe_left(struct registration *r)
{
	struct registration one = *r;
	struct error ignored;
	struct span names;

	one.notes = (struct strbuf){.arena = r->keep};
	each_left(note_left, &one);
	return one.notes.n > 0 && strbuf_end(&one.notes, &names, &ignored) == 0 ? names.p : NULL;
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
static int run(struct registration *r, const char *dir, struct register_probe *probe,
	       struct error *err)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGTERM};
	const struct sigaction note = {.sa_handler = note_signal};
	struct sigaction before[ARRAY_SIZE(signals)];
	int failed;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &note, &before[i]);
	probe->dir = dir;
	probe->name = name_of(r, dir);
	failed = probe->name == NULL ? error_set(err, "out of memory")
				     : r->engine->probe(r, probe, err);
	remove_directory(dir);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &before[i], NULL);
	if (interrupted != 0)
		raise(interrupted);
	return failed;
}

enum probe_result probe_registration(struct registration *r, bool restarted, const char **ret_text)
{
	struct register_probe probe = {.restarted = restarted};
	char *dir = register_printf(r, ABOVE "%s." SUFFIX, r->engine->name);
	CLEANUP_FD int fd = -1;
	struct error err;

	if (dir == NULL)
		error_set(&err, "out of memory");
	else if (r->options.root[0] != '\0')
		error_set(&err, "none is started below another root");
	else if (r->engine->probe == NULL)
		error_set(&err, "%s starts none without a pod", r->engine->name);
	else if (make_directory(r, dir, &fd, &err) == 0 && run(r, dir, &probe, &err) == 0)
		return judge(r, &probe, ret_text);
	*ret_text = register_printf(r, "no probe container: %s; try: %s", err.text, r->engine->try);
	return PROBE_NONE;
}
