/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/filterload.h"

#include "filter/filtercache.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Compiling takes some 20 ms; a runtime that waits for ever would be worse than a container that
 * does not start. */
#define COMPILE_TIMEOUT_MS 10000

/* libseccomp knows by itself what is native; programs of different architectures never share a
 * /run, but disks do. */
#if defined(__x86_64__)
#define ARCH "x86_64"
#elif defined(__aarch64__)
#define ARCH "aarch64"
#else
#define ARCH "unknown"
#endif

static void sha256_bytes(struct sha256 *hash, const void *bytes, size_t n)
{
	sha256_update(hash, (struct span){bytes, n});
}

/* Each part is preceded by its length, so that no two inputs make the same bytes. */
static void hash_sized(struct sha256 *hash, const void *bytes, size_t n)
{
	uint64_t size = n;

	sha256_bytes(hash, &size, sizeof(size));
	sha256_bytes(hash, bytes, n);
}

static void cache_key(const struct filter_request *request, unsigned char ret_key[SHA256_SIZE])
{
	unsigned char style = (unsigned char)request->style;
	struct sha256 hash;

	sha256_init(&hash);
	hash_sized(&hash, FILTER_BLOB_MAGIC, sizeof(FILTER_BLOB_MAGIC));
	hash_sized(&hash, PACKAGE_VERSION, strlen(PACKAGE_VERSION));
	hash_sized(&hash, ARCH, sizeof(ARCH));
	hash_sized(&hash, &style, sizeof(style));
	hash_sized(&hash, request->profile.p, request->profile.n);
	sha256_final(&hash, ret_key);
}

/* The profile as a file at its beginning: a program that reads it and dies early cannot block us.
 */
static int profile_file(const struct filter_request *request, struct error *err)
{
	CLEANUP_FD int fd = memfd_create("seccomp-guard-profile", MFD_CLOEXEC);
	const struct span text = request->profile;

	if (fd < 0)
		return error_set(err, "memfd_create: %s", strerror(errno));
	if (write(fd, text.p, text.n) != (ssize_t)text.n || lseek(fd, 0, SEEK_SET) != 0)
		return error_set(err, "writing the profile to memory: %s", strerror(errno));
	return take_fd(&fd);
}

static _Noreturn void run_compiler(const struct filter_request *request, const char *path, int in,
				   int out)
{
	static char crun[] = "--crun", name[] = "seccomp-guard-compile";
	char *const argv[] = {name, request->style == FILTER_AS_CRUN ? crun : NULL, NULL};
	/* None of the runtime's environment: containerd sets LD_LIBRARY_PATH. */
	char *const envp[] = {NULL};

	if (dup2(in, STDIN_FILENO) == STDIN_FILENO && dup2(out, STDOUT_FILENO) == STDOUT_FILENO)
		execve(path, argv, envp);
	dprintf(out, "%s: %s", path, strerror(errno));
	_exit(127);
}

/* All that `fd` gives until its end, at most `size` bytes. -1: no end in time, or more. */
static ssize_t read_output(int fd, void *buffer, size_t size)
{
	struct pollfd poll_fd = {fd, POLLIN, 0};
	size_t n = 0;

	for (;;) {
		ssize_t got;
		int ready = poll(&poll_fd, 1, COMPILE_TIMEOUT_MS);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return -1;
		got = read(fd, (char *)buffer + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || (got > 0 && n + (size_t)got == size))
			return -1;
		if (got == 0)
			return (ssize_t)n;
		n += (size_t)got;
	}
}

/* What the compiler said is a program if it ends well, and otherwise the reason, as a text. */
static int judge_output(const struct filter_entry *entry, ssize_t n, int status, struct error *err)
{
	char text[256];

	if (n < 0)
		return error_set(err, "compiling the filter: no answer in time");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
	    filter_blob_valid(&entry->blob, (size_t)n))
		return 0;
	if (WIFSIGNALED(status))
		return error_set(err, "compiling the filter: killed by signal %d",
				 WTERMSIG(status));
	if (n == 0 || WEXITSTATUS(status) == 0)
		return error_set(err, "compiling the filter: not a filter program");
	return error_set(err, "compiling the filter: %s",
			 text_printable((struct span){(const char *)&entry->blob, (size_t)n}, text,
					sizeof(text)));
}

static int compile(const struct filter_request *request, struct filter_entry *entry,
		   struct error *err)
{
	const char *path = request->compiler ? request->compiler : COMPILER_PATH;
	CLEANUP_FD int profile = profile_file(request, err);
	CLEANUP_FD int out = -1;
	int pipe_fds[2], status = 0;
	ssize_t n;
	pid_t child;

	if (profile < 0)
		return -1;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return error_set(err, "pipe: %s", strerror(errno));
	out = pipe_fds[0];
	child = fork();
	if (child == 0)
		run_compiler(request, path, profile, pipe_fds[1]);
	close(pipe_fds[1]);
	if (child < 0)
		return error_set(err, "fork: %s", strerror(errno));
	n = read_output(out, &entry->blob, sizeof(*entry) - offsetof(struct filter_entry, blob));
	if (n < 0)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return judge_output(entry, n, status, err);
}

int filter_get(const struct filter_request *request, struct filter *ret_filter, struct error *err)
{
	static struct filter_entry entry;
	const char *state_dir = request->state_dir ? request->state_dir : FILTER_CACHE_STATE_DIR;
	unsigned char key[SHA256_SIZE];

	cache_key(request, key);
	if (!filter_cache_load(state_dir, key, &entry)) {
		if (compile(request, &entry, err) < 0)
			return -1;
		memcpy(entry.key, key, sizeof(key));
		filter_cache_store(state_dir, &entry);
	}
	ret_filter->flags = entry.blob.flags;
	ret_filter->n_insns = (unsigned short)entry.blob.n_insns;
	memcpy(ret_filter->insns, entry.insns, entry.blob.n_insns * sizeof(entry.insns[0]));
	return 0;
}
