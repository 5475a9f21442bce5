/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp-guard-compile: a linux.seccomp object on stdin, struct filter_blob and the program on
 * stdout; or exit status 1 and the reason on stdout. Called by seccomp-guard-hook when its cache
 * has no program for a profile. Of what runs when a container starts, it is the only program that
 * links libseccomp. It needs no privilege and opens no file but the library's own.
 *
 * usage: seccomp-guard-compile [--crun]   (as runc makes it, or as crun does)
 */
#include "node/fileio.h"
#include "filter/filter-blob.h"
#include "filter/filter.h"

#include <dlfcn.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A profile takes milliseconds, the largest that the kernel accepts some tenths of a second. */
#define COMPILE_SECONDS 10

/* The limit of profile files everywhere. */
#define PROFILE_MAX_SIZE (1U << 20)

/* A rule list takes less than twelve times the memory of its text when it is parsed. */
#define MEMORY_SIZE (PROFILE_MAX_SIZE * 12)

static _Noreturn void fail(const char *why)
{
	(void)file_write_all(STDOUT_FILENO, span_of(why));
	exit(1);
}

/* Which libseccomp this is: when its file changes, programs in the cache no longer count. */
static void describe_library(struct filter_blob *blob)
{
	const struct scmp_version *version = seccomp_version();
	void *symbol;
	Dl_info info;

	snprintf(blob->library_version, sizeof(blob->library_version), "%u.%u.%u", version->major,
		 version->minor, version->micro);
	symbol = dlsym(RTLD_DEFAULT, "seccomp_export_bpf");
	if (symbol == NULL || dladdr(symbol, &info) == 0 || info.dli_fname == NULL ||
	    strlen(info.dli_fname) >= sizeof(blob->library))
		return;
	memcpy(blob->library, info.dli_fname, strlen(info.dli_fname) + 1);
	if (filter_blob_identify(blob) < 0)
		memset(blob->library, 0, sizeof(blob->library));
}

/* The kernel gives memory when it is first touched. */
static char keep_memory[MEMORY_SIZE], scratch_memory[MEMORY_SIZE];

int main(int argc, char **argv)
{
	bool crun = argc == 2 && strcmp(argv[1], "--crun") == 0;
	struct filter_blob blob = {.magic = FILTER_BLOB_MAGIC, .size = sizeof(blob)};
	struct arena keep = {keep_memory, sizeof(keep_memory), 0},
		     scratch = {scratch_memory, sizeof(scratch_memory), 0};
	static struct filter filter;
	struct seccomp_profile profile;
	struct error err = {0};
	struct span text;

	if (argc > 2 || (argc == 2 && !crun)) {
		fprintf(stderr, "usage: seccomp-guard-compile [--crun] <PROFILE >PROGRAM\n");
		return 2;
	}
	/*
	 * Some sets of rules make libseccomp 2.5.4 to 2.6.1 loop forever. The hook must then fail,
	 * not wait.
	 */
	alarm(COMPILE_SECONDS);
	if (file_read_stream(STDIN_FILENO, PROFILE_MAX_SIZE, &keep, &text, &err) < 0 ||
	    ociseccomp_read(text, &keep, &scratch, &profile, &err) < 0 ||
	    filter_compile(&profile, crun ? FILTER_AS_CRUN : FILTER_AS_RUNC, &filter, &err) < 0)
		fail(err.text);
	blob.flags = filter.flags;
	blob.n_insns = filter.n_insns;
	describe_library(&blob);
	if (file_write_all(STDOUT_FILENO, (struct span){(const char *)&blob, sizeof(blob)}) < 0 ||
	    file_write_all(STDOUT_FILENO, (struct span){(const char *)filter.insns,
							filter.n_insns * sizeof(filter.insns[0])}) <
		    0)
		return 1;
	return 0;
}
