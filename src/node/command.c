/* SPDX-License-Identifier: Apache-2.0 */
#include "node/command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define MAX_OUTPUT (4U << 20)
#define MAX_MESSAGE 4096
#define MAX_SECONDS 30

/* ---- the child ---- */

static void child(const char *root, const char *const *argv, int out, int message)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(message, STDERR_FILENO) < 0)
		_exit(126);
	if (root[0] != '\0' && (chroot(root) < 0 || chdir("/") < 0))
		_exit(126);
	if (setenv("PATH", COMMAND_PATH, 1) < 0)
		_exit(126);
	execvp(argv[0], (char *const *)argv);
	_exit(errno == ENOENT ? 127 : 126);
}

/* ---- what it says ---- */

struct stream {
	int fd;
	char *p;
	size_t size, n;
	bool cut; /* what is too much is read and thrown away */
};

/* 1: more may come, 0: its end, -1 with errno. */
static int read_some(struct stream *s)
{
	char spill[4096];
	bool room = s->n < s->size;
	ssize_t n =
		room ? read(s->fd, s->p + s->n, s->size - s->n) : read(s->fd, spill, sizeof(spill));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : -1;
	if (room)
		s->n += (size_t)n;
	else
		s->cut |= n > 0;
	return n > 0;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Both streams to their ends. */
static int read_both(struct stream stream[2], const char *name, struct error *err)
{
	int64_t deadline = now_ms() + MAX_SECONDS * 1000;
	struct pollfd wait[2] = {{stream[0].fd, POLLIN, 0}, {stream[1].fd, POLLIN, 0}};

	while (wait[0].fd >= 0 || wait[1].fd >= 0) {
		int64_t left = deadline - now_ms();

		if (left <= 0)
			return error_set(err, "%s: no answer in %d seconds", name, MAX_SECONDS);
		if (poll(wait, 2, (int)left) < 0 && errno != EINTR)
			return error_set(err, "%s: poll: %s", name, error_words(errno));
		for (int i = 0; i < 2; i++) {
			int r = wait[i].fd >= 0 && wait[i].revents != 0 ? read_some(&stream[i]) : 1;

			if (r < 0)
				return error_set(err, "%s: read: %s", name, error_words(errno));
			if (r == 0)
				wait[i].fd = -1;
			wait[i].revents = 0;
		}
	}
	if (stream[0].cut)
		return error_set(err, "%s: more than %u bytes of output", name, MAX_OUTPUT);
	return 0;
}

/* The last line that is not empty. */
static struct span last_line(struct span text)
{
	size_t start;

	while (text.n > 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == ' '))
		text.n--;
	start = text.n;
	while (start > 0 && text.p[start - 1] != '\n')
		start--;
	return span_skip(text, start);
}

static int reap(pid_t pid, bool kill_first, int *ret_status)
{
	int status;

	if (kill_first)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return 0;
}

int command_run(const char *root, const char *const *argv, struct arena *keep,
		struct command_result *ret_result, struct error *err)
{
	struct stream stream[2] = {{.fd = -1, .size = MAX_OUTPUT}, {.fd = -1, .size = MAX_MESSAGE}};
	int out[2], message[2], status = 0, failed;
	pid_t pid;

	stream[1].p = arena_alloc(keep, MAX_MESSAGE);
	stream[0].p = arena_alloc(keep, MAX_OUTPUT);
	if (stream[0].p == NULL || stream[1].p == NULL)
		return error_set(err, "out of memory");
	if (pipe2(out, O_CLOEXEC) < 0)
		return error_set(err, "pipe: %s", error_words(errno));
	if (pipe2(message, O_CLOEXEC) < 0) {
		close(out[0]);
		close(out[1]);
		return error_set(err, "pipe: %s", error_words(errno));
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		child(root, argv, out[1], message[1]);
	close(out[1]);
	close(message[1]);
	stream[0].fd = out[0];
	stream[1].fd = message[0];
	failed = pid < 0 ? error_set(err, "fork: %s", error_words(errno))
			 : read_both(stream, argv[0], err);
	if (pid > 0 && reap(pid, failed < 0, &status) < 0 && failed == 0)
		failed = error_set(err, "%s: wait: %s", argv[0], error_words(errno));
	close(out[0]);
	close(message[0]);
	if (failed < 0)
		return -1;
	/* What the output did not take of its memory, the last that was taken, is given back. */
	keep->used -= MAX_OUTPUT - (stream[0].n + 15) / 16 * 16;
	ret_result->status = status;
	ret_result->out = (struct span){stream[0].p, stream[0].n};
	ret_result->message = last_line((struct span){stream[1].p, stream[1].n});
	return 0;
}

const char *command_find(const char *root, const char *name, struct arena *keep)
{
	const char *dir = COMMAND_PATH;

	while (*dir != '\0') {
		size_t n = strcspn(dir, ":");
		char path[PATH_MAX];
		struct stat st;
		size_t skip = strlen(root);
		int length = snprintf(path, sizeof(path), "%s%.*s/%s", root, (int)n, dir, name);

		if (length > 0 && (size_t)length < sizeof(path) && stat(path, &st) == 0 &&
		    S_ISREG(st.st_mode) && (st.st_mode & 0111) != 0)
			return arena_strdup(keep, span_of(path + skip));
		dir += n + (dir[n] == ':');
	}
	return NULL;
}
