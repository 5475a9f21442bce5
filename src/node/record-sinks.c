/* SPDX-License-Identifier: Apache-2.0 */
#include "node/record-sinks.h"

#include "node/fileio.h"
#include "base/jsonout.h"
#include "node/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>

#define STATE_DIR "/run/seccomp-guard"
#define LOST_PATH STATE_DIR "/records-lost"
#define SYSLOG_PATH "/dev/log"
#define JOURNAL_PATH "/run/systemd/journal/socket"

#define IDENTIFIER "seccomp-guard"

/* Of all decisions: journalctl MESSAGE_ID=... finds them, whatever they say. */
#define MESSAGE_ID "5ffd89b11a604822868e0417cf4ec346"

/* ---- as a line of JSON ---- */

static struct span format_json(const struct record_fields *f, char *buffer, size_t size)
{
	struct jsonout out;

	jsonout_begin(&out, buffer, size);
	for (size_t i = 0; i < f->n; i++) {
		const struct record_field *field = &f->field[i];

		if (field->kind == FIELD_STRING)
			jsonout_string(&out, field->key, field->text);
		else if (field->kind == FIELD_WORDS)
			jsonout_words(&out, field->key, field->text);
		else if (field->kind == FIELD_UINT)
			jsonout_uint(&out, field->key, field->number);
		else
			jsonout_bool(&out, field->key, field->number != 0);
	}
	jsonout_end(&out);
	return (struct span){out.p, out.used};
}

/* The line and its end, for one write: with O_APPEND writers do not mix. */
static struct span format_line(const struct record_fields *f, char buffer[RECORD_MAX_SIZE + 1])
{
	struct span line = format_json(f, buffer, RECORD_MAX_SIZE);

	buffer[line.n] = '\n';
	return (struct span){buffer, line.n + 1};
}

/* ---- as fields of the journal (systemd, "Native Journal Protocol") ---- */

#define JOURNAL_SIZE (2 * RECORD_MAX_SIZE)

struct journal {
	char text[JOURNAL_SIZE];
	size_t n;
};

/* A field that does not fit is left out, whole. A value with a newline has its length in front of
 * it. */
static void put_field(struct journal *j, const char *key, struct span value)
{
	bool plain = memchr(value.p, '\n', value.n) == NULL;
	size_t key_n = strlen(key);
	uint64_t length = htole64(value.n);
	char *p = j->text + j->n;

	if (value.n > sizeof(j->text) ||
	    sizeof(j->text) - j->n < key_n + value.n + 2 + sizeof(length))
		return;
	p = mempcpy(p, key, key_n);
	*p++ = plain ? '=' : '\n';
	if (!plain)
		p = mempcpy(p, &length, sizeof(length));
	p = mempcpy(p, value.p, value.n);
	*p++ = '\n';
	j->n = (size_t)(p - j->text);
}

/* Other names by which people look for the same things; docker and conmon use them. */
static const struct {
	const char *key;
	const char *name;
	size_t cut; /* 0: whole */
} journal_names[] = {
	{"msg", "MESSAGE", 0},          {"id", "CONTAINER_ID", 12},
	{"id", "CONTAINER_ID_FULL", 0}, {"container", "CONTAINER_NAME", 0},
	{"image", "IMAGE_NAME", 0},
};

static void put_common_names(struct journal *j, const struct record_field *field)
{
	for (size_t i = 0; i < ARRAY_SIZE(journal_names); i++) {
		struct span value = field->text;

		if (strcmp(journal_names[i].key, field->key) != 0)
			continue;
		if (journal_names[i].cut > 0 && value.n > journal_names[i].cut)
			value.n = journal_names[i].cut;
		put_field(j, journal_names[i].name, value);
	}
}

/* The journal has a time, a priority and a message of its own. */
static bool is_own_field(const char *key)
{
	return strcmp(key, "time") != 0 && strcmp(key, "level") != 0 && strcmp(key, "msg") != 0;
}

static void put_own_name(struct journal *j, const struct record_field *field)
{
	char name[64] = "SECCOMP_GUARD_", number[24];
	size_t n = strlen(name);
	struct span value = field->text;

	for (const char *k = field->key; *k != '\0' && n < sizeof(name) - 1; k++)
		name[n++] = (char)(*k >= 'a' && *k <= 'z' ? *k - 'a' + 'A' : *k);
	name[n] = '\0';
	if (field->kind == FIELD_UINT) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)field->number);
		value = span_of(number);
	}
	if (field->kind == FIELD_BOOL)
		value = field->number != 0 ? SPAN("true") : SPAN("false");
	put_field(j, name, value);
}

static struct span format_journal(const struct record_fields *f, struct journal *j)
{
	const char priority[] = {(char)('0' + f->priority), '\0'};

	j->n = 0;
	put_field(j, "SYSLOG_IDENTIFIER", SPAN(IDENTIFIER));
	put_field(j, "MESSAGE_ID", SPAN(MESSAGE_ID));
	put_field(j, "PRIORITY", span_of(priority));
	for (size_t i = 0; i < f->n; i++) {
		put_common_names(j, &f->field[i]);
		if (is_own_field(f->field[i].key))
			put_own_name(j, &f->field[i]);
	}
	return (struct span){j->text, j->n};
}

/* ---- the sinks: each returns 0, or -1 with errno ---- */

static int send_datagram(const char *path, struct span text)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, strlen(path) + 1);
	if (fd < 0)
		return -1;
	return sendto(fd, text.p, text.n, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address,
		      sizeof(address)) < 0
		       ? -1
		       : 0;
}

static int to_syslog(const struct record_fields *f, const char *path)
{
	char line[RECORD_MAX_SIZE], text[RECORD_MAX_SIZE + 64];
	struct span json = format_json(f, line, sizeof(line));
	/* RFC 3164 without the time, which every receiver adds and which the record has anyway. */
	int n = snprintf(text, sizeof(text), "<%d>" IDENTIFIER "[%ld]: %.*s",
			 LOG_DAEMON | f->priority, (long)getpid(), (int)json.n, json.p);

	return send_datagram(path, (struct span){text, (size_t)n});
}

static int to_journal(const struct record_fields *f, const char *path)
{
	struct journal journal;

	return send_datagram(path, format_journal(f, &journal));
}

static int to_stderr(const struct record_fields *f, const char *path)
{
	char line[RECORD_MAX_SIZE + 1];

	(void)path;
	return file_write_now(STDERR_FILENO, format_line(f, line));
}

/* Opened for each record: after a rotation the next one goes to the new file. */
static int to_file(const struct record_fields *f, const char *path)
{
	CLEANUP_FD int fd =
		open(path,
		     O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC,
		     0640);
	char buffer[RECORD_MAX_SIZE + 1];
	struct span line;
	ssize_t n;

	if (fd < 0)
		return -1;
	line = format_line(f, buffer);
	if (file_check_limit(fd, line.n) < 0)
		return -1;
	n = write(fd, line.p, line.n);
	if (n >= 0 && (size_t)n != line.n)
		errno = ENOSPC;
	return n >= 0 && (size_t)n == line.n ? 0 : -1;
}

static const struct {
	int (*write)(const struct record_fields *f, const char *path);
	const char *path;
} sinks[] = {
	[LOG_TO_SYSLOG] = {to_syslog, SYSLOG_PATH},
	[LOG_TO_JOURNALD] = {to_journal, JOURNAL_PATH},
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

/* One byte for each: appending is atomic, and the size is the count. Returns true if these are the
 * first. */
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

int record_send(struct record_fields *fields, const struct policy *policy, struct error *err)
{
	const char *path = policy->log == LOG_TO_FILE ? policy->log_path : sinks[policy->log].path;
	size_t lost = take_lost();
	int saved;

	if (lost > 0)
		fields->field[fields->n++] =
			(struct record_field){.key = "lost", .number = lost, .kind = FIELD_UINT};
	if (sinks[policy->log].write(fields, path) == 0)
		return 0;
	saved = errno;
	if (!count_lost(lost + 1) || lost > 0)
		return 0;
	return error_set(err,
			 "decision record lost: %s: %s; further ones are counted in " LOST_PATH,
			 path, strerror(saved));
}
