/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registering with an engine: what its configuration says now, what it is to say, and the way back.
 *
 * One engine is one driver, which reads the configuration and makes a plan: files with their bytes
 * before and after. Carrying it out is the same for all (apply.c): everything that is needed to go
 * back is written first, each file is replaced by renaming, the engine's own tool is asked, and
 * what it does not accept is undone. So a SIGKILL at any point leaves a configuration that the
 * engine accepts, and `unregister` knows what to do about it.
 */
#ifndef SECCOMP_GUARD_REGISTER_REGISTER_H
#define SECCOMP_GUARD_REGISTER_REGISTER_H

#include "base/strbuf.h"
#include "node/command.h"
#include "oci/engine.h"

#include <sys/types.h>

/* The name of our runtime in every engine. */
#define REGISTER_NAME "seccomp-guard"

#define REGISTER_MAX_FILES 4

/* Our plugin, as engines with NRI know it, and the unit that keeps it running. */
#define REGISTER_NRI_PLUGIN "90-seccomp-guard"
#define REGISTER_NRI_PROGRAM PKGLIBEXECDIR "/seccomp-guard-nri"
#define REGISTER_NRI_UNIT "seccomp-guard-nri.service"

/* How containers get to us. */
enum register_form {
	REGISTER_RUNTIME, /* the engine executes our runtime */
	REGISTER_HOOK,    /* OCI hooks in the engine's own places for them */
	REGISTER_NRI,     /* our plugin, by the engine's plugin interface */
	REGISTER_FORMS
};

struct register_options {
	const char *root; /* the system below this directory, with its tools; "": this one */
	enum register_form form;
	bool fail_open;    /* NRI: what starts while the plugin is away is not refused */
	bool keep_default; /* the runtime can be named, and nothing goes through it by itself */
	bool dry_run;
	bool when_unused; /* unregister: all of it, where no container names it any more */
};

/* A file of the engine: its path below the root, and its text. p == NULL: it is not there. */
struct register_file {
	const char *path;
	struct span before, after;
};

struct registration {
	struct register_options options;
	const struct register_engine *engine;
	struct arena *keep, *scratch;
	struct register_file files[REGISTER_MAX_FILES];
	size_t n_files;
	const char *runtime; /* name of what is wrapped, "runc", as in runtimes/NAME; NULL: none */
	const char *target;  /* and its path */
	const char *old_default; /* the engine's runtime before; NULL: it said none */
	enum register_form form; /* of options; to go back, as it was recorded */
	struct span effective;   /* what the engine's tool said before; p == NULL: not asked */
	struct strbuf notes;     /* lines for the operator */
};

/* What an engine starts containers with, by its effective configuration. Strings in r->keep. */
struct register_state {
	const char *handler; /* its default; NULL: it has none that starts containers */
	const char *program; /* which is executed for it: a path or a name */
	const char *others;  /* what it can also be asked for by name, ", " between; "": nothing */
	bool hooked;         /* our OCI hooks are in force */
	bool hides;          /* annotations of its users do not get as far as us */
	bool requires_nri;   /* it starts nothing without our plugin */
};

/* For register_engine.try: nothing is asked for, which is unconfined unless the kubelet says
 * otherwise. */
#define REGISTER_TRY_POD                                                                           \
	"kubectl run seccomp-probe --rm -it --restart=Never --image=busybox -- grep Seccomp: "     \
	"/proc/self/status"

/* A program below PKGLIBEXECDIR, and its path in the probe's root directory. */
#define REGISTER_PROBE "/seccomp-guard-probe"

/* One container to be started, see probe.h. */
struct register_probe {
	const char *dir;  /* its root directory, with REGISTER_PROBE in it */
	const char *name; /* nothing else is called so */
	bool restarted;   /* the daemon may still be at it */
	/* What the engine's driver says. */
	enum engine engine; /* as a policy will see it */
	struct command_result result;
};

struct register_engine {
	const char *name;
	const char *program;        /* by which one knows that it is installed */
	const char *applies;        /* a sentence: what makes it read its configuration */
	const char *const *restart; /* and the command for it; NULL: none is needed */
	const char *daemon;         /* the process that reads it; NULL: none */
	const char *reads;          /* the file that is changed in it */
	const char *passes_by;      /* a sentence: what starts containers around us */
	bool asks_features;         /* it calls its runtime's subcommand "features" */
	const char *try;            /* a command by which people see what their containers get */
	/* Why it cannot be registered in that form; NULL: it can. */
	const char *refuses[REGISTER_FORMS];
	/* Plan to register. The files' `before` is what is there now. */
	int (*enter)(struct registration *r, struct error *err);
	/* Plan that our runtime, which is known and stays so, is the default or, `ours` false, that
	 * what was it before is. */
	int (*set_default)(struct registration *r, bool ours, struct error *err);
	/* Plan to have nothing left of it in files that others changed meanwhile. */
	int (*remove)(struct registration *r, struct error *err);
	/* Ask the engine what it makes of its configuration now; `registered`: it has to know us.
	 */
	int (*verify)(struct registration *r, bool registered, struct error *err);
	/* What it starts containers with now. Nothing is changed or planned. */
	int (*look)(struct registration *r, struct register_state *ret_state, struct error *err);
	/*
	 * Start a container with REGISTER_PROBE that asks for no filter, wait for its end, and
	 * leave nothing of it. Fails where it cannot be started yet, such as when the daemon has
	 * not read its configuration; what the engine itself refuses is in p->result. NULL: there
	 * is no way without a pod.
	 */
	int (*probe)(struct registration *r, struct register_probe *p, struct error *err);
	/*
	 * Remove what a probe of that name may have left in the engine: container, image. Fails
	 * where that cannot be said. NULL with `probe`.
	 */
	int (*unprobe)(struct registration *r, const char *name, struct error *err);
	/*
	 * The default that its daemon has in force, by that daemon's own word, and what makes it
	 * have the one of its configuration: "systemctl reload docker". NULL where a daemon reads
	 * its configuration when it starts and not later.
	 */
	int (*in_force)(struct registration *r, struct span *ret_default, const char **ret_mend,
			struct error *err);
	/* The directory of its own containerd's program, which no other process executes. NULL: it
	 * is `daemon` that starts containers. */
	int (*programs)(struct registration *r, const char **ret_dir, struct error *err);
	/* Add a line for each container that names our runtime. */
	int (*users)(struct registration *r, struct strbuf *lines, struct error *err);
};

extern const struct register_engine register_containerd, register_crio, register_docker,
	register_podman, register_k3s, register_rke2;

/* The engine of that name; NULL with a message that lists them. */
const struct register_engine *register_engine(const char *name, struct error *err);
/* All of them, in the order in which --all goes through them; NULL behind the last. */
extern const struct register_engine *const register_engines[];

/* Is the engine installed below the root? */
bool register_installed(const struct register_engine *engine, const char *root, struct arena *keep);

/* ---- for the drivers ---- */

/* The text of `path` below the root, in r->keep; p == NULL when it is not there. */
int register_read(const struct registration *r, const char *path, struct span *ret_text,
		  struct error *err);

/* Plan a change; nothing where before and after are the same. */
int register_plan(struct registration *r, const char *path, struct span before, struct span after,
		  struct error *err);

/* Run one of the engine's tools below the root; one that is missing or fails is an error. */
int register_ask(struct registration *r, const char *const *argv, struct span *ret_out,
		 struct error *err);

/* The same, with whatever status it ends. Fails when it cannot be run. */
int register_try(struct registration *r, const char *const *argv, struct command_result *ret_result,
		 struct error *err);

/*
 * What is wrapped: `program` is what the engine executes now, a path or a name. Sets r->runtime and
 * r->target. Where a link of that name leads to another runtime, such as k3s' own
 * runc, it is called ENGINE-NAME. Fails when it is not there, or is ourselves. Fails as well when
 * it was built without seccomp: it would start every container without a filter, and nothing behind
 * it could tell.
 */
int register_wrap(struct registration *r, const char *program, struct error *err);

/*
 * Was the runtime at `program`, below `root`, built with seccomp? Asked of itself: "+SECCOMP" of
 * crun, "libseccomp: 2.5.4" of runc, else what `features` says. 1, 0, or -1: it does not tell.
 * ret_version is the first line of its --version, in `keep`.
 */
int register_has_seccomp(const char *root, const char *program, struct arena *keep,
			 struct span *ret_version);

/* "runc" where r->runtime is "docker-runc", a name that register_wrap() gave for engine docker;
 * NULL where it is the runtime's own. */
const char *register_own_name(const struct registration *r);

/* "/usr/libexec/seccomp-guard/runc": what the engine is to execute. In r->keep. */
const char *register_wrapper(struct registration *r);

/* Plan the definitions of our hooks in `dir`, as they are installed for that; `present` false:
 * away. */
int register_plan_hooks(struct registration *r, const char *dir, bool present, struct error *err);

/*
 * A TOML array with the plugins of `raw`, an array of strings or nothing, and ours as the last,
 * `present` false: without ours. NULL: out of memory.
 */
const char *register_nri_list(struct registration *r, struct span raw, bool present);

/* Is our plugin in it? */
bool register_nri_lists(struct span raw);

/* The text of a file that is installed below PKGDATADIR. */
int register_read_shared(struct registration *r, const char *name, struct span *ret_text,
			 struct error *err);

/* What is looked for in files: those that fit `pattern` (glob(7)) and contain `needle`. */
struct register_search {
	const char *pattern, *needle;
	/* Called for each such file in the order of names; `path` is without the root. */
	void (*each)(struct registration *r, const char *path, struct strbuf *lines);
};

/* Search below the root; `lines` is handed to search->each. */
int register_grep(struct registration *r, const struct register_search *search,
		  struct strbuf *lines, struct error *err);

/* For register_search: the paths, ", " between. */
void register_add_place(struct registration *r, const char *path, struct strbuf *lines);

/* Has any of these directories, `dirs` an array of strings, a definition of our hook? */
bool register_finds_hooks(struct registration *r, struct span dirs);

/* A printf into r->keep; NULL when memory is exhausted. */
char *register_printf(struct registration *r, const char *format, ...) PRINTF_LIKE(2, 3);

/* What is registered now, as recorded beside the originals: the default before, "" for none. */
int register_recall(struct registration *r, const char **ret_default, struct error *err);

/* File `i` of the record; NULL: there is none. In r->keep. */
int register_recall_path(struct registration *r, size_t i, const char **ret_path,
			 struct error *err);

/*
 * Fails when something still needs our runtime: containers that name it, which are in r->notes
 * then, or the daemon that runs, which starts containers with it until it has read its
 * configuration anew.
 */
int register_check_unused(struct registration *r, struct error *err);

/* ---- for the command ---- */

/* Is any engine registered by NRI, and needs the plugin? */
bool register_nri_is_used(struct registration *r);

/* The path of the record of this engine, with the root; -1 when that is too long. `out` has
 * PATH_MAX bytes. */
int register_record(const struct register_engine *engine, const char *root, char *out);

/* Is there one? */
bool register_is_recorded(const struct register_engine *engine, const char *root);

/*
 * Register, or go back, with r->engine, r->options and both arenas given. What is to be told is in
 * r->notes; with options.dry_run the differences of the files too, and nothing is changed.
 */
int register_enter(struct registration *r, struct error *err);
int register_leave(struct registration *r, struct error *err);

#endif
