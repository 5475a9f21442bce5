/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest hook that confines live: OCI state on stdin, the profile from a file. The tests of
 * the injector run it as createRuntime or prestart hook, so that they do not depend on the
 * deciding.
 *
 * usage: live-inject PROFILE [REPORT [COMPILER STATE_DIR]]
 *   PROFILE    a linux.seccomp object, or instructions as seccomp_export_bpf() writes them
 *   REPORT     file to which "OUTCOME STOPS MICROSECONDS REASON" is appended at the end; "" for
 * none COMPILER   the seccomp-guard-compile to use, and STATE_DIR the place of its cache
 */
#include "filter/filterload.h"
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

static int get_filter(int argc, char **argv, enum filter_style style, struct filter *filter,
		      struct error *err)
{
	static char profile[1 << 20];
	size_t n = read_file(argv[1], profile, sizeof(profile));
	struct filter_request request = {
		.profile = {profile, n},
		.style = style,
		.compiler = argc > 3 ? argv[3] : NULL,
		.state_dir = argc > 4 ? argv[4] : NULL,
	};

	if (n > 0 && profile[0] == '{')
		return filter_get(&request, filter, err);
	if (n > sizeof(filter->insns))
		return error_set(err, "too long");
	memcpy(filter->insns, profile, n);
	filter->n_insns = (unsigned short)(n / sizeof(filter->insns[0]));
	filter->flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	return 0;
}

int main(int argc, char **argv)
{
	static struct filter filter;
	struct live_job job = {.filter = &filter, .keep_fd = -1};
	struct live_init init;
	struct error err = {0};

	if (argc < 2)
		return 2;
	if (argc > 2 && argv[2][0] != '\0') {
		job.keep_fd = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		job.report = report_to_file;
		job.ctx = &job.keep_fd;
	}
	if (live_check_init(read_pid(), &init, &err) < 0 ||
	    get_filter(argc, argv, live_runtime_is_crun(&init) ? FILTER_AS_CRUN : FILTER_AS_RUNC,
		       &filter, &err) < 0 ||
	    live_inject(&init, &job, &err) < 0) {
		fprintf(stderr, "live-inject: %s\n", err.text);
		return 1;
	}
	live_init_close(&init);
	return 0;
}
