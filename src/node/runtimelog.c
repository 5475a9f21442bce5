/* SPDX-License-Identifier: Apache-2.0 */
#include "node/runtimelog.h"

#include "node/fileio.h"
#include "base/jsonout.h"
#include "node/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/*
 * The path of the file that `args` names; NULL where the log is no file. runc takes any text as a
 * path. crun takes a text without a colon, or "file:PATH" (src/libcrun/error.c, get_log_type).
 */
static const char *log_path(const struct runargs *args, enum runargs_family family)
{
	if (args->log == NULL || family != RUNARGS_CRUN)
		return args->log;
	if (strncmp(args->log, "file:", 5) == 0)
		return args->log + 5;
	return strchr(args->log, ':') == NULL ? args->log : NULL;
}

/* crun opens a relative path of the commands that are judged after changing into the bundle. */
static int open_log(const char *path, const struct runargs *args, enum runargs_family family)
{
	const int flags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	CLEANUP_FD int dirfd = -1;

	if (family != RUNARGS_CRUN || args->kind != RUNARGS_CREATE || args->bundle == NULL ||
	    path[0] == '/')
		return open(path, flags, 0644);
	dirfd = open(args->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dirfd < 0 ? -1 : openat(dirfd, path, flags, 0644);
}

/* logrus' text form: the message quoted, with quotes and control characters escaped. */
static size_t format_text(const char *message, const char *when, char *out, size_t size)
{
	char shown[1100];
	size_t used = (size_t)snprintf(out, size, "time=\"%s\" level=error msg=\"", when);

	text_printable(span_of(message), shown, sizeof(shown));
	for (const char *p = shown; *p != '\0' && used + 4 < size; p++) {
		if (*p == '"')
			out[used++] = '\\';
		out[used++] = *p;
	}
	out[used++] = '"';
	return used;
}

static size_t format_json(const char *message, const char *when, char *buffer, size_t size)
{
	struct jsonout out;

	jsonout_begin(&out, buffer, size);
	jsonout_string(&out, "level", SPAN("error"));
	jsonout_string(&out, "msg", span_of(message));
	jsonout_string(&out, "time", span_of(when));
	jsonout_end(&out);
	return out.used;
}

int runtimelog_error(const struct runargs *args, enum runargs_family family, const char *message)
{
	const char *path = log_path(args, family);
	CLEANUP_FD int fd = path != NULL ? open_log(path, args, family) : -1;
	char said[1024 + sizeof("seccomp-guard: ")], line[2048], when[RECORD_TIME_SIZE];
	struct timespec now;
	size_t n;

	if (path == NULL)
		return 0;
	if (fd < 0)
		return -1;
	clock_gettime(CLOCK_REALTIME, &now);
	record_time(&now, when);
	snprintf(said, sizeof(said), "seccomp-guard: %s", message);
	n = args->log_format == RUNARGS_LOG_JSON ? format_json(said, when, line, sizeof(line) - 1)
						 : format_text(said, when, line, sizeof(line) - 1);
	line[n++] = '\n';
	return file_check_limit(fd, n) < 0 ? -1 : file_write_all(fd, (struct span){line, n});
}
