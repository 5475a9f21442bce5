/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints what runargs makes of command lines, for comparison with the runtimes. Each line of
 * standard input is one: the family (runc, crun, other), then the words after the program name,
 * each behind an 0x1f byte. Each line of standard output is the answer as JSON.
 */
#include "oci/runargs.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#define SEPARATOR "\x1f"
#define MAX_WORDS 64

static void print_string(const char *key, const char *text)
{
	if (!text)
		return;
	printf(", \"%s\": \"", key);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p < 0x20 || *p == '"' || *p == '\\')
			printf("\\u%04x", *p);
		else
			putchar(*p);
	}
	putchar('"');
}

static void print_answer(int argc, char *argv[])
{
	struct runargs args;
	struct error error;
	bool ok = runargs_parse(runargs_family_of(argv[0]), argc, argv, &args, &error) == 0;

	printf("{\"kind\": \"%s\"", !ok                           ? "refused"
				    : args.kind == RUNARGS_CREATE ? "create"
								  : "pass");
	if (!ok)
		print_string("error", error.text);
	print_string("command", args.command);
	print_string("id", args.id);
	print_string("bundle", args.bundle);
	print_string("config", args.config);
	print_string("log", args.log);
	printf(", \"log_format\": \"%s\"}\n",
	       args.log_format == RUNARGS_LOG_JSON ? "json" : "text");
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) > 0) {
		char *argv[MAX_WORDS];
		char *rest = line;
		int argc = 0;

		line[n - 1] = '\0';
		while (rest) {
			if (argc == MAX_WORDS)
				errx(2, "too many words");
			argv[argc++] = strsep(&rest, SEPARATOR);
		}
		print_answer(argc, argv);
	}
	free(line);
	return 0;
}
