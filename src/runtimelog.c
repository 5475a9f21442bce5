/* SPDX-License-Identifier: Apache-2.0 */
#include "runtimelog.h"

#include "fileio.h"
#include "jsonout.h"
#include "record.h"

#include <fcntl.h>
#include <stdio.h>

/* crun src/crun.c, init_logging: a prefix chooses the sink; only files are ours to write. Returns NULL for
 * others. */
static const char *log_file(const char *log, enum runargs_family family)
{
	struct span s = span_of(log);

	if (family == RUNARGS_RUNC)
		return log;
	if (span_has_prefix(s, SPAN("journald:")) || span_has_prefix(s, SPAN("syslog:")))
		return NULL;
	return span_has_prefix(s, SPAN("file:")) ? log + strlen("file:") : log;
}

/* logrus' text form: the message quoted, with quotes and control characters escaped. */
static size_t format_text(const char *message, const char *when, char *out, size_t size)
{
	char shown[1024];
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
	const char *path = args->log != NULL ? log_file(args->log, family) : NULL;
	char line[2048], when[RECORD_TIME_SIZE];
	CLEANUP_FD int fd = -1;
	struct timespec now;
	size_t n;

	if (path == NULL)
		return 0;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);
	if (fd < 0)
		return -1;
	clock_gettime(CLOCK_REALTIME, &now);
	record_time(&now, when);
	n = args->log_format == RUNARGS_LOG_JSON ? format_json(message, when, line, sizeof(line) - 1)
						 : format_text(message, when, line, sizeof(line) - 1);
	line[n++] = '\n';
	return file_write_all(fd, (struct span){line, n});
}
