/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests: what libseccomp makes of rules, as the runtimes hand them over. Reads groups of lines
 *
 *     default ACTION
 *     arch NAME                                        as libseccomp spells it; none is the native one
 *     rule ACTION SYSCALL [ARG OP VALUE DATUM]...      numbers as in <seccomp.h>
 *     end
 *
 * and answers each with "INSTRUCTIONS SHA256", or "error WHAT" when a runtime would fail. Unknown names are
 * skipped, and so are rules that say what the default says, as runc and crun do.
 */
#include <config.h>

#include "sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

struct job {
	scmp_filter_ctx ctx;
	uint32_t action; /* the default */
	bool native;     /* libseccomp's own first architecture is still in */
	char problem[1200];
};

static void add_arch(struct job *job, const char *name)
{
	uint32_t arch = seccomp_arch_resolve_name(name);
	int r;

	if (job->native && arch != seccomp_arch_native()) {
		seccomp_arch_remove(job->ctx, seccomp_arch_native());
		job->native = false;
	}
	r = arch == 0 ? -EINVAL : seccomp_arch_add(job->ctx, arch);
	if (r < 0 && r != -EEXIST)
		snprintf(job->problem, sizeof(job->problem), "arch %s: %d", name, r);
	if (arch == seccomp_arch_native())
		job->native = true;
}

static void add_rule(struct job *job, char *line)
{
	struct scmp_arg_cmp args[6];
	unsigned int n_args = 0;
	char *save = NULL;
	uint32_t action = (uint32_t)strtoul(strtok_r(line, " ", &save), NULL, 0);
	const char *name = strtok_r(NULL, " ", &save);
	int number = name == NULL ? __NR_SCMP_ERROR : seccomp_syscall_resolve_name(name);
	int r;

	if (number == __NR_SCMP_ERROR || action == job->action)
		return;
	for (char *word; (word = strtok_r(NULL, " ", &save)) != NULL && n_args < ARRAY_SIZE(args); n_args++) {
		args[n_args].arg = (unsigned int)strtoul(word, NULL, 0);
		args[n_args].op = (enum scmp_compare)strtoul(strtok_r(NULL, " ", &save), NULL, 0);
		args[n_args].datum_a = strtoull(strtok_r(NULL, " ", &save), NULL, 0);
		args[n_args].datum_b = strtoull(strtok_r(NULL, " ", &save), NULL, 0);
	}
	r = seccomp_rule_add_array(job->ctx, action, number, n_args, args);
	if (r < 0)
		snprintf(job->problem, sizeof(job->problem), "rule for %s: %s", name, strerror(-r));
}

static void answer(struct job *job)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	char hex[SHA256_HEX_SIZE];
	struct iovec whole = {NULL, 0};
	off_t size;

	if (job->problem[0] == '\0' && (fd < 0 || seccomp_export_bpf(job->ctx, fd) < 0))
		snprintf(job->problem, sizeof(job->problem), "export");
	if (job->problem[0] != '\0') {
		printf("error %s\n", job->problem);
	} else {
		size = lseek(fd, 0, SEEK_END);
		whole.iov_len = (size_t)size;
		whole.iov_base = mmap(NULL, whole.iov_len, PROT_READ, MAP_PRIVATE, fd, 0);
		if (whole.iov_base == MAP_FAILED)
			abort();
		sha256_hex(&whole, 1, hex);
		munmap(whole.iov_base, whole.iov_len);
		printf("%zu %s\n", whole.iov_len / 8, hex);
	}
	if (fd >= 0)
		close(fd);
	seccomp_release(job->ctx);
	*job = (struct job){.ctx = NULL};
}

int main(void)
{
	struct job job = {.ctx = NULL};
	char line[1024];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "default ", 8) == 0) {
			job = (struct job){.action = (uint32_t)strtoul(line + 8, NULL, 0), .native = true};
			job.ctx = seccomp_init(job.action);
		}
		if (job.ctx == NULL)
			return 1;
		if (strncmp(line, "arch ", 5) == 0)
			add_arch(&job, line + 5);
		else if (strncmp(line, "rule ", 5) == 0)
			add_rule(&job, line + 5);
		else if (strcmp(line, "end") == 0)
			answer(&job);
	}
	return 0;
}
