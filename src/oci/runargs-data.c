/* SPDX-License-Identifier: Apache-2.0 */
/* The options and subcommands of runc and crun; runargs-internal.h tells the sources. */
#include "oci/runargs-internal.h"

#define G RUNARGS_GLOBAL
#define C RUNARGS_AT_CREATE
#define R RUNARGS_AT_RUN
#define S RUNARGS_AT_RESTORE
#define VALUE true
#define FLAG false

/* name, short form in runc and crun, value, meaning, where runc knows it, where crun knows it */
const struct runargs_option runargs_options[] = {
	{"auto-dedup", 0, 0, FLAG, RUNARGS_ANY, S, 0},
	{"bundle", 'b', 'b', VALUE, RUNARGS_BUNDLE, C | R | S, C | R | S},
	{"cgroup-manager", 0, 0, VALUE, RUNARGS_ANY, 0, G},
	{"config", 0, 'f', VALUE, RUNARGS_CONFIG, 0, C | R},
	{"console-socket", 0, 0, VALUE, RUNARGS_ANY, C | R | S, C | R | S},
	{"criu", 0, 0, VALUE, RUNARGS_ANY, G, 0}, /* until runc 1.3 */
	{"debug", 0, 0, FLAG, RUNARGS_ANY, G, G},
	{"detach", 'd', 'd', FLAG, RUNARGS_ANY, R | S, R | S},
	{"empty-ns", 0, 0, VALUE, RUNARGS_ANY, S, 0},
	{"ext-unix-sk", 0, 0, FLAG, RUNARGS_ANY, S, S},
	{"file-locks", 0, 0, FLAG, RUNARGS_ANY, S, S},
	{"help", 'h', 0, FLAG, RUNARGS_SHOWS, G | C | R | S, G | C | R | S},
	/* crun takes the letter everywhere, but to urfave/cli v3 `create -?` names a container. */
	{"help", 0, '?', FLAG, RUNARGS_SHOWS, 0, G},
	{"image-path", 0, 0, VALUE, RUNARGS_ANY, S, S},
	{"keep", 0, 0, FLAG, RUNARGS_ANY, R, R}, /* crun from 1.15 */
	{"lazy-pages", 0, 0, FLAG, RUNARGS_ANY, S, 0},
	{"log", 0, 0, VALUE, RUNARGS_LOG, G, G},
	{"log-format", 0, 0, VALUE, RUNARGS_LOG_FORMAT_OPTION, G, G},
	{"log-level", 0, 0, VALUE, RUNARGS_ANY, 0, G},         /* from crun 1.17 */
	{"lsm-mount-context", 0, 0, VALUE, RUNARGS_ANY, S, S}, /* crun from 1.18 */
	{"lsm-profile", 0, 0, VALUE, RUNARGS_ANY, S, S},       /* crun from 1.18 */
	{"manage-cgroups-mode", 0, 0, VALUE, RUNARGS_ANY, S, S},
	/* Declared without a value, but crun takes the next word all the same; with "=" it fails.
	   From crun 1.19. */
	{"network-lock", 0, 0, VALUE, RUNARGS_ANY, 0, S},
	{"no-new-keyring", 0, 0, FLAG, RUNARGS_ANY, C | R, C | R},
	{"no-pivot", 0, 0, FLAG, RUNARGS_ANY, C | R | S, C | R},
	{"no-subreaper", 0, 0, FLAG, RUNARGS_ANY, R | S, C | R},
	{"pid-file", 0, 0, VALUE, RUNARGS_ANY, C | R | S, C | R | S},
	{"pidfd-socket", 0, 0, VALUE, RUNARGS_ANY, C | R, 0}, /* from runc 1.2 */
	{"preserve-fds", 0, 0, VALUE, RUNARGS_ANY, C | R, C | R},
	{"root", 0, 0, VALUE, RUNARGS_ANY, G, G},
	{"rootless", 0, 0, VALUE, RUNARGS_ANY, G, G},
	{"shell-job", 0, 0, FLAG, RUNARGS_ANY, S, S},
	{"systemd-cgroup", 0, 0, FLAG, RUNARGS_ANY, G, G},
	{"tcp-close", 0, 0, FLAG, RUNARGS_ANY, 0, S}, /* from crun 1.23 */
	{"tcp-established", 0, 0, FLAG, RUNARGS_ANY, S, S},
	{"usage", 0, 0, FLAG, RUNARGS_SHOWS, 0, G | C | R | S},
	{"version", 'v', 'v', FLAG, RUNARGS_SHOWS, G, G},
	{"version", 0, 'V', FLAG, RUNARGS_SHOWS, 0, G}, /* an alias of the letter only */
	{"work-path", 0, 0, VALUE, RUNARGS_ANY, S, S},
};
const size_t runargs_n_options = ARRAY_SIZE(runargs_options);

/* No runtime has another name for them, nor takes a part of one. */
const struct runargs_command runargs_commands[] = {
	{"create", C},
	{"restore", S},
	{"run", R},
};
const size_t runargs_n_commands = ARRAY_SIZE(runargs_commands);

/* nvidia-container-runtime hands its words on to the runc (or crun) that it wraps. crun takes the
 * rest of its name for a handler (fill_handler_from_argv0()); the parser stays the same. */
const struct runargs_program runargs_programs[] = {
	{"runc", RUNARGS_RUNC},
	{"nvidia-container-runtime", RUNARGS_RUNC},
	{"crun", RUNARGS_CRUN},
	{"krun", RUNARGS_CRUN},
};
const size_t runargs_n_programs = ARRAY_SIZE(runargs_programs);
