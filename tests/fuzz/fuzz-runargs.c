/* SPDX-License-Identifier: Apache-2.0 */
/* A command line, one word per line: what is understood is sound, and OTHER only where both
 * runtimes agree. */
#include "fuzz.h"

#include "oci/runargs.h"

#define MAX_WORDS 64

static bool same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void check_args(const struct runargs *args)
{
	HOLDS(args->kind == RUNARGS_PASS || args->kind == RUNARGS_CREATE);
	HOLDS(args->bundle == NULL || args->bundle[0] != '\0');
	HOLDS(args->config == NULL || args->config[0] != '\0');
	HOLDS(args->log == NULL || args->log[0] != '\0');
	if (args->kind == RUNARGS_PASS)
		return;
	HOLDS(args->command != NULL && args->id != NULL && args->id[0] != '\0' &&
	      args->id[0] != '-');
	HOLDS(strspn(args->id,
		     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.") ==
	      strlen(args->id));
}

static void check_words(int argc, char *argv[])
{
	struct runargs args[3];
	struct error err;
	int status[3];

	memset(args, 0, sizeof(args));
	for (int family = RUNARGS_RUNC; family <= RUNARGS_OTHER; family++) {
		status[family] = runargs_parse(family, argc, argv, &args[family], &err);
		if (status[family] == 0)
			check_args(&args[family]);
		else
			HOLDS(err.text[0] != '\0');
	}
	if (status[RUNARGS_OTHER] < 0 || args[RUNARGS_OTHER].kind != RUNARGS_CREATE)
		return;
	for (int family = RUNARGS_RUNC; family <= RUNARGS_CRUN; family++) {
		HOLDS(status[family] == 0 && args[family].kind == RUNARGS_CREATE);
		HOLDS(same(args[family].id, args[RUNARGS_OTHER].id));
		HOLDS(same(args[family].bundle, args[RUNARGS_OTHER].bundle));
		HOLDS(same(args[family].config, args[RUNARGS_OTHER].config));
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *text = malloc(size + 1), *rest = text, *argv[MAX_WORDS];
	int argc = 1;

	HOLDS(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	argv[0] = text + size;
	while (rest && *rest && argc < MAX_WORDS)
		argv[argc++] = strsep(&rest, "\n");
	check_words(argc, argv);
	free(text);
	return 0;
}
