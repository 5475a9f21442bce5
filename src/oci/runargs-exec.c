/* SPDX-License-Identifier: Apache-2.0 */
/* The options of `exec` that take a value in a word of its own: runc's exec.go (1.1 to main) and
 * crun's src/exec.c (1.8 to main). */
#include "oci/runargs.h"

static const char *const with_value[] = {
	"additional-gids", "apparmor",      "cap",     "cgroup",
	"console-socket",  "cwd",           "env",     "pid-file",
	"preserve-fds",    "process-label", "process", "user",
};

/* "-e A=B", in runc and crun; crun's -c and -g are theirs alone. */
static const char short_with_value[] = "cegpu";

static bool takes_next(const char *word)
{
	size_t dashes = word[1] == '-' ? 2 : 1;
	const char *name = word + dashes;

	if (dashes == 1 && word[1] != '\0' && word[2] == '\0')
		return strchr(short_with_value, word[1]) != NULL;
	for (size_t i = 0; i < ARRAY_SIZE(with_value); i++)
		if (strcmp(name, with_value[i]) == 0)
			return true;
	return false;
}

const char *runargs_exec_id(const struct runargs *args, int argc, char *const argv[])
{
	int i = 1;

	if (args->command == NULL || strcmp(args->command, "exec") != 0)
		return NULL;
	while (i < argc && argv[i] != args->command)
		i++;
	for (i++; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			return i + 1 < argc ? argv[i + 1] : NULL;
		if (argv[i][0] != '-')
			return argv[i];
		i += takes_next(argv[i]);
	}
	return NULL;
}
