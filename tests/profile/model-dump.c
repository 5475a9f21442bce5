/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests: what the model (model.h) says. Reads lines
 *
 *     profile NATIVE RUNTIME JSON          RUNTIME: profile, runc or crun
 *     call ABI SYSCALL ARG...              six arguments
 *     number ABI SYSCALL
 *
 * and answers `call` with what a filter would return, in hexadecimal, followed by "?" when two
 * rules disagree; "-" when there is no such call on ABI; "error WHAT" when runtimes would fail.
 * `number` is answered with the number, or -1.
 */
#include "semantics/model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static char line[1 << 20], kept[1 << 20], memory[3][8 << 20];
static struct arena keep = {memory[0], sizeof(memory[0]), 0},
		    scratch = {memory[1], sizeof(memory[1]), 0};
static struct arena regions = {memory[2], sizeof(memory[2]), 0};
static struct seccomp_profile profile;
static struct model_request request;
static struct model models[ABIS];
static char problems[ABIS][512];

static void die(const char *what)
{
	fprintf(stderr, "model-dump: %s\n", what);
	exit(1);
}

static enum abi abi_named(const char *name)
{
	enum abi abi;
	struct error err;

	if (abi_from_name(span_of(name), &abi, &err) < 0)
		die(err.text);
	return abi;
}

static void read_profile(char *words)
{
	static const char *const runtimes[] = {"profile", "runc", "crun"};
	char *save = NULL;
	struct error err;

	request = (struct model_request){.profile = &profile,
					 .native = abi_named(strtok_r(words, " ", &save))};
	words = strtok_r(NULL, " ", &save);
	for (int i = 0; i < 3; i++)
		if (strcmp(words, runtimes[i]) == 0)
			request.runtime = (enum model_runtime)i;
	strcpy(kept, save);
	keep.used = regions.used = 0;
	if (ociseccomp_read(span_of(kept), &keep, &scratch, &profile, &err) < 0)
		die(err.text);
	for (int i = 0; i < ABIS; i++) {
		request.abi = (enum abi)i;
		problems[i][0] = '\0';
		if (model_build(&request, &regions, &models[i], &err) < 0)
			snprintf(problems[i], sizeof(problems[i]), "%s", err.text);
	}
}

static uint32_t filter_value(struct model_verdict v)
{
	static const uint32_t values[OCI_ACTIONS] = {
		[OCI_ACT_KILL_PROCESS] = 0x80000000,
		[OCI_ACT_KILL_THREAD] = 0,
		[OCI_ACT_TRAP] = 0x30000,
		[OCI_ACT_ERRNO] = 0x50000,
		[OCI_ACT_TRACE] = 0x7ff00000,
		[OCI_ACT_ALLOW] = 0x7fff0000,
		[OCI_ACT_LOG] = 0x7ffc0000,
		[OCI_ACT_NOTIFY] = 0x7fc00000,
	};

	return values[v.action] | v.number;
}

static void call(char *words)
{
	uint64_t args[OCI_MAX_ARGS] = {0};
	char *save = NULL;
	enum abi abi = abi_named(strtok_r(words, " ", &save));
	int index = syscall_index(span_of(strtok_r(NULL, " ", &save)));
	int64_t number = index < 0 ? -1 : abi_number(abi, index);
	struct model_answer answer;
	const char *word;

	for (size_t i = 0; i < OCI_MAX_ARGS && (word = strtok_r(NULL, " ", &save)) != NULL; i++)
		args[i] = strtoull(word, NULL, 0);
	if (problems[abi][0] != '\0') {
		printf("error %s\n", problems[abi]);
	} else if (number < 0) {
		puts("-");
	} else {
		answer = model_evaluate(&models[abi], number, args);
		printf("%" PRIx32 "%s\n", filter_value(answer.verdict),
		       answer.contested ? "?" : "");
	}
}

static void number(char *words)
{
	char *save = NULL;
	enum abi abi = abi_named(strtok_r(words, " ", &save));
	int index = syscall_index(span_of(strtok_r(NULL, " ", &save)));

	printf("%" PRId64 "\n", index < 0 ? -1 : abi_number(abi, index));
}

int main(void)
{
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "profile ", 8) == 0)
			read_profile(line + 8);
		else if (strncmp(line, "call ", 5) == 0)
			call(line + 5);
		else if (strncmp(line, "number ", 7) == 0)
			number(line + 7);
	}
	return 0;
}
