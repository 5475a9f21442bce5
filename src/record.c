/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include "fileio.h"
#include "jsonout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>

#define STATE_DIR "/run/seccomp-guard"
#define LOST_PATH STATE_DIR "/records-lost"
#define SYSLOG_PATH "/dev/log"

/* ---- the text ---- */

static const struct {
	const char *level;
	int priority;
	const char *sentence; /* %s: what the container has */
} actions[ACTIONS] = {
	[ACTION_KEEP] = {"info", LOG_INFO, "container has %s seccomp profile: kept"},
	[ACTION_INJECT] = {"info", LOG_INFO, "container has %s seccomp profile: injected one"},
	[ACTION_REFUSE] = {"error", LOG_ERR, "container refused"},
	[ACTION_EXEMPT] = {"warning", LOG_WARNING, "container has %s seccomp profile: exempt"},
	[ACTION_WOULD_INJECT] = {"warning", LOG_WARNING,
				 "container has %s seccomp profile: would inject one"},
	[ACTION_WOULD_REFUSE] = {"warning", LOG_WARNING, "container would be refused"},
};

static const char *const has[FINDINGS] = {
	[FINDING_ABSENT] = "no",         [FINDING_UNCONFINED] = "an unconfined",
	[FINDING_WEAK] = "a weak",       [FINDING_CONFINED] = "a confining",
	[FINDING_FOREIGN] = "a foreign", [FINDING_INVALID] = "an unreadable",
};

const char *record_level(enum action action)
{
	return actions[action].level;
}

const char *record_message(const struct verdict *verdict, char *out, size_t size)
{
	const struct decision *d = &verdict->decision;
	int n;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	n = snprintf(out, size, actions[d->action].sentence, has[d->finding]);
#pragma GCC diagnostic pop
	if (verdict->why.text[0] != '\0' && n >= 0 && (size_t)n < size)
		snprintf(out + n, size - (size_t)n, ": %s", verdict->why.text);
	return out;
}

const char *record_time(const struct timespec *when, char out[RECORD_TIME_SIZE])
{
	/* Days to a civil date, in eras of 400 years that begin on 1 March. */
	int64_t days = when->tv_sec / 86400 + 719468, second = when->tv_sec % 86400;
	int64_t era = days / 146097, doe = days % 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int64_t month = mp < 10 ? mp + 3 : mp - 9;

	snprintf(out, RECORD_TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%06uZ",
		 (unsigned int)(yoe + era * 400 + (month <= 2)) % 10000, (unsigned int)month,
		 (unsigned int)(doy - (153 * mp + 2) / 5 + 1), (unsigned int)(second / 3600),
		 (unsigned int)(second / 60 % 60), (unsigned int)(second % 60),
		 (unsigned int)(when->tv_nsec / 1000) % 1000000);
	return out;
}

static void add_string(struct jsonout *out, const char *key, struct span value)
{
	if (value.n > 0)
		jsonout_string(out, key, value);
}

static void add_decision(struct jsonout *out, const struct record *r)
{
	const struct verdict *v = r->verdict;
	const struct decision *d = &v->decision;

	jsonout_string(out, "finding", span_of(finding_name(d->finding)));
	jsonout_string(out, "action", span_of(action_name(d->action)));
	jsonout_string(out, "reason", span_of(reason_name(d->reason)));
	jsonout_string(out, "mode", span_of(policy_mode_name(d->mode)));
	if (v->profile.p == NULL)
		return;
	jsonout_string(out, "profile",
		       span_of(d->profile_path != NULL ? d->profile_path : "runtime/default"));
	if (d->profile_path == NULL)
		jsonout_string(out, "flavor", span_of(profile_flavor_name(d->flavor)));
	jsonout_string(out, "profile_sha256", span_of(v->profile_sha256));
	add_string(out, "injector", span_of(r->injector));
}

static uint64_t microseconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)((now.tv_sec - start->tv_sec) * 1000000 + (now.tv_nsec - start->tv_nsec) / 1000);
}

static struct span format(const struct record *r, size_t lost, char *buffer, size_t size)
{
	const struct identity *id = &r->verdict->identity;
	char message[1024], time_text[RECORD_TIME_SIZE];
	struct timespec now;
	struct jsonout out;

	clock_gettime(CLOCK_REALTIME, &now);
	jsonout_begin(&out, buffer, size);
	jsonout_string(&out, "time", span_of(record_time(&now, time_text)));
	jsonout_string(&out, "level", span_of(record_level(r->verdict->decision.action)));
	jsonout_string(&out, "msg", span_of(record_message(r->verdict, message, sizeof(message))));
	jsonout_string(&out, "event", SPAN("decision"));
	jsonout_string(&out, "version", SPAN(PACKAGE_VERSION));
	jsonout_string(&out, "entry", span_of(r->entry));
	add_string(&out, "stage", span_of(r->stage));
	add_string(&out, "id", span_of(r->id));
	add_string(&out, "bundle", span_of(r->bundle));
	add_string(&out, "engine", span_of(id->engine));
	add_string(&out, "namespace", id->name_space);
	add_string(&out, "pod", id->pod);
	add_string(&out, "container", id->container);
	add_string(&out, "image", id->image);
	add_decision(&out, r);
	jsonout_uint(&out, "duration_us", microseconds_since(&r->start));
	if (lost > 0)
		jsonout_uint(&out, "lost", lost);
	jsonout_end(&out);
	return (struct span){out.p, out.used};
}

/* ---- the sinks: each returns 0, or -1 with errno ---- */

static int to_syslog(struct span line, int priority, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SYSLOG_PATH};
	char text[RECORD_MAX_SIZE + 64];
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* RFC 3164 without the time, which every receiver adds and which the record has anyway. */
	int n = snprintf(text, sizeof(text), "<%d>seccomp-guard[%ld]: %.*s", LOG_DAEMON | priority,
			 (long)getpid(), (int)line.n, line.p);

	(void)path;
	if (fd < 0 || n < 0)
		return -1;
	return sendto(fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address,
		      sizeof(address)) < 0
		       ? -1
		       : 0;
}

/* The line and its end, for one write: with O_APPEND writers do not mix. */
static struct span with_newline(struct span line, char text[RECORD_MAX_SIZE + 1])
{
	memcpy(text, line.p, line.n);
	text[line.n] = '\n';
	return (struct span){text, line.n + 1};
}

static int to_stderr(struct span line, int priority, const char *path)
{
	char text[RECORD_MAX_SIZE + 1];

	(void)priority;
	(void)path;
	return file_write_now(STDERR_FILENO, with_newline(line, text));
}

static int to_file(struct span line, int priority, const char *path)
{
	CLEANUP_FD int fd = open(
		path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC, 0640);
	char text[RECORD_MAX_SIZE + 1];
	ssize_t n;

	(void)priority;
	if (fd < 0)
		return -1;
	line = with_newline(line, text);
	n = write(fd, line.p, line.n);
	if (n >= 0 && (size_t)n != line.n)
		errno = ENOSPC;
	return n >= 0 && (size_t)n == line.n ? 0 : -1;
}

static const struct {
	int (*write)(struct span line, int priority, const char *path);
	const char *name;
} sinks[] = {
	[LOG_TO_SYSLOG] = {to_syslog, SYSLOG_PATH},
	[LOG_TO_STDERR] = {to_stderr, "standard error"},
	[LOG_TO_FILE] = {to_file, NULL},
};

/* ---- records that were lost ---- */

/* Take the count away from the file, so that it is reported once. */
static size_t take_lost(void)
{
	char mine[64];
	struct stat st;

	snprintf(mine, sizeof(mine), LOST_PATH ".%ld", (long)getpid());
	if (rename(LOST_PATH, mine) < 0)
		return 0;
	if (stat(mine, &st) < 0)
		st.st_size = 0;
	unlink(mine);
	return (size_t)st.st_size;
}

/* One byte for each: appending is atomic, and the size is the count. Returns true if these are the first. */
static bool count_lost(size_t n)
{
	static const char bytes[64];
	CLEANUP_FD int fd = -1;
	struct stat st;

	mkdir(STATE_DIR, 0755);
	fd = open(LOST_PATH, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || fstat(fd, &st) < 0)
		return true;
	while (n > 0) {
		size_t some = n < sizeof(bytes) ? n : sizeof(bytes);

		if (write(fd, bytes, some) < 0)
			return true;
		n -= some;
	}
	return st.st_size == 0;
}

int record_write(const struct record *record, const struct policy *policy, struct error *err)
{
	char buffer[RECORD_MAX_SIZE];
	const char *name = policy->log == LOG_TO_FILE ? policy->log_path : sinks[policy->log].name;
	size_t lost;
	struct span line;
	int saved;

	if (policy->log == LOG_TO_NONE)
		return 0;
	lost = take_lost();
	line = format(record, lost, buffer, sizeof(buffer));
	if (sinks[policy->log].write(line, actions[record->verdict->decision.action].priority,
				     policy->log_path) == 0)
		return 0;
	saved = errno;
	if (!count_lost(lost + 1) || lost > 0)
		return 0;
	return error_set(err, "decision record lost: %s: %s; further ones are counted in " LOST_PATH, name,
			 strerror(saved));
}
