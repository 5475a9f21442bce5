/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest hook that confines live: OCI state on stdin, the profile from a file. The tests of
 * the injector run it as createRuntime or prestart hook, so that they do not depend on the
 * deciding.
 *
 * usage: live-inject PROFILE [REPORT]
 *   PROFILE  a linux.seccomp object, or instructions as seccomp_export_bpf() writes them
 *   REPORT   file to which "OUTCOME STOPS MICROSECONDS REASON" is appended at the end
 */
#include "live/live.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>

static void report_to_file(void *ctx, const struct live_report *report)
{
	static const char *const names[] = {"confined", "killed", "died"};

	dprintf(*(int *)ctx, "%s %u %llu %s\n", names[report->outcome], report->stops,
		(unsigned long long)report->duration_us, report->reason);
}

static size_t read_file(const char *path, void *buffer, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t n = file ? fread(buffer, 1, size, file) : 0;

	if (file)
		fclose(file);
	return n;
}

/* Good enough for states that runtimes write; the real hook has a real parser. */
static pid_t read_pid(void)
{
	static char state[65536];
	const char *at;

	state[fread(state, 1, sizeof(state) - 1, stdin)] = '\0';
	at = strstr(state, "\"pid\"");
	return at ? atoi(at + 5 + strspn(at + 5, " :")) : 0;
}

static int get_program(const char *path, const struct live_init *init, struct program *program,
		       struct error *err)
{
	static char text[1 << 20], keep_memory[1 << 20], scratch_memory[1 << 22];
	struct arena keep = {keep_memory, sizeof(keep_memory), 0};
	struct arena scratch = {scratch_memory, sizeof(scratch_memory), 0};
	struct seccomp_profile profile;
	struct program_request request = {&profile, init->abi,
					  live_runtime_is_crun(init) ? MODEL_CRUN : MODEL_RUNC};
	size_t n = read_file(path, text, sizeof(text));

	if (n > 0 && text[0] == '{')
		return ociseccomp_read((struct span){text, n}, &keep, &scratch, &profile, err) < 0
			       ? -1
			       : program_compile(&request, &scratch, program, err);
	if (n > sizeof(program->insns))
		return error_set(err, "too long");
	memcpy(program->insns, text, n);
	program->n_insns = (unsigned short)(n / sizeof(program->insns[0]));
	program->flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	return 0;
}

int main(int argc, char **argv)
{
	static struct program program;
	struct live_job job = {.program = &program, .keep_fd = -1};
	struct live_init init;
	struct error err = {0};

	if (argc < 2)
		return 2;
	if (argc > 2) {
		job.keep_fd = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		job.report = report_to_file;
		job.ctx = &job.keep_fd;
	}
	if (live_check_init(read_pid(), &init, &err) < 0 ||
	    get_program(argv[1], &init, &program, &err) < 0 || live_inject(&init, &job, &err) < 0) {
		fprintf(stderr, "live-inject: %s\n", err.text);
		return 1;
	}
	live_init_close(&init);
	return 0;
}
