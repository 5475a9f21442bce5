/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what the command line names: files, pipes, logs. None of it goes on for ever by itself.
 */
#include "cli/cli.h"

#include "node/fileio.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

/* For a pipe to get a writer, as in "mkfifo p; something >p & seccomp-guard check p". */
#define WRITER_MS 3000
#define STEP_MS 50

/* Far more than the kernel, auditd or journald write into one line. */
#define LINE_LIMIT (64U << 20)

/* Is there somebody who has the pipe open for writing, or something left in it? tee(2) tells, and
 * takes nothing out. */
static bool has_writer(int fd)
{
	CLEANUP_FD int end = -1, beginning = -1;
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return true;
	end = pair[0];
	beginning = pair[1];
	for (int waited = 0; tee(fd, beginning, 1, SPLICE_F_NONBLOCK) == 0; waited += STEP_MS) {
		if (waited >= WRITER_MS)
			return false;
		poll(NULL, 0, STEP_MS);
	}
	return true;
}

int cli_open(const char *path, struct error *err)
{
	/* Without O_NONBLOCK a pipe without a writer would be waited for in here. */
	CLEANUP_FD int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	int opened;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_system(err, errno);
	if (S_ISFIFO(st.st_mode) && !has_writer(fd))
		return error_set(err, "is a pipe that nobody writes to");
	if (fcntl(fd, F_SETFL, 0) < 0)
		return error_system(err, errno);
	opened = fd;
	fd = -1;
	return opened;
}

int cli_read(const char *path, size_t max, struct arena *keep, struct span *ret_text,
	     struct error *err)
{
	const bool is_stdin = strcmp(path, "-") == 0;
	CLEANUP_FD int fd = is_stdin ? -1 : cli_open(path, err);

	if (!is_stdin && fd < 0)
		return -1;
	return file_read_stream(is_stdin ? STDIN_FILENO : fd, max, keep, ret_text, err);
}

int cli_unread(const char *path, const char *hint, struct error *err)
{
	const struct error why = *err;

	if (access(path, F_OK) == 0 || errno != ENOENT)
		return error_prefix(err, "%s", path);
	return error_set(err, "%s: %s; %s", path, why.text, hint);
}

int cli_next_line(const struct cli_lines *lines, struct span *ret_line, struct error *err)
{
	size_t n = 0;
	int c;

	while ((c = getc_unlocked(lines->file)) != EOF && c != '\n') {
		if (n < lines->size)
			lines->buffer[n] = (char)c;
		if (++n > LINE_LIMIT)
			return error_set(err, "a line of more than %u bytes: this is no log",
					 LINE_LIMIT);
	}
	if (c == EOF && ferror(lines->file))
		return error_system(err, errno);
	*ret_line = (struct span){lines->buffer, n < lines->size ? n : lines->size};
	return c != EOF || n > 0;
}
